//! Lines that explain what a log does: starts and ends of the machine and of log daemons, clocks that were set, messages that
//! were dropped; and logins, which several logs tell of.

use memchr::memmem::find;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A daemon that writes logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Daemon {
    /// rsyslogd, syslog-ng, syslogd.
    Syslog,
    /// systemd-journald.
    Journal,
    /// auditd.
    Audit,
}

impl Daemon {
    /// As a user knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syslog => "the syslog daemon",
            Self::Journal => "journald",
            Self::Audit => "auditd",
        }
    }

    /// Its unit of systemd.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Syslog => "rsyslog",
            Self::Journal => "systemd-journald",
            Self::Audit => "auditd",
        }
    }
}

/// What a line explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The kernel began.
    Boot,
    /// The machine woke up.
    Awake,
    /// The clock was set.
    Clock,
    /// A log daemon began.
    Start(Daemon),
    /// A log daemon ended.
    Stop(Daemon),
    /// Messages were dropped, and the log says so.
    Lost,
    /// Something goes down or up: what was begun may end without its line.
    Shutdown,
}

/// Where a phrase stands, and what it means: the program, the phrase, whether the message begins with it.
static PHRASES: &[(&[u8], &[u8], bool, Mark)] = &[
    (b"kernel", b"Linux version ", false, Mark::Boot),
    (b"kernel", b"Booting Linux on ", false, Mark::Boot),
    (b"kernel", b"PM: suspend exit", false, Mark::Awake),
    (b"kernel", b"PM: hibernation: hibernation exit", false, Mark::Awake),
    (b"kernel", b"ACPI: PM: Waking up", false, Mark::Awake),
    (b"systemd-sleep", b"System returned from sleep", true, Mark::Awake),
    (b"kernel", b"clocksource: timekeeping watchdog", false, Mark::Clock),
    (b"systemd", b"Time has been changed", true, Mark::Clock),
    (b"systemd", b"Time jumped backwards", true, Mark::Clock),
    (b"systemd", b"Clock change detected", true, Mark::Clock),
    (b"systemd", b"System time before build time, advancing clock", true, Mark::Clock),
    (b"systemd-journald", b"Time jumped backwards", true, Mark::Clock),
    (b"systemd-timesyncd", b"Initial synchronization to time server", true, Mark::Clock),
    (b"systemd-timesyncd", b"Initial clock synchronization to", true, Mark::Clock),
    (b"systemd-timesyncd", b"System clock time unset or jumped backwards", true, Mark::Clock),
    (b"systemd-timedated", b"Changed local time to", true, Mark::Clock),
    (b"chronyd", b"System clock wrong by", true, Mark::Clock),
    (b"chronyd", b"System clock was stepped by", true, Mark::Clock),
    (b"chronyd", b"Forward time jump detected", true, Mark::Clock),
    (b"chronyd", b"Backward time jump detected", true, Mark::Clock),
    (b"ntpd", b"time reset", false, Mark::Clock),
    (b"ntpd", b"time stepped by", false, Mark::Clock),
    (b"ntpd", b"adjusting local clock by", true, Mark::Clock),
    (b"ntpdate", b"step time server", true, Mark::Clock),
    (b"ntpdig", b"step-time-server", false, Mark::Clock),
    (b"sntp", b"step-time-server", false, Mark::Clock),
    (b"openntpd", b"set local clock to", true, Mark::Clock),
    (b"cron", b"time jumped backwards", false, Mark::Clock),
    (b"crond", b"time disparity of", false, Mark::Clock),
    (b"busybox", b"time disparity of", false, Mark::Clock),
    (b"dhcpcd", b"time has moved backwards", false, Mark::Clock),
    (b"vmtoolsd", b"clock was set", false, Mark::Clock),
    (b"rsyslogd", b"exiting on signal ", false, Mark::Stop(Daemon::Syslog)),
    (b"rsyslogd", b"] start", false, Mark::Start(Daemon::Syslog)),
    (b"rsyslogd", b"] (re)start", false, Mark::Start(Daemon::Syslog)),
    (b"syslogd", b"exiting on signal ", false, Mark::Stop(Daemon::Syslog)),
    (b"syslogd", b"restart", false, Mark::Start(Daemon::Syslog)),
    (b"syslogd", b"started", false, Mark::Start(Daemon::Syslog)),
    (b"syslog-ng", b"syslog-ng shutting down", true, Mark::Stop(Daemon::Syslog)),
    (b"syslog-ng", b"syslog-ng starting up", true, Mark::Start(Daemon::Syslog)),
    (b"systemd", b"Stopped rsyslog.service", true, Mark::Stop(Daemon::Syslog)),
    (b"systemd", b"Stopped System Logging Service", true, Mark::Stop(Daemon::Syslog)),
    (b"systemd", b"Stopped syslog-ng.service", true, Mark::Stop(Daemon::Syslog)),
    (b"systemd", b"Started rsyslog.service", true, Mark::Start(Daemon::Syslog)),
    (b"systemd", b"Started System Logging Service", true, Mark::Start(Daemon::Syslog)),
    (b"systemd", b"Started syslog-ng.service", true, Mark::Start(Daemon::Syslog)),
    (b"systemd-journald", b"Journal stopped", true, Mark::Stop(Daemon::Journal)),
    (b"systemd-journald", b"Journal started", true, Mark::Start(Daemon::Journal)),
    (b"systemd", b"Stopped auditd.service", true, Mark::Stop(Daemon::Audit)),
    (b"systemd", b"Stopped Security Auditing Service", true, Mark::Stop(Daemon::Audit)),
    (b"systemd", b"Started auditd.service", true, Mark::Start(Daemon::Audit)),
    (b"systemd", b"Started Security Auditing Service", true, Mark::Start(Daemon::Audit)),
    (b"auditd", b"The audit daemon is exiting", true, Mark::Stop(Daemon::Audit)),
    (b"auditd", b"Init complete, auditd", true, Mark::Start(Daemon::Audit)),
    (b"systemd", b"Reached target Shutdown", true, Mark::Shutdown),
    (b"systemd", b"Reached target shutdown.target", true, Mark::Shutdown),
    (b"systemd-logind", b"System is powering down", true, Mark::Shutdown),
    (b"systemd-logind", b"System is rebooting", true, Mark::Shutdown),
    (b"systemd-shutdown", b"", true, Mark::Shutdown),
    (b"shutdown", b"shutting down", false, Mark::Shutdown),
    (b"kernel", b"audit: backlog limit exceeded", false, Mark::Lost),
    (b"kernel", b"audit_lost=", false, Mark::Lost),
    (b"kernel", b"audit: rate limit exceeded", false, Mark::Lost),
    (b"kernel", b"kauditd hold queue overflow", false, Mark::Lost),
    (b"kernel", b"kauditd_printk_skb: ", false, Mark::Lost),
    (b"systemd-journald", b"Suppressed ", true, Mark::Lost),
    (b"systemd-journald", b"Missed ", true, Mark::Lost),
    (b"systemd-journald", b"Forwarding to syslog missed ", true, Mark::Lost),
    (b"rsyslogd", b"messages lost due to rate-limiting", false, Mark::Lost),
    (b"rsyslogd", b"begin to drop messages", false, Mark::Lost),
    (b"rsyslogd", b"imuxsock lost ", false, Mark::Lost),
    (b"rsyslogd", b"messages from pid", false, Mark::Lost),
    (b"rsyslogd", b"discarded messages", false, Mark::Lost),
    (b"rsyslogd", b"suspended", false, Mark::Lost),
];

