//! What is asked: one file for each group of services. Only what is in [`CALLS`] is called, and all of it only reads.

mod calls;
mod compute;
mod containers;
mod eks;
mod iam;
mod named;
mod organisation;
mod policies;
mod workloads;

use std::sync::Arc;

use tokio::task::JoinSet;

use super::session::Session;
pub use calls::CALLS;

/// Asks what is of the account as a whole.
pub(super) fn of_account(tasks: &mut JoinSet<()>, session: &Arc<Session>, home: &str) {
    tasks.spawn(iam::details(Arc::clone(session), home.to_owned()));
    tasks.spawn(iam::settings(Arc::clone(session), home.to_owned()));
    tasks.spawn(organisation::ask(Arc::clone(session), home.to_owned()));
    tasks.spawn(policies::public_access(Arc::clone(session), home.to_owned()));
    tasks.spawn(policies::buckets(Arc::clone(session), home.to_owned()));
    tasks.spawn(workloads::permission_sets(Arc::clone(session), home.to_owned()));
}

/// Asks what is in one region.
pub(super) fn of_region(tasks: &mut JoinSet<()>, session: &Arc<Session>, region: &str) {
    tasks.spawn(compute::ask(Arc::clone(session), region.to_owned()));
    tasks.spawn(containers::ask(Arc::clone(session), region.to_owned()));
    tasks.spawn(compute::functions(Arc::clone(session), region.to_owned()));
    tasks.spawn(policies::keys(Arc::clone(session), region.to_owned()));
    tasks.spawn(policies::queues(Arc::clone(session), region.to_owned()));
    tasks.spawn(policies::topics(Arc::clone(session), region.to_owned()));
    tasks.spawn(policies::secrets(Arc::clone(session), region.to_owned()));
    tasks.spawn(policies::repositories(Arc::clone(session), region.to_owned()));
    tasks.spawn(workloads::lists(Arc::clone(session), region.to_owned()));
    tasks.spawn(workloads::described(Arc::clone(session), region.to_owned()));
    tasks.spawn(named::ask(Arc::clone(session), region.to_owned()));
    tasks.spawn(eks::ask(Arc::clone(session), region.to_owned()));
    tasks.spawn(workloads::identity_pools(Arc::clone(session), region.to_owned()));
}
