//! `keelguard signs spam logs`: what the logs of mail servers show, looked back at or as it happens.

use std::time::Duration;

use anyhow::{Result, bail};
use jiff::Timestamp;
use keelguard_model::Area;
use keelguard_report::SignFormat;
use keelguard_signs::downtime::collect::{Follow, Reading, families};
use keelguard_signs::spam::surge::collect;

use crate::cli::{Global, SpamLogs};
use crate::commands::progress::Progress;
use crate::commands::signs::told::{self, Said};
use crate::commands::signs::{since, warn};
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{output, spam};

/// Between two looks at the logs.
const PAUSE: Duration = Duration::from_millis(500);
/// What goes on is said again after so many seconds.
const AGAIN: i64 = 6 * 3600;

pub(super) fn run(global: &Global, arguments: &SpamLogs) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let format = arguments.format.unwrap_or_default();
    if matches!(format, SignFormat::Nftables | SignFormat::Ipset | SignFormat::Csv) {
        bail!(
            "print a surge of mail as {format}: it is no list of addresses; use --format table, json, jsonl, veris or ocsf"
        );
    }
    let now = Timestamp::now();
    let since = arguments.since.as_deref().map(|text| since(text, now)).transpose()?;
    let reading = Reading { since, ..Reading::everything(now) };
    if arguments.follow {
        return follow(arguments, reading, format, &settings);
    }
    let report = {
        let _progress = Progress::begin(&settings, "Reading logs");
        spam::look(&spam::sources(&arguments.files), &reading, &mut spam::detectors())
    };
    told::show(report, format, &arguments.view, &settings, now)
}

/// Reads what is there, then goes on until somebody stops it, or the pipe that is read ends.
fn follow(arguments: &SpamLogs, mut reading: Reading, format: SignFormat, settings: &Settings) -> Result<Exit> {
    if !matches!(format, SignFormat::Table | SignFormat::Jsonl) {
        bail!("follow logs as {format}: a document has an end; use --format table or jsonl");
    }
    let mut families = families(spam::sources(&arguments.files));
    let mut follow = Follow::begin(Area::Spam, &mut families, &mut reading);
    if follow.is_empty() {
        bail!("follow these logs: nobody writes to packed files any more, or there are none; name the log itself");
    }
    let mut detectors = spam::detectors();
    let mut is_partial = false;
    output::write(None, |out| {
        let outcome = collect::read(families, &reading, &mut |seen| detectors.see(seen));
        let mut gaps = outcome.incomplete;
        let mut said = Said::again_after(AGAIN);
        let mut judged = None;
        loop {
            // Nothing new came: nothing new can be said.
            if judged != Some(detectors.seen()) {
                judged = Some(detectors.seen());
                said.say(detectors.findings(), format == SignFormat::Jsonl, settings, out)?;
                out.flush()?;
            }
            is_partial |= !gaps.is_empty();
            warn(&gaps, settings);
            std::thread::sleep(PAUSE);
            let goes_on = collect::go_on(&mut follow, &reading, &mut |seen| detectors.see(seen));
            gaps = follow.incomplete();
            if !goes_on {
                said.say(detectors.findings(), format == SignFormat::Jsonl, settings, out)?;
                warn(&gaps, settings);
                return Ok(());
            }
        }
    })?;
    Ok(if is_partial { Exit::Partial } else { Exit::Done })
}
