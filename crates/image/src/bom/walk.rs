//! Reads JSON piece by piece into what keeps it, so that what a document repeats a million times is never in memory at
//! once. A list that is `null` is an empty one: some programs write it so.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What takes the fields of a JSON object.
pub(super) trait Object {
    /// Takes the value of `key` from `map`; what it does not want it passes to [`skip`].
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// What takes the elements of a JSON array.
pub(super) trait Element<C> {
    /// Reads one element into `context`.
    fn read<'de, D: Deserializer<'de>>(context: &mut C, deserializer: D) -> Result<(), D::Error>;
}

/// Passes over a value.
pub(super) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// A text, or nothing where it is `null`.
pub(super) fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<String, A::Error> {
    Ok(map.next_value::<Option<String>>()?.unwrap_or_default())
}

/// Fills an [`Object`].
pub(super) struct Fill<'c, O>(pub(super) &'c mut O);

impl<'de, O: Object> DeserializeSeed<'de> for Fill<'_, O> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, O: Object> Visitor<'de> for Fill<'_, O> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.field(&key, &mut map)?;
        }
        Ok(())
    }
}

/// Reads every element of an array as a `T` into a context.
pub(super) struct Each<'c, C, T>(&'c mut C, PhantomData<T>);

impl<'c, C, T> Each<'c, C, T> {
    pub(super) fn into(context: &'c mut C) -> Self {
        Self(context, PhantomData)
    }
}

impl<'de, C, T: Element<C>> DeserializeSeed<'de> for Each<'_, C, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, C, T: Element<C>> Visitor<'de> for Each<'_, C, T> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(One::<C, T>(&mut *self.0, PhantomData))?.is_some() {}
        Ok(())
    }
}

struct One<'c, C, T>(&'c mut C, PhantomData<T>);

impl<'de, C, T: Element<C>> DeserializeSeed<'de> for One<'_, C, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::read(self.0, deserializer)
    }
}

/// Reads one value in the ordinary way.
pub(super) fn value<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}
