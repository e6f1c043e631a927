//! Ruby gems: the specifications of installed ones, and bundler's lock file.

use keelguard_model::image::PackageKind;

use super::Listing;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// One installed gem: `specifications/NAME-VERSION.gemspec`, or `specifications/default/…` for what comes with Ruby.
/// RubyGems writes these files itself; the `.gemspec` in a gem's sources is a program and lies elsewhere.
pub(super) fn installed(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut folders = file.path.rsplit('/').skip(1);
    let in_specifications = match folders.next() {
        Some("default") => folders.next() == Some("specifications"),
        folder => folder == Some("specifications"),
    };
    let mut listing = Listing::new(limits);
    if !in_specifications {
        return Ok(listing.done());
    }
    let text = file.text(limits)?;
    let (mut stub, mut name, mut version) = (None, None, None);
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("# stub: ") {
            let mut words = words.split(' ');
            stub = stub.or(words.next().zip(words.next()));
        } else if let Some((field, value)) = line.split_once('=') {
            match field.trim_end().split_once('.').map(|(_, field)| field) {
                Some("name") => name = name.or(quoted(value)),
                Some("version") => version = version.or(quoted(value)),
                _ => {}
            }
        }
    }
    match name.zip(version).or(stub) {
        Some((name, version)) => listing.add(gem(name, version)),
        None => return Err(AnalyseError::malformed("it has no name and version of a gem")),
    }
    Ok(listing.done())
}

/// The first string literal: `"rake".freeze`, `Gem::Version.new('1.0')`.
fn quoted(value: &str) -> Option<&str> {
    let quote = value.find(['"', '\''])?;
    let mut parts = value.get(quote..)?.split(['"', '\'']);
    parts.nth(1).filter(|text| !text.is_empty())
}

/// `Gemfile.lock`: the `specs` of gem servers and of repositories; those of `PATH` are the project's own.
pub(super) fn gemfile_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    let mut section = "";
    for line in text.lines().map(str::trim_end) {
        if !line.starts_with(' ') {
            section = line;
        } else if matches!(section, "GEM" | "GIT" | "PLUGIN SOURCE")
            && let Some(spec) = line.strip_prefix("    ")
            && let Some((name, version)) = spec.split_once(" (")
            && !name.starts_with(' ')
        {
            // `1.16.0-x86_64-linux`: a version holds no hyphen, so what follows is the platform.
            let version = version.trim_end_matches(')').split('-').next().unwrap_or_default();
            listing.add(gem(name, version));
        }
    }
    Ok(listing.done())
}

fn gem(name: &str, version: &str) -> FoundPackage {
    FoundPackage::new(PackageKind::Gem, name, version)
}
