//! How containers that are measured by their ids are called.

use std::collections::BTreeMap;

use keelguard_host::Named;
use keelguard_signs::performance::causes::Place;

use crate::settings::Settings;

/// Seconds after which the engine is asked again, where an id is not known.
const AGAIN: i64 = 30;

/// What the engine says of the containers that run, as far as it was asked.
#[derive(Default)]
pub(super) struct Names {
    known: BTreeMap<String, Named>,
    asked: Option<i64>,
}

impl Names {
    /// Asks the engine where one of `ids` is not known, though not again and again.
    pub(super) fn look<'i>(&mut self, mut ids: impl Iterator<Item = &'i String>, second: i64, settings: &Settings) {
        let is_due = self.asked.is_none_or(|asked| second.saturating_sub(asked) >= AGAIN);
        if !is_due || ids.all(|id| self.known.contains_key(id)) {
            return;
        }
        self.asked = Some(second);
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        // Without an engine containers go by their ids.
        if let Ok(Some(names)) = runtime.block_on(keelguard_host::names(&crate::assess::options(settings))) {
            self.known = names;
        }
    }

    /// How the container is called; by its short id where nobody knows.
    pub(super) fn name(&self, id: &str) -> String {
        let named = self.known.get(id).map(|named| named.name.clone()).filter(|name| !name.is_empty());
        named.unwrap_or_else(|| id.chars().take(12).collect())
    }

    /// The container as a place of measurements.
    pub(super) fn place(&self, host: &str, id: Option<&str>) -> Place {
        Place { host: host.to_owned(), container: id.map(|id| self.name(id)) }
    }

    /// What is kept of the container under: what survives its being made anew, so that its past goes on.
    pub(super) fn subject(&self, id: &str) -> String {
        match self.known.get(id) {
            Some(named) => match &named.service {
                Some(service) => format!("service {service}"),
                None => format!("container {}", named.name),
            },
            None => format!("container {}", id.chars().take(12).collect::<String>()),
        }
    }
}
