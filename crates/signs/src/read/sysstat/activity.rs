//! From what sysstat counts to metrics: which fields of which of its structures they are made of. Only forms of structures
//! that are known are read; each has a number of its own, which changes when its form does.

use super::Metric;
use super::fields::Field::{Int, Long, Word};
use super::fields::{Field, Layout, Made};

/// Processors: one item for all, then one for each.
pub(super) const CPU: (u32, u32) = (1, 0x8b);
const SWAP: (u32, u32) = (4, 0x8a);
const PAGE: (u32, u32) = (5, 0x8a);
const MEMORY: (u32, u32) = (7, 0x8b);
const QUEUE: (u32, u32) = (9, 0x8c);
const PSI_CPU: (u32, u32) = (40, 0x8a);
const PSI_IO: (u32, u32) = (41, 0x8a);
const PSI_MEM: (u32, u32) = (42, 0x8a);

/// How a field becomes a value.
#[derive(Clone, Copy)]
enum How {
    /// As it stands.
    As,
    /// In hundredths.
    Hundredths,
    /// Counted up: how much a second.
    PerSecond,
    /// Microseconds that are counted up: which share of the time, in percent.
    Share,
}

/// Metrics that are made of one field.
#[rustfmt::skip]
static ROWS: &[((u32, u32), Field, How, Metric)] = &[
    (SWAP, Word(0), How::PerSecond, Metric::SwappedIn),
    (SWAP, Word(1), How::PerSecond, Metric::SwappedOut),
    (PAGE, Word(0), How::PerSecond, Metric::PagedIn),
    (PAGE, Word(1), How::PerSecond, Metric::PagedOut),
    (PAGE, Word(3), How::PerSecond, Metric::MajorFaults),
    (MEMORY, Long(16), How::As, Metric::MemoryAvailable),
    (QUEUE, Long(0), How::As, Metric::Runnable),
    (QUEUE, Long(1), How::As, Metric::Blocked),
    (QUEUE, Long(2), How::As, Metric::Tasks),
    (QUEUE, Int(0), How::Hundredths, Metric::Load1),
    (QUEUE, Int(1), How::Hundredths, Metric::Load5),
    (QUEUE, Int(2), How::Hundredths, Metric::Load15),
    (PSI_CPU, Long(0), How::Share, Metric::PressureCpu),
    (PSI_IO, Long(0), How::Share, Metric::PressureIo),
    (PSI_IO, Long(1), How::Share, Metric::PressureIoFull),
    (PSI_MEM, Long(0), How::Share, Metric::PressureMemory),
    (PSI_MEM, Long(1), How::Share, Metric::PressureMemoryFull),
];

/// One kind of structure in a record.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// What it counts, and in which form.
    pub(super) kind: (u32, u32),
    pub(super) layout: Layout,
    /// Bytes of one item.
    pub(super) size: usize,
    pub(super) items: Vec<u8>,
}

/// Whether anything is made of it.
pub(super) fn is_wanted(kind: (u32, u32)) -> bool {
    kind == CPU || kind == MEMORY || ROWS.iter().any(|(known, ..)| *known == kind)
}

/// What `now` says, with `before` from `hundredths` of a second earlier, where there is one.
pub(super) fn values(now: &Kept, before: Option<(&Kept, u64)>, made: Made, values: &mut Vec<(Metric, f64)>) {
    if now.kind == CPU {
        return processors(now, before.map(|(before, _)| before), made, values);
    }
    let of = |kept: &Kept, field| kept.layout.get(made, &kept.items, field);
    for (_, field, how, metric) in ROWS.iter().filter(|(kind, ..)| *kind == now.kind) {
        let Some(value) = of(now, *field) else { continue };
        // What is counted up begins anew with a boot.
        let grown = || {
            let (before, hundredths) = before.filter(|(_, hundredths)| *hundredths > 0)?;
            Some((float(value.checked_sub(of(before, *field)?)?), float(hundredths)))
        };
        let value = match how {
            How::As => Some(float(value)),
            How::Hundredths => Some(float(value) / 100.0),
            How::PerSecond => grown().map(|(grown, hundredths)| grown / hundredths * 100.0),
            How::Share => grown().map(|(micros, hundredths)| micros / (hundredths * 100.0)),
        };
        values.extend(value.map(|value| (*metric, value)));
    }
    if now.kind == MEMORY {
        memory(|index| of(now, Long(index)).map(float), values);
    }
}

/// As sysstat reckons: what is neither free, nor a cache, nor the kernel's slabs.
fn memory(field: impl Fn(usize) -> Option<f64>, values: &mut Vec<(Metric, f64)>) {
    let used = || {
        let (free, buffers, cached, total, slab) = (field(0)?, field(1)?, field(2)?, field(3)?, field(12)?);
        let idle = (free + buffers + cached + slab).min(total);
        (total > 0.0).then(|| (total - idle) / total * 100.0)
    };
    let swapped = || {
        let (free, total) = (field(4)?, field(5)?);
        (total > 0.0).then(|| (total - free).max(0.0) / total * 100.0)
    };
    values.extend(used().map(|used| (Metric::MemoryUsed, used)));
    values.extend(swapped().map(|used| (Metric::SwapUsed, used)));
}

/// Fields of a processor: user, nice, system, idle, iowait, steal, interrupts, soft interrupts. Guests are counted as users.
const TIMES: usize = 8;

/// The shares of all processors that were on at both times.
fn processors(now: &Kept, before: Option<&Kept>, made: Made, values: &mut Vec<(Metric, f64)>) {
    let items = |kept: &Kept| -> Vec<[u64; TIMES]> {
        let times = |item: &[u8]| std::array::from_fn(|index| kept.layout.get(made, item, Long(index)).unwrap_or(0));
        let all: Vec<_> = kept.items.chunks_exact(kept.size.max(1)).map(times).collect();
        // The first is the sum, and the only one where there is but one processor.
        if all.len() > 1 { all.into_iter().skip(1).collect() } else { all }
    };
    // One that is switched off has no times at all.
    let is_on = |times: &[u64; TIMES]| times.iter().any(|time| *time > 0);
    let current = items(now);
    let on = current.iter().filter(|times| is_on(times)).count();
    values.push((Metric::Processors, float(on as u64)));
    let Some(before) = before else { return };
    let mut grown = [0.0; TIMES];
    for (now, before) in current.iter().zip(items(before)).filter(|(now, before)| is_on(now) && is_on(before)) {
        for (sum, (now, before)) in grown.iter_mut().zip(now.iter().zip(before)) {
            *sum += float(now.saturating_sub(before));
        }
    }
    let whole: f64 = grown.iter().sum();
    if whole <= 0.0 {
        return;
    }
    let [user, nice, system, idle, iowait, steal, hard, soft] = grown.map(|time| time / whole * 100.0);
    values.extend([
        (Metric::CpuUser, user),
        (Metric::CpuNice, nice),
        (Metric::CpuSystem, system + hard + soft),
        (Metric::CpuIowait, iowait),
        (Metric::CpuSteal, steal),
        (Metric::CpuIdle, idle),
    ]);
}

/// Counts beyond 2^53 lose their last digits, which nobody would see.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn float(count: u64) -> f64 {
    count as f64
}
