//! What goes wrong with a request, whether another attempt may go well, and after which pause.

use std::time::Duration;

use crate::Access;

/// What went wrong with one request.
#[derive(Debug)]
pub enum Fault {
    /// It would go wrong again.
    Final(String),
    /// There is no such thing.
    Missing(String),
    /// Nobody answered.
    Unreachable(String),
    /// It may go well another time.
    Passing {
        /// What happened.
        why: String,
        /// What the server asks for.
        after: Option<Duration>,
    },
}

impl Fault {
    /// It may go well another time.
    pub fn passing(why: impl Into<String>) -> Self {
        Self::Passing { why: why.into(), after: None }
    }

    /// Why, in words.
    pub fn why(self) -> String {
        match self {
            Self::Final(why) | Self::Missing(why) | Self::Unreachable(why) | Self::Passing { why, .. } => why,
        }
    }
}

/// Counts the repetitions of one request.
#[derive(Debug, Default)]
pub struct Patience {
    tried: u32,
}

impl Patience {
    /// The pause before the next attempt; the fault again where there is to be none.
    pub fn pause(&mut self, fault: Fault, access: &Access) -> Result<Duration, Fault> {
        let (why, after, most) = match fault {
            Fault::Passing { why, after } => (why, after, access.retries),
            Fault::Unreachable(why) => (why, None, access.retries.min(1)),
            fault => return Err(fault),
        };
        if self.tried >= most {
            let times = self.tried.saturating_add(1);
            return Err(Fault::Final(if times == 1 { why } else { format!("{why}, {times} times") }));
        }
        let doubled = access.pause.saturating_mul(1 << self.tried.min(16));
        self.tried += 1;
        match after {
            Some(asked) if asked > access.longest_pause => {
                Err(Fault::Final(format!("{why}, and asks to come back in {} s", asked.as_secs())))
            }
            Some(asked) => Ok(asked.max(access.pause)),
            None => Ok(doubled.min(access.longest_pause)),
        }
    }

    /// It goes on: what went wrong earlier is forgotten.
    pub fn renew(&mut self) {
        self.tried = 0;
    }
}

/// `Retry-After`: seconds, or a date.
pub fn retry_after(header: &str, now: jiff::Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    Some(Duration::from_secs(u64::try_from(date.as_second() - now.as_second()).unwrap_or_default()))
}

/// Foreign text that is fit to be shown: one short line without control characters.
pub fn shown(text: &str) -> String {
    let clean = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut short: String = clean.take(200).collect();
    if text.chars().nth(200).is_some() {
        short.push('…');
    }
    short.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_asks_for_time_gets_it_within_reason() {
        let access = Access { retries: 2, longest_pause: Duration::from_secs(100), ..Access::default() };
        let busy = |after| Fault::Passing { why: "busy".into(), after: Some(Duration::from_secs(after)) };
        assert_eq!(Patience::default().pause(busy(7), &access).unwrap(), Duration::from_secs(7));
        let fault = Patience::default().pause(busy(4000), &access).unwrap_err();
        assert_eq!(fault.why(), "busy, and asks to come back in 4000 s");
    }

    #[test]
    fn pauses_double_and_end() {
        let access = Access { retries: 3, pause: Duration::from_secs(1), ..Access::default() };
        let mut patience = Patience::default();
        let mut next = || patience.pause(Fault::passing("cut off"), &access).map(|pause| pause.as_secs());
        assert_eq!([next().unwrap(), next().unwrap(), next().unwrap()], [1, 2, 4]);
        assert_eq!(next().unwrap_err().why(), "cut off, 4 times");
    }

    #[test]
    fn the_time_to_come_back_is_seconds_or_a_date() {
        let now: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after("90", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Thu, 01 Jan 2026 00:01:30 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn what_a_server_says_is_shown_without_its_escapes() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 201);
    }
}
