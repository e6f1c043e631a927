//! The engine: who may command it, its settings, how it isolates containers, its plugins and accounts. What is good
//! custom but gives an attacker nothing by itself is `info`, so that a well-kept engine stays green.

pub(crate) mod accounts;
pub(crate) mod api;
pub(crate) mod isolation;
pub(crate) mod plugins;
pub(crate) mod settings;
pub(crate) mod sources;

#[cfg(test)]
mod tests;

use keelguard_host::Facts;
use keelguard_host::facts::Setting;
use serde_json::Value;

/// Whether the engine's settings were read, so that one which is absent is known not to be set: its process or its
/// file was found on this host, and no file was there that could not be read.
pub(crate) fn settings_known(facts: &Facts) -> bool {
    let daemon = &facts.host.daemon;
    facts.engine_is_local() && (daemon.pid.is_some() || !daemon.settings.is_empty()) && daemon.file_error.is_none()
}

/// Whether the engine names `option` among its security options: `security_option(facts, "userns")`.
pub(crate) fn security_option(facts: &Facts, option: &str) -> bool {
    facts.engine.as_ref().is_some_and(|engine| {
        engine
            .info
            .security_options
            .iter()
            .any(|line| line.split(',').any(|part| part.strip_prefix("name=") == Some(option)))
    })
}

/// Whether the engine runs as an ordinary user.
pub(crate) fn is_rootless(facts: &Facts) -> bool {
    security_option(facts, "rootless") || facts.host.daemon.uid.is_some_and(|uid| uid != 0)
}

/// Whether this engine is part of a swarm.
pub(crate) fn in_swarm(facts: &Facts) -> bool {
    facts
        .engine
        .as_ref()
        .is_some_and(|engine| matches!(engine.info.swarm.local_node_state.as_str(), "active" | "locked"))
}

/// A list of words under a `daemon.json` key; a single word counts as a list of one.
fn words<'a>(facts: &'a Facts, key: &str) -> Vec<&'a str> {
    match facts.host.daemon.setting(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(word)) => vec![word],
        _ => Vec::new(),
    }
}

/// Sets a key as the changed file would.
fn set(facts: &mut Facts, key: &str, value: impl Into<Value>) {
    facts.host.daemon.settings.insert(key.to_owned(), Setting { value: value.into(), from: "file".into() });
}
