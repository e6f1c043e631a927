//! What the configuration of an image says: its user, age, name, build steps and environment.

use std::collections::BTreeSet;

use jiff::Timestamp;
use keelguard_model::secret::{REDACTED, is_secret_value, is_value, names_secret, secrets_in_step};
use keelguard_model::{Finding, Subject, rule};
use serde_json::Value;

use crate::Examined;

/// Age from which on an image is old, days. Distributions fix something every week; half a year is beyond dispute.
const OLD_DAYS: i64 = 180;

/// 2013-01-01, seconds since 1970: before that there was no Docker. Reproducible builds carry 1970, or 1980.
const EARLIEST: i64 = 1_356_998_400;

pub(super) fn findings(examined: &Examined, subject: &Subject, now: Timestamp) -> Vec<Finding> {
    let config = &examined.config;
    // A folder has no configuration, and nothing that could be said of one.
    if config.is_null() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    findings.extend(user(config, subject));
    findings.extend(age(config, subject, now));
    findings.extend(name(examined, subject));
    findings.extend(secrets(config, subject));
    findings.extend(fetched(config, subject));
    findings
}

fn user(config: &Value, subject: &Subject) -> Option<Finding> {
    let user = config.pointer("/config/User").and_then(Value::as_str).unwrap_or_default();
    let name = user.split(':').next().unwrap_or_default();
    matches!(name, "" | "0" | "root").then(|| {
        let value = if user.is_empty() { "not set, which means root" } else { user };
        rule::RUNS_AS_ROOT.on(subject.clone()).evidence("config.User", value)
    })
}

fn age(config: &Value, subject: &Subject, now: Timestamp) -> Option<Finding> {
    let created = config.get("created").and_then(Value::as_str)?;
    let time: Timestamp = created.parse().ok()?;
    let days = (now.as_second() - time.as_second()) / 86_400;
    (time.as_second() >= EARLIEST && days > OLD_DAYS)
        .then(|| rule::OLD_BASE.on(subject.clone()).evidence("created", format!("{created}, {days} days ago")))
}

fn name(examined: &Examined, subject: &Subject) -> Vec<Finding> {
    let Some(reference) = examined.target.reference.as_deref() else { return Vec::new() };
    if reference.contains("@sha256:") || reference.starts_with("sha256:") {
        return Vec::new();
    }
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let tag = last.split_once(':').map_or("latest", |(_, tag)| tag);
    let mut findings = vec![rule::NOT_PINNED.on(subject.clone()).evidence("reference", reference)];
    if tag == "latest" {
        findings.push(rule::LATEST.on(subject.clone()).evidence("reference", reference));
    }
    findings
}

fn secrets(config: &Value, subject: &Subject) -> Vec<Finding> {
    let env = config.pointer("/config/Env").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pairs = env.iter().filter_map(|entry| entry.as_str()?.split_once('='));
    let in_env: BTreeSet<&str> = pairs
        .filter(|(name, value)| (names_secret(name) && is_value(value)) || is_secret_value(value))
        .map(|(name, _)| name)
        .collect();
    let in_env: BTreeSet<String> = in_env.into_iter().map(|name| format!("{name}={REDACTED}")).collect();
    let in_history: BTreeSet<String> =
        steps(config).flat_map(secrets_in_step).filter(|secret| !in_env.contains(secret)).collect();
    let finding = |what: &str, secret: &String| {
        let name = secret.split_once('=').map_or(secret.as_str(), |(name, _)| name);
        rule::SECRET_IN_BUILD.on(subject.clone()).evidence(what, secret).about(name)
    };
    let of_env = in_env.iter().map(|secret| finding("config.Env", secret));
    of_env.chain(in_history.iter().map(|secret| finding("history[].created_by", secret))).collect()
}

/// The first step that fetches something nobody has vouched for.
fn fetched(config: &Value, subject: &Subject) -> Option<Finding> {
    let step = steps(config).find(|step| {
        let step = step.trim_start();
        let step = step.split_once("#(nop)").map_or(step, |(_, step)| step.trim_start());
        let remote = || step.split_whitespace().any(|word| word.starts_with("http://") || word.starts_with("https://"));
        step.starts_with("ADD ") && !step.contains("--checksum") && remote()
    })?;
    Some(rule::ADD_FROM_ADDRESS.on(subject.clone()).evidence("history[].created_by", step))
}

fn steps(config: &Value) -> impl Iterator<Item = &str> {
    let steps = config.get("history").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    steps.iter().filter_map(|step| step.get("created_by")?.as_str())
}
