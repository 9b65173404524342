//! The prepared statements of one connection.
//!
//! Asked by `driver` before it sends a statement.
//! It must not talk to the server: it only says which way a statement takes.

use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use postgres_types::Type;

use super::statement::Statement;
use crate::model::RowColumn;

/// How statements are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatementMode {
    /// Texts that come again are prepared once for each connection. The default.
    #[default]
    Named,
    /// Nothing is prepared. The safe mode behind a transaction pooler such as pgbouncer before
    /// 1.21, where named statements silently answer with *another client's rows*. Every
    /// parameter needs a type, and result columns of enum types should be cast to text.
    Unnamed,
}

/// A statement that the server knows by name.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) statement: postgres::Statement,
    pub(super) types: Vec<Type>,
    pub(super) columns: Arc<[RowColumn]>,
}

/// The way that a statement takes.
pub(super) enum Way {
    /// In one message, with the types of its parameters.
    Typed,
    /// Prepared first; `keep` says whether it will be needed again.
    Prepare { keep: bool },
    /// By the name that it has already.
    Named(Arc<Prepared>),
}

enum Entry {
    /// Seen once; the second time it is worth its preparation.
    Seen,
    Prepared(Arc<Prepared>),
}

/// What this connection has seen and prepared, by SQL text; the least recently used go first.
pub(super) struct StatementCache {
    /// `None` in the unnamed mode.
    entries: Option<LruCache<Arc<str>, Entry>>,
}

impl StatementCache {
    pub(super) fn new(mode: StatementMode, size: NonZeroUsize) -> Self {
        StatementCache {
            entries: match mode {
                StatementMode::Named => Some(LruCache::new(size)),
                StatementMode::Unnamed => None,
            },
        }
    }

    /// Whether anything is prepared at all.
    pub(super) fn keeps_any(&self) -> bool {
        self.entries.is_some()
    }

    /// The way that this statement takes, noting that it was seen. `None`: there is no way,
    /// since a type is missing that only preparing could tell.
    pub(super) fn way(&mut self, statement: &Statement<'_>) -> Option<Way> {
        let infer = statement.needs_inference();
        let Some(entries) = &mut self.entries else {
            return (!infer).then_some(Way::Typed);
        };
        if !statement.cache {
            return Some(if infer {
                Way::Prepare { keep: false }
            } else {
                Way::Typed
            });
        }
        match entries.get(&statement.text.sql) {
            Some(Entry::Prepared(known)) if known.types == statement.types => {
                Some(Way::Named(known.clone()))
            }
            Some(_) => Some(Way::Prepare { keep: true }),
            None if infer => Some(Way::Prepare { keep: true }),
            None => {
                entries.put(statement.text.sql.clone(), Entry::Seen);
                Some(Way::Typed)
            }
        }
    }

    pub(super) fn keep(&mut self, sql: &Arc<str>, prepared: Arc<Prepared>) {
        if let Some(entries) = &mut self.entries {
            entries.put(sql.clone(), Entry::Prepared(prepared));
        }
    }

    /// Forgets one statement, whose plan does not fit any more.
    pub(super) fn forget(&mut self, sql: &Arc<str>) {
        if let Some(entries) = &mut self.entries {
            entries.pop(sql);
        }
    }

    /// Forgets all of them: the server has.
    pub(super) fn clear(&mut self) {
        if let Some(entries) = &mut self.entries {
            entries.clear();
        }
    }
}
