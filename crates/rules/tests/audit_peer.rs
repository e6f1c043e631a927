//! What the audit log's own tool (`ausearch -i`, Debian's auditd) makes of records, and what we make of them. Skipped where it is
//! not installed.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "helpers are tests, too, and say why they are skipped")]

use std::process::Command;

use keelguard_rules::events::audit::Audit;

const LOG: &str = "\
type=SYSCALL msg=audit(1700000000.123:77): arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=55e a2=55f a3=8 items=2 ppid=900 pid=901 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 comm=\"sh\" exe=\"/usr/bin/dash\" key=\"exec\"
type=EXECVE msg=audit(1700000000.123:77): argc=4 a0=\"sh\" a1=\"-c\" a2=6375726C20687474703A2F2F6576696C2F78207C207368 a3=C3A46522
type=CWD msg=audit(1700000000.123:77): cwd=2F7661722F7777772F6120622F63
type=PATH msg=audit(1700000000.123:77): item=0 name=\"/bin/sh\" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL
type=PROCTITLE msg=audit(1700000000.123:77): proctitle=7368002D63
type=SYSCALL msg=audit(1700000001.223:78): arch=c00000b7 syscall=203 success=yes exit=0 a0=3 a1=7 a2=10 a3=8 items=0 ppid=900 pid=901 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 comm=\"nc\" exe=\"/usr/bin/nc\" key=(null)
type=SOCKADDR msg=audit(1700000001.223:78): saddr=0200115C0A0000070000000000000000
type=USER_AUTH msg=audit(1700000002.5:79): pid=5 uid=0 auid=1000 ses=3 msg='op=PAM:authentication acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=198.51.100.7 addr=198.51.100.7 terminal=ssh res=failed'
";

#[test]
fn values_are_decoded_as_the_logs_own_tool_decodes_them() {
    let file = std::env::temp_dir().join(format!("keelguard-audit-{}.log", std::process::id()));
    std::fs::write(&file, LOG).unwrap();
    let output = Command::new("ausearch").args(["-i", "-if"]).arg(&file).output();
    std::fs::remove_file(&file).unwrap();
    let Ok(output) = output else {
        println!("skipped: there is no ausearch; Debian's package auditd has it");
        return;
    };
    let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut compared = 0;
    let mut audit = Audit::default();
    for line in LOG.lines() {
        audit.line(line, |event| {
            for name in ["a0", "a1", "a2", "a3", "cwd", "name", "exe", "comm", "proctitle", "acct", "res", "SYSCALL"] {
                let is_number = event.field("type").as_deref() == Some("SYSCALL") && name.starts_with('a');
                let Some(value) = event.field(name).filter(|_| !is_number && event.source.service == "auditd") else {
                    continue;
                };
                let end = if name == "res" { "'" } else { " " };
                let shown = format!("{}={}{end}", name.replace("SYSCALL", "syscall"), value.trim_end());
                assert!(theirs.contains(&shown), "{shown:?} is not in:\n{theirs}");
                compared += 1;
            }
        });
    }
    audit.finish(|event| {
        if let (Some(address), Some(port)) = (event.field("DestinationIp"), event.field("DestinationPort")) {
            assert!(theirs.contains(&format!("laddr={address} lport={port} ")), "{theirs}");
            compared += 1;
        }
    });
    assert!(compared >= 16, "{compared}");
}
