//! VEX: what somebody says of a vulnerability in a product. OpenVEX, CSAF 2.0 and the analyses of CycloneDX become the same
//! statements ([`read`]); [`apply`] puts them on rows. A statement holds for the product that it names and for no other:
//! what does not fit exactly silences nothing.
//!
//! | file | responsible for |
//! |---|---|
//! | `openvex`, `csaf`, `cyclonedx` | each format's own words |
//! | `product` | which products, packages and systems a name stands for |
//! | `apply` | the statement that holds for a row: of several, the latest |

mod apply;
mod csaf;
mod cyclonedx;
mod openvex;
mod product;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use self::apply::apply;
pub use self::product::{Identifier, Product};
use crate::AdvisoryError;

/// The largest document that is read, bytes. The largest that vendors publish have some 30 MB.
pub const LARGEST: usize = 64 << 20;

/// Objects of one document.
const MOST_OBJECTS: usize = 4_000_000;

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing has to be done: the vulnerability cannot be used there.
    NotAffected,
    /// Something has to be done.
    Affected,
    /// Something was done.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
}

impl Status {
    /// In the words of OpenVEX, which are those of our JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
        }
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The vulnerability's names.
    pub ids: Vec<String>,
    /// What is said of it.
    pub status: Status,
    /// Why, or what to do.
    pub reason: Option<String>,
    /// Of which products.
    pub products: Vec<Product>,
    /// When it was said.
    pub time: Option<Timestamp>,
    /// Who says so.
    pub source: String,
}

/// The statements of a document called `what`.
///
/// # Errors
/// [`AdvisoryError::Garbage`] where it is no VEX document or a broken one, [`AdvisoryError::TooLarge`] for a bound.
pub fn read(bytes: &[u8], what: &str) -> Result<Vec<Statement>, AdvisoryError> {
    let too_large = |bound: &str| AdvisoryError::TooLarge { what: what.to_owned(), bound: bound.to_owned() };
    if bytes.len() > LARGEST {
        return Err(too_large("64 MiB"));
    }
    // Cheap, and before anything is built up in memory.
    if bytes.split(|byte| *byte == b'{').nth(MOST_OBJECTS).is_some() {
        return Err(too_large("four million objects"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = parse(bytes, what)?;
    if head.context.as_ref().is_some_and(Context::is_openvex) {
        return openvex::statements(&parse(bytes, what)?, what);
    }
    if head.document.is_some() {
        return csaf::statements(parse(bytes, what)?, what);
    }
    if head.bom_format.as_deref() == Some("CycloneDX") {
        return cyclonedx::statements(&parse(bytes, what)?, what);
    }
    Err(AdvisoryError::garbage(what, "it is JSON, but no VEX document: neither OpenVEX nor CSAF nor CycloneDX"))
}

fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8], what: &str) -> Result<T, AdvisoryError> {
    serde_json::from_slice(bytes).map_err(|error| AdvisoryError::garbage(what, error))
}

/// By what the formats are told apart.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "@context")]
    context: Option<Context>,
    document: Option<IgnoredAny>,
    #[serde(rename = "bomFormat")]
    bom_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Context {
    One(String),
    Many(Vec<String>),
    Other(IgnoredAny),
}

impl Context {
    fn is_openvex(&self) -> bool {
        let is = |text: &String| text.starts_with("https://openvex.dev/ns");
        match self {
            Self::One(text) => is(text),
            Self::Many(texts) => texts.iter().any(is),
            Self::Other(_) => false,
        }
    }
}

/// A point in time; what is none counts as not said.
fn time(texts: &[Option<&str>]) -> Option<Timestamp> {
    texts.iter().flatten().find_map(|text| text.parse().ok())
}

/// The first text that is not empty.
fn first(texts: &[Option<&str>]) -> Option<String> {
    texts.iter().flatten().map(|text| text.trim()).find(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
