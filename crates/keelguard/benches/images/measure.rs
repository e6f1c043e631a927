//! What runs take: wall time, processor time and peak memory, as the kernel counts them for a child. Cases take turns, so
//! that whatever else the machine does meets all of them.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// A line of what is printed.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// One run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run {
    /// Seconds.
    pub(crate) wall: f64,
    /// Seconds, of all its threads, in user and system.
    pub(crate) processor: f64,
    /// MB at the peak.
    pub(crate) memory: f64,
}

/// A command that is run again and again, and what has to be done before each run.
pub(crate) struct Case<'a> {
    pub(crate) name: String,
    pub(crate) command: Box<dyn Fn() -> Command + 'a>,
    pub(crate) before: Box<dyn Fn() + 'a>,
}

impl<'a> Case<'a> {
    pub(crate) fn new(name: &str, command: impl Fn() -> Command + 'a) -> Self {
        Self { name: name.to_owned(), command: Box::new(command), before: Box::new(|| {}) }
    }

    pub(crate) fn after(self, before: impl Fn() + 'a) -> Self {
        Self { before: Box::new(before), ..self }
    }
}

/// Runs the cases in turns and prints the median of each, with its share of the last case's: that is the peer.
pub(crate) fn compare(title: &str, turns: usize, cases: &[Case<'_>]) {
    let mut runs: Vec<Vec<Run>> = cases.iter().map(|_| Vec::new()).collect();
    for _ in 0..turns {
        for (case, runs) in cases.iter().zip(&mut runs) {
            (case.before)();
            match once((case.command)()) {
                Ok(run) => runs.push(run),
                Err(why) => say(&format!("  {}: {why}", case.name)),
            }
        }
    }
    say(&format!(
        "\n{title}, median of {turns} turns{:>16} wall   processor   peak memory   of the last: wall, processor, memory",
        ""
    ));
    let middles: Vec<Run> = runs.iter().map(|runs| middle(runs)).collect();
    let peer = middles.last().copied().unwrap_or_default();
    for (case, run) in cases.iter().zip(&middles) {
        let share = |mine: f64, other: f64| if mine > 0.0 { format!("1 : {:.1}", other / mine) } else { "-".into() };
        say(&format!(
            "  {:<42} {:>8.3} s {:>9.3} s {:>10.1} MB   {}, {}, {}",
            case.name,
            run.wall,
            run.processor,
            run.memory,
            share(run.wall, peer.wall),
            share(run.processor, peer.processor),
            share(run.memory, peer.memory),
        ));
    }
}

/// Starts `count` runs at once and prints what they take together, beside as many times `single`.
pub(crate) fn crowd(count: u32, single: Run, command: impl Fn() -> Command) {
    let begun = Instant::now();
    let children: Vec<Result<Child, String>> = (0..count).map(|_| start(command())).collect();
    let runs: Vec<Result<Run, String>> =
        children.into_iter().map(|child| child.and_then(|child| end(child, begun))).collect();
    let errors: Vec<&String> = runs.iter().filter_map(|run| run.as_ref().err()).collect();
    let processor: f64 = runs.iter().flatten().map(|run| run.processor).sum();
    say(&format!(
        "\n{count} at once: {} errors {errors:?}, {:.3} s wall, {processor:.3} s processor: {:.2} times {count} single runs",
        errors.len(),
        begun.elapsed().as_secs_f64(),
        processor / (f64::from(count) * single.processor)
    ));
}

/// The median of several runs of a command.
pub(crate) fn median(turns: usize, command: impl Fn() -> Command) -> Run {
    middle(&(0..turns).filter_map(|_| once(command()).ok()).collect::<Vec<_>>())
}

fn middle(runs: &[Run]) -> Run {
    let of = |field: fn(&Run) -> f64| {
        let mut column: Vec<f64> = runs.iter().map(field).collect();
        column.sort_by(f64::total_cmp);
        column.get(column.len() / 2).copied().unwrap_or_default()
    };
    Run { wall: of(|run| run.wall), processor: of(|run| run.processor), memory: of(|run| run.memory) }
}

fn once(command: Command) -> Result<Run, String> {
    let begun = Instant::now();
    end(start(command)?, begun)
}

fn start(mut command: Command) -> Result<Child, String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| error.to_string())
}

/// Waits for it. Ecosystems without advisories are an answer (4), findings are none of an error.
fn end(mut child: Child, begun: Instant) -> Result<Run, String> {
    let used = child.wait4().map_err(|error| error.to_string())?;
    if !matches!(used.status.code(), Some(0 | 3 | 4)) {
        return Err(format!("it ended with {}", used.status));
    }
    let processor: Duration = used.rusage.utime + used.rusage.stime;
    #[allow(clippy::cast_precision_loss, reason = "no program has so much memory")]
    let memory = used.rusage.maxrss as f64 / 1e6;
    Ok(Run { wall: begun.elapsed().as_secs_f64(), processor: processor.as_secs_f64(), memory })
}
