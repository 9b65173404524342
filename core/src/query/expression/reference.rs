//! Conditions on references: which rows refer to these objects.
//!
//! Callers write `Entry::PAYER.is(account)`; the loader looks children up in the same way.
//! It must not know keys of handles: those are found when the statement runs, in its session.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::Error;
use crate::model::{
    BelongsTo, ColumnInfo, Fk, Handle, IntoKey, KeyLookup, KeyPart, Model, Multiplicity, Optional,
    SqlType,
};
use crate::query::Expr;
use crate::statement::{Node, Operator, Parameter, RowIn, SharedValue, Unary};

impl<C: Model, P: Model, K: Multiplicity> BelongsTo<C, P, K> {
    /// Rows that refer to this object, given by its handle, an `Fk` or its key.
    ///
    /// A handle's key is found when the query runs, after a flush if the object has none before
    /// that. Running it fails with [`Handle`](crate::ErrorKind::Handle) when the handle is another
    /// session's, and with [`NotFound`](crate::ErrorKind::NotFound) when the object has no key
    /// and autoflush is suspended.
    pub fn is(self, parent: impl IntoParent<P>) -> Expr<bool, C> {
        Expr::new(refers_to::<C, P>(self.field(), &parent.into_parent()))
    }

    /// Rows that refer to one of these objects. An empty list finds nothing.
    ///
    /// The keys are sent as one array for each column, whatever their number.
    pub fn is_any_of<I>(self, parents: I) -> Expr<bool, C>
    where
        I: IntoIterator,
        I::Item: IntoParent<P>,
    {
        let parents = parents.into_iter().map(IntoParent::into_parent);
        Expr::new(refers_to_one_of::<C, P>(self.field(), parents.collect()))
    }
}

impl<C: Model, P: Model<Key: SqlType>, K: Multiplicity> BelongsTo<C, P, K> {
    /// The key that it holds, as an expression: to group by, to compare with, to read. For
    /// references to keys of one column.
    pub fn key(self) -> Expr<K::Of<P::Key>, C> {
        let column = C::table().fields()[self.field()].columns.start;
        Expr::new(Node::column::<C>(column))
    }
}

impl<C: Model, P: Model> BelongsTo<C, P, Optional> {
    /// Rows that refer to nothing.
    pub fn is_null(self) -> Expr<bool, C> {
        Expr::new(is_absent::<C>(self.field()))
    }

    /// Rows that refer to something.
    pub fn is_not_null(self) -> Expr<bool, C> {
        Expr::new(is_present::<C>(self.field()))
    }
}

/// What may be passed for an object of model `P` in a condition: its [`Handle`], an [`Fk`] (also
/// by reference), or its key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no reference to `{P}`",
    label = "expected a handle of `{P}`, an `Fk<{P}>` or a key of it"
)]
pub trait IntoParent<P: Model> {
    #[doc(hidden)]
    fn into_parent(self) -> Parent<P>;
}

/// Finds the key of an object when the query runs.
#[doc(hidden)]
pub struct Parent<P: Model>(FindKey<P::Key>);

type FindKey<K> = Arc<dyn Fn(&dyn KeyLookup) -> Result<K, Error> + Send + Sync>;

impl<P: Model> Parent<P> {
    fn of<K: IntoKey<P> + Clone + Send + Sync + 'static>(key: K) -> Self {
        Parent(Arc::new(move |lookup| key.clone().into_key(lookup)))
    }
}

impl<P: Model> Clone for Parent<P> {
    fn clone(&self) -> Self {
        Parent(Arc::clone(&self.0))
    }
}

impl<P: Model> fmt::Debug for Parent<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parent({})", P::NAME)
    }
}

impl<P: Model> IntoParent<P> for Handle<P> {
    fn into_parent(self) -> Parent<P> {
        Parent::of(self)
    }
}

impl<P: Model> IntoParent<P> for Fk<P> {
    fn into_parent(self) -> Parent<P> {
        Parent::of(self)
    }
}

