//! Eager paths: what is loaded along, to any depth.
//!
//! Callers build them from relationships; `Select::with`, `load` and `view` take them.
//! It must not cost a statement per row: the number depends on the path alone.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use foldhash::HashMap;

use super::by_join::ByJoin;
use super::filtered::Filtered;
use super::joint::JoinedStep;
use super::reader::Reader;
use super::recursive::Recursive;
use super::related::{Named, Related};
use crate::error::Error;
use crate::model::{
    BelongsTo, Handle, HasMany, HasOne, ManyToMany, Model, Multiplicity, RawHandle,
};
use crate::query::{Eager, Select};

/// What follows a path from some objects of `M`.
type Load<M> = dyn Fn(&mut Reader<'_>, &[Handle<M>]) -> Result<(), Error> + Send + Sync;

/// The same from handles whose model is known elsewhere.
type LoadAny = dyn Fn(&mut Reader<'_>, &[RawHandle]) -> Result<(), Error> + Send + Sync;

/// A load that a query carries without knowing what it is.
struct Loads {
    /// The model that it leads away from.
    model: TypeId,
    load: Box<LoadAny>,
    joined: Vec<Arc<dyn JoinedStep>>,
}

/// The steps of a query's paths that begin at this model and are fetched by joins.
pub(super) fn joined_steps(paths: &[Eager], model: TypeId) -> Vec<Arc<dyn JoinedStep>> {
    let loads = paths.iter().filter_map(|path| path.downcast_ref::<Loads>());
    let loads = loads.filter(|loads| loads.model == model);
    loads.flat_map(|loads| loads.joined.clone()).collect()
}

/// Follows the paths of a query from the objects that it found.
pub(super) fn follow(
    reader: &mut Reader<'_>,
    paths: &[Eager],
    found: &HashMap<TypeId, Vec<RawHandle>>,
) -> Result<(), Error> {
    for loads in paths.iter().filter_map(|path| path.downcast_ref::<Loads>()) {
        if let Some(objects) = found.get(&loads.model).filter(|o| !o.is_empty()) {
            (loads.load)(reader, objects)?;
        }
    }
    Ok(())
}

/// What is loaded along with objects of `M`, without the types of the steps.
#[derive(Clone)]
pub struct Path<M> {
    load: Arc<Load<M>>,
    models: Vec<TypeId>,
    /// The steps at its beginning that a query fetches by joins.
    joined: Vec<Arc<dyn JoinedStep>>,
}

impl<M> Path<M> {
    pub(super) fn new(
        models: Vec<TypeId>,
        load: impl Fn(&mut Reader<'_>, &[Handle<M>]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        Path {
            load: Arc::new(load),
            models,
            joined: Vec::new(),
        }
    }

    /// The same, beginning with these steps that a query fetches by joins.
    fn joining(self, joined: impl IntoIterator<Item = Arc<dyn JoinedStep>>) -> Self {
        let joined = joined.into_iter().collect();
        Path { joined, ..self }
    }

    /// The models whose rows it reads.
    pub(crate) fn models(&self) -> &[TypeId] {
        &self.models
    }

    /// Loads what is not loaded yet; at most the statements of its steps.
    pub(crate) fn load(&self, reader: &mut Reader<'_>, from: &[Handle<M>]) -> Result<(), Error> {
        match from.is_empty() {
            true => Ok(()),
            false => (self.load)(reader, from),
        }
    }
}

impl<M> fmt::Debug for Path<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Path")
    }
}

/// What `with`, `load` and `then` take: a relationship of `M`, a path that begins with one, or a
/// tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lead away from `{M}`",
    label = "this path begins at another model",
    note = "a path takes relationships of the model that it stands at: those of `{M}`, or a tuple \
            of them"
)]
pub trait IntoPath<M> {
    /// The path.
    fn into_path(self) -> Path<M>;
}

impl<M> IntoPath<M> for Path<M> {
    fn into_path(self) -> Path<M> {
        self
    }
}

impl<M> IntoPath<M> for () {
    fn into_path(self) -> Path<M> {
        Path::new(Vec::new(), |_, _| Ok(()))
    }
}

