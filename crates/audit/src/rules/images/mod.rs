//! What images bring: traps for the runtime ([`traps`], [`covered`]), secrets and how they were built and are kept ([`keeping`]).

mod covered;
mod keeping;
mod traps;

#[cfg(test)]
mod tests;

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Image};
use keelguard_model::{Finding, Subject, SubjectKind, rule};

use crate::remedy::{Change, Remedy};
use crate::rules::mounts::unmount;

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::WORKDIR_TRAP, change: Change::Recreate(traps::leave_working_dir) },
    Remedy { rule: &rule::PRELOAD_HOOK, change: Change::Recreate(traps::without_preload) },
    Remedy { rule: &rule::LINK_TRAP, change: Change::Own(traps::without_image) },
    Remedy { rule: &rule::VOLUME_TRAP, change: Change::Own(traps::without_image) },
    Remedy { rule: &rule::COVERED_DEVICE, change: Change::Recreate(unmount) },
    Remedy { rule: &rule::IMAGE_SPRAWL, change: Change::Own(keeping::prune_images) },
    Remedy { rule: &rule::CONTAINER_SPRAWL, change: Change::Own(keeping::prune_containers) },
    Remedy { rule: &rule::NO_CONTENT_TRUST, change: Change::Own(keeping::trust) },
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = traps::findings(facts);
    findings.extend(covered::findings(facts));
    findings.extend(keeping::findings(facts));
    findings
}

/// An image as a subject, by its first name, else by its id.
fn subject(image: &Image) -> Subject {
    let name = image.repo_tags.iter().find(|tag| !tag.contains("<none>")).unwrap_or(&image.id);
    Subject { id: Some(image.id.clone()), ..Subject::new(SubjectKind::Image, name) }
}

/// The containers made from `image`.
fn users<'f>(facts: &'f Facts, image: &'f Image) -> impl Iterator<Item = &'f Container> {
    facts.containers().iter().filter(|container| container.image == image.id)
}
