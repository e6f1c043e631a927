//! Build information of Go programs, which every linker since Go 1.13 writes: the version of the standard library, the
//! main module and the modules it was built from. Survives stripping, even of the section headers.
//!
//! A module that a `replace` points to another module is that other module. One that is replaced by a folder has no
//! version of its own and is left out: its old version says nothing about the code that is there.

use std::io;

use keelguard_model::image::PackageKind;
use memchr::memmem;

use super::elf::{Elf, read};
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
    packages.extend(modules.main());
    packages.extend(modules.dependencies.into_iter().filter_map(Module::package));
    Ok(packages)
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
    Some(version.to_owned())
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

/// Looks for the magic where variables lie.
fn search(elf: &Elf<'_>) -> io::Result<Option<u64>> {
    let finder = memmem::Finder::new(MAGIC);
    for segment in elf.segments()?.iter().filter(|segment| segment.is_data) {
        let end = segment.offset.saturating_add(segment.size.min(SEARCHED)).min(elf.content.size());
        let mut start = segment.offset;
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

/// One line `dep` or `=>`.
struct Module {
    path: String,
    version: String,
}

impl Module {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (path, version) = (parts.next()?, parts.next().unwrap_or_default());
        Some(Self { path: path.to_owned(), version: version.to_owned() })
    }

    /// The package; none where it has no real version: `(devel)`, or a folder that stands for it.
    fn package(self) -> Option<FoundPackage> {
        let real = is_version(&self.version) && !self.path.starts_with(['.', '/']);
        real.then(|| FoundPackage::new(PackageKind::Golang, self.path, self.version))
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[derive(Default)]
struct Modules {
    main: Option<Module>,
    dependencies: Vec<Module>,
    linker_flags: String,
}

impl Modules {
    fn parse(text: &str, max: usize) -> Self {
        let mut modules = Self::default();
        for line in text.lines() {
            let Some((word, rest)) = line.split_once('\t') else { continue };
            match word {
                "mod" => modules.main = Module::parse(rest),
                "dep" if modules.dependencies.len() < max => modules.dependencies.extend(Module::parse(rest)),
                // Belongs to the line above it.
                "=>" => {
                    if let (Some(last), Some(by)) = (modules.dependencies.last_mut(), Module::parse(rest)) {
                        *last = by;
                    }
                }
                "build" => {
                    if let Some(flags) = rest.strip_prefix("-ldflags=") {
                        modules.linker_flags = unquoted(flags);
                    }
                }
                _ => {}
            }
        }
        modules
    }

    /// The program's own module. Where it was built from a checkout it has no version, but the project's own build
    /// sets one through the linker.
    fn main(&self) -> Option<FoundPackage> {
        let main = self.main.as_ref()?;
        let version =
            if is_version(&main.version) { main.version.clone() } else { set_version(&self.linker_flags, &main.path)? };
        Some(FoundPackage::new(PackageKind::Golang, main.path.clone(), version))
    }
}

/// A value as `strconv.Quote` writes it, or as it stands.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.trim_matches('`').to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for letter in inner.chars() {
        if letter == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(letter);
            escaped = false;
        }
    }
    plain
}

/// The version that `-X PATH.Version=1.2.3` sets, as a module's version. Only variables of the main package and of the
/// module itself count, and only where all that are named so agree.
fn set_version(flags: &str, module: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for word in flags.split_whitespace() {
        let word = word.trim_matches(['\'', '"']);
        let word = word.strip_prefix("-X=").unwrap_or(word).trim_matches(['\'', '"']);
        let Some((variable, value)) = word.split_once('=') else { continue };
        let Some((package, name)) = variable.rsplit_once('.') else { continue };
        let own = package == "main"
            || package == module
            || package.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'));
        let named =
            ["version", "appversion", "buildversion", "releaseversion"].contains(&name.to_ascii_lowercase().as_str());
        let number = value.strip_prefix('v').unwrap_or(value);
        let like = number.starts_with(|first: char| first.is_ascii_digit())
            && number.contains('.')
            && number.len() <= 64
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
        if own && named && like {
            let version = format!("v{number}");
            match &found {
                Some(other) if *other != version => return None,
                _ => found = Some(version),
            }
        }
    }
    found
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
            ("devel go1.23-1a2b3c4 Tue Jan 2 15:04:05 2024 +0000", Some("1.23-1a2b3c4")),
            ("gccgo", None),
            ("", None),
        ];
        for (version, expected) in cases {
            assert_eq!(standard_library(version).as_deref(), expected, "{version}");
        }
    }

    #[test]
    fn a_replacement_stands_for_the_module_and_a_folder_for_nothing() {
        let text = "path\tex.org/cmd\nmod\tex.org/app\t(devel)\t\n\
            dep\tex.org/plain\tv1.2.3\th1:x=\n\
            dep\tex.org/old\tv1.0.0\n=>\tex.org/new\tv1.0.1\th1:y=\n\
            dep\tex.org/local\tv0.0.0\n=>\t./staging/local\t(devel)\t\n\
            build\t-ldflags=\"-s -w -X 'main.Version=1.15.0' -X ex.org/other.Version=9.9.9\"\n";
        let modules = Modules::parse(text, 100);
        let main = modules.main().unwrap();
        assert_eq!((main.name.as_str(), main.version.as_str()), ("ex.org/app", "v1.15.0"));
        let rest: Vec<_> = modules.dependencies.into_iter().filter_map(Module::package).collect();
        let rest: Vec<_> = rest.iter().map(|found| format!("{}@{}", found.name, found.version)).collect();
        assert_eq!(rest, ["ex.org/plain@v1.2.3", "ex.org/new@v1.0.1"]);
    }

    #[test]
    fn only_the_modules_own_variables_set_its_version_and_only_in_agreement() {
        assert_eq!(set_version("-X ex.org/app/version.Version=v2.0.0", "ex.org/app").as_deref(), Some("v2.0.0"));
        assert_eq!(set_version("-X=main.version=2.0.0-rc1", "ex.org/app").as_deref(), Some("v2.0.0-rc1"));
        assert_eq!(set_version("-X ex.org/app2.Version=2.0.0", "ex.org/app"), None);
        assert_eq!(set_version("-X main.version=1.0.0 -X main.Version=2.0.0", "ex.org/app"), None);
        assert_eq!(set_version("-X main.version=dev -X main.commit=1.0.0", "ex.org/app"), None);
    }
}
