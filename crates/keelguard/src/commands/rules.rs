//! `keelguard rules`: the catalogue.

use anyhow::Result;
use serde_json::json;

use crate::cli::{Global, Rules, RulesFormat};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(global: &Global, arguments: &Rules) -> Result<Exit> {
    let settings = super::settings(global, Vec::new())?;
    let file = arguments.destination.output.as_deref();
    output::write(file, |out| {
        match arguments.format {
            RulesFormat::Table => {
                let color = output::colour(settings.text("color").unwrap_or("auto"), file.is_some());
                out.write_all(
                    keelguard_report::rule_list(keelguard_model::rules(), color, output::width()).as_bytes(),
                )?;
            }
            RulesFormat::Markdown => out.write_all(keelguard_report::rules_markdown().as_bytes())?,
            RulesFormat::Json => {
                let rules: Vec<_> = keelguard_model::rules()
                    .map(|rule| {
                        json!({
                            "id": rule.id, "area": rule.area, "title": rule.title, "severity": rule.severity,
                            "wrong": rule.wrong, "why": rule.why, "fix": rule.fix,
                            "refs": { "cis": rule.cis, "cis_aws": rule.cis_aws, "attack": rule.attack, "cve": rule.cve, "links": rule.links },
                        })
                    })
                    .collect();
                serde_json::to_writer_pretty(&mut *out, &rules)?;
                writeln!(out)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
