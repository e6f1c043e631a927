//! Whether decoys are as they were planted.

use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jiff::Timestamp;
use keelguard_model::{Area, Finding, Incomplete, Kind, Severity, Subject, SubjectKind, rule};

use super::Planted;
use crate::data::Looked;
use crate::data::follow::{open, profile};

/// A decoy is small; what is larger is not what was planted.
const LARGEST: u64 = 1 << 20;

/// The hash of a file; none where it cannot be read.
pub(super) fn hash(path: &Path) -> Option<String> {
    let (file, _) = open(path)?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(blake3::hash(&bytes).to_hex().to_string())
}

/// Holds each decoy against what is written down.
pub fn check(planted: &Planted, host: &str) -> Looked {
    let mut looked = Looked::default();
    let mut wrong: Vec<(&Path, &str, Option<Timestamp>)> = Vec::new();
    for decoy in &planted.decoys {
        looked.lines += 1;
        looked.sources.extend(decoy.path.parent().map(|folder| folder.display().to_string()));
        match std::fs::symlink_metadata(&decoy.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => wrong.push((&decoy.path, "missing", None)),
            Err(error) => {
                let what = decoy.path.display().to_string();
                looked.incomplete.push(Incomplete::new(Area::Data, what, format!("it cannot be looked at: {error}")));
            }
            Ok(meta) if hash(&decoy.path).as_ref() != Some(&decoy.hash) => {
                let random = profile(&decoy.path).is_some_and(|now| !now.kind.is_readable());
                let how = if random && meta.is_file() { "encrypted" } else { "changed" };
                wrong.push((&decoy.path, how, Timestamp::from_second(meta.ctime()).ok()));
            }
            Ok(_) => {}
        }
    }
    looked.sources.dedup();
    looked.events = wrong.len() as u64;
    looked.findings.extend(finding(&wrong, host));
    looked
}

fn finding(wrong: &[(&Path, &str, Option<Timestamp>)], host: &str) -> Option<Finding> {
    let (path, how, _) = wrong.first()?;
    let title = match wrong {
        [_] => format!("The decoy {} is {how}", path.display()),
        several => format!("{} decoys are changed or missing, such as {}", several.len(), path.display()),
    };
    let mut finding = rule::DECOY_CHANGED.on(Subject::new(SubjectKind::Host, host)).title(title).evidence("host", host);
    finding.kind = Kind::Detection;
    let bad = wrong.len() > 1 || *how == "encrypted";
    finding = finding.severity(if bad { Severity::Critical } else { Severity::High });
    for (path, how, at) in wrong.iter().take(20) {
        let when = at.map(|at| format!(", last changed {at}")).unwrap_or_default();
        finding = finding.evidence(path.display().to_string(), format!("{how}{when}"));
    }
    let times = || wrong.iter().filter_map(|(.., at)| *at);
    finding.time = times().max().unwrap_or_else(Timestamp::now);
    if let Some(first) = times().min() {
        finding = finding.evidence("first", first.to_string());
    }
    let folder = path.parent().unwrap_or(Path::new("/")).display().to_string();
    let folder = keelguard_model::text::shell_word(&folder).into_owned();
    Some(finding.command(format!("keelguard signs data ransom {folder}")))
}
