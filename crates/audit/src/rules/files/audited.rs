//! Whether the kernel logs who touches the engine's programs, files and sockets: sections 1.1.3 to 1.1.18.

use std::fmt::Write as _;

use keelguard_host::Facts;
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Subject, rule};

use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[Remedy {
    rule: &rule::NOT_AUDITED,
    change: Change::Own(|facts, finding| {
        let missing = finding.evidence.iter().filter(|evidence| evidence.what.starts_with("no audit rule"));
        let lines: Vec<String> = missing.map(|evidence| watch(&evidence.value)).collect();
        facts.host.audit.rules.get_or_insert_default().extend(lines);
        facts.host.audit.enabled = Some(true);
    }),
}];

/// Section and role of the file it watches.
pub(crate) const WATCHED: &[(&str, &str)] = &[
    ("1.1.3", "dockerd-bin"),
    ("1.1.4", "run-containerd"),
    ("1.1.5", "data-root"),
    ("1.1.6", "docker-dir"),
    ("1.1.7", "docker.service"),
    ("1.1.8", "containerd-sock"),
    ("1.1.9", "docker.socket"),
    ("1.1.10", "default-docker"),
    ("1.1.11", "daemon.json"),
    ("1.1.12", "containerd-config"),
    ("1.1.13", "sysconfig-docker"),
    ("1.1.14", "containerd-bin"),
    ("1.1.15", "containerd-shim-bin"),
    ("1.1.16", "containerd-shim-runc-v1-bin"),
    ("1.1.17", "containerd-shim-runc-v2-bin"),
    ("1.1.18", "runc-bin"),
];

/// One finding for the host: it is one file of rules that is missing, not sixteen problems.
pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let audit = &facts.host.audit;
    let Some(rules) = &audit.rules else { return Vec::new() };
    let off = audit.enabled == Some(false);
    let watches: Vec<Watch> = if off { Vec::new() } else { rules.iter().filter_map(|line| parse(line)).collect() };
    let mut sections: Vec<&str> = Vec::new();
    let mut missing: Vec<&str> = Vec::new();
    for (section, role) in WATCHED {
        let files = facts.host.files.iter().filter(|file| file.role == *role && file.exists == Some(true));
        for file in files.filter(|file| !watches.iter().any(|watch| watch.covers(&file.path))) {
            sections.push(section);
            if !missing.contains(&file.path.as_str()) {
                missing.push(&file.path);
            }
        }
    }
    if missing.is_empty() {
        return Vec::new();
    }
    sections.dedup();
    let mut finding = rule::NOT_AUDITED.on(Subject::host_root()).cis(&sections);
    if off {
        finding = finding.evidence("auditctl -s", "enabled 0").command("auditctl -e 1");
    }
    let mut text = String::new();
    for path in missing {
        finding = finding
            .evidence(
                format!("no audit rule ({})", if audit.source == "files" { "/etc/audit" } else { "auditctl -l" }),
                path,
            )
            .command(format!("auditctl -w {} -p rwxa -k docker", shell_word(path)));
        let _ = writeln!(text, "{}", watch(path));
    }
    vec![finding.snippet("/etc/audit/rules.d/docker.rules", text)]
}

fn watch(path: &str) -> String {
    format!("-w {path} -p rwxa -k docker")
}

/// What a rule watches.
struct Watch {
    path: String,
    /// Whatever lies below it too.
    below: bool,
}

impl Watch {
    fn covers(&self, path: &str) -> bool {
        let path = usual(path);
        let Some(rest) = path.strip_prefix(self.path.as_str()) else { return false };
        rest.is_empty() || (self.below && (rest.starts_with('/') || self.path == "/"))
    }
}

/// `-w PATH`, or `-a always,exit … -F path=PATH` or `-F dir=PATH`, as `auditctl -l` and the files write them.
fn parse(line: &str) -> Option<Watch> {
    let mut words = line.split_whitespace();
    let mut found = None;
    while let Some(word) = words.next() {
        match word {
            "-w" => found = Some(Watch { path: usual(words.next()?), below: true }),
            "-F" => {
                let field = words.next()?;
                if let Some(path) = field.strip_prefix("path=") {
                    found = Some(Watch { path: usual(path), below: false });
                } else if let Some(path) = field.strip_prefix("dir=") {
                    found = Some(Watch { path: usual(path), below: true });
                }
            }
            // `never` keeps events out of the log.
            "-a" | "-A" if words.next().is_some_and(|list| list.split(',').any(|word| word == "never")) => return None,
            "-W" | "-d" | "-D" => return None,
            _ => {}
        }
    }
    found
}

/// One spelling for the folders that are links on today's systems.
fn usual(path: &str) -> String {
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    for (link, target) in [("/var/run", "/run"), ("/lib", "/usr/lib"), ("/bin", "/usr/bin"), ("/sbin", "/usr/sbin")] {
        if let Some(rest) = path.strip_prefix(link)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return format!("{target}{rest}");
        }
    }
    path.to_owned()
}
