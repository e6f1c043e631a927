//! Availability, mean time between failures and mean time to repair, of the time that is known. Defined in
//! `docs/downtime.md`; time that no log covers counts as neither up nor down.

use jiff::tz::TimeZone;
use keelguard_model::downtime::{Measure, Period};

use super::outage::Outage;
use super::window::Window;

/// What is known of one subject, and when it was down.
pub(super) struct Record<'a> {
    /// What is known begins and ends here.
    pub(super) known: (i64, i64),
    /// Less these.
    pub(super) holes: Vec<(i64, i64)>,
    pub(super) outages: &'a [Told],
}

/// An outage and how much of it was planned.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) outage: Outage,
    /// Its end, or the end of what is known.
    pub(super) end: i64,
    /// The part in a maintenance window.
    pub(super) planned: Option<(i64, i64)>,
}

impl Told {
    pub(super) fn new(outage: Outage, now: i64, windows: &[Window], zone: &TimeZone) -> Self {
        let end = outage.end(now);
        let parts = windows.iter().filter_map(|window| window.overlap(outage.from, end, zone));
        let planned = parts.max_by_key(|(from, to)| to - from);
        Self { outage, end, planned }
    }

    /// Whether all of it lies in a maintenance window.
    pub(super) fn is_planned(&self) -> bool {
        self.planned.is_some_and(|(from, to)| from == self.outage.from && to == self.end)
    }

    pub(super) fn is_failure(&self) -> bool {
        self.outage.cause.is_failure() && !self.is_planned()
    }
}

const DAY: i64 = 86_400;

/// The periods: back from the end of what is known.
pub(super) const PERIODS: [(Period, i64); 4] =
    [(Period::Day, DAY), (Period::Week, 7 * DAY), (Period::Month, 30 * DAY), (Period::All, i64::MAX / 4)];

impl Record<'_> {
    /// The measures of all periods that end at `now`.
    pub(super) fn measures(&self, now: i64) -> Vec<Measure> {
        PERIODS.iter().map(|(period, length)| self.measure(*period, now.saturating_sub(*length), now)).collect()
    }

    fn measure(&self, period: Period, from: i64, to: i64) -> Measure {
        let window = (from, to);
        let known = overlap(self.known, window);
        let unknown: i64 =
            self.holes.iter().map(|hole| overlap(*hole, (from.max(self.known.0), to.min(self.known.1)))).sum();
        let covered = (known - unknown).max(0);
        let (mut down, mut planned, mut failures, mut repair) = (0, 0, 0_u64, 0);
        for told in self.outages {
            let all = overlap((told.outage.from, told.end), window);
            let of_plan = told.planned.map_or(0, |part| overlap(part, window));
            planned += of_plan;
            down += all - of_plan;
            if told.is_failure() && (from..=to).contains(&told.outage.from) {
                failures += 1;
                repair += told.end - told.outage.from;
            }
        }
        let down = down.min(covered);
        let planned = planned.min(covered - down);
        let meant = covered - planned;
        let up = meant - down;
        #[expect(clippy::cast_precision_loss, reason = "seconds of some years")]
        let availability = (meant > 0).then(|| up as f64 / meant as f64);
        let mean =
            |sum: i64| i64::try_from(failures).ok().filter(|failures| *failures > 0).map(|failures| sum / failures);
        let number = |seconds: i64| u64::try_from(seconds).unwrap_or(0);
        Measure {
            period,
            covered_seconds: number(covered),
            down_seconds: number(down),
            planned_seconds: number(planned),
            failures,
            availability,
            mtbf_seconds: mean(up).map(number),
            mttr_seconds: mean(repair).map(number),
        }
    }
}

fn overlap(one: (i64, i64), other: (i64, i64)) -> i64 {
    (one.1.min(other.1) - one.0.max(other.0)).max(0)
}
