//! What AWS's documentation says of evaluation, case by case, through the door that users have: `iam simulate`. Each module
//! names its page.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test may end in a panic"
)]

mod across_accounts;
mod agree;
mod boundaries;
mod callers;
mod conditions;
mod input;
mod key_and_trust;
mod not_principal;
mod organisation;
mod same_account;
mod sets;
mod slow;
mod support;
mod variables;
