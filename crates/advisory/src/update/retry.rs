//! When a request is worth repeating, and after which pause.

use std::time::Duration;

use super::Settings;
use crate::AdvisoryError;
use crate::error::shortened;

/// What went wrong with one request.
#[derive(Debug)]
pub(super) enum Fault {
    /// It would go wrong again.
    Final(AdvisoryError),
    /// It may go well another time.
    Passing {
        why: String,
        /// What the server asks for.
        after: Option<Duration>,
    },
}

impl Fault {
    #[expect(clippy::needless_pass_by_value, reason = "reads better at the calls, which hand over what they drop")]
    pub(super) fn passing(why: impl ToString) -> Self {
        Self::Passing { why: shortened(&why.to_string()), after: None }
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at the calls, which hand over what they drop")]
    pub(super) fn refused(url: &str, why: impl ToString) -> Self {
        Self::Final(AdvisoryError::Source { url: url.to_owned(), why: shortened(&why.to_string()) })
    }
}

/// Counts the repetitions of one request.
#[derive(Debug, Default)]
pub(super) struct Patience {
    tried: u32,
}

impl Patience {
    /// The pause before the next attempt, and what it is for; an error where there is to be none.
    pub(super) fn pause(
        &mut self,
        fault: Fault,
        url: &str,
        settings: &Settings,
    ) -> Result<(Duration, String), AdvisoryError> {
        let (why, after) = match fault {
            Fault::Final(error) => return Err(error),
            Fault::Passing { why, after } => (why, after),
        };
        let end = |why| Err(AdvisoryError::Source { url: url.to_owned(), why });
        if self.tried >= settings.retries {
            return end(format!("{why}, {} times", self.tried.saturating_add(1)));
        }
        let doubled = settings.pause.saturating_mul(1 << self.tried.min(16));
        self.tried += 1;
        match after {
            Some(asked) if asked > settings.longest_pause => {
                end(format!("{why}, and asks to come back in {} s", asked.as_secs()))
            }
            Some(asked) => Ok((asked.max(settings.pause), why)),
            None => Ok((doubled.min(settings.longest_pause), why)),
        }
    }

    /// It goes on: what went wrong earlier is forgotten.
    pub(super) fn renew(&mut self) {
        self.tried = 0;
    }
}

/// `Retry-After`: seconds, or a date.
pub(super) fn retry_after(header: &str, now: jiff::Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    Some(Duration::from_secs(u64::try_from(date.as_second() - now.as_second()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_asks_for_time_gets_it_within_reason() {
        let settings = Settings { retries: 2, longest_pause: Duration::from_secs(100), ..Settings::default() };
        let busy = |after| Fault::Passing { why: "busy".into(), after: Some(Duration::from_secs(after)) };
        assert_eq!(Patience::default().pause(busy(7), "u", &settings).unwrap().0, Duration::from_secs(7));
        let error = Patience::default().pause(busy(4000), "u", &settings).unwrap_err();
        assert_eq!(error.to_string(), "get u: busy, and asks to come back in 4000 s");
    }

    #[test]
    fn pauses_double_and_end() {
        let settings = Settings { retries: 3, pause: Duration::from_secs(1), ..Settings::default() };
        let mut patience = Patience::default();
        let mut next = || patience.pause(Fault::passing("cut off"), "u", &settings).map(|(pause, _)| pause.as_secs());
        assert_eq!([next().unwrap(), next().unwrap(), next().unwrap()], [1, 2, 4]);
        assert_eq!(next().unwrap_err().to_string(), "get u: cut off, 4 times");
    }

    #[test]
    fn the_time_to_come_back_is_seconds_or_a_date() {
        let now: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after("90", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Thu, 01 Jan 2026 00:01:30 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Wed, 31 Dec 2025 00:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }
}
