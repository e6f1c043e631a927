//! How many requests are under way at once. A service that asks for fewer gets fewer: half as many at once, and a pause
//! of random length that doubles; each success lets a little more through again.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Requests to one service in one region at once.
const MOST: f64 = 16.0;

/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(150);

/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The pace of one service in one region.
#[derive(Debug)]
pub(super) struct Pace {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    window: f64,
    under_way: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { state: Mutex::new(State { window: 8.0, under_way: 0 }), freed: Notify::new() }
    }
}

/// A request under way.
pub(super) struct Turn<'a>(&'a Pace);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.0.freed.notify_one();
    }
}

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room.
    pub(super) async fn turn(&self) -> Turn<'_> {
        loop {
            // Asked for before looking, so that nothing is freed in between without our hearing of it.
            let freed = self.freed.notified();
            {
                let mut state = self.state();
                if f64::from(state.under_way) < state.window {
                    state.under_way += 1;
                    return Turn(self);
                }
            }
            freed.await;
        }
    }

    pub(super) fn went_well(&self) {
        let mut state = self.state();
        state.window = (state.window + 1.0 / state.window).min(MOST);
        drop(state);
        self.freed.notify_one();
    }

    /// Fewer, and the pause before another attempt: the `attempt`th, counted from nought.
    pub(super) fn throttled(&self, attempt: u32) -> Duration {
        let mut state = self.state();
        state.window = (state.window / 2.0).max(1.0);
        drop(state);
        pause(attempt)
    }
}

/// Anything up to the doubled pause, so that many do not come back at once.
pub(super) fn pause(attempt: u32) -> Duration {
    let most = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(LONGEST_PAUSE);
    let random = RandomState::new().hash_one(attempt) % 1_000;
    // Never nothing at all: a tenth at least.
    most.mul_f64((100.0 + f64::from(u32::try_from(random).unwrap_or_default()) * 0.9) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_are_random() {
        for attempt in 0..40 {
            let most = FIRST_PAUSE.saturating_mul(1 << attempt.min(16)).min(LONGEST_PAUSE);
            let pause = pause(attempt);
            assert!(pause <= most && pause >= most / 10, "{attempt}: {pause:?}");
        }
        let some: std::collections::BTreeSet<Duration> = (0..50).map(|_| pause(5)).collect();
        assert!(some.len() > 25);
    }

    #[tokio::test]
    async fn who_is_asked_for_fewer_sends_fewer() {
        let pace = Pace::default();
        let turns: Vec<Turn<'_>> = vec![pace.turn().await, pace.turn().await];
        for attempt in 0..6 {
            pace.throttled(attempt);
        }
        let third = tokio::time::timeout(Duration::from_millis(1), pace.turn()).await;
        assert!(third.is_err());
        drop(third);
        drop(turns);
        let _one = pace.turn().await;
        assert!(tokio::time::timeout(Duration::from_millis(1), pace.turn()).await.is_err());
    }
}
