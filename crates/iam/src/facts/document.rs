//! A policy document: its text, and what it says. Equal texts share both.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::Policy;

/// A policy document.
#[derive(Clone)]
pub struct Document {
    text: Arc<str>,
    /// None: not looked at yet, or it cannot be read, which is then among what is `incomplete`.
    policy: Option<Arc<Policy>>,
}

impl Document {
    /// The document of this text: JSON, or JSON encoded as in a URL.
    pub fn new(text: &str) -> Self {
        Self { text: decoded(text).into(), policy: None }
    }

    /// Its text, which is JSON where it is a policy at all.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says; none where it cannot be read.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_deref()
    }

    /// Another handle to what it says.
    pub fn shared(&self) -> Option<Arc<Policy>> {
        self.policy.clone()
    }

    pub(super) fn key(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    pub(super) fn settle(&mut self, text: Arc<str>, policy: Option<Arc<Policy>>) {
        self.text = text;
        self.policy = policy;
    }
}

/// Documents show themselves by their text.
impl fmt::Debug for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Document({})", self.text)
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// IAM's own answers have documents encoded as in a URL; the CLI and the libraries decode them.
fn decoded(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let encoded = !trimmed.starts_with(['{', '[']) && trimmed.contains('%');
    match percent_decode_str(trimmed).decode_utf8() {
        Ok(plain) if encoded => plain,
        _ => Cow::Borrowed(trimmed),
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        if raw.starts_with('"') {
            let text: Cow<'_, str> = serde_json::from_str(raw).map_err(serde::de::Error::custom)?;
            return Ok(Self::new(&text));
        }
        Ok(Self { text: raw.into(), policy: None })
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(&self.text) {
            Ok(raw) => raw.serialize(to),
            // What is no JSON is kept as it was, so that whoever reads it again finds the same fault.
            Err(_) => to.serialize_str(&self.text),
        }
    }
}

impl JsonSchema for Document {
    fn schema_name() -> Cow<'static, str> {
        "Document".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A policy document: as an object, or as text, encoded as in a URL or not.",
            "type": ["object", "string"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_the_same_as_object_as_text_and_encoded() {
        let policy = r#"{"Statement": [{"Sid": "a+b %41"}]}"#;
        let as_text = serde_json::to_string(policy).unwrap();
        let encoded = r#""%7B%22Statement%22%3A%20%5B%7B%22Sid%22%3A%20%22a%2Bb%20%2541%22%7D%5D%7D""#;
        for form in [policy, &as_text, encoded] {
            assert_eq!(serde_json::from_str::<Document>(form).unwrap().text(), policy, "{form}");
        }
    }

    #[test]
    fn what_is_no_json_is_written_as_it_was_read() {
        let document: Document = serde_json::from_str(r#""not {a policy""#).unwrap();
        assert_eq!(serde_json::to_string(&document).unwrap(), r#""not {a policy""#);
    }
}
