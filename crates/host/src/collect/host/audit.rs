//! The kernel's audit rules: those in force, else those that the files would load.

use super::{command, read};
use crate::facts::Audit;

pub(super) async fn collect(root: bool) -> Audit {
    if root && let Some(auditctl) = command::find("auditctl") {
        let (rules, status) = tokio::join!(command::output(&auditctl, &["-l"]), command::output(&auditctl, &["-s"]));
        if let Ok(rules) = rules {
            let enabled = status.ok().and_then(|text| {
                text.lines().find_map(|line| line.strip_prefix("enabled ")).map(|value| value.trim() != "0")
            });
            return Audit { rules: Some(rules_of(&rules)), source: "kernel".into(), enabled };
        }
    }
    let mut texts = Vec::new();
    if let Ok(folder) = std::fs::read_dir("/etc/audit/rules.d") {
        let mut files: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "rules"));
        files.sort();
        texts.extend(files.iter().filter_map(|path| read::text(path, 1 << 20).ok()));
    }
    texts.extend(read::text("/etc/audit/audit.rules".as_ref(), 1 << 20));
    if texts.is_empty() {
        // Without auditd there are no rules; without the right to look there may be.
        let none = root && command::find("auditctl").is_none();
        return Audit { rules: none.then(Vec::new), source: "files".into(), enabled: None };
    }
    Audit { rules: Some(texts.iter().flat_map(|text| rules_of(text)).collect()), source: "files".into(), enabled: None }
}

fn rules_of(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with("-w") || line.starts_with("-a"))
        .map(str::to_owned)
        .collect()
}
