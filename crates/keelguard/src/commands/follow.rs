//! `keelguard signs logins --follow`: what is found, as it happens.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use jiff::Timestamp;
use keelguard_model::{Area, Finding, Severity};
use keelguard_report::SignFormat;
use keelguard_signs::logins::collect::{self, Follow, GeoDatabase, Reading};
use keelguard_signs::logins::detect::{Detectors, Limits};

use super::progress::say;
use super::signs::told;
use crate::cli::Logins;
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
            super::signs::warn(&gaps, settings);
            std::thread::sleep(PAUSE);
            let goes_on = collect::go_on(&mut follow, &reading, &mut |seen, line| watch.see(seen, line, out));
            gaps = follow.incomplete();
            if !goes_on {
                watch.say(out)?;
                super::signs::warn(&gaps, settings);
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
            self.failed = super::signs::event(&seen.owned(line), self.format, false, out).err();
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
    said: HashMap<String, Severity>,
}

impl<'s> Judge<'s> {
    fn new(format: SignFormat, settings: &'s Settings, geo: Option<GeoDatabase>) -> Self {
        Self { format, settings, geo, detectors: Detectors::new(Limits::default()), seen: 0, said: HashMap::new() }
    }

    fn is_news(&mut self, finding: &Finding) -> bool {
        let least = self.settings.severity("min_severity").unwrap_or(Severity::Info);
        let known = self.said.get(&finding.fingerprint).copied();
        if finding.suppressed.is_some()
            || finding.severity < least
            || known.is_some_and(|known| known >= finding.severity)
        {
            return false;
        }
        self.said.insert(finding.fingerprint.clone(), finding.severity);
        true
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
        let mut findings = self.detectors.findings();
        let warnings = crate::exceptions::apply(&self.settings.exceptions, &mut findings, Timestamp::now());
        if self.said.is_empty() {
            for warning in warnings {
                say(self.settings, &format!("keelguard: warning: {warning}"));
            }
        }
        // In the order in which it happened.
        findings.sort_by_key(|finding| finding.time);
        for finding in findings {
            if !self.is_news(&finding) {
                continue;
            }
            told::news(&finding, self.format == SignFormat::Jsonl, out)?;
        }
        // What is forgotten may be said again; the map must not grow with the attackers.
        if self.said.len() > 200_000 {
            self.said.clear();
        }
        Ok(())
    }
}
