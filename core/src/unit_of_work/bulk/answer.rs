//! What a set-based statement answers with: a number, objects, values, or columns.
//!
//! The query room's builders name one of its kinds; the files beside this one collect it.
//! It must not read rows into the session: that was done before.

use crate::engine::Rows;
use crate::error::Error;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{FromRow, Handle, Model, Objects as IntoObjects, RawHandle, Row};
use crate::query::{Counted, Objects, Tuples, Values};

/// What running an update, a delete or an insert of `M` answers with.
///
/// [`Counted`] is the number of rows; the `returning` methods of the builders choose another.
pub trait Answer<M: Model> {
    /// What the session's verb returns.
    type Output: Send + 'static;

    #[doc(hidden)]
    const WANTS: Wants;

    #[doc(hidden)]
    fn add(output: &mut Option<Self::Output>, done: Done<'_>) -> Result<(), Error>;

    #[doc(hidden)]
    fn empty() -> Self::Output;
}

/// What must come back from the server.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    Count,
    Rows,
    Columns,
}

/// What one statement did.
#[doc(hidden)]
pub struct Done<'a> {
    /// How many rows it wrote.
    pub(super) count: u64,
    /// The rows that came back.
    pub(super) rows: Option<&'a Rows>,
    pub(super) map: &'a mut IdentityMap,
    /// The objects of the rows that were asked for.
    pub(super) handles: Vec<RawHandle>,
}

impl std::fmt::Debug for Done<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Done({})", self.count)
    }
}

impl<M: Model> Answer<M> for Counted {
    type Output = u64;

    const WANTS: Wants = Wants::Count;

    fn add(output: &mut Option<u64>, done: Done<'_>) -> Result<(), Error> {
        *output.get_or_insert(0) += done.count;
        Ok(())
    }

    fn empty() -> u64 {
        0
    }
}

impl<M: Model> Answer<M> for Objects {
    type Output = Vec<Handle<M>>;

    const WANTS: Wants = Wants::Rows;

    fn add(output: &mut Option<Self::Output>, done: Done<'_>) -> Result<(), Error> {
        let handles = done.handles.into_iter().map(Handle::new);
        output.get_or_insert_default().extend(handles);
        Ok(())
    }

    fn empty() -> Self::Output {
        Vec::new()
    }
}

impl<M: Model> Answer<M> for Values {
    type Output = Vec<M>;

    const WANTS: Wants = Wants::Rows;

    fn add(output: &mut Option<Self::Output>, done: Done<'_>) -> Result<(), Error> {
        let output = output.get_or_insert_default();
        for row in done.rows.into_iter().flat_map(Rows::iter) {
            output.push(M::from_row(&row, 0)?);
        }
        Ok(())
    }

    fn empty() -> Self::Output {
        Vec::new()
    }
}

impl<M: Model, R: FromRow + Send + 'static> Answer<M> for Tuples<R> {
    type Output = Vec<R>;

    const WANTS: Wants = Wants::Columns;

    fn add(output: &mut Option<Self::Output>, done: Done<'_>) -> Result<(), Error> {
        let output = output.get_or_insert_default();
        let mut objects = Bringing(done.map);
        for row in done.rows.into_iter().flat_map(Rows::iter) {
            output.push(R::read_row(&row, &mut 0, &mut objects)?);
        }
        Ok(())
    }

    fn empty() -> Self::Output {
        Vec::new()
    }
}

/// Whole rows that were asked for among other columns become objects.
struct Bringing<'a>(&'a mut IdentityMap);

impl IntoObjects for Bringing<'_> {
    fn bring<T: Model>(&mut self, row: &Row<'_>, at: usize) -> Result<Option<Handle<T>>, Error> {
        let clock = self.0.clock();
        let store = self.0.store::<T>();
        let group = store.single_group();
        let slot = store.hydrate(row, at, Reading::Plain, group, clock)?;
        Ok(slot.map(|slot| store.typed(slot)))
    }
}
