//! Images of a real engine, read in place, from what it saves, and through a pipe: the same packages every time.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it is skipped"
)]

use std::process::{Command, Stdio};

use keelguard_lab::{Lab, Options};
use serde_json::Value;

const STATUS: &str = "Package: one\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: all\n\n\
                      Package: two\nStatus: install ok installed\nVersion: 2.0-1\nArchitecture: all\n\n";

#[test]
fn an_image_has_the_same_packages_wherever_it_is_read() {
    if let Some(why) = keelguard_lab::why_not() {
        eprintln!("skipped: {why}");
        return;
    }
    let mut lab = Lab::up(&Options::default()).unwrap();
    let root = Command::new("docker")
        .args(["--host", &lab.endpoint(), "info", "--format", "{{.Driver}} {{.DockerRootDir}}"])
        .output();
    let root = String::from_utf8(root.unwrap().stdout).unwrap();
    let Some(root) = root.trim().strip_prefix("overlay2 ").map(str::to_owned) else {
        eprintln!("skipped: the lab's engine keeps images with {root}");
        lab.down().unwrap();
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    for folder in ["tree/etc", "tree/var/lib/dpkg"] {
        std::fs::create_dir_all(scratch.path().join(folder)).unwrap();
    }
    std::fs::write(scratch.path().join("tree/etc/os-release"), "ID=debian\nVERSION_ID=12\n").unwrap();
    std::fs::write(scratch.path().join("tree/var/lib/dpkg/status"), STATUS).unwrap();
    let script = format!(
        "set -e\ncd {}\ntar -C tree -c . | docker import - shop:1 >/dev/null\ndocker save shop:1 -o saved.tar\n\
         docker create --name web shop:1 true >/dev/null",
        scratch.path().display()
    );
    let made = lab.shell(&script).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let saved = scratch.path().join("saved.tar");
    let packages = |target: &str, input: Option<&std::path::Path>| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
        command.args(["image", target, "--format", "json", "--no-cache"]).env("KEELGUARD_DOCKER_ROOT", &root);
        command.env("KEELGUARD_CACHE_DIR", scratch.path().join("cache"));
        command.stdin(input.map_or_else(Stdio::null, |file| std::fs::File::open(file).unwrap().into()));
        let output = command.output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            Value::String(format!("{target}: {said}"))
        });
        report["packages"].clone()
    };
    let in_place = packages("engine:shop:1", None);
    let names: Vec<&str> = in_place.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(packages("shop:1", None), in_place);
    assert_eq!(packages(saved.to_str().unwrap(), None), in_place);
    assert_eq!(packages("-", Some(&saved)), in_place);
    assert_eq!(packages("container:web", None), in_place);

    // Who may ask the engine and not read its files.
    let asked = |target: &str| -> (Value, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
        command.args(["image", target, "--format", "json", "--offline"]).env("DOCKER_HOST", lab.endpoint());
        command.env("KEELGUARD_DOCKER_ROOT", "/nonexistent").env("KEELGUARD_CONTAINERD_ROOT", "/nonexistent");
        command.env("KEELGUARD_CACHE_DIR", scratch.path().join("asked"));
        let output = command.output().unwrap();
        let report = serde_json::from_slice::<Value>(&output.stdout);
        let report = report.unwrap_or_else(|_| panic!("{target}: {}", String::from_utf8_lossy(&output.stderr)));
        (report["packages"].clone(), report["target"].clone())
    };
    let (first, target) = asked("engine:shop:1");
    assert_eq!((&first, &target["kind"]), (&in_place, &Value::from("engine")));
    let kept = std::fs::read_dir(scratch.path().join("asked/images")).unwrap().count();
    assert!(kept > 0, "it has an id, so it is kept");
    assert_eq!(asked("shop:1"), (in_place.clone(), target_called(&target, "shop:1")), "and found again by it");
    let (of_container, target) = asked("container:web");
    let names: Vec<&str> = of_container.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((names, &target["kind"]), (vec!["one", "two"], &Value::from("container")));
    lab.down().unwrap();
}

/// The same target, asked for by another name.
fn target_called(target: &Value, input: &str) -> Value {
    let mut target = target.clone();
    target["input"] = input.into();
    target
}
