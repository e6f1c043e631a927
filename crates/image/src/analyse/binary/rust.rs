//! Rust programs built with `cargo auditable`: the crates they were built from, as compressed JSON in a section.
//!
//! Crates from a checkout or a git repository are named like the others: nearly always they are those of the registry.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::elf::{Elf, read};
use crate::Limits;
use crate::analyse::{AnalyseError, FoundPackage};

const SECTION: &str = ".dep-v0";
/// Bytes of the list, compressed and as JSON. That of a program with a thousand crates is about 200 KiB.
const MAX_LIST: u64 = 8 << 20;

#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    kind: Option<String>,
}

/// Crates of a Rust program; empty where it carries no list. What only ran during the build is not in the program.
pub(super) fn packages(elf: &Elf<'_>, limits: &Limits) -> Result<Vec<FoundPackage>, AnalyseError> {
    let Some(section) = elf.section(SECTION) else { return Ok(Vec::new()) };
    let compressed = read(elf.content, section.offset, section.size.min(MAX_LIST))?;
    let mut json = Vec::new();
    ZlibDecoder::new(compressed.as_slice())
        .take(MAX_LIST + 1)
        .read_to_end(&mut json)
        .map_err(|error| AnalyseError::malformed(format!("its list of crates does not unpack: {error}")))?;
    if json.len() as u64 > MAX_LIST {
        return Err(AnalyseError::malformed(format!("its list of crates is larger than {MAX_LIST} bytes")));
    }
    let list: List = serde_json::from_slice(&json).map_err(|error| {
        AnalyseError::malformed(format!("its list of crates is not in cargo auditable's form: {error}"))
    })?;
    Ok(list
        .packages
        .into_iter()
        .filter(|package| package.kind.as_deref().is_none_or(|kind| kind == "runtime"))
        .take(limits.max_packages)
        .map(|package| FoundPackage::new(PackageKind::Cargo, package.name, package.version))
        .collect())
}
