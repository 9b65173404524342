//! Which sources an expression can name at a place in a statement, and what the text calls them.
//!
//! Called by `marker` and `render` while a statement becomes text.
//! It must not look inside a source.

use super::Source;
use super::names::{check, numbered};
use crate::error::Error;

/// The sources in sight: those of the innermost query last.
pub(super) struct Frames {
    frames: Vec<Vec<Visible>>,
}

/// A source with its name in the text.
struct Visible {
    source: Source,
    name: String,
    /// Whether an outer join may leave it without a row.
    absent: bool,
}

impl Frames {
    pub(super) fn new() -> Frames {
        Frames { frames: Vec::new() }
    }

    /// Goes into a query.
    pub(super) fn enter(&mut self) {
        self.frames.push(Vec::new());
    }

    /// Leaves it.
    pub(super) fn leave(&mut self) {
        self.frames.pop();
    }

    /// Hides the innermost query's sources, as a query in FROM that is not lateral sees none of
    /// those beside it.
    pub(super) fn hide_innermost(&mut self) -> Hidden {
        Hidden(self.frames.pop())
    }

    /// Undoes that.
    pub(super) fn show(&mut self, hidden: Hidden) {
        self.frames.extend(hidden.0);
    }

    /// A source takes part in the innermost query. Returns its name in the text: its own, or one
    /// made from it when a query around has the name.
    ///
    /// # Errors
    /// `Mapping` when it takes part already, or its name can be none.
    pub(super) fn add(&mut self, source: &Source) -> Result<String, Error> {
        let innermost = self.frames.last().expect("inside a query");
        if innermost.iter().any(|v| v.source.is(source)) {
            return Err(Error::mapping(format!(
                "{} takes part twice in a query: give one of the two a name with `alias`",
                source.title()
            )));
        }
        check(source.name())?;
        let name = self.free_name(source.name());
        let innermost = self.frames.last_mut().expect("inside a query");
        innermost.push(Visible {
            source: source.clone(),
            name: name.clone(),
            absent: false,
        });
        Ok(name)
    }

    /// A source takes part under this name.
    pub(super) fn add_as(&mut self, source: &Source, name: &str) {
        let innermost = self.frames.last_mut().expect("inside a query");
        innermost.push(Visible {
            source: source.clone(),
            name: name.to_owned(),
            absent: false,
        });
    }

    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| self.frames.iter().flatten().any(|v| v.name == name);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        let names = (1..).map(|number| numbered(wanted, number));
        let mut free = names.filter(|name| !taken(name));
        free.next().expect("there are more numbers than sources")
    }

    /// The source that was added last may be without a row.
    pub(super) fn mark_last(&mut self) {
        if let Some(last) = self.frames.last_mut().and_then(|f| f.last_mut()) {
            last.absent = true;
        }
    }

    /// All sources of the innermost query but the last may be without a row.
    pub(super) fn mark_all_but_last(&mut self) {
        if let Some([earlier @ .., _]) = self.frames.last_mut().map(Vec::as_mut_slice) {
            earlier.iter_mut().for_each(|v| v.absent = true);
        }
    }

    /// The name of a source in the text, the innermost first.
    pub(super) fn name(&self, source: &Source) -> Option<&str> {
        Some(&self.find(source)?.name)
    }

    /// Whether a source in sight may be without a row.
    pub(super) fn is_absent(&self, source: &Source) -> bool {
        self.find(source).is_some_and(|v| v.absent)
    }

    /// The source that the whole statement reads first, for people.
    pub(super) fn outermost(&self) -> String {
        let first = self.frames.iter().flatten().next();
        first.map_or_else(|| "nothing".to_owned(), |v| v.source.title())
    }

    fn find(&self, source: &Source) -> Option<&Visible> {
        let innermost_first = self.frames.iter().rev().flatten();
        innermost_first.into_iter().find(|v| v.source.is(source))
    }
}

/// Sources that are out of sight for a while.
pub(super) struct Hidden(Option<Vec<Visible>>);
