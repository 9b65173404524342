//! Assignments: what a column is set to.
//!
//! Called by `set` and its kin of updates and upserts.
//! It must not set a column to an expression of another type, nor of another model.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{ToSql, Type, to_sql_checked};

use crate::model::{
    BelongsTo, Column, EncodeResult, Fk, Handle, KeyPart, Model, Multiplicity, Optional,
};
use crate::query::expression::reference::{IntoParent, Parent, key_nodes};
use crate::query::{IntoExpr, Within};
use crate::statement::{Assigned, Bound, Node, Parameter};

/// A column or reference of `M` that can be set to an `X`.
///
/// A column takes a value, a column or an expression of its own type; a reference takes a handle,
/// an [`Fk`] or a key, and an optional one also an `Option` of a handle or an `Fk`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` of `{M}` can't be set to `{X}`",
    label = "has another type, or belongs to another model",
    note = "a JSON column, or one with `sql_type`, is set by `set_value`"
)]
pub trait Assign<M, X> {
    #[doc(hidden)]
    fn assign(self, value: X) -> Assignments;
}

/// Assignments without their types.
#[doc(hidden)]
pub struct Assignments(pub(in crate::query) Vec<(usize, Assigned)>);

impl fmt::Debug for Assignments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assignments({})", self.0.len())
    }
}

impl<M: Model, V, X: IntoExpr<V>> Assign<M, X> for Column<M, V>
where
    X::Scope: Within<M>,
{
    fn assign(self, value: X) -> Assignments {
        let column = M::table().fields()[self.field()].columns.start;
        let node = value.into_expr().into_node();
        Assignments(vec![(column, Assigned::Value(node))])
    }
}

impl<M: Model, P: Model, K: Multiplicity, X: IntoReference<P, K>> Assign<M, X>
    for BelongsTo<M, P, K>
{
    fn assign(self, value: X) -> Assignments {
        match value.into_reference() {
            Referred(Some(parent)) => refer::<M, P>(self.field(), &parent),
            Referred(None) => null::<M>(self.field()),
        }
    }
}

/// What a reference to `P` can be set to; `K` says whether it may be absent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no reference to `{P}`",
    label = "expected a handle of `{P}`, an `Fk<{P}>` or a key of it",
    note = "an optional reference also takes an `Option` of a handle or of an `Fk`"
)]
pub trait IntoReference<P: Model, K> {
    #[doc(hidden)]
    fn into_reference(self) -> Referred<P>;
}

/// What a reference is set to.
#[doc(hidden)]
#[derive(Debug)]
pub struct Referred<P: Model>(Option<Parent<P>>);

macro_rules! references {
    ($([$($generics:tt)*] $from:ty, $parent:ty;)+) => {
        $(
            impl<$($generics)*, K> IntoReference<$parent, K> for $from {
                fn into_reference(self) -> Referred<$parent> {
                    Referred(Some(self.into_parent()))
                }
            }
        )+
    };
}
references!(
    [P: Model] Handle<P>, P;
    [P: Model] Fk<P>, P;
    [P: Model] &Fk<P>, P;
    [P: Model<Key = String>] &str, P;
);
#[diagnostic::do_not_recommend]
impl<P: Model<Key = Q>, Q: KeyPart, K> IntoReference<P, K> for Q {
    fn into_reference(self) -> Referred<P> {
        Referred(Some(self.into_parent()))
    }
}

impl<P: Model> IntoReference<P, Optional> for Option<Fk<P>> {
    fn into_reference(self) -> Referred<P> {
        Referred(self.map(IntoParent::into_parent))
    }
}

impl<P: Model> IntoReference<P, Optional> for Option<Handle<P>> {
    fn into_reference(self) -> Referred<P> {
        Referred(self.map(IntoParent::into_parent))
    }
}

macro_rules! tuple_references {
    ($(($($p:ident),+)),+ $(,)?) => {
        $(
            impl<M: Model, Q, $($p),+> IntoReference<M, Q> for ($($p,)+)
            where
                ($($p,)+): IntoParent<M>,
            {
                fn into_reference(self) -> Referred<M> {
                    Referred(Some(self.into_parent()))
                }
            }
        )+
    };
}
tuple_references!(
    (A, B),
    (A, B, C),
    (A, B, C, D),
    (A, B, C, D, E),
    (A, B, C, D, E, F),
);

fn refer<M: Model, P: Model>(field: usize, parent: &Parent<P>) -> Assignments {
    let columns = M::table().fields()[field].columns.clone();
    let nodes = key_nodes::<M, P>(field, parent);
    Assignments(
        columns
            .zip(nodes.into_iter().map(Assigned::Value))
            .collect(),
    )
}

/// Every column of the field NULL.
pub(in crate::query) fn null<M: Model>(field: usize) -> Assignments {
    let columns = M::table().fields()[field].columns.clone();
    Assignments(columns.map(|column| (column, Assigned::Null)).collect())
}

/// Every column of the field its default in the database.
pub(in crate::query) fn default<M: Model>(field: usize) -> Assignments {
    let columns = M::table().fields()[field].columns.clone();
    Assignments(columns.map(|column| (column, Assigned::Default)).collect())
}

/// The field as the model sends it: for JSON, and for types that the user named.
pub(in crate::query) fn value<M: Model, V: Send + Sync + 'static>(
    field: usize,
    value: V,
) -> Assignments {
    let column = M::table().fields()[field].columns.start;
    let wire = M::table().columns()[column].ty.wire.as_ref();
    let ty = wire.map_or(Type::UNKNOWN, |(ty, _)| ty.clone());
    let value: FieldValue<M> = FieldValue {
        field,
        value: Box::new(value),
        model: std::marker::PhantomData,
    };
    let parameter = Parameter::from(Bound::shared(Arc::new(value), ty));
    Assignments(vec![(column, Assigned::Value(Node::Parameter(parameter)))])
}

/// A value of a field, sent as the model sends it.
struct FieldValue<M> {
    field: usize,
    value: Box<dyn std::any::Any + Send + Sync>,
    model: std::marker::PhantomData<fn() -> M>,
}

impl<M: Model> fmt::Debug for FieldValue<M> {
    // The field only: a value is nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", M::NAME, M::table().fields()[self.field].name)
    }
}

impl<M: Model> ToSql for FieldValue<M> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        M::encode_field(self.field, &*self.value, ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
