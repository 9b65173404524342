//! What the rows of a result become: values, structs, objects, and tuples of them.
//!
//! The loader reads results through it; the derives implement it for structs.
//! It must not know where objects are kept: whoever reads a result says that.

use super::{Handle, Model, Row, RowColumn, SqlType, Table};
use crate::error::{Error, ErrorKind};

/// What a row of a result can become.
///
/// A value with a PostgreSQL type, a [`Handle`] of an object that the session keeps, a model or a
/// struct with `#[derive(FromRow)]` as a plain value, and tuples of up to twelve of these. A
/// `Handle` in an `Option` is `None` where an outer join found no row.
#[diagnostic::on_unimplemented(
    message = "a row can't become `{Self}`",
    label = "not a column type, a handle, a model or a tuple of them",
    note = "derive it for a struct: `#[derive(FromRow)]`"
)]
pub trait FromRow: Sized {
    /// Finds its columns in a result that is in somebody else's words: by name where it has
    /// names, the next one where it has none. Asked once for a result.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) when a column is missing.
    #[doc(hidden)]
    fn find_columns(finder: &mut ColumnFinder<'_>) -> Result<(), Error>;

    /// Decodes its columns, which begin at `at`, and moves on.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) when a column's type or value does not fit.
    #[doc(hidden)]
    fn read_row<O: Objects>(row: &Row<'_>, at: &mut usize, objects: &mut O) -> Result<Self, Error>;
}

/// A struct with `#[derive(FromRow)]` whose fields have the types of these columns, in their order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be made of columns of the types `{Columns}`",
    label = "expected its fields, in their order",
    note = "`#[derive(FromRow)]` makes a struct of the tuple of its fields' types; a `json` field is \
            a `serde_json::Value` there"
)]
pub trait FromColumns<Columns>: FromRow {}

/// Where rows that are objects go.
#[doc(hidden)]
pub trait Objects {
    /// Brings in the row whose columns begin at `at`; `None` when its key is NULL.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) when a column does not fit the model.
    fn bring<T: Model>(&mut self, row: &Row<'_>, at: usize) -> Result<Option<Handle<T>>, Error>;
}

/// Finds the columns of a result by their names.
#[doc(hidden)]
#[derive(Debug)]
pub struct ColumnFinder<'a> {
    columns: &'a [RowColumn],
    next: usize,
    order: Vec<usize>,
}

impl<'a> ColumnFinder<'a> {
    /// The order in which a row of type `R` wants the columns of this result.
    pub(crate) fn order<R: FromRow>(columns: &'a [RowColumn]) -> Result<Vec<usize>, Error> {
        let mut finder = ColumnFinder {
            columns,
            next: 0,
            order: Vec::with_capacity(columns.len()),
        };
        R::find_columns(&mut finder)?;
        if finder.next < columns.len() {
            return Err(wrong_number(columns.len(), finder.order.len()));
        }
        Ok(finder.order)
    }

    /// The number of columns that a row of type `R` is made of, unless it finds them by name.
    pub(crate) fn width<R: FromRow>() -> Option<usize> {
        let column = RowColumn {
            name: String::new(),
            ty: postgres_types::Type::UNKNOWN,
        };
        let columns = vec![column; 64];
        let mut finder = ColumnFinder {
            columns: &columns,
            next: 0,
            order: Vec::new(),
        };
        R::find_columns(&mut finder).ok()?;
        Some(finder.next)
    }

    /// The next column, whatever its name.
    fn any(&mut self) -> Result<(), Error> {
        if self.next >= self.columns.len() {
            return Err(wrong_number(self.columns.len(), self.order.len() + 1));
        }
        self.order.push(self.next);
        self.next += 1;
        Ok(())
    }

    /// The columns of a table, by name among the next ones of that number.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) when one is missing.
    pub fn table(&mut self, table: &Table) -> Result<(), Error> {
        let names = table.columns().iter().map(|column| column.name.as_str());
        let width = table.columns().len();
        self.named(table.model(), width, names)
    }

    /// The columns of a struct's fields, given with their names, among all that are left; those
    /// that it does not want are passed over.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) when one is missing.
    pub fn fields(&mut self, of: &str, fields: &[(&str, &str)]) -> Result<(), Error> {
        for (field, column) in fields {
            let at = self.position(self.columns.len(), column);
            self.order.push(at.ok_or_else(|| {
                self.missing(&format!("{of}.{field}"), column, self.columns.len())
            })?);
        }
        self.next = self.columns.len();
        Ok(())
    }

