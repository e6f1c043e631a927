//! What is to be said: who does it, to what, since when, and what to type, so that a tired person understands.

use std::collections::{BTreeMap, BTreeSet};

use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Kind, Rule, Severity, Subject, SubjectKind, rule};

use super::super::event::{Actor, Touch, folder, shown};
use super::super::lost::How;
use super::{Deed, Detector, Loss};
use crate::words::{many, timestamp, when};

/// Files that a finding quotes.
const QUOTED: usize = 5;

/// Everything that stands now.
pub(super) fn all(detector: &Detector) -> Vec<Finding> {
    let mut findings = lost(detector);
    findings.extend(notes(detector));
    findings.extend(decoys(detector));
    findings.extend(backups(detector));
    findings.extend(commands(detector));
    findings.extend(gone(detector));
    findings
}

/// One thing that somebody did, whatever it was.
struct Step<'a> {
    at: i64,
    path: &'a str,
    actor: Option<&'a Actor>,
}

impl<'a> From<&'a Deed> for Step<'a> {
    fn from(deed: &'a Deed) -> Self {
        Self { at: deed.at, path: &deed.path, actor: deed.actor.as_ref() }
    }
}

impl<'a> From<&'a Loss> for Step<'a> {
    fn from(loss: &'a Loss) -> Self {
        Self { at: loss.at, path: &loss.path, actor: loss.actor.as_ref() }
    }
}

fn container(actor: Option<&Actor>) -> Option<String> {
    actor.and_then(|actor| actor.container.clone())
}

fn subject(detector: &Detector, container: Option<&String>) -> Subject {
    match container {
        Some(name) => Subject::new(SubjectKind::Container, name.clone()),
        None => Subject::new(SubjectKind::Host, detector.host.clone()),
    }
}

