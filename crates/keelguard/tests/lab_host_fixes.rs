//! Fixes outside containers: owners and modes of files, groups, kernel parameters, firewall, contexts, audit rules,
//! packages. Each is run as printed, on the paths that it names, in namespaces of the test's own; then the finding is gone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may end in a panic and say why"
)]

mod lab;

use std::collections::{BTreeMap, BTreeSet};

use keelguard_lab::Lab;
use keelguard_model::{Finding, SubjectKind};
use lab::host::PrivateHost;
use serde_json::{Map, Value, json};

/// A careless administrator.
const CARELESS: &str = "
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
groupadd -f docker
useradd --no-create-home alice
useradd --no-create-home mallory
useradd --no-create-home --gid docker trent
gpasswd -a alice docker
gpasswd -a mallory docker

mkdir -p /etc/docker/certs.d/registry.example /etc/sysconfig /etc/default /etc/systemd/system /etc/buildkit
for file in /etc/docker/certs.d/registry.example/ca.crt /etc/sysconfig/docker /etc/default/docker \\
    /etc/systemd/system/docker.service /etc/systemd/system/docker.socket $LAB/ca.pem $LAB/cert.pem $LAB/key.pem; do
    touch $file
done
for file in /etc/docker /etc/docker/certs.d/registry.example/ca.crt /etc/sysconfig/docker /etc/default/docker \\
    /etc/systemd/system/docker.service /etc/systemd/system/docker.socket $LAB/ca.pem $LAB/cert.pem $LAB/key.pem \\
    $LAB/daemon.json $LAB/docker.sock $LAB/c.sock; do
    chown alice:mallory $file
    chmod a+rwx $file
done

printf 'insecure-entitlements = [ \"security.insecure\", \"network.host\" ]\\n' >/etc/buildkit/buildkitd.toml
docker context create far --docker host=tcp://192.0.2.1:2375
";

/// Rules whose commands install or upgrade packages, or ask the init system for a service that the lab has not: apt is
/// asked whether it would do it.
fn is_of_packages(finding: &Finding) -> bool {
    finding.fix.commands.iter().any(|command| command.starts_with("apt-get "))
}

fn daemon_settings(lab: &Lab, change: impl FnOnce(&mut Map<String, Value>)) {
    let file = lab.daemon_json();
    let mut settings: Map<String, Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut settings);
    std::fs::write(&file, Value::Object(settings).to_string()).unwrap();
}

/// The findings of the lowest rule that was not tried yet. So what is fixed while the containers run comes before what
/// restarts the engine, which ends them.
fn next_rule(findings: &[Finding], tried: &BTreeSet<String>, choose: fn(&Finding) -> bool) -> Vec<Finding> {
    let open = |finding: &&Finding| choose(finding) && !tried.contains(&finding.rule);
    let Some(first) = findings.iter().filter(open).min_by_key(|finding| &finding.rule) else { return Vec::new() };
    findings.iter().filter(|finding| finding.rule == first.rule && choose(finding)).cloned().collect()
}

/// The host's own findings that come with commands.
fn of_the_host(finding: &Finding) -> bool {
    !matches!(finding.subject.kind, SubjectKind::Container | SubjectKind::Image)
        && !finding.fix.commands.is_empty()
        && !is_of_packages(finding)
        // The audit rules are the kernel's, not the namespace's: they have a test of their own.
        && finding.rule != "KG-B134"
        // User namespaces would have the engine make users of this machine.
        && !finding.fix.snippets.iter().any(|snippet| snippet.text.contains("userns-remap"))
        // Its commands change containers.
        && !finding.fix.commands.iter().any(|command| command.starts_with("docker update"))
}

/// A lab whose host and engine are kept badly.
fn careless() -> Option<(Lab, PrivateHost)> {
    let mut lab = lab::lab()?;
    lab.docker_ok(&["run", "--detach", "--name=web", Lab::IMAGES[0]]).unwrap();
    // In the lab's network namespace this is a service of the host that answers on every address.
    lab.docker_ok(&[
        "run",
        "--detach",
        "--name=service",
        "--network=host",
        Lab::IMAGES[0],
        "httpd",
        "-f",
        "-p",
        "8088",
    ])
    .unwrap();
    let below = |name: &str| json!(lab.dir().join(name).display().to_string());
    daemon_settings(&lab, |settings| {
        settings.insert("hosts".into(), json!([lab.endpoint(), "tcp://0.0.0.0:2375"]));
        for (key, file) in [("tlscacert", "ca.pem"), ("tlscert", "cert.pem"), ("tlskey", "key.pem")] {
            settings.insert(key.into(), below(file));
        }
    });
    lab.restart().unwrap();
    lab.docker_ok(&["start", "web", "service"]).unwrap();
    let host = match PrivateHost::around(&lab) {
        Ok(host) => host,
        Err(why) => {
            eprintln!("skipped: {why}");
            lab.down().unwrap();
            return None;
        }
    };
    host.shell_ok(&lab, &format!("LAB={}\n{CARELESS}", lab.dir().display()));
    Some((lab, host))
}

