//! Which attributes of a file are different, in words: before and after.

use serde::Serialize;

use super::words;
use crate::data::tree::{Content, Kind, Record};

/// One attribute that became different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Difference {
    /// `content`, `size`, `mode`, `owner`, `group`, `kind`, `target`, `links`, `device`, `flags`, `modified`, or the name of an
    /// extended attribute.
    pub what: String,
    /// As the baseline has it; empty where there was none.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// Everything that is different. The kernel's stamp alone is nothing; nor is the time of a folder, which changes with what is put
/// into it and taken out, and is told by that.
pub fn differences(before: &Record, after: &Record) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut tell = |what: &str, before: String, after: String| {
        if before != after {
            found.push(Difference { what: what.to_owned(), before, after });
        }
    };
    tell("kind", before.kind.words().to_owned(), after.kind.words().to_owned());
    if before.kind != after.kind {
        return found;
    }
    match (&before.content, &after.content) {
        (Content::Digest(was), Content::Digest(is)) => tell("content", words::digest(was), words::digest(is)),
        (Content::Target(was), Content::Target(is)) => tell("target", words::shown(was), words::shown(is)),
        _ => {}
    }
    if after.kind == Kind::File {
        tell("size", before.size.to_string(), after.size.to_string());
    }
    tell("mode", words::mode(before.mode), words::mode(after.mode));
    tell("owner", before.uid.to_string(), after.uid.to_string());
    tell("group", before.gid.to_string(), after.gid.to_string());
    tell("links", before.links.to_string(), after.links.to_string());
    let device = |record: &Record| format!("{}:{}", record.device.0, record.device.1);
    tell("device", device(before), device(after));
    let flags = |record: &Record| record.flags.map(words::flags).unwrap_or_default();
    if before.flags.is_some() && after.flags.is_some() {
        tell("flags", flags(before), flags(after));
    }
    for attribute in &before.attributes {
        let now = after.attributes.iter().find(|now| now.name == attribute.name);
        let now = now.map(|now| words::attribute(&now.name, &now.value)).unwrap_or_default();
        tell(&words::shown(&attribute.name), words::attribute(&attribute.name, &attribute.value), now);
    }
    for attribute in &after.attributes {
        if !before.attributes.iter().any(|was| was.name == attribute.name) {
            let now = words::attribute(&attribute.name, &attribute.value);
            tell(&words::shown(&attribute.name), String::new(), now);
        }
    }
    if after.kind != Kind::Folder && after.kind != Kind::Mount {
        tell("modified", words::time(before.modified), words::time(after.modified));
    }
    found
}