/// The longest folder that all have in common.
fn roof(steps: &[Step<'_>]) -> String {
    let mut roof = steps.first().map(|step| folder(step.path.as_bytes()).to_vec()).unwrap_or_default();
    for step in steps {
        let path = step.path.as_bytes();
        let holds = |roof: &[u8]| path.starts_with(roof) && path.get(roof.len()) == Some(&b'/');
        while !(roof.is_empty() || holds(&roof)) {
            roof = folder(&roof).to_vec();
        }
    }
    if roof.is_empty() { "/".to_owned() } else { shown(&roof) }
}

/// Who did the most of it, in words.
fn who(steps: &[Step<'_>]) -> Option<(String, Actor)> {
    let mut counts: BTreeMap<(&str, &str), (usize, BTreeSet<u32>, &Actor)> = BTreeMap::new();
    for actor in steps.iter().filter_map(|step| step.actor) {
        let slot = counts.entry((&actor.name, &actor.user)).or_insert_with(|| (0, BTreeSet::new(), actor));
        slot.0 += 1;
        slot.1.insert(actor.pid);
        slot.2 = actor;
    }
    let ((name, user), (_, pids, actor)) = counts.into_iter().max_by_key(|(_, (count, ..))| *count)?;
    let name = if name.is_empty() { "a process that was gone at once" } else { name };
    let number = match pids.len() {
        1 => format!("process {}", actor.pid),
        several if actor.parent > 1 => {
            format!("{several} processes, children of {} {}", actor.parent_name, actor.parent)
        }
        several => format!("{several} processes"),
    };
    let of = if user.is_empty() { String::new() } else { format!(" of {user}") };
    Some((format!("{name} ({number}){of}"), actor.clone()))
}

/// A finding about steps: with who, what, first and last, and how to stop it.
fn about(detector: &Detector, rule: &Rule, container: Option<&String>, steps: &[Step<'_>], title: &str) -> Finding {
    let actor = who(steps);
    let by = actor.as_ref().map(|(words, _)| format!(", by {words}")).unwrap_or_default();
    let within = container.map(|name| format!(" in container {name}")).unwrap_or_default();
    let mut finding = rule.on(subject(detector, container)).title(format!("{title}{by}{within}"));
    finding.kind = Kind::Detection;
    let (first, last) = (steps.iter().map(|step| step.at).min(), steps.iter().map(|step| step.at).max());
    finding.time = timestamp(last.unwrap_or(detector.now));
    finding = finding.evidence("host", detector.host.clone());
    if let Some(name) = container {
        finding = finding.evidence("container", name.clone());
    }
    if let Some((_, actor)) = &actor {
        let parent = format!("{} ({})", actor.parent_name, actor.parent);
        let process = format!("{} ({})", actor.name, actor.pid);
        let known = [
            ("user", &actor.user, !actor.user.is_empty()),
            ("process", &process, actor.pid > 0),
            ("command", &actor.command, !actor.command.is_empty()),
            ("parent", &parent, actor.parent > 0),
        ];
        for (what, value, _) in known.into_iter().filter(|(.., is_known)| *is_known) {
            finding = finding.evidence(what, value.clone());
        }
    }
    for step in steps.iter().take(QUOTED) {
        finding = finding.evidence("file", step.path);
    }
    for (what, at) in [("first", first), ("last", last)] {
        if let Some(at) = at {
            finding = finding.evidence(what, when(at));
        }
    }
    finding
}

/// Stop it, and look at it.
fn stopped(mut finding: Finding, container: Option<&String>, steps: &[Step<'_>]) -> Finding {
    match container {
        Some(name) => finding = finding.command(format!("docker pause {}", shell_word(name))),
        None => {
            if let Some((_, actor)) = who(steps) {
                let several = steps.iter().filter_map(|step| step.actor).any(|other| other.pid != actor.pid);
                let target = if several && actor.parent > 1 { actor.parent } else { actor.pid };
                if target > 1 {
                    finding = finding
                        .command(format!("kill -STOP {target}"))
                        .command(format!("ls -l /proc/{target}/exe /proc/{target}/cwd"));
                }
            }
        }
    }
    finding
}

/// Files that were lost, by container.
fn lost(detector: &Detector) -> Vec<Finding> {
    let limits = &detector.limits;
    let since = detector.now.saturating_sub(limits.window);
    let mut groups: BTreeMap<(Option<String>, bool), Vec<&Loss>> = BTreeMap::new();
    for loss in detector.losses.iter().filter(|loss| loss.at >= since) {
        groups.entry((container(loss.actor.as_ref()), loss.how == How::Wiped)).or_default().push(loss);
    }
    // Who is gone before anybody could ask where it ran may have run anywhere: few of these join the many.
    let mut findings = Vec::new();
    for ((container, wiped), losses) in &groups {
        let least = if *wiped { limits.wiped } else { limits.lost };
        let losses: Vec<&Loss> = if *wiped {
            let last = losses.iter().map(|loss| loss.at).max().unwrap_or(0);
            losses.iter().copied().filter(|loss| loss.at >= last.saturating_sub(limits.burst)).collect()
        } else {
            losses.clone()
        };
        // A decoy or a note beside it, and one is enough.
        let decoy = detector.decoys.iter().any(|decoy| decoy.touch != Touch::Read) || !detector.notes.is_empty();
        if losses.len() < if decoy { 1 } else { least } {
            continue;
        }
        let steps: Vec<Step<'_>> = losses.iter().copied().map(Step::from).collect();
        let sealed = losses.iter().all(|loss| loss.how == How::Sealed);
        let (rule, doing) = match (*wiped, sealed) {
            (true, _) => (&rule::FILES_WIPED, "are being emptied or zeroed"),
            (_, true) => (&rule::FILES_SEALED, "are put under a key and their originals deleted"),
            _ => (&rule::FILES_ENCRYPTED, "are being encrypted"),
        };
        let files = many(losses.len() as u64, "file");
        let is = if losses.len() == 1 { doing.replacen("are", "is", 1) } else { doing.to_owned() };
        let title = format!("{files} {is} in {}", roof(&steps));
        let mut finding =
            about(detector, rule, container.as_ref(), &steps, &title).evidence("files lost", losses.len().to_string());
        let mut hows: BTreeMap<How, usize> = BTreeMap::new();
        let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
        for loss in &losses {
            *hows.entry(loss.how).or_default() += 1;
            if let Some(ending) = &loss.ending {
                *endings.entry(ending).or_default() += 1;
            }
        }
        let told: Vec<String> = hows.iter().map(|(how, count)| format!("{}: {count}", how.words())).collect();
        finding = finding.evidence("how", told.join(", "));
        if let Some((ending, count)) = endings.iter().max_by_key(|(_, count)| **count) {
            let value = match endings.len() {
                1 => format!(".{ending} ({count})"),
                several => format!("{several} different ones, such as .{ending}"),
            };
            finding = finding.evidence("new ending", value);
        }
        findings.push(stopped(finding, container.as_ref(), &steps));
    }
    findings
}

fn notes(detector: &Detector) -> Vec<Finding> {
    let mut names: BTreeMap<&str, Vec<&super::Note>> = BTreeMap::new();
    for note in &detector.notes {
        names.entry(&note.name).or_default().push(note);
    }
    let losses = detector.losses.iter().any(|loss| loss.how != How::Wiped);
    names.retain(|_, notes| notes.len() >= if losses { 1 } else { detector.limits.notes });
    let tell = |(name, notes): (&str, Vec<&super::Note>)| {
        let paths: Vec<String> = notes.iter().map(|note| format!("{}/{}", note.folder, note.name)).collect();
        let steps: Vec<Step<'_>> = notes
            .iter()
            .zip(&paths)
            .map(|(note, path)| Step { at: note.at, path, actor: note.actor.as_ref() })
            .collect();
        let container = container(notes.first().and_then(|note| note.actor.as_ref()));
        let title = format!("The ransom note {name} lies in {}", many(notes.len() as u64, "folder"));
        let finding = about(detector, &rule::RANSOM_NOTES, container.as_ref(), &steps, &title).about(name);
        let themes = notes.first().map(|note| note.words.words()).unwrap_or_default();
        stopped(finding.evidence("speaks of", themes), container.as_ref(), &steps)
    };
    names.into_iter().map(tell).collect()
}

fn decoys(detector: &Detector) -> Vec<Finding> {
    let mut findings = Vec::new();
    for read in [false, true] {
        let touched: Vec<_> = detector.decoys.iter().filter(|decoy| (decoy.touch == Touch::Read) == read).collect();
        let mut groups: BTreeMap<Option<String>, Vec<_>> = BTreeMap::new();
        for decoy in touched {
            groups.entry(container(decoy.actor.as_ref())).or_default().push(decoy);
        }
        for (container, decoys) in groups {
            let steps: Vec<Step<'_>> = decoys
                .iter()
                .map(|decoy| Step { at: decoy.at, path: &decoy.path, actor: decoy.actor.as_ref() })
                .collect();
            let touch = decoys.iter().map(|decoy| decoy.touch).max().unwrap_or(Touch::Read);
            let rule = if read { &rule::DECOY_READ } else { &rule::DECOY_TOUCHED };
            let title = match decoys.as_slice() {
                [one] => format!("The decoy {} was {}", one.path, touch.words()),
                several => format!("{} decoys were {} in {}", several.len(), touch.words(), roof(&steps)),
            };
            let finding = about(detector, rule, container.as_ref(), &steps, &title);
            findings.push(if read { finding } else { stopped(finding, container.as_ref(), &steps) });
        }
    }
    findings
}

fn backups(detector: &Detector) -> Vec<Finding> {
    let limits = &detector.limits;
    let mut findings = Vec::new();
    for (folder, emptied) in detector.emptied.iter() {
        let left = emptied.left as usize;
        let deeds = emptied.deeds.len();
        let few = emptied.left != u32::MAX && left * 2 <= deeds;
        if !(emptied.vital || deeds >= limits.backups && few) {
            continue;
        }
        let steps: Vec<Step<'_>> = emptied.deeds.iter().map(Step::from).collect();
        let container = container(emptied.deeds.back().and_then(|deed| deed.actor.as_ref()));
        let rest = if left == 0 { "none is left".to_owned() } else { format!("{left} are left") };
        let title = format!("{} deleted from {folder}, {rest}", many(deeds as u64, "backup file"));
        let finding = about(detector, &rule::BACKUPS_DELETED, container.as_ref(), &steps, &title).about(folder);
        findings.push(stopped(finding, container.as_ref(), &steps));
    }
    findings
}

fn commands(detector: &Detector) -> Vec<Finding> {
    let recent: Vec<_> = detector
        .commands
        .iter()
        .filter(|(deed, _)| deed.at >= detector.now.saturating_sub(detector.limits.burst))
        .collect();
    let trouble = !detector.losses.is_empty() || !detector.notes.is_empty();
    let all = detector.commands.iter().any(|(_, all)| *all);
    if !(all || recent.len() >= detector.limits.backups || trouble && !recent.is_empty()) {
        return Vec::new();
    }
    let steps: Vec<Step<'_>> = detector.commands.iter().map(|(deed, _)| Step::from(deed)).collect();
    let container = container(steps.last().and_then(|step| step.actor));
    let said = match steps.as_slice() {
        [one] => format!("Snapshots or volumes were deleted: {}", one.path),
        several => format!("Snapshots or volumes were deleted by {} commands", several.len()),
    };
    let mut finding = about(detector, &rule::SNAPSHOTS_DELETED, container.as_ref(), &steps, &said);
    for evidence in finding.evidence.iter_mut().filter(|evidence| evidence.what == "file") {
        "command line".clone_into(&mut evidence.what);
    }
    vec![if trouble { finding.severity(Severity::Critical) } else { finding }]
}

/// Documents that one process, or the children of one, deleted by the dozen.
fn gone(detector: &Detector) -> Vec<Finding> {
    let limits = &detector.limits;
    let mut groups: BTreeMap<(Option<String>, u32), Vec<&Deed>> = BTreeMap::new();
    for deed in &detector.gone {
        let number = deed.actor.as_ref().map_or(0, |actor| actor.pid);
        groups.entry((container(deed.actor.as_ref()), number)).or_default().push(deed);
    }
    let mut findings = Vec::new();
    for ((container, _), deeds) in groups {
        let last = deeds.iter().map(|deed| deed.at).max().unwrap_or(0);
        let burst: Vec<Step<'_>> =
            deeds.into_iter().filter(|deed| deed.at >= last.saturating_sub(limits.burst)).map(Step::from).collect();
        if burst.len() < limits.gone {
            continue;
        }
        let roof = roof(&burst);
        let title = format!("{} documents were deleted in {roof}", burst.len());
        findings.push(about(detector, &rule::DOCUMENTS_GONE, container.as_ref(), &burst, &title).about(&roof));
    }
    findings
}
