//! How images were built and are kept: secrets in them, build steps, tags that moved on, and what piles up. Hygiene
//! stays at info: none of it is a way to the host.

use std::collections::{BTreeSet, HashMap};

use keelguard_host::Facts;
use keelguard_host::facts::Image;
use keelguard_model::secret::{REDACTED, is_secret_value, is_value, names_secret, secrets_in_step};
use keelguard_model::{Finding, Subject, rule};

use super::{subject, users};

/// Unused, unnamed images from which on they are said to pile up; the benchmark gives no number.
const MANY_IMAGES: usize = 10;
/// Containers that ended, likewise.
const MANY_CONTAINERS: usize = 10;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let mut findings = Vec::new();
    for image in &engine.images {
        findings.extend(secrets(image));
        findings.extend(steps(image));
        if users(facts, image).next().is_some() && image.config.healthcheck.is_none() {
            findings.push(rule::IMAGE_WITHOUT_HEALTHCHECK.on(subject(image)).evidence("Config.Healthcheck", "not set"));
        }
    }
    findings.extend(containers(facts));
    findings.extend(sprawl(facts));
    if facts.host.content_trust.as_deref() != Some("1") {
        let value = facts.host.content_trust.as_deref().unwrap_or("not set");
        findings.push(
            rule::NO_CONTENT_TRUST
                .on(Subject::engine())
                .evidence("DOCKER_CONTENT_TRUST", value)
                .command("echo 'export DOCKER_CONTENT_TRUST=1' > /etc/profile.d/docker-content-trust.sh")
                .command("export DOCKER_CONTENT_TRUST=1"),
        );
    }
    findings
}

fn secret_names(env: &[String]) -> BTreeSet<&str> {
    let pairs = env.iter().filter_map(|entry| entry.split_once('='));
    let held = pairs.filter(|(name, value)| (names_secret(name) && is_value(value)) || is_secret_value(value));
    held.map(|(name, _)| name).collect()
}

/// One finding a secret: in the environment, or in a build step.
fn secrets(image: &Image) -> Vec<Finding> {
    let in_env: BTreeSet<String> =
        secret_names(&image.config.env).into_iter().map(|name| format!("{name}={REDACTED}")).collect();
    let in_history: BTreeSet<String> = image
        .history
        .iter()
        .flat_map(|entry| secrets_in_step(&entry.created_by))
        .filter(|secret| !in_env.contains(secret))
        .collect();
    let finding = |what: &str, secret: &String| {
        let name = secret.split_once('=').map_or(secret.as_str(), |(name, _)| name);
        rule::IMAGE_SECRET.on(subject(image)).evidence(what, secret).about(name)
    };
    let of_env = in_env.iter().map(|secret| finding("Config.Env", secret));
    of_env.chain(in_history.iter().map(|secret| finding("History[].CreatedBy", secret))).collect()
}

fn steps(image: &Image) -> Vec<Finding> {
    let mut findings = Vec::new();
    let oldest = image.history.len().saturating_sub(1);
    let update = image.history.iter().find(|entry| updates_alone(&entry.created_by));
    if let Some(entry) = update {
        findings.push(rule::UPDATE_ALONE.on(subject(image)).evidence("History[].CreatedBy", &entry.created_by));
    }
    // The oldest step adds the root filesystem of the base: nothing else could.
    let adds = image.history.iter().take(oldest).find(|entry| {
        let step = entry.created_by.trim_start();
        let step = step.split_once("#(nop)").map_or(step, |(_, step)| step.trim_start());
        step.starts_with("ADD ") && !step.contains("--checksum")
    });
    if let Some(entry) = adds {
        findings.push(rule::ADD_INSTRUCTION.on(subject(image)).evidence("History[].CreatedBy", &entry.created_by));
    }
    findings
}

/// A step that updates package lists and neither installs nor upgrades anything.
fn updates_alone(step: &str) -> bool {
    let words: Vec<&str> =
        step.split(|c: char| c.is_whitespace() || "&;|".contains(c)).filter(|w| !w.is_empty()).collect();
    let managers = ["apt-get", "apt", "apk", "yum", "dnf", "microdnf", "zypper"];
    let mut updates = false;
    for (index, word) in words.iter().enumerate() {
        let name = word.rsplit('/').next().unwrap_or_default();
        if !managers.contains(&name) {
            continue;
        }
        let verb = words.iter().skip(index + 1).find(|word| !word.starts_with('-'));
        match verb.copied() {
            // For yum and its kin, update is what upgrades.
            Some("update" | "makecache" | "refresh" | "ref")
                if !(matches!(name, "yum" | "dnf" | "microdnf") && verb == Some(&"update")) =>
            {
                updates = true;
            }
            Some(_) => return false,
            None => {}
        }
    }
    updates
}

fn containers(facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let images: HashMap<&str, &Image> = engine.images.iter().map(|image| (image.id.as_str(), image)).collect();
    let tags: HashMap<&str, &Image> =
        engine.images.iter().flat_map(|image| image.repo_tags.iter().map(move |tag| (tag.as_str(), image))).collect();
    let mut findings = Vec::new();
    for container in &engine.containers {
        let of_image = images.get(container.image.as_str()).map(|image| secret_names(&image.config.env));
        for name in secret_names(&container.config.env) {
            if of_image.as_ref().is_none_or(|known| !known.contains(name)) {
                findings.push(
                    rule::CONTAINER_SECRET
                        .on(container.subject())
                        .evidence("Config.Env", format!("{name}=<redacted>"))
                        .about(name),
                );
            }
        }
        let reference = container.config.image.as_str();
        let tagged = tags.get(reference).or_else(|| tags.get(format!("{reference}:latest").as_str()));
        if let Some(now) = tagged.filter(|image| image.id != container.image) {
            findings.push(
                rule::OLD_IMAGE
                    .on(container.subject())
                    .evidence("Image", &container.image)
                    .evidence(format!("{reference} is now"), &now.id),
            );
        }
    }
    findings
}

fn unused_images(facts: &Facts) -> Vec<&Image> {
    let unnamed = |image: &&Image| image.repo_tags.iter().all(|tag| tag.contains("<none>"));
    let images = facts.engine.iter().flat_map(|engine| &engine.images);
    images.filter(unnamed).filter(|image| users(facts, image).next().is_none()).collect()
}

fn sprawl(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let images = unused_images(facts).len();
    if images > MANY_IMAGES {
        findings.push(
            rule::IMAGE_SPRAWL
                .on(Subject::engine())
                .evidence("images without name and container", images.to_string())
                .command("docker image prune --force"),
        );
    }
    let ended = facts.containers().iter().filter(|c| matches!(c.state.status.as_str(), "exited" | "dead")).count();
    if ended > MANY_CONTAINERS {
        findings.push(
            rule::CONTAINER_SPRAWL
                .on(Subject::engine())
                .evidence("containers that ended", ended.to_string())
                .command("docker container prune --force"),
        );
    }
    findings
}

pub(super) fn prune_images(facts: &mut Facts, _: &Finding) {
    let unused: BTreeSet<String> = unused_images(facts).into_iter().map(|image| image.id.clone()).collect();
    if let Some(engine) = &mut facts.engine {
        engine.images.retain(|image| !unused.contains(&image.id));
    }
}

pub(super) fn prune_containers(facts: &mut Facts, _: &Finding) {
    if let Some(engine) = &mut facts.engine {
        engine.containers.retain(|c| !matches!(c.state.status.as_str(), "exited" | "dead" | "created"));
    }
}

pub(super) fn trust(facts: &mut Facts, _: &Finding) {
    facts.host.content_trust = Some("1".to_owned());
}
