//! Volumes and mounts over the devices that the runtime itself relies on (D14): it hides parts of `/proc` behind the
//! container's `/dev/null` and opens its terminal as `/dev/console`. Told of the image where its VOLUME asks for it, of
//! the container where its own options do; whatever the version of the runtime.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Image, Mount};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, rule};

use super::{subject, traps, users};

/// What the runtime makes, mounts or links below `/dev` for its own use. `/dev/shm` and `/dev/mqueue` are not among them:
/// they hold data, and mounts over them are usual.
const RUNTIMES_OWN: &[&str] = &[
    "/dev",
    "/dev/console",
    "/dev/core",
    "/dev/fd",
    "/dev/full",
    "/dev/null",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/random",
    "/dev/stderr",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/tty",
    "/dev/urandom",
    "/dev/zero",
];

/// Volumes of one image that are named.
const MOST_NAMED: usize = 20;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let vulnerable = traps::masks_by_whatever_is_there(facts);
    let severity = if vulnerable.1 { Severity::High } else { Severity::Low };
    let images = facts.engine.iter().flat_map(|engine| &engine.images);
    let mut found: Vec<Finding> = images.filter_map(|image| declared(facts, image)).collect();
    found.extend(facts.containers().iter().flat_map(|container| mounted(facts, container)));
    found.into_iter().map(|finding| finding.severity(severity).evidence("runc", &vulnerable.0)).collect()
}

/// One spelling of a path: no empty parts, no `.`, and `..` taken back.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn is_runtimes_own(path: &str) -> bool {
    let path = plain(path);
    RUNTIMES_OWN.contains(&path.as_str()) || path.starts_with("/dev/pts/") || path.starts_with("/dev/fd/")
}

fn declared_paths(image: &Image) -> impl Iterator<Item = &String> {
    image.config.volumes.keys().filter(|path| is_runtimes_own(path))
}

fn declared(facts: &Facts, image: &Image) -> Option<Finding> {
    let mut finding = rule::VOLUME_TRAP.on(subject(image));
    for path in declared_paths(image).take(MOST_NAMED) {
        finding = finding.evidence("Config.Volumes", path);
    }
    if finding.evidence.is_empty() {
        return None;
    }
    let containers: Vec<_> = users(facts, image).map(|c| shell_word(&c.name).into_owned()).collect();
    if !containers.is_empty() {
        finding = finding.command(format!("docker rm -f {}", containers.join(" ")));
    }
    Some(finding.command(format!("docker rmi {}", shell_word(&image.id))))
}

fn mounted<'f>(facts: &'f Facts, container: &'f Container) -> impl Iterator<Item = Finding> + 'f {
    let image = facts.engine.iter().flat_map(|engine| &engine.images).find(|image| image.id == container.image);
    let images_own = move |mount: &Mount| {
        let inside = plain(&mount.destination);
        mount.kind == "volume" && image.is_some_and(|image| declared_paths(image).any(|path| plain(path) == inside))
    };
    container
        .mounts
        .iter()
        .enumerate()
        .filter(|(_, mount)| is_runtimes_own(&mount.destination) && !is_the_device(facts, mount))
        .filter(move |(_, mount)| !images_own(mount))
        .map(|(index, mount)| {
            let source = if mount.name.is_empty() { &mount.source } else { &mount.name };
            rule::COVERED_DEVICE
                .on(container.subject())
                .about(&mount.destination)
                .evidence(format!("Mounts[{index}].Source"), source)
                .evidence(format!("Mounts[{index}].Destination"), &mount.destination)
        })
}

