//! VEX documents from the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use keelguard_advisory::vex::{self, Statement};
use keelguard_image::Examined;
use keelguard_model::image::Vulnerability;

/// A document and what it says.
pub(crate) struct Document {
    file: PathBuf,
    statements: Vec<Statement>,
}

/// Reads a document.
pub(crate) fn read(file: &Path) -> Result<Document> {
    use std::io::Read as _;
    let failed = || format!("use the VEX document {}", file.display());
    let most = u64::try_from(vex::LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes)).with_context(failed)?;
    let statements = vex::read(&bytes, "it").map_err(|error| anyhow::anyhow!(error.reason())).with_context(failed)?;
    Ok(Document { file: file.to_owned(), statements })
}

/// Says of the rows what the documents say of them. Gives back a warning for each document that says nothing of any.
pub(crate) fn apply(documents: &[Document], rows: &mut [Vulnerability], examined: &Examined) -> Vec<String> {
    let all: Vec<Statement> = documents.iter().flat_map(|document| document.statements.iter().cloned()).collect();
    let holds = vex::apply(&all, rows, &examined.packages, &examined.target);
    let mut holds = holds.into_iter();
    let mut warnings = Vec::new();
    for document in documents {
        let count = document.statements.len();
        // Each document's statements, in turn; all of them are taken, whether or not one holds.
        let holding = holds.by_ref().take(count).filter(|holds| *holds).count();
        if holding == 0 {
            let file = document.file.display();
            warnings.push(match count {
                0 => format!("{file} has no statements"),
                1 => format!("the statement in {file} is about no vulnerability that was found here"),
                count => {
                    format!("none of the {count} statements in {file} is about a vulnerability that was found here")
                }
            });
        }
    }
    warnings
}
