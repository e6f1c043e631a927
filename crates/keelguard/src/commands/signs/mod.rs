//! `keelguard signs`: the signs that somebody is in already, a file a sign.

mod data;
mod downtime;
mod incidents;
mod logins;
mod performance;
mod told;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use keelguard_model::Incomplete;

use super::progress::say;
use crate::cli::{Global, Signs, SignsCommand};
use crate::exit::Exit;
use crate::settings::Settings;

pub(super) fn run(global: &Global, arguments: &Signs) -> Result<Exit> {
    match &arguments.command {
        SignsCommand::Logins(arguments) => logins::run(global, arguments),
        SignsCommand::Data(arguments) => data::run(global, arguments),
        SignsCommand::Incidents(arguments) => incidents::run(global, arguments),
        SignsCommand::Downtime(arguments) => downtime::run(global, arguments),
        SignsCommand::Performance(arguments) => performance::run(global, arguments),
    }
}

fn warn(gaps: &[Incomplete], settings: &Settings) {
    for gap in gaps {
        say(settings, &format!("keelguard: warning: {}: {}", gap.what, gap.why));
    }
}

/// `2h`, `7d`, `2026-11-24`, `2026-11-24T08:00:00Z`
fn since(text: &str, now: Timestamp) -> Result<Timestamp> {
    let back = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let hours = match unit {
            "h" => 1,
            "d" => 24,
            "w" => 24 * 7,
            _ => return None,
        };
        let hours = number.parse::<i64>().ok()?.checked_mul(hours).filter(|hours| (0..10_000_000).contains(hours))?;
        now.checked_sub(SignedDuration::from_hours(hours)).ok()
    };
    let day = || {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        jiff::tz::TimeZone::system().to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok()
    };
    text.parse().ok().or_else(back).or_else(day).with_context(|| {
        format!("use --since {text:?}: give hours, days or weeks (12h, 7d, 2w), a day (2026-11-24) or a time (2026-11-24T08:00:00Z)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_span_a_day_or_a_time() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        assert_eq!(since("12h", now).unwrap(), "2026-11-24T00:00:00Z".parse().unwrap());
        assert_eq!(since("2w", now).unwrap(), "2026-11-10T12:00:00Z".parse().unwrap());
        assert_eq!(since("2026-11-24T08:00:00Z", now).unwrap(), "2026-11-24T08:00:00Z".parse().unwrap());
        assert!(since("2026-11-24", now).is_ok());
        for wrong in ["", "h", "-2h", "yesterday", "99999999999d", "2026-13-01", "ß"] {
            assert!(since(wrong, now).is_err(), "{wrong}");
        }
    }
}