/// What a line explains, if it explains anything.
pub fn mark(program: &[u8], message: &[u8]) -> Option<Mark> {
    // Very few programs are in the table; cron has many names.
    let program = match program {
        b"CRON" | b"/USR/SBIN/CRON" => b"cron",
        _ => program,
    };
    let is_it = |(who, phrase, begins, _): &&(&[u8], &[u8], bool, Mark)| {
        *who == program && if *begins { message.starts_with(phrase) } else { find(message, phrase).is_some() }
    };
    PHRASES.iter().find(is_it).map(|(.., mark)| *mark)
}

/// A login over the network, as `sshd` tells of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Login {
    /// In seconds since 1970.
    pub time: i64,
    /// Who.
    pub user: SmolStr,
    /// From where, as it was written.
    pub address: SmolStr,
}

/// `Accepted publickey for root from 192.0.2.7 port 4711 ssh2: …`
pub fn login(program: &[u8], message: &[u8], time: i64) -> Option<Login> {
    if !matches!(program, b"sshd" | b"sshd-session") {
        return None;
    }
    let rest = message.strip_prefix(b"Accepted ")?;
    let mut words = rest.split(|byte| *byte == b' ');
    let _method = words.next()?;
    if words.next()? != b"for" {
        return None;
    }
    let user = words.next()?;
    if words.next()? != b"from" {
        return None;
    }
    let address = words.next()?;
    let text = |bytes: &[u8]| SmolStr::new(String::from_utf8_lossy(bytes.get(..256).unwrap_or(bytes)));
    Some(Login { time, user: text(user), address: text(address) })
}

