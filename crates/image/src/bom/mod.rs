//! Software bills of materials: what somebody else says is in an image. CycloneDX 1.2 to 1.7 and SPDX 2.2 and 2.3, both as
//! JSON; Keelguard's own, Trivy's and Syft's are read with all that they write beside the formats' own fields.
//!
//! A document is read once and piece by piece. It may be broken or made to mislead: what it names and nobody can look up is
//! counted as incomplete, and a document that is neither format is an error.

mod collect;
mod cyclonedx;
mod entry;
mod spdx;
mod system;
mod walk;

use std::io::Read;

use serde::de::{DeserializeSeed as _, MapAccess};

use self::collect::Collector;
use self::walk::{Each, Fill, Object, skip, text};
use crate::source::SourceError;
use crate::{Examined, Limits};

/// The largest document that is read, bytes. A hundred thousand packages with all that Syft says of each fit.
pub const LARGEST: u64 = 256 << 20;

/// Whether a file that begins like this is JSON: an object, and none of the zero bytes that a tar begins with.
pub(crate) fn begins_like_json(first: &[u8]) -> bool {
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') && !text.contains(&0)
}

/// Reads the document called `what`.
pub(crate) fn read(source: impl Read, what: &str, limits: &Limits) -> Result<Examined, SourceError> {
    let most = LARGEST.min(limits.max_text);
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes).map_err(SourceError::read(what))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(SourceError::malformed(what, format!("it has more than {most} bytes")));
    }
    parse(&bytes, what, limits)
}

/// Understands a document.
///
/// # Errors
/// [`SourceError::Malformed`] where it is no JSON, or neither CycloneDX nor SPDX in a version that is read.
pub fn parse(bytes: &[u8], what: &str, limits: &Limits) -> Result<Examined, SourceError> {
    let broken =
        |error: serde_json::Error| SourceError::malformed(what, format!("it cannot be read as JSON ({error})"));
    let mut document = Document { head: Head::default(), collector: Collector::new(limits.max_packages) };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    Fill(&mut document).deserialize(&mut deserializer).map_err(broken)?;
    deserializer.end().map_err(broken)?;
    document.head.check().map_err(|why| SourceError::malformed(what, why))?;
    Ok(document.collector.finish(what))
}

/// What a document says of its format.
#[derive(Debug, Default)]
struct Head {
    bom_format: String,
    spec_version: String,
    spdx_version: String,
    has_graph: bool,
}

impl Head {
    /// Whether it is read; if not, why.
    fn check(&self) -> Result<(), String> {
        let minor = |version: &str, major: &str| version.strip_prefix(major).and_then(|rest| rest.parse::<u32>().ok());
        if self.bom_format == "CycloneDX" {
            return match minor(&self.spec_version, "1.") {
                Some(2..=7) => Ok(()),
                _ => Err(format!("it is CycloneDX {:?}; versions 1.2 to 1.7 are read", self.spec_version)),
            };
        }
        if !self.spdx_version.is_empty() {
            return match minor(&self.spdx_version, "SPDX-2.") {
                Some(2..=3) => Ok(()),
                _ => Err(format!("it is {:?}; SPDX-2.2 and SPDX-2.3 are read", self.spdx_version)),
            };
        }
        if self.has_graph {
            return Err("it is SPDX 3 or other linked data; SPDX 2.2 and 2.3 are read".into());
        }
        Err("it is JSON, but no software bill of materials: neither CycloneDX nor SPDX".into())
    }
}

struct Document {
    head: Head,
    collector: Collector,
}

impl Object for Document {
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let collector = &mut self.collector;
        match key {
            "bomFormat" => self.head.bom_format = text(map)?,
            "specVersion" => self.head.spec_version = text(map)?,
            "spdxVersion" => self.head.spdx_version = text(map)?,
            "@graph" => {
                self.head.has_graph = true;
                skip(map)?;
            }
            "components" => map.next_value_seed(Each::<_, cyclonedx::Component<'_>>::into(collector))?,
            "metadata" => map.next_value_seed(Fill(&mut cyclonedx::Metadata(collector)))?,
            "compositions" => map.next_value_seed(Each::<_, cyclonedx::Composition>::into(collector))?,
            "packages" => map.next_value_seed(Each::<_, spdx::Package>::into(collector))?,
            "relationships" => map.next_value_seed(Each::<_, spdx::Relationship>::into(collector))?,
            "documentDescribes" => map.next_value_seed(Each::<_, spdx::Described>::into(collector))?,
            "annotations" => map.next_value_seed(Each::<_, spdx::DocumentAnnotation>::into(collector))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
