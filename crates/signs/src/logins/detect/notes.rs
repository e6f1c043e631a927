//! Events that matter each on their own: root at the door, service accounts with a shell, accounts and rules that change,
//! refused sudo, erased logs. The same thing again is counted, not told again.

use std::borrow::Cow;

use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::attack::At as _;
use super::{Limits, Peer};
use crate::bounded::Bounded;
use crate::distinct::{Daily, Names};
use crate::logins::commands::{Deed, deed_of};
use crate::logins::event::{Channel, Kind, Seen, lossy};
use crate::read::{Age, piece_of};
use crate::words::{many, when};

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Matter {
    RootByPassword,
    Root,
    ServiceAccount,
    NewAccount,
    MorePower,
    AccountChanged,
    TimedJob,
    Rules,
    Keys,
    Refused,
    LogsErased,
    LockedOut,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Note {
    first: i64,
    last: i64,
    count: u64,
    by: Names,
    detail: String,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Notes {
    notes: Bounded<(Matter, String), Note>,
    /// Who got in from one address within a day.
    visitors: Bounded<Peer, Visitors>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Visitors {
    last: i64,
    users: Daily,
}

/// Accounts of the system, which nobody logs in as.
const SERVICE_ACCOUNTS: &[&str] = &[
    "daemon",
    "bin",
    "sys",
    "games",
    "man",
    "lp",
    "mail",
    "news",
    "uucp",
    "proxy",
    "www-data",
    "list",
    "irc",
    "nobody",
    "_apt",
    "messagebus",
    "sshd",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
    "mysql",
    "redis",
    "mongodb",
    "nginx",
    "apache",
    "http",
    "tomcat",
    "memcache",
    "ntp",
    "dnsmasq",
    "avahi",
    "rtkit",
    "polkitd",
    "rpc",
    "ftp",
    "squid",
    "named",
    "bind",
    "postfix",
    "dovecot",
    "dovenull",
    "exim",
    "Debian-exim",
    "syslog",
    "tcpdump",
    "halt",
    "shutdown",
    "sync",
    "operator",
];

/// Groups whose members own the machine, or can.
const POWERFUL_GROUPS: &[&str] = &[
    "root",
    "sudo",
    "wheel",
    "admin",
    "adm",
    "docker",
    "lxd",
    "incus-admin",
    "libvirt",
    "disk",
    "shadow",
    "kvm",
    "podman",
];

impl From<Deed> for Matter {
    fn from(deed: Deed) -> Self {
        match deed {
            Deed::Rules => Self::Rules,
            Deed::Keys => Self::Keys,
            Deed::LogsErased => Self::LogsErased,
        }
    }
}

/// Programs whose task it is to put logs away.
fn keeps_logs(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    let known =
        ["logrotate", "savelog", "rsyslogd", "syslog-ng", "systemd-journald", "auditd", "dpkg", "apt", "rpm", "dnf"];
    known.contains(&name)
}

/// Whether a file is a log that is still written, or a record of commands. Old pieces are put away by whoever likes order.
fn is_log(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (base, age) = piece_of(name);
    let current = age == Age::Current && base == name;
    let known =
        ["auth.log", "secure", "syslog", "messages", "kern.log", "wtmp", "btmp", "lastlog", "audit.log", "faillog"];
    let record = name.starts_with('.') && name.ends_with("_history");
    record
        || path.starts_with("/var/log/")
            && current
            && (known.contains(&name) || matches!(name.rsplit_once('.'), Some((_, "journal"))))
}

impl Notes {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { notes: Bounded::new(limits.users), visitors: Bounded::new(limits.addresses) }
    }

    pub(super) fn see(&mut self, seen: &Seen<'_>, peer: Option<&Peer>, user: Option<&str>, now: i64) {
        let by = seen.by.map(lossy).unwrap_or_default();
        let detail = seen.detail.map(lossy).unwrap_or_default();
        let method = seen.method.map(lossy).unwrap_or_default();
        match seen.kind {
            Kind::LoginOk => {
                let (Some(peer), Some(user)) = (peer, user) else { return };
                self.visit(peer, user, now);
                // Mail and file servers have users of their own.
                // The audit log tells of logins a second time, and not how.
                let shell = matches!(seen.service, "sshd" | "login" | "klogind") && seen.channel == Channel::Daemon;
                if shell && user == "root" {
                    let matter = if method == "publickey" { Matter::Root } else { Matter::RootByPassword };
                    self.note(matter, user, &peer.to_string(), &method, now, seen.count);
                } else if shell && SERVICE_ACCOUNTS.contains(&user) {
                    self.note(Matter::ServiceAccount, user, &peer.to_string(), &method, now, seen.count);
                }
            }
            Kind::AccountChange => self.changed(user.unwrap_or_default(), &by, &method, &detail, now, seen.count),
            Kind::SudoDenied => self.note(Matter::Refused, &by, user.unwrap_or_default(), &detail, now, seen.count),
            Kind::Lockout => self.note(Matter::LockedOut, user.unwrap_or_default(), seen.service, "", now, seen.count),
            Kind::Sudo => {
                if let Some(deed) = deed_of(&detail) {
                    self.note(deed.into(), &by, user.unwrap_or_default(), &detail, now, seen.count);
                }
            }
            Kind::FileAccess => {
                let erased = match &*method {
                    "command" => Some(detail),
                    "delete" | "rename" | "truncate" if is_log(&detail) && !keeps_logs(seen.service) => {
                        Some(format!("{method} {detail} ({})", seen.service).into())
                    }
                    _ => None,
                };
                // What nobody's login began is the system's own.
                if let Some(erased) = erased.filter(|_| !by.is_empty()) {
                    self.note(Matter::LogsErased, &by, "", &erased, now, seen.count);
                }
            }
            _ => {}
        }
    }

    fn changed(&mut self, user: &str, by: &str, method: &str, detail: &str, now: i64, times: u32) {
        let (matter, what): (_, Cow<'_, str>) = match method {
            "new user" if detail == "0" => (Matter::MorePower, "a new account with the user id 0".into()),
            "new user" => (Matter::NewAccount, "".into()),
            "group" if POWERFUL_GROUPS.contains(&detail) => (Matter::MorePower, format!("member of {detail}").into()),
            "uid" if detail == "0" => (Matter::MorePower, "user id 0".into()),
            "shell" if !detail.ends_with("nologin") && !detail.ends_with("false") => {
                (Matter::AccountChanged, format!("shell {detail}").into())
            }
            "password" => (Matter::AccountChanged, "password".into()),
            "unlock" => (Matter::AccountChanged, "unlocked".into()),
            "crontab" => (Matter::TimedJob, "".into()),
            _ => return,
        };
        self.note(matter, user, by, &what, now, times);
    }

    fn visit(&mut self, peer: &Peer, user: &str, now: i64) {
        let visitors = self.visitors.entry(peer.clone(), now, Visitors::default);
        visitors.last = now;
        visitors.users.add(user, now);
    }

    fn note(&mut self, matter: Matter, whom: &str, by: &str, detail: &str, now: i64, times: u32) {
        let key = (matter, whom.chars().take(64).collect());
        let note = self.notes.entry(key, now, || Note {
            first: now,
            last: now,
            count: 0,
            by: Names::default(),
            detail: detail.chars().take(200).collect(),
        });
        note.last = now.max(note.last);
        note.first = now.min(note.first);
        note.count = note.count.saturating_add(times.into());
        if !by.is_empty() {
            note.by.add(by);
        }
    }

    pub(super) fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let noted = self.notes.iter().map(|((matter, whom), note)| note.finding(*matter, whom));
        let crowds = self.visitors.iter().filter(|(_, visitors)| visitors.users.best().len() >= limits.visitors);
        let crowds = crowds.map(|(peer, visitors)| {
            let title =
                format!("{} logged in from {peer} within a day", many(visitors.users.best().len() as u64, "user"));
            let finding = rule::MANY_USERS.on(Subject::new(SubjectKind::Address, peer.to_string())).title(title);
            finding
                .evidence("users", visitors.users.best().shown())
                .evidence("last", when(visitors.last))
                .time(visitors.last)
        });
        noted.chain(crowds).collect()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.notes.forgotten + self.visitors.forgotten
    }
}

impl Note {
    fn finding(&self, matter: Matter, whom: &str) -> Finding {
        let times = if self.count == 1 { "once".to_owned() } else { many(self.count, "time") };
        let by = self.by.shown();
        let by_whom = if by.is_empty() { String::new() } else { format!(" by {by}") };
        let detail = &self.detail;
        let (rule, severity, title) = match matter {
            Matter::RootByPassword => {
                (&rule::ROOT_LOGIN, Severity::Medium, format!("root logged in with {detail} from {by}, {times}"))
            }
            Matter::Root => {
                (&rule::ROOT_LOGIN, Severity::Info, format!("root logged in with a key from {by}, {times}"))
            }
            Matter::ServiceAccount => (
                &rule::SERVICE_ACCOUNT_LOGIN,
                Severity::High,
                format!("{whom}, an account of the system, logged in from {by}, {times}"),
            ),
            Matter::NewAccount => {
                (&rule::NEW_ACCOUNT, Severity::Low, format!("The account {whom} was created{by_whom}"))
            }
            Matter::MorePower => (
                &rule::MORE_POWER,
                Severity::Medium,
                format!("The account {whom} can now own the machine: {detail}{by_whom}"),
            ),
            Matter::AccountChanged => {
                (&rule::ACCOUNT_CHANGED, Severity::Info, format!("The account {whom} was changed: {detail}{by_whom}"))
            }
            Matter::TimedJob => {
                (&rule::TIMED_JOB, Severity::Low, format!("The timed jobs of {whom} were replaced{by_whom}"))
            }
            Matter::Rules => {
                (&rule::SUDO_RULES, Severity::Medium, format!("{whom} touched the rules of sudo: {detail}"))
            }
            Matter::Keys => {
                (&rule::LOGIN_KEYS, Severity::Medium, format!("{whom} touched login keys as {by}: {detail}"))
            }
            Matter::Refused => (
                &rule::SUDO_DENIED,
                Severity::Medium,
                format!("{whom} wanted to run {detail} as {by} and may not, {times}"),
            ),
            Matter::LogsErased => (&rule::LOGS_ERASED, Severity::High, format!("{whom} erased logs: {detail}")),
            Matter::LockedOut => {
                (&rule::LOCKED_OUT, Severity::Low, format!("The account {whom} was locked after failures, {times}"))
            }
        };
        let mut finding = rule.on(Subject::new(SubjectKind::User, whom)).title(title).severity(severity);
        if matter == Matter::Root {
            finding = finding.about("key");
        }
        finding = finding.evidence("count", self.count.to_string());
        for (what, value) in [("by or from", &by), ("detail", detail)] {
            if !value.is_empty() {
                finding = finding.evidence(what, value.clone());
            }
        }
        finding.evidence("first", when(self.first)).evidence("last", when(self.last)).time(self.last)
    }
}
