//! Who goes through files, and who puts logs away, as the audit log says.

use super::*;

impl Log {
    /// A call of a program on a file.
    fn call(&mut self, who: u32, program: &str, call: &str, path: &str) -> &mut Self {
        let serial = self.text.len();
        let (now, nametype) = (self.now, if call == "openat" { "NORMAL" } else { "DELETE" });
        writeln!(
            self.text,
            "type=SYSCALL msg=audit({now}.000:{serial}): arch=c000003e syscall=0 success=yes exit=0 a0=1 a1=2 a2=0 a3=0 items=1 ppid=1 pid=2 auid={who} uid=0 tty=pts0 ses=3 comm=\"x\" exe=\"{program}\" key=\"data\"\u{1d}ARCH=x86_64 SYSCALL={call} AUID=\"{}\"",
            if who == 1000 { "alice" } else { "unset" }
        )
        .unwrap();
        writeln!(self.text, "type=PATH msg=audit({now}.000:{serial}): item=0 name=\"{path}\" nametype={nametype}")
            .unwrap();
        self
    }

    /// A program opens as many files in a minute or two.
    fn opens(&mut self, who: u32, program: &str, files: usize) -> &mut Self {
        for number in 0..files {
            if number % 10 == 0 {
                self.wait(1);
            }
            self.call(who, program, "openat", &format!("/srv/data/{number}"));
        }
        self
    }
}

const NOBODY: u32 = u32::MAX;

#[test]
fn whoever_goes_through_far_more_files_than_ever_is_told() {
    let mut log = Log::new();
    for _ in 0..20 {
        log.wait(86_400).opens(1000, "/usr/bin/vim", 12).wait(3600).opens(NOBODY, "/usr/bin/restic", 700);
    }
    assert_eq!(log.found(), Vec::<String>::new());
    log.wait(3600).opens(1000, "/usr/bin/vim", 40).opens(NOBODY, "/usr/bin/restic", 900);
    assert_eq!(log.found(), Vec::<String>::new());
    log.wait(3600).opens(1000, "/usr/bin/tar", 800).wait(3600).opens(1000, "/usr/bin/vim", 600);
    assert_eq!(log.found(), ["KG-L043 alice", "KG-L043 alice"]);
    let mut titles = log.titles();
    titles.sort();
    assert_eq!(
        titles,
        [
            "alice went through 600 files within 59 seconds with /usr/bin/vim, which never opened more than 40 in ten minutes before",
            "alice went through 800 files within 79 seconds with /usr/bin/tar, which never opened any before",
        ]
    );
}

#[test]
fn the_same_file_again_and_again_is_one_file_and_without_history_nothing_is_much() {
    let mut log = Log::new();
    log.opens(1000, "/usr/bin/tar", 3000);
    for _ in 0..20 {
        log.wait(86_400).call(1000, "/usr/bin/less", "openat", "/srv/x");
    }
    for _ in 0..2000 {
        log.call(1000, "/usr/bin/less", "openat", "/srv/x");
    }
    assert_eq!(log.found(), Vec::<String>::new());
}

#[test]
fn logs_that_a_person_deletes_are_told_and_what_keeps_order_is_not() {
    let mut log = Log::new();
    log.call(1000, "/usr/sbin/logrotate", "rename", "/var/log/auth.log").call(
        NOBODY,
        "/usr/bin/rm",
        "unlink",
        "/var/log/syslog",
    );
    log.call(1000, "/usr/bin/rm", "unlinkat", "/var/log/auth.log.3.gz").call(
        1000,
        "/usr/bin/rm",
        "unlinkat",
        "/var/log/app/x.log",
    );
    assert_eq!(log.found(), Vec::<String>::new());
    log.call(1000, "/usr/bin/rm", "unlinkat", "/var/log/wtmp");
    assert_eq!(log.found(), ["KG-L038 alice"]);
    assert_eq!(log.titles(), ["alice erased logs: delete /var/log/wtmp (/usr/bin/rm)"]);
}

#[test]
fn whoever_first_uses_the_engines_socket_is_told_once_there_is_history() {
    let mut log = Log::new();
    let connect = |log: &mut Log, who: u32, program: &str| {
        let (now, serial) = (log.now, log.text.len());
        writeln!(log.text, "type=SYSCALL msg=audit({now}.000:{serial}): arch=c000003e syscall=42 success=yes auid={who} exe=\"{program}\" key=\"docker\"\ntype=SOCKADDR msg=audit({now}.000:{serial}): saddr=01002F72756E2F646F636B65722E736F636B00").unwrap();
    };
    for _ in 0..20 {
        log.wait(86_400);
        connect(&mut log, 1000, "/usr/bin/docker");
        connect(&mut log, NOBODY, "/usr/bin/traefik");
    }
    assert_eq!(log.found(), Vec::<String>::new());
    connect(&mut log, 1001, "/usr/bin/curl");
    connect(&mut log, 1001, "/usr/bin/curl");
    connect(&mut log, NOBODY, "/tmp/x");
    assert_eq!(log.found(), ["KG-L042 /tmp/x", "KG-L042 uid 1001"]);
    assert_eq!(log.titles()[1], "uid 1001 used the container engine for the first time: socket /usr/bin/curl");
}

#[test]
fn a_million_readers_take_no_more_room() {
    let mut log = Log::new();
    for number in 0..3000 {
        log.wait(60).call(number, &format!("/bin/{number}"), "openat", &format!("/srv/{number}"));
    }
    let saved = serde_json::to_string(&log.judged()).unwrap();
    assert!(saved.len() < 200_000, "{}", saved.len());
    let back: Detectors = serde_json::from_str(&saved).unwrap();
    assert_eq!(back.findings(), log.judged().findings());
    assert_eq!(log.judged().incomplete().len(), 1);
}

#[test]
fn a_failure_of_which_the_audit_log_tells_as_well_counts_once() {
    let mut log = Log::new();
    for number in 0..10 {
        if number == 9 {
            assert_eq!(log.found(), Vec::<String>::new());
        }
        log.wait(20).failed("root", "203.0.113.9");
        let now = log.now;
        for kind in ["USER_AUTH", "USER_LOGIN"] {
            writeln!(log.text, "type={kind} msg=audit({now}.100:{number}): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=203.0.113.9 terminal=ssh res=failed'").unwrap();
        }
    }
    assert_eq!(log.titles(), ["203.0.113.9 tried 10 passwords for root within 3 minutes, up to 10 in ten minutes"]);
}
