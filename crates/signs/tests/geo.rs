//! From where people log in: countries and journeys, with databases of addresses that are made here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end in a panic"
)]

#[path = "support/mmdb.rs"]
mod mmdb;

use std::fmt::Write as _;
use std::path::PathBuf;

use keelguard_model::Severity;
use keelguard_signs::logins::collect::{GeoDatabase, GeoError};
use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Clock, parse_line};
use mmdb::{Value, city, database};

const START: i64 = 1_795_500_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

const BERLIN: &str = "203.0.113.7";
const POTSDAM: &str = "203.0.114.7";
const SYDNEY: &str = "198.51.100.7";
const SOMEWHERE_IN_THE_STATES: &str = "192.0.2.7";

struct World {
    folder: tempfile::TempDir,
    log: String,
    now: i64,
}

impl World {
    fn new() -> Self {
        let net = |address: &str, place: Value| (address.parse().unwrap(), 24, place);
        let content = database(
            "GeoLite2-City",
            &[
                net("203.0.113.0", city("DE", "Germany", "Berlin", (52.52, 13.405, 20))),
                net("203.0.114.0", city("DE", "Germany", "Potsdam", (52.4, 13.06, 20))),
                net("198.51.100.0", city("AU", "Australia", "Sydney", (-33.868, 151.209, 50))),
                // What mobile networks look like.
                net("192.0.2.0", city("US", "United States", "", (37.751, -97.822, 1000))),
            ],
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("city.mmdb"), content).unwrap();
        Self { folder, log: String::new(), now: START }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("city.mmdb")
    }

    fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now += seconds;
        self
    }

    fn login(&mut self, user: &str, address: &str) -> &mut Self {
        let time = jiff::Timestamp::from_second(self.now).unwrap();
        writeln!(self.log, "{time} edge sshd[1]: Accepted publickey for {user} from {address} port 4711 ssh2").unwrap();
        self
    }

    fn judged(&self) -> Detectors {
        let geo = GeoDatabase::open(&self.path()).unwrap();
        let mut detectors = Detectors::new(Limits::default());
        let mut clock = Clock::utc(jiff::Timestamp::from_second(self.now).unwrap());
        for line in self.log.lines() {
            let seen = parse_line(line.as_bytes(), &mut clock).unwrap();
            geo.with_place(&seen, |whence| detectors.see_from(&seen, whence));
        }
        assert_eq!(geo.incomplete(), None);
        detectors
    }

    fn found(&self) -> Vec<String> {
        let findings = self.judged().findings();
        findings.iter().map(|finding| format!("{} {}", finding.rule, finding.subject.name)).collect()
    }
}

#[test]
fn nobody_is_in_berlin_and_an_hour_later_in_sydney() {
    let mut world = World::new();
    world.login("alice", BERLIN).wait(HOUR).login("alice", SYDNEY);
    let [finding] = world.judged().findings().try_into().unwrap();
    assert_eq!(finding.rule, "KG-L015");
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(
        finding.title,
        "alice logged in from 203.0.113.7 (Berlin, Germany) and 60 minutes later from 198.51.100.7 (Sydney, Australia), at least 16024 km away: 16024 km/h"
    );
    assert_eq!(finding.refs.attack, ["T1078"]);
}

#[test]
fn whoever_flies_or_sits_in_the_next_town_is_no_finding() {
    let mut world = World::new();
    world.login("alice", BERLIN).wait(17 * HOUR).login("alice", SYDNEY);
    world.wait(1).login("bob", BERLIN).wait(1).login("bob", POTSDAM).wait(1).login("carol", SYDNEY);
    world.wait(1).login("bob", "10.0.0.1").wait(1).login("bob", "100.64.3.2").wait(1).login("bob", BERLIN);
    assert_eq!(world.found(), Vec::<String>::new());
}

#[test]
fn what_the_database_does_not_know_exactly_counts_for_the_user() {
    let mut world = World::new();
    // 8,200 km, of which 1,020 are uncertain: seven hours and a bit.
    world.login("alice", BERLIN).wait(7 * HOUR + 1800).login("alice", SOMEWHERE_IN_THE_STATES);
    assert_eq!(world.found(), Vec::<String>::new());
    world.wait(6 * HOUR).login("alice", BERLIN);
    assert_eq!(world.found(), ["KG-L015 alice"]);
}

#[test]
fn a_vpn_that_somebody_uses_every_day_is_told_once_and_then_known() {
    let mut world = World::new();
    for _ in 0..10 {
        world.wait(DAY).login("alice", BERLIN).wait(60).login("alice", SYDNEY);
    }
    let findings = world.judged().findings();
    assert_eq!(findings.len(), 1);
    let seen = findings[0].evidence.iter().find(|evidence| evidence.what == "seen").unwrap();
    // To and fro on the days before both were known: there, and back by night, which a plane does not manage either.
    assert_eq!(seen.value, "3 times");
}

