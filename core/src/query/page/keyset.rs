//! Pages that begin behind a row: the condition that finds what comes after it in an order.
//!
//! `page_after` asks for it.
//! It must not skip or repeat a row: the key of the model ends every order.

use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::Error;
use crate::model::Model;
use crate::query::page::page_token::fits;
use crate::query::{PageToken, Select};
use crate::statement::{
    Direction, Item, JoinKind, Node, Nulls, Operator, OrderBy, Parameter, Piece, Projection,
    SharedValue, Unary,
};

/// The order of a query, down to the key.
pub(crate) struct Keyset {
    keys: Vec<SortKey>,
    /// Stands for the order in tokens.
    fingerprint: u64,
}

/// One key of an order, with what is known of its values.
struct SortKey {
    order: OrderBy,
    /// Unknown for what is computed: the server finds it out.
    ty: Type,
    nullable: bool,
}

impl<M: Model, S> Select<M, S> {
    /// The order of the query and then that of the key.
    ///
    /// # Errors
    /// `Mapping` for a query that is cut in another way already.
    pub(crate) fn keyset(&self) -> Result<Keyset, Error> {
        let select = &self.select;
        if select.limit.is_some() || select.offset.is_some() || !select.distinct_on.is_empty() {
            return Err(Error::mapping(format!(
                "pages of a query on {} that has a limit, an offset or DISTINCT ON of its own",
                M::NAME
            )));
        }
        let mut orders = select.orders.clone();
        for position in M::table().key_positions() {
            let is_key = |order: &OrderBy| match &order.by {
                Node::Column(source, column) => source.is(&select.from) && column == position,
                _ => false,
            };
            if !orders.iter().any(is_key) {
                orders.push(OrderBy {
                    by: Node::Column(select.from.clone(), *position),
                    direction: Direction::Ascending,
                    nulls: None,
                });
            }
        }
        let is_outer = |kind| !matches!(kind, JoinKind::Inner | JoinKind::Cross);
        let has_outer = select.joins.iter().any(|join| is_outer(join.kind));
        let fingerprint = fingerprint::<M>(&orders);
        let keys = orders.into_iter().map(|o| SortKey::of(o, has_outer));
        Ok(Keyset {
            keys: keys.collect(),
            fingerprint,
        })
    }

    /// The query of one page, and what it reads: whole rows and their sort keys.
    ///
    /// # Errors
    /// `Input` for a token that was not made for this order.
    pub(crate) fn page_behind(
        mut self,
        keyset: &Keyset,
        after: Option<&PageToken>,
        rows: u64,
    ) -> Result<(Self, Projection), Error> {
        if let Some(token) = after {
            let condition = keyset.behind(token)?;
            self.edit().filters.push(condition);
        }
        let orders = keyset.keys.iter().map(|key| key.order.clone());
        self.edit().orders = orders.collect();
        self.edit().limit = Some(rows);
        let whole = Item::Row {
            source: self.select.from.clone(),
            nullable: true,
        };
        let keys = keyset.keys.iter();
        let keys = keys.map(|key| Item::value(key.order.by.clone()));
        let items = std::iter::once(whole).chain(keys).collect();
        Ok((self, Projection::Columns(items)))
    }
}

impl Keyset {
    /// The number of its keys.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The token of a row with these sort keys.
    pub(crate) fn token(&self, values: Vec<Option<Vec<u8>>>) -> PageToken {
        PageToken::new(self.fingerprint, values)
    }

    /// The condition of the rows behind a token's row.
    fn behind(&self, token: &PageToken) -> Result<Node, Error> {
        let is_value = |(key, value): (&SortKey, &Option<Vec<u8>>)| match value {
            Some(bytes) => fits(&key.ty, bytes),
            None => key.nullable,
        };
        let pairs = || self.keys.iter().zip(&token.values);
        if token.order != self.fingerprint
            || token.values.len() != self.keys.len()
            || !pairs().all(is_value)
        {
            return Err(Error::input(
                "the token of the page was made for another order",
            ));
        }
        let values: Vec<Option<Node>> = pairs().map(|(key, value)| key.value(value)).collect();
        if let Some(row) = self.behind_row(&values) {
            return Ok(row);
        }
        let behind = behind_each(&self.keys, &values);
        // Never met: behind the last NULL there is nothing.
        let behind = behind.unwrap_or_else(|| Node::words([Piece::from("FALSE")]));
        Ok(match (self.keys.first(), values.first()) {
            // Implied by the rest, but an index on the first key begins there.
            (Some(first), Some(Some(value))) if !first.nullable => {
                let at_least = match first.order.direction {
                    Direction::Ascending => Operator::GreaterEqual,
                    Direction::Descending => Operator::LessEqual,
                };
                let bound = Node::binary(first.order.by.clone(), at_least, value.clone());
                Node::binary(bound, Operator::And, behind)
            }
            _ => behind,
        })
    }