/// `sequenceId="4711"` in the structured data of RFC 5424.
pub fn sequence_id(line: &[u8]) -> Option<u64> {
    let at = find(line, b" sequenceId=\"")?;
    let digits = line.get(at + b" sequenceId=\"".len()..)?;
    let end = memchr::memchr(b'"', digits.get(..12).unwrap_or(digits))?;
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_log_daemons_say_of_themselves_is_understood() {
        for (program, message, expected) in [
            (
                "rsyslogd",
                "[origin software=\"rsyslogd\" swVersion=\"8.2302.0\" x-pid=\"412\" x-info=\"https://www.rsyslog.com\"] start",
                Some(Mark::Start(Daemon::Syslog)),
            ),
            (
                "rsyslogd",
                "[origin software=\"rsyslogd\" swVersion=\"8.2302.0\" x-pid=\"412\" x-info=\"https://www.rsyslog.com\"] exiting on signal 15.",
                Some(Mark::Stop(Daemon::Syslog)),
            ),
            ("rsyslogd", "[origin software=\"rsyslogd\"] rsyslogd was HUPed", None),
            ("systemd-journald", "Suppressed 4711 messages from shop.service", Some(Mark::Lost)),
            ("kernel", "[    0.000000] Linux version 6.1.0", Some(Mark::Boot)),
            ("chronyd", "System clock was stepped by -3600.000 seconds", Some(Mark::Clock)),
            ("sshd", "Accepted publickey for root from 192.0.2.7 port 1 ssh2", None),
        ] {
            assert_eq!(mark(program.as_bytes(), message.as_bytes()), expected, "{message}");
        }
    }

    #[test]
    fn a_login_is_read_and_what_only_looks_like_one_is_not() {
        let read = |message: &str| login(b"sshd", message.as_bytes(), 5).map(|login| (login.user, login.address));
        let expected = Some(("root".into(), "192.0.2.7".into()));
        assert_eq!(read("Accepted publickey for root from 192.0.2.7 port 4711 ssh2: ED25519 SHA256:x"), expected);
        assert_eq!(read("Failed password for Accepted x for root from 192.0.2.7"), None);
        assert_eq!(read("Accepted "), None);
    }

    #[test]
    fn the_number_of_a_message_is_read_from_its_structured_data() {
        assert_eq!(
            sequence_id(br#"<38>1 2026-11-24T08:10:02Z edge sshd 42 - [meta sequenceId="4711"] hi"#),
            Some(4711)
        );
        assert_eq!(sequence_id(br#" sequenceId="47x"#), None);
    }
}
