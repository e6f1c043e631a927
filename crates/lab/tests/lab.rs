//! The lab against the real engine: what it promises to bring up, and to leave behind: nothing.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests; a skipped test says why")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use keelguard_lab::{Lab, LabError, Options, Placed, Scenario, Set, Start, scenarios};

/// A lab, or nothing and the printed reason.
fn lab() -> Option<Lab> {
    if let Some(reason) = keelguard_lab::why_not() {
        eprintln!("skipped: {reason}");
        return None;
    }
    Some(Lab::up(&Options::default()).unwrap())
}

/// Everything that names the lab: processes, mounts, cgroups, its directory.
fn traces(dir: &Path, cgroup: &str) -> Vec<String> {
    let mut found = Vec::new();
    let text = dir.display().to_string();
    if dir.exists() {
        found.push(text.clone());
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    found.extend(mounts.lines().filter(|line| line.contains(&text)).map(str::to_owned));
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let command = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
        let group = fs::read_to_string(process.path().join("cgroup")).unwrap_or_default();
        let zombie = command.is_empty();
        if command.contains(&text) || (!zombie && group.contains(cgroup)) {
            found.push(command.replace('\0', " "));
        }
    }
    let folders = Command::new("find").args(["/sys/fs/cgroup", "-maxdepth", "2", "-name", cgroup]).output().unwrap();
    found.extend(String::from_utf8_lossy(&folders.stdout).lines().map(str::to_owned));
    found
}

