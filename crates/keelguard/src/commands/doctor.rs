//! `keelguard doctor`: what Keelguard can and cannot see here, and how to let it.

use anyhow::Result;
use keelguard_host::Facts;
use keelguard_model::Incomplete;
use keelguard_model::text::printable;
use serde::Serialize;

use super::progress::Progress;
use crate::cli::{Doctor, Global, SimpleFormat};
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{assess, examine, host_images, output};

/// One thing that Keelguard looks at.
#[derive(Serialize)]
struct Sight {
    what: &'static str,
    sees: bool,
    detail: String,
    /// What to do where it does not see.
    help: &'static str,
}

pub(super) fn run(global: &Global, arguments: &Doctor) -> Result<Exit> {
    let flags = arguments.source.engine.iter().map(|engine| ("engine", engine.clone())).collect();
    let settings = super::settings(global, flags)?;
    let facts = {
        let _progress = Progress::begin(&settings, "Looking around");
        assess::facts(&arguments.source, &settings)?
    };
    let undecided = keelguard_audit::undecided_vulnerabilities(&facts);
    let mut sights = sights(&facts, &undecided);
    let images_read = if arguments.source.facts.is_some() {
        recorded(&facts)
    } else {
        host_images::root(&facts, &settings).map(|_| "read in place".to_owned())
    };
    sights.push(images(&facts, images_read));
    sights.push(advisories(&settings));
    sights.push(actions());
    sights.push(classifier());
    let mut incomplete: Vec<Incomplete> = facts.incomplete.clone();
    incomplete.extend(keelguard_audit::judge(&facts).incomplete);
    incomplete.sort();
    incomplete.dedup();
    let blind = sights.iter().filter(|sight| !sight.sees).count();
    output::write(None, |out| {
        if matches!(arguments.format, SimpleFormat::Json) {
            let document = serde_json::json!({ "sights": sights, "incomplete": incomplete });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            return Ok(writeln!(out)?);
        }
        for sight in &sights {
            let (mark, word) = if sight.sees { ("✓", "sees  ") } else { ("✗", "cannot") };
            writeln!(out, "{mark} {word}  {:<34} {}", sight.what, printable(&sight.detail))?;
            if !sight.sees {
                writeln!(out, "            → {}", sight.help)?;
            }
        }
        if !incomplete.is_empty() {
            writeln!(out, "\nWhat reports will name as not looked at:")?;
            for gap in &incomplete {
                writeln!(out, "  {}: {}: {}", gap.area, printable(&gap.what), printable(&gap.why))?;
            }
        }
        let closing = match blind {
            0 => "Keelguard sees everything it knows to look at. Next: keelguard check".to_owned(),
            1 => "One thing is hidden from Keelguard. Next: keelguard check".to_owned(),
            _ => format!("{blind} things are hidden from Keelguard. Next: keelguard check"),
        };
        Ok(writeln!(out, "\n{closing}")?)
    })?;
    Ok(if blind == 0 && incomplete.is_empty() { Exit::Done } else { Exit::Partial })
}

fn sights(facts: &Facts, undecided: &[Incomplete]) -> Vec<Sight> {
    let host = &facts.host;
    let engine = facts.engine.as_ref();
    let running = facts.containers().iter().filter(|container| container.is_running()).count();
    let with_truth = facts.containers().iter().filter(|container| container.truth.is_some()).count();
    let changelogs = host.packages.iter().filter(|package| package.changelog_cves.is_some()).count();
    let sight = |what, sees, detail: String, help| Sight { what, sees, detail, help };
    let list = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    vec![
        sight(
            "root",
            host.uid == 0,
            format!("uid {}", host.uid),
            "run it with sudo: /proc and the engine's files need root",
        ),
        sight(
            "the engine",
            engine.is_some(),
            engine.map_or_else(
                || "none answered".to_owned(),
                |engine| {
                    format!(
                        "{} {} by {}, API {}",
                        engine.info.server_version, engine.endpoint, engine.found_by, engine.api_version
                    )
                },
            ),
            "name it with --engine unix:///PATH, or start it; keelguard demo shows a lab",
        ),
        sight(
            "the engine's own host",
            facts.engine_is_local(),
            if facts.engine_is_local() {
                "it is this one".into()
            } else {
                "it is another machine, or there is none".into()
            },
            "run keelguard on the machine that the engine runs on",
        ),
        sight(
            "processes of running containers",
            with_truth >= running,
            format!("{with_truth} of {running}"),
            "run it as root, in the host's pid namespace (in a container: --pid=host)",
        ),
        sight(
            "the kernel's configuration",
            host.kernel.config_source.is_some(),
            host.kernel.config_source.clone().unwrap_or_default(),
            "keep /boot/config-$(uname -r) or CONFIG_IKCONFIG_PROC; without it kernel flaws are judged as if all code were built in",
        ),
        sight(
            "security modules",
            host.lsm.is_some() || host.apparmor.is_some(),
            host.lsm.as_deref().map_or_else(
                || {
                    if host.apparmor == Some(true) {
                        "AppArmor is on".into()
                    } else {
                        "this kernel has no AppArmor".to_owned()
                    }
                },
                list,
            ),
            "mount securityfs: mount -t securityfs securityfs /sys/kernel/security",
        ),
        sight(
            "cgroups",
            !host.cgroup.version.is_empty(),
            format!("{} ({})", host.cgroup.version, list(&host.cgroup.controllers)),
            "mount cgroups; see man 7 cgroups",
        ),
        sight(
            "the daemon's settings",
            host.daemon.pid.is_some() && host.daemon.file_error.is_none(),
            host.daemon.pid.map_or_else(|| "no dockerd process".to_owned(), |pid| format!("dockerd is process {pid}")),
            "run it where dockerd runs; repair daemon.json where it is no JSON",
        ),
        sight(
            "the firewall",
            host.firewall.docker_user.is_some(),
            host.firewall.error.clone().unwrap_or_else(|| "chain DOCKER-USER".to_owned()),
            "install iptables and run as root",
        ),
        sight(
            "audit rules",
            host.audit.rules.is_some(),
            host.audit
                .rules
                .as_ref()
                .map_or_else(String::new, |rules| format!("{} rules, from the {}", rules.len(), host.audit.source)),
            "run it as root",
        ),
        sight(
            "the distribution's fixes",
            // A stripped changelog hides nothing where the distribution's fixed versions are known here.
            undecided.is_empty(),
            format!(
                "changelogs of {changelogs} of {} packages; {}",
                host.packages.len(),
                match undecided.len() {
                    0 => "every known vulnerability is decided".to_owned(),
                    _ => undecided
                        .iter()
                        .map(|gap| format!("undecided: {}", gap.what.trim_start_matches("known vulnerabilities of ")))
                        .collect::<Vec<_>>()
                        .join(", "),
                }
            ),
            "keep /usr/share/doc/*/changelog.Debian.gz of docker, containerd, runc and the kernel",
        ),
    ]
}

