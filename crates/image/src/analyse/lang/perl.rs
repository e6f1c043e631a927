//! Perl: distributions that cpanm installed, and Carton's `cpanfile.snapshot`.

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::Listing;
use super::json::{self, Word};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    version: Word<'a>,
}

/// What cpanm notes of an installation.
#[derive(Deserialize)]
struct Installation<'a> {
    /// `Try-Tiny-0.31`.
    #[serde(default, borrow)]
    dist: Word<'a>,
    /// `E/ET/ETHER/Try-Tiny-0.31.tar.gz`.
    #[serde(default, borrow)]
    pathname: Word<'a>,
}

/// One installed distribution: `.meta/DISTRIBUTION-VERSION/` beside the modules, where `MYMETA.json` has its name and
/// `install.json` also its author. Anywhere else the files are left over from a build.
pub(super) fn installed(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut listing = Listing::new(limits);
    if file.path.rsplit('/').nth(2) != Some(".meta") {
        return Ok(listing.done());
    }
    let bytes = file.bytes(limits)?;
    if file.name() == "install.json" {
        let installation: Installation<'_> = json::parse(&bytes)?;
        if let Some(package) = distribution(installation.dist.as_str()) {
            listing.add(package.namespace(author(installation.pathname.as_str())));
        }
    } else {
        let meta: Meta<'_> = json::parse(&bytes)?;
        listing.add(FoundPackage::new(PackageKind::Cpan, meta.name.as_str(), meta.version.as_str()));
    }
    Ok(listing.done())
}

/// `cpanfile.snapshot`: under `DISTRIBUTIONS`, lines of two spaces and `Name-1.0`, and below each, with two spaces more,
/// its `pathname`.
pub(super) fn snapshot(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    let mut open: Option<FoundPackage> = None;
    for line in text.lines() {
        let Some(line) = line.strip_prefix("  ") else { continue };
        if let Some(pathname) = line.strip_prefix("  pathname: ") {
            open = open.map(|package| package.namespace(author(pathname.trim())));
        } else if !line.starts_with(' ')
            && let Some(done) = std::mem::replace(&mut open, distribution(line.trim_end()))
        {
            listing.add(done);
        }
    }
    if let Some(last) = open {
        listing.add(last);
    }
    Ok(listing.done())
}

/// `Try-Tiny-0.31`.
fn distribution(text: &str) -> Option<FoundPackage> {
    let (name, version) = text.rsplit_once('-')?;
    Some(FoundPackage::new(PackageKind::Cpan, name, version))
}

/// The author's id in the path of a distribution on CPAN, `E/ET/ETHER/…`; empty where it is another kind of path.
fn author(pathname: &str) -> &str {
    let mut folders = pathname.splitn(4, '/');
    let (Some(one), Some(two), Some(author), Some(_)) =
        (folders.next(), folders.next(), folders.next(), folders.next())
    else {
        return "";
    };
    let is_id = author.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    let is_filed = author.get(..1) == Some(one) && author.get(..2) == Some(two);
    if is_id && is_filed { author } else { "" }
}
