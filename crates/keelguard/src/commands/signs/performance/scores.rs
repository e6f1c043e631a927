//! One series: every row with its score as it is read, or what stands to be told of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use keelguard_model::{Area, Incomplete};
use keelguard_signs::performance::detect::Detector;
use keelguard_signs::performance::read::Gathered;
use keelguard_signs::performance::series::{self, Fault, Reader};

use crate::cli::Performance;
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(file: &Path, arguments: &Performance, settings: &Settings) -> Result<Exit> {
    let mut reader = open(file, arguments.column.as_deref())?;
    let mut faults = Faults::default();
    output::write(arguments.view.destination.output.as_deref(), |out| {
        let mut detector = Detector::new();
        writeln!(out, "timestamp,value,score")?;
        while let Some(row) = reader.next_row()? {
            // What says nothing is nothing unusual; it is counted, and said below.
            let score = match row.point {
                Ok((second, value)) => detector.see(second, value).score,
                Err(fault) => faults.count(fault),
            };
            writeln!(out, "{},{},{score:.6}", field(row.time), field(row.value))?;
        }
        Ok(())
    })?;
    let gaps = faults.told(file);
    for gap in &gaps {
        say(settings, &format!("keelguard: warning: {}: {}; their score is 0", gap.what, gap.why));
    }
    Ok(if gaps.is_empty() { Exit::Done } else { Exit::Partial })
}

/// Reads a series and has it judged.
pub(super) fn gather(file: &Path, column: Option<&str>) -> Result<Gathered> {
    let mut reader = open(file, column)?;
    let (mut gathered, mut faults) = (Gathered::default(), Faults::default());
    let name = shown(file);
    while let Some(row) = reader.next_row().with_context(|| format!("read {name}"))? {
        gathered.records += 1;
        match row.point {
            Ok((second, value)) => gathered.see(&name, "", second, value),
            Err(fault) => {
                faults.count(fault);
            }
        }
    }
    if gathered.values == 0 {
        let why = "there is not one value in it; it should have the columns timestamp and value";
        gathered.incomplete.push(Incomplete::new(Area::Performance, name, why));
    }
    gathered.incomplete.extend(faults.told(file));
    Ok(gathered)
}

/// Rows that say nothing.
#[derive(Default)]
struct Faults(BTreeMap<Fault, u64>);

impl Faults {
    fn count(&mut self, fault: Fault) -> f64 {
        *self.0.entry(fault).or_default() += 1;
        0.0
    }

    fn told(&self, file: &Path) -> Vec<Incomplete> {
        let told = |(fault, count): (&Fault, &u64)| {
            let why = match fault {
                Fault::Columns => "have too few columns",
                Fault::Time => "have no time that is understood (2026-11-24 08:00:00, RFC 3339, seconds since 1970)",
                Fault::Value => "have no value",
                Fault::NotFinite => "have a value that is no finite number, or beyond what is measured",
            };
            let rows = if *count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
            Incomplete::new(Area::Performance, shown(file), format!("{rows}: they {why}"))
        };
        self.0.iter().map(told).collect()
    }
}

pub(super) fn shown(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

fn open(file: &Path, column: Option<&str>) -> Result<Reader> {
    let reader = series::open(file).with_context(|| format!("read {}", shown(file)))?;
    Reader::new(reader, column).with_context(|| format!("read {}", shown(file)))
}

/// A field as CSV has it.
fn field(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
