//! Asking AWS: every call only reads. What may not be read is told of, and the rest is read all the same. The answers
//! become the same objects that files of facts have, and are read by the same code.

mod ask;
mod client;
mod credentials;
mod environment;
mod failure;
mod pace;
mod profile;
mod service;
mod session;
mod xml;

use std::time::Duration;

pub use ask::CALLS;
pub use environment::Environment;

use crate::Error;
use crate::facts::{Facts, Input};

/// Whom to ask, and within which bounds.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where credentials are looked for.
    pub environment: Environment,
    /// An address that is asked instead of AWS's own.
    pub endpoint: Option<String>,
    /// Profiles, one for each account; none for what the environment says.
    pub profiles: Vec<String>,
    /// Regions; none for all that are switched on.
    pub regions: Vec<String>,
    /// Whether principals are asked one by one which services they have used: two calls and some waiting for each.
    pub last_accessed: bool,
    /// Bounds.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            environment: Environment::of_this_process(),
            endpoint: None,
            profiles: Vec::new(),
            regions: Vec::new(),
            last_accessed: false,
            limits: Limits::default(),
        }
    }
}

/// Bounds of a collection.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For an answer to begin, and for each next piece of it.
    pub silence: Duration,
    /// For one call, repetitions and pauses included.
    pub patience: Duration,
    /// Repetitions of one call.
    pub attempts: u32,
    /// For everything.
    pub whole: Duration,
    /// Bytes of one answer.
    pub answer: usize,
    /// Things of one kind in one region, and pages of one list.
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(20),
            patience: Duration::from_mins(2),
            attempts: 12,
            whole: Duration::from_mins(20),
            answer: 64 << 20,
            items: 20_000,
        }
    }
}

/// An XML answer as the JSON that the CLI prints; for fuzzing.
#[doc(hidden)]
pub fn xml_answer(bytes: &[u8], ec2: bool) -> Result<serde_json::Value, String> {
    xml::value(bytes, if ec2 { xml::Names::Ec2 } else { xml::Names::Plain })
}

/// Collects once.
///
/// # Errors
/// Nobody is let in: no credentials, expired ones, no answer; with several profiles, with none of them.
pub async fn collect(options: &Options) -> Result<Facts, Error> {
    let mut failures = Vec::new();
    let mut sink = session::Sink::default();
    let named: Vec<Option<&str>> = match options.profiles.as_slice() {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    let mut asking = tokio::task::JoinSet::new();
    for (place, profile) in named.iter().enumerate() {
        let (options, profile) = (options.clone(), profile.map(str::to_owned));
        asking.spawn(async move { (place, session::account(&options, profile.as_deref()).await) });
    }
    let mut answers: Vec<Option<Result<session::Sink, String>>> = named.iter().map(|_| None).collect();
    while let Some(joined) = asking.join_next().await {
        if let Ok((place, answer)) = joined
            && let Some(slot) = answers.get_mut(place)
        {
            *slot = Some(answer);
        }
    }
    for (profile, answer) in named.iter().zip(answers) {
        match answer {
            Some(Ok(found)) => sink.take(found),
            Some(Err(why)) => failures.push((profile.unwrap_or("the default credentials"), why)),
            None => failures.push((profile.unwrap_or("the default credentials"), "asking ended early".to_owned())),
        }
    }
    if failures.len() == named.len() {
        let whys: Vec<String> = match failures.as_slice() {
            [(_, why)] => vec![why.clone()],
            several => several.iter().map(|(profile, why)| format!("{profile}: {why}")).collect(),
        };
        return Err(Error::Collect { what: whys.join("; ") });
    }
    for (profile, why) in failures {
        sink.gap(format!("the account of the profile {profile}"), why);
    }
    let texts = sink.texts();
    let inputs: Vec<Input<'_>> = texts.iter().map(|(name, text)| Input::new(name.clone(), text.as_bytes())).collect();
    let mut facts = Facts::read(&inputs)?;
    facts.collected = Some(jiff::Timestamp::now());
    Ok(facts)
}
