//! `keelguard iam can`, `who` and `what`: questions about accounts.

use std::io::Write;

use anyhow::{Context as _, Result, bail};
use keelguard_iam::ask::{
    Accounts, CAN_SCHEMA, CanReport, Person, ServiceSummary, WHAT_SCHEMA, WHO_SCHEMA, WhatReport, WhoEntry, WhoReport,
    doubt, told,
};
use keelguard_iam::evaluate::Context;
use keelguard_iam::facts::Facts;
use keelguard_model::text::printable;
use serde::Serialize;

use crate::cli::{Asking, Can, Global, SimpleFormat, WhatMay, WhoMay};
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{account, output};

/// May this one do that?
pub(super) fn can(global: &Global, arguments: &Can) -> Result<Exit> {
    let (settings, facts, context) = begin(global, &arguments.asking)?;
    check(&arguments.action, &settings)?;
    let accounts = Accounts::of(&facts);
    let person = accounts.find(&arguments.principal)?;
    let found = match &arguments.resource {
        Some(resource) => resource.clone(),
        None => accounts.best_resource(person, &arguments.action, &context).unwrap_or_else(|| "*".to_owned()),
    };
    let resource = found.as_str();
    let answer = accounts.can(person, &arguments.action, resource, context).context("decide")?;
    let (decision, depends_on) = told(&answer.decision);
    write(&arguments.asking, |format, out| {
        if format == SimpleFormat::Json {
            let report = CanReport {
                schema: CAN_SCHEMA,
                principal: &person.arn,
                action: &arguments.action,
                resource,
                decision,
                depends_on,
                because: &answer.decision.because,
                assumed: &answer.assumed,
            };
            return json(out, &report);
        }
        let may = match decision {
            "allowed" => "may",
            "depends" => "may perhaps",
            _ => "may not",
        };
        let (action, on) = (printable(&arguments.action), printable(resource));
        writeln!(out, "{} {may} {action} on {on}", printable(&person.arn))?;
        if !depends_on.is_empty() {
            writeln!(out, "  it hangs on {}; tell it with --context KEY=VALUE", printable(&depends_on.join(", ")))?;
        }
        for reason in &answer.decision.because {
            writeln!(out, "  {}", printable(&reason.says))?;
        }
        Ok(())
    })?;
    Ok(end(&facts, &answer.assumed, &settings))
}

