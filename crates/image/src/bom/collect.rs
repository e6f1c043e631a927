//! From entries to what is in the image. What cannot be looked up is counted, and named in one sentence for each reason.

use std::collections::{BTreeMap, HashMap, HashSet};

use keelguard_model::image::{Package, PackageKind, SourcePackage, Target};
use keelguard_model::{Area, Incomplete};

use super::entry::{Entry, Role};
use super::system::{self, Votes};
use crate::Examined;
use crate::purl::{self, Parsed};

/// Entries of a document, one after another.
#[derive(Debug)]
pub(super) struct Collector {
    most: usize,
    packages: HashMap<(String, Option<String>), Package>,
    systems: Vec<Entry>,
    votes: Votes,
    root: Option<Entry>,
    /// Images, files and programs, one of which the document may be about.
    things: Vec<Entry>,
    unread: Vec<Unread>,
    described: HashSet<String>,
    lacks: Vec<String>,
    /// The document says that it is not the whole.
    pub(super) is_partial: bool,
    /// Entries that were seen, whatever they are.
    seen: usize,
    beyond: usize,
    without_version: Vec<String>,
}

/// Why an entry cannot be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    NoPurl,
    BadPurl,
    Kind(String),
}

/// An entry that cannot be looked up.
#[derive(Debug)]
struct Unread {
    id: String,
    name: String,
    reason: Reason,
}

/// Systems, and things that a document may be about, that are kept.
const MOST_OTHERS: usize = 1_000;

