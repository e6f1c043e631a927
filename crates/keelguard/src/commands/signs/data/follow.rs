//! `keelguard signs data --follow`: ransomware, as it happens.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail};
use keelguard_report::SignFormat;
use keelguard_signs::data::follow::Follow;
use keelguard_signs::data::ransom::detect::{Detector, Limits};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::super::told::{self, Said};
use super::super::warn;
use crate::cli::{Data, Global};
use crate::commands::progress::say;
use crate::data::{canaries, trees};
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

/// The longest wait for news.
const PAUSE: Duration = Duration::from_millis(250);
/// What goes on is said again after so many seconds.
const AGAIN: i64 = 60;
/// How often it is looked whether decoys were planted or taken away.
const DECOYS: Duration = Duration::from_secs(2);

/// Follows until it is told to stop.
pub(super) fn run(global: &Global, arguments: &Data) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let format = arguments.format.unwrap_or_default();
    if !matches!(format, SignFormat::Table | SignFormat::Jsonl) {
        bail!("follow files as {format}: a document has an end; use --format table or jsonl");
    }
    let folders = trees::folders(&arguments.trees, &settings)?;
    if folders.is_empty() {
        bail!("follow files: name folders (keelguard signs data --follow /srv /home), or set data_trees");
    }
    // Ransomware takes all of the machine that it can get; who watches must not be the one that waits.
    rustix::process::setpriority_process(None, -15).ok();
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("be told to stop")?;
    }
    let own: Vec<PathBuf> = ["data_dir", "cache_dir"]
        .iter()
        .filter_map(|name| Path::new(settings.text(name)?).canonicalize().ok())
        .collect();
    let limits = Limits::default();
    let mut follow = Follow::begin(&folders, own, limits.files, Box::new(container_name))?;
    let detector = Detector::new(limits, crate::data::host());
    let mut is_partial = false;
    output::write(None, |out| {
        let mut watch = Watch { detector, said: Said::again_after(AGAIN), version: 0, is_partial: false };
        watch.go_on(&mut follow, format, &settings, &stop, out)?;
        is_partial = watch.is_partial;
        Ok(())
    })?;
    Ok(if is_partial { Exit::Partial } else { Exit::Done })
}

struct Watch {
    detector: Detector,
    said: Said,
    version: u64,
    is_partial: bool,
}

impl Watch {
    fn go_on(
        &mut self,
        follow: &mut Follow,
        format: SignFormat,
        settings: &Settings,
        stop: &AtomicBool,
        out: &mut dyn std::io::Write,
    ) -> Result<()> {
        let mut planted: Option<SystemTime> = None;
        let mut next = Instant::now();
        let mut ready = false;
        while !stop.load(Ordering::Relaxed) {
            if Instant::now() >= next {
                next = Instant::now() + DECOYS;
                let changed = canaries::changed(settings);
                if changed != planted {
                    planted = changed;
                    follow.set_decoys(canaries::paths(settings).into_iter());
                }
            }
            let (detector, said, version) = (&mut self.detector, &mut self.said, &mut self.version);
            let mut failed = None;
            follow.go_on(PAUSE, &mut |event| {
                detector.see(event);
                // Said at once: the next event may be the next file.
                if detector.version() != *version && failed.is_none() {
                    *version = detector.version();
                    let told = said.say(detector.findings(), format == SignFormat::Jsonl, settings, out);
                    failed = told.and_then(|()| Ok(out.flush()?)).err();
                }
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            let gaps = follow.incomplete();
            self.is_partial |= !gaps.is_empty();
            warn(&gaps, settings);
            if !ready && let Some(files) = follow.known() {
                ready = true;
                say(settings, &format!("keelguard: following {}: {files} files are known", shown(follow.trees())));
            }
        }
        warn(&self.detector.incomplete(), settings);
        Ok(())
    }
}

fn shown(trees: &[PathBuf]) -> String {
    let names: Vec<String> = trees.iter().map(|tree| tree.display().to_string()).collect();
    keelguard_model::text::printable(&names.join(", ")).into_owned()
}

/// A container's name, from what the engine keeps of it.
fn container_name(id: &str) -> Option<String> {
    let kept = Path::new("/var/lib/docker/containers").join(id).join("config.v2.json");
    let text = std::fs::read(kept).ok().filter(|text| text.len() < 1 << 20)?;
    let kept: serde_json::Value = serde_json::from_slice(&text).ok()?;
    Some(kept.get("Name")?.as_str()?.trim_start_matches('/').to_owned())
}
