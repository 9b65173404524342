//! Relationships of a model to itself, followed to the end in one statement.
//!
//! Made by `recursive`; paths, verbs and views follow it as any other relationship.
//! It must not run for ever where the data goes round in a circle.

use std::any::TypeId;
use std::fmt;

use foldhash::HashSet;
use postgres_types::Type;

use super::Reader;
use super::by_reference::{by_parent, children, is_loaded, parent, put_children};
use super::keys::key_parameters;
use super::reader::expect_columns;
use super::related::{Found, Related, lost};
use crate::engine::{Returns, Statement};
use crate::error::Result;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{BelongsTo, Handle, HasMany, HasOne, Model, Multiplicity, RawHandle, Reference};
use crate::statement::shape::{Levels, Shape, Towards, shaped};

/// A relationship of a model to itself, followed again and again. See `recursive`.
#[derive(Clone)]
pub struct Recursive<R> {
    pub(crate) each: R,
    /// How often it is followed at most.
    pub(crate) levels: usize,
}

impl<R: fmt::Debug> fmt::Debug for Recursive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.levels {
            usize::MAX => write!(f, "{:?} recursive", self.each),
            levels => write!(f, "{:?} recursive to {levels}", self.each),
        }
    }
}

/// A relationship of a model to itself that can be followed to the end.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be followed again and again",
    note = "only relationships of `{M}` to itself can be recursive"
)]
pub trait Recurring<M: Model>: Related<M, Target = M> {
    /// Loads it for these objects, and for what it leads to, and so on.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn load_levels(&self, reader: &mut Reader<'_>, of: &[RawHandle], levels: usize) -> Result<()>;
}

macro_rules! recursive {
    ($($ty:ty, [$($generics:tt)*];)+) => {
        $(
            impl<$($generics)*> $ty {
                /// This relationship, followed to the end: 1 statement, whatever the depth.
                ///
                /// Verbs give all that it leads to, level by level and each object once; along a
                /// path each level is loaded for itself, so that the relationship is at hand for
                /// every object down to those with which it ends. A circle in the data is
                /// followed once.
                pub fn recursive(self) -> Recursive<Self> {
                    self.recursive_to(usize::MAX)
                }

                /// As [`recursive`](Self::recursive), but followed so many times at most.
                pub fn recursive_to(self, levels: usize) -> Recursive<Self> {
                    Recursive { each: self, levels }
                }
            }
        )+
    };
}
recursive!(
    HasMany<M, M>, [M: Model];
    HasOne<M, M>, [M: Model];
    BelongsTo<M, M, K>, [M: Model, K: Multiplicity];
);

/// What can be reached in memory, level by level.
struct Walk<M> {
    /// Each once, and those where it began only if it came back to them.
    reached: Vec<Handle<M>>,
    /// Where it can't go on, and the level of each.
    lacking: Vec<(Handle<M>, usize)>,
}

