//! Lines a second, on the mix that a server on the internet writes. The yardstick is one look at every byte: counting the
//! lines.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use keelguard_signs::logins::collect::{Reading, families, read};
use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Clock, parse_line};

fn main() {
    divan::main();
}

const LINES: usize = 100_000;

/// An attacked sshd: what PAM and the daemon say of each attempt.
fn attacked() -> Vec<u8> {
    let mut log = String::new();
    let mut lines = 0;
    for attempt in 0.. {
        let (third, fourth, second) = (attempt / 250 % 250, attempt % 250, attempt % 60);
        let port = 1024 + attempt % 60_000;
        let head = format!("Nov 24 08:10:{second:02} edge sshd[{}]: ", 1000 + attempt % 30_000);
        for message in [
            format!("Invalid user oracle{attempt} from 198.51.{third}.{fourth} port {port}"),
            "pam_unix(sshd:auth): check pass; user unknown".to_owned(),
            format!(
                "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=198.51.{third}.{fourth} "
            ),
            format!("Failed password for invalid user oracle{attempt} from 198.51.{third}.{fourth} port {port} ssh2"),
            format!("Received disconnect from 198.51.{third}.{fourth} port {port}:11: Bye Bye [preauth]"),
            format!("Disconnected from invalid user oracle{attempt} 198.51.{third}.{fourth} port {port} [preauth]"),
        ] {
            log.push_str(&head);
            log.push_str(&message);
            log.push('\n');
            lines += 1;
        }
        if lines >= LINES {
            break;
        }
    }
    log.into_bytes()
}

fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = log;
    std::iter::from_fn(move || {
        let at = memchr::memchr(b'\n', rest)?;
        let line = rest.get(..at)?;
        rest = rest.get(at + 1..)?;
        Some(line)
    })
}

#[divan::bench]
fn sshd_lines(bencher: Bencher<'_, '_>) {
    let log = attacked();
    bencher.counter(ItemsCount::new(lines(&log).count())).bench_local(|| {
        let mut clock = Clock::utc(jiff::Timestamp::from_second(1_795_600_000).unwrap_or_default());
        lines(black_box(&log))
            .filter_map(|line| parse_line(line, &mut clock))
            .filter(|seen| seen.address.is_some())
            .count()
    });
}

/// From the file to the findings: what a user waits for.
#[divan::bench(sample_count = 20)]
fn file_to_findings(bencher: Bencher<'_, '_>) {
    let log = attacked();
    let file = std::env::temp_dir().join(format!("keelguard-bench-{}.log", std::process::id()));
    if std::fs::write(&file, &log).is_err() {
        return;
    }
    let reading = Reading::everything(jiff::Timestamp::from_second(1_795_600_000).unwrap_or_default());
    bencher.counter(ItemsCount::new(lines(&log).count())).bench_local(|| {
        let mut detectors = Detectors::new(Limits::default());
        read(families(vec![file.clone()]), black_box(&reading), &mut |seen, _| detectors.see(seen));
        detectors.findings().len()
    });
    let _ = std::fs::remove_file(&file);
}

#[divan::bench]
fn yardstick_count_lines(bencher: Bencher<'_, '_>) {
    let log = attacked();
    bencher.counter(ItemsCount::new(lines(&log).count())).bench_local(|| lines(black_box(&log)).count());
}