/// A step that finds something to go on from.
pub(crate) trait Step<M: Model>: Clone + fmt::Debug + Send + Sync + 'static {
    type Target: Model;

    fn add_models(&self, models: &mut Vec<TypeId>);

    /// Loads what is not loaded yet.
    fn load(&self, reader: &mut Reader<'_>, from: &[Handle<M>]) -> Result<(), Error>;

    /// How a query fetches it by a join, with the joined steps behind it, if it is to.
    fn joint(&self, next: Vec<Arc<dyn JoinedStep>>) -> Option<Arc<dyn JoinedStep>>;

    /// What these objects lead to, each once.
    fn targets(&self, reader: &Reader<'_>, from: &[Handle<M>]) -> Vec<Handle<Self::Target>>;
}

impl<M: Model, R: Related<M>> Step<M> for R {
    type Target = R::Target;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        Related::add_models(self, models);
    }

    fn load(&self, reader: &mut Reader<'_>, from: &[Handle<M>]) -> Result<(), Error> {
        let map = &*reader.map;
        let mut seen = foldhash::HashSet::default();
        let lacking = from.iter().filter(|of| !self.is_loaded(map, **of));
        let lacking: Vec<RawHandle> = lacking
            .map(|of| of.raw)
            .filter(|raw| seen.insert(*raw))
            .collect();
        match lacking.is_empty() {
            true => Ok(()),
            false => Related::load(self, reader, &lacking),
        }
    }

    fn joint(&self, next: Vec<Arc<dyn JoinedStep>>) -> Option<Arc<dyn JoinedStep>> {
        Related::joint(self, next)
    }

    fn targets(&self, reader: &Reader<'_>, from: &[Handle<M>]) -> Vec<Handle<R::Target>> {
        let mut seen = foldhash::HashSet::default();
        let mut targets = Vec::new();
        for of in from {
            // Two rows where there must be one, and none: whoever asks for them is told.
            if let Some(Ok(found)) = self.find(reader.map, *of) {
                let new = found.handles().iter().filter(|to| seen.insert(to.raw));
                targets.extend(new);
            }
        }
        targets
    }
}

/// The path of a single step.
fn step<M: Model>(step: impl Step<M>) -> Path<M> {
    let mut models = Vec::new();
    step.add_models(&mut models);
    let joint = step.joint(Vec::new());
    Path::new(models, move |reader, from| step.load(reader, from)).joining(joint)
}

/// A path of more than one step: a relationship, and what is loaded along with what it leads to.
/// See `then`.
#[derive(Clone)]
pub struct Then<R, N> {
    pub(crate) first: R,
    pub(crate) next: N,
}

impl<R: fmt::Debug, N: fmt::Debug> fmt::Debug for Then<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} then {:?}", self.first, self.next)
    }
}

impl<M: Model, R: Step<M>, N: IntoPath<R::Target>> IntoPath<M> for Then<R, N> {
    fn into_path(self) -> Path<M> {
        let (first, next) = (self.first, self.next.into_path());
        let mut models = next.models().to_vec();
        first.add_models(&mut models);
        let joint = first.joint(next.joined.clone());
        let path = Path::new(models, move |reader, from| {
            first.load(reader, from)?;
            let targets = first.targets(reader, from);
            next.load(reader, &targets)
        });
        path.joining(joint)
    }
}

/// A path with one end, which can be made longer there.
#[diagnostic::on_unimplemented(
    message = "a path that branches has no end to go on from",
    note = "write `.then(..)` inside of the branch that goes on"
)]
pub trait Chain {
    /// The model at its end.
    type End;

    /// The path with more at its end.
    type Longer<N>;

    #[doc(hidden)]
    fn longer<N>(self, next: N) -> Self::Longer<N>;
}

impl<R, N: Chain> Chain for Then<R, N> {
    type End = N::End;
    type Longer<L> = Then<R, N::Longer<L>>;

    fn longer<L>(self, next: L) -> Self::Longer<L> {
        Then {
            first: self.first,
            next: self.next.longer(next),
        }
    }
}

impl<R, N> Then<R, N> {
    /// The same path, and what is loaded along with what it leads to.
    ///
    /// `a.then(b).then(c)` is `a.then(b.then(c))`.
    // The bounds stand here rather than at the `impl`, for a message in our words.
    pub fn then<L: IntoPath<N::End>>(self, next: L) -> Then<R, N::Longer<L>>
    where
        N: Chain,
    {
        self.longer(next)
    }
}

