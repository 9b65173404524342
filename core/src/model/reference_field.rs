//! Reference fields: how an `Fk` or an `Option` of one is sent, read and set.
//!
//! The derive makes one constant a field, and its other code only names that constant.
//! Most of it stands behind `dyn ReferenceAccess`, which has no bounds: so a parent that is no
//! model is not a message for every method that is called.
//! It must not resolve handles itself: the session's lookup does.

use std::any::Any;
use std::marker::PhantomData;

use bytes::BytesMut;
use postgres_types::{IsNull, Type};

use super::{
    EncodeResult, FieldKind, FieldSpec, Fk, ForeignKeySpec, Generated, KeyColumn, KeyLookup, Model,
    OnDelete, RawHandle, Reference, Row,
};
use crate::error::{Error, ErrorKind};

/// `Fk<P>` or `Option<Fk<P>>`.
pub trait Referring: Clone + PartialEq {
    /// The model referred to.
    type Parent: Model;

    /// Whether the reference may be absent.
    const NULLABLE: bool;

    /// The reference, unless it is absent.
    fn fk(&self) -> Option<&Fk<Self::Parent>>;

    /// A field that holds this reference.
    fn holding(fk: Fk<Self::Parent>) -> Self;

    /// An absent reference, or an unset one when it must not be absent.
    fn empty() -> Self;
}

impl<P: Model> Referring for Fk<P> {
    type Parent = P;
    const NULLABLE: bool = false;

    fn fk(&self) -> Option<&Fk<P>> {
        Some(self)
    }

    fn holding(fk: Fk<P>) -> Self {
        fk
    }

    fn empty() -> Self {
        Fk::default()
    }
}

impl<P: Model> Referring for Option<Fk<P>> {
    type Parent = P;
    const NULLABLE: bool = true;

    fn fk(&self) -> Option<&Fk<P>> {
        self.as_ref()
    }

    fn holding(fk: Fk<P>) -> Self {
        Some(fk)
    }

    fn empty() -> Self {
        None
    }
}

type KeyOf<F> = <<F as Referring>::Parent as Model>::Key;

/// What the derive's code does with a field of type `F`, which is a reference.
pub trait ReferenceAccess<F> {
    /// What the table's description says about it, with nothing that attributes add.
    fn spec(&self) -> FieldSpec;

    /// The same, where the database does something when the parent is deleted.
    fn spec_on_delete(&self, on_delete: OnDelete) -> FieldSpec;

    /// The same, where the session deletes the row when the parent is deleted.
    fn spec_cascade_client(&self) -> FieldSpec;

    /// Sends one column of the parent's key.
    ///
    /// # Errors
    /// When the reference is unset, its handle is no good or its object has no key yet, and when
    /// the key does not fit the server's type.
    fn encode(
        &self,
        field: &F,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
        keys: &dyn KeyLookup,
    ) -> EncodeResult;

    /// Reads the reference whose columns begin at `at`, and moves on.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) naming model and field, also for a NULL where the
    /// reference is required.
    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<F, Error>;

    /// Whether both hold equal keys or the same handle.
    fn same(&self, a: &F, b: &F) -> bool;

    /// Whether the reference holds nothing.
    fn is_empty(&self, field: &F) -> bool;

    /// What the reference holds; `None` when it is absent.
    fn get<'a>(&self, field: &'a F) -> Option<Reference<'a, dyn Any>>;

    /// Makes it hold this key.
    ///
    /// # Panics
    /// When the key is not of the type of the parent's.
    fn set_key(&self, field: &mut F, key: &dyn Any);

    /// Makes it hold this handle.
    fn set_handle(&self, field: &mut F, handle: RawHandle);

    /// Makes it absent, or unset when it is required.
    fn clear(&self, field: &mut F);
}

/// A field of type `F`, which is a reference.
#[derive(Debug)]
pub struct ReferenceField<F> {
    model: &'static str,
    name: &'static str,
    field: PhantomData<fn() -> F>,
}

/// A field that is a reference.
pub const fn reference<F: Referring>(model: &'static str, name: &'static str) -> ReferenceField<F> {
    ReferenceField {
        model,
        name,
        field: PhantomData,
    }
}

impl<F: Referring> ReferenceAccess<F> for ReferenceField<F> {
    fn spec(&self) -> FieldSpec {
        self.spec_on_delete(OnDelete::Restrict)
    }

    fn spec_on_delete(&self, on_delete: OnDelete) -> FieldSpec {
        self.spec_of(ForeignKeySpec::to::<F::Parent>(on_delete, false))
    }

    fn spec_cascade_client(&self) -> FieldSpec {
        self.spec_of(ForeignKeySpec::to::<F::Parent>(OnDelete::Cascade, true))
    }

