//! Series of measurements: a subject (the host, a container), a metric, and points in time. Recent points are kept as they
//! came; older ones are drawn together, so that a host with hundreds of containers stays within its bounds.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use crate::{Error, Store};

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What was measured: `host`, or a container by the name that survives its being made anew.
    pub subject: String,
    /// Which metric.
    pub metric: String,
    /// Seconds since 1970.
    pub time: i64,
    /// How much; what is no number is not kept.
    pub value: f64,
}

/// One series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// What is measured.
    pub subject: String,
    /// Which metric.
    pub metric: String,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Seconds for which points are kept as they came.
    pub whole: i64,
    /// Older ones are drawn together to one in so many seconds.
    pub step: i64,
    /// Seconds after which they go.
    pub age: i64,
    /// Series; those whose last point is oldest go first.
    pub series: usize,
}

impl Default for Bounds {
    /// A day as it came, then five minutes each for five weeks: a season of weeks can be seen.
    fn default() -> Self {
        Self { whole: 24 * 3600, step: 300, age: 35 * 24 * 3600, series: 20_000 }
    }
}

impl Store {
    /// Keeps `points`, all or none. A second one of the same series and time replaces the first.
    ///
    /// # Errors
    /// The disk is full, or the file cannot be written.
    pub fn append(&mut self, points: &[Point]) -> Result<(), Error> {
        let path = self.path.clone();
        let failed = |source| Error::Use { doing: "keep measurements", path: path.clone(), source };
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        {
            let mut known = transaction
                .prepare_cached("SELECT id FROM series WHERE subject = ?1 AND metric = ?2")
                .map_err(failed)?;
            let mut made = transaction
                .prepare_cached("INSERT INTO series (subject, metric) VALUES (?1, ?2) RETURNING id")
                .map_err(failed)?;
            let mut put = transaction
                .prepare_cached("INSERT OR REPLACE INTO points (series, time, value) VALUES (?1, ?2, ?3)")
                .map_err(failed)?;
            for point in points.iter().filter(|point| point.value.is_finite()) {
                let name = params![point.subject, point.metric];
                let id: Option<i64> = known.query_row(name, |row| row.get(0)).optional().map_err(failed)?;
                let id: i64 = match id {
                    Some(id) => id,
                    None => made.query_row(name, |row| row.get(0)).map_err(failed)?,
                };
                put.execute(params![id, point.time, point.value]).map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)
    }

    /// All series, by subject and metric.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn series(&self) -> Result<Vec<Series>, Error> {
        let failed = self.failed("list measurements");
        let mut asked =
            self.connection.prepare("SELECT subject, metric FROM series ORDER BY subject, metric").map_err(&failed)?;
        let rows =
            asked.query_map([], |row| Ok(Series { subject: row.get(0)?, metric: row.get(1)? })).map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    /// The points of one series from `since` on, in the order of time: seconds since 1970, and value.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn points(&self, series: &Series, since: i64) -> Result<Vec<(i64, f64)>, Error> {
        let failed = self.failed("read measurements");
        let mut asked = self
            .connection
            .prepare_cached(
                "SELECT time, value FROM points WHERE series = (SELECT id FROM series WHERE subject = ?1 AND metric = ?2) \
                 AND time >= ?3 ORDER BY time",
            )
            .map_err(&failed)?;
        let rows = asked
            .query_map(params![series.subject, series.metric, since], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    /// Draws together what is old and lets go what is older; `now` is what the clock says.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn prune(&mut self, now: Timestamp, bounds: Bounds) -> Result<(), Error> {
        let path = self.path.clone();
        let failed = |source| Error::Use { doing: "let go old measurements", path: path.clone(), source };
        let (now, step) = (now.as_second(), bounds.step.max(1));
        // Steps are drawn together whole, else the same step would be drawn together twice with other weights.
        let whole = (now - bounds.whole).div_euclid(step) * step;
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute("DELETE FROM points WHERE time < ?1", params![now - bounds.age]).map_err(failed)?;
        transaction
            .execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS drawn (series INTEGER, time INTEGER, value REAL); DELETE FROM drawn;",
            )
            .map_err(failed)?;
        transaction
            .execute(
                "INSERT INTO drawn SELECT series, time / ?2 * ?2, avg(value) FROM points WHERE time < ?1 \
                 GROUP BY series, time / ?2 HAVING count(*) > 1 OR min(time) % ?2 <> 0",
                params![whole, step],
            )
            .map_err(failed)?;
        transaction
            .execute(
                "DELETE FROM points WHERE time < ?1 AND EXISTS (SELECT 1 FROM drawn WHERE drawn.series = points.series \
                 AND drawn.time = points.time / ?2 * ?2)",
                params![whole, step],
            )
            .map_err(failed)?;
        transaction
            .execute_batch("INSERT OR REPLACE INTO points SELECT series, time, value FROM drawn; DELETE FROM drawn;")
            .map_err(failed)?;
        let most = i64::try_from(bounds.series).unwrap_or(i64::MAX);
        transaction
            .execute(
                "DELETE FROM series WHERE id NOT IN (SELECT series FROM points GROUP BY series ORDER BY max(time) DESC LIMIT ?1)",
                params![most],
            )
            .map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(subject: &str, time: i64, value: f64) -> Point {
        Point { subject: subject.into(), metric: "cpu".into(), time, value }
    }

    fn series(subject: &str) -> Series {
        Series { subject: subject.into(), metric: "cpu".into() }
    }

    const NOW: i64 = 1_795_500_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    #[test]
    fn points_come_back_in_order_and_what_is_no_number_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        store
            .append(&[point("a", 20, 2.0), point("a", 10, 1.0), point("a", 30, f64::NAN), point("b", 5, 9.0)])
            .unwrap();
        store.append(&[point("a", 20, 7.0)]).unwrap();
        assert_eq!(store.points(&series("a"), 0).unwrap(), [(10, 1.0), (20, 7.0)]);
        assert_eq!(store.points(&series("a"), 11).unwrap(), [(20, 7.0)]);
        assert_eq!(store.points(&series("nobody"), 0).unwrap(), []);
        drop(store);
        let store = Store::look(folder.path()).unwrap().unwrap();
        assert_eq!(store.series().unwrap(), [series("a"), series("b")]);
    }

