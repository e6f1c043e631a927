//! Lines a second of a common log, of which few tell of starts and ends: every line is a sign of life all the same. The
//! yardstick is one look at every byte: counting the lines.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jiff::Timestamp;
use keelguard_signs::downtime::collect::{Reading, families, read};
use keelguard_signs::downtime::detect::{Detectors, Limits};

/// Beside divan's table, how many times longer it takes than to count the lines.
#[expect(clippy::print_stdout, reason = "a bench says what it found")]
fn main() {
    divan::main();
    let log = syslog();
    let Some(file) = File::of(&log) else { return };
    let fastest = |run: &dyn Fn() -> usize| {
        let once = || {
            let begun = Instant::now();
            black_box(run());
            begun.elapsed()
        };
        (0..10).map(|_| once()).min().unwrap_or_default()
    };
    let (report, count) = (fastest(&|| judged(&file)), fastest(&|| lines(black_box(&log))));
    println!("file to report : counting its lines = {:.0} : 1", report.as_secs_f64() / count.as_secs_f64());
}

const LINES: usize = 100_000;
/// Seconds between two lines: two weeks and a half in all.
const STEP: i64 = 15;
const START: i64 = 1_794_000_000;

/// What a host with containers writes: jobs, logins, the engine and programs of which nothing is known; a service that fails
/// each hour, a container that runs out of memory each day, a boot each night.
fn syslog() -> Vec<u8> {
    let mut log = String::new();
    for number in 0..LINES {
        let second = START + i64::try_from(number).unwrap_or(0) * STEP;
        let time = Timestamp::from_second(second).unwrap_or_default();
        let pid = 1000 + number % 30_000;
        let message = match number % 5760 {
            0 => {
                "kernel: [    0.000000] Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org) #1 SMP".to_owned()
            }
            5758 => "systemd[1]: Reached target reboot.target - System Reboot.".to_owned(),
            3000 => format!(
                "kernel: [{number}.123456] Memory cgroup out of memory: Killed process {pid} (java) total-vm:4096kB, anon-rss:2048kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0"
            ),
            hourly if hourly % 240 == 10 => {
                "systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE".to_owned()
            }
            hourly if hourly % 240 == 11 => "systemd[1]: shop.service: Failed with result 'exit-code'.".to_owned(),
            hourly if hourly % 240 == 12 => "systemd[1]: Started shop.service - The shop.".to_owned(),
            _ => match number % 10 {
                0 => format!(
                    "CRON[{pid}]: (root) CMD (test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly)"
                ),
                1 => format!(
                    "sshd[{pid}]: Failed password for invalid user oracle{number} from 198.51.100.7 port 4711 ssh2"
                ),
                2 => "systemd[1]: Starting logrotate.service - Rotate log files...".to_owned(),
                3 => format!(
                    "dockerd[812]: time=\"{time}\" level=info msg=\"ignoring event\" module=libcontainerd namespace=moby topic=/tasks/delete"
                ),
                4 => format!("kernel: [{number}.654321] br-3f2a: port 7(veth{pid:04x}) entered forwarding state"),
                5 => format!("systemd[1]: session-{number}.scope: Deactivated successfully."),
                _ => format!("shop[{pid}]: GET /articles/{number} 200 in {} ms, 7 rows", number % 300),
            },
        };
        let _ = writeln!(log, "{time} edge {message}");
    }
    log.into_bytes()
}

fn lines(log: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', log).count()
}

/// A log on disk for as long as it is held.
struct File(PathBuf);

impl File {
    fn of(log: &[u8]) -> Option<Self> {
        let file = std::env::temp_dir().join(format!("keelguard-bench-downtime-{}.log", std::process::id()));
        std::fs::write(&file, log).ok().map(|()| Self(file))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn reading() -> Reading {
    let end = START + STEP * i64::try_from(LINES).unwrap_or(0);
    Reading::everything(Timestamp::from_second(end).unwrap_or_default())
}

fn judged(file: &File) -> usize {
    let reading = reading();
    let mut detectors = Detectors::new(Limits::default());
    read(families(vec![file.0.clone()]), Vec::new(), &reading, &mut |happening| detectors.see(happening));
    detectors.judge(&[], &reading.zone).findings.len()
}

/// From the file to the events: taken apart and looked up.
#[divan::bench(sample_count = 20)]
fn file_to_events(bencher: Bencher<'_, '_>) {
    let log = syslog();
    let Some(file) = File::of(&log) else { return };
    let reading = reading();
    bencher
        .counter(ItemsCount::new(LINES))
        .bench_local(|| read(families(vec![file.0.clone()]), Vec::new(), black_box(&reading), &mut |_| {}).events);
}

/// From the file to the report: what a user waits for.
#[divan::bench(sample_count = 20)]
fn file_to_report(bencher: Bencher<'_, '_>) {
    let log = syslog();
    let Some(file) = File::of(&log) else { return };
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| judged(black_box(&file)));
}

#[divan::bench]
fn yardstick_count_lines(bencher: Bencher<'_, '_>) {
    let log = syslog();
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| lines(black_box(&log)));
}
