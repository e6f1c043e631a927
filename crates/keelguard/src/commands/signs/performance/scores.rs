//! Every row of a series with its score, as it is read.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context as _, Result};
use keelguard_signs::performance::detect::Detector;
use keelguard_signs::performance::series::{self, Reader};

use crate::cli::Performance;
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(file: &Path, arguments: &Performance, settings: &Settings) -> Result<Exit> {
    let mut reader = open(file, arguments.column.as_deref())?;
    let (mut rows, mut faults) = (0_u64, 0_u64);
    output::write(arguments.view.destination.output.as_deref(), |out| {
        let mut detector = Detector::new();
        writeln!(out, "timestamp,value,score")?;
        while let Some(row) = reader.next_row()? {
            rows += 1;
            // What says nothing is nothing unusual; it is counted, and said below.
            let score = row.point.map_or(0.0, |(second, value)| detector.see(second, value).score);
            faults += u64::from(row.point.is_err());
            writeln!(out, "{},{},{score:.6}", field(row.time), field(row.value))?;
        }
        Ok(())
    })?;
    if faults > 0 {
        say(
            settings,
            &format!("keelguard: warning: {faults} of {rows} rows have no time or no value, and got the score 0"),
        );
        return Ok(Exit::Partial);
    }
    Ok(Exit::Done)
}

/// Opens a series; `-` is standard input.
pub(super) fn open(file: &Path, column: Option<&str>) -> Result<Reader> {
    let shown = if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() };
    let reader = series::open(file).with_context(|| format!("read {shown}"))?;
    Reader::new(reader, column).with_context(|| format!("read {shown}"))
}

/// A field as CSV has it.
fn field(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
