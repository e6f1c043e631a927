//! Who can become whom in AWS accounts: users and roles, the methods that work for each, and the shortest way from each to
//! administrator of the account.

mod apply;
mod bits;
mod choice;
mod context;
mod powers;
mod principals;
mod texts;
mod things;
mod trust;
