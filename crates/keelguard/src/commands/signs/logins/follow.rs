//! `keelguard signs logins --follow`: what is found, as it happens.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use keelguard_model::Area;
use keelguard_report::SignFormat;
use keelguard_signs::logins::collect::{self, Follow, GeoDatabase, Reading};
use keelguard_signs::logins::detect::{Detectors, Limits};

use crate::cli::Logins;
use crate::commands::signs::told::Said;
use crate::commands::signs::warn;
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{logs, output};

/// Between two looks at the logs.
const PAUSE: Duration = Duration::from_millis(500);

/// Reads what is there, then goes on until somebody stops it, or the pipe that is read ends.
pub(super) fn run(
    files: Vec<PathBuf>,
    mut reading: Reading,
    format: SignFormat,
    arguments: &Logins,
    settings: &Settings,
) -> Result<Exit> {
    if !matches!(format, SignFormat::Table | SignFormat::Jsonl) {
        bail!("follow logs as {format}: a document has an end; use --format table or jsonl");
    }
    let mut families = collect::families(files);
    let mut follow = Follow::begin(Area::Logins, &mut families, &mut reading);
    if follow.is_empty() {
        bail!("follow these logs: nobody writes to packed files any more; leave --follow away, or name the log itself");
    }
    let geo = if arguments.events { None } else { logs::geo(settings)? };
    let mut incomplete = false;
    output::write(None, |out| {
        let mut watch: Box<dyn Watch> = if arguments.events {
            Box::new(Events { format, failed: None })
        } else {
            Box::new(Judge::new(format, settings, geo))
        };
        let outcome = collect::read(families, &reading, &mut |seen, line| watch.see(seen, line, out));
        let mut gaps = outcome.incomplete;
        loop {
            watch.say(out)?;
            out.flush()?;
            incomplete |= !gaps.is_empty();
            warn(&gaps, settings);
            std::thread::sleep(PAUSE);
            let goes_on = collect::go_on(&mut follow, &reading, &mut |seen, line| watch.see(seen, line, out));
            gaps = follow.incomplete();
            if !goes_on {
                watch.say(out)?;
                warn(&gaps, settings);
                return Ok(());
            }
        }
    })?;
    Ok(if incomplete { Exit::Partial } else { Exit::Done })
}

/// What is done with events as they come.
trait Watch {
    fn see(&mut self, seen: &keelguard_signs::logins::Seen<'_>, line: &[u8], out: &mut dyn Write);
    /// After each look at the logs.
    fn say(&mut self, out: &mut dyn Write) -> Result<()>;
}

struct Events {
    format: SignFormat,
    failed: Option<anyhow::Error>,
}

impl Watch for Events {
    fn see(&mut self, seen: &keelguard_signs::logins::Seen<'_>, line: &[u8], out: &mut dyn Write) {
        if self.failed.is_none() {
            self.failed = super::event(&seen.owned(line), self.format, false, out).err();
        }
    }

    fn say(&mut self, _: &mut dyn Write) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }
}

/// Judges events, and says each finding once, and again when it has become worse.
struct Judge<'s> {
    format: SignFormat,
    settings: &'s Settings,
    detectors: Detectors,
    geo: Option<GeoDatabase>,
    seen: u64,
    said: Said,
}

impl<'s> Judge<'s> {
    fn new(format: SignFormat, settings: &'s Settings, geo: Option<GeoDatabase>) -> Self {
        Self { format, settings, geo, detectors: Detectors::new(Limits::default()), seen: 0, said: Said::default() }
    }
}

impl Watch for Judge<'_> {
    fn see(&mut self, seen: &keelguard_signs::logins::Seen<'_>, _: &[u8], _: &mut dyn Write) {
        logs::judge(&mut self.detectors, self.geo.as_ref(), seen);
    }

    fn say(&mut self, out: &mut dyn Write) -> Result<()> {
        if self.detectors.events() == self.seen {
            return Ok(());
        }
        self.seen = self.detectors.events();
        self.said.say(self.detectors.findings(), self.format == SignFormat::Jsonl, self.settings, out)
    }
}
