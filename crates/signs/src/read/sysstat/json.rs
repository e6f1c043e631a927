//! `sadf -j`: walked through without being built, so that a large document takes no more room than what is wanted of it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Error, Found, MOST, Metric, Record};

/// Reads what there is; what is damaged further on is said in `failed`.
pub(super) fn read(bytes: &[u8], zone: &TimeZone, failed: &mut Option<Error>) -> Found {
    let mut sink = Sink {
        zone,
        found: Found::default(),
        processors: None,
        stamp: Stamp::default(),
        values: Vec::new(),
        is_all: true,
    };
    let mut document = serde_json::Deserializer::from_slice(bytes);
    if let Err(error) = (Walk { sink: &mut sink, path: &mut Vec::new() }).deserialize(&mut document) {
        failed.get_or_insert(Error::Json(error));
    }
    sink.found
}

/// When, in the document's words.
#[derive(Default)]
struct Stamp {
    date: String,
    time: String,
    is_utc: bool,
}

struct Sink<'a> {
    zone: &'a TimeZone,
    found: Found,
    processors: Option<f64>,
    stamp: Stamp,
    values: Vec<(Metric, f64)>,
    /// Whether the processor of which is told stands for all.
    is_all: bool,
}

impl Sink<'_> {
    fn text(&mut self, path: &[String], text: &str) {
        let place: Vec<&str> = path.iter().skip(2).map(String::as_str).collect();
        let short = || text.chars().take(256).collect::<String>();
        match place.as_slice() {
            ["nodename"] => self.found.host = Some(short()).filter(|host| !host.is_empty()),
            ["statistics", "timestamp", "date"] => self.stamp.date = short(),
            ["statistics", "timestamp", "time"] => self.stamp.time = short(),
            ["statistics", "cpu-load", "cpu"] => self.is_all = text == "all",
            _ => {}
        }
    }

    fn number(&mut self, path: &[String], value: f64) {
        let place: Vec<&str> = path.iter().skip(2).map(String::as_str).collect();
        match place.as_slice() {
            ["number-of-cpus"] => self.processors = Some(value),
            ["statistics", "timestamp", "utc"] => self.stamp.is_utc = value > 0.0,
            ["statistics", "cpu-load", _] if !self.is_all => {}
            ["statistics", section, key] | ["statistics", "psi", section, key] => {
                let Some(metric) = Metric::of_key(section, key).filter(|_| value.is_finite()) else { return };
                match self.values.iter_mut().find(|(known, _)| *known == metric) {
                    Some((_, known)) => *known += value,
                    None => self.values.push((metric, value)),
                }
            }
            _ => {}
        }
    }

    /// A map has ended.
    fn leave(&mut self, path: &[String]) {
        let is_record = path.len() == 3 && path.last().is_some_and(|last| last == "statistics");
        if !is_record {
            return;
        }
        let mut values = std::mem::take(&mut self.values);
        let stamp = std::mem::take(&mut self.stamp);
        let zone = if stamp.is_utc { &TimeZone::UTC } else { self.zone };
        let civil = format!("{} {}", stamp.date, stamp.time).parse::<DateTime>().ok();
        let time: Option<Timestamp> = civil.and_then(|civil| zone.to_timestamp(civil).ok());
        if let Some(time) = time.filter(|_| !values.is_empty() && self.found.records.len() < MOST) {
            values.extend(self.processors.map(|count| (Metric::Processors, count)));
            self.found.records.push(Record { time, values });
        }
    }
}

/// One value, wherever it stands.
struct Walk<'w, 's> {
    sink: &'w mut Sink<'s>,
    path: &'w mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what sadf prints")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.path.push(key);
            map.next_value_seed(Walk { sink: self.sink, path: self.path })?;
            self.path.pop();
        }
        self.sink.leave(self.path);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Walk { sink: self.sink, path: self.path })?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.sink.text(self.path, text);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.sink.number(self.path, value);
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digits are nobody's concern")]
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.sink.number(self.path, value as f64);
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digits are nobody's concern")]
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.sink.number(self.path, value as f64);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
