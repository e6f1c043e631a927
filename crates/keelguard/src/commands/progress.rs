//! What a person reads on standard error while they wait, and hints afterwards. `--quiet` silences it.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::settings::Settings;

/// Says what is being done, for as long as it lives. On a terminal the line goes away afterwards.
pub(crate) struct Progress {
    on_terminal: bool,
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

/// Below this, whoever reads no terminal is told nothing in between, and above it as often.
const NOW_AND_THEN: Duration = Duration::from_secs(20);

impl Progress {
    /// Begins to say `what`.
    pub(crate) fn begin(settings: &Settings, what: &str) -> Self {
        let on_terminal = io::stderr().is_terminal() && !settings.switch("quiet");
        if on_terminal {
            eprint!("{what} …");
        }
        Self { on_terminal, watcher: None }
    }

    /// Begins to say `what`, and how much of `total` bytes is done; where standard error is no terminal, in a line now and
    /// then.
    pub(crate) fn of(settings: &Settings, what: &'static str, total: u64, done: Arc<AtomicU64>) -> Self {
        if settings.switch("quiet") || total == 0 {
            return Self::begin(settings, what);
        }
        let on_terminal = io::stderr().is_terminal();
        let (end, ended) = channel::<()>();
        let watcher = std::thread::spawn(move || {
            let begun = Instant::now();
            let pause = if on_terminal { Duration::from_millis(200) } else { NOW_AND_THEN };
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let line = bar(what, done.load(Ordering::Relaxed), total, begun.elapsed());
                if on_terminal {
                    eprint!("\r\u{1b}[2K{line}");
                } else {
                    eprintln!("keelguard: {line}");
                }
            }
        });
        Self { on_terminal, watcher: Some((end, watcher)) }
    }
}

impl Progress {
    /// Says what is done now.
    pub(crate) fn step(&self, what: &str) {
        if self.on_terminal {
            eprint!("\r\u{1b}[2K{} …", keelguard_model::text::printable(what));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, watcher)) = self.watcher.take() {
            drop(done);
            let _ = watcher.join();
        }
        if self.on_terminal {
            eprint!("\r\u{1b}[2K");
        }
    }
}

/// What of `total` bytes is done, as a bar and in words; with no time since it began, nothing is said of the rest.
pub(super) fn bar(what: &str, done: u64, total: u64, since: Duration) -> String {
    let done = done.min(total);
    let percent = (u128::from(done) * 100).checked_div(u128::from(total)).unwrap_or(100);
    let full = usize::try_from(percent / 5).unwrap_or(20).min(20);
    let left = u128::from(total - done) * since.as_millis() / u128::from(done.max(1)) / 1000;
    let left = if since.as_secs() < 2 || done == total { String::new() } else { format!(", {left} s left") };
    format!("{what}  {}{}  {percent} % of {}{left}", "█".repeat(full), "·".repeat(20 - full), bytes(total))
}

fn bytes(count: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", count / unit, count % unit * 10 / unit);
    match count {
        0..1_000_000 => format!("{} kB", count.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// A line for the person at the terminal.
pub(crate) fn say(settings: &Settings, line: &str) {
    if !settings.switch("quiet") {
        eprintln!("{}", keelguard_model::text::printable(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_much_is_done_and_how_long_the_rest_takes() {
        let shown = bar("Reading logs", 2_500_000_000, 10_000_000_000, Duration::from_secs(5));
        assert_eq!(shown, "Reading logs  █████···············  25 % of 10.0 GB, 15 s left");
        assert_eq!(bar("Reading", 900, 900, Duration::ZERO), "Reading  ████████████████████  100 % of 1 kB");
        // A log that grows meanwhile, and one that is empty.
        assert!(bar("Reading", 5, 2, Duration::from_secs(9)).contains("100 %"));
        assert!(bar("Reading", 0, 0, Duration::from_secs(9)).contains("100 %"));
    }
}
