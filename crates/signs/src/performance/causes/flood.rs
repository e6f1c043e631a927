//! Floods of connections and packets, in and out, by address and port. What is much for a host is judged by its own past and
//! by what the kernel itself complains of; the absolute figures are only floors below which nothing is a flood.

use std::net::IpAddr;

use jiff::Timestamp;
use keelguard_model::rule;
use keelguard_model::{Finding, Severity};
use serde::{Deserialize, Serialize};

use super::{Place, seen};
use crate::words::many;

/// Half-open connections below which nobody floods.
const HALF_OPEN: f64 = 200.0;
/// Connections begun a second below which nobody floods.
const OPENED: f64 = 200.0;
/// Connections from here that nobody has answered, below which nobody floods or searches.
const BEGUN: f64 = 200.0;
/// Packets a second below which nobody floods.
const PACKETS: f64 = 20_000.0;
/// How many times the usual.
const TIMES: f64 = 8.0;
/// Ticks for which it must go on.
const TICKS: u32 = 2;
/// Of the usual, how much each tick weighs: about a quarter of an hour at ten seconds a tick.
const WEIGHT: f64 = 0.01;
/// Ticks after which the usual is known.
const KNOWN: u32 = 30;
/// The share of the connections that one address must have to be named as the source.
const SHARE: f64 = 0.3;

/// What was measured of one network within one tick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Packets received a second.
    pub received: Option<f64>,
    /// Packets sent a second.
    pub sent: Option<f64>,
    /// Connections begun a second, in either direction.
    pub opened: Option<f64>,
    /// Connections a second that found no room, or for which the kernel sent cookies.
    pub refused: Option<f64>,
    /// Half-open connections from outside.
    pub half_open: Option<f64>,
    /// Connections begun from here and not answered.
    pub begun: Option<f64>,
    /// Share of the table of connections in use, %.
    pub table: Option<f64>,
    /// Connections in all.
    pub connections: f64,
    /// Those at the other end with the most: address, port where all share one, connections.
    pub peers: Vec<(IpAddr, Option<u16>, u64)>,
    /// How many different ones there are.
    pub addresses: u64,
    /// Local ports with the most.
    pub ports: Vec<(u16, u64)>,
    /// Remote ports with the most.
    pub remote_ports: Vec<(u16, u64)>,
}

/// One gauge against its own past.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Gauge {
    usual: f64,
    seen: u32,
    high: u32,
}

impl Gauge {
    /// Whether the value is far above the usual, and has been for long enough.
    fn see(&mut self, value: Option<f64>, floor: f64) -> bool {
        let Some(value) = value.filter(|value| value.is_finite()) else { return self.high >= TICKS };
        // A host that was just looked at for the first time is known to nobody: it is learnt, whatever it does.
        let is_high = self.seen >= KNOWN && value >= floor.max(self.usual * TIMES);
        self.high = if is_high { self.high.saturating_add(1) } else { 0 };
        self.seen = self.seen.saturating_add(1);
        // What goes on for hours is how this host now is.
        let weight = if is_high { WEIGHT / 100.0 } else { WEIGHT.max(1.0 / f64::from(self.seen)) };
        self.usual += weight * (value - self.usual);
        self.high >= TICKS
    }
}

/// The floods of one network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Floods {
    half_open: Gauge,
    opened: Gauge,
    begun: Gauge,
    received: Gauge,
    sent: Gauge,
    refused: u32,
    full: u32,
    since: i64,
    second: i64,
    now: Traffic,
    kinds: Vec<Flood>,
}

/// What kind of flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Flood {
    HalfOpen,
    Connections,
    PacketsIn,
    Begun,
    PacketsOut,
    Table,
}

