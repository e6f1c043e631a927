//! Numbers and times as a tired person reads them.

use jiff::Timestamp;

/// `1 user`, `3 users`
pub(crate) fn many(count: u64, one: &str) -> String {
    match (count, one.strip_suffix("ss")) {
        (1, _) => format!("1 {one}"),
        (_, Some(_)) => format!("{count} {one}es"),
        _ => format!("{count} {one}s"),
    }
}

/// How long, in the largest unit that fits.
pub(crate) fn span(seconds: i64) -> String {
    let whole = |unit: i64, name: &str| many(u64::try_from((seconds + unit / 2) / unit).unwrap_or(1).max(1), name);
    match seconds {
        ..120 => whole(1, "second"),
        120..7200 => whole(60, "minute"),
        7200..172_800 => whole(3600, "hour"),
        _ => whole(86_400, "day"),
    }
}

/// A second since 1970 as RFC 3339.
pub(crate) fn when(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string())
}

/// The same as a time.
pub(crate) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}
