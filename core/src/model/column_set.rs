//! A set of a model's fields.
//!
//! Every room from the model to the unit of work passes changed and generated fields in it.
//! It must not know which model it is about.

use std::fmt;

/// A set of fields of one model, by their position in the struct.
///
/// One bit a field, so a model may have up to 128 mapped fields; the derive checks that.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnSet(u128);

impl ColumnSet {
    /// The empty set.
    pub const EMPTY: ColumnSet = ColumnSet(0);

    /// The greatest number of fields of a model.
    pub const CAPACITY: usize = 128;

    /// The first `n` fields.
    ///
    /// # Panics
    /// When `n` is above [`CAPACITY`](Self::CAPACITY).
    #[must_use]
    pub const fn first(n: usize) -> ColumnSet {
        assert!(n <= Self::CAPACITY, "a model has at most 128 fields");
        match n {
            Self::CAPACITY => ColumnSet(u128::MAX),
            n => ColumnSet((1 << n) - 1),
        }
    }

    /// The set of one field.
    #[must_use]
    pub const fn only(field: usize) -> ColumnSet {
        ColumnSet(1 << field)
    }

    /// Adds a field.
    pub const fn insert(&mut self, field: usize) {
        self.0 |= 1 << field;
    }

    /// Takes a field out.
    pub const fn remove(&mut self, field: usize) {
        self.0 &= !(1 << field);
    }

    /// Whether the field is in the set.
    #[must_use]
    pub const fn contains(self, field: usize) -> bool {
        self.0 & (1 << field) != 0
    }

    /// Whether there is no field in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number of fields in the set.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The fields of either set.
    #[must_use]
    pub const fn union(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 | other.0)
    }

    /// The fields of both sets.
    #[must_use]
    pub const fn intersection(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 & other.0)
    }

    /// The fields of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 & !other.0)
    }

    /// The fields, in struct order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            let field = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(field)
        })
    }
}

impl FromIterator<usize> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = usize>>(fields: I) -> Self {
        let mut set = ColumnSet::EMPTY;
        for field in fields {
            set.insert(field);
        }
        set
    }
}

impl fmt::Debug for ColumnSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_in_struct_order() {
        let set: ColumnSet = [127, 0, 64].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 64, 127]);
        assert_eq!(set.len(), 3);
    }

    #[test]
    fn the_full_set_has_every_field() {
        assert!(ColumnSet::first(128).contains(127));
        assert_eq!(ColumnSet::first(3).iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert!(ColumnSet::first(3).without(ColumnSet::first(3)).is_empty());
    }
}
