//! The area `image` of a host: what is in the images of its engine, and what that means for the containers made of them.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use keelguard_audit::Exposure as Posture;
use keelguard_host::Facts;
use keelguard_host::facts::Image;
use keelguard_image::Examined;
use keelguard_image::rules::{self, Exposure};
use keelguard_image::source::Options;
use keelguard_model::contents::Contents;
use keelguard_model::image::Target;
use keelguard_model::{Area, AttackPath, Finding, Incomplete, Rule, Subject, SubjectKind, rule};
use serde_json::json;

use crate::examine::{self, Known};
use crate::settings::Settings;
use crate::stores::Kept;

/// Reads the engine's images into the facts. `watch` is told which one is next.
pub(crate) fn read(facts: &mut Facts, settings: &Settings, watch: &dyn Fn(&str)) {
    let Some(engine) = &facts.engine else { return };
    if engine.images.is_empty() {
        return;
    }
    let all = || match engine.images.len() {
        1 => "the engine's image".to_owned(),
        count => format!("the engine's {count} images"),
    };
    let mut gaps = Vec::new();
    let mut contents = Vec::new();
    match root(facts, settings) {
        Ok(root) => {
            let cache = examine::cache(settings);
            let options = Options::default();
            for (index, image) in engine.images.iter().enumerate() {
                watch(&format!("Reading image {} of {}, {}", index + 1, engine.images.len(), name(image)));
                match root.image(&image.id, &options) {
                    Ok(Some(opened)) => {
                        let examined = keelguard_image::examine(&opened, cache.as_ref(), &options.limits);
                        // The image's own name comes first: what could not be read in it is called alike in all of them.
                        gaps.extend(
                            examined
                                .incomplete
                                .into_iter()
                                .map(|gap| Incomplete { what: format!("{}: {}", name(image), gap.what), ..gap }),
                        );
                        contents.push(Contents {
                            image: image.id.clone(),
                            os: examined.target.os,
                            packages: examined.packages,
                            odd: examined.odd,
                        });
                    }
                    Ok(None) => {
                        let why = format!(
                            "it is not where images are read in place (the engine's driver is {}); keelguard image {} looks at it",
                            engine.info.driver,
                            name(image)
                        );
                        gaps.push(Incomplete::new(Area::Image, name(image), why));
                    }
                    Err(error) => {
                        let why = format!("could not {:#}", anyhow::Error::from(error));
                        gaps.push(Incomplete::new(Area::Image, name(image), why));
                    }
                }
            }
        }
        Err(why) => gaps.push(Incomplete::new(Area::Image, all(), why)),
    }
    facts.contents = contents;
    facts.incomplete.extend(gaps);
}

/// Where the engine's images can be read, or why they cannot.
pub(crate) fn root(facts: &Facts, settings: &Settings) -> Result<Kept, String> {
    let engine = facts.engine.as_ref().ok_or("no engine answered")?;
    if !engine.local {
        return Err(
            "they lie on another machine; run keelguard check there, or keelguard facts there and check --facts \
                    here"
                .into(),
        );
    }
    let folder = settings.text("docker_root").filter(|root| *root != "/var/lib/docker");
    let folder = folder.unwrap_or(&engine.info.docker_root_dir);
    Kept::of(Path::new(folder), settings).map_err(|error| {
        let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
        if denied {
            return format!("reading {folder} needs root; type: sudo keelguard check");
        }
        format!(
            "the engine keeps them with {} in a way that is not read in place yet ({error}); \
             keelguard image IMAGE looks at one of them",
            engine.info.driver
        )
    })
}

/// An image's first name, else its id.
fn name(image: &Image) -> &str {
    image.repo_tags.iter().find(|tag| !tag.contains("<none>")).unwrap_or(&image.id)
}

/// Fetches the advisories that the images' packages need and that are not there, unless that is switched off. Says why
/// where it failed.
pub(crate) fn fetch_missing(facts: &Facts, settings: &Settings) -> Option<String> {
    let images = facts.contents.iter().map(|contents| (contents.packages.as_slice(), contents.os.as_ref()));
    examine::fetch_missing(images, settings).unwrap_or_else(|error| Some(format!("could not {error:#}")))
}

/// What the images' contents come to.
#[derive(Default)]
pub(crate) struct Judgement {
    pub(crate) findings: Vec<Finding>,
    pub(crate) incomplete: Vec<Incomplete>,
    /// Advisories are missing or too old.
    pub(crate) blind: bool,
}

