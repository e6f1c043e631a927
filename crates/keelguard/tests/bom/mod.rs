//! An image with every kind of package that documents have to carry, advisories for it, and the programs of others.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests, each of which uses its own part"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::Home;

/// A Debian with source packages, an epoch, an npm package that a system package owns, and one that none owns.
pub fn home() -> Home {
    let home = Home::new();
    let folders = [
        "root/etc",
        "root/usr/lib",
        "root/var/lib/dpkg/info",
        "root/usr/share/nodejs/owned",
        "root/app/node_modules/@shop/cart",
        "root/srv/node_modules/@shop/cart",
        "deb",
        "npm",
    ];
    for folder in folders {
        std::fs::create_dir_all(home.path(folder)).unwrap();
    }
    let release =
        "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n";
    home.write("root/etc/os-release", release);
    home.write("root/usr/lib/os-release", release);
    home.write("root/etc/debian_version", "12.11\n");
    let package = |name: &str, source: &str, version: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: libs\nMaintainer: A <a@example.org>\n\
             Architecture: amd64\nSource: {source}\nVersion: {version}\nDescription: x\n\n"
        )
    };
    let status = [
        package("libtar1", "tarlib", "1.0-1+deb12u1"),
        package("libtar-dev", "tarlib (1.0-1+deb12u0)", "1.0-1+deb12u1"),
        package("epoch", "epoch-src", "2:3.0~rc1-4"),
        package("node-owned", "node-owned", "1.0.0-1"),
        package("quiet", "quiet", "2.0-1"),
    ];
    home.write("root/var/lib/dpkg/status", status.concat());
    home.write("root/var/lib/dpkg/info/node-owned.list", "/.\n/usr/share/nodejs/owned/package.json\n");
    home.write("root/usr/share/nodejs/owned/package.json", r#"{"name":"owned","version":"1.0.0"}"#);
    for place in ["app", "srv"] {
        let file = format!("root/{place}/node_modules/@shop/cart/package.json");
        home.write(&file, r#"{"name":"@shop/cart","version":"1.3.0"}"#);
    }
    let record = |id: &str, ecosystem: &str, name: &str, kind: &str, events: &str| {
        format!(
            r#"{{"id":"{id}","modified":"2026-11-01T00:00:00Z","{}":["CVE-{}"],"summary":"A flaw in {name}",
                "severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
                "affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},"ranges":[{{"type":"{kind}","events":[{events}]}}]}}]}}"#,
            if ecosystem == "npm" { "aliases" } else { "upstream" },
            id.split_once("-2026-").map(|(_, number)| format!("2026-{number}")).unwrap(),
        )
    };
    let open = r#"{"introduced":"0"}"#;
    let fixed = |version: &str| format!(r#"{open},{{"fixed":"{version}"}}"#);
    for (id, name, events) in [
        ("DEBIAN-CVE-2026-0001", "tarlib", fixed("1.0-1+deb12u2")),
        ("DEBIAN-CVE-2026-0002", "tarlib", open.to_owned()),
        ("DEBIAN-CVE-2026-0003", "epoch-src", fixed("2:3.0-1")),
    ] {
        home.write(&format!("deb/{id}.json"), record(id, "Debian:12", name, "ECOSYSTEM", &events));
    }
    let id = "GHSA-2026-0004";
    home.write(&format!("npm/{id}.json"), record(id, "npm", "@shop/cart", "SEMVER", &fixed("1.4.0")));
    for (folder, ecosystem) in [("deb", "Debian"), ("npm", "npm")] {
        assert_eq!(run(&home, &["advisories", "import", folder, "--ecosystem", ecosystem]).0, 0);
    }
    home
}

pub fn run(home: &Home, arguments: &[&str]) -> (i32, String, String) {
    let output = home.output(home.command(arguments));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What `image TARGET --format json` says, and its exit code.
pub fn report(home: &Home, arguments: &[&str]) -> (i32, Value) {
    let (code, json, said) = run(home, &[&["image", "--format", "json", "--offline"], arguments].concat());
    (code, serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json} {said}")))
}

/// Writes what `image TARGET --format FORMAT` says into a file.
pub fn written(home: &Home, target: &str, format: &str, file: &str) -> Value {
    let (code, _, said) = run(home, &["image", target, "--format", format, "--output", file, "--offline"]);
    assert_eq!(code, 0, "{said}");
    serde_json::from_slice(&std::fs::read(home.path(file)).unwrap()).unwrap()
}

/// The root as an image of `docker save`, called `shop/web:1`.
pub fn archive(home: &Home) {
    let tar = |folder: &str, arguments: &[&str]| {
        let status = Command::new("tar").current_dir(home.path(folder)).args(arguments).status().unwrap();
        assert!(status.success());
    };
    tar("root", &["-cf", "../layer.tar", "."]);
    home.write("manifest.json", r#"[{"Config":"config.json","RepoTags":["shop/web:1"],"Layers":["layer.tar"]}]"#);
    home.write("config.json", r#"{"config":{"User":"app"},"rootfs":{"type":"layers","diff_ids":["sha256:1"]}}"#);
    tar("", &["-cf", "image.tar", "layer.tar", "manifest.json", "config.json"]);
}

/// Package URL, name, version, kind, source, owner and paths of every package.
pub fn packages(report: &Value) -> Vec<Value> {
    let mut packages = report["packages"].as_array().unwrap().clone();
    for package in &mut packages {
        package["layer"] = Value::Null;
    }
    packages
}

/// The rows, less the layer.
pub fn rows(report: &Value) -> Vec<Value> {
    let mut rows = report["vulnerabilities"].as_array().unwrap().clone();
    for row in &mut rows {
        row["layer"] = Value::Null;
    }
    rows
}

/// `CVE package-name status`, for what VEX is about.
pub fn said(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let name = |row: &Value| text(&row["package"]).split('@').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let mut said: Vec<String> = report["vulnerabilities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", text(&row["id"]), name(row), text(&row["vex"]["status"])))
        .collect();
    said.sort();
    said
}

/// An OpenVEX document with one statement.
pub fn openvex(cve: &str, status: &str, product: &Value) -> String {
    let statement = json!({"vulnerability": {"name": cve}, "products": [product], "status": status,
        "justification": "vulnerable_code_not_in_execute_path"});
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Shop security",
        "timestamp": "2026-11-01T00:00:00Z", "version": 1, "statements": [statement]})
    .to_string()
}

/// A folder of programs of others, with this package in it. None, with the reason printed, where it cannot be installed.
pub fn programs(package: &str) -> Option<PathBuf> {
    let short: String = package.chars().filter(char::is_ascii_alphanumeric).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bom-{short}"));
    let bin = folder.join("bin");
    if folder.join("whole").exists() {
        return Some(bin);
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
    let installed = made.ok().filter(|output| output.status.success()).and_then(|_| {
        let install = ["install", "--quiet", "--disable-pip-version-check"];
        Command::new(bin.join("pip")).args(install).args(package.split(' ')).output().ok()
    });
    match installed {
        Some(output) if output.status.success() => {
            std::fs::write(folder.join("whole"), []).unwrap();
            Some(bin)
        }
        failed => {
            let why = failed.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap_or_default();
            println!("skipped: {package} cannot be installed into a virtual environment: {why}");
            None
        }
    }
}
