//! `keelguard iam lint FILE…`: what is wrong with policies.

use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use keelguard_iam::lint::{LARGEST, LINT_SCHEMA, LintReport, catalogue_age, lint, sarif, table};
use keelguard_model::{Area, Incomplete};

use crate::cli::{Global, LintFormat, PolicyLint};
use crate::exit::Exit;
use crate::output;
use crate::settings::Flags;

/// Folders may hold folders, this many levels down.
const DEEPEST: usize = 16;
/// More files in folders are not looked at.
const MOST: usize = 10_000;

pub(super) fn run(global: &Global, arguments: &PolicyLint) -> Result<Exit> {
    let mut flags = Flags::new();
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    let settings = super::super::settings(global, flags)?;
    let mut report = LintReport {
        schema: LINT_SCHEMA.to_owned(),
        catalogue: catalogue_age(jiff::Timestamp::now()),
        policies: Vec::new(),
        skipped: 0,
        incomplete: Vec::new(),
    };
    for file in &arguments.files {
        if file.is_dir() {
            folder(file, arguments, &mut report)?;
        } else {
            let name = if file == Path::new("-") { "standard input".into() } else { file.display().to_string() };
            let text = read(file).with_context(|| format!("read {name}"))?;
            one(&file.display().to_string(), &text, arguments, &mut report);
        }
    }
    // Whether a run fails is decided by all findings, shown or not.
    let worst = report.worst();
    if let Some(least) = settings.severity("min_severity") {
        for policy in &mut report.policies {
            policy.findings.retain(|finding| finding.severity >= least);
        }
    }
    output::write(arguments.destination.output.as_deref(), |out| print(&report, arguments.format, out))?;
    Ok(match settings.severity("fail_on") {
        Some(least) if worst.is_some_and(|worst| worst >= least) => Exit::Findings,
        _ if report.incomplete.is_empty() => Exit::Done,
        _ => Exit::Partial,
    })
}

fn print(report: &LintReport, format: LintFormat, out: &mut dyn Write) -> Result<()> {
    match format {
        LintFormat::Table => table(report, out)?,
        LintFormat::Sarif => sarif(report, out)?,
        LintFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")?;
        }
        LintFormat::Jsonl => {
            for policy in &report.policies {
                for finding in &policy.findings {
                    let mut line = serde_json::to_value(finding)?;
                    if let Some(members) = line.as_object_mut() {
                        members.insert("file".to_owned(), policy.file.clone().into());
                        members.insert("place".to_owned(), policy.place.clone().into());
                    }
                    serde_json::to_writer(&mut *out, &line)?;
                    out.write_all(b"\n")?;
                }
            }
        }
    }
    Ok(())
}

fn one(file: &str, text: &[u8], arguments: &PolicyLint, report: &mut LintReport) {
    let Ok(text) = std::str::from_utf8(text) else {
        let utf16 = text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]);
        let why = if utf16 { "it is UTF-16; save it as UTF-8" } else { "it is not UTF-8 text" };
        report.incomplete.push(Incomplete::new(Area::Iam, file, why));
        return;
    };
    let linted = lint(file, text, arguments.kind);
    report.policies.extend(linted.policies);
    report.skipped += linted.skipped;
    report.incomplete.extend(linted.incomplete);
}

/// Every `*.json` below a folder. What holds no policy is some other file and no finding.
fn folder(folder: &Path, arguments: &PolicyLint, report: &mut LintReport) -> Result<()> {
    let mut files = Vec::new();
    gather(folder, 0, &mut files, &mut report.incomplete).with_context(|| format!("read {}", folder.display()))?;
    if files.len() > MOST {
        let why = format!("it holds {} files; the first {MOST} were looked at", files.len());
        report.incomplete.push(Incomplete::new(Area::Iam, folder.display().to_string(), why));
        files.truncate(MOST);
    }
    files.sort();
    for file in files {
        let name = file.display().to_string();
        match read(&file) {
            Ok(text) => {
                let before = report.policies.len();
                one(&name, &text, arguments, report);
                let nothing = |policy: &keelguard_iam::lint::LintedPolicy| matches!(policy.findings.as_slice(), [only] if only.code == "not-a-policy");
                if report.policies.len() == before + 1 && report.policies.last().is_some_and(nothing) {
                    report.policies.pop();
                }
            }
            Err(error) => report.incomplete.push(Incomplete::new(Area::Iam, name, format!("{error:#}"))),
        }
    }
    Ok(())
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, gaps: &mut Vec<Incomplete>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            let below = if depth < DEEPEST {
                gather(&path, depth + 1, files, gaps)
            } else {
                Err(std::io::Error::other("it lies deeper than 16 folders"))
            };
            if let Err(error) = below {
                gaps.push(Incomplete::new(Area::Iam, path.display().to_string(), error.to_string()));
            }
        } else if kind.is_file() && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
            files.push(path);
        }
    }
    Ok(())
}

/// The bytes of a file or of standard input.
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    let most = LARGEST as u64 + 1;
    let mut text = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_end(&mut text)?;
    }
    if text.len() > LARGEST {
        anyhow::bail!("it is larger than 64 MiB; give its policies one by one");
    }
    Ok(text)
}
