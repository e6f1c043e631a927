//! What a change means: pure decisions on what became of each file. What matters by itself is a finding of its own; the rest is
//! told together, a finding for each tree.

use std::collections::BTreeMap;

use jiff::Timestamp;
use keelguard_model::{Finding, Kind as FindingKind, Rule, Severity, Subject, SubjectKind, rule};

use super::{Changed, Packed, places, words};
use crate::data::tree::{APPEND, IMMUTABLE, Kind, Record, Time};

/// What findings are held against.
pub(super) struct Scene<'a> {
    /// The names of the trees.
    pub(super) trees: &'a [String],
    /// The host.
    pub(super) host: &'a str,
    /// When the baseline was made.
    pub(super) since: Timestamp,
    /// Now.
    pub(super) now: Timestamp,
    /// Whether any package came, went or changed its version meanwhile.
    pub(super) packages_changed: bool,
}

/// Files that one finding names.
const NAMED: usize = 50;
/// Findings of one rule that are about one file each; more are told together.
const SINGLE: usize = 200;

/// What the changes mean.
pub(super) fn judge(changes: &[Changed], scene: &Scene<'_>) -> Vec<Finding> {
    let mut single: Vec<Finding> = Vec::new();
    let mut together: BTreeMap<(&'static str, usize), Group<'_>> = BTreeMap::new();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for change in changes {
        for verdict in verdicts(change, scene) {
            let count = counts.entry(verdict.rule.id).or_default();
            if verdict.is_single && *count < SINGLE {
                *count += 1;
                single.push(scene.finding(change, &verdict));
            } else {
                let group = together.entry((verdict.rule.id, change.tree)).or_insert_with(|| Group::new(verdict.rule));
                group.severity = group.severity.max(verdict.severity);
                group.count += 1;
                group.last = group.last.max(scene.when(change));
                if group.changes.len() < NAMED {
                    group.changes.push(change);
                }
            }
        }
    }
    single.extend(together.into_iter().map(|((_, tree), group)| scene.group(tree, &group)));
    single
}

struct Group<'a> {
    rule: &'static Rule,
    severity: Severity,
    count: usize,
    last: Option<Timestamp>,
    changes: Vec<&'a Changed>,
}

impl Group<'_> {
    fn new(rule: &'static Rule) -> Self {
        Self { rule, severity: Severity::Info, count: 0, last: None, changes: Vec::new() }
    }
}

struct Verdict {
    rule: &'static Rule,
    severity: Severity,
    title: String,
    is_single: bool,
}

