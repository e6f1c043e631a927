//! What is in an image, in the documents of the trade: software bills of materials and VEX. Each is a pure function of the
//! view; two runs over the same image differ in the time and in what is made from it, and in nothing else.

pub(crate) mod cyclonedx;
pub(crate) mod openvex;
pub(crate) mod spdx;

use std::io::{self, Write};

use jiff::Timestamp;
use keelguard_model::image::Target;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Error, ImageView};

/// The name under which we stand in documents.
const TOOL: &str = "keelguard";

pub(crate) fn write(document: &Value, out: &mut dyn Write) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, document).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// The name of what was looked at.
fn name(target: &Target) -> &str {
    target.reference.as_deref().unwrap_or(&target.input)
}

/// Whether it is an image, or was one when the document that was read was made.
fn is_image(target: &Target) -> bool {
    !target.layers.is_empty() || target.digest.is_some() || target.reference.is_some()
}

/// Whole seconds: SPDX knows no others.
fn time(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Names this document and no other, as 8-4-4-4-12 hexadecimal digits (RFC 9562, version 8): made from what is in it and
/// when it was made.
fn uuid(view: &ImageView<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(view.now.as_nanosecond().to_le_bytes());
    hash.update(std::process::id().to_le_bytes());
    // A report that cannot be written as JSON cannot be: it has no maps with odd keys.
    hash.update(serde_json::to_vec(view.report).unwrap_or_default());
    let mut bytes: Vec<u8> = hash.finalize().into_iter().take(16).collect();
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x80;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Properties and notes of this name say what could not be read: it is not in the document, and whoever reads that learns it.
const INCOMPLETE: &str = "incomplete";
/// What was there but not looked up: another run with other advisories may know it.
const NOT_LOOKED_UP: &str = "not_looked_up";

/// What was not looked at, in sentences: a document that leaves it out would say more than is known.
fn gaps(view: &ImageView<'_>) -> Vec<(&'static str, String)> {
    let name = |gap| if view.missing.contains(gap) { NOT_LOOKED_UP } else { INCOMPLETE };
    view.report.incomplete.iter().map(|gap| (name(gap), format!("{}: {}", gap.what, gap.why))).collect()
}

/// A score with its one or few digits, not those that a 32-bit number has in 64.
fn number(score: f32) -> Value {
    score.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}