fn walk<M: Model>(
    relationship: &impl Related<M, Target = M>,
    map: &IdentityMap,
    from: &[RawHandle],
    levels: usize,
) -> Result<Walk<M>> {
    let mut walk = Walk {
        reached: Vec::new(),
        lacking: Vec::new(),
    };
    let mut seen = HashSet::default();
    let mut asked: HashSet<Handle<M>> = HashSet::default();
    let mut level: Vec<Handle<M>> = from.iter().map(|raw| Handle::new(*raw)).collect();
    level.retain(|of| asked.insert(*of));
    for depth in 0..levels {
        let mut next = Vec::new();
        for of in level {
            let Some(found) = relationship.find(map, of) else {
                walk.lacking.push((of, depth));
                continue;
            };
            for to in found?.handles() {
                if seen.insert(*to) {
                    walk.reached.push(*to);
                }
                if asked.insert(*to) {
                    next.push(*to);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(walk)
}

#[allow(private_interfaces)]
impl<M: Model, R: Recurring<M>> Related<M> for Recursive<R> {
    type Target = M;
    type Output = Vec<Handle<M>>;
    type Again = Self;

    fn add_models(&self, models: &mut Vec<TypeId>) {
        self.each.add_models(models);
    }

    fn again(&self) -> Option<Self> {
        let levels = match self.levels {
            usize::MAX => usize::MAX,
            levels => levels.saturating_sub(1),
        };
        let each = self.each.clone();
        (levels > 0).then_some(Recursive { each, levels })
    }

    fn name(&self) -> &'static str {
        self.each.name()
    }

    fn find_level(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<M>>> {
        match self.levels {
            0 => Some(Ok(Found::Many(Vec::new()))),
            _ => self.each.find(map, of),
        }
    }

    fn find(&self, map: &IdentityMap, of: Handle<M>) -> Option<Result<Found<M>>> {
        match walk(&self.each, map, &[of.raw], self.levels) {
            Ok(walk) => walk
                .lacking
                .is_empty()
                .then_some(Ok(Found::Many(walk.reached))),
            Err(error) => Some(Err(error)),
        }
    }

    fn load(&self, reader: &mut Reader<'_>, of: &[RawHandle]) -> Result<()> {
        self.each.load_levels(reader, of, self.levels)
    }

    fn output(&self, found: Found<M>) -> Result<Self::Output> {
        Ok(found.many())
    }

    fn missing(&self) -> Result<Self::Output> {
        Err(lost::<M>(self))
    }
}

macro_rules! downwards {
    ($($ty:ident),+) => {
        $(
            #[allow(private_interfaces)]
            impl<M: Model> Recurring<M> for $ty<M, M> {
                fn load_levels(
                    &self,
                    reader: &mut Reader<'_>,
                    of: &[RawHandle],
                    levels: usize,
                ) -> Result<()> {
                    load_descendants(reader, *self, self.field(), of, levels)
                }
            }
        )+
    };
}
downwards!(HasMany, HasOne);

#[allow(private_interfaces)]
impl<M: Model, K: Multiplicity> Recurring<M> for BelongsTo<M, M, K> {
    fn load_levels(&self, reader: &mut Reader<'_>, of: &[RawHandle], levels: usize) -> Result<()> {
        load_ancestors(reader, *self, of, levels)
    }
}

/// Loads children of children; the collections of all levels are known then.
///
/// The search begins where memory ends: what is loaded is neither read again nor overwritten.
fn load_descendants<M: Model>(
    reader: &mut Reader<'_>,
    relationship: impl Related<M, Target = M>,
    field: usize,
    of: &[RawHandle],
    levels: usize,
) -> Result<()> {
    loop {
        let lacking = walk(&relationship, reader.map, of, levels)?.lacking;
        // One round, unless what is loaded below what was not differs from the database.
        if lacking.is_empty() {
            return Ok(());
        }
        let store = reader.map.store::<M>();
        let begin: Vec<(M::Key, usize)> = lacking
            .iter()
            .filter_map(|(of, depth)| Some((store.key_of(store.locate(of.raw).ok()?)?, *depth)))
            .collect();
        let found = read_tree::<M>(reader, field, Towards::Children, &begin, levels)?;
        put_levels(reader, field, of, levels, lacking, &found);
    }
}

/// Sorts out what was found by its parents. Only of the objects from which the search began, and
/// of those that it found, is it known that these are all their children.
fn put_levels<M: Model>(
    reader: &mut Reader<'_>,
    field: usize,
    of: &[RawHandle],
    levels: usize,
    lacking: Vec<(Handle<M>, usize)>,
    found: &[Handle<M>],
) {
    let begun = lacking.into_iter().map(|(of, _)| of.raw);
    let known: HashSet<RawHandle> = begun.chain(found.iter().map(|found| found.raw)).collect();
    let mut members = by_parent::<M, M>(reader.map, found, field);
    let mut seen: HashSet<RawHandle> = HashSet::default();
    let mut level: Vec<RawHandle> = of.to_vec();
    for _ in 0..levels {
        let mut next = Vec::new();
        for of in level.into_iter().filter(|of| seen.insert(*of)) {
            if !is_loaded::<M>(reader.map, of, field) && known.contains(&of) {
                let loaded = members.remove(&of).unwrap_or_default();
                put_children(reader, field, of, loaded);
            }
            let loaded = children::<M>(reader.map, of, field);
            next.extend(loaded.into_iter().flatten().map(|child| child.raw));
        }
        if next.is_empty() {
            return;
        }
        level = next;
    }
}

/// Loads parents of parents.
fn load_ancestors<M: Model, K: Multiplicity>(
    reader: &mut Reader<'_>,
    relationship: BelongsTo<M, M, K>,
    of: &[RawHandle],
    levels: usize,
) -> Result<()> {
    let mut asked = HashSet::default();
    loop {
        let lacking = walk(&relationship, reader.map, of, levels)?.lacking;
        let mut begin: Vec<(M::Key, usize)> = Vec::new();
        for (child, depth) in lacking {
            if let Some(key) = key_of_parent(reader.map, child, relationship.field())
                && asked.insert(key.clone())
            {
                begin.push((key, depth));
            }
        }
        // One round, unless references lead nowhere, or were changed while autoflush is
        // suspended.
        if begin.is_empty() {
            return Ok(());
        }
        let keys = begin.iter().map(|(key, _)| key.clone()).collect();
        let towards = Towards::Parents;
        read_tree::<M>(reader, relationship.field(), towards, &begin, levels)?;
        let clock = reader.map.clock();
        reader.map.store::<M>().note_absent(keys, clock);
    }
}

fn key_of_parent<M: Model>(map: &IdentityMap, child: Handle<M>, field: usize) -> Option<M::Key> {
    debug_assert!(parent::<M, M>(map, child, field).is_ok());
    match map.read(child).ok()?.reference(field)? {
        Reference::Key(key) => key.downcast_ref::<M::Key>().cloned(),
        Reference::Unset | Reference::Handle(_) => None,
    }
}

/// Reads what is reached from these keys, each of which stands at a level; 1 statement, or none.
fn read_tree<M: Model>(
    reader: &mut Reader<'_>,
    field: usize,
    towards: Towards,
    begin: &[(M::Key, usize)],
    levels: usize,
) -> Result<Vec<Handle<M>>> {
    if begin.is_empty() {
        return Ok(Vec::new());
    }
    let limit = i32::try_from(levels);
    let shape = Shape::Tree {
        field,
        towards,
        levels: match limit {
            Ok(_) => Levels::Limited,
            Err(_) => Levels::All,
        },
    };
    let shaped = shaped(M::table(), shape);
    let keys: Vec<M::Key> = begin.iter().map(|(key, _)| key.clone()).collect();
    let keys = key_parameters::<M>(&keys, true);
    let depths = begin.iter().map(|(_, depth)| i32::try_from(*depth));
    let depths: Vec<i32> = depths.map(|depth| depth.unwrap_or(i32::MAX)).collect();
    let mut statement = Statement {
        text: shaped.text,
        params: keys.iter().map(|p| p as _).collect(),
        types: keys.iter().map(|p| p.ty()).collect(),
        returns: Returns::Rows,
        plain_read: true,
        rows: begin.len(),
        cache: true,
    };
    if let Ok(limit) = &limit {
        statement.params.push(&depths);
        statement.params.push(limit);
        statement.types.extend([Type::INT4_ARRAY, Type::INT4]);
    }
    let found = reader.rows(&statement, M::NAME)?;
    expect_columns(&found, M::table())?;
    let clock = reader.map.clock();
    let store = reader.map.store::<M>();
    let group = store.open_group();
    store.expect(found.len(), group);
    let mut handles = Vec::with_capacity(found.len());
    for row in found.iter() {
        if let Some(slot) = store.hydrate(&row, 0, Reading::Plain, group, clock)? {
            handles.push(store.typed(slot));
        }
    }
    Ok(handles)
}
