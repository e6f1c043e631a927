//! Files as they lie in a log folder: rotated, packed, damaged, closed.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::*;
use crate::logins::event::Login;

fn reading() -> Reading {
    let now = "2026-11-25T00:00:00Z".parse().unwrap();
    Reading { zone: TimeZone::UTC, ..Reading::everything(now) }
}

fn read_all(files: &[&Path], reading: &Reading) -> (Vec<Login>, Outcome) {
    let mut events = Vec::new();
    let files = files.iter().map(|file| file.to_path_buf()).collect();
    let outcome = read(families(files), reading, &mut |seen, line| events.push(seen.owned(line)));
    (events, outcome)
}

fn line(day: u8, second: u8, address: &str) -> String {
    format!("Nov {day} 08:10:{second:02} edge sshd[42]: Failed password for root from {address} port 4711 ssh2\n")
}

fn gz(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn rotated_and_packed_pieces_are_one_log_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("auth.log.3.gz"), gz(line(10, 1, "192.0.2.1").as_bytes())).unwrap();
    std::fs::write(path("auth.log.2.zst"), zstd::encode_all(line(11, 1, "192.0.2.2").as_bytes(), 1).unwrap()).unwrap();
    std::fs::write(path("auth.log.1"), line(12, 1, "192.0.2.3")).unwrap();
    std::fs::write(path("auth.log"), line(13, 1, "192.0.2.4")).unwrap();
    let files = [path("auth.log"), path("auth.log.1"), path("auth.log.2.zst"), path("auth.log.3.gz")];
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let (events, outcome) = read_all(&files, &reading());
    let addresses: Vec<_> = events.iter().filter_map(|event| event.address.as_deref()).collect();
    assert_eq!(addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
    assert_eq!(outcome.incomplete, []);
    assert_eq!(outcome.lines, 4);
}

#[test]
fn two_logs_are_read_in_the_order_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("auth.log"), folder.path().join("secure"));
    std::fs::write(&one, [line(10, 1, "192.0.2.1"), line(10, 5, "192.0.2.3")].concat()).unwrap();
    std::fs::write(&other, [line(10, 3, "192.0.2.2"), line(10, 9, "192.0.2.4")].concat()).unwrap();
    let (events, _) = read_all(&[&one, &other], &reading());
    let addresses: Vec<_> = events.iter().filter_map(|event| event.address.as_deref()).collect();
    assert_eq!(addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
}

#[test]
fn a_line_that_came_again_is_one_event_which_the_judges_count_as_often_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let (log, other) = (folder.path().join("auth.log"), folder.path().join("secure"));
    let again = "Nov 10 08:10:20 edge last message repeated 9 times\n";
    std::fs::write(&log, [line(10, 1, "192.0.2.1"), again.to_owned(), line(10, 30, "192.0.2.2")].concat()).unwrap();
    std::fs::write(&other, [line(10, 3, "192.0.2.3"), again.to_owned()].concat()).unwrap();
    // Alone, a log is handed on as it is read; beside others, in the order of time.
    for files in [vec![log.as_path()], vec![&log, &other]] {
        let mut detectors = crate::logins::detect::Detectors::new(crate::logins::detect::Limits::default());
        let (events, _) = read_all(&files, &reading());
        for event in &events {
            detectors.see(&event.seen());
        }
        let of_first: Vec<_> = events.iter().filter(|event| event.address.as_deref() == Some("192.0.2.1")).collect();
        let [once, nine] = of_first.as_slice() else { panic!("{events:?}") };
        assert_eq!((once.count, nine.count, nine.line.as_str()), (1, 9, again.trim_end()));
        let expected: Vec<_> = ["192.0.2.1", "192.0.2.3"].into_iter().take(files.len()).collect();
        let mut found: Vec<_> = detectors.findings().into_iter().map(|finding| finding.subject.name).collect();
        found.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn what_cannot_be_read_is_said_and_hides_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let whole = gz(&line(10, 1, "192.0.2.1").repeat(1000).into_bytes());
    std::fs::write(path("cut.gz"), whole.get(..whole.len() / 2).unwrap()).unwrap();
    std::fs::write(path("x.xz"), b"\xfd7zXZ\0rest").unwrap();
    std::fs::write(path("good"), line(10, 2, "192.0.2.2")).unwrap();
    std::fs::write(path("wtmp"), [7u8; 500]).unwrap();
    std::fs::write(path("j.journal"), [b"LPKSHHRH".as_slice(), &[0xff; 400]].concat()).unwrap();
    let files: Vec<PathBuf> = ["cut.gz", "x.xz", "good", "missing", "wtmp", "j.journal"].map(path).to_vec();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let (events, outcome) = read_all(&files, &reading());
    assert!(events.iter().any(|event| event.address.as_deref() == Some("192.0.2.2")));
    let mut about: Vec<_> =
        outcome.incomplete.iter().map(|gap| gap.what.rsplit('/').next().unwrap_or_default().to_owned()).collect();
    about.dedup();
    assert_eq!(about, ["cut.gz", "j.journal", "missing", "wtmp", "x.xz"]);
}

