//! `keelguard signs downtime --follow`: what goes down, as it happens.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, bail};
use keelguard_host::EngineFollower;
use keelguard_model::Area;
use keelguard_report::DowntimeFormat;
use keelguard_signs::downtime::Happening;
use keelguard_signs::downtime::collect::{self, Follow, Tail};
use keelguard_signs::downtime::detect::{Detectors, Limits, Window};

use crate::cli::Downtime;
use crate::commands::signs::told::Said;
use crate::commands::signs::warn;
use crate::downtime::engine::of_news;
use crate::downtime::{Sources, windows};
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

/// Between two looks at the logs.
const PAUSE: Duration = Duration::from_millis(500);
/// What goes on is said again after so many seconds.
const AGAIN: i64 = 3600;

/// Reads what is there, then goes on until somebody stops it, or the pipe that is read ends.
pub(super) fn run(sources: Sources, format: DowntimeFormat, arguments: &Downtime, settings: &Settings) -> Result<Exit> {
    if !matches!(format, DowntimeFormat::Table | DowntimeFormat::Jsonl) {
        bail!("follow logs as {format}: a document has an end; use --format table or jsonl");
    }
    let Sources { files, told, mut reading, incomplete } = sources;
    let windows = windows(settings)?;
    let mut tail = Tail::of(&files);
    let asks = arguments.files.is_empty() || arguments.engine.is_some();
    let options = crate::assess::options(settings);
    let engine = if asks { EngineFollower::begin(&options, reading.now)? } else { None };
    let mut families = collect::families(files);
    let mut follow = Follow::begin(Area::Downtime, &mut families, &mut reading);
    if follow.is_empty() && engine.is_none() {
        bail!("follow these logs: nobody writes to packed files any more; leave --follow away, or name the log itself");
    }
    let mut is_partial = false;
    output::write(None, |out| {
        let mut watch = Watch::new(format, arguments.events);
        let outcome = collect::read(families, told, &reading, &mut |happening| watch.see(happening, out));
        let mut gaps = incomplete;
        gaps.extend(outcome.incomplete);
        let (mut news, mut lost) = (Vec::new(), None);
        loop {
            watch.say(&windows, &reading, settings, out)?;
            out.flush()?;
            is_partial |= !gaps.is_empty();
            warn(&gaps, settings);
            std::thread::sleep(PAUSE);
            let goes_on = tail.go_on(&mut follow, &reading, &mut |happening| watch.see(happening, out));
            gaps = follow.incomplete();
            // What the logs say of an engine's end they say before it comes: its own news wait for a look at them.
            let told = of_news(std::mem::take(&mut news), &mut lost, &reading);
            told.happenings.iter().for_each(|happening| watch.see(happening, out));
            gaps.extend(told.incomplete);
            news = engine.as_ref().map(EngineFollower::poll).unwrap_or_default();
            if !goes_on && engine.is_none() {
                warn(&gaps, settings);
                return watch.say(&windows, &reading, settings, out);
            }
        }
    })?;
    Ok(if is_partial { Exit::Partial } else { Exit::Done })
}

/// What is done with events as they come.
struct Watch {
    format: DowntimeFormat,
    /// Whether each is printed instead of judged.
    prints: bool,
    failed: Option<anyhow::Error>,
    detectors: Detectors,
    seen: u64,
    said: Said,
}

impl Watch {
    fn new(format: DowntimeFormat, prints: bool) -> Self {
        Self {
            format,
            prints,
            failed: None,
            detectors: Detectors::new(Limits::default()),
            seen: 0,
            said: Said::again_after(AGAIN),
        }
    }

    fn see(&mut self, happening: &Happening, out: &mut dyn Write) {
        if !self.prints {
            self.detectors.see(happening);
        } else if self.failed.is_none() && happening.is_event() {
            self.failed = super::event(happening, self.format, false, out).err();
        }
    }

    /// After each look at the logs.
    fn say(
        &mut self,
        windows: &[Window],
        reading: &collect::Reading,
        settings: &Settings,
        out: &mut dyn Write,
    ) -> Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.detectors.events() == self.seen {
            return Ok(());
        }
        self.seen = self.detectors.events();
        let findings = self.detectors.judge(windows, &reading.zone).findings;
        self.said.say(findings, self.format == DowntimeFormat::Jsonl, settings, out)
    }
}