fn names(table: impl Iterator<Item = &'static Scenario>) -> HashSet<&'static str> {
    table.map(|scenario| scenario.name).collect()
}

fn default_engines_places() -> Vec<PathBuf> {
    ["/etc/docker/key.json", "/run/docker", "/run/containerd", "/var/lib/docker", "/run/docker.sock"]
        .into_iter()
        .map(PathBuf::from)
        .filter(|path| path.exists())
        .collect()
}

#[test]
fn down_leaves_nothing_behind_and_a_second_down_is_fine() {
    let Some(mut lab) = lab() else { return };
    let (dir, cgroup) = (lab.dir().to_owned(), lab.cgroup().to_owned());
    let placed = lab.populate(Set::Demo).unwrap();
    assert!(placed.iter().any(|outcome| outcome.placed == Placed::Running));
    assert!(lab.answers() && !traces(&dir, &cgroup).is_empty());
    lab.docker_ok(&["pause", "shop"]).unwrap();
    let start = Instant::now();
    lab.down().unwrap();
    eprintln!("down with {} containers, one of them paused: {:?}", placed.len(), start.elapsed());
    assert_eq!(traces(&dir, &cgroup), Vec::<String>::new());
    lab.down().unwrap();
}

#[test]
fn dropping_it_takes_it_down_and_the_hosts_own_places_stay_as_they_were() {
    let before = default_engines_places();
    let Some(lab) = lab() else { return };
    let (dir, cgroup) = (lab.dir().to_owned(), lab.cgroup().to_owned());
    lab.docker_ok(&["run", "--detach", Lab::IMAGES[0]]).unwrap();
    drop(lab);
    assert_eq!(traces(&dir, &cgroup), Vec::<String>::new());
    // Another lab of a test that runs at the same time may hold these places meanwhile, never a file of the engine's.
    let after = default_engines_places();
    let new: Vec<_> = after.into_iter().filter(|path| !before.contains(path)).collect();
    assert!(new.iter().all(|path| path == Path::new("/run/docker") || path == Path::new("/run/containerd")), "{new:?}");
}

#[test]
fn two_labs_stand_side_by_side() {
    let Some(mut one) = lab() else { return };
    let Some(mut two) = lab() else { return };
    for lab in [&one, &two] {
        // The same name, the same port: nothing is shared.
        lab.docker_ok(&["run", "--detach", "--name=web", "--publish=80:80", Lab::IMAGES[0]]).unwrap();
    }
    one.down().unwrap();
    assert_eq!(two.docker_ok(&["ps", "--format={{.Names}}"]).unwrap(), "web");
    two.down().unwrap();
}

#[test]
fn a_killed_engine_is_cleaned_up_all_the_same_by_whoever_finds_the_directory() {
    let Some(mut lab) = lab() else { return };
    let (dir, cgroup) = (lab.dir().to_owned(), lab.cgroup().to_owned());
    lab.populate(Set::WellKept).unwrap();
    let engine = lab.engine_pid().unwrap();
    assert!(Command::new("kill").args(["-9", &engine.to_string()]).status().unwrap().success());
    let deadline = Instant::now() + Duration::from_secs(10);
    while lab.answers() {
        assert!(Instant::now() < deadline);
    }
    let mut found = Lab::attach(&dir).unwrap();
    assert!(!found.answers());
    found.down().unwrap();
    // The first handle has nothing left to do.
    lab.down().unwrap();
    assert_eq!(traces(&dir, &cgroup), Vec::<String>::new());
}

#[test]
fn every_scenario_is_placed_or_says_why_not() {
    let Some(mut lab) = lab() else { return };
    let start = Instant::now();
    let placed = lab.populate(Set::Risky).unwrap();
    let running = placed.iter().filter(|outcome| outcome.placed == Placed::Running).count();
    eprintln!("{} scenarios, {running} of them running: {:?}", placed.len(), start.elapsed());
    assert_eq!(placed.len(), scenarios::risky().count());
    for outcome in &placed {
        let scenario = scenarios::risky().find(|scenario| scenario.name == outcome.name).unwrap();
        if let Some(why) = outcome.placed.why() {
            eprintln!("{} {}: {why}", outcome.name, outcome.placed.word());
            // What the table does not announce must work.
            assert!(!why.is_empty());
            let announced = !scenario.refused.is_empty() || scenario.start != Start::IfAllowed;
            assert!(announced, "{} {}: {why}", outcome.name, outcome.placed.word());
        }
    }
    let listed = lab.docker_ok(&["ps", "--all", "--format={{.Names}}"]).unwrap();
    let listed: HashSet<_> = listed.lines().collect();
    let refused = |outcome: &&keelguard_lab::Outcome| matches!(outcome.placed, Placed::Refused(_));
    let missing: HashSet<_> = placed.iter().filter(refused).map(|outcome| outcome.name.as_str()).collect();
    let expected: HashSet<_> = names(scenarios::risky()).into_iter().filter(|name| !missing.contains(name)).collect();
    assert_eq!(listed, expected);
    let execs = lab.docker_ok(&["inspect", "--format={{json .ExecIDs}}", "c02-privileged-exec"]).unwrap();
    assert!(execs.starts_with("[\""), "{execs}");
    lab.down().unwrap();
}

#[test]
fn well_kept_containers_run_and_become_healthy() {
    let Some(mut lab) = lab() else { return };
    let placed = lab.populate(Set::WellKept).unwrap();
    let idle: Vec<_> = placed.iter().filter(|outcome| outcome.placed != Placed::Running).map(|o| &o.name).collect();
    assert_eq!(idle, ["kept-job"]);
    let again = lab.populate(Set::WellKept).unwrap();
    assert!(again.iter().all(|outcome| matches!(&outcome.placed, Placed::Refused(why) if why.contains("in use"))));
    lab.down().unwrap();
}

#[test]
fn hundreds_of_created_containers_for_measurements() {
    let Some(mut lab) = lab() else { return };
    let start = Instant::now();
    let placed = lab.populate(Set::Many(100)).unwrap();
    eprintln!("100 created: {:?}", start.elapsed());
    assert!(placed.iter().all(|outcome| matches!(outcome.placed, Placed::Created(_))), "{placed:?}");
    assert_eq!(lab.docker_ok(&["ps", "--all", "--quiet"]).unwrap().lines().count(), 100);
    lab.down().unwrap();
}

#[test]
fn the_engine_restarts_with_a_changed_configuration() {
    let Some(mut lab) = lab() else { return };
    lab.docker_ok(&["run", "--detach", "--name=web", "--restart=always", Lab::IMAGES[0]]).unwrap();
    let before = lab.engine_pid().unwrap();
    let changed = fs::read_to_string(lab.daemon_json()).unwrap().replacen('{', "{ \"live-restore\": true,", 1);
    fs::write(lab.daemon_json(), changed).unwrap();
    lab.restart().unwrap();
    assert_ne!(lab.engine_pid(), Some(before));
    assert_eq!(lab.docker_ok(&["info", "--format={{.LiveRestoreEnabled}}"]).unwrap(), "true");
    let mut lab = Lab::attach(lab.dir()).unwrap();
    assert!(lab.answers());
    lab.down().unwrap();
}

#[test]
fn a_configuration_that_the_engine_refuses_is_told_in_its_words_and_nothing_stays() {
    if let Some(reason) = keelguard_lab::why_not() {
        eprintln!("skipped: {reason}");
        return;
    }
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("lab");
    let mut options = Options { dir: Some(dir.clone()), ..Options::default() };
    options.daemon.insert("no-such-key".to_owned(), true.into());
    let error = Lab::up(&options).unwrap_err();
    assert!(matches!(&error, LabError::Start { log, .. } if log.contains("no-such-key")), "{error}");
    assert!(!dir.exists());
}

#[test]
fn a_directory_that_is_in_use_is_left_alone() {
    if let Some(reason) = keelguard_lab::why_not() {
        eprintln!("skipped: {reason}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("precious"), "data").unwrap();
    let options = Options { dir: Some(dir.path().to_owned()), ..Options::default() };
    assert!(matches!(Lab::up(&options), Err(LabError::DirectoryTaken { .. })));
    assert!(matches!(Lab::attach(dir.path()), Err(LabError::NotALab { .. })));
    assert!(dir.path().join("precious").exists());
}