impl Collector {
    /// Takes at most so many packages.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            packages: HashMap::new(),
            systems: Vec::new(),
            votes: Votes::default(),
            root: None,
            things: Vec::new(),
            unread: Vec::new(),
            described: HashSet::new(),
            lacks: Vec::new(),
            is_partial: false,
            seen: 0,
            beyond: 0,
            without_version: Vec::new(),
        }
    }

    /// Takes an entry.
    pub(super) fn add(&mut self, entry: Entry) {
        self.seen += 1;
        for gap in &entry.incomplete {
            self.lacks(gap);
        }
        if entry.purl.is_empty() {
            match entry.role {
                Role::System => return keep(&mut self.systems, entry, MOST_OTHERS),
                Role::Thing => return keep(&mut self.things, entry, MOST_OTHERS),
                Role::Holder if entry.version.is_empty() => return keep(&mut self.things, entry, MOST_OTHERS),
                Role::Holder | Role::Package => return self.cannot_read(entry, Reason::NoPurl),
            }
        }
        let Some(parsed) = purl::parse(&entry.purl) else { return self.cannot_read(entry, Reason::BadPurl) };
        match parsed.kind.parse::<PackageKind>() {
            Ok(kind) => self.add_package(entry, &parsed, kind),
            Err(_) if entry.role == Role::System => keep(&mut self.systems, entry, MOST_OTHERS),
            Err(_) => {
                // What the document is about may be an image; whether it is, is known at the end.
                if matches!(parsed.kind.as_str(), "oci" | "docker") {
                    keep(&mut self.things, entry.clone(), MOST_OTHERS);
                }
                self.cannot_read(entry, Reason::Kind(parsed.kind));
            }
        }
    }

    /// Takes the component that the document is about.
    pub(super) fn set_root(&mut self, mut entry: Entry) {
        for gap in std::mem::take(&mut entry.incomplete) {
            self.lacks(&gap);
        }
        let parsed = purl::parse(&entry.purl);
        let kind = parsed.as_ref().and_then(|parsed| parsed.kind.parse::<PackageKind>().ok());
        if let (Some(parsed), Some(kind)) = (parsed, kind) {
            // A library's own document: it is a package itself.
            self.add_package(entry.clone(), &parsed, kind);
        }
        self.root = Some(entry);
    }

    /// Notes an id of what the document is about.
    pub(super) fn describes(&mut self, id: String) {
        if self.described.len() < MOST_OTHERS {
            self.described.insert(id);
        }
    }

    /// Notes what the document says that it lacks.
    pub(super) fn lacks(&mut self, what: &str) {
        keep(&mut self.lacks, what.to_owned(), MOST_OTHERS);
    }

    fn cannot_read(&mut self, entry: Entry, reason: Reason) {
        if self.unread.len() >= self.most {
            self.beyond += 1;
            return;
        }
        let name = if reason == Reason::BadPurl { entry.purl } else { entry.name };
        self.unread.push(Unread { id: entry.id, name, reason });
    }

    fn add_package(&mut self, entry: Entry, parsed: &Parsed, kind: PackageKind) {
        if kind.is_system() {
            self.votes.count(parsed);
        }
        let package = package(entry, parsed, kind);
        if package.version.is_empty() {
            keep(&mut self.without_version, package.name.clone(), self.most);
        }
        let key = (package.purl.clone(), package.owner.clone());
        if let Some(known) = self.packages.get_mut(&key) {
            known.paths.extend(package.paths);
        } else if self.packages.len() < self.most {
            self.packages.insert(key, package);
        } else {
            self.beyond += 1;
        }
    }

    /// Everything in the document called `what`.
    pub(super) fn finish(mut self, what: &str) -> Examined {
        let root = self.root.take().or_else(|| self.things.drain(..).find(|thing| self.described.contains(&thing.id)));
        let described = std::mem::take(&mut self.described);
        self.unread.retain(|entry| entry.id.is_empty() || !described.contains(&entry.id));
        let (os, odd) = system::decide(&self.systems, &self.votes);
        let mut packages: Vec<Package> = self.packages.drain().map(|(_, package)| package).collect();
        fill_in_epochs(&mut packages);
        for package in &mut packages {
            package.paths.sort();
            package.paths.dedup();
        }
        packages.sort_by(|a, b| {
            let key = |package: &Package| (package.kind.purl_type(), package.name.clone(), package.version.clone());
            key(a).cmp(&key(b)).then_with(|| (&a.purl, &a.paths).cmp(&(&b.purl, &b.paths)))
        });
        let mut gaps = self.gaps(packages.is_empty());
        gaps.extend(odd);
        let mut incomplete: Vec<Incomplete> =
            gaps.into_iter().map(|why| Incomplete::new(Area::Image, what, why)).collect();
        incomplete.extend(self.lacks.iter().map(|gap| {
            // Written as `what: why`, by us.
            let (what, why) = gap.split_once(": ").unwrap_or((what, gap));
            Incomplete::new(Area::Image, what, why)
        }));
        incomplete.sort();
        incomplete.dedup();
        let mut target = root.map(target).unwrap_or_default();
        "sbom".clone_into(&mut target.kind);
        target.os = os;
        Examined { target, packages, odd: Vec::new(), config: serde_json::Value::Null, incomplete }
    }

    /// What could not be looked at, in sentences.
    fn gaps(&self, is_empty: bool) -> Vec<String> {
        let mut gaps = Vec::new();
        let mut reasons: BTreeMap<&Reason, Vec<&str>> = BTreeMap::new();
        for entry in &self.unread {
            reasons.entry(&entry.reason).or_default().push(&entry.name);
        }
        let mut kinds = Vec::new();
        for (reason, names) in reasons {
            match reason {
                Reason::NoPurl => gaps.push(format!(
                    "{} without a package URL, so nobody knows what to look up: {}",
                    components(names.len()),
                    some(&names)
                )),
                Reason::BadPurl => gaps.push(format!(
                    "{} with a package URL that cannot be understood: {}",
                    components(names.len()),
                    some(&names)
                )),
                Reason::Kind(kind) => kinds.push((kind, names)),
            }
        }
        if !kinds.is_empty() {
            let count = kinds.iter().map(|(_, names)| names.len()).sum();
            let types: Vec<&str> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
            let names: Vec<&str> = kinds.iter().flat_map(|(_, names)| names.iter().copied()).collect();
            gaps.push(format!(
                "{} of a kind that is not looked up ({}): {}",
                components(count),
                some(&types),
                some(&names)
            ));
        }
        if !self.without_version.is_empty() {
            let names: Vec<&str> = self.without_version.iter().map(String::as_str).collect();
            gaps.push(format!("{} without a version: {}", components(names.len()), some(&names)));
        }
        if self.beyond > 0 {
            gaps.push(format!("{} beyond the {} that are read", components(self.beyond), self.most));
        }
        if self.is_partial && self.lacks.is_empty() {
            gaps.push("it says of itself that it is incomplete".into());
        }
        if is_empty && gaps.is_empty() {
            gaps.push("it names no package".into());
        }
        gaps
    }
}

fn keep<T>(list: &mut Vec<T>, item: T, most: usize) {
    if list.len() < most {
        list.push(item);
    }
}

