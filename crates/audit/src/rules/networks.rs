//! To be filled by its theme.

use keelguard_host::Facts;
use keelguard_model::Finding;

use crate::remedy::Remedy;

pub(crate) const REMEDIES: &[Remedy] = &[];

pub(crate) fn findings(_facts: &Facts) -> Vec<Finding> {
    Vec::new()
}

pub(crate) fn gaps(_facts: &Facts) -> Vec<keelguard_model::Incomplete> {
    Vec::new()
}
