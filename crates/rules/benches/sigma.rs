//! All rules of the public collection for Linux over everyday events of a server: started programs, records of the audit
//! log, lines of syslog; the last two with reading the line. The yardstick is each rule held against each event on its own, as an
//! engine without an index does. Needs the development data (`KEELGUARD_TEST_DATA`).
#![allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a bench may panic, and says why it is skipped"
)]

use std::path::PathBuf;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use keelguard_rules::events::audit::Audit;
use keelguard_rules::events::syslog::{self, Reference};
use keelguard_rules::events::{Event, Source};
use keelguard_rules::{Options, Sigma};

fn main() {
    if !folder().is_dir() {
        eprintln!(
            "skipped: there is no {}; KEELGUARD_TEST_DATA says where the development data lies",
            folder().display()
        );
        return;
    }
    divan::main();
}

fn folder() -> PathBuf {
    let root = std::env::var_os("KEELGUARD_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    root.join("sigma/linux")
}

fn rules() -> Sigma {
    let (sigma, unusable) = Sigma::load(&folder());
    assert!(unusable.is_empty(), "{unusable:?}");
    sigma
}

/// What servers start all day; some of it (shells, curl, systemctl) is what many rules look at more closely.
const COMMANDS: &[(&str, &str)] = &[
    ("/usr/bin/dash", "/bin/sh -c run-parts --report /etc/cron.hourly"),
    ("/usr/bin/grep", "grep -q ^processor /proc/cpuinfo"),
    ("/usr/bin/bash", "bash -c source /etc/profile; exec /opt/app/bin/start --config /etc/app/app.toml"),
    ("/usr/bin/python3.11", "/usr/bin/python3 /opt/app/worker.py --queue mail --concurrency 4"),
    ("/usr/bin/curl", "curl -fsS --max-time 10 http://127.0.0.1:8080/health"),
    ("/usr/bin/systemctl", "systemctl is-active nginx.service"),
    ("/usr/sbin/nginx", "nginx: worker process"),
    ("/usr/bin/git", "git -C /srv/repo fetch --all --prune"),
    ("/usr/bin/docker", "docker ps --format {{.ID}} --filter status=running"),
    ("/usr/bin/sed", "sed -e s/foo/bar/ -i /var/lib/app/state"),
    ("/usr/bin/find", "find /var/log -name *.gz -mtime +30 -delete"),
    ("/usr/lib/postgresql/15/bin/postgres", "postgres: checkpointer "),
];

fn started() -> Vec<Event<'static>> {
    let of = |at: usize| {
        let (image, command) = COMMANDS[at % COMMANDS.len()];
        Event::new(Source::linux_category("process_creation"))
            .with("Image", image)
            .with("CommandLine", format!("{command} {at}"))
            .with("ParentImage", "/usr/lib/systemd/systemd")
            .with("ParentCommandLine", "/sbin/init splash")
            .with("User", "root")
            .with("CurrentDirectory", "/var/lib/app")
            .with("ProcessId", i64::try_from(at).unwrap_or(0))
    };
    (0..1000).map(of).collect()
}

/// The records of 200 started programs: 1,200 lines.
fn audit_log() -> Vec<String> {
    let mut lines = Vec::new();
    for at in 0..200 {
        let (image, command) = COMMANDS[at % COMMANDS.len()];
        let stamp = format!("audit(17000000{:02}.123:{at})", at % 60);
        lines.push(format!(
            "type=SYSCALL msg={stamp}: arch=c000003e syscall=59 success=yes exit=0 a0=55d0c8 a1=55d0d8 a2=55d0e8 a3=8 items=2 \
             ppid=900 pid={at} auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 comm=\"x\" \
             exe=\"{image}\" subj=unconfined key=\"exec\""
        ));
        let words =
            command.split(' ').enumerate().map(|(number, word)| format!("a{number}=\"{word}\"")).collect::<Vec<_>>();
        lines.push(format!("type=EXECVE msg={stamp}: argc={} {}", words.len(), words.join(" ")));
        lines.push(format!("type=CWD msg={stamp}: cwd=\"/var/lib/app\""));
        lines.push(format!("type=PATH msg={stamp}: item=0 name=\"{image}\" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 nametype=NORMAL"));
        lines.push(format!("type=PROCTITLE msg={stamp}: proctitle=2F62696E2F7368002D63"));
        lines.push(format!("type=EOE msg={stamp}: "));
    }
    lines
}

fn syslog_lines() -> Vec<String> {
    let messages = [
        "sshd[812]: Failed password for invalid user admin from 198.51.100.7 port 52114 ssh2",
        "sshd[813]: Accepted publickey for deploy from 192.0.2.10 port 40022 ssh2: ED25519 SHA256:4Fv0kz",
        "CRON[901]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
        "systemd[1]: Started session-3.scope - Session 3 of User deploy.",
        "kernel: [12345.678] docker0: port 1(veth1a2b) entered forwarding state",
    ];
    (0..1000).map(|at| format!("Nov 24 08:{:02}:{:02} web {} {at}", at / 60 % 60, at % 60, messages[at % 5])).collect()
}

#[divan::bench]
fn load_all_rules(bencher: Bencher<'_, '_>) {
    bencher.bench(rules);
}

#[divan::bench]
fn started_programs(bencher: Bencher<'_, '_>) {
    let (mut sigma, events) = (rules(), started());
    bencher
        .counter(ItemsCount::new(events.len()))
        .bench_local(|| events.iter().map(|event| sigma.run(black_box(event)).len()).sum::<usize>());
}

#[divan::bench(sample_count = 10)]
fn started_programs_each_rule_on_its_own(bencher: Bencher<'_, '_>) {
    let mut paths = vec![folder()];
    let mut alone = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(path.read_dir().expect("the folder can be read").flatten().map(|entry| entry.path()));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            alone.push(Sigma::compile([(path, text.as_str())], &Options::default()).0);
        }
    }
    let events = started();
    bencher.counter(ItemsCount::new(events.len())).bench_local(|| {
        events
            .iter()
            .map(|event| alone.iter_mut().map(|sigma| sigma.run(black_box(event)).len()).sum::<usize>())
            .sum::<usize>()
    });
}

#[divan::bench]
fn audit_log_lines(bencher: Bencher<'_, '_>) {
    let (mut sigma, lines) = (rules(), audit_log());
    let bytes: usize = lines.iter().map(String::len).sum();
    bencher.counter(ItemsCount::new(lines.len())).counter(divan::counter::BytesCount::new(bytes)).bench_local(|| {
        let mut audit = Audit::default();
        let mut matches = 0;
        for line in &lines {
            audit.line(black_box(line), |event| matches += sigma.run(event).len());
        }
        matches
    });
}

#[divan::bench]
fn lines_of_syslog(bencher: Bencher<'_, '_>) {
    let (mut sigma, lines) = (rules(), syslog_lines());
    let reference = Reference { until: jiff::civil::date(2026, 11, 24), offset: jiff::tz::Offset::UTC };
    let bytes: usize = lines.iter().map(String::len).sum();
    bencher.counter(ItemsCount::new(lines.len())).counter(divan::counter::BytesCount::new(bytes)).bench_local(|| {
        let events = lines.iter().filter_map(|line| syslog::event(black_box(line), reference));
        events.map(|event| sigma.run(&event).len()).sum::<usize>()
    });
}
