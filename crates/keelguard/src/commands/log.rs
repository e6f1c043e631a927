//! `keelguard log`: what Keelguard did, and the proof that nobody has changed the record of it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use keelguard_model::text::printable;
use keelguard_signs::data::own_log::{Hash, Record, Verified, verify};
use serde_json::{Value, json};

use crate::cli::{Global, Log, LogCommand, LogShow, LogVerify, SimpleFormat};
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::settings::{Flags, Settings};
use crate::{output, own_log};

pub(super) fn run(global: &Global, arguments: &Log) -> Result<Exit> {
    let settings = super::settings(global, Flags::new())?;
    match &arguments.command {
        LogCommand::Show(arguments) => show(arguments, &settings),
        LogCommand::Verify(arguments) => prove(arguments, &settings),
    }
}

fn place(named: Option<&PathBuf>, settings: &Settings) -> Result<PathBuf> {
    named.map_or_else(|| own_log::path(settings), |path| Ok(path.clone()))
}

fn show(arguments: &LogShow, settings: &Settings) -> Result<Exit> {
    let path = place(arguments.file.as_ref(), settings)?;
    let mut last: VecDeque<(Record, Hash)> = VecDeque::new();
    let verified = verify(&path, None, &mut |record, hash| {
        if last.len() >= arguments.last {
            last.pop_front();
        }
        if arguments.last > 0 {
            last.push_back((record.clone(), hash));
        }
    })?;
    output::write(None, |out| {
        if matches!(arguments.format, SimpleFormat::Json) {
            let records: Vec<Value> =
                last.iter().map(|(record, hash)| json!({ "record": record, "hash": hash })).collect();
            serde_json::to_writer_pretty(&mut *out, &records)?;
            return Ok(writeln!(out)?);
        }
        for (record, _) in &last {
            let time = record.time.strftime("%Y-%m-%d %H:%M:%S");
            let detail = summary(&record.detail);
            writeln!(out, "{:>6}  {time}  {:16}  {}", record.sequence, printable(&record.kind), printable(&detail))?;
        }
        Ok(())
    })?;
    for problem in verified.problems.iter().take(5) {
        say(settings, &format!("keelguard: warning: {problem}; keelguard log verify"));
    }
    Ok(if verified.count == 0 { Exit::Done } else { Exit::Partial })
}

/// What a record says, in a few words.
fn summary(detail: &Value) -> String {
    let word = |name: &str| detail.get(name).and_then(Value::as_str).map(str::to_owned);
    let count = detail.get("count").and_then(Value::as_u64).map(|count| match count {
        1 => "1 finding".to_owned(),
        _ => format!("{count} findings"),
    });
    let parts: Vec<String> = [word("verdict"), count, word("what")].into_iter().flatten().collect();
    parts.join(", ")
}

fn prove(arguments: &LogVerify, settings: &Settings) -> Result<Exit> {
    let path = place(arguments.file.as_ref(), settings)?;
    let expected = arguments.expect.as_deref().map(str::parse::<Hash>).transpose();
    let expected = expected.map_err(|wrong| anyhow!("use --expect: {wrong}"))?;
    let verified = verify(&path, expected, &mut |_, _| {})?;
    output::write(None, |out| {
        if matches!(arguments.format, SimpleFormat::Json) {
            let told = json!({
                "log": path.display().to_string(),
                "records": verified.records,
                "first": verified.times.map(|(first, _)| first),
                "last": verified.times.map(|(_, last)| last),
                "hash": verified.last,
                "whole": verified.count == 0,
                "problems": verified.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            });
            serde_json::to_writer_pretty(&mut *out, &told)?;
            return Ok(writeln!(out)?);
        }
        tell(&path, &verified, out)
    })?;
    Ok(if verified.count == 0 { Exit::Done } else { Exit::Findings })
}

fn tell(path: &Path, verified: &Verified, out: &mut dyn std::io::Write) -> Result<()> {
    let shown = path.display().to_string();
    let shown = printable(&shown);
    let records = if verified.records == 1 { "1 record".to_owned() } else { format!("{} records", verified.records) };
    if verified.count == 0 {
        let from = verified.times.map(|(first, last)| format!(", from {first} to {last}")).unwrap_or_default();
        writeln!(out, "{shown} is whole: {records}{from}.")?;
    } else {
        writeln!(out, "{shown} was tampered with: {} in {records}.", many(verified.count))?;
        for problem in &verified.problems {
            writeln!(out, "  {problem}")?;
        }
    }
    if verified.torn > 0 {
        writeln!(
            out,
            "  Its last {} bytes are half a record: a writer was stopped; the next one mends it.",
            verified.torn
        )?;
    }
    if let Some(hash) = verified.last {
        writeln!(out, "Its last record is {hash}. Note it where nobody on this host can change it; later:")?;
        writeln!(out, "  keelguard log verify --expect {hash}")?;
    }
    Ok(())
}

fn many(count: u64) -> String {
    if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") }
}
