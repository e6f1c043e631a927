//! `keelguard signs performance --follow` on a real kernel: processes that really hide, a container that really works.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests may panic, and say why skipped"
)]

mod support;

use std::process::{Child, Command, Stdio};

use keelguard_lab::{Lab, Options};
use serde_json::Value;
use support::{Home, code, stderr};

/// Ended with the test, whatever comes of it.
struct Running(Child);

impl Running {
    fn begin(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::null()).stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("skipped: only root may hide processes");
    }
    is_root
}

fn findings(output: &std::process::Output) -> Vec<Value> {
    assert_eq!(code(output), 0, "{}", stderr(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn followed(home: &Home, ticks: &str) -> Command {
    home.command(&["signs", "performance", "--follow", "--every", "1", "--ticks", ticks, "--format", "jsonl"])
}

fn about<'f>(findings: &'f [Value], rule: &str) -> Vec<&'f Value> {
    findings.iter().filter(|finding| finding["rule"] == rule).collect()
}

fn evidence(finding: &Value) -> String {
    finding["evidence"].to_string()
}

#[test]
fn a_process_that_a_mount_covers_is_found() {
    if !is_root() {
        return;
    }
    let home = Home::new();
    let sleeper = Running::begin(Command::new("sleep").arg("600"));
    let pid = sleeper.0.id();
    let empty = home.path("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let keelguard = followed(&home, "4");
    // In a namespace of its own, so that nobody else's look at this machine is disturbed.
    let mut command = Command::new("unshare");
    command.env_clear().env("HOME", home.path("")).env("PATH", "/usr/bin:/bin");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(["-m", "--propagation", "private", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\""]);
    command.arg(&empty).arg(format!("/proc/{pid}")).arg(keelguard.get_program()).args(keelguard.get_args());
    let found = findings(&home.output(command));
    let covered = about(&found, "KG-P042");
    assert_eq!(covered.len(), 1, "{found:?}");
    assert!(evidence(covered[0]).contains(&pid.to_string()), "{found:?}");
}

#[test]
fn a_process_that_a_preloaded_library_hides_is_found() {
    let home = Home::new();
    let sleeper = Running::begin(Command::new("sleep").arg("600"));
    let pid = sleeper.0.id();
    let source = home.write(
        "hide.c",
        "#define _GNU_SOURCE\n#include <dirent.h>\n#include <dlfcn.h>\n#include <string.h>\n#include <stdlib.h>\n\
         struct dirent64 *readdir64(DIR *folder) {\n\
           static struct dirent64 *(*real)(DIR *);\n\
           if (!real) real = dlsym(RTLD_NEXT, \"readdir64\");\n\
           struct dirent64 *entry;\n\
           while ((entry = real(folder)) && !strcmp(entry->d_name, getenv(\"HIDDEN\"))) {}\n\
           return entry;\n}\n",
    );
    let library = home.path("hide.so");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl").status();
    if !built.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no C compiler here");
        return;
    }
    let mut command = followed(&home, "4");
    command.env("LD_PRELOAD", &library).env("HIDDEN", pid.to_string());
    let found = findings(&home.output(command));
    let bent = about(&found, "KG-P041");
    assert_eq!(bent.len(), 1, "{found:?}");
    assert!(evidence(bent[0]).contains(&pid.to_string()), "{found:?}");
}

#[test]
fn a_container_that_mines_is_found_with_its_name_and_what_started_it() {
    let lab = match Lab::up(&Options::default()) {
        Ok(lab) => lab,
        Err(error) => {
            eprintln!("skipped: {error}");
            return;
        }
    };
    let home = Home::new();
    let works = "while :; do :; done";
    let mines = format!("echo xmrig > /proc/self/comm; {works}");
    for (name, script) in [("web", mines.as_str()), ("busy", works)] {
        let run = ["run", "-d", "--name", name, "--cpus", "0.3", "keelguard-lab/plain:1.0", "sh", "-c", script];
        lab.docker_ok(&run).unwrap();
    }
    let mut command = followed(&home, "6");
    command.env("KEELGUARD_ENGINE", lab.endpoint());
    let found = findings(&home.output(command));
    let miners = about(&found, "KG-P050");
    assert_eq!(miners.len(), 1, "work alone is none: {found:?}");
    assert_eq!(miners[0]["subject"]["name"], "web");
    let told = evidence(miners[0]);
    assert!(told.contains("container web was started"), "{told}");
}

#[test]
fn what_is_measured_is_kept_and_an_ordinary_host_is_no_news() {
    let home = Home::new();
    let found = findings(&home.output(followed(&home, "3")));
    // Whatever else runs on this machine meanwhile: nothing hides, and nobody floods.
    for rule in ["KG-P040", "KG-P041", "KG-P042", "KG-P061"] {
        assert!(about(&found, rule).is_empty(), "{found:?}");
    }
    let store = keelguard_store::Store::look(&home.path(".local/share/keelguard")).unwrap().unwrap();
    let kept: Vec<String> = store
        .series()
        .unwrap()
        .into_iter()
        .filter(|series| series.subject == "host")
        .map(|series| series.metric)
        .collect();
    for metric in ["cpu", "memory", "processes", "context-switches"] {
        assert!(kept.iter().any(|known| known == metric), "{kept:?}");
    }
}

#[test]
fn where_nothing_can_be_kept_what_happens_is_still_said() {
    let home = Home::new();
    let file = home.write("in-the-way", "no folder");
    let mut command = followed(&home, "2");
    command.env("KEELGUARD_DATA_DIR", &file);
    let output = home.output(command);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("nothing is kept of what is measured: could not make the folder"),
        "{}",
        stderr(&output)
    );
}