#[test]
fn a_country_is_new_once_there_are_two_weeks_to_compare_with() {
    let mut world = World::new();
    world.login("alice", BERLIN).wait(2 * DAY).login("alice", SOMEWHERE_IN_THE_STATES);
    for _ in 0..20 {
        world.wait(DAY).login("alice", BERLIN);
    }
    assert_eq!(world.found(), Vec::<String>::new());
    world.wait(2 * DAY).login("alice", SYDNEY).wait(DAY).login("alice", "198.51.100.9");
    world.wait(DAY).login("alice", SOMEWHERE_IN_THE_STATES);
    let [finding] = world.judged().findings().try_into().unwrap();
    assert_eq!((finding.rule.as_str(), finding.severity), ("KG-L014", Severity::Low));
    assert_eq!(
        finding.title,
        "alice logged in from 198.51.100.7 in Sydney, Australia, a country they never came from before"
    );
}

#[test]
fn the_first_login_from_the_internet_of_somebody_who_was_always_at_home_is_told() {
    let mut world = World::new();
    for _ in 0..20 {
        world.wait(DAY).login("alice", "10.0.0.7");
    }
    world.wait(DAY).login("alice", SYDNEY);
    assert_eq!(world.found(), ["KG-L014 alice"]);
}

#[test]
fn state_that_was_saved_goes_on_with_places() {
    let mut world = World::new();
    world.login("alice", BERLIN).wait(HOUR).login("alice", SYDNEY);
    let whole = world.judged();
    let saved = serde_json::to_string(&whole).unwrap();
    let back: Detectors = serde_json::from_str(&saved).unwrap();
    assert_eq!(back.findings(), whole.findings());
}

#[test]
fn a_million_travellers_take_no_more_room() {
    let mut world = World::new();
    for number in 0..3000 {
        world.login(&format!("u{number}"), BERLIN).login(&format!("u{number}"), SYDNEY);
    }
    let geo = GeoDatabase::open(&world.path()).unwrap();
    let mut detectors = Detectors::new(Limits { users: 100, addresses: 100, ..Limits::default() });
    let mut clock = Clock::utc(jiff::Timestamp::from_second(world.now).unwrap());
    for line in world.log.lines() {
        let seen = parse_line(line.as_bytes(), &mut clock).unwrap();
        geo.with_place(&seen, |whence| detectors.see_from(&seen, whence));
    }
    assert!(serde_json::to_string(&detectors).unwrap().len() < 600_000);
    assert_eq!(detectors.incomplete().len(), 1);
}

#[test]
fn what_is_no_database_of_places_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let open = |content: &[u8]| {
        let path = folder.path().join("file.mmdb");
        std::fs::write(&path, content).unwrap();
        GeoDatabase::open(&path).unwrap_err()
    };
    for content in [
        &b""[..],
        b"<html>404</html>",
        b"\x1f\x8b\x08packed",
        b"\xab\xcd\xefMaxMind.com",
        b"x\xab\xcd\xefMaxMind.com\xe1",
    ] {
        let error = open(content);
        assert!(matches!(error, GeoError::NoDatabase(..)), "{error}");
        assert!(error.to_string().contains("GeoLite2-City.mmdb"), "{error}");
    }
    let asn = database("GeoLite2-ASN", &[("192.0.2.0".parse().unwrap(), 24, Value::Map(Vec::new()))]);
    assert!(matches!(open(&asn), GeoError::NoPlaces(_, kind) if kind == "GeoLite2-ASN"));
    assert!(matches!(GeoDatabase::open(&folder.path().join("none")).unwrap_err(), GeoError::Read(..)));
    assert!(matches!(GeoDatabase::open(folder.path()).unwrap_err(), GeoError::NoDatabase(..)));
}

#[test]
fn a_database_without_radius_gives_countries_and_no_journeys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lite.mmdb");
    let place = Value::Map(vec![
        ("country", Value::Map(vec![("iso_code", Value::Text("AU"))])),
        ("location", Value::Map(vec![("latitude", Value::Double(-33.0)), ("longitude", Value::Double(151.0))])),
    ]);
    std::fs::write(&path, database("DBIP-City-Lite", &[("198.51.100.0".parse().unwrap(), 24, place)])).unwrap();
    let place = GeoDatabase::open(&path).unwrap().place(SYDNEY.parse().unwrap()).unwrap();
    assert_eq!((place.country.as_deref(), place.point), (Some("AU"), None));
    assert_eq!(place.to_string(), "AU");
}

proptest::proptest! {
    #[test]
    fn a_damaged_database_is_an_error_or_an_unknown_place_and_never_a_crash(
        changes in proptest::collection::vec((0usize..4000, proptest::num::u8::ANY), 1..24),
        cut in 0usize..3000,
        addresses in proptest::collection::vec(proptest::num::u32::ANY, 4),
    ) {
        let world = World::new();
        let mut content = std::fs::read(world.path()).unwrap();
        for (at, byte) in changes {
            let length = content.len();
            content[at % length] = byte;
        }
        if cut < 300 {
            content.truncate(content.len() - cut);
        }
        std::fs::write(world.path(), content).unwrap();
        if let Ok(geo) = GeoDatabase::open(&world.path()) {
            let known = [BERLIN, SYDNEY, SOMEWHERE_IN_THE_STATES].map(|address| address.parse().unwrap());
            for address in known.into_iter().chain(addresses.iter().map(|bits| std::net::IpAddr::V4((*bits).into()))) {
                geo.place(address);
            }
            geo.place("2a00::1".parse().unwrap());
        }
    }
}