fn components(count: usize) -> String {
    if count == 1 { "one component".into() } else { format!("{count} components") }
}

/// The first few, and how many more.
fn some(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| name.chars().take(60).collect()).collect();
    let shown = shown.join(", ");
    if names.len() > 3 { format!("{shown} and {} more", names.len() - 3) } else { shown }
}

fn package(entry: Entry, parsed: &Parsed, kind: PackageKind) -> Package {
    let spelled = entry.full_name(if kind == PackageKind::Maven { ':' } else { '/' });
    let is_ours = entry.own_name.is_some();
    let name = match entry.own_name {
        Some(name) => name,
        // Package URLs are in small letters where names are not: `github.com/Azure/…`.
        None if spelled.eq_ignore_ascii_case(&parsed.name) => spelled,
        None => parsed.name.clone(),
    };
    let says_it_all = is_ours && !entry.version.is_empty();
    let version = if says_it_all || parsed.version.is_empty() { entry.version } else { parsed.version.clone() };
    let or = |text: String| if text.is_empty() { version.clone() } else { text };
    let source = if !entry.source_name.is_empty() {
        let epoch = match entry.source_epoch.as_str() {
            "" | "0" => String::new(),
            epoch => format!("{epoch}:"),
        };
        let release =
            if entry.source_release.is_empty() { String::new() } else { format!("-{}", entry.source_release) };
        let own = if entry.source_version.is_empty() {
            version.clone()
        } else {
            format!("{epoch}{}{release}", entry.source_version)
        };
        Some(SourcePackage { name: entry.source_name, version: own })
    } else if is_ours {
        None
    } else {
        upstream(&parsed.upstream, kind).map(|(name, version)| SourcePackage { name, version: or(version) }).or_else(
            || {
                // These always have one, and whoever does not name it means that it is called the same.
                let has_source = matches!(kind, PackageKind::Deb | PackageKind::Apk | PackageKind::Alpm);
                has_source.then(|| SourcePackage { name: name.clone(), version: version.clone() })
            },
        )
    };
    Package { purl: entry.purl, name, version, kind, source, paths: entry.paths, layer: None, owner: entry.owner }
}

/// `glibc`, `bash@5.2.15-2`, and of RPM `bash-5.1.8-6.el9.src.rpm`: name and version, which may be empty.
fn upstream(text: &str, kind: PackageKind) -> Option<(String, String)> {
    if text.is_empty() {
        return None;
    }
    if kind == PackageKind::Rpm {
        let stem = text.strip_suffix(".src.rpm").or_else(|| text.strip_suffix(".nosrc.rpm"))?;
        let (rest, _) = stem.rsplit_once('-')?;
        let (name, _) = rest.rsplit_once('-')?;
        let version = stem.get(name.len() + 1..)?;
        return (!name.is_empty()).then(|| (name.to_owned(), version.to_owned()));
    }
    let (name, version) = text.rsplit_once('@').unwrap_or((text, ""));
    (!name.is_empty()).then(|| (name.to_owned(), version.to_owned()))
}

/// The file of an RPM source has no epoch in its name: it is that of a package of the same version.
fn fill_in_epochs(packages: &mut [Package]) {
    let mut epochs: HashMap<SourcePackage, String> = HashMap::new();
    for package in packages.iter().filter(|package| package.kind == PackageKind::Rpm) {
        if let (Some(source), Some((epoch, rest))) = (&package.source, package.version.split_once(':'))
            && rest == source.version
        {
            epochs.insert(source.clone(), epoch.to_owned());
        }
    }
    for source in packages.iter_mut().filter_map(|package| package.source.as_mut()) {
        if let Some(epoch) = epochs.get(source) {
            source.version = format!("{epoch}:{}", source.version);
        }
    }
}

/// The image that the document is about.
fn target(root: Entry) -> Target {
    let digest = |text: &str| text.starts_with("sha256:").then(|| text.to_owned());
    let in_purl = || purl::parse(&root.purl).and_then(|parsed| digest(&parsed.version));
    let found = root.image.digest.clone().or_else(|| digest(&root.version)).or_else(in_purl);
    let is_image = found.is_some();
    let reference = root.image.reference.or_else(|| is_image.then_some(root.name).filter(|name| !name.is_empty()));
    Target { digest: found, reference, ..Target::default() }
}
