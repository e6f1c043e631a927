//! The outermost level: one object, several of them one behind another, or lists of them. Values stay as they are, unread.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Objects that are read of one input.
const MAX_OBJECTS: usize = 1_000_000;

/// An object, not looked into any further.
#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    pub(super) entries: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Object<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str::<Option<String>>(self.get(key)?.get()).ok().flatten()
    }
}

/// All objects of a text.
pub(super) fn objects(text: &str) -> Result<Vec<Object<'_>>, String> {
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Top<'_>>() {
        match value {
            Ok(top) => top.flatten(&mut found),
            Err(error) if error.is_eof() => {
                return Err(format!("it ends in the middle of something (line {}): a part is missing", error.line()));
            }
            Err(error) => return Err(format!("it is no JSON: {error}")),
        }
        if found.len() > MAX_OBJECTS {
            return Err(format!("there are more than {MAX_OBJECTS} objects in it"));
        }
    }
    Ok(found)
}

enum Top<'a> {
    Object(Object<'a>),
    List(Vec<Top<'a>>),
    Other,
}

impl<'a> Top<'a> {
    fn flatten(self, into: &mut Vec<Object<'a>>) {
        match self {
            Self::Object(object) => into.push(object),
            Self::List(list) => list.into_iter().for_each(|top| top.flatten(into)),
            Self::Other => {}
        }
    }
}

impl<'de> Deserialize<'de> for Top<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TopVisitor)
    }
}

/// A key, borrowed where nothing in it is escaped.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a key")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(KeyVisitor)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<'de>, A::Error> {
        let mut object = Object::default();
        while let Some(Key(key)) = map.next_key()? {
            // Kept only where it is of use: a hostile object may have a million keys.
            if object.entries.len() < 10_000 {
                object.entries.push((key, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Top::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Top<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Top::List(list))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Top<'de>, E> {
        Ok(Top::Other)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Top<'de>, E> {
        Ok(Top::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Top<'de>, E> {
        Ok(Top::Other)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Top<'de>, E> {
        Ok(Top::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Top<'de>, E> {
        Ok(Top::Other)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Top<'de>, E> {
        Ok(Top::Other)
    }
}
