//! `keelguard signs performance`: what is unlike itself.

mod follow;
mod scores;
mod server;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use keelguard_model::SubjectKind;
use keelguard_model::sign::SignReport;
use keelguard_report::SignFormat;
use keelguard_signs::performance::read::sysstat;
use keelguard_signs::read::Reading;

use super::told;
use crate::cli::{Global, Performance};
use crate::commands::progress::Progress;
use crate::exit::Exit;
use crate::performance::report;
use crate::settings::Settings;

pub(super) fn run(global: &Global, arguments: &Performance) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let format = arguments.format.unwrap_or_default();
    if arguments.follow {
        return follow::run(format, arguments, &settings);
    }
    match (&arguments.series, format) {
        (_, SignFormat::Nftables | SignFormat::Ipset) => {
            bail!("print {format}: no addresses come of this sign; use --format table, json, jsonl, veris or ocsf")
        }
        (None, SignFormat::Csv) => bail!("print scores: they are of one series; add --series FILE.csv"),
        (Some(series), SignFormat::Csv) => return scores::run(series, arguments, &settings),
        _ => {}
    }
    let now = Timestamp::now();
    let looked = {
        let _progress = Progress::begin(&settings, "Reading values");
        look(arguments, now, &settings)?
    };
    told::show(looked, format, &arguments.view, &settings, now)
}

fn look(arguments: &Performance, now: Timestamp, settings: &Settings) -> Result<SignReport> {
    if let Some(series) = &arguments.series {
        let gathered = scores::gather(series, arguments.column.as_deref())?;
        // The clock of the file is the one in which its owner thinks.
        return Ok(report(gathered, &[scores::shown(series)], SubjectKind::File, &TimeZone::UTC));
    }
    if let Some(server) = &arguments.prometheus {
        let gathered = server::gather(server, arguments, now, settings)?;
        return Ok(report(gathered, std::slice::from_ref(server), SubjectKind::Host, &TimeZone::system()));
    }
    if arguments.files.is_empty() {
        return Ok(crate::performance::sign(now, settings));
    }
    let gathered = sysstat::read(&arguments.files, &Reading::everything(now));
    let sources: Vec<String> = arguments.files.iter().map(|file| file.display().to_string()).collect();
    Ok(report(gathered, &sources, SubjectKind::Host, &TimeZone::system()))
}
