//! Logs that real programs write and rotate, and what real tools do to them: what is everyday stays silent, what an intruder
//! does is found.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::data::logs::detect::RecordWatch;

/// A machine's files, below a folder of its own.
struct Machine {
    root: tempfile::TempDir,
    now: Timestamp,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["var/log", "etc/logrotate.d", "var/lib/logrotate", "proc/sys/kernel", "root"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let machine = Self { root, now: Timestamp::now() };
        machine.write("proc/sys/kernel/hostname", "edge\n");
        machine
            .write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:1::/nonexistent:/usr/sbin/nologin\n");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn append(&self, name: &str, content: &str) {
        let mut file = fs::File::options().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(content.as_bytes()).unwrap();
    }

    fn asked(&self) -> Asked {
        Asked {
            root: self.root.path().to_path_buf(),
            files: Vec::new(),
            reading: Reading { zone: TimeZone::UTC, ..Reading::everything(self.now) },
            state: Some(self.path("state/logs.json")),
            thorough: true,
        }
    }

    /// The rules of what is found, with the file's name.
    fn look(&self) -> BTreeSet<String> {
        found(&self.asked())
    }
}

fn found(asked: &Asked) -> BTreeSet<String> {
    let looked = look(asked);
    assert_eq!(looked.incomplete, [], "nothing was left out");
    let shown = |finding: &keelguard_model::Finding| {
        let name = finding.subject.name.rsplit('/').next().unwrap_or_default().to_owned();
        format!("{} {name}", finding.rule)
    };
    looked.findings.iter().map(shown).collect()
}

fn set(expected: &[&str]) -> BTreeSet<String> {
    expected.iter().map(ToString::to_string).collect()
}

