//! What one policy says by itself, whatever others say: what `compare` holds against each other.

use super::decide::Case;
use super::statement::Said;
use super::{Attached, Context, Policies, Request, Truth};
use crate::policy::{Policy, Statement};

/// Whether `policy`, taken by itself, allows the request and does not deny it.
pub fn allows(policy: &Policy, request: &Request) -> Truth {
    let case = Case::of(request);
    let policies = Policies::default();
    let said = Said::by(&[Attached { name: "", policy }], &case.asked(&policies));
    said.allow().and(!said.deny)
}

/// Whether the statement names the caller of the request; statements without principals name everybody.
pub(crate) fn names(statement: &Statement, request: &Request) -> bool {
    let case = Case::of(request);
    case.asked(&Policies::default()).principal_fits(statement).is_some()
}

/// The condition keys that follow from who asks for what.
pub(crate) fn derived(request: &Request) -> Context {
    Case::of(request).context
}
