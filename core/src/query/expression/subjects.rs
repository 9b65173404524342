//! What has operators: columns, expressions and aggregates.
//!
//! Files of operators write their lists once and call `for_expressions` with them.
//! It must not know an operator.

/// Calls a macro for each type that has operators, with `[generics] type, scope`.
macro_rules! for_expressions {
    ($write:ident) => {
        $write!([M: Model, V] Column<M, V>, M);
        $write!([V, S: Scope] Expr<V, S>, S);
        $write!([V, S: Scope] Aggregate<V, S>, S);
    };
}
