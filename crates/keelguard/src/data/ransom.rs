//! Traces of ransomware: in trees as they lie there, and in what the audit log says of deletions and commands.

use std::path::{Path, PathBuf};

use anyhow::Result;
use keelguard_model::{Area, Incomplete};
use keelguard_signs::data::Looked;
use keelguard_signs::data::ransom::detect::{Detector, Limits};
use keelguard_signs::data::ransom::{audit as records, tree};

use super::Depth;
use crate::settings::Settings;

/// The log of auditd.
const AUDIT: &str = "/var/log/audit/audit.log";

/// What trees look like now.
pub(crate) fn trees(folders: &[PathBuf]) -> Looked {
    let mut all = Looked::default();
    for folder in folders {
        all.join(tree::look(folder, &super::host()));
    }
    all
}

/// What audit logs say of deletions and renames; this host's own where none is named, if it has one.
pub(crate) fn audit(named: &[PathBuf]) -> Looked {
    let own = [PathBuf::from(AUDIT)];
    let files = if named.is_empty() && Path::new(AUDIT).exists() { &own[..] } else { named };
    let mut detector = Detector::new(Limits::default(), super::host());
    let mut looked = Looked::default();
    for file in files {
        looked.sources.push(file.display().to_string());
        match records::read(file, &mut |event| detector.see(event)) {
            Ok(lines) => looked.lines += lines,
            Err(error) => {
                let why = format!("it cannot be read: {error}");
                looked.incomplete.push(Incomplete::new(Area::Data, file.display().to_string(), why));
            }
        }
    }
    looked.events = detector.events();
    looked.findings = detector.findings();
    looked
}

/// What can be looked at without reading whole trees: the audit log; with all of it, the trees of the settings, too.
#[expect(clippy::unnecessary_wraps)]
pub(crate) fn look(depth: Depth, settings: &Settings) -> Result<Looked> {
    let mut looked = audit(&[]);
    if depth == Depth::Whole {
        looked.join(trees(&super::trees::folders(&[], settings)?));
    }
    Ok(looked)
}
