//! Build information of Go programs, which every linker since Go 1.13 writes: the version of the standard library, the
//! main module and the modules it was built from. Survives stripping, even of the section headers.
//!
//! A module that a `replace` points to another module is that other module. One that is replaced by a folder has no
//! version of its own and is left out: its old version says nothing about the code that is there.

use std::collections::BTreeSet;
use std::io;
use std::sync::LazyLock;

use keelguard_model::image::PackageKind;
use memchr::memmem;
use regex::bytes::Regex;

use super::elf::{Elf, read};
use super::go_modules::{Module, Modules};
use super::scan;
use crate::Limits;
use crate::analyse::{AnalyseError, FoundPackage};

/// Where the information begins.
const MAGIC: &[u8] = b"\xff Go buildinf:";
/// It lies at a multiple of this.
const ALIGNMENT: u64 = 16;
/// Bytes of the frame: the magic, the size of a pointer, flags, and two pointers in the old form.
const FRAME: u64 = 32;
/// Flag of the frame: pointers in big-endian order. Only the old form has pointers.
const BIG_ENDIAN: u8 = 1;
/// Flag of the frame: version and modules follow it in line (Go 1.18 and later).
const IN_LINE: u8 = 2;
/// Bytes of data that are searched at most where the section headers are missing. The linker puts it first.
const SEARCHED: u64 = 16 << 20;
const WINDOW: u64 = 256 << 10;
/// Longest version of the standard library.
const MAX_VERSION: u64 = 512;
/// Largest list of modules: those of Kubernetes are about 20 KiB.
const MAX_MODULES: u64 = 8 << 20;

/// Packages of a Go program; empty where it is none.
pub(super) fn packages(elf: &Elf<'_>, limits: &Limits) -> Result<Vec<FoundPackage>, AnalyseError> {
    let Some((version, modules)) = build_info(elf)? else { return Ok(Vec::new()) };
    let mut packages = Vec::new();
    if let Some(version) = standard_library(&version) {
        packages.push(FoundPackage::new(PackageKind::Golang, "stdlib", version));
    }
    let modules = Modules::parse(&modules, limits.max_packages);
    packages.extend(modules.main(|| set_by_linker(elf))?);
    packages.extend(modules.dependencies.into_iter().filter_map(Module::package));
    Ok(packages)
}

/// The one version that a linker's `-X` set: it ends such a string with a zero byte, which Go's own have not. None where
/// there are several: nobody knows which is the program's.
fn set_by_linker(elf: &Elf<'_>) -> io::Result<Option<String>> {
    static VERSION: LazyLock<Option<Regex>> =
        LazyLock::new(|| scan::text(r"\x00(v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]{1,40})?)\x00"));
    let Some(regex) = VERSION.as_ref() else { return Ok(None) };
    let mut found = BTreeSet::new();
    scan::windows(elf, |window| {
        let mut at = 0;
        while let Some(version) = regex.captures_at(window, at).and_then(|captures| captures.get(1)) {
            found.insert(version.as_bytes().to_vec());
            at = version.end();
        }
        found.len() < 2
    })?;
    let only = found.pop_first().filter(|_| found.is_empty());
    Ok(only.map(|version| String::from_utf8_lossy(&version).into_owned()))
}

/// The version of the standard library in the words of OSV: `1.19.8`; a release candidate `1.21rc2` is `1.21.0-rc.2`.
fn standard_library(version: &str) -> Option<String> {
    // "go1.22.3", "go1.22.3 X:boringcrypto", "devel go1.23-1a2b3c Tue Jan 2 …", "go1.22.3-custom".
    let version = version.strip_prefix("devel ").unwrap_or(version);
    let version = version.strip_prefix("go")?.split_whitespace().next()?;
    if !version.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    for (short, long) in [("rc", "rc"), ("beta", "beta")] {
        if let Some((release, number)) = version.split_once(short)
            && release.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            let patch = if release.matches('.').count() == 1 { ".0" } else { "" };
            return Some(format!("{release}{patch}-{long}.{number}"));
        }
    }
    // A build of somebody's own, or between releases: 1.23-1a2b3c comes before 1.23.0.
    Some(match version.split_once('-') {
        Some((release, own)) if release.matches('.').count() == 1 => format!("{release}.0-{own}"),
        _ => version.to_owned(),
    })
}

/// The two strings: version and modules.
fn build_info(elf: &Elf<'_>) -> Result<Option<(String, String)>, AnalyseError> {
    let at = match elf.section(".go.buildinfo") {
        Some(section) => Some(section.offset),
        None if elf.sections.is_empty() => search(elf)?,
        None => None,
    };
    let Some(at) = at else { return Ok(None) };
    let frame = read(elf.content, at, FRAME)?;
    let (Some(magic), Some(&[pointer, flags])) = (frame.get(..MAGIC.len()), frame.get(MAGIC.len()..MAGIC.len() + 2))
    else {
        return Ok(None);
    };
    if magic != MAGIC {
        return Ok(None);
    }
    let strings = if flags & IN_LINE == 0 {
        pointed(elf, &frame, pointer, flags & BIG_ENDIAN != 0)?
    } else {
        in_line(elf, at + FRAME)?
    };
    let (version, modules) =
        strings.ok_or_else(|| AnalyseError::malformed("its Go build information points outside of the file"))?;
    Ok(Some((
        String::from_utf8_lossy(&version).into_owned(),
        String::from_utf8_lossy(unwrapped(&modules)).into_owned(),
    )))
}

