//! The small sentences that several views share. What they return still has foreign names in it: each view escapes.

use keelguard_model::{Counts, Finding, HostInfo, Report, Subject, SubjectKind, text};

/// `3 containers`, `1 container`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if number == 1 => format!("1 {noun}"),
        // policies, but keys
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// `2 critical, 1 low`; empty where there is nothing.
pub(crate) fn counts(counts: Counts) -> String {
    let parts = [
        (counts.critical, "critical"),
        (counts.high, "high"),
        (counts.medium, "medium"),
        (counts.low, "low"),
        (counts.info, "info"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    parts.join(", ")
}

/// The source of a report that is on an image and not on a host.
pub(crate) const OF_IMAGE: &str = "image";
/// The source of a report that is on cloud accounts.
pub const OF_CLOUD: &str = "cloud";

/// The source, where it says that the report is not on this host as it runs.
pub(crate) fn other_source(host: &HostInfo) -> Option<&str> {
    host.source.as_deref().filter(|source| ![OF_IMAGE, OF_CLOUD].contains(source))
}

/// The command that made the report.
pub(crate) fn command(host: &HostInfo) -> &'static str {
    if host.source.as_deref() == Some(OF_CLOUD) { "keelguard iam" } else { "keelguard check" }
}

/// What the host is, in pieces.
pub(crate) fn host(host: &HostInfo) -> Vec<String> {
    let mut parts = vec![host.name.clone(), host.os.clone()];
    if !host.kernel.is_empty() {
        parts.push(format!("kernel {}", host.kernel));
    }
    // Of an image nobody asked an engine.
    if ![Some(OF_IMAGE), Some(OF_CLOUD)].contains(&host.source.as_deref()) {
        parts.push(
            host.engine.as_ref().map_or_else(|| "no engine answered".to_owned(), |engine| format!("Docker {engine}")),
        );
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What was looked at and when, in pieces.
pub(crate) fn scope(report: &Report) -> Vec<String> {
    let took = report.finished.as_millisecond().saturating_sub(report.started.as_millisecond()).max(0);
    let took =
        if took < 10_000 { format!("{}.{} s", took / 1000, took % 1000 / 100) } else { format!("{} s", took / 1000) };
    if [Some(OF_IMAGE), Some(OF_CLOUD)].contains(&report.host.source.as_deref()) {
        return vec![format!("{} UTC", report.started.strftime("%Y-%m-%d %H:%M"))];
    }
    vec![
        count(report.host.containers, "container"),
        count(report.host.images, "image"),
        format!("{} UTC, took {took}", report.started.strftime("%Y-%m-%d %H:%M")),
    ]
}

/// A node of a path: the name alone where it can only be a container.
pub(crate) fn node(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Container => subject.name.clone(),
        SubjectKind::Internet => "internet".to_owned(),
        SubjectKind::Host => "host root".to_owned(),
        SubjectKind::Cloud => "cloud account".to_owned(),
        kind => format!("{} {}", kind.name(), subject.name),
    }
}

/// `container web`, for headings. Not escaped, unlike the subject's own `Display`.
pub(crate) fn subject(subject: &Subject) -> String {
    if subject.kind.name() == subject.name {
        subject.name.clone()
    } else {
        format!("{} {}", subject.kind.name(), subject.name)
    }
}

/// `web, api, db and 9 more`.
pub(crate) fn some(names: &[String], most: usize) -> String {
    let shown: Vec<_> = names.iter().take(most).map(String::as_str).collect();
    let shown = shown.join(", ");
    if names.len() > most { format!("{shown} and {} more", names.len() - most) } else { shown }
}

/// `Mounts[0].Source=/var/run`, pieces apart by comma.
pub(crate) fn evidence(finding: &Finding) -> String {
    let parts: Vec<_> = finding.evidence.iter().map(|piece| format!("{}={}", piece.what, piece.value)).collect();
    parts.join(", ")
}

/// [`text::printable`] without its cut: what is meant to be copied must be whole. Very long text is still cut, visibly.
pub(crate) fn whole(foreign: &str) -> String {
    const LONGEST: usize = 16_000;
    let mut shown = String::with_capacity(foreign.len().min(LONGEST));
    let characters: Vec<char> = foreign.chars().take(LONGEST).collect();
    for piece in characters.chunks(text::LONGEST) {
        shown.push_str(&text::printable(&piece.iter().collect::<String>()));
    }
    if characters.len() == LONGEST && foreign.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// [`whole`] for text that keeps its lines: commands with a here-document, fragments of files.
pub(crate) fn whole_block(foreign: &str) -> String {
    let lines: Vec<_> = foreign.lines().take(1000).map(whole_tabs).collect();
    lines.join("\n")
}

fn whole_tabs(line: &str) -> String {
    whole(&line.replace('\t', "    "))
}

/// `Since the baseline: 3 new, 5 fixed, 144 unchanged`.
pub(crate) fn baseline(comparison: &crate::Comparison) -> String {
    let mut text = format!(
        "Since the baseline: {} new, {} fixed, {} unchanged",
        comparison.new.len(),
        comparison.fixed.len(),
        comparison.unchanged
    );
    if !comparison.unseen.is_empty() {
        text.push_str(&format!(", {} not seen because this run could not look everywhere", comparison.unseen.len()));
    }
    text
}

/// The sentence under the smallest set of changes.
pub(crate) fn after(changes: usize) -> String {
    match changes {
        1 => "After this change no path to the host is left.".to_owned(),
        many => format!("After these {many} changes no path to the host is left."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_policies_are_no_policys_and_several_keys_no_keies() {
        assert_eq!([count(1, "policy"), count(12, "policy"), count(2, "key")], ["1 policy", "12 policies", "2 keys"]);
    }
}