    /// `(a, b) > ($1, $2)`, which an index on both answers at once; only for keys that go in one
    /// direction and have no NULLs.
    fn behind_row(&self, values: &[Option<Node>]) -> Option<Node> {
        let direction = self.keys.first()?.order.direction;
        let is_plain = |key: &SortKey| key.order.direction == direction && !key.nullable;
        if !self.keys.iter().all(is_plain) {
            return None;
        }
        let values: Vec<Node> = values.iter().cloned().collect::<Option<_>>()?;
        let keys = self.keys.iter().map(|key| key.order.by.clone());
        Some(match values.as_slice() {
            [value] => Node::binary(
                self.keys[0].order.by.clone(),
                beyond(direction),
                value.clone(),
            ),
            _ => {
                let mut pieces = vec![Piece::from("((")];
                listed(&mut pieces, keys);
                pieces.push(format!(") {} (", beyond(direction).text()).into());
                listed(&mut pieces, values);
                pieces.push("))".into());
                Node::words(pieces)
            }
        })
    }
}

fn listed(pieces: &mut Vec<Piece>, nodes: impl IntoIterator<Item = Node>) {
    for (i, node) in nodes.into_iter().enumerate() {
        if i > 0 {
            pieces.push(", ".into());
        }
        pieces.push(node.into());
    }
}

/// Behind the value of the first key, or equal there and behind in the rest; `None` when nothing
/// can be.
fn behind_each(keys: &[SortKey], values: &[Option<Node>]) -> Option<Node> {
    let (key, keys) = keys.split_first()?;
    let (value, values) = values.split_first()?;
    let rest = behind_each(keys, values).map(|rest| {
        let equal = match value {
            Some(value) => Node::binary(key.order.by.clone(), Operator::Equal, value.clone()),
            None => Node::unary(Unary::IsNull, key.order.by.clone()),
        };
        Node::binary(equal, Operator::And, rest)
    });
    Node::any(key.behind(value.as_ref()).into_iter().chain(rest))
}

fn beyond(direction: Direction) -> Operator {
    match direction {
        Direction::Ascending => Operator::Greater,
        Direction::Descending => Operator::Less,
    }
}

impl SortKey {
    fn of(order: OrderBy, has_outer: bool) -> SortKey {
        let column = match &order.by {
            Node::Column(source, column) => source.as_table().map(|t| &t.columns()[*column]),
            _ => None,
        };
        let wire = column.and_then(|column| column.ty.wire.as_ref());
        SortKey {
            ty: wire.map_or(Type::UNKNOWN, |(ty, _)| ty.clone()),
            nullable: has_outer || column.is_none_or(|column| column.nullable),
            order,
        }
    }

    /// Rows whose key comes after this value, NULL for `None`.
    fn behind(&self, value: Option<&Node>) -> Option<Node> {
        let by = || self.order.by.clone();
        let nulls = self.order.nulls.unwrap_or(match self.order.direction {
            Direction::Ascending => Nulls::Last,
            Direction::Descending => Nulls::First,
        });
        match (value, nulls) {
            (None, Nulls::First) => Some(Node::unary(Unary::IsNotNull, by())),
            (None, Nulls::Last) => None,
            (Some(value), nulls) => {
                let beyond = Node::binary(by(), beyond(self.order.direction), value.clone());
                Some(match nulls {
                    Nulls::Last if self.nullable => {
                        let is_null = Node::unary(Unary::IsNull, by());
                        Node::binary(beyond, Operator::Or, is_null)
                    }
                    _ => beyond,
                })
            }
        }
    }

    /// A value of a token as a parameter.
    fn value(&self, value: &Option<Vec<u8>>) -> Option<Node> {
        let value: SharedValue = Arc::new(Encoded(value.clone()?));
        let found = Arc::new(move |_: &dyn crate::model::KeyLookup| Ok(Arc::clone(&value)));
        Some(Node::Parameter(Parameter::late(self.ty.clone(), found)))
    }
}

/// FNV-1a of the model and the order in words: the same in every process.
fn fingerprint<M: Model>(orders: &[OrderBy]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(M::NAME);
    for order in orders {
        if let Node::Column(source, _) = &order.by {
            add(source.name());
        }
        add(&format!(
            "{:?}{:?}{:?}",
            order.by, order.direction, order.nulls
        ));
    }
    hash
}

/// A value as it came from the server.
#[derive(Clone)]
struct Encoded(Vec<u8>);

impl std::fmt::Debug for Encoded {
    // A value is nobody's business in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoded({} bytes)", self.0.len())
    }
}

impl ToSql for Encoded {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
