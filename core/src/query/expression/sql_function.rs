//! `sql_function!`: a function of the database as a typed Rust function.
//!
//! Callers write one line for each function of theirs.
//! It must not check that the function exists: the server does.

/// Functions of the database as typed Rust functions, one line each.
///
/// A parameter takes values, columns and expressions of its type; an `Option` also takes those
/// that may be NULL. The result is what the line says: an `Option` where it may be NULL. The
/// function has the name of the Rust function, unless another follows, which may have a schema.
/// `aggregate fn` makes an [`Aggregate`](crate::query::Aggregate), with all its clauses.
///
/// A name that is no name is refused with [`Mapping`](crate::ErrorKind::Mapping) when a query
/// runs.
///
/// ```
/// use sessile::sql::{sql_function, value};
///
/// sql_function! {
///     /// How alike two texts are, by the extension pg_trgm.
///     pub fn similarity(a: String, b: String) -> f32;
///     fn encrypted(text: String, salt: String) -> String = "public.crypt";
///     aggregate fn bit_or(bits: i64) -> Option<i64>;
/// }
///
/// assert_eq!(format!("{:?}", similarity("one", "two")), "Expr(similarity($1, $2))");
/// assert_eq!(format!("{:?}", encrypted("a", "b")), "Expr(public.crypt($1, $2))");
/// assert_eq!(
///     format!("{:?}", bit_or(value(1_i64)).distinct()),
///     "Aggregate(bit_or(DISTINCT $1))"
/// );
/// ```
#[macro_export]
macro_rules! sql_function {
    () => {};
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $ty:ty),* $(,)?) -> $result:ty
        $(= $sql:literal)?;
        $($rest:tt)*
    ) => {
        $(#[$attribute])*
        #[allow(non_camel_case_types)]
        $visibility fn $name<$($argument: $crate::query::IntoExpr<$ty>),*>(
            $($argument: $argument),*
        ) -> $crate::query::Expr<
            $result,
            <($($crate::query::Expr<$ty, $argument::Scope>,)*) as $crate::query::Operands>::Scope,
        > {
            $crate::query::function(
                $crate::sql_function!(@name $name $($sql)?),
                ($($crate::query::IntoExpr::<$ty>::into_expr($argument),)*),
            )
        }
        $crate::sql_function!($($rest)*);
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis aggregate fn $name:ident($($argument:ident: $ty:ty),* $(,)?)
        -> $result:ty $(= $sql:literal)?;
        $($rest:tt)*
    ) => {
        $(#[$attribute])*
        #[allow(non_camel_case_types)]
        $visibility fn $name<$($argument: $crate::query::IntoExpr<$ty>),*>(
            $($argument: $argument),*
        ) -> $crate::query::Aggregate<
            $result,
            <($($crate::query::Expr<$ty, $argument::Scope>,)*) as $crate::query::Operands>::Scope,
        > {
            $crate::query::aggregate(
                $crate::sql_function!(@name $name $($sql)?),
                ($($crate::query::IntoExpr::<$ty>::into_expr($argument),)*),
            )
        }
        $crate::sql_function!($($rest)*);
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $sql:literal) => { $sql };
}