#[test]
fn a_small_file_that_becomes_huge_is_read_up_to_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.log.gz");
    std::fs::write(&path, gz(&[line(10, 1, "192.0.2.1").as_bytes(), &vec![0; 30 << 20]].concat())).unwrap();
    let bounded = Reading { most_unpacked: 1 << 20, ..reading() };
    let (events, outcome) = read_all(&[&path], &bounded);
    assert_eq!(events.len(), 1);
    assert!(outcome.incomplete.iter().any(|gap| gap.why.contains("more comes out")), "{:?}", outcome.incomplete);
}

#[test]
fn what_is_before_since_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.log");
    std::fs::write(&path, [line(10, 1, "192.0.2.1"), line(20, 1, "192.0.2.2")].concat()).unwrap();
    let since = Reading { since: "2026-11-15T00:00:00Z".parse().ok(), ..reading() };
    let (events, outcome) = read_all(&[&path], &since);
    assert_eq!((events.len(), outcome.lines), (1, 2));
}

/// A record as `utmp(5)` has it.
fn record(kind: i16, user: &str, line: &str, host: &str, second: u32, address: [u8; 16]) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0..2].copy_from_slice(&kind.to_le_bytes());
    record[8..8 + line.len()].copy_from_slice(line.as_bytes());
    record[44..44 + user.len()].copy_from_slice(user.as_bytes());
    record[76..76 + host.len()].copy_from_slice(host.as_bytes());
    record[340..344].copy_from_slice(&second.to_le_bytes());
    record[348..364].copy_from_slice(&address);
    record
}

#[test]
fn records_of_wtmp_and_btmp_are_sessions_and_failures() {
    let folder = tempfile::tempdir().unwrap();
    let (wtmp, btmp) = (folder.path().join("wtmp"), folder.path().join("btmp"));
    let v4 = [192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let boot = record(2, "reboot", "~", "6.1.0", 1_795_500_000, [0; 16]);
    let session = record(7, "alice", "pts/0", "192.0.2.7", 1_795_500_100, v4);
    let end = record(8, "", "pts/0", "", 1_795_500_200, [0; 16]);
    std::fs::write(&wtmp, [boot, session, end].concat()).unwrap();
    std::fs::write(&btmp, record(6, "root", "ssh:notty", "192.0.2.7", 1_795_500_050, v4)).unwrap();
    let (events, outcome) = read_all(&[&wtmp, &btmp], &reading());
    let shown: Vec<_> =
        events.iter().map(|event| (event.kind.name(), event.user.as_deref(), event.address.as_deref())).collect();
    assert_eq!(
        shown,
        [
            ("login_failed", Some("root"), Some("192.0.2.7")),
            ("session", Some("alice"), Some("192.0.2.7")),
            ("logout", None, None),
        ]
    );
    assert_eq!(outcome.incomplete, []);
}

/// Entries as `journalctl -o export` prints them; the second has a message with a line end in it.
fn exported() -> Vec<u8> {
    let head = |number: u32| {
        format!(
            "__CURSOR=s={number}\n__REALTIME_TIMESTAMP={}\n__MONOTONIC_TIMESTAMP={number}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=edge\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=sshd\n",
            1_795_500_000_000_000u64 + u64::from(number)
        )
    };
    let mut text = head(1).into_bytes();
    text.extend(b"MESSAGE=Failed password for root from 192.0.2.7 port 4711 ssh2\n\n");
    text.extend(head(2).into_bytes());
    let odd = b"two\nlines";
    text.extend(b"MESSAGE\n");
    text.extend((odd.len() as u64).to_le_bytes());
    text.extend(odd);
    text.extend(b"\n\n");
    text.extend(head(3).into_bytes());
    text.extend(b"MESSAGE=Accepted publickey for alice from 192.0.2.8 port 4711 ssh2: ED25519 SHA256:x\n\n");
    text
}

#[test]
fn a_journals_export_is_read_over_fields_with_line_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    std::fs::write(&path, exported()).unwrap();
    let (events, outcome) = read_all(&[&path], &reading());
    let kinds: Vec<_> = events.iter().map(|event| (event.kind.name(), event.host.as_deref())).collect();
    assert_eq!(kinds, [("login_failed", Some("edge")), ("login_ok", Some("edge"))]);
    assert_eq!(outcome.incomplete, []);
}

