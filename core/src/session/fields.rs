//! A serializer that puts the fields of a struct into a map that is being written.
//!
//! Views write objects through it, and put other fields in the place of some.
//! It must not change what a field writes, nor take anything that has no fields.

use std::fmt::Display;

use serde::ser::{Error as _, Impossible, SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

/// Writes something else in the place of some fields.
pub(super) trait Replace {
    /// Writes what stands for this field, if anything does.
    fn replace<S: SerializeMap>(&mut self, field: &str, out: &mut S) -> Result<bool, S::Error>;
}

/// Takes the fields of one struct.
pub(super) struct Fields<'a, S, R> {
    out: &'a mut S,
    replace: &'a mut R,
    /// The key of an entry whose value is to come; absent where the entry was replaced.
    key: Option<String>,
}

impl<'a, S, R> Fields<'a, S, R> {
    pub(super) fn new(out: &'a mut S, replace: &'a mut R) -> Self {
        let key = None;
        Fields { out, replace, key }
    }
}

impl<S: SerializeMap, R: Replace> Fields<'_, S, R> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), S::Error> {
        match self.replace.replace(name, self.out)? {
            true => Ok(()),
            false => self.out.serialize_entry(name, value),
        }
    }
}

impl<S: SerializeMap, R: Replace> SerializeStruct for Fields<'_, S, R> {
    type Ok = ();
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), S::Error> {
        Ok(())
    }
}

/// A struct with flattened fields serializes as a map.
impl<S: SerializeMap, R: Replace> SerializeMap for Fields<'_, S, R> {
    type Ok = ();
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.key = Some(key.serialize(Name::<S::Error>::new())?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let key = self.key.take();
        let key = key.ok_or_else(|| S::Error::custom("a value without a key"))?;
        self.field(&key, value)
    }

    fn end(self) -> Result<(), S::Error> {
        Ok(())
    }
}

fn refused<E: serde::ser::Error>(what: impl Display) -> E {
    E::custom(format_args!(
        "a model in a view must serialize as a struct or a map, not as {what}"
    ))
}

/// Methods that refuse what has no fields.
macro_rules! refuse {
    ($ok:ty, $error:ty; $($method:ident($($ty:ty),*) $what:literal;)+) => {
        $(
            fn $method(self $(, _: $ty)*) -> Result<$ok, $error> {
                Err(refused($what))
            }
        )+
    };
}

/// What both serializers here refuse.
macro_rules! refuse_all {
    ($ok:ty, $error:ty) => {
        type SerializeSeq = Impossible<$ok, $error>;
        type SerializeTuple = Impossible<$ok, $error>;
        type SerializeTupleStruct = Impossible<$ok, $error>;
        type SerializeTupleVariant = Impossible<$ok, $error>;
        type SerializeStructVariant = Impossible<$ok, $error>;

        refuse!($ok, $error;
            serialize_bool(bool) "a boolean";
            serialize_i8(i8) "a number";
            serialize_i16(i16) "a number";
            serialize_i32(i32) "a number";
            serialize_i64(i64) "a number";
            serialize_u8(u8) "a number";
            serialize_u16(u16) "a number";
            serialize_u32(u32) "a number";
            serialize_u64(u64) "a number";
            serialize_f32(f32) "a number";
            serialize_f64(f64) "a number";
            serialize_char(char) "a character";
            serialize_bytes(&[u8]) "bytes";
            serialize_none() "nothing";
            serialize_unit() "nothing";
            serialize_unit_struct(&'static str) "nothing";
        );

        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<$ok, $error> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            value: &T,
        ) -> Result<$ok, $error> {
            value.serialize(self)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<$ok, $error> {
            Err(refused("an enum"))
        }

        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, $error> {
            Err(refused("a list"))
        }

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, $error> {
            Err(refused("a tuple"))
        }

        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct, $error> {
            Err(refused("a tuple"))
        }

        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, $error> {
            Err(refused("an enum"))
        }

        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, $error> {
            Err(refused("an enum"))
        }
    };
}

impl<S: SerializeMap, R: Replace> Serializer for Fields<'_, S, R> {
    type Ok = ();
    type Error = S::Error;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    refuse_all!((), S::Error);

    fn serialize_str(self, _: &str) -> Result<(), S::Error> {
        Err(refused("text"))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), S::Error> {
        Err(refused("an enum"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, S::Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, S::Error> {
        Ok(self)
    }
}

/// Takes the key of a map, which must be text.
struct Name<E>(std::marker::PhantomData<E>);

impl<E> Name<E> {
    fn new() -> Self {
        Name(std::marker::PhantomData)
    }
}

impl<E: serde::ser::Error> Serializer for Name<E> {
    type Ok = String;
    type Error = E;
    type SerializeMap = Impossible<String, E>;
    type SerializeStruct = Impossible<String, E>;
    refuse_all!(String, E);

    fn serialize_str(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<String, E> {
        Ok(name.to_owned())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, E> {
        Err(refused("a map with keys that are no text"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, E> {
        Err(refused("a map with keys that are no text"))
    }
}