/// The steps: what can be named, gone on from, and loaded by itself.
macro_rules! steps {
    ($($ty:ty, $end:ident, [$($generics:tt)*], $from:ident;)+) => {
        $(
            impl<$($generics)*> IntoPath<$from> for $ty {
                fn into_path(self) -> Path<$from> {
                    step(self)
                }
            }

            impl<$($generics)*> Chain for $ty {
                type End = $end;
                type Longer<N> = Then<Self, N>;

                fn longer<N>(self, next: N) -> Then<Self, N> {
                    Then { first: self, next }
                }
            }

            impl<$($generics)*> $ty {
                /// A path over this relationship, and what is loaded along with what it leads
                /// to: another relationship, a path, or a tuple of them.
                pub fn then<N: IntoPath<$end>>(self, next: N) -> Then<Self, N> {
                    self.longer(next)
                }

                /// The same under another name in the JSON of `view`.
                pub fn named(self, name: &'static str) -> Named<Self> {
                    Named::new(self, name)
                }
            }
        )+
    };
}
steps!(
    HasMany<P, C>, C, [P: Model, C: Model], P;
    HasOne<P, C>, C, [P: Model, C: Model], P;
    BelongsTo<C, P, K>, P, [C: Model, P: Model, K: Multiplicity], C;
    ManyToMany<M, A, T>, T, [M: Model, A: Model, T: Model], M;
);

/// Steps that are made from another.
macro_rules! made_steps {
    ($($ty:ident),+) => {
        $(
            impl<M: Model, R> IntoPath<M> for $ty<R>
            where
                $ty<R>: Related<M>,
            {
                fn into_path(self) -> Path<M> {
                    step(self)
                }
            }

            impl<R: Chain> Chain for $ty<R> {
                type End = R::End;
                type Longer<N> = Then<Self, N>;

                fn longer<N>(self, next: N) -> Then<Self, N> {
                    Then { first: self, next }
                }
            }

            impl<R: Chain> $ty<R> {
                /// A path over this relationship, and what is loaded along with what it leads to.
                pub fn then<N: IntoPath<R::End>>(self, next: N) -> Then<Self, N> {
                    self.longer(next)
                }

                /// The same under another name in the JSON of `view`.
                pub fn named(self, name: &'static str) -> Named<Self> {
                    Named::new(self, name)
                }
            }
        )+
    };
}
made_steps!(Named, Recursive, Filtered, ByJoin);

macro_rules! branches {
    ($(($($p:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<M: 'static, $($p: IntoPath<M>),+> IntoPath<M> for ($($p,)+) {
                fn into_path(self) -> Path<M> {
                    let paths = [$(self.$i.into_path()),+];
                    let models = paths.iter().flat_map(|path| path.models().to_vec()).collect();
                    let joined: Vec<_> = paths.iter().flat_map(|p| p.joined.clone()).collect();
                    let path = Path::new(models, move |reader, from| {
                        paths.iter().try_for_each(|path| path.load(reader, from))
                    });
                    path.joining(joined)
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

impl<M: Model, S> Select<M, S> {
    /// Loads what a path leads to along with the rows: a relationship, several steps
    /// (`User::POSTS.then(Post::TAGS)`), or a tuple of such.
    ///
    /// 1 more statement for each step to many, whatever the number of rows, 2 for one through an
    /// association; for a step to one only if the session lacks a row that it leads to. A step that
    /// starts from nothing costs nothing. What is loaded already is left as it is. A step that is
    /// [`joined`](crate::model::HasMany::joined) costs no statement of its own.
    pub fn with(self, path: impl IntoPath<M>) -> Self {
        let path = path.into_path();
        let models = path.models().to_vec();
        let loads = Loads {
            model: TypeId::of::<M>(),
            joined: path.joined.clone(),
            load: Box::new(move |reader, found| {
                let found: Vec<Handle<M>> = found.iter().copied().map(Handle::new).collect();
                path.load(reader, &found)
            }),
        };
        self.add_path(Arc::new(loads), models)
    }
}