    /// Refuses to find the columns of an object that is a field of a struct.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping), always.
    pub fn refuse_object(&mut self, of: &str, field: &str) -> Result<(), Error> {
        Err(Error::mapping(format!(
            "{of}.{field} is an object, whose columns raw SQL can't name: read a tuple instead"
        )))
    }

    /// Where the column with this name is, among those up to `end`.
    fn position(&self, end: usize, name: &str) -> Option<usize> {
        let next = self.next.min(end);
        let window = &self.columns[next..end];
        let found = window.iter().position(|column| column.name == name)?;
        Some(next + found)
    }

    fn missing(&self, who: &str, name: &str, end: usize) -> Error {
        let window = &self.columns[self.next.min(end)..end];
        let there: Vec<&str> = window.iter().map(|c| c.name.as_str()).collect();
        Error::mapping(format!(
            "{who} wants a column {name} and the result has ({})",
            there.join(", ")
        ))
    }

    fn named<'n>(
        &mut self,
        of: &str,
        width: usize,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<(), Error> {
        let end = self.columns.len().min(self.next + width);
        for name in names {
            let at = self.position(end, name);
            self.order
                .push(at.ok_or_else(|| self.missing(of, name, end))?);
        }
        self.next = end;
        Ok(())
    }
}

fn wrong_number(got: usize, wanted: usize) -> Error {
    Error::mapping(format!(
        "the result has {got} columns where {wanted} are expected"
    ))
}

/// Finds the columns of a model that is read as a plain value.
///
/// # Errors
/// [`Mapping`](ErrorKind::Mapping) when one is missing.
pub fn find_model<T: Model>(finder: &mut ColumnFinder<'_>) -> Result<(), Error> {
    finder.table(T::table())
}

/// Reads a model as a plain value.
///
/// # Errors
/// [`Conversion`](ErrorKind::Conversion) when a column does not fit.
pub fn read_model<T: Model>(row: &Row<'_>, at: &mut usize) -> Result<T, Error> {
    let plain = T::from_row(row, *at)?;
    *at += T::table().columns().len();
    Ok(plain)
}

impl<T: SqlType> FromRow for T {
    fn find_columns(finder: &mut ColumnFinder<'_>) -> Result<(), Error> {
        finder.any()
    }

    fn read_row<O: Objects>(row: &Row<'_>, at: &mut usize, _: &mut O) -> Result<Self, Error> {
        let value = row.get(*at)?;
        *at += 1;
        Ok(value)
    }
}

impl<T: Model> FromRow for Option<Handle<T>> {
    fn find_columns(finder: &mut ColumnFinder<'_>) -> Result<(), Error> {
        finder.table(T::table())
    }

    fn read_row<O: Objects>(row: &Row<'_>, at: &mut usize, objects: &mut O) -> Result<Self, Error> {
        let found = objects.bring(row, *at)?;
        *at += T::table().columns().len();
        Ok(found)
    }
}

impl<T: Model> FromRow for Handle<T> {
    fn find_columns(finder: &mut ColumnFinder<'_>) -> Result<(), Error> {
        finder.table(T::table())
    }

    fn read_row<O: Objects>(row: &Row<'_>, at: &mut usize, objects: &mut O) -> Result<Self, Error> {
        let found = Option::<Handle<T>>::read_row(row, at, objects)?;
        found.ok_or_else(|| {
            Error::new(ErrorKind::Conversion {
                place: T::NAME.to_owned(),
            })
            .with_source("the row's key is NULL and the row is not read as an Option")
        })
    }
}

macro_rules! tuple_rows {
    ($(($($t:ident),+)),+ $(,)?) => {
        $(
            impl<$($t: FromRow),+> FromRow for ($($t,)+) {
                fn find_columns(finder: &mut ColumnFinder<'_>) -> Result<(), Error> {
                    $($t::find_columns(finder)?;)+
                    Ok(())
                }

                fn read_row<Obj: Objects>(
                    row: &Row<'_>,
                    at: &mut usize,
                    objects: &mut Obj,
                ) -> Result<Self, Error> {
                    Ok(($($t::read_row(row, at, objects)?,)+))
                }
            }
        )+
    };
}
tuple_rows!(
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
);
