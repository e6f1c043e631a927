//! From what somebody asked for to what is in it and what is known to be wrong with that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use keelguard_advisory::matching::Database;
use keelguard_advisory::update;
use keelguard_image::cache::Cache;
use keelguard_image::source::manifest::Platform;
use keelguard_image::source::{self, Spec};
use keelguard_image::{Examined, Limits};
use keelguard_model::image::{Os, Package, PackageKind, Vulnerability};
use keelguard_model::{Area, Incomplete};

use crate::settings::Settings;

/// How a target is to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Which of several platforms.
    pub(crate) platform: Option<String>,
    /// Whether the cache may answer.
    pub(crate) cached: bool,
}

/// Everything in the target `input`.
pub(crate) fn target(input: &str, wanted: &Wanted, settings: &Settings) -> Result<Examined> {
    let spec = Spec::parse(input)?;
    let platform = match &wanted.platform {
        Some(text) => text.parse::<Platform>().map_err(anyhow::Error::msg).context("use --platform")?,
        None => Platform::here(),
    };
    let options = source::Options { platform, limits: Limits::default(), ..source::Options::default() };
    let cache = wanted.cached.then(|| cache(settings)).flatten();
    let image = match source::open(&spec, &options)? {
        Some(image) => image,
        None => crate::stores::find(&spec, &options, cache.as_ref(), settings)?,
    };
    Ok(keelguard_image::examine(&image, cache.as_ref(), &options.limits))
}

/// The cache of images, where there is a place for one.
pub(crate) fn cache(settings: &Settings) -> Option<Cache> {
    let folder = PathBuf::from(settings.text("cache_dir")?).join("images");
    Some(Cache::new(folder, settings.number("max_cache_bytes")))
}

/// Where the database of advisories lies.
pub(crate) fn advisories_folder(settings: &Settings) -> Result<PathBuf> {
    let cache = settings.text("cache_dir").context("find the advisories: set KEELGUARD_CACHE_DIR, or HOME")?;
    Ok(PathBuf::from(cache).join("advisories"))
}

/// Where advisories come from.
pub(crate) fn update_settings(settings: &Settings) -> update::Settings {
    let text = |name: &str| settings.text(name).filter(|text| *text != "none").map(str::to_owned);
    update::Settings {
        base: text("advisories_url").unwrap_or_else(|| update::OSV_EXPORT.to_owned()),
        kev: text("kev_url"),
        epss: text("epss_url"),
        ca_file: text("advisories_ca_file").map(PathBuf::from),
        ..update::Settings::default()
    }
}

/// The ecosystems that know the packages which are looked up.
fn needed(packages: &[Package], os: Option<&Os>) -> BTreeSet<String> {
    let looked_up: Vec<Package> = packages.iter().filter(|package| package.owner.is_none()).cloned().collect();
    Database::needed(&looked_up, os)
}

