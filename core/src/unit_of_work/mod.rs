//! The write wing: what changed in a session becomes statements, and their answers objects.
//!
//! The phases of a flush are in the order of the files: settle, collect, cascade, plan, execute. All
//! but the last are pure or touch memory only.
//! It must not read rows for the program; that is the loader's.

mod settle;

mod changes;

mod collect;

mod pairs;

mod sweep;

mod references;

mod referring;

mod cascade;

mod phases;

mod links;

mod renames;

mod preferences;

mod edges;

mod equality;

mod unique_values;

mod unique;

mod graph;

mod components;

mod operation;

mod reason;

mod annotations;

mod swept;

mod plan;

mod dependencies;

mod drawing;

mod parts;

mod chains;

mod cycle;

mod apart;

mod breaking;

mod notes;

mod planner;

mod preview;

mod locks;

mod key_order;

mod cells;

mod bind;

mod execute;

mod memberships;

mod apply;

mod bulk;

pub(crate) use apply::finish;
pub use bulk::Answer;
#[doc(hidden)]
pub use bulk::{Done, Wants};
pub(crate) use bulk::{
    Inserting, copy_in, delete_where, ensure, insert_rows, insert_selected, prepare_delete,
    prepare_ensure, prepare_update, prepare_upsert, update_where, upsert,
};
pub(crate) use changes::Changes;
pub use dependencies::{PlannedEdge, PlannedRow};
pub(crate) use execute::execute;
pub use operation::Operation;
pub(crate) use phases::changes;
pub use plan::{Plan, PlannedStatement, Rank};
pub(crate) use planner::plan;
pub(crate) use preview::preview;
pub use reason::Reason;
pub(crate) use settle::settle_loaded;
