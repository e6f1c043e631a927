//! Texts, one a line: plain, or JSON with `text` and, where known, `time` and `user`.

use serde::Deserialize;

use super::Said;

/// A line as JSON.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
    #[serde(default)]
    time: Option<serde_json::Value>,
    #[serde(default)]
    user: Option<serde_json::Value>,
}

/// The text of a line and what is said of it; an error where it claims to be JSON and is not, or has no text.
pub(super) fn line(line: &[u8]) -> Result<(Vec<u8>, Said), String> {
    if line.first() != Some(&b'{') {
        return Ok((line.to_vec(), Said::default()));
    }
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let said = Said { time: line.time.and_then(shown), user: line.user.and_then(shown) };
    Ok((line.text.into_owned().into_bytes(), said))
}

/// A time or a user may be a text or a number.
fn shown(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.chars().take(200).collect()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
