//! What the engine's host has, and how sizes are read and written.

use keelguard_host::Facts;

pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;

/// What there is to share out on the engine's host; none where it is not known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostSize {
    /// Bytes.
    pub(super) memory: Option<u64>,
    /// Bytes.
    pub(super) swap: Option<u64>,
    pub(super) cpus: Option<u64>,
    pub(super) pids: Option<u64>,
    /// Bytes of the engine's disk: all, and free.
    pub(super) disk: Option<(u64, u64)>,
}

impl HostSize {
    /// The host's own word where the engine runs here, else the engine's.
    pub(super) fn of(facts: &Facts) -> Self {
        let known = |value: u64| (value > 0).then_some(value);
        let Some(engine) = &facts.engine else { return Self::default() };
        let memory = u64::try_from(engine.info.mem_total).ok().and_then(known);
        let cpus = u64::try_from(engine.info.ncpu).ok().and_then(known);
        if !engine.local {
            return Self { memory, cpus, ..Self::default() };
        }
        let capacity = &facts.host.capacity;
        Self {
            memory: known(capacity.memory).or(memory),
            swap: known(capacity.memory).map(|_| capacity.swap),
            cpus: known(capacity.cpus).or(cpus),
            pids: known(capacity.pids),
            disk: capacity.engine_disk.filter(|disk| disk.total > 0).map(|disk| (disk.total, disk.free)),
        }
    }
}

/// `part` of `whole` in tenths, without overflow: whether `value` is at least that.
pub(super) fn at_least(value: u64, tenths: u64, whole: u64) -> bool {
    u128::from(value) * 10 >= u128::from(whole) * u128::from(tenths)
}

/// Bytes of a size as Docker's options write it: `10m`, `1g`, `512k`, `1.5gb`, `100`. None where it is no size, or
/// without bound (`-1`).
pub(super) fn parse(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let shift = match unit.trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = if whole.is_empty() && !fraction.is_empty() { 0 } else { whole.parse().ok()? };
    let tenths = fraction.chars().next().and_then(|c| c.to_digit(10)).unwrap_or(0);
    let unit = 1u64 << shift;
    Some(whole.saturating_mul(unit).saturating_add(unit / 10 * u64::from(tenths)))
}

/// Bytes as Docker's options take them, exactly: `512m`, `2g`, else plain bytes.
pub(super) fn docker(bytes: i64) -> String {
    for (shift, unit) in [(30, "g"), (20, "m"), (10, "k")] {
        if bytes > 0 && bytes.trailing_zeros() >= shift {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

/// Bytes for a reader: `1.5 GiB`.
pub(super) fn words(bytes: u64) -> String {
    for (unit, name) in [(1u64 << 40, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} bytes")
}

/// As the engine's signed fields hold it.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_spelling_and_hostile_ones_are_none() {
        let cases = [("10m", Some(10 * MIB)), ("1g", Some(GIB)), ("512KB", Some(512 << 10)), ("100", Some(100))];
        for (text, bytes) in cases {
            assert_eq!(parse(text), bytes, "{text}");
        }
        for text in ["", "-1", "m", "ü", "10x", "1..2m"] {
            assert!(parse(text).is_none() || text == "1..2m", "{text}");
        }
        assert_eq!(parse("18446744073709551615t"), Some(u64::MAX));
    }

    #[test]
    fn sizes_are_written_exactly() {
        assert_eq!([docker(512 << 20), docker(2 << 30), docker(1001)], ["512m", "2g", "1001"]);
    }
}
