//! A real engine that is slow, stalls, hangs up or is paused while it is read: the run ends within its bounds, exit code
//! and report say that something was not seen, and what. Between the program and the engine stands a proxy of this file.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests may panic, and say why skipped"
)]

mod lab;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keelguard_lab::{Lab, Set};
use serde_json::Value;

/// What happens to the answers of one connection, once something was asked that holds `when`.
#[derive(Clone, Debug)]
enum Fault {
    /// The answer comes late, and whole.
    Delay(Duration),
    /// After so many bytes of the answer nothing more comes, and the connection stays open.
    StallAfter(usize),
    /// After so many bytes of the answer the connection ends.
    CutAfter(usize),
    /// The engine's process is stopped before it gets the question.
    Pause(Paused),
}

/// A process that can be stopped, and goes on when this is dropped at the latest.
#[derive(Clone, Debug)]
struct Paused(Arc<Process>);

#[derive(Debug)]
struct Process(u32);

impl Process {
    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.0.to_string()]).status().unwrap().success());
    }

    /// Stops it. The signal is sent before the last thread has stopped, and that one may still answer.
    fn stop(&self) {
        self.signal("-STOP");
        let begun = Instant::now();
        while !self.stands() {
            assert!(begun.elapsed() < LONGEST, "the engine does not stop");
            std::thread::yield_now();
        }
    }

    /// Whether all its threads are stopped, as `/proc/PID/task/TID/stat` says behind the name.
    fn stands(&self) -> bool {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0)).unwrap();
        tasks.flatten().all(|task| {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // A thread that has ended says nothing.
            stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-CONT", &self.0.to_string()]).status();
    }
}

/// A socket that passes everything on to the engine's, but for the fault.
struct Proxy(tempfile::TempDir);

impl Proxy {
    fn start(lab: &Lab, when: &'static str, fault: Fault) -> Self {
        let proxy = Self(tempfile::tempdir().unwrap());
        let listener = UnixListener::bind(proxy.path()).unwrap();
        let engine = lab.socket().to_owned();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (engine, fault) = (engine.clone(), fault.clone());
                std::thread::spawn(move || pass_on(client, &engine, when, &fault));
            }
        });
        proxy
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("engine.sock")
    }
}

/// One question and its answer.
fn pass_on(mut client: UnixStream, engine: &Path, when: &str, fault: &Fault) -> Option<()> {
    let mut buffer = vec![0; 16 << 10];
    let mut question = Vec::new();
    while !question.ends_with(b"\r\n\r\n") {
        let read = client.read(&mut buffer).ok().filter(|read| *read > 0)?;
        question.extend_from_slice(buffer.get(..read)?);
    }
    let hit = String::from_utf8_lossy(&question).lines().next()?.contains(when);
    if let (true, Fault::Pause(paused)) = (hit, fault) {
        paused.0.stop();
    }
    // The connection's end is the answer's end; the engine tells the program so too.
    let mut engine = UnixStream::connect(engine).ok()?;
    let question = String::from_utf8(question).ok()?.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    engine.write_all(question.as_bytes()).ok()?;
    let most = match fault {
        Fault::StallAfter(bytes) | Fault::CutAfter(bytes) if hit => *bytes,
        _ => usize::MAX,
    };
    let mut passed = 0;
    while passed < most {
        let read = engine.read(&mut buffer).ok().filter(|read| *read > 0);
        let Some(piece) = read.and_then(|read| buffer.get(..read.min(most - passed))) else { break };
        if let (true, 0, Fault::Delay(time)) = (hit, passed, fault) {
            std::thread::sleep(*time);
        }
        client.write_all(piece).ok()?;
        passed += piece.len();
    }
    if hit && matches!(fault, Fault::StallAfter(_)) {
        // Until the other side has had enough.
        while client.read(&mut buffer).is_ok_and(|read| read > 0) {}
    }
    client.shutdown(Shutdown::Both).ok()
}

/// Seconds for one answer, and for all of them after the first.
const BOUNDS: [&str; 2] = ["2", "5"];
/// Those together, and what the rest of a run takes on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn check(socket: &Path, format: &str, bounds: [&str; 2]) -> Output {
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command
        .args(["check", "--quiet", "--only", "resources,breakout", "--format", format, "--engine"])
        .arg(socket)
        .current_dir("/");
    command.envs(["KEELGUARD_REQUEST_TIMEOUT", "KEELGUARD_ENGINE_TIMEOUT"].into_iter().zip(bounds));
    let output = command.output().unwrap();
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    output
}

fn report(socket: &Path) -> Value {
    report_within(socket, BOUNDS)
}

fn report_within(socket: &Path, bounds: [&str; 2]) -> Value {
    let output = check(socket, "json", bounds);
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let gaps = report["incomplete"].as_array().unwrap().len();
    assert_eq!(output.status.code(), Some(if gaps > 0 { 3 } else { 0 }), "{said}");
    report
}

/// Why `what` was not seen. Both areas must say so, and neither may read as clean.
fn gap(report: &Value, what: &str) -> String {
    let gaps = report["incomplete"].as_array().unwrap();
    let of = |area: &str| {
        let mut gaps = gaps.iter().filter(|gap| gap["area"] == area);
        gaps.find(|gap| gap["what"].as_str().is_some_and(|found| found.starts_with(what)))
            .and_then(|gap| gap["why"].as_str())
            .unwrap_or_else(|| panic!("{what} of {area} is not among {gaps:?}", gaps = report["incomplete"]))
    };
    for area in ["resources", "breakout"] {
        let found = report["areas"].as_array().unwrap().iter().find(|found| found["area"] == area).unwrap();
        assert_ne!(found["verdict"], "green", "{found}");
    }
    assert_eq!(of("resources"), of("breakout"));
    of("breakout").to_owned()
}

