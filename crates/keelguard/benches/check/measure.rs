//! What a command takes: wall time, processor time and the peak of its memory, as the kernel counts them for the child.
//!
//! The kernel counts the memory of whoever starts a program as the program's own until it is loaded, and this process has
//! five hundred containers in it. So a second, small one of the same file starts what is measured.

use std::io::Write as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// The argument that makes this program the small one.
pub(crate) const CHILD: &str = "measured-child";

/// A command, and what it may take.
pub(crate) struct Case<'a> {
    name: &'a str,
    command: &'a [&'a str],
    /// Milliseconds; 0 is no bound.
    time: u32,
    /// MB; 0 is no bound.
    memory: u32,
}

impl<'a> Case<'a> {
    pub(crate) fn new(name: &'a str, command: &'a [&'a str]) -> Self {
        Self { name, command, time: 0, memory: 0 }
    }

    /// At most so many milliseconds and MB; 0 is no bound.
    pub(crate) fn bound(self, time: u32, memory: u32) -> Self {
        Self { time, memory, ..self }
    }
}

/// Seconds and bytes of several runs.
struct Measured {
    least: f64,
    median: f64,
    /// User and system, of the run that took the least of it.
    processor: f64,
    /// Of the run that took the most of it.
    memory: f64,
}

/// Whether a command ended by itself with an answer; that it could not look at everything is one.
pub(crate) fn is_answer(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 3))
}

/// Runs each of `cases` so many times and prints a line for it; the ratio is that of the least times to the first case's.
pub(crate) fn table(title: &str, runs: usize, cases: &[Case<'_>]) {
    say(&format!("{title}, {runs} runs each"));
    say("                         least     median    processor   peak memory   of the bounds    to the first");
    let mut first = None;
    for case in cases {
        let Some(found) = measure(case.command, runs) else {
            say(&format!("  {:<20} gave no answer", case.name));
            continue;
        };
        let first = *first.get_or_insert(found.least);
        let share = |value: f64, bound: u32, unit: &str| match bound {
            0 => "-".to_owned(),
            bound => format!("{:.0} % of {bound} {unit}", value * 100.0 / f64::from(bound)),
        };
        say(&format!(
            "  {:<20} {:>7.1} ms {:>7.1} ms {:>9.1} ms {:>10.1} MB   {}, {}   {:.2}",
            case.name,
            found.least * 1e3,
            found.median * 1e3,
            found.processor * 1e3,
            found.memory / 1e6,
            share(found.least * 1e3, case.time, "ms"),
            share(found.memory / 1e6, case.memory, "MB"),
            found.least / first,
        ));
    }
}

/// A line of the table.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn measure(command: &[&str], runs: usize) -> Option<Measured> {
    let itself = std::env::current_exe().ok()?;
    let output = Command::new(itself).arg(CHILD).arg(runs.to_string()).args(command).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let numbers = |line: &str| line.split(' ').map(|word| word.parse::<f64>().ok()).collect::<Option<Vec<f64>>>();
    let lines: Vec<Vec<f64>> = text.lines().map(numbers).collect::<Option<_>>()?;
    let column = |at: usize| {
        let mut column: Vec<f64> = lines.iter().filter_map(|line| line.get(at).copied()).collect();
        column.sort_by(f64::total_cmp);
        column
    };
    let (wall, processor, memory) = (column(0), column(1), column(2));
    Some(Measured {
        least: *wall.first()?,
        median: *wall.get(wall.len() / 2)?,
        processor: *processor.first()?,
        memory: *memory.last()?,
    })
}

/// Runs a command as often as the first argument says, and prints seconds, processor seconds and bytes of each run.
pub(crate) fn child(arguments: &[String]) {
    let Some((runs, [program, arguments @ ..])) = arguments.split_first() else { return };
    for _ in 0..runs.parse().unwrap_or(0) {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let Ok(used) = command.spawn().and_then(|mut child| child.wait4()) else { return };
        let wall = begun.elapsed();
        if !is_answer(used.status) {
            return;
        }
        let processor: Duration = used.rusage.utime + used.rusage.stime;
        say(&format!("{} {} {}", wall.as_secs_f64(), processor.as_secs_f64(), used.rusage.maxrss));
    }
}
