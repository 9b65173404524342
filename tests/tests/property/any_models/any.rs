//! Handles of any of the models, and the session's verbs on them.
//!
//! Edits and comparisons call it with the number of a model.
//! It must not know what the models are like.

use sessile::__private::{Fk, Handle, RawHandle, Reference};
use sessile::Session;
use sessile::model::Column;

use super::row::{Cell, Part, Row};

/// Runs code with the number of a model as a constant.
macro_rules! for_model {
    ($model:expr, $n:ident => $do:expr) => {
        match $model {
            0 => {
                const $n: usize = 0;
                $do
            }
            1 => {
                const $n: usize = 1;
                $do
            }
            2 => {
                const $n: usize = 2;
                $do
            }
            3 => {
                const $n: usize = 3;
                $do
            }
            _ => {
                const $n: usize = 4;
                $do
            }
        }
    };
}
pub(super) use for_model;

/// The handle of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnyHandle {
    A(Handle<Row<0>>),
    B(Handle<Row<1>>),
    C(Handle<Row<2>>),
    D(Handle<Row<3>>),
    E(Handle<Row<4>>),
}

macro_rules! with {
    ($handle:expr, $h:ident => $do:expr) => {
        match $handle {
            AnyHandle::A($h) => $do,
            AnyHandle::B($h) => $do,
            AnyHandle::C($h) => $do,
            AnyHandle::D($h) => $do,
            AnyHandle::E($h) => $do,
        }
    };
}

impl AnyHandle {
    pub(super) fn add(s: &mut Session, model: usize, cells: Vec<Cell>) -> AnyHandle {
        match model {
            0 => AnyHandle::A(s.add(Row { cells })),
            1 => AnyHandle::B(s.add(Row { cells })),
            2 => AnyHandle::C(s.add(Row { cells })),
            3 => AnyHandle::D(s.add(Row { cells })),
            _ => AnyHandle::E(s.add(Row { cells })),
        }
    }

    /// Reads the row of this key, which is there.
    pub(super) fn load(s: &mut Session, model: usize, key: Vec<Part>) -> AnyHandle {
        match model {
            0 => AnyHandle::A(s.get::<Row<0>>(Fk::<Row<0>>::to(key)).unwrap().unwrap()),
            1 => AnyHandle::B(s.get::<Row<1>>(Fk::<Row<1>>::to(key)).unwrap().unwrap()),
            2 => AnyHandle::C(s.get::<Row<2>>(Fk::<Row<2>>::to(key)).unwrap().unwrap()),
            3 => AnyHandle::D(s.get::<Row<3>>(Fk::<Row<3>>::to(key)).unwrap().unwrap()),
            _ => AnyHandle::E(s.get::<Row<4>>(Fk::<Row<4>>::to(key)).unwrap().unwrap()),
        }
    }

    pub(super) fn cells(self, s: &Session) -> &[Cell] {
        with!(self, h => &s[h].cells)
    }

    pub(super) fn set(self, s: &mut Session, field: usize, cell: Cell) {
        with!(self, h => s[h].cells[field] = cell);
    }

    /// Lets the database count a number up.
    pub(super) fn count(self, s: &mut Session, field: usize) {
        fn column<const N: usize>(field: usize) -> Column<Row<N>, Option<i64>> {
            Column::new(field as u16)
        }
        with!(self, h => {
            let column = column(field);
            s.set_expr(h, column, column + 1).unwrap();
        });
    }

    pub(super) fn delete(self, s: &mut Session) {
        with!(self, h => s.delete(h).unwrap());
    }

    pub(super) fn detach(self, s: &mut Session) {
        with!(self, h => {
            s.detach(h).unwrap();
        });
    }

    pub(super) fn raw(self) -> RawHandle {
        with!(self, h => match Fk::from(h).reference() {
            Reference::Handle(raw) => raw,
            Reference::Key(_) | Reference::Unset => unreachable!("it was made of a handle"),
        })
    }
}
