//! How much work a proof may take. Patterns can be made so that their combinations have no end; then the answer is that
//! there is no answer.

/// The work that is left, in steps of some ten nanoseconds.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
}

/// There is none left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent;

impl Budget {
    /// Enough for the largest policies that people write, and over in seconds.
    pub(super) const fn whole() -> Self {
        Self { left: 60_000_000 }
    }

    pub(super) fn take(&mut self, steps: usize) -> Result<(), Spent> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let Some(left) = self.left.checked_sub(steps) else {
            self.left = 0;
            return Err(Spent);
        };
        self.left = left;
        Ok(())
    }
}
