//! Facts from a file. Whoever wrote it may mean harm, so it is bounded in size and depth, and anything that is not facts
//! of a known schema is refused with a sentence.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use crate::facts::FACTS_SCHEMA;
use crate::{Error, Facts};

/// The largest facts file that is read, unless told otherwise: about 50,000 containers.
pub const DEFAULT_BOUND: u64 = 512 << 20;

/// Reads a facts file of at most `bound` bytes.
pub fn read(path: &Path, bound: u64) -> Result<Facts, Error> {
    let open = |source| Error::Open { path: path.to_path_buf(), source };
    let file = opened(path).map_err(open)?;
    let mut bytes = Vec::new();
    file.take(bound + 1).read_to_end(&mut bytes).map_err(open)?;
    if bytes.len() as u64 > bound {
        return Err(Error::TooLarge { path: path.to_path_buf(), bound });
    }
    parse(&bytes).map_err(|what| Error::Damaged { path: path.to_path_buf(), what })
}

/// Opens without waiting: a pipe that nobody writes to would hold us forever. One that has a writer (`<(…)` of a shell) is
/// read to its end.
fn opened(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(nonblocking).open(path)?;
    rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::empty())?;
    Ok(file)
}

/// Facts from bytes, or what is wrong with them.
pub fn parse(bytes: &[u8]) -> Result<Facts, String> {
    match serde_json::from_slice::<Facts>(bytes) {
        Ok(facts) if facts.schema == FACTS_SCHEMA => Ok(facts),
        // Only what is not plainly facts is read a second time, to say what it is.
        _ => parse_by_schema(bytes),
    }
}

/// The schema first, so that facts of another one are called that and not damaged.
fn parse_by_schema(bytes: &[u8]) -> Result<Facts, String> {
    #[derive(Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| explain(&error))?;
    match head.schema.as_deref() {
        Some(FACTS_SCHEMA) => {}
        Some(schema) if schema.starts_with("keelguard.facts/") => {
            let schema: String = schema.chars().take(40).collect();
            return Err(format!(
                "its schema is {schema}, this Keelguard reads {FACTS_SCHEMA}; use the Keelguard that wrote it, or a newer one"
            ));
        }
        _ => {
            return Err(format!(
                "it is not a facts file (its \"schema\" is not {FACTS_SCHEMA}); keelguard facts writes one"
            ));
        }
    }
    match serde_json::from_slice::<Facts>(bytes) {
        Ok(facts) => Ok(facts),
        // Facts put together by hand from `docker inspect` hold nulls, as Docker writes them.
        Err(error) if error.to_string().contains("null") => {
            let mut value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| explain(&error))?;
            crate::collect::strip_nulls(&mut value);
            serde_json::from_value(value).map_err(|error| explain(&error))
        }
        Err(error) => Err(explain(&error)),
    }
}

fn explain(error: &serde_json::Error) -> String {
    if error.is_eof() {
        format!("it ends too early (line {}); it may be cut off, so collect it anew", error.line())
    } else {
        // It quotes the file, at whatever length.
        format!("it is damaged: {}", crate::collect::read::plain(&error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        serde_json::to_vec(&crate::sample::host().container("web", |_| {}).facts()).unwrap()
    }

    #[test]
    fn what_was_written_is_what_is_read() {
        let facts = parse(&sample()).unwrap();
        assert_eq!(serde_json::to_vec(&facts).unwrap(), sample());
    }

    #[test]
    fn truncated_facts_are_named_so() {
        let bytes = sample();
        for cut in [1, bytes.len() / 2, bytes.len() - 1] {
            let message = parse(&bytes[..cut]).unwrap_err();
            assert!(message.contains("too early"), "{message}");
        }
    }

    #[test]
    fn a_newer_schema_is_named_so() {
        let message = parse(br#"{"schema":"keelguard.facts/2","host":7}"#).unwrap_err();
        assert!(message.contains("keelguard.facts/2") && message.contains("newer"), "{message}");
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let deep = "[".repeat(100_000);
        let closed = format!("{deep}{}", "]".repeat(100_000));
        let kept = format!(r#"{{"schema":"keelguard.facts/1","engine":{{"info":{{"Runtimes":{{"x":{closed}}}}}}}}}"#);
        let why = parse(kept.as_bytes()).unwrap_err();
        assert!(why.contains("recursion"), "{why}");
        let ignored = format!(r#"{{"schema":"keelguard.facts/1","x":{deep}"#);
        assert!(parse(ignored.as_bytes()).is_err());
    }

    #[test]
    fn nulls_as_docker_writes_them_are_no_error() {
        let mut value: serde_json::Value = serde_json::from_slice(&sample()).unwrap();
        value["engine"]["containers"][0]["HostConfig"]["CapAdd"] = serde_json::Value::Null;
        assert!(parse(&serde_json::to_vec(&value).unwrap()).is_ok());
    }

    #[test]
    fn something_else_is_refused() {
        for other in ["[]", "{}", "7", r#"{"schema":"other/1"}"#, "\u{1b}[2J"] {
            assert!(parse(other.as_bytes()).is_err(), "{other}");
        }
    }
}
