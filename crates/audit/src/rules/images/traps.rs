//! Images and options that turn the runtime or its hooks against the host (D12–D14).

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, Severity, Subject, rule};

use super::{subject, users};
use crate::Exposure;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in facts.containers() {
        findings.extend(working_dir(facts, container));
        findings.extend(preload(facts, container));
    }
    findings.extend(links(facts));
    findings
}

/// Major, minor, patch, and the number of the release candidate; a release stands behind all of its candidates.
type Version = (u32, u32, u32, u32);

fn version(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches('v');
    let mut numbers = text.split(['.', '-', '+', '~', ' ']).map(str::parse::<u32>);
    let mut next = || numbers.next().and_then(Result::ok);
    let (major, minor, patch) = (next()?, next()?, next().unwrap_or_default());
    let candidate = text.split_once("rc").and_then(|(_, rest)| {
        let digits: String = rest.trim_start_matches('.').chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    Some((major, minor, patch, candidate.unwrap_or(u32::MAX)))
}

/// The version of runc in use, and whether `vulnerable` holds for it and no package says that `cve` is fixed in it.
/// Unknown counts as vulnerable: nobody has ruled it out.
fn runc_is(facts: &Facts, cve: &str, vulnerable: fn(Version) -> bool) -> (String, bool) {
    let reported = facts.engine.iter().flat_map(|engine| &engine.version.components).filter(|c| c.name == "runc");
    let found = facts.host.binaries.iter().filter(|binary| binary.name == "runc");
    let mut versions = reported
        .map(|c| c.version.as_str())
        .chain(found.map(|b| b.version.as_str()))
        .filter(|version| !version.is_empty());
    let Some(text) = versions.next() else { return ("unknown".to_owned(), true) };
    let fixed = facts.host.packages.iter().any(|package| {
        matches!(package.name.as_str(), "runc" | "containerd.io")
            && package.changelog_cves.iter().flatten().any(|known| known == cve)
    });
    (text.to_owned(), !fixed && version(text).is_none_or(vulnerable))
}

/// The version of runc, and whether it masks and mounts through whatever it finds in the container's `/dev`
/// (CVE-2025-31133, CVE-2025-52565).
pub(super) fn masks_by_whatever_is_there(facts: &Facts) -> (String, bool) {
    runc_is(facts, "CVE-2025-31133", |v| {
        v < (1, 2, 8, 0) || ((1, 3, 0, 0)..(1, 3, 3, 0)).contains(&v) || ((1, 4, 0, 0)..(1, 4, 0, 3)).contains(&v)
    })
}

fn working_dir(facts: &Facts, container: &Container) -> Option<Finding> {
    let folder = container.config.working_dir.as_str();
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if !matches!(parts.as_slice(), ["proc", "self" | "thread-self" | "1", "fd", ..]) {
        return None;
    }
    let (runc, vulnerable) = runc_is(facts, "CVE-2024-21626", |v| ((1, 0, 0, 93)..(1, 1, 12, 0)).contains(&v));
    let finding =
        rule::WORKDIR_TRAP.on(container.subject()).evidence("Config.WorkingDir", folder).evidence("runc", &runc);
    Some(if vulnerable {
        finding.severity(Exposure::of(facts, container).weigh(Severity::Critical)).reaches(
            Subject::host_root(),
            2,
            "starts in a folder of the host through a leaked file descriptor",
        )
    } else {
        finding
    })
}

pub(super) fn leave_working_dir(container: &mut Container, _: &Finding) {
    "/".clone_into(&mut container.config.working_dir);
}

const PRELOADS: [&str; 3] = ["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"];

fn is_preload(entry: &str) -> bool {
    entry.split_once('=').is_some_and(|(name, value)| PRELOADS.contains(&name) && !value.is_empty())
}

fn uses_nvidia(facts: &Facts, container: &Container) -> bool {
    let host_config = &container.host_config;
    let default = facts.engine.as_ref().map_or("", |engine| engine.info.default_runtime.as_str());
    let runtime = if host_config.runtime.is_empty() { default } else { &host_config.runtime };
    runtime.contains("nvidia")
        || host_config.device_requests.iter().any(|request| {
            request.driver == "nvidia" || request.capabilities.iter().flatten().any(|c| c == "gpu" || c == "nvidia")
        })
}

fn preload(facts: &Facts, container: &Container) -> Option<Finding> {
    let entry = container.config.env.iter().find(|entry| is_preload(entry))?;
    if !uses_nvidia(facts, container) {
        return None;
    }
    let toolkit = facts.host.binaries.iter().find(|binary| binary.name == "nvidia-container-toolkit");
    let known = toolkit.map(|binary| binary.version.as_str()).filter(|text| !text.is_empty());
    if known.and_then(version).is_some_and(|version| version >= (1, 17, 8, 0)) {
        return None;
    }
    Some(
        rule::PRELOAD_HOOK
            .on(container.subject())
            .evidence("Config.Env", entry)
            .evidence("HostConfig.Runtime", &container.host_config.runtime)
            .evidence("nvidia-container-toolkit", known.unwrap_or("unknown"))
            .severity(if known.is_some() { Severity::Critical } else { Severity::High })
            .reaches(Subject::host_root(), 2, "has a hook on the host load its library as root"),
    )
}

pub(super) fn without_preload(container: &mut Container, _: &Finding) {
    container.config.env.retain(|entry| !is_preload(entry));
}

fn links(facts: &Facts) -> Vec<Finding> {
    let images = facts.engine.iter().flat_map(|engine| &engine.images);
    images
        .filter_map(|image| {
            let links = image.trap_links.as_ref().filter(|links| !links.is_empty())?;
            let (runc, vulnerable) = masks_by_whatever_is_there(facts);
            let mut finding = rule::LINK_TRAP.on(subject(image)).evidence("runc", &runc);
            for (path, target) in links {
                finding = finding.evidence(format!("link {path}"), target);
            }
            let mut in_use = false;
            for container in users(facts, image).filter(|_| vulnerable) {
                in_use = true;
                let how = "has runc write the host's /proc through a link in the image";
                finding = finding.reaches_from(container.subject(), Subject::host_root(), 3, how);
            }
            let containers = users(facts, image).map(|c| keelguard_model::text::shell_word(&c.name).into_owned());
            let containers: Vec<_> = containers.collect();
            if !containers.is_empty() {
                finding = finding.command(format!("docker rm -f {}", containers.join(" ")));
            }
            finding = finding.command(format!("docker rmi {}", keelguard_model::text::shell_word(&image.id)));
            Some(finding.severity(if in_use { Severity::Critical } else { Severity::Medium }))
        })
        .collect()
}

/// The image goes, and the containers made from it.
pub(super) fn without_image(facts: &mut Facts, finding: &Finding) {
    let Some(id) = finding.subject.id.as_deref() else { return };
    if let Some(engine) = &mut facts.engine {
        engine.images.retain(|image| image.id != id);
        engine.containers.retain(|container| container.image != id);
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn release_candidates_come_before_their_release_and_suffixes_do_not_count() {
        assert!(version("1.4.0-rc.2") < version("1.4.0-rc.3") && version("1.4.0-rc.3") < version("1.4.0"));
        assert!(version("1.0.0-rc93") < version("1.0.0"));
        assert_eq!(version("1.1.5+ds1"), version("v1.1.5"));
        assert_eq!(version("unknown"), None);
    }
}
