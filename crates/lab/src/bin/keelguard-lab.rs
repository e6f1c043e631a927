//! `scripts/lab`: brings a lab up, says how it stands, takes it down.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use keelguard_lab::{Install, Lab, LabError, Options, Placed, Set};

const USAGE: &str = "usage: scripts/lab up [demo|risky|well-kept|many=N|empty] | status | down";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let dir = std::env::var_os("KEELGUARD_LAB_DIR").map_or_else(|| PathBuf::from("/tmp/keelguard-lab"), PathBuf::from);
    let done = match words.as_slice() {
        ["up"] => up(dir, Some(Set::Demo)),
        ["up", "empty"] => up(dir, None),
        ["up", set] => match set.parse() {
            Ok(set) => up(dir, Some(set)),
            Err(()) => return wrong_usage(),
        },
        ["status"] => status(&dir),
        ["down"] => down(&dir),
        _ => return wrong_usage(),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let mut text = format!("lab: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(source) = cause {
                text = format!("{text}: {source}");
                cause = source.source();
            }
            say(&text);
            ExitCode::FAILURE
        }
    }
}

fn wrong_usage() -> ExitCode {
    say(USAGE);
    ExitCode::from(2)
}

fn up(dir: PathBuf, set: Option<Set>) -> Result<ExitCode, LabError> {
    let start = Instant::now();
    let mut lab = Lab::up(&Options { install: Install::Missing, dir: Some(dir), ..Options::default() })?;
    let placed = set.map_or(Ok(Vec::new()), |set| lab.populate(set))?;
    let running = placed.iter().filter(|outcome| outcome.placed == Placed::Running).count();
    // Five hundred times the same sentence helps nobody.
    let told = if matches!(set, Some(Set::Many(_))) { 0 } else { placed.len() };
    for outcome in placed.iter().take(told) {
        if let Some(why) = outcome.placed.why() {
            say(&format!("lab: {} {}: {why}", outcome.name, outcome.placed.word()));
        }
    }
    let seconds = start.elapsed().as_secs_f32();
    say(&format!("lab: up in {seconds:.1} s with {} containers, {running} of them running", placed.len()));
    say("lab: type the line below, then `keelguard check`; `scripts/lab down` removes it all");
    print(&format!("export DOCKER_HOST={}", lab.endpoint()));
    lab.stay()?;
    Ok(ExitCode::SUCCESS)
}

fn status(dir: &std::path::Path) -> Result<ExitCode, LabError> {
    let lab = match Lab::attach(dir) {
        Err(LabError::NotALab { .. }) => {
            print(&format!("no lab in {}", dir.display()));
            return Ok(ExitCode::from(3));
        }
        lab => lab?,
    };
    if !lab.answers() {
        print(&format!("a lab in {}, whose engine does not answer; `scripts/lab down` removes it", dir.display()));
        return Ok(ExitCode::from(3));
    }
    let names = lab.docker_ok(&["ps", "--all", "--format", "{{.Names}}  {{.Status}}"])?;
    print(&format!("a lab in {}\nexport DOCKER_HOST={}\n{names}", dir.display(), lab.endpoint()));
    Ok(ExitCode::SUCCESS)
}

fn down(dir: &std::path::Path) -> Result<ExitCode, LabError> {
    match Lab::attach(dir) {
        Err(LabError::NotALab { .. }) => say(&format!("lab: no lab in {}", dir.display())),
        lab => {
            lab?.down()?;
            say("lab: down, nothing is left of it");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Nobody to tell is no reason to fail.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
