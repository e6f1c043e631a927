//! A second since 1970 in four bytes: what is remembered of ten thousand attackers is mostly times.

use serde::{Deserialize, Serialize};

/// From 1970 to 2106; what lies beyond is taken for the nearest of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Second(u32);

impl From<i64> for Second {
    fn from(second: i64) -> Self {
        Self(u32::try_from(second.max(0)).unwrap_or(u32::MAX))
    }
}

impl Second {
    pub(crate) fn get(self) -> i64 {
        i64::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_no_log_has_become_the_nearest_that_one_can_have() {
        let kept = [-1, 0, 1_795_500_000, 4_294_967_295, 253_402_300_799].map(|second| Second::from(second).get());
        assert_eq!(kept, [0, 0, 1_795_500_000, 4_294_967_295, 4_294_967_295]);
    }
}
