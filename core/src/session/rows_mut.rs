//! Several objects to write at once.
//!
//! Users call `rows_mut` with an array or a tuple of handles.
//! It must not need `unsafe`: slices are split.

use std::any::Any;

use super::session::Session;
use crate::model::{Handle, Model, RawHandle};

impl Session {
    /// Several objects to write at once: `let (a, b) = s.rows_mut((a, b));`. No I/O.
    ///
    /// Takes an array of handles of one model, or a tuple of up to six of any.
    ///
    /// # Panics
    /// When two of the handles are the same, and as for `&mut session[handle]`.
    pub fn rows_mut<H: RowsMut>(&mut self, handles: H) -> H::Rows<'_> {
        handles.rows_of(self)
    }

    /// The objects behind handles of any models, in their order.
    fn disjoint<const N: usize>(&mut self, raws: [RawHandle; N]) -> [&mut dyn Any; N] {
        match self.map.write_disjoint(raws) {
            Ok(rows) => rows,
            Err(Some(problem)) => panic!("a {problem} handle in rows_mut"),
            Err(None) => panic!("the same handle twice in rows_mut"),
        }
    }
}

/// What [`Session::rows_mut`] takes.
pub trait RowsMut {
    /// References to the objects, in the shape of the handles.
    type Rows<'s>;

    #[doc(hidden)]
    fn rows_of(self, session: &mut Session) -> Self::Rows<'_>;
}

impl<T: Model, const N: usize> RowsMut for [Handle<T>; N] {
    type Rows<'s> = [&'s mut T; N];

    fn rows_of(self, session: &mut Session) -> [&mut T; N] {
        session.disjoint(self.map(|h| h.raw)).map(typed)
    }
}

macro_rules! tuples {
    ($(($($t:ident $h:ident),+)),+ $(,)?) => {
        $(
            impl<$($t: Model),+> RowsMut for ($(Handle<$t>,)+) {
                type Rows<'s> = ($(&'s mut $t,)+);

                fn rows_of(self, session: &mut Session) -> Self::Rows<'_> {
                    let ($($h,)+) = self;
                    let [$($h),+] = session.disjoint([$($h.raw),+]);
                    ($(typed::<$t>($h),)+)
                }
            }
        )+
    };
}
tuples!(
    (A a, B b),
    (A a, B b, C c),
    (A a, B b, C c, D d),
    (A a, B b, C c, D d, E e),
    (A a, B b, C c, D d, E e, F f),
);

fn typed<T: Model>(row: &mut dyn Any) -> &mut T {
    row.downcast_mut()
        .expect("a handle of T leads to an object of T")
}
