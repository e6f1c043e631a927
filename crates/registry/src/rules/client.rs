//! This host as a client of registries: logins, certificates, mirrors, signatures.

use std::collections::{BTreeMap, BTreeSet};

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Mount};
use keelguard_model::registry::{CertificateFile, CertificateFolder, LoginFile, Mirror, Registries};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};

/// Names that one finding holds.
const NAMES: usize = 5;

pub(super) fn findings(facts: &Facts, registries: &Registries) -> Vec<Finding> {
    let mut findings: Vec<Finding> = registries.login_files.iter().flat_map(of_file).collect();
    findings.extend(in_containers(facts, &registries.login_files));
    findings.extend(registries.certificates.iter().flat_map(of_folder));
    findings.extend(mirrors(facts, &registries.mirrors));
    findings.extend(registries.policies.iter().filter(|(_, kind)| *kind == "insecureAcceptAnything").map(
        |(path, kind)| rule::UNSIGNED_ACCEPTED.on(Subject::new(SubjectKind::File, path)).evidence("default", kind),
    ));
    findings
}

fn file(path: &str) -> Subject {
    Subject::new(SubjectKind::File, path)
}

/// Whether more than its owner reads it, or writes it.
fn is_open(file: &LoginFile) -> Option<&'static str> {
    match file.mode {
        _ if file.closed_above => None,
        mode if mode & 0o002 != 0 => Some("everybody writes it"),
        mode if mode & 0o004 != 0 => Some("everybody reads it"),
        _ => None,
    }
}

fn of_file(one: &LoginFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let names: Vec<&String> = one.logins.keys().collect();
    let lasting = one.logins.values().filter(|kind| *kind != "short-lived token").count();
    let with_logins = |mut finding: Finding| {
        for name in names.iter().take(NAMES) {
            finding = finding.evidence(name.as_str(), one.logins.get(*name).map_or("", String::as_str));
        }
        finding
    };
    // What lies in a volume is its containers' finding, and has no owner here who could log in anew.
    let in_volume = one.holder.starts_with("volume ");
    if let Some(how) = is_open(one).filter(|_| !names.is_empty() || one.mode & 0o002 != 0) {
        let finding = rule::LOGIN_FILE_OPEN.on(file(&one.path)).evidence("mode", format!("{:04o}: {how}", one.mode));
        findings.push(with_logins(finding).command(format!("chmod 600 '{}'", one.path.replace('\'', "'\\''"))));
    }
    if !names.is_empty() {
        // A token that ends tonight is not what is found in a backup next year.
        let severity = if lasting == 0 { Severity::Low } else { rule::LOGIN_IN_FILE.severity };
        findings
            .push(with_logins(rule::LOGIN_IN_FILE.on(file(&one.path)).severity(severity).evidence("of", &one.holder)));
    }
    if !in_volume {
        for helper in &one.missing {
            let finding = rule::HELPER_MISSING.on(file(&one.path)).about(helper);
            findings.push(finding.evidence("named", format!("docker-credential-{helper}")));
        }
    }
    findings
}