/// The host's own `/dev/null`, or its whole `/dev`, in its usual place: judged as what it is by the rules for devices and
/// for mounts.
fn is_the_device(facts: &Facts, mount: &Mount) -> bool {
    let there = facts.host.paths.get(&mount.source).map(|fact| fact.kind.as_str());
    mount.kind == "bind" && (matches!(there, Some("char")) || plain(&mount.source) == plain(&mount.destination))
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::{Component, Mount};
    use keelguard_host::sample::{self, path_fact};

    use super::*;

    fn with_runc(version: &str) -> sample::Sample {
        let component = Component { name: "runc".into(), version: version.into() };
        sample::host().with(|facts| facts.engine.as_mut().unwrap().version.components.push(component))
    }

    fn volume(inside: &str) -> Mount {
        Mount { kind: "volume".into(), name: "v".into(), destination: inside.into(), rw: true, ..Mount::default() }
    }

    fn told(facts: &Facts) -> Vec<String> {
        findings(facts).iter().map(|f| format!("{} {} {}", f.rule, f.severity, f.subject.name)).collect()
    }

    #[test]
    fn d14_a_volume_over_a_device_of_the_runtimes_is_told_of_the_container_that_has_it() {
        for (inside, version, expected) in [
            ("/dev/null", "1.1.5", "KG-B254 high web"),
            ("/dev//pts/../console/", "1.3.2", "KG-B254 high web"),
            ("/dev", "1.2.8", "KG-B254 low web"),
            ("/dev/pts/0", "1.4.0", "KG-B254 low web"),
        ] {
            let facts = with_runc(version).container("web", |c| c.mounts.push(volume(inside))).facts();
            assert_eq!(told(&facts), [expected], "{inside}");
        }
    }

    #[test]
    fn shared_memory_and_devices_that_the_runtime_does_not_need_are_no_finding() {
        for inside in ["/dev/shm", "/dev/mqueue", "/dev/snd", "/dev/nullable", "/devices", "/data/dev/null"] {
            let facts = with_runc("1.1.5").container("web", |c| c.mounts.push(volume(inside))).facts();
            assert_eq!(told(&facts), [""; 0], "{inside}");
        }
    }

    #[test]
    fn the_hosts_own_device_in_its_usual_place_is_no_finding() {
        let facts = with_runc("1.1.5").container("web", |c| c.bind("/dev/null", "/dev/null"));
        assert_eq!(told(&facts.facts()), [""; 0]);
        let other = with_runc("1.1.5")
            .with(|facts| {
                facts.host.paths.insert("/srv/null".into(), path_fact("/srv/null", "file"));
                facts.host.paths.insert("/srv/zero".into(), path_fact("/srv/zero", "char"));
            })
            .container("device", |c| c.bind("/srv/zero", "/dev/zero"))
            .container("file", |c| c.bind("/srv/null", "/dev/null"))
            .facts();
        assert_eq!(told(&other), ["KG-B254 high file"]);
    }

    #[test]
    fn a_volume_that_the_image_declares_is_told_once_and_of_the_image() {
        let facts = with_runc("1.2.7")
            .with(|facts| {
                let volumes = &mut facts.engine.as_mut().unwrap().images[0].config.volumes;
                for path in ["/dev/null", "/data"] {
                    volumes.insert(path.into(), serde_json::json!({}));
                }
            })
            .container("web", |c| c.mounts.push(volume("/dev/null")))
            .facts();
        let found = findings(&facts);
        assert_eq!(told(&facts).len(), 1, "{found:#?}");
        assert_eq!((found[0].rule.as_str(), found[0].evidence[0].value.as_str()), ("KG-B253", "/dev/null"));
        assert_eq!(found[0].fix.commands[0], "docker rm -f web");
    }

    #[test]
    fn each_has_a_remedy_that_closes_it() {
        let facts = with_runc("1.2.7")
            .with(|facts| {
                let mut trap = facts.engine.as_ref().unwrap().images[0].clone();
                trap.id = "sha256:7a9".into();
                trap.config.volumes.insert("/dev/console".into(), serde_json::json!({}));
                facts.engine.as_mut().unwrap().images.push(trap);
            })
            .container("web", |c| {
                c.host_config.binds.push("v:/dev/null".into());
                c.mounts.push(volume("/dev/null"));
            })
            .facts();
        let found = findings(&facts);
        assert_eq!(found.len(), 2);
        for finding in found {
            let mut after = facts.clone();
            assert!(crate::remedy::apply(&mut after, &finding), "{}", finding.rule);
            assert!(findings(&after).iter().all(|other| other.fingerprint != finding.fingerprint), "{}", finding.rule);
        }
    }
}