/// Fetches the advisories of ecosystems of which there are none, unless that is switched off. Says why where it failed:
/// the look goes on without them.
pub(crate) fn fetch_missing<'a>(
    images: impl IntoIterator<Item = (&'a [Package], Option<&'a Os>)>,
    settings: &Settings,
) -> Result<Option<String>> {
    if settings.switch("offline") {
        return Ok(None);
    }
    let needed: BTreeSet<String> = images.into_iter().flat_map(|(packages, os)| needed(packages, os)).collect();
    let folder = advisories_folder(settings)?;
    let missing = Database::open(&folder, &needed).missing().to_vec();
    if missing.is_empty() {
        return Ok(None);
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    // Somebody waits, and where there is no network every look would wait: after a failure nothing is asked for an hour.
    let failure = folder.join(".fetch-failed");
    let age = std::fs::metadata(&failure).and_then(|file| file.modified()).ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age.as_secs() < 3600) {
        return Ok(None);
    }
    let wanted = update::Settings { kev: None, epss: None, retries: 0, ..update_settings(settings) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let outcomes = runtime.block_on(update::update(&folder, &missing, &wanted, &|_| {}));
    let failed = |error: &dyn std::fmt::Display| {
        format!("missing advisories could not be fetched (could not {error}); --offline does not try")
    };
    let why = match outcomes {
        Ok(outcomes) => outcomes.into_iter().find_map(|outcome| outcome.result.err().map(|error| failed(&error))),
        Err(error) => Some(failed(&error)),
    };
    if why.is_some() {
        // Where it cannot be noted, the next look asks again.
        let _ = std::fs::write(&failure, []);
    }
    Ok(why)
}

/// What is known to be wrong, and what could not be looked up.
pub(crate) struct Known {
    /// The most urgent first.
    pub(crate) rows: Vec<Vulnerability>,
    /// What was not looked up, since there are no advisories for it.
    pub(crate) missing: Vec<Incomplete>,
    /// What was not looked up, since nobody keeps advisories for it: no update will change that.
    pub(crate) uncovered: Vec<Incomplete>,
    /// What was looked up in advisories that were last brought up to date too long ago.
    pub(crate) stale: Vec<Incomplete>,
}

/// Looks all packages up. What a system package owns counts with that package: its distribution repairs it, and numbers
/// its versions its own way.
pub(crate) fn look_up(packages: &[Package], os: Option<&Os>, settings: &Settings, now: Timestamp) -> Result<Known> {
    let looked_up: Vec<Package> = packages.iter().filter(|package| package.owner.is_none()).cloned().collect();
    let needed = Database::needed(&looked_up, os);
    let database = Database::open(&advisories_folder(settings)?, &needed);
    let max_days = i64::try_from(settings.number("max_advisory_days")).unwrap_or(i64::MAX);
    let stale = needed.iter().filter_map(|name| {
        // The file is touched whenever its source was asked and had nothing newer.
        let asked = std::fs::metadata(database.index(name)?.path()).ok()?.modified().ok()?;
        let days = (now.as_second() - Timestamp::try_from(asked).ok()?.as_second()) / 86_400;
        let why = format!("they are {days} days old; type: keelguard advisories update {name}");
        (days > max_days).then(|| Incomplete::new(Area::Image, format!("newer advisories for {name}"), why))
    });
    let none = |name: &str, why: String| Incomplete::new(Area::Image, format!("advisories for {name}"), why);
    let update = |name: &String| none(name, format!("there are none here; type: keelguard advisories update {name}"));
    let mut missing: Vec<Incomplete> = database.missing().iter().map(update).collect();
    for (name, why) in database.damaged() {
        // The catalogues of what is exploited come with every update, whatever it names.
        let is_catalogue = matches!(name.as_str(), "kev" | "epss");
        let command = if is_catalogue { String::new() } else { format!(" {name}") };
        let why = format!("they cannot be used ({why}); type: keelguard advisories update{command}");
        missing.push(none(name, why));
    }
    if looked_up.iter().any(|package| package.kind.is_system()) && os.is_none_or(|os| os.ecosystem.is_none()) {
        // Its packages are named by nobody, which is not to say that nothing is wrong with them.
        let why = "OSV keeps none for this system, so its packages were not looked up".to_owned();
        missing.push(os.map_or_else(
            || none("a system that does not say which it is", why.clone()),
            |os| none(format!("{} {}", os.id, os.version).trim_end(), why.clone()),
        ));
    }
    if let Some(release) = os.and_then(|os| os.ecosystem.as_deref())
        && looked_up.iter().any(|package| package.kind.is_system())
        && database.index(release).is_some()
        && !database.knows(release)
    {
        missing.push(none(release, "no record names this release, so its packages were not looked up".into()));
    }
    let uncovered =
        uncovered(&looked_up, os, &database).into_iter().chain(unreadable(&looked_up, os, &database)).collect();
    Ok(Known { stale: stale.collect(), missing, uncovered, rows: database.lookup_all(&looked_up, os) })
}

/// Packages that advisories name, and whose versions say nothing. Of others, such as whatever somebody builds from a working
/// copy (`(devel)`), no version would matter.
fn unreadable(packages: &[Package], os: Option<&Os>, database: &Database) -> Option<Incomplete> {
    const SHOWN: usize = 5;
    let mut unread = Database::unreadable(packages, os);
    unread.retain(|package| database.names(package, os) == Some(true));
    let one = |package: &&Package| format!("{} {:?}", package.name, package.version);
    let shown = unread.iter().take(SHOWN).map(one).collect::<Vec<_>>().join(", ");
    let why = format!("they cannot be compared with those of advisories: {shown}");
    (!unread.is_empty()).then(|| Incomplete::new(Area::Image, format!("versions of {} packages", unread.len()), why))
}

/// Packages of which nobody keeps advisories, a line for each kind.
fn uncovered(packages: &[Package], os: Option<&Os>, database: &Database) -> Vec<Incomplete> {
    let mut kinds: BTreeMap<PackageKind, Vec<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !package.kind.is_system()) {
        // A program without a package is known to Bitnami or to nobody.
        let is_unknown = package.kind == PackageKind::Generic && database.names(package, os) == Some(false);
        if is_unknown || Database::ecosystem_of(package.kind, os).is_none() {
            kinds.entry(package.kind).or_default().push(&package.name);
        }
    }
    let gap = |(kind, mut names): (PackageKind, Vec<&str>)| {
        const SHOWN: usize = 5;
        names.sort_unstable();
        names.dedup();
        let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let why = format!("OSV keeps none for these, so they were not looked up: {shown}{more}");
        Incomplete::new(Area::Image, format!("advisories for {}", kind.purl_type()), why)
    };
    kinds.into_iter().map(gap).collect()
}
