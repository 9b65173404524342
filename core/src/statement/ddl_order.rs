//! The order in which tables can be made.
//!
//! Called by `ddl`.
//! It must not write text, and the same list must always give the same order.

use crate::model::{ForeignKey, Table};

/// Tables, each after those that it refers to.
pub(super) struct Plan {
    pub(super) tables: Vec<&'static Table>,
    /// The references that close a cycle: their tables come before their targets.
    pub(super) closing: Vec<(&'static Table, &'static ForeignKey)>,
}

impl Plan {
    /// Whether the reference has to wait until every table is there.
    pub(super) fn closes(&self, table: &Table, fk: &ForeignKey) -> bool {
        self.closing
            .iter()
            .any(|(holder, closing)| is_same(holder, table) && closing.name == fk.name)
    }
}

/// Orders a list of tables, and drops repetitions; without need the list's order stays.
pub(super) fn in_order(tables: &[&'static Table]) -> Plan {
    let mut walk = Walk {
        listed: tables,
        open: Vec::new(),
        plan: Plan {
            tables: Vec::new(),
            closing: Vec::new(),
        },
    };
    for table in tables {
        walk.visit(table);
    }
    walk.plan
}

/// A depth-first walk along the references.
struct Walk<'a> {
    listed: &'a [&'static Table],
    /// Tables whose targets are being visited.
    open: Vec<&'static Table>,
    plan: Plan,
}

impl Walk<'_> {
    fn visit(&mut self, table: &'static Table) {
        if contains(&self.plan.tables, table) {
            return;
        }
        self.open.push(table);
        for fk in table.foreign_keys() {
            let target = fk.target();
            if is_same(target, table) || !contains(self.listed, target) {
                continue;
            }
            if contains(&self.open, target) {
                self.plan.closing.push((table, fk));
            } else {
                self.visit(target);
            }
        }
        self.open.pop();
        self.plan.tables.push(table);
    }
}

fn contains(tables: &[&'static Table], table: &Table) -> bool {
    tables.iter().any(|other| is_same(other, table))
}

fn is_same(a: &Table, b: &Table) -> bool {
    (a.schema(), a.name()) == (b.schema(), b.name())
}