/// Whether what is in the images was recorded with the facts.
fn recorded(facts: &Facts) -> std::result::Result<String, String> {
    let count = facts.engine.as_ref().map_or(0, |engine| engine.images.len());
    match facts.contents.len() {
        known if known >= count => Ok("recorded".into()),
        known => Err(format!("what is in {known} of {count} images was recorded")),
    }
}

/// Whether what is in the engine's images can be `read`, and how.
fn images(facts: &Facts, read: std::result::Result<String, String>) -> Sight {
    let count = facts.engine.as_ref().map_or(0, |engine| engine.images.len());
    Sight {
        what: "what is in images",
        sees: count == 0 || read.is_ok(),
        detail: match (count, read) {
            (0, _) => "there are none".into(),
            (1, Ok(how)) => format!("1 image, {how}"),
            (count, Ok(how)) => format!("{count} images, {how}"),
            (_, Err(why)) => why,
        },
        help: "run it as root on the machine that the engine runs on; keelguard image IMAGE looks at one wherever it is",
    }
}

/// Which advisories are here, and the oldest of them.
/// The embedded table of AWS's actions, by which policies are judged.
fn actions() -> Sight {
    let age = keelguard_iam::lint::catalogue_age(jiff::Timestamp::now());
    Sight {
        what: "AWS's actions and keys",
        sees: !age.old,
        detail: format!("as of {}", age.date),
        help: "they are more than a year old, and what AWS has added since is called unknown: take a newer Keelguard",
    }
}

/// The weights by which spam is told.
fn classifier() -> Sight {
    let known = keelguard_signs::spam::Classifier::built_in();
    Sight {
        what: "the spam classifier",
        sees: known.is_ok(),
        detail: known.map_or_else(
            |error| format!("could not {error}"),
            |known| {
                let [mail, text] = known.about();
                format!("weights for mail of {}, for texts of {}", mail.date, text.date)
            },
        ),
        help: "the program is damaged: install it anew",
    }
}

fn advisories(settings: &Settings) -> Sight {
    let now = jiff::Timestamp::now().as_second();
    let list = examine::advisories_folder(settings).and_then(|folder| Ok(keelguard_advisory::carry::status(&folder)?));
    let max_days = i64::try_from(settings.number("max_advisory_days")).unwrap_or(i64::MAX);
    let (sees, detail) = match list {
        Err(error) => (false, format!("could not {error:#}")),
        Ok(list) if list.is_empty() => (false, "none are here yet".to_owned()),
        Ok(list) => {
            let names: Vec<&str> = list.iter().map(|one| one.name.as_str()).collect();
            let days = list.iter().map(|one| (now - one.checked) / 86_400).max().unwrap_or_default();
            let broken = list.iter().any(|one| one.meta.is_err());
            let age = match days {
                0 => "brought up to date today".to_owned(),
                1 => "the oldest brought up to date yesterday".to_owned(),
                days => format!("the oldest brought up to date {days} days ago"),
            };
            (days <= max_days && !broken, format!("{}; {age}", names.join(", ")))
        }
    };
    Sight {
        what: "advisories",
        sees,
        detail,
        help: "keelguard advisories update fetches them; check and image fetch what is missing, unless --offline",
    }
}
