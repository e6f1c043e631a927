//! `keelguard explain KG-B001`.

use anyhow::{Result, bail};

use crate::cli::{Explain, Global};
use crate::exit::Exit;
use crate::output;
use crate::settings::did_you_mean;

pub(super) fn run(global: &Global, arguments: &Explain) -> Result<Exit> {
    let settings = super::settings(global, Vec::new())?;
    let Some(rule) = keelguard_model::find_rule(&arguments.rule) else {
        let typed = arguments.rule.to_uppercase();
        let near = did_you_mean(&typed, keelguard_model::rules().map(|rule| rule.id));
        bail!("explain {:?}: there is no such rule{near} (keelguard rules lists them)", arguments.rule);
    };
    let color = output::colour(settings.text("color").unwrap_or("auto"), false);
    output::write(None, |out| Ok(out.write_all(keelguard_report::explain(rule, color, output::width()).as_bytes())?))?;
    Ok(Exit::Done)
}