    #[test]
    fn old_points_are_drawn_together_and_older_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let day = 24 * 3600;
        let old = (NOW - 2 * day) / 300 * 300;
        let mut points = vec![point("a", NOW - 40 * day, 5.0), point("a", NOW - 10, 3.0), point("a", NOW - 20, 1.0)];
        points.extend((0..30).map(|index| point("a", old + index * 10, f64::from(i32::try_from(index).unwrap()))));
        store.append(&points).unwrap();
        store.prune(now(), Bounds::default()).unwrap();
        let kept = [(old, 14.5), (NOW - 20, 1.0), (NOW - 10, 3.0)];
        assert_eq!(store.points(&series("a"), 0).unwrap(), kept);
        store.prune(now(), Bounds::default()).unwrap();
        assert_eq!(store.points(&series("a"), 0).unwrap(), kept, "a second time changes nothing");
    }

    #[test]
    fn of_too_many_series_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        store.append(&[point("old", NOW - 500, 1.0), point("new", NOW - 5, 1.0), point("newer", NOW, 1.0)]).unwrap();
        store.prune(now(), Bounds { series: 2, ..Bounds::default() }).unwrap();
        assert_eq!(store.series().unwrap(), [series("new"), series("newer")]);
        assert_eq!(store.points(&series("old"), 0).unwrap(), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn drawing_together_keeps_the_range_of_values_and_bounds_their_number(
            points in prop::collection::vec((0i64..500_000, -1e6f64..1e6), 1..300),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut store = Store::open(folder.path()).unwrap();
            let points: Vec<Point> = points.into_iter().map(|(ago, value)| point("a", NOW - ago, value)).collect();
            store.append(&points).unwrap();
            store.prune(now(), Bounds::default()).unwrap();
            let kept = store.points(&series("a"), 0).unwrap();
            let least = points.iter().map(|point| point.value).fold(f64::INFINITY, f64::min);
            let most = points.iter().map(|point| point.value).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(!kept.is_empty() && kept.iter().all(|(_, value)| (least - 1e-6..=most + 1e-6).contains(value)));
            let old = kept.iter().filter(|(time, _)| *time < NOW - 24 * 3600 - 300).count();
            prop_assert!(old <= 500_000 / 300 + 1);
        }
    }
}