/// Who may do that?
pub(super) fn who(global: &Global, arguments: &WhoMay) -> Result<Exit> {
    let (settings, facts, context) = begin(global, &arguments.asking)?;
    check(&arguments.action, &settings)?;
    let accounts = Accounts::of(&facts);
    let (all, assumed) = accounts.who(&arguments.action, arguments.resource.as_deref(), &context);
    write(&arguments.asking, |format, out| {
        if format == SimpleFormat::Json {
            let report = WhoReport {
                schema: WHO_SCHEMA,
                action: &arguments.action,
                resource: arguments.resource.as_deref(),
                of: accounts.people().len(),
                principals: all.iter().map(WhoEntry::of).collect(),
                assumed: &assumed,
            };
            return json(out, &report);
        }
        let of = accounts.people().len();
        let where_to = arguments.resource.as_deref().map(|on| format!(" on {}", printable(on))).unwrap_or_default();
        writeln!(out, "{} of {of} principals may {}{where_to}", all.len(), printable(&arguments.action))?;
        let width = all.iter().map(|who| who.person.arn.chars().count()).max().unwrap_or(0).min(80);
        for who in &all {
            let arn = printable(&who.person.arn);
            let mut notes = Vec::new();
            if arguments.resource.is_none() {
                notes.push(format!("on {}", who.on));
            }
            if !who.truth.is_yes() {
                notes.push(format!("hangs on {}", WhoEntry::of(who).depends_on.join(", ")));
            }
            let line = format!("  {arn:width$}  {}", printable(&notes.join("; ")));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    })?;
    Ok(end(&facts, &assumed, &settings))
}

/// What may this one do?
pub(super) fn what(global: &Global, arguments: &WhatMay) -> Result<Exit> {
    let (settings, facts, context) = begin(global, &arguments.asking)?;
    let accounts = Accounts::of(&facts);
    let person = accounts.find(&arguments.principal)?;
    let services = accounts.what(person, &context);
    let date = &keelguard_iam::catalogue::catalogue().header().date;
    write(&arguments.asking, |format, out| {
        if format == SimpleFormat::Json {
            let report = WhatReport {
                schema: WHAT_SCHEMA,
                principal: &person.arn,
                kind: person.kind.name(),
                catalogue: date,
                services: &services,
                unread: &person.unread,
            };
            return json(out, &report);
        }
        summary(person, &services, arguments.all, out)?;
        Ok(writeln!(out, "\nActions as AWS had them on {date}. * marks what hangs on conditions.")?)
    })?;
    let unread = |name: &String| format!("what {name} says is not in the facts, so it counts for nothing");
    Ok(end(&facts, &person.unread.iter().map(unread).collect::<Vec<_>>(), &settings))
}

fn summary(person: &Person, services: &[ServiceSummary], all: bool, out: &mut dyn Write) -> Result<()> {
    let arn = printable(&person.arn);
    if services.is_empty() {
        writeln!(out, "{arn} may do nothing")?;
        return Ok(());
    }
    let whole = |service: &&ServiceSummary| {
        let sure = |level: &keelguard_iam::ask::LevelSummary| {
            level.actions.len() == level.of
                && level.actions.iter().all(|power| power.depends_on.is_empty() && power.on.iter().any(|on| on == "*"))
        };
        !all && service.levels.iter().all(sure)
            && service.levels.iter().map(|level| level.of).sum::<usize>() > 0
            && service.levels.len() == levels_of(service.service)
    };
    writeln!(out, "{arn} may do something in {} services", services.len())?;
    let (full, partial): (Vec<&ServiceSummary>, Vec<_>) = services.iter().partition(whole);
    if !full.is_empty() {
        let names: Vec<&str> = full.iter().map(|service| service.service).collect();
        writeln!(out, "  everything, on all resources: {}", folded(&names, 12))?;
    }
    for service in partial {
        writeln!(out, "  {} ({})", service.service, service.title)?;
        for level in &service.levels {
            let mut on: Vec<&str> = level.actions.iter().flat_map(|power| &power.on).map(String::as_str).collect();
            on.sort_unstable();
            on.dedup();
            let name = |power: &keelguard_iam::ask::Power| {
                format!("{}{}", power.action, if power.depends_on.is_empty() { "" } else { "*" })
            };
            let names: Vec<String> = level.actions.iter().map(name).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let shown = if all { usize::MAX } else { 4 };
            let count = format!("{} of {}", level.actions.len(), level.of);
            let (names, on) = (folded(&names, shown), printable(&folded(&on, shown.min(3))).into_owned());
            writeln!(out, "    {:22} {count:>10}  {names}\n    {:22} {:>10}  on {on}", level.level, "", "")?;
        }
    }
    Ok(())
}

fn levels_of(service: &str) -> usize {
    let service = keelguard_iam::catalogue::catalogue().service(service);
    let mut levels: Vec<_> = service.iter().flat_map(|service| &service.actions).map(|action| action.level).collect();
    levels.sort_unstable();
    levels.dedup();
    levels.len()
}

/// The first `most` of a list.
fn folded(all: &[&str], most: usize) -> String {
    match all.get(..most) {
        Some(first) if first.len() < all.len() => format!("{} and {} more", first.join(", "), all.len() - most),
        _ => all.join(", "),
    }
}

fn begin(global: &Global, asking: &Asking) -> Result<(Settings, Facts, Context)> {
    let settings = crate::commands::settings(global, Vec::new())?;
    let mut context = Context::default();
    for pair in &asking.context {
        let Some((key, value)) = pair.split_once('=').filter(|(key, _)| key.contains(':')) else {
            // What stands behind the sign may be a secret.
            let key = pair.split('=').next().unwrap_or_default();
            bail!("use --context {key:?}: it should look like aws:SourceIp=203.0.113.7");
        };
        let values = context.values.entry(key.trim().to_ascii_lowercase()).or_default();
        if !value.is_empty() {
            values.push(value.to_owned());
        }
    }
    let facts = account::load(&asking.source, &settings)?;
    Ok((settings, facts, context))
}

fn check(action: &str, settings: &Settings) -> Result<()> {
    if !action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty()) {
        bail!("ask about {action:?}: an action should look like s3:GetObject");
    }
    if action.contains(['*', '?']) {
        bail!("ask about {action:?}: name one action, without wildcards");
    }
    if let Some(doubt) = doubt(action) {
        say(settings, &format!("keelguard: warning: {doubt}"));
    }
    Ok(())
}

fn json(out: &mut dyn Write, report: &impl Serialize) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    Ok(writeln!(out)?)
}

fn write(asking: &Asking, print: impl FnOnce(SimpleFormat, &mut dyn Write) -> Result<()>) -> Result<()> {
    output::write(asking.destination.output.as_deref(), |out| print(asking.format, out))
}

/// Says what was taken for granted; with that, the answer is a partial one.
fn end(facts: &Facts, assumed: &[String], settings: &Settings) -> Exit {
    const MOST: usize = 10;
    for one in assumed.iter().take(MOST) {
        say(settings, &format!("keelguard: warning: {one}"));
    }
    if assumed.len() > MOST {
        say(settings, &format!("keelguard: warning: and {} more of that kind", assumed.len() - MOST));
    }
    for gap in facts.incomplete.iter().take(MOST) {
        say(settings, &format!("keelguard: warning: {}: {}", gap.what, gap.why));
    }
    if assumed.is_empty() && facts.incomplete.is_empty() { Exit::Done } else { Exit::Partial }
}