    fn encode(
        &self,
        field: &F,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
        keys: &dyn KeyLookup,
    ) -> EncodeResult {
        let Some(fk) = field.fk() else {
            return Ok(IsNull::Yes);
        };
        match fk.reference() {
            Reference::Key(key) => self.encode_key(key, part, ty, out),
            Reference::Handle(handle) => {
                let key = self.key_behind(handle, keys)?;
                self.encode_key(key, part, ty, out)
            }
            Reference::Unset => Err(format!("{} is unset", self.place()).into()),
        }
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<F, Error> {
        match self.read_key(row, at)? {
            Some(key) => Ok(F::holding(Fk::to(key))),
            None if F::NULLABLE => Ok(F::empty()),
            None => Err(Error::new(ErrorKind::Conversion {
                place: self.place(),
            })
            .with_source("the column is NULL and the field is not an Option")),
        }
    }

    fn same(&self, a: &F, b: &F) -> bool {
        a == b
    }

    fn is_empty(&self, field: &F) -> bool {
        field.fk().is_none_or(Fk::is_unset)
    }

    fn get<'a>(&self, field: &'a F) -> Option<Reference<'a, dyn Any>> {
        Some(match field.fk()?.reference() {
            Reference::Unset => Reference::Unset,
            Reference::Key(key) => Reference::Key(key),
            Reference::Handle(handle) => Reference::Handle(handle),
        })
    }

    fn set_key(&self, field: &mut F, key: &dyn Any) {
        let key: &KeyOf<F> = key
            .downcast_ref()
            .expect("a reference is given keys of the model it names");
        *field = F::holding(Fk::to(key.clone()));
    }

    fn set_handle(&self, field: &mut F, handle: RawHandle) {
        *field = F::holding(Fk::from_raw(handle));
    }

    fn clear(&self, field: &mut F) {
        *field = F::empty();
    }
}

/// The reference as part of a key.
impl<F: Referring> ReferenceField<F> {
    /// Its columns.
    pub fn key_columns(&self, rename: Option<&str>) -> Vec<KeyColumn> {
        KeyColumn::of_reference::<F::Parent>(self.name, rename)
    }

    /// The key it holds.
    pub fn key(&self, field: &F) -> Option<KeyOf<F>> {
        field.fk()?.key().cloned()
    }

    /// Whether column `part` of a key is this field's; it is counted down to the next field's
    /// columns when it is not.
    #[inline]
    pub fn takes(&self, part: &mut usize) -> bool {
        let taken = *part < F::Parent::KEY_COLUMNS;
        if !taken {
            *part -= F::Parent::KEY_COLUMNS;
        }
        taken
    }

    /// Sends one column of the parent's key.
    ///
    /// # Errors
    /// When it does not fit the server's type.
    #[inline]
    pub fn encode_key(
        &self,
        key: &KeyOf<F>,
        part: usize,
        ty: &Type,
        out: &mut BytesMut,
    ) -> EncodeResult {
        F::Parent::encode_key(key, part, ty, out)
    }

    /// Reads the parent's key whose columns begin at `at`, and moves on; `None` for NULL.
    ///
    /// # Errors
    /// [`Conversion`](ErrorKind::Conversion) naming the parent's field, while reading this one.
    pub fn read_key(&self, row: &Row<'_>, at: &mut usize) -> Result<Option<KeyOf<F>>, Error> {
        let key = F::Parent::decode_key(row, *at)
            .map_err(|e| e.while_doing(format!("reading {}", self.place())))?;
        *at += F::Parent::KEY_COLUMNS;
        Ok(key)
    }

    fn key_behind<'a>(
        &self,
        handle: RawHandle,
        keys: &'a dyn KeyLookup,
    ) -> Result<&'a KeyOf<F>, String> {
        let problem = match keys.key_of(handle) {
            Ok(Some(key)) => match key.downcast_ref() {
                Some(key) => return Ok(key),
                None => "holds the handle of another model".to_owned(),
            },
            Ok(None) => "refers to an object that has no key yet".to_owned(),
            Err(problem) => format!("holds a {problem} handle"),
        };
        Err(format!("{} {problem}", self.place()))
    }

    fn spec_of(&self, foreign_key: ForeignKeySpec) -> FieldSpec {
        FieldSpec {
            name: self.name,
            rename: None,
            kind: FieldKind::Reference(foreign_key),
            nullable: F::NULLABLE,
            key: false,
            version: false,
            generated: Generated::Never,
            default: None,
            unique: false,
            deferrable: false,
            orphan: false,
            index: false,
            check: None,
        }
    }

    fn place(&self) -> String {
        format!("{}.{}", self.model, self.name)
    }
}