fn verdicts(change: &Changed, scene: &Scene<'_>) -> Vec<Verdict> {
    let mut found = Vec::new();
    let path = words::shown(&change.path);
    let is_packed = matches!(change.packed, Packed::Genuine { .. });
    let mut single = |rule: &'static Rule, severity: Severity, title: String| {
        found.push(Verdict { rule, severity, title, is_single: true });
    };
    if let (Packed::Rewritten { package }, false) = (&change.packed, change.after.is_none()) {
        single(
            &rule::PACKAGES_REWRITTEN,
            Severity::Critical,
            format!("{path} changed, and with it the checksums of {package}, whose version is the same"),
        );
    }
    if let Some(now) = &change.after {
        let was = change.before.as_ref();
        let gained =
            |bit: u16| now.kind == Kind::File && now.mode & bit != 0 && was.is_none_or(|was| was.mode & bit == 0);
        if gained(0o4000) || gained(0o2000) && now.mode & 0o010 != 0 {
            let severity = match (is_packed, now.uid) {
                (true, _) => Severity::Low,
                (false, 0) => Severity::Critical,
                _ => Severity::High,
            };
            let word = if now.mode & 0o4000 != 0 { "setuid" } else { "setgid" };
            single(&rule::SETUID_ADDED, severity, format!("{path} is {word} now, owned by {}", owner(now)));
        }
        let capability =
            |record: &Record| record.attributes.iter().find(|one| &*one.name == b"security.capability").cloned();
        if let Some(gained) = capability(now).filter(|gained| was.and_then(capability).as_ref() != Some(gained)) {
            let severity = if is_packed { Severity::Low } else { Severity::High };
            let names = words::attribute(&gained.name, &gained.value);
            single(&rule::CAPABILITY_GAINED, severity, format!("{path} has the capabilities {names} now"));
        }
        if let Some(was) = was {
            let lost = |flag: u32| {
                was.flags.is_some_and(|flags| flags & flag != 0) && now.flags.is_some_and(|flags| flags & flag == 0)
            };
            if lost(IMMUTABLE) || lost(APPEND) {
                let word = if lost(IMMUTABLE) { "immutable" } else { "append-only" };
                let severity = if change.has("content") { Severity::High } else { Severity::Medium };
                single(&rule::FLAG_LOST, severity, format!("{path} is no longer {word}"));
            }
            if change.has("content") && was.modified == now.modified && !is_packed {
                single(
                    &rule::TIME_FORGED,
                    Severity::High,
                    format!("{path} has another content, and the time of its last change is the same as before"),
                );
            }
            let writable =
                now.kind != Kind::Link && now.mode & 0o002 != 0 && was.mode & 0o002 == 0 && now.mode & 0o1000 == 0;
            let given = change.has("owner") && was.uid == 0 && now.uid != 0;
            if (writable || given) && change.is_on_host {
                let (severity, how) = match (places::of(&change.path).is_some(), writable) {
                    (true, true) => (Severity::High, "everybody may write to it now".to_owned()),
                    (true, false) => (Severity::High, format!("it belongs to {} now", owner(now))),
                    (false, true) => (Severity::Medium, "everybody may write to it now".to_owned()),
                    (false, false) => (Severity::Medium, format!("it belongs to {} now", owner(now))),
                };
                single(&rule::RIGHTS_LOOSENED, severity, format!("{path}: {how}"));
            }
        }
    }
    if is_packed {
        return found;
    }
    if change.packed == Packed::Departed {
        let (rule, severity) = (&rule::FILES_MISSING, Severity::Info);
        found.push(Verdict { rule, severity, title: String::new(), is_single: false });
        return found;
    }
    let is_generated = scene.packages_changed && change.is_on_host && places::is_generated(&change.path);
    let place = if change.is_on_host { places::of(&change.path) } else { None };
    let said = !found.is_empty();
    let (rule, verb) = match (&change.before, &change.after) {
        (None, _) => (&rule::FILES_ADDED, "is new"),
        (_, None) => (&rule::FILES_MISSING, "is gone"),
        _ => (&rule::FILES_CHANGED, "changed"),
    };
    if change.is_time_alone() {
        // Copied, restored, touched: it says nothing about what is in it.
        found.push(Verdict { rule, severity: Severity::Info, title: String::new(), is_single: false });
    } else if let Packed::Unlike { package } = &change.packed {
        let title = format!("{path} {verb}, and is not what its package {package} brought");
        let (rule, severity) = place
            .map_or((&rule::PROGRAM_CHANGED, Severity::High), |place| (place.rule, place.severity.max(Severity::High)));
        found.push(Verdict { rule, severity, title, is_single: true });
    } else if let Some(place) = place.filter(|place| place.rule.id != rule::FILES_CHANGED.id) {
        let is_folder = change.record().kind == Kind::Folder;
        // A folder, a new program and one that is gone alter nothing that is there.
        let severity = match (is_generated, is_folder, place.rule.id == rule::PROGRAM_CHANGED.id && verb != "changed") {
            (true, ..) | (_, true, _) => Severity::Info,
            (.., true) => Severity::Medium,
            _ => place.severity,
        };
        let title = format!("{path} {verb}: {}", place.what);
        found.push(Verdict { rule: place.rule, severity, title, is_single: severity > Severity::Info });
    } else if !said {
        let severity = match (is_generated, verb) {
            (true, _) => Severity::Info,
            (_, "is gone") if change.record().kind == Kind::File => Severity::Medium,
            _ => Severity::Low,
        };
        found.push(Verdict { rule, severity, title: String::new(), is_single: false });
    }
    found
}

