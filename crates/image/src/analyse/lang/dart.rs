//! `pubspec.lock`: packages of Dart and Flutter projects.

use keelguard_model::image::PackageKind;

use super::{Listing, yaml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// The packages that are locked; those of the SDK and of the project's folders, and those that the project asks for in
/// development only, are left out. What the latter need in turn is not told apart from the rest.
pub(super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for document in yaml::parse(&text, &mut listing)? {
        for (name, entry) in document.entries_of("packages") {
            let local = matches!(entry.text_of("source"), "sdk" | "path");
            if !local && entry.text_of("dependency") != "direct dev" {
                listing.add(FoundPackage::new(PackageKind::Pub, &**name, entry.text_of("version")));
            }
        }
    }
    Ok(listing.done())
}
