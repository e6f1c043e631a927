//! Trees against their baseline: which trees, where they lie, and where their baseline is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};
use keelguard_signs::data::Looked;
use keelguard_signs::data::baseline::{Pin, SealedTree, Store, Tree};
use keelguard_signs::data::tree::{Contents, Options, mounts};
use keelguard_signs::data::verify::{self, Asked, Verified};

use super::Depth;
use crate::settings::Settings;

/// The system's own files, where nobody names any: what decides who gets in and what runs. Those that are there and no links.
const OWN: &[&str] = &[
    "/boot",
    "/etc",
    "/root/.bash_profile",
    "/root/.bashrc",
    "/root/.profile",
    "/root/.ssh",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local",
    "/usr/sbin",
    "/bin",
    "/lib",
    "/lib64",
    "/sbin",
    "/var/spool/cron",
];

/// What changes as a matter of course.
const EVERYDAY: &[&str] = &[
    "/boot/grub/grubenv",
    "/boot/grub2/grubenv",
    "/etc/.pwd.lock",
    "/etc/.updated",
    "/etc/adjtime",
    "/etc/cups/subscriptions.conf*",
    "/etc/lvm/archive",
    "/etc/lvm/backup",
    "/etc/lvm/cache",
    "/etc/mtab",
    "/etc/resolv.conf",
    "/root/.ssh/known_hosts*",
    "/usr/local/share/**/.cache",
    "__pycache__",
    "*.pyc",
    "*.swp",
    "*~",
];

/// Where a baseline is kept.
pub(crate) struct Places {
    pub(crate) store: Store,
    pub(crate) pin: PathBuf,
}

/// Where the baseline is: where it was named, else where the settings say.
pub(crate) fn places(baseline: Option<&Path>, pin: Option<&Path>, settings: &Settings) -> Result<Places> {
    let folder = || -> Result<PathBuf> {
        let folder = settings
            .text("data_dir")
            .context("find the baseline: name its folder with --baseline, or set KEELGUARD_DATA_DIR")?;
        Ok(Path::new(folder).join("data/baseline"))
    };
    let pinned = || -> Result<PathBuf> {
        let pin = settings.text("data_pin").map(PathBuf::from);
        pin.or_else(own_pin)
            .context("find what is pinned of the baseline: name the file with --pin, or set KEELGUARD_DATA_PIN")
    };
    let folder = baseline.map(Path::to_path_buf).map_or_else(folder, Ok)?;
    let pin = pin.map(Path::to_path_buf).map_or_else(pinned, Ok)?;
    Ok(Places { store: Store { folder }, pin })
}

fn own_pin() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = folder.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    folder.map(|folder| folder.join("keelguard/baseline.pin"))
}

/// What is left out: what the settings and the command line say, and without trees that are named what changes as a matter of
/// course.
pub(crate) fn excluded(named: &[String], settings: &Settings) -> Vec<String> {
    let mut patterns: Vec<String> = EVERYDAY.iter().map(ToString::to_string).collect();
    patterns.extend(settings.list("data_exclude"));
    patterns.extend(named.iter().cloned());
    patterns.sort();
    patterns.dedup();
    patterns
}

/// The trees that were named, else those of the settings, else the system's own.
pub(crate) fn named(names: &[String], across: bool, settings: &Settings) -> Result<Vec<Tree>> {
    let configured = settings.list("data_trees");
    let names = if names.is_empty() { &configured } else { names };
    let mut trees = Vec::new();
    if names.is_empty() {
        let is_there = |path: &&&str| Path::new(path).symlink_metadata().is_ok_and(|meta| !meta.is_symlink());
        trees.extend(
            OWN.iter().filter(is_there).map(|path| Tree { name: (*path).to_owned(), path: PathBuf::from(path) }),
        );
    }
    for name in names {
        if let Some((kind @ ("volume" | "container"), of)) = name.split_once(':') {
            trees.extend(of_engine(kind, of, settings)?);
            continue;
        }
        let path = std::path::absolute(name).with_context(|| format!("find {name}"))?;
        let Some(text) = path.to_str() else {
            bail!("record {name}: the name of a tree must be UTF-8; name a folder above it")
        };
        if !path.exists() {
            bail!("record {name}: there is no such file or folder");
        }
        let name = if text.len() > 1 { text.trim_end_matches('/') } else { text };
        trees.push(Tree { name: name.to_owned(), path: PathBuf::from(name) });
    }
    if across {
        let mounts = mounts::mounts();
        let below: Vec<PathBuf> = trees.iter().flat_map(|tree| mounts::across(&tree.path, &mounts)).collect();
        let tree = |path: PathBuf| path.to_str().map(str::to_owned).map(|name| Tree { name, path });
        trees.extend(below.into_iter().filter_map(tree));
    }
    // What lies in another of the trees is in it already; another filesystem is not.
    let all = trees.clone();
    let is_within = |tree: &Tree| {
        let is_above =
            |other: &&Tree| !tree.name.contains(':') && other.path != tree.path && tree.path.starts_with(&other.path);
        all.iter().find(is_above).is_some_and(|other| filesystem(&other.path) == filesystem(&tree.path))
    };
    trees.retain(|tree| !is_within(tree));
    Ok(trees)
}