#[test]
fn a_journal_file_of_systemds_own_making_gives_the_same_events() {
    let tool = Path::new("/lib/systemd/systemd-journal-remote");
    if !tool.exists() {
        eprintln!("skipped: {} is not installed (package systemd-journal-remote)", tool.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    std::fs::write(&export, exported()).unwrap();
    let journal = folder.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    let file = journal.join("made.journal");
    let made = std::process::Command::new(tool).arg("-o").arg(&file).arg(&export).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for source in [&journal, &file] {
        let (events, outcome) = read_all(&[source], &reading());
        let kinds: Vec<_> = events.iter().map(|event| (event.kind.name(), event.user.as_deref())).collect();
        assert_eq!(kinds, [("login_failed", Some("root")), ("login_ok", Some("alice"))], "{outcome:?}");
        assert_eq!(outcome.incomplete, []);
    }
}

#[test]
fn a_log_that_is_rotated_while_it_is_read_is_read_once_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("auth.log.1"), line(12, 1, "192.0.2.1")).unwrap();
    std::fs::write(path("auth.log"), line(13, 1, "192.0.2.2")).unwrap();
    let mut gaps = Gaps::of(Area::Logins);
    let mut streams = Vec::new();
    for family in families(vec![path("auth.log"), path("auth.log.1")]) {
        stream::open(family, &reading(), &Elsewhere::default(), &mut streams, &mut gaps);
    }
    std::fs::rename(path("auth.log.1"), path("auth.log.2")).unwrap();
    std::fs::rename(path("auth.log"), path("auth.log.1")).unwrap();
    std::fs::write(path("auth.log"), line(14, 1, "192.0.2.3")).unwrap();
    let mut addresses = Vec::new();
    merge(&mut streams, &mut gaps, &mut |seen, _| addresses.extend(seen.address.map(|address| address.to_string())));
    assert_eq!(addresses, ["192.0.2.1", "192.0.2.2"]);
}

