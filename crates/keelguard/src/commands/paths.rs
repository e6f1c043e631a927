//! `keelguard paths`: the attack graph's answers.

use std::io::Write;

use anyhow::{Context as _, Result};
use keelguard_model::text::printable;
use keelguard_model::{AttackPath, Subject};
use keelguard_paths::{FixSet, PathsReport};

use super::progress::Progress;
use crate::assess::{self, Assessment, Commands};
use crate::cli::{Global, PathFormat, Paths};
use crate::exit::Exit;
use crate::settings::Flags;
use crate::{cloud, fix_steps, output};

pub(super) fn run(global: &Global, arguments: &Paths) -> Result<Exit> {
    let mut flags: Flags = arguments.source.engine.iter().map(|engine| ("engine", engine.clone())).collect();
    if !arguments.iam_facts.is_empty() {
        flags.push(("iam_facts", arguments.iam_facts.join(",")));
    }
    let settings = super::settings(global, flags)?;
    let facts = {
        let _progress = Progress::begin(&settings, "Reading this host");
        assess::facts(&arguments.source, &settings)?
    };
    let accounts = cloud::load(&settings)?;
    let Assessment { report, graph, .. } = assess::assess(&facts, accounts.as_ref(), &settings, Commands::FixSet);
    let places = |name: Option<&str>, otherwise: Vec<Subject>| match name {
        Some(name) => graph.resolve(name).with_context(|| format!("find {name:?} in the graph")),
        None => Ok(otherwise),
    };
    let starts = places(arguments.from.as_deref(), graph.starts())?;
    let goals = places(arguments.to.as_deref(), graph.goals())?;
    let mut answer = graph.report(&starts, &goals);
    answer.fix_set.steps = fix_steps::merge(&facts, &report.findings, answer.fix_set.steps);
    output::write(arguments.destination.output.as_deref(), |out| match arguments.format {
        PathFormat::Table => table(&answer, &starts, &goals, out),
        PathFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &answer)?;
            Ok(writeln!(out)?)
        }
        PathFormat::Dot => Ok(out.write_all(keelguard_paths::dot(&answer.paths).as_bytes())?),
        PathFormat::Mermaid => Ok(out.write_all(keelguard_paths::mermaid(&answer.paths).as_bytes())?),
        PathFormat::Svg => Ok(out.write_all(keelguard_paths::svg(&graph, &answer.paths).as_bytes())?),
    })?;
    Ok(if report.incomplete.is_empty() { Exit::Done } else { Exit::Partial })
}

fn table(answer: &PathsReport, starts: &[Subject], goals: &[Subject], out: &mut dyn Write) -> Result<()> {
    if answer.paths.is_empty() {
        writeln!(out, "No path leads from {} to {}.", names(starts), names(goals))?;
        return Ok(());
    }
    for path in &answer.paths {
        print_path(path, out)?;
    }
    print_fixes(&answer.fix_set, out)
}

fn names(places: &[Subject]) -> String {
    match places {
        [] => "nowhere".to_owned(),
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

fn print_path(path: &AttackPath, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{} → {}   cost {}", path.from, path.to, path.cost)?;
    for step in &path.steps {
        let rule = step.rule.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default();
        writeln!(out, "    {} → {}: {}{rule}", step.from, step.to, printable(&step.how))?;
        for need in &step.needs {
            writeln!(out, "        needs {}", printable(need))?;
        }
    }
    Ok(())
}

fn print_fixes(fixes: &FixSet, out: &mut dyn Write) -> Result<()> {
    if !fixes.steps.is_empty() {
        let count = fixes.steps.len();
        writeln!(out, "\nThe smallest set of changes that closes them ({count}, effort {}):", fixes.effort)?;
        for (number, step) in fixes.steps.iter().enumerate() {
            writeln!(
                out,
                "{:>3}. {} ({}): {}",
                number + 1,
                step.subject,
                step.rules.join(", "),
                printable(&step.summary)
            )?;
            for command in &step.commands {
                writeln!(out, "       {}", printable(command))?;
            }
        }
    }
    if !fixes.uncuttable.is_empty() {
        writeln!(out, "\nPaths that remain, by design or by an exception: {}", fixes.uncuttable.len())?;
        for path in fixes.uncuttable.iter().take(10) {
            print_path(path, out)?;
        }
    }
    Ok(())
}
