//! Registries as a part of a host's facts: what is kept of them here, what those that the host names answer, who publishes the
//! images in use and who of them was accepted.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use keelguard_host::Facts;
use keelguard_model::{Area, Incomplete};
use keelguard_registry::collect::{self, Here, Options};
use keelguard_registry::ledger::Ledger;

use crate::settings::Settings;
use crate::stores;

/// A registry that says nothing for longer is given up, whatever is allowed for images.
const SILENCE: Duration = Duration::from_secs(10);
/// The same where many are asked that nobody has named on the command line.
const SILENCE_IN_CHECK: Duration = Duration::from_secs(5);
/// For all that one of them is asked.
const TOTAL_IN_CHECK: Duration = Duration::from_secs(20);

/// How registries are asked, by the settings.
pub(crate) fn asking(settings: &Settings) -> Options {
    let mut access = stores::access(settings);
    access.silence = access.silence.min(SILENCE);
    access.retries = 0;
    Options { access, ..Options::default() }
}

/// Reads them into the facts. `watch` is told what is next.
pub(crate) fn read(facts: &mut Facts, settings: &Settings, watch: &dyn Fn(&str)) -> Result<()> {
    watch("Looking for logins and registries");
    let (mut registries, gaps) = collect::here(facts, &Here::of_this_process());
    facts.incomplete.extend(gaps);
    if let Some(folder) = settings.text("data_dir") {
        match Ledger::read(Path::new(folder)) {
            Ok(ledger) => registries.accepted = ledger.names(),
            // The rest of the report does not depend on it; everybody is new then.
            Err(error) => {
                let why = format!("could not {:#}", anyhow::Error::from(error));
                facts.incomplete.push(Incomplete::new(Area::Iam, "the list of accepted publishers", why));
            }
        }
    }
    if !settings.switch("offline") {
        let mut options = asking(settings);
        options.access.silence = options.access.silence.min(SILENCE_IN_CHECK);
        options.total = TOTAL_IN_CHECK;
        let targets = collect::named(facts, &registries);
        match targets.as_slice() {
            [] => {}
            [one] => watch(&format!("Asking the registry {}", one.address)),
            many => watch(&format!("Asking {} registries", many.len())),
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
        let (asked, badges) = runtime
            .block_on(async { tokio::join!(collect::probe(targets, &options), collect::badges(facts, &options)) });
        // A name that is being looked up by the system is not waited for.
        runtime.shutdown_background();
        registries.probes = asked.0;
        registries.badges = badges.0;
        facts.incomplete.extend(asked.1.into_iter().chain(badges.1));
    }
    facts.registries = Some(registries);
    Ok(())
}