/// Containers that see a file of logins: by a mount of it or of a folder above it, or by the volume in which it lies. A mount of
/// the whole host is a finding of its own, which this adds nothing to.
fn in_containers(facts: &Facts, files: &[LoginFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in facts.containers() {
        for one in files.iter().filter(|one| !one.logins.is_empty()) {
            if let Some(mount) = container.mounts.iter().find(|mount| sees(facts, mount, one)) {
                findings.push(seen(container, mount, one));
            }
        }
    }
    findings
}

fn sees(facts: &Facts, mount: &Mount, one: &LoginFile) -> bool {
    if mount.kind == "volume" && one.holder == format!("volume {}", mount.name) {
        return true;
    }
    let resolved =
        facts.host.paths.get(&mount.source).map(|path| path.resolved.as_str()).filter(|path| !path.is_empty());
    let source = resolved.unwrap_or(&mount.source).trim_end_matches('/');
    !source.is_empty() && one.path.strip_prefix(source).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn seen(container: &Container, mount: &Mount, one: &LoginFile) -> Finding {
    let rest = one.path.strip_prefix(mount.source.trim_end_matches('/')).unwrap_or_default();
    let names: Vec<&str> = one.logins.keys().map(String::as_str).take(NAMES).collect();
    let running = if container.is_running() { rule::LOGIN_IN_CONTAINER.severity } else { Severity::Medium };
    rule::LOGIN_IN_CONTAINER
        .on(container.subject())
        .about(&one.path)
        .severity(running)
        .evidence("file", format!("{}{rest}, on the host {}", mount.destination, one.path))
        .evidence("logins for", names.join(", "))
}

fn is_key(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|ending| ending == "key")
}

/// One finding a file, so that it stands beside what the benchmark's check of the same file says, or in its place.
fn of_folder(folder: &CertificateFolder) -> Vec<Finding> {
    folder.files.iter().filter_map(|one| of_certificate(folder, one)).collect()
}

fn of_certificate(folder: &CertificateFolder, one: &CertificateFile) -> Option<Finding> {
    let is_key = is_key(&one.name);
    let open = match one.mode {
        mode if mode & 0o002 != 0 => Some("everybody writes it"),
        mode if is_key && mode & 0o004 != 0 => Some("everybody reads it"),
        _ => None,
    };
    let is_foreign = one.uid != 0 && folder.path.starts_with("/etc/");
    if open.is_none() && !is_foreign {
        return None;
    }
    let path = format!("{}/{}", folder.path, one.name);
    let word = shell_word(&path);
    // The benchmark's sections are about the folder of Docker's engine.
    let of_docker = folder.path.starts_with("/etc/docker/");
    let sections = [(is_foreign, "3.7"), (open.is_some(), "3.8")];
    let sections: Vec<&str> =
        sections.into_iter().filter(|(fails, _)| *fails && of_docker).map(|(_, section)| section).collect();
    let mut finding = rule::CERTIFICATE_FILE_OPEN.on(file(&path)).cis(&sections);
    if let Some(how) = open {
        finding = finding.evidence("mode", format!("{:04o}: {how}", one.mode));
    } else {
        finding = finding.severity(Severity::Low);
    }
    if is_foreign {
        finding =
            finding.evidence("owner", format!("{}, not root", one.uid)).command(format!("chown root:root {word}"));
    }
    if open.is_some() {
        finding = finding.command(format!("chmod {} {word}", if is_key { "400" } else { "444" }));
    }
    Some(finding)
}

/// Leaves out what the engine's checks say of a file and [`rule::CERTIFICATE_FILE_OPEN`] says, too: one file, one finding.
pub fn without_doubles(findings: &mut Vec<Finding>) {
    let told: BTreeSet<(String, String)> = findings
        .iter()
        .filter(|finding| finding.rule == rule::CERTIFICATE_FILE_OPEN.id)
        .flat_map(|finding| finding.refs.cis.iter().map(|section| (finding.subject.name.clone(), section.clone())))
        .collect();
    let of_engine = [rule::FILE_MODE.id, rule::FILE_OWNER.id];
    findings.retain(|finding| {
        let is_told = |section: &String| told.contains(&(finding.subject.name.clone(), section.clone()));
        !(of_engine.contains(&finding.rule.as_str()) && finding.refs.cis.iter().any(is_told))
    });
}

/// One finding a file: what is listed there is changed there. What Docker's engine takes without TLS has a rule of its own.
fn mirrors(facts: &Facts, mirrors: &[Mirror]) -> Vec<Finding> {
    let mut insecure: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for one in mirrors.iter().filter(|one| one.insecure && !is_here(&one.address)) {
        insecure.entry(&one.from).or_default().push((&one.registry, &one.address));
    }
    let of_engine = facts.engine.as_ref().and_then(|engine| engine.info.registry_config.as_ref());
    let of_engine = of_engine.map_or(&[][..], |config| config.mirrors.as_slice());
    for address in of_engine.iter().filter(|address| address.starts_with("http://") && !is_here(address)) {
        insecure.entry("registry-mirrors of the engine").or_default().push(("docker.io", address));
    }
    let finding = |(from, rows): (&str, Vec<(&str, &str)>)| {
        let subject = if from.starts_with('/') { file(from) } else { Subject::engine() };
        let mut finding = rule::INSECURE_MIRROR.on(subject).evidence("in", from);
        for (registry, address) in rows.iter().take(NAMES) {
            finding = finding.evidence(*registry, *address);
        }
        finding
    };
    insecure.into_iter().map(finding).collect()
}

/// Nobody sits between this machine and itself.
fn is_here(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    keelguard_distribution::is_loopback(keelguard_distribution::host_of(authority))
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::*;

    fn login_file(path: &str, holder: &str, mode: u32, logins: &[(&str, &str)]) -> LoginFile {
        let logins = logins.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
        LoginFile { path: path.into(), holder: holder.into(), mode, logins, ..LoginFile::default() }
    }

    fn ids(facts: &Facts, registries: &Registries) -> Vec<String> {
        let shown = |finding: Finding| format!("{} {:?} {}", finding.rule, finding.severity, finding.subject.name);
        findings(facts, registries).into_iter().map(shown).collect()
    }

    #[test]
    fn a_file_of_logins_is_judged_by_who_reads_it_and_by_how_long_they_last() {
        let hub = ("https://index.docker.io/v1/", "password");
        let registries = Registries {
            login_files: vec![
                login_file("/root/.docker/config.json", "user root", 0o600, &[hub]),
                login_file("/home/me/.docker/config.json", "user me", 0o644, &[hub]),
                LoginFile { closed_above: true, ..login_file("/home/b/.docker/config.json", "user b", 0o644, &[hub]) },
                login_file(
                    "/home/c/.docker/config.json",
                    "user c",
                    0o600,
                    &[("1.dkr.ecr.x.amazonaws.com", "short-lived token")],
                ),
                LoginFile {
                    missing: vec!["pass".into()],
                    ..login_file("/home/d/.docker/config.json", "user d", 0o600, &[])
                },
            ],
            ..Registries::default()
        };
        assert_eq!(
            ids(&Facts::empty(), &registries),
            [
                "KG-A150 Medium /root/.docker/config.json",
                "KG-A151 High /home/me/.docker/config.json",
                "KG-A150 Medium /home/me/.docker/config.json",
                "KG-A150 Medium /home/b/.docker/config.json",
                "KG-A150 Low /home/c/.docker/config.json",
                "KG-A152 Low /home/d/.docker/config.json"
            ]
        );
    }

    #[test]
    fn a_container_that_sees_logins_by_a_mount_or_a_volume_is_named_and_one_that_sees_the_whole_host_is_not() {
        let registries = Registries {
            login_files: vec![
                login_file("/root/.docker/config.json", "user root", 0o600, &[("x.example", "password")]),
                login_file(
                    "/var/lib/docker/volumes/builds/_data/.docker/config.json",
                    "volume builds",
                    0o600,
                    &[("y.example", "password")],
                ),
            ],
            ..Registries::default()
        };
        let facts = sample::host()
            .container("ci", |c| c.bind("/root/.docker", "/root/.docker"))
            .container("all", |c| c.bind("/", "/host"))
            .container("other", |c| c.bind("/root/.dockerx", "/x"))
            .container("build", |c| {
                let mount = Mount {
                    kind: "volume".into(),
                    name: "builds".into(),
                    destination: "/home".into(),
                    ..Mount::default()
                };
                c.mounts.push(mount);
            })
            .facts();
        let found = ids(&facts, &registries);
        let in_containers: Vec<_> = found.iter().filter(|id| id.starts_with("KG-A153")).collect();
        assert_eq!(in_containers, ["KG-A153 High ci", "KG-A153 High build"]);
    }

    #[test]
    fn mirrors_without_tls_are_one_finding_a_file_and_this_machine_is_none() {
        let mirror = |from: &str, address: &str, insecure| Mirror {
            from: from.into(),
            address: address.into(),
            insecure,
            ..Mirror::default()
        };
        let registries = Registries {
            mirrors: vec![
                mirror("/etc/a", "http://m.example", true),
                mirror("/etc/a", "n.example", true),
                mirror("/etc/a", "http://127.0.0.1:5000", true),
                mirror("/etc/b", "https://m.example", false),
            ],
            policies: [("/etc/containers/policy.json".to_owned(), "insecureAcceptAnything".to_owned())].into(),
            ..Registries::default()
        };
        let facts = sample::host()
            .with(|facts| {
                let config = facts.engine.as_mut().unwrap().info.registry_config.as_mut().unwrap();
                config.mirrors = vec!["http://hub.example/".into(), "https://good.example/".into()];
            })
            .facts();
        assert_eq!(
            ids(&facts, &registries),
            ["KG-A155 Medium /etc/a", "KG-A155 Medium docker", "KG-A157 Info /etc/containers/policy.json"]
        );
    }

    fn folder(path: &str, files: &[(&str, u32, u32)]) -> CertificateFolder {
        let file = |(name, mode, uid): &(&str, u32, u32)| CertificateFile {
            name: (*name).into(),
            mode: *mode,
            uid: *uid,
            not_after: None,
        };
        CertificateFolder { path: path.into(), registry: "x".into(), files: files.iter().map(file).collect() }
    }

    #[test]
    fn a_key_that_everybody_reads_is_worse_than_an_owner_who_is_not_root() {
        let told = |path: &str, files: &[(&str, u32, u32)]| -> Vec<(String, Severity, String)> {
            let of = |finding: Finding| (finding.subject.name, finding.severity, finding.refs.cis.join(" "));
            of_folder(&folder(path, files)).into_iter().map(of).collect()
        };
        let docker = "/etc/docker/certs.d/x";
        assert_eq!(told(docker, &[("ca.crt", 0o644, 0), ("client.key", 0o400, 0)]), []);
        assert_eq!(
            told(docker, &[("client.key", 0o644, 0), ("ca.crt", 0o444, 1000), ("b.crt", 0o666, 1000)]),
            [
                (format!("{docker}/client.key"), Severity::Medium, "3.8".to_owned()),
                (format!("{docker}/ca.crt"), Severity::Low, "3.7".to_owned()),
                (format!("{docker}/b.crt"), Severity::Medium, "3.7 3.8".to_owned()),
            ]
        );
        assert_eq!(told("/etc/containers/certs.d/x", &[("ca.crt", 0o666, 0)])[0].2, "", "no section is about Podman's");
    }

    #[test]
    fn what_two_rules_say_of_one_file_is_one_finding() {
        let certs = "/etc/docker/certs.d/x";
        let mut findings = of_folder(&folder(certs, &[("client.key", 0o644, 0)]));
        let of_engine = |rule: &keelguard_model::Rule, name: &str, section: &str| {
            rule.on(file(&format!("{certs}/{name}"))).cis(&[section])
        };
        findings.push(of_engine(&rule::FILE_MODE, "client.key", "3.8"));
        findings.push(of_engine(&rule::FILE_OWNER, "client.key", "3.7"));
        findings.push(of_engine(&rule::FILE_MODE, "ca.crt", "3.8"));
        without_doubles(&mut findings);
        let left: Vec<_> =
            findings.iter().map(|finding| (finding.rule.as_str(), finding.subject.name.as_str())).collect();
        let (key, authority) = (format!("{certs}/client.key"), format!("{certs}/ca.crt"));
        assert_eq!(left, [("KG-A156", key.as_str()), ("KG-B132", &key), ("KG-B133", &authority)]);
    }
}