/// What was not seen, but for the engine's process: a proxy is none, and whether the one behind it is found depends on
/// how many engines other tests run at that moment.
fn gaps(report: &Value) -> Vec<String> {
    let gaps = report["incomplete"].as_array().unwrap().iter().map(|gap| gap["what"].as_str().unwrap().to_owned());
    gaps.filter(|what| what != "the engine's command line").collect()
}

#[test]
fn a_slow_engine_is_read_to_its_bounds_and_what_was_not_seen_is_named() {
    let Some(mut lab) = lab::lab() else { return };
    lab.populate(Set::Demo).unwrap();
    let undisturbed = Proxy::start(&lab, "no such question", Fault::CutAfter(0));
    let whole = report(&undisturbed.path());
    // The proxy itself hides nothing.
    assert_eq!(gaps(&whole), gaps(&report(lab.socket())));
    assert_eq!(whole["host"]["containers"], 12);

    slow_but_within_its_bounds_is_complete(&lab, &whole);
    an_answer_that_stalls_is_named(&lab);
    an_answer_that_is_cut_off_is_named(&lab);
    one_container_that_stalls_costs_itself(&lab, &whole);
    an_engine_too_slow_for_all_its_answers_is_cut_short(&lab);
    an_engine_that_is_paused_is_named(&lab);
    lab.down().unwrap();
}

fn slow_but_within_its_bounds_is_complete(lab: &Lab, whole: &Value) {
    let proxy = Proxy::start(lab, "", Fault::Delay(Duration::from_millis(100)));
    let late = report(&proxy.path());
    assert_eq!(gaps(&late), gaps(whole));
    assert_eq!(late["host"]["containers"], whole["host"]["containers"]);
}

fn an_answer_that_stalls_is_named(lab: &Lab) {
    for bytes in [0, 1, 100] {
        let proxy = Proxy::start(lab, "GET /version", Fault::StallAfter(bytes));
        let report = report(&proxy.path());
        let why = gap(&report, "the engine");
        assert!(why.contains("it did not answer within 2 s") && why.contains("(--engine)"), "{bytes}: {why}");
        assert_eq!(report["host"]["containers"], 0);
    }
    for (question, what) in
        [("/containers/json", "containers"), ("/images/json", "images"), ("/info", "the engine's own")]
    {
        let proxy = Proxy::start(lab, question, Fault::StallAfter(300));
        let why = gap(&report(&proxy.path()), what);
        assert!(why.contains("it did not answer within 2 s"), "{question}: {why}");
    }
    // The screen for people says it too.
    let proxy = Proxy::start(lab, "/containers/json", Fault::StallAfter(300));
    let output = check(&proxy.path(), "table", BOUNDS);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3));
    assert!(shown.contains("it did not answer within 2 s"), "{shown}");
}

fn an_answer_that_is_cut_off_is_named(lab: &Lab) {
    for bytes in [0, 1, 100] {
        let proxy = Proxy::start(lab, "GET /version", Fault::CutAfter(bytes));
        let why = gap(&report(&proxy.path()), "the engine");
        assert!(why.contains("it broke off") || why.contains("not what the engine's API describes"), "{bytes}: {why}");
    }
    for (question, what) in [("/containers/json", "containers"), ("/networks", "networks"), ("/volumes", "volumes")] {
        // Past the head of the answer, in the middle of its body.
        let proxy = Proxy::start(lab, question, Fault::CutAfter(400));
        let why = gap(&report(&proxy.path()), what);
        assert!(why.contains("it broke off"), "{question}: {why}");
    }
}

fn one_container_that_stalls_costs_itself(lab: &Lab, whole: &Value) {
    let id = lab.docker_ok(&["inspect", "--format={{.Id}}", "builder"]).unwrap();
    let question: &'static str = format!("/containers/{id}/json").leak();
    let proxy = Proxy::start(lab, question, Fault::StallAfter(1000));
    let report = report(&proxy.path());
    let why = gap(&report, &format!("container {}", id.get(..12).unwrap()));
    assert!(why.contains("it did not answer within 2 s"), "{why}");
    let count = |report: &Value| report["host"]["containers"].as_u64().unwrap();
    assert_eq!(count(&report) + 1, count(whole));
}

fn an_engine_too_slow_for_all_its_answers_is_cut_short(lab: &Lab) {
    // Each answer is in time, all of them together are not: the lists come, what they list does not.
    let proxy = Proxy::start(lab, "/json", Fault::Delay(Duration::from_secs(4)));
    let report = report_within(&proxy.path(), ["5", "6"]);
    let named = gaps(&report);
    assert!(named.iter().filter(|what| what.starts_with("container ")).count() >= 12, "{named:?}");
    assert!(gap(&report, "container ").contains("it did not answer within"));
    assert_eq!(report["host"]["containers"], 0);
}

fn an_engine_that_is_paused_is_named(lab: &Lab) {
    let paused = Paused(Arc::new(Process(lab.engine_pid().unwrap())));
    paused.0.stop();
    let why = gap(&report(lab.socket()), "the engine");
    assert!(why.contains("it did not answer within 2 s"), "{why}");
    paused.0.signal("-CONT");
    // And in the middle of it all: which engine it is was told, which containers it has was not.
    let proxy = Proxy::start(lab, "/containers/json", Fault::Pause(paused.clone()));
    let report = report(&proxy.path());
    assert!(gap(&report, "containers").contains("it did not answer within 2 s"));
    assert_ne!(report["host"]["endpoint"], Value::Null);
    paused.0.signal("-CONT");
    assert!(lab.answers());
}