/// Lines of a busy syslog, one every `step` seconds, the last at `last`.
fn lines(last: i64, count: i64, step: i64) -> String {
    let line = |number: i64| {
        let time = Timestamp::from_second(last - (count - 1 - number) * step).unwrap();
        format!(
            "{} edge CRON[{}]: (root) CMD (run-parts {number})\n",
            time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00"),
            100 + number
        )
    };
    (0..count).map(line).collect()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn has(program: &str) -> bool {
    let there = ["/usr/sbin", "/usr/bin", "/lib/systemd"].iter().any(|folder| Path::new(folder).join(program).exists());
    if !there {
        println!("skipped: {program} is not installed");
    }
    there
}

/// Rotates as the block says, at once.
fn rotate(machine: &Machine, block: &str) {
    let log = machine.path("var/log/syslog").display().to_string();
    // The machine's own file names what it has below its root.
    machine.write("etc/logrotate.d/syslog", format!("/var/log/syslog {{\n{block}\n}}\n"));
    let real = machine.write("logrotate.conf", format!("su root root\n{log} {{\n{block}\n}}\n"));
    fs::set_permissions(&real, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let state = machine.path("var/lib/logrotate/status").display().to_string();
    run("logrotate", &["-f", "-s", &state, &real.display().to_string()]);
}

#[test]
fn whatever_logrotate_does_is_silent_and_whatever_is_taken_from_its_pieces_is_not() {
    if !has("logrotate") {
        return;
    }
    for block in [
        "rotate 4\ncreate\nmissingok",
        "rotate 4\ncopytruncate",
        "rotate 4\ncompress",
        "rotate 4\ncompress\ndelaycompress\nnotifempty",
        "rotate 9\ndateext\ndateformat -%Y%m%d%s\ncompress",
        "rotate 4\nsize 1k\nstart 0",
        "rotate 4\nolddir old\ncreateolddir 755 root root",
        "rotate 0",
    ] {
        let mut machine = Machine::new();
        let begin = machine.now.as_second() - 8 * 3600;
        for round in 0..7 {
            let last = begin + round * 3600;
            machine.append("var/log/syslog", &lines(last, 60, 60));
            let modified = std::time::UNIX_EPOCH + Duration::from_secs(last.unsigned_abs());
            fs::File::options()
                .append(true)
                .open(machine.path("var/log/syslog"))
                .unwrap()
                .set_modified(modified)
                .unwrap();
            machine.now = Timestamp::from_second(last + 1).unwrap();
            assert_eq!(machine.look(), set(&[]), "{block} {round}");
            rotate(&machine, block);
            // Pieces that are named after the second need one of their own.
            let second = Timestamp::now().as_second();
            wait(|| !block.contains("%s") || Timestamp::now().as_second() > second);
        }
        machine.now = Timestamp::from_second(begin + 6 * 3600 + 2).unwrap();
        assert_eq!(machine.look(), set(&[]), "{block}");
    }
    let machine = Machine::new();
    for round in 0..5 {
        machine.append("var/log/syslog", &lines(machine.now.as_second() - 5 + round, 60, 60));
        rotate(&machine, "rotate 9\ncompress\ndelaycompress");
    }
    machine.append("var/log/syslog", &lines(machine.now.as_second(), 6, 1));
    fs::remove_file(machine.path("var/log/syslog.3.gz")).unwrap();
    assert!(machine.look().contains("KG-D069 syslog"));
}

/// A real rsyslogd that writes to the machine's `auth.log`, until it is dropped.
struct Rsyslog {
    child: std::process::Child,
    socket: String,
}

impl Rsyslog {
    fn start(machine: &Machine) -> Self {
        let log = machine.path("var/log/auth.log").display().to_string();
        let socket = machine.path("dev-log").display().to_string();
        let config = format!(
            "global(workDirectory=\"{}\")\nmodule(load=\"builtin:omfile\" Template=\"RSYSLOG_FileFormat\")\nmodule(load=\"imuxsock\" SysSock.Use=\"off\")\ninput(type=\"imuxsock\" Socket=\"{socket}\" CreatePath=\"on\" RateLimit.Interval=\"0\")\n*.* action(type=\"omfile\" file=\"{log}\")\n",
            machine.root.path().display()
        );
        let config = machine.write("rsyslog.conf", config).display().to_string();
        let pid = machine.path("rsyslog.pid").display().to_string();
        let child = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-f", &config, "-i", &pid])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait(|| Path::new(&socket).exists());
        Self { child, socket }
    }

    fn log(&self, machine: &Machine, message: &str) {
        run("logger", &["--socket", &self.socket, "-t", "sshd", "--id=4711", message]);
        wait(|| fs::read_to_string(machine.path("var/log/auth.log")).is_ok_and(|text| text.contains(message)));
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        std::thread::yield_now();
    }
}

#[test]
fn a_line_that_sed_takes_out_of_a_log_of_rsyslogs_is_found_twice_over() {
    if !has("rsyslogd") {
        return;
    }
    let mut machine = Machine::new();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    fs::remove_dir_all(machine.path("proc")).unwrap();
    std::os::unix::fs::symlink("/proc", machine.path("proc")).unwrap();
    let rsyslog = Rsyslog::start(&machine);
    for number in 0..20 {
        rsyslog.log(&machine, &format!("Accepted publickey for alice from 192.0.2.{number} port 1 ssh2"));
    }
    machine.now = Timestamp::now();
    assert_eq!(machine.look(), set(&[]), "{host}");
    rsyslog.log(&machine, "one more");
    machine.now = Timestamp::now();
    assert_eq!(machine.look(), set(&[]), "it has grown");
    let log = machine.path("var/log/auth.log").display().to_string();
    run("sed", &["-i", "/192.0.2.7 /d", &log]);
    machine.now = Timestamp::now();
    // Replaced, and the daemon writes to what was removed.
    assert_eq!(machine.look(), set(&["KG-D066 auth.log", "KG-D067 auth.log"]));
}

#[test]
fn what_truncate_dd_and_rm_do_to_a_log_is_found_at_the_next_look() {
    let machine = || {
        let machine = Machine::new();
        machine.append("var/log/syslog", &lines(machine.now.as_second(), 200, 60));
        assert_eq!(machine.look(), set(&[]));
        machine
    };
    let log = |machine: &Machine| machine.path("var/log/syslog").display().to_string();
    let cut = machine();
    run("truncate", &["-s", "3000", &log(&cut)]);
    assert!(cut.look().contains("KG-D065 syslog"), "cut");
    assert!(!cut.look().contains("KG-D065 syslog"), "said once");
    let over = machine();
    run(
        "dd",
        &[
            "if=/dev/zero",
            &format!("of={}", log(&over)),
            "bs=1",
            "seek=6000",
            "count=40",
            "conv=notrunc",
            "status=none",
        ],
    );
    assert!(over.look().contains("KG-D064 syslog"), "written over");
    let gone = machine();
    fs::remove_file(log(&gone)).unwrap();
    assert_eq!(gone.look(), set(&["KG-D065 syslog"]), "gone");
    let purged = machine();
    fs::remove_dir_all(purged.path("var/log")).unwrap();
    assert_eq!(purged.look(), set(&[]), "with its folder: a package that was purged");
}

#[test]
fn an_editor_is_seen_without_any_look_before_by_what_it_does_to_the_files_times() {
    let machine = Machine::new();
    let log = machine.write("var/log/auth.log", lines(machine.now.as_second() - 4000, 50, 60));
    run("sed", &["-i", "5,9d", &log.display().to_string()]);
    assert!(machine.look().contains("KG-D068 auth.log"));
}

#[test]
fn hours_that_are_taken_out_of_a_log_by_the_clock_are_found_wherever_they_were() {
    let machine = Machine::new();
    let whole = lines(machine.now.as_second(), 600, 300);
    let others: String = lines(machine.now.as_second(), 900, 200).replace("CRON", "shop");
    let files = |text: &str| {
        let asked = |files| Asked { files, state: None, ..machine.asked() };
        asked(vec![machine.write("named/syslog", text), machine.write("named/shop.log", &others)])
    };
    assert_eq!(found(&files(&whole)), set(&[]));
    for from in [10, 100, 300, 500] {
        let kept: Vec<&str> = whole
            .lines()
            .enumerate()
            .filter(|(number, _)| !(from..from + 40).contains(number))
            .map(|(_, line)| line)
            .collect();
        assert_eq!(found(&files(&(kept.join("\n") + "\n"))), set(&["KG-D060 syslog"]), "{from}");
    }
    // The same lines in another place.
    let mut moved: Vec<&str> = whole.lines().collect();
    let block: Vec<&str> = moved.drain(100..110).collect();
    moved.splice(300..300, block);
    assert!(found(&files(&(moved.join("\n") + "\n"))).contains("KG-D062 syslog"));
}

fn records(machine: &Machine, list: &[[u8; 384]]) -> String {
    machine.write("var/log/wtmp", list.concat()).display().to_string()
}

#[test]
fn what_utmpdump_takes_out_of_wtmp_and_sed_out_of_auth_log_is_found_by_comparing_them() {
    use crate::data::logs::detect::record_for_tests as record;
    let machine = Machine::new();
    let begin = machine.now.as_second() - 40_000;
    let at = |number: i64| begin + number * 1000;
    let short = |second: i64| u32::try_from(second).unwrap();
    let mut list = vec![record(2, "~", "reboot", short(begin - 50))];
    let mut auth = String::new();
    let stamp = |second: i64| Timestamp::from_second(second).unwrap().strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    for number in 0..38 {
        list.push(record(7, "pts/0", &format!("user{number}"), short(at(number))));
        list.push(record(8, "pts/0", "", short(at(number) + 500)));
        writeln!(
            auth,
            "{} edge sshd[{}]: Accepted password for user{number} from 192.0.2.7 port 1 ssh2",
            stamp(at(number)),
            100 + number
        )
        .unwrap();
    }
    let wtmp = records(&machine, &list);
    let named = |auth: &str| Asked {
        files: vec![machine.write("named/auth.log", auth), PathBuf::from(&wtmp)],
        state: None,
        ..machine.asked()
    };
    assert_eq!(found(&named(&auth)), set(&[]));
    let without: String =
        auth.lines().filter(|line| !line.contains("user9 ")).map(|line| format!("{line}\n")).collect();
    assert_eq!(found(&named(&without)), set(&["KG-D077 auth.log"]));
    if !has("utmpdump") {
        return;
    }
    // As it is done by hand: dump, edit, undump.
    let dump = run("utmpdump", &[&wtmp]);
    let back = |text: String| {
        let dumped = machine.write("dump.txt", text).display().to_string();
        run("sh", &["-c", &format!("utmpdump -r < '{dumped}' > '{wtmp}' 2>/dev/null")]);
        found(&Asked { files: vec![PathBuf::from(&wtmp)], state: None, ..machine.asked() })
    };
    assert_eq!(back(dump.clone()), set(&[]), "written back as it was");
    let cut = dump
        .lines()
        .filter(|line| !(line.starts_with("[7]") && line.contains("user0 ")))
        .map(|line| format!("{line}\n"));
    assert_eq!(back(cut.collect()), set(&["KG-D075 wtmp"]), "a login without its end");
    let blank = dump.replace("user20  ", "        ");
    assert_eq!(back(blank), set(&["KG-D074 wtmp"]), "a user blanked");
    list[30] = [0; 384];
    records(&machine, &list);
    assert!(found(&named(&auth)).contains("KG-D074 wtmp"), "zapped");
    run("truncate", &["-s", "-100", &wtmp]);
    assert!(found(&named(&auth)).contains("KG-D075 wtmp"), "cut");
}

#[test]
fn a_container_s_log_that_is_emptied_under_it_is_found_and_one_that_the_engine_rotates_is_not() {
    let machine = Machine::new();
    let name = "var/lib/docker/containers/4f1c/4f1c-json.log";
    let line = |number: i64| {
        let time = Timestamp::from_second(machine.now.as_second() - 500 + number).unwrap();
        format!("{{\"log\":\"hello {number}\\n\",\"stream\":\"stdout\",\"time\":\"{time}\"}}\n")
    };
    machine.write(name, (0..200).map(line).collect::<String>());
    assert_eq!(machine.look(), set(&[]));
    fs::rename(machine.path(name), machine.path(&format!("{name}.1"))).unwrap();
    machine.write(name, (200..300).map(line).collect::<String>());
    assert_eq!(machine.look(), set(&[]), "rotated");
    run("truncate", &["-s", "0", &machine.path(name).display().to_string()]);
    machine.append(name, &line(301));
    assert_eq!(machine.look(), set(&["KG-D065 4f1c-json.log"]));
    fs::remove_dir_all(machine.path("var/lib/docker/containers/4f1c")).unwrap();
    assert_eq!(machine.look(), set(&[]), "the container was removed");
}

#[test]
fn histories_and_logs_that_lead_nowhere_are_found() {
    let machine = Machine::new();
    machine.write("root/.bash_history", "ls\n");
    machine.write("root/.bashrc", "HISTSIZE=1000\n");
    assert_eq!(machine.look(), set(&[]));
    machine.write("root/.bash_history", "");
    assert_eq!(machine.look(), set(&["KG-D081 root"]), "emptied");
    assert_eq!(machine.look(), set(&[]), "said once");
    fs::remove_file(machine.path("root/.bash_history")).unwrap();
    std::os::unix::fs::symlink("/dev/null", machine.path("root/.bash_history")).unwrap();
    std::os::unix::fs::symlink("/dev/null", machine.path("var/log/secure")).unwrap();
    assert_eq!(machine.look(), set(&["KG-D081 root", "KG-D082 secure"]));
}

/// An export of `count` entries, and the journal that systemd makes of it.
fn journal(machine: &Machine, count: u64) -> Option<PathBuf> {
    if !has("systemd-journal-remote") {
        return None;
    }
    let begin = (machine.now.as_second() - 90_000).unsigned_abs();
    let mut export = String::new();
    for number in 0..count {
        let time = (begin + number * 20) * 1_000_000;
        writeln!(
            export,
            "__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=fedcba9876543210fedcba9876543210\n_HOSTNAME=edge\nSYSLOG_IDENTIFIER=shop\n_PID={}\nMESSAGE=order {number} of {}\n",
            number * 20_000_000 + 1,
            100 + number % 3,
            "x".repeat(usize::try_from(number % 50 * 30).unwrap())
        )
        .unwrap();
    }
    let input = machine.write("export", export).display().to_string();
    let output = machine.path("var/log/journal/fedcba9876543210fedcba9876543210/system.journal");
    fs::create_dir_all(output.parent().unwrap()).unwrap();
    run("/lib/systemd/systemd-journal-remote", &["-o", &output.display().to_string(), &input]);
    Some(output)
}

#[test]
fn a_journal_of_systemd_s_own_fits_its_hashes_and_one_that_was_edited_does_not() {
    let machine = Machine::new();
    let Some(path) = journal(&machine, 500) else { return };
    assert_eq!(machine.look(), set(&[]));
    let whole = fs::read(&path).unwrap();
    let at = memchr::memmem::find(&whole, b"MESSAGE=order 201 ")
        .or_else(|| memchr::memmem::find(&whole, b"MESSAGE=order 200 "));
    let mut edited = whole.clone();
    edited[at.unwrap() + 14] = b'9';
    fs::write(&path, &edited).unwrap();
    assert!(machine.look().contains("KG-D072 system.journal"), "edited");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(machine.look().iter().any(|found| found.starts_with("KG-D071")), "cut");
    fs::remove_dir_all(machine.path("var/log/journal")).unwrap();
    assert!(machine.look().contains("KG-D065 system.journal"), "gone");
}

#[test]
fn the_state_that_somebody_has_broken_is_said_and_does_no_harm() {
    let machine = Machine::new();
    machine.append("var/log/syslog", &lines(machine.now.as_second(), 20, 60));
    machine.write("state/logs.json", "{\"version\":1,\"files\":7}");
    let looked = look(&machine.asked());
    assert_eq!((looked.findings.len(), looked.incomplete.len()), (0, 1));
    assert_eq!(machine.look(), set(&[]), "mended");
}

#[test]
fn bytes_of_any_kind_are_no_reason_to_fall_over() {
    let machine = Machine::new();
    let noise: Vec<u8> = (0..200_000u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for name in ["syslog", "auth.log.1", "audit/audit.log", "wtmp", "btmp.1", "lastlog", "dpkg.log.2.gz"] {
        machine.write(&format!("var/log/{name}"), &noise);
    }
    machine.write("var/log/journal/m/system.journal", [b"LPKSHHRH".as_slice(), &noise].concat());
    let _ = look(&machine.asked());
    let _: RecordWatch = RecordWatch::new("wtmp");
}
