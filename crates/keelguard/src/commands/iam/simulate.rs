//! `keelguard iam simulate FILE`: requests under given policies, decided.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cli::Simulate;
use crate::exit::Exit;
use crate::output;

/// Larger files are refused: a hundred thousand cases fit.
const LARGEST: u64 = 256 * 1024 * 1024;

pub(super) fn run(arguments: &Simulate) -> Result<Exit> {
    let name =
        if arguments.file == Path::new("-") { "standard input".into() } else { arguments.file.display().to_string() };
    let text = read(&arguments.file).with_context(|| format!("read {name}"))?;
    let answers = keelguard_iam::simulate::run(&text).with_context(|| format!("simulate {name}"))?;
    output::write(arguments.destination.output.as_deref(), |out| {
        serde_json::to_writer_pretty(&mut *out, &answers)?;
        Ok(writeln!(out)?)
    })?;
    match answers.refused() {
        0 => Ok(Exit::Done),
        refused => {
            eprintln!("keelguard: {refused} cases could not be understood; their answers say why under \"error\"");
            Ok(Exit::Partial)
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut text)?;
    } else {
        let meta = std::fs::metadata(file)?;
        if meta.is_dir() {
            bail!("it is a folder");
        }
        std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut text)?;
    }
    if text.len() as u64 > LARGEST {
        bail!("it is larger than 256 MiB; split it");
    }
    Ok(text)
}
