//! Trivy and Syft, as `scripts/peer-scanners` installs them, and what they say of an image in the words of Keelguard.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{make, script};

/// A package: kind, name, version.
pub type Row = (String, String, String);

/// Options of every call of Trivy: nothing is asked of a network, and only packages and vulnerabilities are looked for.
pub const TRIVY: [&str; 12] = [
    "image",
    "--quiet",
    "--skip-db-update",
    "--skip-java-db-update",
    "--offline-scan",
    "--skip-version-check",
    "--disable-telemetry",
    "--scanners",
    "vuln",
    "--list-all-pkgs",
    "--format",
    "json",
];

/// What a scanner says of an image.
#[derive(Default)]
pub struct Answer {
    /// Each package once.
    pub packages: BTreeSet<Row>,
    /// Kind and name of a package, and the problem's id.
    pub vulnerabilities: BTreeSet<Row>,
}

/// The scanners in their folder.
pub struct Peers(PathBuf);

impl Peers {
    /// Installs them, with the advisories of `mirror` as Trivy's database; or says why not.
    pub fn with(mirror: &Path) -> Option<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
        make(Command::new(script("peer-scanners")).arg(&folder).arg(mirror))?;
        Some(Self(folder))
    }

    /// The program of this name.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join("venv/bin").join(name)
    }

    /// Trivy's databases.
    pub fn trivy_cache(&self) -> PathBuf {
        self.0.join("trivy")
    }

    /// What Trivy says of a docker archive. Its results are not kept, so that runs side by side do not wait.
    pub fn trivy(&self, archive: &Path) -> Answer {
        let mut command = Command::new(self.program("trivy"));
        command.args(TRIVY).args(["--cache-backend", "memory", "--cache-dir"]).arg(self.trivy_cache());
        let report = json(command.arg("--input").arg(archive));
        let mut answer = Answer::default();
        for result in report["Results"].as_array().unwrap() {
            let kind = kind(result["Type"].as_str().unwrap());
            for package in list(&result["Packages"]) {
                answer.packages.insert(row(kind, text(&package["Name"]), &full_version(package)));
            }
            for problem in list(&result["Vulnerabilities"]) {
                answer.vulnerabilities.insert(row(kind, text(&problem["PkgName"]), text(&problem["VulnerabilityID"])));
            }
        }
        answer
    }

    /// What Syft finds in a docker archive; it knows no vulnerabilities.
    pub fn syft(&self, archive: &Path) -> Answer {
        let mut command = Command::new(self.program("syft"));
        command.args(["scan", "--quiet", "--output", "json"]).env("SYFT_CHECK_FOR_APP_UPDATE", "false");
        let report = json(command.arg(format!("docker-archive:{}", archive.display())));
        let found = list(&report["artifacts"]);
        let packages = found.map(|one| row(kind(text(&one["type"])), text(&one["name"]), text(&one["version"])));
        Answer { packages: packages.collect(), ..Answer::default() }
    }
}

/// A package or a problem in Keelguard's words. Names of Python are told apart as PEP 503 does; Go's own library has its
/// version without the letters that its programs put in front.
pub fn row(kind: &str, name: &str, rest: &str) -> Row {
    let name = match kind {
        "pypi" => name.to_lowercase().replace(['.', '_'], "-"),
        _ => name.to_owned(),
    };
    let rest = if name == "stdlib" { rest.trim_start_matches(['g', 'o', 'v']) } else { rest };
    (kind.to_owned(), name, rest.to_owned())
}

/// The purl type of what the scanners call it.
fn kind(theirs: &str) -> &str {
    match theirs {
        "debian" | "deb" => "deb",
        "jar" | "java-archive" => "maven",
        "node-pkg" => "npm",
        "python-pkg" | "python" => "pypi",
        "gobinary" | "go-module" => "golang",
        other => other,
    }
}

/// Trivy takes the versions of Debian apart.
fn full_version(package: &Value) -> String {
    let epoch = package["Epoch"].as_u64().map(|epoch| format!("{epoch}:")).unwrap_or_default();
    let release = package["Release"].as_str().map(|release| format!("-{release}")).unwrap_or_default();
    format!("{epoch}{}{release}", text(&package["Version"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn json(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