impl Floods {
    /// Takes in what was measured at `second` since 1970.
    pub fn see(&mut self, second: i64, traffic: Traffic) {
        let was = !self.kinds.is_empty();
        let mut kinds = Vec::new();
        let refused = traffic.refused.is_some_and(|rate| rate >= 1.0);
        self.refused = if refused { self.refused.saturating_add(1) } else { 0 };
        let half_open = self.half_open.see(traffic.half_open, HALF_OPEN);
        // The kernel's own word for it: it had to answer with cookies, or had no room.
        if half_open || (self.refused >= TICKS && traffic.half_open.is_some_and(|count| count >= HALF_OPEN / 4.0)) {
            kinds.push(Flood::HalfOpen);
        }
        let begun = self.begun.see(traffic.begun, BEGUN);
        if begun {
            kinds.push(Flood::Begun);
        }
        if self.opened.see(traffic.opened, OPENED) && !begun {
            kinds.push(Flood::Connections);
        }
        if self.received.see(traffic.received, PACKETS) {
            kinds.push(Flood::PacketsIn);
        }
        // Whoever is asked much answers much.
        if self.sent.see(traffic.sent, PACKETS) && !kinds.contains(&Flood::PacketsIn) {
            kinds.push(Flood::PacketsOut);
        }
        self.full = if traffic.table.is_some_and(|share| share >= 90.0) { self.full.saturating_add(1) } else { 0 };
        if self.full >= TICKS {
            kinds.push(Flood::Table);
        }
        if !kinds.is_empty() && !was {
            self.since = second;
        }
        (self.second, self.now, self.kinds) = (second, traffic, kinds);
    }

    /// The floods that go on at `place`.
    pub fn findings(&self, place: &Place) -> Vec<Finding> {
        self.kinds.iter().map(|kind| self.finding(*kind, place)).collect()
    }

