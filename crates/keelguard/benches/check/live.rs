//! `keelguard check` against a live engine: the lab's, with containers that run and with many that were only created.

use keelguard_lab::{Lab, LabError, Options, Placed, Set};

use crate::KEELGUARD;
use crate::measure::{Case, say, table};

/// Runs against both engines, or says why not.
pub(crate) fn run() {
    if let Some(reason) = keelguard_lab::why_not() {
        say(&format!("live: skipped: {reason}"));
        return;
    }
    for measured in [running(24), created(500)] {
        if let Err(error) = measured {
            say(&format!("live: could not {error}"));
        }
    }
}

/// So many containers, all of which run.
fn running(count: usize) -> Result<(), LabError> {
    let mut lab = Lab::up(&Options::default())?;
    let placed = lab.populate(Set::Many(count))?;
    let mut started = 0;
    for outcome in placed.iter().filter(|outcome| !matches!(outcome.placed, Placed::Refused(_))) {
        started += usize::from(lab.docker(&["start", &outcome.name])?.status.success());
    }
    // What this machine does not start is made up for by plain ones.
    let mut runs = started;
    for at in started..count {
        let [plain, ..] = Lab::IMAGES;
        runs +=
            usize::from(lab.docker(&["run", "--detach", "--name", &format!("plain-{at}"), plain])?.status.success());
    }
    check(&lab, &format!("live engine, {runs} running containers"), 20, (500, 40))?;
    lab.down()
}

/// So many containers, none of which was started.
fn created(count: usize) -> Result<(), LabError> {
    let mut lab = Lab::up(&Options::default())?;
    let placed = lab.populate(Set::Many(count))?;
    let there = placed.iter().filter(|outcome| !matches!(outcome.placed, Placed::Refused(_))).count();
    check(&lab, &format!("live engine, {there} created containers"), 10, (3000, 0))?;
    lab.down()
}

fn check(lab: &Lab, title: &str, runs: usize, (time, memory): (u32, u32)) -> Result<(), LabError> {
    let endpoint = lab.endpoint();
    let ids = lab.docker_ok(&["ps", "--all", "--quiet", "--no-trunc"])?;
    let inspect: Vec<&str> = ["docker", "--host", &endpoint, "inspect"].into_iter().chain(ids.lines()).collect();
    let of = |format| [KEELGUARD, "check", "--engine", &endpoint, "--format", format];
    let [text, json] = [of("table"), of("json")];
    let cases = [
        Case::new("docker inspect", &inspect),
        Case::new("table", &text).bound(time, memory),
        Case::new("json", &json).bound(time, memory),
    ];
    table(title, runs, &cases);
    Ok(())
}
