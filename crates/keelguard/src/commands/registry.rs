//! `keelguard registry URL…`: how well registries are protected.

use std::io::Read as _;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use keelguard_model::registry::{REGISTRY_SCHEMA, RegistryReport};
use keelguard_model::{Counts, Severity, ToolInfo, verdict};
use keelguard_registry::collect::{self, Options as Asking, Target};
use keelguard_registry::rules;
use keelguard_report::{Format, Options};

use super::progress::{Progress, say};
use crate::cli::{Global, Registry};
use crate::exit::Exit;
use crate::settings::Flags;
use crate::{output, registries};

/// Longest password or token that is read, bytes.
const MAX_PASSWORD: u64 = 64 << 10;

pub(super) fn run(global: &Global, arguments: &Registry) -> Result<Exit> {
    let settings = super::settings(global, flags(arguments))?;
    let format = match settings.text("format") {
        Some(name) => name.parse::<Format>().map_err(anyhow::Error::msg).context("use the setting format")?,
        None => Format::Table,
    };
    if settings.switch("offline") {
        bail!("ask a registry: the setting offline forbids it");
    }
    let targets = arguments.urls.iter().map(|url| Target::parse(url)).collect::<Result<Vec<_>, _>>()?;
    if arguments.username.is_some() && targets.len() > 1 {
        bail!("use one login for {} registries: name one registry", targets.len());
    }
    let asking = Asking {
        login: arguments.username.clone().map(|name| Ok::<_, anyhow::Error>((name, password()?))).transpose()?,
        try_defaults: arguments.try_defaults,
        ..registries::asking(&settings)
    };
    let now = Timestamp::now();
    let (asked, incomplete) = {
        let _progress = Progress::begin(&settings, &format!("Asking {}", arguments.urls.join(", ")));
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
        let asked = runtime.block_on(collect::probe(targets, &asking));
        // A name that is being looked up by the system is not waited for.
        runtime.shutdown_background();
        asked
    };
    let mut findings = rules::of_probes(&asked, now);
    for warning in crate::exceptions::apply(&settings.exceptions, &mut findings, now) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    let report = RegistryReport {
        schema: REGISTRY_SCHEMA.to_owned(),
        tool: ToolInfo { name: "keelguard".into(), version: env!("CARGO_PKG_VERSION").into() },
        verdict: verdict(Counts::of(&findings), incomplete.len()),
        registries: asked,
        findings,
        incomplete,
    };
    let to_file = arguments.destination.output.as_deref();
    let options = Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), to_file.is_some()),
        width: output::width(),
        all: arguments.all,
        min_severity: settings.severity("min_severity"),
        ..Options::default()
    };
    output::write(to_file, |out| Ok(keelguard_report::render_registry(&report, format, &options, now, out)?))?;
    if let Some(file) = to_file {
        say(&settings, &format!("keelguard: wrote {}", file.display()));
    }
    let open = report.findings.iter().filter(|finding| finding.suppressed.is_none());
    let worst: Option<Severity> = open.map(|finding| finding.severity).max();
    Ok(match settings.severity("fail_on") {
        Some(least) if worst.is_some_and(|worst| worst >= least) => Exit::Findings,
        _ if report.incomplete.is_empty() => Exit::Done,
        _ => Exit::Partial,
    })
}

fn flags(arguments: &Registry) -> Flags {
    let mut flags = Flags::new();
    flags.extend(arguments.format.map(|format| ("format", format.to_string())));
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags.extend(arguments.ca_file.clone().map(|file| ("registry_ca_file", file)));
    flags.extend(arguments.insecure_registries.clone().map(|hosts| ("insecure_registries", hosts)));
    flags
}

/// From standard input, without the line end that `echo` makes.
fn password() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_PASSWORD + 1).read_to_end(&mut bytes).context("read the password from standard input")?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= MAX_PASSWORD);
    let text = text.context("read the password from standard input: it is no text, or too long")?;
    let text = text.trim_end_matches(['\n', '\r']).to_owned();
    if text.is_empty() {
        bail!("read the password from standard input: there is none");
    }
    Ok(text)
}
