//! The paths that load are those that a view shows: each kind of step, and tuples.
//!
//! Users pass them to `view`.
//! It must not write objects itself.

use serde::Serialize;
use serde::ser::SerializeMap;

use super::view_node::{check_step, write_step};
use super::view_path::{At, IntoView};
use crate::error::Result;
use crate::loader::{ByJoin, Filtered, Named, Recursive, Related, Then};
use crate::model::{BelongsTo, HasMany, HasOne, ManyToMany, Model, Multiplicity};

#[allow(private_interfaces)]
impl<M: Model> IntoView<M> for () {
    fn branches(&self) -> usize {
        0
    }

    fn name(&self, _: usize) -> &'static str {
        unreachable!("there are no branches")
    }

    fn check(&self, _: &At<'_, M>) -> Result<()> {
        Ok(())
    }

    fn write<S: SerializeMap>(&self, _: usize, _: &At<'_, M>, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

/// Paths that begin with one step: the step, and what is shown at what it leads to.
macro_rules! one_step {
    ($($ty:ty, [$($generics:tt)*], $from:ty, [$($bounds:tt)*], $first:expr, $next:expr;)+) => {
        $(
            #[allow(private_interfaces)]
            impl<$($generics)*> IntoView<$from> for $ty
            where
                $($bounds)*
            {
                fn branches(&self) -> usize {
                    1
                }

                fn name(&self, _: usize) -> &'static str {
                    Related::<$from>::name($first(self))
                }

                fn check(&self, at: &At<'_, $from>) -> Result<()> {
                    check_step($first(self), $next(self), at)
                }

                fn write<S: SerializeMap>(
                    &self,
                    _: usize,
                    at: &At<'_, $from>,
                    out: &mut S,
                ) -> Result<(), S::Error> {
                    write_step($first(self), $next(self), at, out)
                }
            }
        )+
    };
}
one_step!(
    HasMany<P, C>, [P: Model, C: Model], P, [C: Serialize], itself, nothing;
    HasOne<P, C>, [P: Model, C: Model], P, [C: Serialize], itself, nothing;
    BelongsTo<C, P, K>, [C: Model, P: Model, K: Multiplicity], C, [P: Serialize], itself, nothing;
    ManyToMany<M, A, T>, [M: Model, A: Model, T: Model], M, [T: Serialize], itself, nothing;
    Named<R>, [M: Model, R], M,
        [Named<R>: Related<M>, <Named<R> as Related<M>>::Target: Serialize], itself, nothing;
    Recursive<R>, [M: Model, R], M,
        [Recursive<R>: Related<M>, <Recursive<R> as Related<M>>::Target: Serialize],
        itself, nothing;
    Filtered<R>, [M: Model, R], M,
        [Filtered<R>: Related<M>, <Filtered<R> as Related<M>>::Target: Serialize],
        itself, nothing;
    ByJoin<R>, [M: Model, R], M,
        [ByJoin<R>: Related<M>, <ByJoin<R> as Related<M>>::Target: Serialize],
        itself, nothing;
    Then<R, N>, [M: Model, R: Related<M>, N: IntoView<R::Target>], M, [R::Target: Serialize],
        first, next;
);

fn itself<T>(step: &T) -> &T {
    step
}

fn nothing<T>(_: &T) -> &'static () {
    &()
}

fn first<R, N>(path: &Then<R, N>) -> &R {
    &path.first
}

fn next<R, N>(path: &Then<R, N>) -> &N {
    &path.next
}

macro_rules! branches {
    ($(($($p:ident $i:tt),+)),+ $(,)?) => {
        $(
            #[allow(private_interfaces)]
            impl<M: Model, $($p: IntoView<M>),+> IntoView<M> for ($($p,)+) {
                fn branches(&self) -> usize {
                    0 $(+ self.$i.branches())+
                }

                fn name(&self, branch: usize) -> &'static str {
                    let mut before = 0;
                    $(
                        if branch < before + self.$i.branches() {
                            return self.$i.name(branch - before);
                        }
                        before += self.$i.branches();
                    )+
                    unreachable!("there are {before} branches")
                }

                fn check(&self, at: &At<'_, M>) -> Result<()> {
                    $(self.$i.check(at)?;)+
                    Ok(())
                }

                fn write<S: SerializeMap>(
                    &self,
                    branch: usize,
                    at: &At<'_, M>,
                    out: &mut S,
                ) -> Result<(), S::Error> {
                    let mut before = 0;
                    $(
                        if branch < before + self.$i.branches() {
                            return self.$i.write(branch - before, at, out);
                        }
                        before += self.$i.branches();
                    )+
                    unreachable!("there are {before} branches")
                }
            }
        )+
    };
}
branches!(
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
);