impl<P: Model> IntoParent<P> for &Fk<P> {
    fn into_parent(self) -> Parent<P> {
        Parent::of(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<P: Model<Key = K>, K: KeyPart> IntoParent<P> for K {
    fn into_parent(self) -> Parent<P> {
        Parent::of(self)
    }
}

impl<P: Model<Key = String>> IntoParent<P> for &str {
    fn into_parent(self) -> Parent<P> {
        self.to_owned().into_parent()
    }
}

macro_rules! tuple_parents {
    ($(($($p:ident),+)),+ $(,)?) => {
        $(
            impl<M: Model, $($p),+> IntoParent<M> for ($($p,)+)
            where
                ($($p,)+): IntoKey<M> + Clone + Send + Sync + 'static,
            {
                fn into_parent(self) -> Parent<M> {
                    Parent::of(self)
                }
            }
        )+
    };
}
tuple_parents!(
    (A, B),
    (A, B, C),
    (A, B, C, D),
    (A, B, C, D, E),
    (A, B, C, D, E, F),
);

const KEYS_HAVE_COLUMNS: &str = "a key has one column at least";

/// The columns of a reference field.
fn columns<C: Model>(field: usize) -> impl Iterator<Item = (Node, &'static ColumnInfo)> {
    let table = C::table();
    let columns = table.fields()[field].columns.clone();
    columns.map(|column| (Node::column::<C>(column), &table.columns()[column]))
}

/// A reference of several columns is absent when one of them is NULL, as the database sees it.
fn is_absent<C: Model>(field: usize) -> Node {
    let absent = columns::<C>(field).map(|(node, _)| Node::unary(Unary::IsNull, node));
    Node::any(absent).expect(KEYS_HAVE_COLUMNS)
}

fn is_present<C: Model>(field: usize) -> Node {
    let present = columns::<C>(field).map(|(node, _)| Node::unary(Unary::IsNotNull, node));
    Node::all(present).expect(KEYS_HAVE_COLUMNS)
}

fn refers_to<C: Model, P: Model>(field: usize, parent: &Parent<P>) -> Node {
    let columns = columns::<C>(field).map(|(node, _)| node);
    let equal = columns
        .zip(key_nodes::<C, P>(field, parent))
        .map(|(node, value)| Node::binary(node, Operator::Equal, value));
    Node::all(equal).expect(KEYS_HAVE_COLUMNS)
}

/// The columns of an object's key, as values for those of a reference field.
pub(in crate::query) fn key_nodes<C: Model, P: Model>(
    field: usize,
    parent: &Parent<P>,
) -> Vec<Node> {
    let values = columns::<C>(field).map(|(_, column)| {
        let wire = column.ty.wire.as_ref();
        let ty = wire.map_or(Type::UNKNOWN, |(ty, _)| ty.clone());
        let (parent, part) = (parent.clone(), column.part);
        let value = Parameter::late(
            ty,
            Arc::new(move |lookup| {
                let key = (parent.0)(lookup)?;
                Ok(Arc::new(PartOfKey::<P> { key, part }) as SharedValue)
            }),
        );
        Node::Parameter(value)
    });
    values.collect()
}

fn refers_to_one_of<C: Model, P: Model>(field: usize, parents: Vec<Parent<P>>) -> Node {
    let parents: Arc<[Parent<P>]> = parents.into();
    let (nodes, infos): (Vec<Node>, Vec<_>) = columns::<C>(field).unzip();
    if let [node] = nodes.as_slice() {
        return Node::is_any_of(node.clone(), array::<P>(infos[0], &parents));
    }
    // UNNEST must be told the types of its arrays. It would flatten arrays of arrays.
    let can_unnest = infos.iter().all(|c| c.ty.wire.is_some() && !c.ty.is_array);
    if can_unnest || parents.is_empty() {
        let arrays = infos.iter().map(|column| array::<P>(column, &parents));
        return Node::RowIn(Arc::new(RowIn {
            arrays: arrays.collect(),
            columns: nodes,
        }));
    }
    let each = parents
        .iter()
        .map(|parent| refers_to::<C, P>(field, parent));
    Node::any(each).expect("there is one parent at least")
}

/// One column of many keys.
fn array<P: Model>(column: &ColumnInfo, parents: &Arc<[Parent<P>]>) -> Parameter {
    let wire = column.ty.wire.as_ref();
    let ty = wire.map_or(Type::UNKNOWN, |(_, array)| array.clone());
    let (parents, part) = (Arc::clone(parents), column.part);
    let find = move |lookup: &dyn KeyLookup| {
        let values = parents.iter().map(|parent| {
            let key = (parent.0)(lookup)?;
            Ok(PartOfKey::<P> { key, part })
        });
        let values = values.collect::<Result<Vec<_>, Error>>()?;
        Ok(Arc::new(values) as SharedValue)
    };
    Parameter::late(ty, Arc::new(find))
}

/// A key, of which one column is sent.
struct PartOfKey<P: Model> {
    key: P::Key,
    part: usize,
}

impl<P: Model> fmt::Debug for PartOfKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}.{}", P::NAME, self.key, self.part)
    }
}

impl<P: Model> ToSql for PartOfKey<P> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        P::encode_key(&self.key, self.part, ty, out)
    }

    // `encode_key` answers for the type, in words that name it.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
