//! Values of a statement, with the types under which they are sent.
//!
//! The query room puts them into expressions; the engine sends them.
//! It must not convert values: `ToSql` does that, for the type that the server asks for.

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use postgres_types::{IsNull, ToSql, Type};

use crate::error::Error;
use crate::model::{KeyLookup, SqlType};

/// A value that can be shared between the clones of a query.
pub(crate) type SharedValue = Arc<dyn ToSql + Send + Sync>;

/// Finds a value that is only known when the statement runs, in a session.
pub(crate) type LateValue = Arc<dyn Fn(&dyn KeyLookup) -> Result<SharedValue, Error> + Send + Sync>;

/// A value that is ready to be sent.
#[derive(Clone)]
pub(crate) struct Bound {
    value: SharedValue,
    ty: Type,
}

impl Bound {
    pub(crate) fn new<T: SqlType>(value: T) -> Bound {
        Bound {
            value: Arc::new(value),
            ty: T::TYPE,
        }
    }

    /// A value that sends itself as this type.
    pub(crate) fn shared(value: SharedValue, ty: Type) -> Bound {
        Bound { value, ty }
    }

    /// Adds what tells this value from others of its type.
    pub(crate) fn identify(&self, out: &mut BytesMut) {
        let before = out.len();
        let encoded = self.value.to_sql_checked(&self.ty, out);
        if encoded.is_err() {
            // The server alone knows the type.
            out.truncate(before);
            out.extend_from_slice(format!("{:?}", self.value).as_bytes());
        }
        // No value is as long as NULL is said to be.
        let length = match encoded {
            Ok(IsNull::Yes) => usize::MAX,
            Ok(IsNull::No) | Err(_) => out.len() - before,
        };
        out.extend_from_slice(&length.to_be_bytes());
    }

    /// The value, as the driver takes it.
    pub(crate) fn value(&self) -> &(dyn ToSql + Sync) {
        self.value.as_ref()
    }

    /// The type to declare for it; [`Type::UNKNOWN`] leaves it to the server.
    pub(crate) fn ty(&self) -> &Type {
        &self.ty
    }
}

impl fmt::Debug for Bound {
    // The type only: a value is nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bound({})", self.ty.name())
    }
}

/// A value's place in a statement: the text does not depend on whether it is known yet.
#[derive(Clone)]
pub(crate) struct Parameter {
    ty: Type,
    value: Source,
}

#[derive(Clone)]
enum Source {
    Null(SharedValue),
    Given(SharedValue),
    Late(LateValue),
}

impl Parameter {
    pub(crate) fn new<T: SqlType>(value: T) -> Parameter {
        let null = value.is_null();
        let value: SharedValue = Arc::new(value);
        Parameter {
            ty: T::TYPE,
            value: if null {
                Source::Null(value)
            } else {
                Source::Given(value)
            },
        }
    }

    /// One array of all these values, for `= ANY($1)`.
    pub(crate) fn array<T: SqlType>(values: Vec<T>) -> Parameter {
        Parameter {
            ty: T::ARRAY_TYPE,
            value: Source::Given(Arc::new(values)),
        }
    }

    /// A value that is found when the statement runs; it is never NULL.
    pub(crate) fn late(ty: Type, value: LateValue) -> Parameter {
        Parameter {
            ty,
            value: Source::Late(value),
        }
    }

    /// The type under which it is sent.
    pub(crate) fn ty(&self) -> &Type {
        &self.ty
    }

    /// Whether it is known to be NULL.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Source::Null(_))
    }

    /// Whether it is found only when the statement runs.
    pub(crate) fn is_late(&self) -> bool {
        matches!(self.value, Source::Late(_))
    }

    /// Looks for a value that is found only when the statement runs.
    ///
    /// # Errors
    /// As [`resolve`](Parameter::resolve).
    pub(crate) fn resolve_late(&self, lookup: &dyn KeyLookup) -> Result<(), Error> {
        match &self.value {
            Source::Late(find) => find(lookup).map(drop),
            Source::Null(_) | Source::Given(_) => Ok(()),
        }
    }

    /// What equal values of one type have in common; `None` for NULL, and for a value that is
    /// found only when the statement runs.
    pub(crate) fn equality(&self) -> Option<(Type, BytesMut)> {
        let Source::Given(value) = &self.value else {
            return None;
        };
        let mut encoded = BytesMut::new();
        Bound::shared(Arc::clone(value), self.ty.clone()).identify(&mut encoded);
        Some((self.ty.clone(), encoded))
    }

    /// The same for clones of one parameter, and for them only.
    ///
    /// Clones share their placeholder, so that an expression that is grouped by and selected is
    /// one and the same to PostgreSQL, which does not look at values.
    pub(crate) fn identity(&self) -> usize {
        match &self.value {
            Source::Null(value) | Source::Given(value) => Arc::as_ptr(value).cast::<()>() as usize,
            Source::Late(find) => Arc::as_ptr(find).cast::<()>() as usize,
        }
    }

    /// The value, as it is in this session.
    ///
    /// # Errors
    /// What the value's own lookup says: a handle that is foreign, gone or has no key yet.
    pub(crate) fn resolve(&self, lookup: &dyn KeyLookup) -> Result<Bound, Error> {
        let value = match &self.value {
            Source::Null(value) | Source::Given(value) => Arc::clone(value),
            Source::Late(find) => find(lookup)?,
        };
        Ok(Bound {
            value,
            ty: self.ty.clone(),
        })
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameter({})", self.ty.name())
    }
}

impl From<Bound> for Parameter {
    fn from(bound: Bound) -> Self {
        Parameter {
            ty: bound.ty,
            value: Source::Given(bound.value),
        }
    }
}