    fn finding(&self, kind: Flood, place: &Place) -> Finding {
        let now = &self.now;
        let words = place.words();
        let number = |value: Option<f64>| format!("{:.0}", value.unwrap_or_default());
        let port = now.ports.first().map(|(port, _)| format!(" on port {port}")).unwrap_or_default();
        let (rule, what, usual, title) = match kind {
            Flood::HalfOpen => (
                &rule::FLOOD_IN,
                number(now.half_open),
                &self.half_open,
                format!(
                    "{} half-open connections{port} {words}: somebody says hello and no more",
                    number(now.half_open)
                ),
            ),
            Flood::Connections => {
                let title = format!("{} connections a second{port} {words}", number(now.opened));
                (&rule::FLOOD_IN, number(now.opened), &self.opened, title)
            }
            Flood::PacketsIn => {
                let title = format!("{} packets a second arrive {words}", number(now.received));
                (&rule::FLOOD_IN, number(now.received), &self.received, title)
            }
            Flood::Begun => {
                let to = now.remote_ports.first().map(|(port, _)| format!(" to port {port}")).unwrap_or_default();
                let of = many(now.addresses, "address");
                let title = format!("{} connections{to} of {of} begun and not answered {words}", number(now.begun));
                (&rule::FLOOD_OUT, number(now.begun), &self.begun, title)
            }
            Flood::PacketsOut => {
                let title = format!("{} packets a second leave {words}", number(now.sent));
                (&rule::FLOOD_OUT, number(now.sent), &self.sent, title)
            }
            Flood::Table => {
                let title = format!("The table of connections is {:.0} % full {words}", now.table.unwrap_or_default());
                (&rule::CONNTRACK_FULL, number(now.table), &self.opened, title)
            }
        };
        let time = Timestamp::from_second(self.second).unwrap_or_default();
        let begun = Timestamp::from_second(self.since).unwrap_or_default();
        let mut finding = seen(rule.on(place.subject()), time)
            .about(&format!("{kind:?}"))
            .title(title)
            .evidence("now", what)
            .evidence("usual", format!("{:.0}", usual.usual))
            .evidence("host", &place.host)
            .evidence("first", begun.to_string())
            .evidence("last", time.to_string());
        if let Some(container) = &place.container {
            finding = finding.evidence("container", container);
        }
        let total = now.connections.max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "counts of connections")]
        let mut sources = now.peers.iter().filter(|(_, _, count)| *count as f64 >= total * SHARE).peekable();
        if sources.peek().is_none() && now.addresses > 1 {
            finding = finding
                .evidence("sources", format!("{}, none with more than the others", many(now.addresses, "address")));
        }
        let inward = rule.id != rule::FLOOD_OUT.id;
        for (address, port, count) in sources {
            let port = port.map(|port| format!(", port {port}")).unwrap_or_default();
            finding = finding
                .evidence("address", address.to_string())
                .evidence("connections with it", format!("{count}{port}"));
            if inward && !matches!(kind, Flood::Table) {
                finding = finding.command(format!("nft add table inet flood; nft add chain inet flood in '{{ type filter hook prerouting priority -300; }}'; nft add rule inet flood in {} saddr {address} drop", if address.is_ipv4() { "ip" } else { "ip6" }));
            }
        }
        if self.refused >= TICKS {
            finding = finding
                .evidence("connections a second that found no room", number(now.refused))
                .severity(Severity::High);
        }
        finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { host: "edge".into(), container: None }
    }

    fn usual() -> Traffic {
        Traffic {
            received: Some(500.0),
            sent: Some(400.0),
            opened: Some(12.0),
            refused: Some(0.0),
            half_open: Some(1.0),
            begun: Some(0.0),
            connections: 40.0,
            ..Traffic::default()
        }
    }

    fn rules(floods: &Floods) -> Vec<String> {
        floods.findings(&place()).into_iter().map(|finding| format!("{} {}", finding.rule, finding.title)).collect()
    }

    fn settled() -> Floods {
        let mut floods = Floods::default();
        (0..100).for_each(|tick| floods.see(tick * 10, usual()));
        assert!(rules(&floods).is_empty());
        floods
    }

    #[test]
    fn half_open_connections_are_a_flood_whose_source_is_named() {
        let mut floods = settled();
        let attacker: IpAddr = "192.0.2.7".parse().unwrap();
        let flood = Traffic {
            half_open: Some(3000.0),
            connections: 3040.0,
            peers: vec![(attacker, None, 3000)],
            ports: vec![(443, 3010)],
            addresses: 30,
            ..usual()
        };
        floods.see(1000, flood.clone());
        assert!(rules(&floods).is_empty(), "one tick is none");
        floods.see(1010, flood);
        let found = floods.findings(&place());
        assert_eq!((found.len(), found[0].rule.as_str()), (1, "KG-P060"));
        assert!(found[0].title.contains("on port 443"), "{}", found[0].title);
        assert!(found[0].evidence.iter().any(|found| found.what == "address" && found.value == "192.0.2.7"));
        floods.see(1020, usual());
        assert!(rules(&floods).is_empty(), "it is over");
    }

    #[test]
    fn a_busy_host_is_as_usual() {
        let mut floods = Floods::default();
        let busy = |index: i64| Traffic {
            received: Some(60_000.0 + 20_000.0 * f64::from(i32::try_from(index % 7).unwrap())),
            opened: Some(500.0),
            half_open: Some(90.0),
            connections: 9000.0,
            ..usual()
        };
        for tick in 0..500 {
            floods.see(tick * 10, busy(tick));
            if tick > 60 {
                assert!(rules(&floods).is_empty(), "{:?}", rules(&floods));
            }
        }
    }

    #[test]
    fn a_search_for_other_hosts_is_a_flood_outwards() {
        let mut floods = settled();
        let scan = Traffic {
            begun: Some(900.0),
            opened: Some(2000.0),
            addresses: 850,
            remote_ports: vec![(22, 900)],
            connections: 940.0,
            ..usual()
        };
        floods.see(1000, scan.clone());
        floods.see(1010, scan);
        let found = rules(&floods);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("KG-P061") && found[0].contains("to port 22 of 850 addresses"), "{found:?}");
    }

    #[test]
    fn a_table_that_is_nearly_full_is_told_of() {
        let mut floods = settled();
        let full = Traffic { table: Some(97.0), ..usual() };
        floods.see(1000, full.clone());
        floods.see(1010, full);
        assert!(rules(&floods)[0].starts_with("KG-P062"));
    }

    #[test]
    fn garbage_changes_nothing() {
        let mut floods = settled();
        let nothing = Traffic { half_open: Some(f64::NAN), opened: Some(f64::INFINITY), ..Traffic::default() };
        floods.see(1000, nothing.clone());
        floods.see(-5, nothing);
        assert!(rules(&floods).is_empty());
    }
}
