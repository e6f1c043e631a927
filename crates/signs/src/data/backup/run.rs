//! Programs that are asked about a backup. Each has a time and a number of bytes; when either is used up, it is ended with all
//! that it started: a mount that hangs must not hang whoever asks.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// What is kept of what a program complains of.
const COMPLAINTS: u64 = 64 << 10;
/// How long what a program left behind may hold its pipes open after it has ended.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// What a program said.
pub(super) struct Ran {
    pub(super) status: ExitStatus,
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
    /// It had more to say than it was allowed to.
    pub(super) is_cut: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// There is no such program.
    Absent,
    /// Its time was over.
    Late(Duration),
    /// It could not be started or waited for.
    Failed(io::Error),
}

enum News {
    Out(io::Result<(Vec<u8>, bool)>),
    Err(Vec<u8>),
    Ended(io::Result<ExitStatus>),
}

/// Runs a program. What it writes is kept up to `most` bytes, or goes to `sink`.
pub(super) fn run(
    mut command: Command,
    time: Duration,
    most: u64,
    sink: Option<std::fs::File>,
) -> Result<Ran, NoAnswer> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => NoAnswer::Absent,
        _ => NoAnswer::Failed(error),
    })?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let end = || group.map(|group| kill_process_group(group, Signal::KILL).is_ok());
    let (tell, news) = channel();
    if let Some(out) = child.stdout.take() {
        let tell = tell.clone();
        std::thread::spawn(move || tell.send(News::Out(take(out, most, sink))));
    }
    if let Some(err) = child.stderr.take() {
        let tell: Sender<News> = tell.clone();
        std::thread::spawn(move || {
            let kept = take(err, COMPLAINTS, None).map(|(kept, _)| kept).unwrap_or_default();
            tell.send(News::Err(kept))
        });
    }
    std::thread::spawn(move || tell.send(News::Ended(child.wait())));
    let (mut out, mut err, mut status) = (None, None, None);
    let mut ends = begun + time;
    while out.is_none() || err.is_none() || status.is_none() {
        let Ok(one) = news.recv_timeout(ends.saturating_duration_since(Instant::now())) else {
            end();
            // A program that has ended has answered, whoever still holds its pipes.
            if status.is_some() {
                break;
            }
            return Err(NoAnswer::Late(time));
        };
        match one {
            News::Out(taken) => {
                let taken = taken.map_err(NoAnswer::Failed)?;
                if taken.1 {
                    end();
                }
                out = Some(taken);
            }
            News::Err(kept) => err = Some(kept),
            News::Ended(ended) => {
                status = Some(ended.map_err(NoAnswer::Failed)?);
                ends = ends.min(Instant::now() + AFTERWARDS);
            }
        }
    }
    let status = status.ok_or(NoAnswer::Late(time))?;
    let (out, is_cut) = out.unwrap_or((Vec::new(), true));
    Ok(Ran { status, out, err: err.unwrap_or_default(), is_cut })
}

/// Reads up to `most` bytes, into `sink` where there is one.
fn take(mut from: impl Read, most: u64, sink: Option<std::fs::File>) -> io::Result<(Vec<u8>, bool)> {
    let mut kept = Vec::new();
    let mut limited = from.by_ref().take(most);
    let taken = match sink {
        Some(mut file) => {
            let taken = io::copy(&mut limited, &mut file)?;
            file.flush()?;
            taken
        }
        None => limited.read_to_end(&mut kept)? as u64,
    };
    let is_cut = taken == most && from.read(&mut [0])? > 0;
    Ok((kept, is_cut))
}

/// What waits for a filesystem, in a thread of its own: none where the time was over. The thread is left to the filesystem.
pub(super) fn within<T: Send + 'static>(time: Duration, what: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = channel();
    std::thread::spawn(move || tell.send(what()));
    told.recv_timeout(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", file.display());
        let late = run(shell(&script), Duration::from_secs(2), 100, None);
        assert!(matches!(late, Err(NoAnswer::Late(_))));
        let pid = std::fs::read_to_string(&file).unwrap();
        let status = format!("/proc/{}/stat", pid.trim());
        let begun = Instant::now();
        // Gone, or dead and not yet collected by whoever inherited it.
        while std::fs::read_to_string(&status).is_ok_and(|stat| !stat.contains(") Z")) {
            assert!(begun.elapsed() < Duration::from_secs(20), "what it started is still there");
            std::thread::yield_now();
        }
    }

    #[test]
    fn endless_output_is_cut_and_what_is_left_behind_does_not_hold_up() {
        let ran = run(shell("yes"), Duration::from_mins(1), 1000, None).map_err(|_| ()).unwrap();
        assert!(ran.is_cut && ran.out.len() == 1000);
        let begun = Instant::now();
        let ran = run(shell("sleep 300 & echo done"), Duration::from_secs(200), 1000, None).map_err(|_| ()).unwrap();
        assert!(ran.status.success() && begun.elapsed() < Duration::from_secs(100));
        assert!(matches!(run(Command::new("/nonexistent/x"), Duration::from_secs(9), 9, None), Err(NoAnswer::Absent)));
    }
}