#[test]
fn programs_of_other_facilities_are_found_in_a_journal() {
    let tool = Path::new("/lib/systemd/systemd-journal-remote");
    if !tool.exists() {
        eprintln!("skipped: {} is not installed (package systemd-journal-remote)", tool.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let text = String::from_utf8_lossy(&exported()).into_owned();
    let first = text.split("\n\n").next().unwrap();
    let dockerd = first
        .replace("SYSLOG_FACILITY=10", "SYSLOG_FACILITY=3")
        .replace("IDENTIFIER=sshd", "IDENTIFIER=dockerd")
        .replace(
            "Failed password for root from 192.0.2.7 port 4711 ssh2",
            "http: TLS handshake error from 192.0.2.7:1: EOF",
        );
    // An sshd that is run with -e.
    let sshd = first.replace("SYSLOG_FACILITY=10", "SYSLOG_FACILITY=3");
    let nobody = sshd.replace("IDENTIFIER=sshd", "IDENTIFIER=shop");
    let export = folder.path().join("export");
    std::fs::write(&export, format!("{dockerd}\n\n{sshd}\n\n{nobody}\n\n")).unwrap();
    let file = folder.path().join("made.journal");
    let made = std::process::Command::new(tool).arg("-o").arg(&file).arg(&export).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (events, outcome) = read_all(&[&file], &reading());
    assert_eq!(
        events.iter().map(|event| event.service.as_str()).collect::<Vec<_>>(),
        ["dockerd", "sshd"],
        "{outcome:?}"
    );
}

const SASL: &str =
    "Nov 24 08:10:02 edge postfix/smtpd[42]: warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: no\n";
const SSHD: &str = "Nov 24 08:10:03 edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2\n";
const PAM: &str = "Nov 24 08:10:03 edge pure-ftpd: pam_unix(pure-ftpd:auth): authentication failure; logname= uid=0 euid=0 tty=pure-ftpd ruser=bob rhost=192.0.2.7 \n";
const FTP: &str = "Nov 24 08:10:04 edge pure-ftpd: (?@192.0.2.7) [WARNING] Authentication failed for user [bob]\n";
const WIREGUARD: &str =
    "Nov 24 08:10:05 edge kernel: [12345.678901] wireguard: wg0: Invalid handshake initiation from 192.0.2.7:51820\n";

/// The services of the events of these logs, read together, and followed.
fn services(logs: &[(&str, &[&str])]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = || {
        for (name, lines) in logs {
            std::fs::write(path(name), lines.concat()).unwrap();
        }
    };
    write();
    let files: Vec<PathBuf> = logs.iter().map(|(name, _)| path(name)).collect();
    let (events, _) = read_all(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &reading());
    let read: Vec<_> = events.into_iter().map(|event| event.service).collect();

    for (name, _) in logs {
        std::fs::write(path(name), "").unwrap();
    }
    let mut reading = reading();
    let mut families = families(files);
    let mut follow = Follow::begin(Area::Logins, &mut families, &mut reading);
    write();
    let mut followed = Vec::new();
    assert!(go_on(&mut follow, &reading, &mut |seen, _| followed.push(seen.service.to_owned())));
    followed.sort();
    let mut sorted = read.clone();
    sorted.sort();
    assert_eq!(followed, sorted, "logs that are followed are read the same way");
    read
}

#[test]
fn what_a_log_of_its_own_holds_is_left_out_of_the_common_log() {
    let all = [SASL, SSHD, PAM, FTP, WIREGUARD];
    assert_eq!(services(&[("syslog", &all)]), ["postfix", "sshd", "pure-ftpd", "pure-ftpd", "wireguard"]);
    let own = [("auth.log", &[SSHD, PAM][..]), ("mail.log", &[SASL]), ("syslog", &all)];
    assert_eq!(services(&own), ["postfix", "sshd", "pure-ftpd", "pure-ftpd", "wireguard"]);
    let red_hat = [("secure", &[SSHD, PAM][..]), ("messages", &[SASL, FTP, WIREGUARD])];
    assert_eq!(services(&red_hat), ["postfix", "sshd", "pure-ftpd", "pure-ftpd", "wireguard"]);
}

#[test]
fn what_the_engine_says_in_the_common_log_is_read_beside_the_log_of_logins() {
    let folder = tempfile::tempdir().unwrap();
    let (auth, common) = (folder.path().join("auth.log"), folder.path().join("syslog"));
    std::fs::write(&auth, line(24, 1, "192.0.2.1")).unwrap();
    let stamp = |text: &str| {
        format!("Nov 24 11:17:57 edge dockerd[42]: time=\"2026-11-24T11:17:57.1Z\" level=debug msg=\"{text}\"\n")
    };
    let form =
        r#"form data: {\"AttachStdin\":true,\"Cmd\":[\"sh\"],\"Detach\":false,\"DetachKeys\":\"\",\"Tty\":true}"#;
    std::fs::write(&common, stamp("Calling POST /v1.41/containers/web/exec") + &stamp(form)).unwrap();
    let (events, _) = read_all(&[&auth, &common], &reading());
    let kinds: Vec<_> = events.iter().map(|event| (event.kind.name(), event.detail.as_deref())).collect();
    assert_eq!(kinds, [("login_failed", None), ("exec", None), ("exec", Some("sh"))]);
}