#[test]
fn fixes_of_the_host_are_run_as_printed_and_their_findings_are_gone() {
    let Some((mut lab, host)) = careless() else { return };
    let (mut tried, mut broken) = (BTreeSet::new(), Vec::new());
    let mut findings = host.findings(&lab);
    let mut run = BTreeMap::new();
    loop {
        let same_rule = next_rule(&findings, &tried, of_the_host);
        let Some(first) = same_rule.first() else { break };
        tried.insert(first.rule.clone());
        for finding in &same_rule {
            broken.extend(host.follow(&mut lab, finding).err());
            *run.entry(finding.rule.clone()).or_insert(0) += 1;
        }
        findings = host.findings(&lab);
        for finding in &same_rule {
            if findings.iter().any(|found| found.fingerprint == finding.fingerprint) {
                broken.push(format!("{} on {} is still there after {:?}", finding.rule, finding.subject, finding.fix));
            }
        }
    }
    eprintln!("fixes run for real, a rule: {run:?}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    for rule in [
        "KG-B046", "KG-B050", "KG-B100", "KG-B126", "KG-B127", "KG-B128", "KG-B130", "KG-B131", "KG-B132", "KG-B133",
        "KG-B282",
    ] {
        assert!(tried.contains(rule), "{rule} was not found: {tried:?}");
    }
    drop(host);
    lab.down().unwrap();
}

#[test]
fn commands_that_install_packages_are_accepted_by_apt() {
    let Some((mut lab, host)) = careless() else { return };
    let findings = host.findings(&lab);
    let mut asked = BTreeSet::new();
    for finding in findings.iter().filter(|finding| is_of_packages(finding)) {
        for command in &finding.fix.commands {
            let Some(rest) = command.strip_prefix("apt-get ") else { continue };
            // Fetching the lists cannot be simulated; to say where they would come from it reads the whole command.
            let dry = if rest == "update" { "--print-uris" } else { "--simulate" };
            let said = host.shell(&lab, &format!("apt-get {dry} {rest}"));
            assert!(said.status.success(), "{}: {command}: {}", finding.rule, String::from_utf8_lossy(&said.stderr));
            asked.insert(command.clone());
        }
    }
    eprintln!("accepted by apt: {asked:?}");
    if asked.is_empty() {
        eprintln!("skipped: no finding here asks for a package");
    }
    drop(host);
    lab.down().unwrap();
}

/// The kernel's audit rules, put back as they were: there were none.
struct Audit {
    enabled: bool,
    watched: Vec<String>,
}

fn auditctl(arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new("auditctl").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Audit {
    fn none_yet() -> Result<Self, String> {
        let status = auditctl(&["-s"]).ok_or("auditctl is not installed, or the kernel keeps no audit log")?;
        let value =
            |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim().to_owned();
        if value("pid ") != "0" || value("enabled ") == "2" {
            return Err("this machine keeps an audit log of its own".to_owned());
        }
        let rules = auditctl(&["-l"]).ok_or("the audit rules cannot be listed")?;
        if rules.trim() != "No rules" {
            return Err("this machine has audit rules of its own".to_owned());
        }
        Ok(Self { enabled: value("enabled ") == "1", watched: Vec::new() })
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        if !self.enabled {
            auditctl(&["-e", "0"]);
        }
        // Only what this test has added: others may have come since.
        for rule in &self.watched {
            let words: Vec<&str> = std::iter::once("-W").chain(rule.split_whitespace().skip(1)).collect();
            auditctl(&words);
        }
    }
}

#[test]
fn the_audit_rules_that_a_finding_prints_are_taken_by_the_kernel() {
    let mut audit = match Audit::none_yet() {
        Ok(audit) => audit,
        Err(why) => {
            eprintln!("skipped: {why}");
            return;
        }
    };
    let Some((mut lab, host)) = careless() else { return };
    let of_audit = |findings: Vec<Finding>| findings.into_iter().find(|finding| finding.rule == "KG-B134");
    let finding = of_audit(host.findings(&lab)).expect("nothing is audited yet");
    let rules = finding.fix.snippets[0].text.clone();
    audit.watched = rules.lines().map(str::to_owned).collect();
    assert!(audit.watched.len() > 5, "{rules}");
    host.follow(&mut lab, &finding).unwrap();
    let in_force = auditctl(&["-l"]).unwrap();
    let left = of_audit(host.findings(&lab));
    assert!(left.is_none(), "{left:#?}\nin force: {in_force}");
    eprintln!("{} audit rules were in force", in_force.lines().count());
    drop(audit);
    assert_eq!(auditctl(&["-l"]).unwrap().trim(), "No rules", "the kernel is as it was");
    drop(host);
    lab.down().unwrap();
}
