//! Owner and permissions of the engine's files, sockets and keys (D02): section 3 of the benchmark as a table.
//! Severity follows what the surplus gives: writing what root obeys is root, reading a certificate is nothing.

use keelguard_host::Facts;
use keelguard_host::facts::{FileFact, Stat};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};

use crate::remedy::{Change, Remedy};
use crate::rules::daemon::is_rootless;

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::SOCKET_OPEN, change: Change::Own(tighten) },
    Remedy { rule: &rule::KEY_READABLE, change: Change::Own(tighten) },
    Remedy { rule: &rule::FILE_MODE, change: Change::Own(tighten) },
    Remedy { rule: &rule::FILE_OWNER, change: Change::Own(give_back) },
];

/// What kind of thing a file is, for the severity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// Root does what it says.
    Obeyed,
    /// Commands are taken through it.
    Socket,
    /// Whoever reads it can pretend to be the engine.
    Key,
    /// Meant to be read; who writes it changes who is trusted.
    Certificate,
}

/// One role: the sections for owner and permissions, the group beside root, and the widest permissions.
pub(crate) struct Row {
    /// The role in [`FileFact::role`].
    pub(crate) role: &'static str,
    /// The section that asks for the owner.
    pub(crate) owner_section: &'static str,
    /// The section that asks for the permissions.
    pub(crate) mode_section: &'static str,
    group: &'static str,
    mode: u32,
    nature: Nature,
}

const fn row(
    role: &'static str,
    sections: (&'static str, &'static str),
    group: &'static str,
    mode: u32,
    nature: Nature,
) -> Row {
    Row { role, owner_section: sections.0, mode_section: sections.1, group, mode, nature }
}

/// CIS Docker Benchmark 1.6.0, section 3.
pub(crate) const TABLE: &[Row] = &[
    row("docker.service", ("3.1", "3.2"), "root", 0o644, Nature::Obeyed),
    row("docker.socket", ("3.3", "3.4"), "root", 0o644, Nature::Obeyed),
    row("docker-dir", ("3.5", "3.6"), "root", 0o755, Nature::Obeyed),
    row("registry-cert", ("3.7", "3.8"), "root", 0o444, Nature::Certificate),
    row("tls-ca", ("3.9", "3.10"), "root", 0o444, Nature::Certificate),
    row("tls-cert", ("3.11", "3.12"), "root", 0o444, Nature::Certificate),
    row("tls-key", ("3.13", "3.14"), "root", 0o400, Nature::Key),
    row("docker-sock", ("3.15", "3.16"), "docker", 0o660, Nature::Socket),
    row("daemon.json", ("3.17", "3.18"), "root", 0o644, Nature::Obeyed),
    row("default-docker", ("3.19", "3.20"), "root", 0o644, Nature::Obeyed),
    row("sysconfig-docker", ("3.22", "3.21"), "root", 0o644, Nature::Obeyed),
    row("containerd-sock", ("3.23", "3.24"), "root", 0o660, Nature::Socket),
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in facts.host.files.iter().filter(|file| file.exists != Some(false)) {
        let (Some(stat), Some(row)) = (&file.stat, TABLE.iter().find(|row| row.role == file.role)) else { continue };
        found.extend(mode(row, file, stat));
        found.extend(owner(facts, row, file, stat));
    }
    found
}

fn subject(file: &FileFact) -> Subject {
    Subject::new(SubjectKind::File, file.path.as_str())
}

fn mode(row: &Row, file: &FileFact, stat: &Stat) -> Option<Finding> {
    // What counts is rwx; a set-group bit on a folder opens nothing.
    let surplus = stat.mode & 0o777 & !row.mode;
    if surplus == 0 {
        return None;
    }
    let group_is_root = stat.gid == 0;
    let finding = match row.nature {
        Nature::Socket if surplus & 0o002 != 0 => rule::SOCKET_OPEN.on(subject(file)),
        Nature::Key if surplus & 0o006 != 0 => rule::KEY_READABLE.on(subject(file)),
        Nature::Key if surplus & 0o060 != 0 => rule::FILE_MODE.on(subject(file)).severity(Severity::Low),
        // Connecting takes the right to write; reading a socket gives nothing.
        Nature::Socket => rule::FILE_MODE.on(subject(file)).severity(Severity::Info),
        _ if surplus & 0o002 != 0 => rule::FILE_MODE.on(subject(file)).severity(Severity::High),
        _ if surplus & 0o020 != 0 && !group_is_root => rule::FILE_MODE.on(subject(file)).severity(Severity::Medium),
        // Surplus rights of root itself, of group root, or to read what is no secret.
        _ => rule::FILE_MODE.on(subject(file)).severity(Severity::Info),
    };
    Some(
        finding
            .about(&file.path)
            .cis(&[row.mode_section])
            .evidence(format!("mode of {}", row.role), format!("{:04o} (at most {:04o})", stat.mode, row.mode))
            .command(format!("chmod {:04o} {}", stat.mode & row.mode, shell_word(&file.path))),
    )
}

fn owner(facts: &Facts, row: &Row, file: &FileFact, stat: &Stat) -> Option<Finding> {
    if is_rootless(facts) && facts.host.daemon.uid.is_none_or(|uid| uid == stat.uid || stat.uid == 0) {
        // A rootless engine's files belong to its own user.
        return None;
    }
    let foreign_owner = stat.uid != 0;
    let foreign_group = stat.gid != 0 && stat.group != row.group;
    if !foreign_owner && !foreign_group {
        return None;
    }
    let group_writes = stat.mode & 0o020 != 0;
    let intended = facts.host.daemon.setting("group").and_then(|group| group.as_str());
    let severity = match row.nature {
        _ if foreign_owner => Severity::High,
        // Membership of the group is judged by who is in it.
        Nature::Socket if intended == Some(stat.group.as_str()) => Severity::Info,
        Nature::Socket | Nature::Obeyed if group_writes => Severity::Low,
        Nature::Key if stat.mode & 0o040 != 0 => Severity::Low,
        _ => Severity::Info,
    };
    Some(
        rule::FILE_OWNER
            .on(subject(file))
            .about(&file.path)
            .severity(severity)
            .cis(&[row.owner_section])
            .evidence(
                format!("owner of {}", row.role),
                format!(
                    "{}:{} (expected root:{})",
                    named(&stat.owner, stat.uid),
                    named(&stat.group, stat.gid),
                    row.group
                ),
            )
            .command(format!("chown root:{} {}", row.group, shell_word(&file.path))),
    )
}

fn named(name: &str, id: u32) -> String {
    if name.is_empty() { id.to_string() } else { name.to_owned() }
}

fn of_finding<'a>(facts: &'a mut Facts, finding: &Finding) -> impl Iterator<Item = (&'static Row, &'a mut Stat)> {
    let path = finding.subject.name.clone();
    facts.host.files.iter_mut().filter(move |file| file.path == path).filter_map(|file| {
        let row = TABLE.iter().find(|row| row.role == file.role)?;
        Some((row, file.stat.as_mut()?))
    })
}

fn tighten(facts: &mut Facts, finding: &Finding) {
    for (row, stat) in of_finding(facts, finding) {
        stat.mode &= row.mode;
    }
}

fn give_back(facts: &mut Facts, finding: &Finding) {
    for (row, stat) in of_finding(facts, finding) {
        stat.uid = 0;
        "root".clone_into(&mut stat.owner);
        row.group.clone_into(&mut stat.group);
        if row.group == "root" {
            stat.gid = 0;
        }
    }
}
