//! Fields that are named together: the target of a conflict, or what an insert sends.
//!
//! Called by `on`, `update` and `columns` of the builders beside it.
//! It must not decide whether they are unique: the table is asked when the statement runs.

use crate::model::{BelongsTo, Column, Model, Multiplicity};

/// Fields of `M`: a column, a reference, or a tuple of up to twelve of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no fields of `{M}`",
    label = "expected a column or reference of `{M}`, or a tuple of them"
)]
pub trait Fields<M> {
    /// What a row of their values is: the type of a column, the key that a reference holds, a tuple.
    type Values;

    #[doc(hidden)]
    fn into_fields(self) -> Named;
}

/// Positions of fields.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Named(pub(crate) Vec<usize>);

impl<M: Model, V> Fields<M> for Column<M, V> {
    type Values = V;

    fn into_fields(self) -> Named {
        Named(vec![self.field()])
    }
}

impl<M: Model, P: Model, K: Multiplicity> Fields<M> for BelongsTo<M, P, K> {
    type Values = K::Of<P::Key>;

    fn into_fields(self) -> Named {
        Named(vec![self.field()])
    }
}

macro_rules! tuple_fields {
    ($(($($c:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<M, $($c: Fields<M>),+> Fields<M> for ($($c,)+) {
                type Values = ($($c::Values,)+);

                fn into_fields(self) -> Named {
                    let mut fields = Vec::new();
                    $(fields.extend(self.$i.into_fields().0);)+
                    Named(fields)
                }
            }
        )+
    };
}
tuple_fields!(
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11),
);