/// Judges what the facts say is in the images. `others` is what other areas have found, and `paths` lead to the host.
pub(crate) fn judge(facts: &Facts, others: &[Finding], paths: &[AttackPath], settings: &Settings) -> Judgement {
    let shows_others = settings.areas().contains(&Area::Breakout);
    let leads = leads(others, paths);
    let mut judgement = Judgement::default();
    let Some(engine) = &facts.engine else { return judgement };
    let (mut missing, mut stale, mut unusable) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for contents in &facts.contents {
        let Some(image) = engine.images.iter().find(|image| image.id == contents.image) else { continue };
        let examined = examined(image, contents);
        let subject = rules::subject(&examined);
        let known = examine::look_up(&contents.packages, contents.os.as_ref(), settings, facts.collected);
        let Known { mut rows, missing: none, uncovered: not_kept, stale: old } = known.unwrap_or_else(|error| {
            // The rest of the report does not depend on it.
            unusable.insert(format!("{error:#}"));
            Known { rows: Vec::new(), missing: Vec::new(), uncovered: Vec::new(), stale: Vec::new() }
        });
        missing.extend(none);
        stale.extend(old);
        let of_image = |gap: Incomplete| Incomplete { what: format!("{}: {}", name(image), gap.what), ..gap };
        judgement.incomplete.extend(not_kept.into_iter().map(of_image));
        let exposure = exposure(facts, image, &leads);
        if settings.exceptions.iter().any(crate::exceptions::Exception::is_about_one) {
            let mut each = rules::each(&subject, &rows);
            crate::exceptions::apply(&settings.exceptions, &mut each, facts.collected);
            let mut accepted = each.iter().map(|finding| finding.suppressed.is_some());
            rows.retain(|_| !accepted.next().unwrap_or(false));
        }
        let mut findings = rules::summed(&subject, &rows, &exposure);
        findings.extend(rules::judge(&examined, facts.collected).into_iter().filter(|finding| {
            let is_local = image.repo_digests.is_empty();
            !((shows_others && is_said(finding, others)) || (is_local && names_only(finding)))
        }));
        for finding in &mut findings {
            finding.time = facts.collected;
        }
        judgement.findings.append(&mut findings);
    }
    for why in unusable {
        judgement.incomplete.push(Incomplete::new(
            Area::Image,
            "the database of advisories",
            format!("could not {why}"),
        ));
        judgement.blind = true;
    }
    judgement.blind |= !missing.is_empty() || !stale.is_empty();
    judgement.incomplete.extend(missing);
    judgement.incomplete.extend(stale);
    judgement
}

/// What another area says of the same image: the rule for images, and that area's.
const SAID: &[(&Rule, &Rule)] = &[
    (&rule::SECRET_IN_BUILD, &rule::IMAGE_SECRET),
    (&rule::ADD_FROM_ADDRESS, &rule::ADD_INSTRUCTION),
    (&rule::MOUNT_TRAP, &rule::LINK_TRAP),
];

/// Whether another area has said it already. That an image sets no user is said of each container that runs as root, and
/// means nothing for one whose containers set their own.
fn is_said(finding: &Finding, others: &[Finding]) -> bool {
    let said = |rule: &Rule| others.iter().any(|one| one.rule == rule.id && one.subject.id == finding.subject.id);
    finding.rule == rule::RUNS_AS_ROOT.id || SAID.iter().any(|(ours, theirs)| finding.rule == ours.id && said(theirs))
}

/// Whether it is about how the image was asked for in a registry: of one that was made here, nobody did.
fn names_only(finding: &Finding) -> bool {
    [rule::NOT_PINNED.id, rule::LATEST.id].contains(&finding.rule.as_str())
}

/// The facts of an image, in the words of an image that was looked at.
fn examined(image: &Image, contents: &Contents) -> Examined {
    let history: Vec<_> = image.history.iter().rev().map(|entry| json!({"created_by": entry.created_by})).collect();
    let target = Target {
        input: image.id.clone(),
        kind: "engine".into(),
        reference: Some(name(image).to_owned()),
        digest: Some(image.id.clone()),
        os: contents.os.clone(),
        layers: Vec::new(),
    };
    Examined {
        target,
        // They are looked up apart.
        packages: Vec::new(),
        odd: contents.odd.clone(),
        config: json!({
            "created": image.created,
            "config": {"User": image.config.user, "Env": image.config.env},
            "history": history,
        }),
        incomplete: Vec::new(),
    }
}

/// The containers from which a path of their own leads to the host. A flaw of the engine or the kernel opens one from
/// every container alike, which says nothing about any of them.
fn leads<'a>(others: &[Finding], paths: &'a [AttackPath]) -> HashSet<&'a Subject> {
    let shared: HashSet<&str> = others
        .iter()
        .filter(|finding| matches!(finding.subject.kind, SubjectKind::Engine | SubjectKind::Host))
        .map(|finding| finding.fingerprint.as_str())
        .collect();
    let is_shared = |path: &AttackPath| {
        let opened_by = path.steps.first().and_then(|step| step.fingerprint.as_deref());
        opened_by.is_some_and(|fingerprint| shared.contains(fingerprint))
    };
    paths.iter().filter(|path| !is_shared(path)).map(|path| &path.from).collect()
}

/// What the containers of an image make of it. `leads` are those from which a path leads to the host.
fn exposure(facts: &Facts, image: &Image, leads: &HashSet<&Subject>) -> Exposure {
    let mut exposure = Exposure::default();
    for container in facts.containers().iter().filter(|one| one.image == image.id && one.is_running()) {
        let subject = container.subject();
        if Posture::of(facts, container).published {
            exposure.published.push(subject.name.clone());
        }
        if leads.contains(&subject) {
            exposure.to_host.push(subject.name.clone());
        }
        exposure.running.push(subject.name);
    }
    exposure
}