fn owner(record: &Record) -> String {
    if record.uid == 0 { "root".to_owned() } else { format!("user {}", record.uid) }
}

fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

impl Scene<'_> {
    /// When it happened, as far as the kernel's stamp tells: of a file that is gone, that of its folder, at the latest.
    fn when(&self, change: &Changed) -> Option<Timestamp> {
        let Time { second, nano } = change.after.as_ref().map(|now| now.changed).or(change.folder_stamp)?;
        let at = Timestamp::new(second, i32::try_from(nano).ok()?).ok()?;
        (self.since <= at && at <= self.now).then_some(at)
    }

    fn subject(&self, tree: usize) -> Subject {
        let name = self.trees.get(tree).map(String::as_str).unwrap_or_default();
        let of = |kind, name: &str| Subject::new(kind, name.split('/').next().unwrap_or(name));
        match name.split_once(':') {
            Some(("container", name)) => of(SubjectKind::Container, name),
            Some(("volume", name)) => of(SubjectKind::Volume, name),
            _ => Subject::new(SubjectKind::Host, self.host),
        }
    }

    fn begin(&self, rule: &Rule, tree: usize, at: Option<Timestamp>) -> Finding {
        let mut finding = rule.on(self.subject(tree));
        finding.kind = FindingKind::Detection;
        finding.time = at.unwrap_or(self.now);
        finding
            .evidence("host", self.host)
            .evidence("between", format!("{} and {}", stamp(self.since), stamp(self.now)))
    }

    fn finding(&self, change: &Changed, verdict: &Verdict) -> Finding {
        let path = words::shown(&change.path);
        let at = self.when(change);
        let mut finding = self.begin(verdict.rule, change.tree, at).severity(verdict.severity).title(&*verdict.title);
        finding = finding.about(&path).evidence("file", &*path);
        if let Some(at) = at {
            let what = if change.after.is_some() { "changed" } else { "gone since, at the latest" };
            finding = finding.evidence(what, stamp(at));
        }
        for difference in &change.differences {
            let (before, after) = (&difference.before, &difference.after);
            let none = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
            finding = finding.evidence(&*difference.what, format!("{} → {}", none(before), none(after)));
        }
        if let (None, Some(now)) = (&change.before, &change.after) {
            finding = finding.evidence("mode", words::mode(now.mode)).evidence("owner", owner(now));
        }
        let quoted = quote(&path);
        if change.after.is_some() { finding.command(format!("stat {quoted}")) } else { finding }
    }

    fn group(&self, tree: usize, group: &Group<'_>) -> Finding {
        let name = self.trees.get(tree).map(String::as_str).unwrap_or_default();
        let name = words::shown(name.as_bytes());
        let files = if group.count == 1 { "1 file".to_owned() } else { format!("{} files", group.count) };
        let single = group.changes.first().filter(|_| group.count == 1);
        let what = single.map_or_else(|| format!("{files} in {name}"), |change| words::shown(&change.path));
        let verb = match (group.rule.id, group.count) {
            (id, 1) if id == rule::FILES_ADDED.id => "is new",
            (id, _) if id == rule::FILES_ADDED.id => "are new",
            (id, 1) if id == rule::FILES_MISSING.id => "is gone",
            (id, _) if id == rule::FILES_MISSING.id => "are gone",
            _ => "changed",
        };
        let mut finding =
            self.begin(group.rule, tree, group.last).severity(group.severity).title(format!("{what} {verb}"));
        finding = finding.about(&name).evidence("tree", &*name).evidence("files", group.count.to_string());
        for change in &group.changes {
            let whats: Vec<&str> = change.differences.iter().map(|difference| difference.what.as_str()).collect();
            let what = if whats.is_empty() { "file".to_owned() } else { whats.join(", ") };
            finding = finding.evidence(what, words::shown(&change.path));
        }
        finding
    }
}

/// A path as a shell takes it.
fn quote(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@,".contains(&byte);
    if path.bytes().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