/// The folders that were named, else those of the settings; none where neither names any.
pub(crate) fn folders(names: &[String], settings: &Settings) -> Result<Vec<PathBuf>> {
    if names.is_empty() && settings.list("data_trees").is_empty() {
        return Ok(Vec::new());
    }
    Ok(named(names, false, settings)?.into_iter().map(|tree| tree.path).collect())
}

fn filesystem(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    path.metadata().ok().map(|meta| meta.dev())
}

/// Where the engine keeps a volume, or the layers of a container.
fn of_engine(kind: &str, name: &str, settings: &Settings) -> Result<Vec<Tree>> {
    let options = crate::assess::options(settings);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let folders = if kind == "volume" {
        runtime.block_on(keelguard_host::volume_folder(&options, name))?.map(|folder| vec![(String::new(), folder)])
    } else {
        runtime.block_on(keelguard_host::container_folders(&options, name))?
    };
    let folders = folders.map_err(anyhow::Error::msg).with_context(|| format!("find the {kind} {name}"))?;
    let tree = |(part, path): (String, PathBuf)| Tree { name: format!("{kind}:{name}{part}"), path };
    Ok(folders.into_iter().map(tree).collect())
}

/// Where a tree of the baseline lies now. What an engine keeps may have been made anew elsewhere.
fn place(tree: &SealedTree, settings: &Settings) -> Result<PathBuf, String> {
    let Some((kind @ ("volume" | "container"), name)) = tree.name.split_once(':') else { return Ok(tree.path.clone()) };
    if tree.path.exists() {
        return Ok(tree.path.clone());
    }
    let own = name.split('/').next().unwrap_or(name);
    let found = of_engine(kind, own, settings).map_err(|error| format!("could not {error:#}"))?;
    let here = found.into_iter().find(|other| other.name == tree.name).map(|tree| tree.path);
    here.ok_or_else(|| format!("the {kind} has no such part any more; record it anew"))
}

/// How trees are walked.
pub(crate) fn options(contents: Contents, settings: &Settings) -> Options {
    let patience = Duration::from_secs(settings.number("data_timeout").clamp(1, 86_400));
    Options { contents, patience, ..Options::default() }
}

/// Holds trees against their baseline.
pub(crate) fn verify(
    places: &Places,
    only: &[String],
    expect: Option<&str>,
    contents: Contents,
    settings: &Settings,
) -> Result<Verified> {
    let pin = Pin::open(&places.pin)?;
    let chain = places.store.chain(pin.as_ref(), expect)?;
    for name in only {
        let known = chain.head().map(|head| head.seal.trees.as_slice()).unwrap_or_default();
        if !known.iter().any(|tree| tree.name == *name) {
            let names: Vec<&str> = known.iter().map(|tree| tree.name.as_str()).collect();
            bail!("verify {name}: the baseline has no such tree; it has {}", names.join(", "));
        }
    }
    let asked = Asked {
        options: options(contents, settings),
        only,
        place: &|tree| place(tree, settings),
        root: Path::new("/"),
        host: &host(),
        now: Timestamp::now(),
    };
    let mut verified = verify::verify(&chain, &asked)?;
    if pin.is_none() && expect.is_none() && chain.head().is_some() {
        let why = format!(
            "there is no {}, so that nobody can tell whether the baseline was replaced as a whole; give --expect ROOT or --pin FILE",
            places.pin.display()
        );
        verified.looked.incomplete.push(Incomplete::new(Area::Data, "the baseline's key", why));
    }
    Ok(verified)
}

/// This host's name.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// What became of the trees since their baseline.
#[expect(clippy::unnecessary_wraps, reason = "other parts fail where settings are wrong")]
pub(crate) fn look(depth: Depth, settings: &Settings) -> Result<Looked> {
    let Ok(places) = places(None, None, settings) else { return Ok(unset()) };
    if !places.pin.exists() && places.store.numbers().is_ok_and(|numbers| numbers.is_empty()) {
        return Ok(unset());
    }
    let contents = if depth == Depth::Cheap { Contents::Skip } else { Contents::Hash };
    match verify(&places, &[], None, contents, settings) {
        Ok(verified) => Ok(verified.looked),
        // The other parts have something to say, too.
        Err(error) => {
            let why = format!("could not {error:#}");
            Ok(Looked { incomplete: vec![Incomplete::new(Area::Data, "files", why)], ..Looked::default() })
        }
    }
}

fn unset() -> Looked {
    let why = "there is no baseline of this host's files to hold them against; make one: keelguard signs data baseline --key FILE";
    Looked { unset: vec![Incomplete::new(Area::Data, "files", why)], ..Looked::default() }
}
