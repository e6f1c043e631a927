//! An image of two layers for the tests of stores and registries, as a layout that skopeo has written.

#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr, reason = "a test may end in a panic")]

use std::path::Path;
use std::process::Command;

/// Runs a program that must succeed.
pub fn run(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What could not be read; advisories that are not there are another matter.
pub fn unread(report: &serde_json::Value) -> Vec<&serde_json::Value> {
    let gaps = report["incomplete"].as_array().into_iter().flatten();
    gaps.filter(|gap| !gap["what"].as_str().is_some_and(|what| what.starts_with("advisories for "))).collect()
}

/// Whether these programs are there; says which is not.
pub fn have(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| Command::new(program).arg("--version").output().is_err());
    if let Some(program) = missing {
        eprintln!("skipped: {program} is not installed");
    }
    missing.is_none()
}

fn status(names: &[&str]) -> String {
    let one =
        |name: &&str| format!("Package: {name}\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: all\n\n");
    names.iter().map(one).collect()
}

/// `layout` and `archive.tar` in `home`: Debian with the packages one and two, of which the second layer brings two, and takes
/// an npm package of the first away. In all there are one, two and kept.
pub fn layout(home: &Path) {
    let write = |path: &str, text: &str| {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lower/etc/os-release", "ID=debian\nVERSION_ID=12\n");
    write("lower/var/lib/dpkg/status", &status(&["one"]));
    write("lower/app/node_modules/gone/package.json", r#"{"name": "gone", "version": "1.0.0"}"#);
    write("lower/app/node_modules/kept/package.json", r#"{"name": "kept", "version": "1.0.0"}"#);
    write("lower/opt/hidden/node_modules/old/package.json", r#"{"name": "old", "version": "1.0.0"}"#);
    write("upper/var/lib/dpkg/status", &status(&["one", "two"]));
    write("upper/app/node_modules/.wh.gone", "");
    write("upper/opt/hidden/.wh..wh..opq", "");
    std::fs::create_dir_all(home.join("archive")).unwrap();
    let mut ids = Vec::new();
    for layer in ["lower", "upper"] {
        let file = format!("archive/{layer}.tar");
        run("tar", &["-C", layer, "-cf", &file, "."], home);
        let output = Command::new("sha256sum").arg(home.join(file)).output().unwrap();
        ids.push(format!("sha256:{}", String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap()));
    }
    let config = serde_json::json!({"architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": ids}});
    write("archive/config.json", &config.to_string());
    let layers = ["lower.tar", "upper.tar"];
    let manifest = serde_json::json!([{"Config": "config.json", "RepoTags": ["shop:1"], "Layers": layers}]);
    write("archive/manifest.json", &manifest.to_string());
    run("tar", &["-C", "archive", "-cf", "archive.tar", "."], home);
    run("skopeo", &["--insecure-policy", "copy", "docker-archive:archive.tar", "oci:layout:shop:1"], home);
}
