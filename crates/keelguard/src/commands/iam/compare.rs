//! `keelguard iam compare OLD NEW`: does the new policy grant anything that the old one does not?
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use keelguard_iam::Policy;
use keelguard_iam::compare::{Relation, compare, table};

use crate::cli::{FailingRelation, PolicyCompare, SimpleFormat};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(arguments: &PolicyCompare) -> Result<Exit> {
    if arguments.old == Path::new("-") && arguments.new == Path::new("-") {
        bail!("compare standard input with itself; name a file for one of the two");
    }
    let (old, new) = (policy(&arguments.old)?, policy(&arguments.new)?);
    let answer = compare(&old, &new)
        .map_err(|why| anyhow!(why))
        .with_context(|| format!("compare {} with {}", arguments.old.display(), arguments.new.display()))?;
    output::write(arguments.destination.output.as_deref(), |out| match arguments.format {
        SimpleFormat::Table => Ok(table(&answer, out)?),
        SimpleFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &answer)?;
            Ok(writeln!(out)?)
        }
    })?;
    Ok(match (answer.relation, arguments.fail_on) {
        (Relation::Wider | Relation::Incomparable, Some(FailingRelation::Wider)) => Exit::Findings,
        (Relation::Unknown, _) => Exit::Partial,
        _ => Exit::Done,
    })
}

fn policy(file: &Path) -> Result<Policy> {
    let name = if file == Path::new("-") { "standard input".into() } else { file.display().to_string() };
    let bytes = super::lint::read(file).with_context(|| format!("read {name}"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| anyhow!("it is not UTF-8 text"))
        .with_context(|| format!("read {name}"))?;
    Policy::parse(&text).with_context(|| format!("use {name}; keelguard iam lint says where it is wrong"))
}
