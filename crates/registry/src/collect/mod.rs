//! Asking registries, and reading what this host keeps of them. All the I/O, and no decision.

mod access;
mod ask;
mod certificate;
mod defaults;
mod endpoints;
mod hello;
mod here;
mod limits;
mod named;
mod probe;
mod publishers;
mod target;
mod tls;
mod token;
pub mod vendor;

use std::sync::Arc;
use std::time::Duration;

use keelguard_distribution::Access;
use keelguard_model::registry::Probe;
use keelguard_model::{Area, Incomplete};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use here::{Here, here};
pub use named::named;
pub use publishers::badges;
pub(crate) use target::is_repository;
pub use target::{Depth, Target};
pub use vendor::Apis;

/// Registries that are asked at the same time.
const AT_ONCE: usize = 16;

/// Registries that are asked at all.
const MAX_TARGETS: usize = 200;

/// How registries are asked.
#[derive(Clone)]
pub struct Options {
    /// As for images.
    pub access: Access,
    /// For all that one registry is asked.
    pub total: Duration,
    /// Try the logins that everybody knows.
    pub try_defaults: bool,
    /// Name and password, for the one registry that is asked.
    pub login: Option<(String, String)>,
    /// Where the vendors' own interfaces are.
    pub apis: Apis,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            access: Access { silence: Duration::from_secs(5), retries: 0, ..Access::default() },
            total: Duration::from_mins(1),
            try_defaults: false,
            login: None,
            apis: Apis::default(),
        }
    }
}

/// Asks all of them, in their order.
pub async fn probe(targets: Vec<Target>, options: &Options) -> (Vec<Probe>, Vec<Incomplete>) {
    let mut gaps = Vec::new();
    if targets.len() > MAX_TARGETS {
        let why = format!("no more than {MAX_TARGETS} are asked");
        gaps.push(Incomplete::new(Area::Iam, format!("{} registries", targets.len() - MAX_TARGETS), why));
    }
    let (options, slots) = (Arc::new(options.clone()), Arc::new(Semaphore::new(AT_ONCE)));
    let mut tasks = JoinSet::new();
    for (number, target) in targets.into_iter().take(MAX_TARGETS).enumerate() {
        let (options, slots) = (Arc::clone(&options), Arc::clone(&slots));
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            (number, probe::one(&target, &options).await)
        });
    }
    let mut found = tasks.join_all().await;
    found.sort_by_key(|(number, _)| *number);
    let mut probes = Vec::new();
    for (_, (probe, missed)) in found {
        probes.push(probe);
        gaps.extend(missed);
    }
    (probes, gaps)
}

/// Gives `bytes` to every parser: see [`crate::fuzzing`].
pub(crate) fn every_parser(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = keelguard_distribution::Challenge::parse(&text);
    let _ = token::read(&text, &text, &text);
    let _ = certificate::read(bytes);
    vendor::every_parser(&text);
    here::every_parser(bytes);
}