/// Looks for the magic where variables lie, then in other data.
fn search(elf: &Elf<'_>) -> io::Result<Option<u64>> {
    let finder = memmem::Finder::new(MAGIC);
    let segments = elf.segments()?;
    let (variables, others): (Vec<_>, Vec<_>) =
        segments.iter().filter(|segment| !segment.is_code).partition(|segment| segment.is_data);
    let mut left = SEARCHED;
    for segment in variables.into_iter().chain(others) {
        let end = segment.offset.saturating_add(segment.size.min(left)).min(elf.content.size());
        let mut start = segment.offset;
        left -= end.saturating_sub(start);
        while start < end {
            let window = read(elf.content, start, WINDOW.min(end - start))?;
            let mut hits = finder.find_iter(&window).map(|at| start + at as u64);
            if let Some(at) = hits.find(|at| at % ALIGNMENT == 0) {
                return Ok(Some(at));
            }
            // The next window begins where a magic could have been cut in two.
            start += WINDOW - ALIGNMENT;
        }
    }
    Ok(None)
}

/// Go 1.18 and later: each string behind its length.
fn in_line(elf: &Elf<'_>, at: u64) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let Some((version, at)) = counted(elf, at, MAX_VERSION)? else { return Ok(None) };
    Ok(counted(elf, at, MAX_MODULES)?.map(|(modules, _)| (version, modules)))
}

/// A string behind its length (seven bits a byte, the lowest first), and where it ends.
fn counted(elf: &Elf<'_>, at: u64, max: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
    let head = read(elf.content, at, 10)?;
    let mut length: u64 = 0;
    for (index, byte) in head.iter().enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * index).min(63);
        if byte & 0x80 == 0 {
            let start = at + index as u64 + 1;
            return Ok(exactly(elf, start, length, max)?.map(|bytes| (bytes, start + length)));
        }
    }
    Ok(None)
}

/// Before Go 1.18: addresses of two strings, each an address and a length.
fn pointed(elf: &Elf<'_>, frame: &[u8], pointer: u8, is_big: bool) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let segments = elf.segments()?;
    let offset = |address: u64| {
        let segment = segments.iter().find(|segment| address.wrapping_sub(segment.address) < segment.size)?;
        segment.offset.checked_add(address - segment.address)
    };
    let number = |bytes: &[u8], index: usize| -> Option<u64> {
        let size = usize::from(pointer);
        let mut fields = elf.fields(bytes.get(index * size..)?);
        fields.is_big = is_big;
        match size {
            4 => fields.quarter().map(u64::from),
            8 => fields.long(),
            _ => None,
        }
    };
    let string = |index: usize, max: u64| -> io::Result<Option<Vec<u8>>> {
        let address = frame.get(16..).and_then(|bytes| number(bytes, index));
        let Some(header) = address.and_then(offset) else { return Ok(None) };
        let header = read(elf.content, header, 16)?;
        let (Some(address), Some(length)) = (number(&header, 0), number(&header, 1)) else { return Ok(None) };
        if length == 0 {
            return Ok(Some(Vec::new()));
        }
        let Some(at) = offset(address) else { return Ok(None) };
        exactly(elf, at, length, max)
    };
    let Some(version) = string(0, MAX_VERSION)? else { return Ok(None) };
    Ok(string(1, MAX_MODULES)?.map(|modules| (version, modules)))
}

/// `length` bytes, where they are there and not more than `max`.
fn exactly(elf: &Elf<'_>, at: u64, length: u64, max: u64) -> io::Result<Option<Vec<u8>>> {
    if length > max {
        return Ok(None);
    }
    let bytes = read(elf.content, at, length)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}

/// The list of modules stands between two marks of 16 bytes each.
fn unwrapped(modules: &[u8]) -> &[u8] {
    match modules.len().checked_sub(16) {
        Some(end) if end > 16 && modules.get(end - 1) == Some(&b'\n') => modules.get(16..end).unwrap_or_default(),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_standard_library_are_in_the_words_of_osv() {
        let cases = [
            ("go1.19.8", Some("1.19.8")),
            ("go1.20", Some("1.20")),
            ("go1.21rc2", Some("1.21.0-rc.2")),
            ("go1.22beta1", Some("1.22.0-beta.1")),
            ("go1.22.3 X:boringcrypto", Some("1.22.3")),
            ("devel go1.23-1a2b3c4 Tue Jan 2 15:04:05 2024 +0000", Some("1.23.0-1a2b3c4")),
            ("go1.22-20231128-RC02", Some("1.22.0-20231128-RC02")),
            ("gccgo", None),
            ("", None),
        ];
        for (version, expected) in cases {
            assert_eq!(standard_library(version).as_deref(), expected, "{version}");
        }
    }
}
