//! Tables made from models.
//!
//! Users call `create_tables` and `drop_tables`, in tests and small programs.
//! It must not change a table that exists: that is for migrations.

use super::session::Session;
use crate::engine::{Engine, Returns, Statement, Text};
use crate::error::Result;
use crate::model::{Model, Table, blame, remember_table};
use crate::statement::{create_tables, drop_tables};

impl<E> Engine<E> {
    /// Creates the tables of these models, with keys, identities, references, constraints and
    /// indexes, in one transaction: `engine.create_tables::<(Account, Entry)>()`.
    ///
    /// In the order in which they need each other, whatever the order in the tuple; references
    /// between tables that need each other are added at the end. Schemas that the models name
    /// are created where they are missing.
    ///
    /// # Errors
    /// [`Database`](crate::ErrorKind::Database) when one of them exists (nothing is created then),
    /// and those of the connection.
    pub fn create_tables<M: Models>(&self) -> Result<()> {
        self.session().create_tables::<M>()
    }

    /// Drops the tables of these models, as far as they exist, in one transaction.
    ///
    /// # Errors
    /// [`Database`](crate::ErrorKind::Database) when another table refers to one of them (nothing
    /// is dropped then), and those of the connection.
    pub fn drop_tables<M: Models>(&self) -> Result<()> {
        self.session().drop_tables::<M>()
    }
}

/// For the asynchronous facade, which runs them on a session of its own.
#[doc(hidden)]
#[allow(clippy::missing_errors_doc)]
impl Session {
    pub fn create_tables<M: Models>(&mut self) -> Result<()> {
        let tables = M::tables();
        tables.iter().copied().for_each(remember_table);
        self.run_in_order(create_tables(&tables))
    }

    pub fn drop_tables<M: Models>(&mut self) -> Result<()> {
        self.run_in_order(drop_tables(&M::tables()))
    }

    fn run_in_order(&mut self, statements: Vec<String>) -> Result<()> {
        for sql in statements {
            let (_, connection) = self.connect()?;
            let statement = Statement {
                text: Text {
                    label: label(&sql).into(),
                    sql: sql.into(),
                },
                params: Vec::new(),
                types: Vec::new(),
                returns: Returns::Count,
                plain_read: false,
                rows: 0,
                cache: false,
            };
            let result = connection.run(std::slice::from_ref(&statement));
            result.map_err(|failed| blame(failed.error))?;
        }
        self.commit()
    }
}

/// What a statement does to which table: all before the first parenthesis.
fn label(sql: &str) -> &str {
    sql.split_once(" (").map_or(sql, |(label, _)| label)
}

/// A model, or a tuple of up to sixteen.
pub trait Models {
    /// Their tables.
    fn tables() -> Vec<&'static Table>;

    /// The SQL that [`Engine::create_tables`] runs, one statement a line.
    fn create_sql() -> String {
        lines(create_tables(&Self::tables()))
    }

    /// The SQL that [`Engine::drop_tables`] runs, one statement a line.
    fn drop_sql() -> String {
        lines(drop_tables(&Self::tables()))
    }
}

fn lines(statements: Vec<String>) -> String {
    statements.iter().map(|sql| format!("{sql};\n")).collect()
}

impl<M: Model> Models for M {
    fn tables() -> Vec<&'static Table> {
        vec![M::table()]
    }
}

macro_rules! tuples {
    ($(($($m:ident),+)),+ $(,)?) => {
        $(impl<$($m: Model),+> Models for ($($m,)+) {
            fn tables() -> Vec<&'static Table> {
                vec![$($m::table()),+]
            }
        })+
    };
}
tuples!(
    (A),
    (A, B),
    (A, B, C),
    (A, B, C, D),
    (A, B, C, D, E),
    (A, B, C, D, E, F),
    (A, B, C, D, E, F, G),
    (A, B, C, D, E, F, G, H),
    (A, B, C, D, E, F, G, H, I),
    (A, B, C, D, E, F, G, H, I, J),
    (A, B, C, D, E, F, G, H, I, J, K),
    (A, B, C, D, E, F, G, H, I, J, K, L),
    (A, B, C, D, E, F, G, H, I, J, K, L, M),
    (A, B, C, D, E, F, G, H, I, J, K, L, M, N),
    (A, B, C, D, E, F, G, H, I, J, K, L, M, N, O),
    (A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P),
);
