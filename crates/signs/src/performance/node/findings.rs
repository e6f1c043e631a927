//! Events of a node as findings, in words for a tired administrator: what was usual, what it was, since when.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use keelguard_model::{Finding, Rule, Severity, Subject, rule};

use super::{Event, Kind, Node, Vote};
use crate::performance::detect::{Usual, When};
use crate::performance::watch::Episode;
use crate::read::sysstat::Metric;
use crate::words::{span, timestamp, when};

/// Metrics that a finding quotes.
const QUOTED: usize = 12;
/// Findings of one node; the most striking are kept.
const MOST: usize = 500;

/// What stands to be told of a node, in the times of `zone`.
pub fn findings(node: &Node, subject: &Subject, zone: &TimeZone) -> Vec<Finding> {
    let mut events = node.events();
    events.sort_by(|a, b| b.score().total_cmp(&a.score()).then(a.from.cmp(&b.from)));
    events.truncate(MOST);
    let mut findings: Vec<Finding> = events.iter().filter_map(|event| finding(event, subject, zone)).collect();
    findings.sort_by(|a, b| {
        (b.severity, b.time).cmp(&(a.severity, a.time)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    findings
}

fn finding(event: &Event, subject: &Subject, zone: &TimeZone) -> Option<Finding> {
    let first = event.votes.first()?;
    let goes_on = event.votes.iter().any(|vote| !vote.episode.over);
    let length = span(event.to.saturating_sub(event.from).max(1));
    let (rule, title) = if event.families() > 1 && first.episode.kind != Kind::Missing {
        let mut told = String::new();
        for vote in event.votes.iter().take(3) {
            let _ = write!(told, "{}{}", if told.is_empty() { "" } else { "; " }, short(vote));
        }
        let since = at(event.from, zone);
        let how_long = if goes_on { format!("since {since}") } else { format!("from {since} for {length}") };
        (&rule::NODE_UNLIKE_ITSELF, format!("{} was unlike itself {how_long}: {told}", subject.name))
    } else {
        let of = if first.metric.is_empty() { String::new() } else { format!("{}: ", first.metric) };
        (rule_of(first.episode.kind), format!("{of}{}", sentence(first, goes_on, zone)))
    };
    let severity = match (event.families(), event.score()) {
        _ if first.episode.kind == Kind::Missing => rule.severity,
        (3.., _) => Severity::Medium,
        (_, 0.9..) => rule.severity.max(Severity::Low),
        _ => rule.severity,
    };
    let mut finding = rule.on(subject.clone()).severity(severity).title(title);
    finding.kind = keelguard_model::Kind::Detection;
    finding.time = timestamp(event.from);
    for vote in event.votes.iter().take(QUOTED) {
        finding = finding.evidence(
            if vote.metric.is_empty() { "value" } else { &vote.metric },
            sentence(vote, !vote.episode.over, zone),
        );
    }
    if event.votes.len() > QUOTED {
        finding = finding.evidence("more metrics", (event.votes.len() - QUOTED).to_string());
    }
    finding = finding.evidence("score", format!("{:.2} of 1", event.score()));
    finding = finding.evidence("first", when(event.from)).evidence("last", when(event.to));
    Some(finding.about(&format!("{} {}", first.metric, event.from)))
}

fn rule_of(kind: Kind) -> &'static Rule {
    match kind {
        Kind::Spike => &rule::METRIC_SPIKE,
        Kind::Shift => &rule::METRIC_SHIFT,
        Kind::Trend => &rule::METRIC_TREND,
        Kind::Flat => &rule::METRIC_STILL,
        Kind::Rhythm => &rule::METRIC_RHYTHM,
        Kind::Missing => &rule::METRIC_MISSING,
    }
}

/// `cpu_user 95 % (usually 12–18)`
fn short(vote: &Vote) -> String {
    let unit = unit(&vote.metric);
    let usual = vote.episode.usual.map(|usual| format!(" (usually {})", range(usual))).unwrap_or_default();
    match vote.episode.kind {
        Kind::Flat => format!("{} stood still at {}{unit}", vote.metric, number(vote.episode.value)),
        Kind::Rhythm => format!("{} changed its rhythm", vote.metric),
        _ => format!("{} {}{unit}{usual}", vote.metric, number(vote.episode.value)),
    }
}

/// `usually 12–18 % at this time on Tuesdays, 95 % since 2026-11-24 14:05`
fn sentence(vote: &Vote, goes_on: bool, zone: &TimeZone) -> String {
    let Episode { kind, from, to, value, usual, points, .. } = vote.episode;
    let (unit, since, value) = (unit(&vote.metric), at(from, zone), number(value));
    let length = span(to.saturating_sub(from).max(1));
    let lasted = |what: &str| {
        if goes_on { format!("{what} since {since}") } else { format!("{what} from {since} for {length}") }
    };
    let usually = usual.map(|usual| format!("usually {}{unit} {}, ", range(usual), time_of(usual.when, from, zone)));
    let usually = usually.unwrap_or_default();
    match kind {
        Kind::Missing => format!("no values from {since} for {length}"),
        Kind::Flat => lasted(&format!("always in motion, stood still at {value}{unit}")),
        Kind::Spike if points <= 1 => format!("{usually}once {value}{unit} at {since}"),
        Kind::Spike | Kind::Shift if goes_on => format!("{usually}now {value}{unit} since {since}"),
        Kind::Spike => format!("{usually}{}", lasted(&format!("up to {value}{unit}")))
            .replace("up to ", extreme(usual, vote.episode.value)),
        Kind::Shift => format!("{usually}{}", lasted(&format!("{value}{unit}"))),
        Kind::Trend => format!("{usually}crept to {value}{unit} {}", lasted("").trim_start()),
        Kind::Rhythm => format!("{usually}{}", lasted("values within that, but in another rhythm")),
    }
}

/// Of what lies above, the greatest is told, of what lies below, the least.
fn extreme(usual: Option<Usual>, value: f64) -> &'static str {
    if usual.is_some_and(|usual| value < usual.low) { "down to " } else { "up to " }
}

fn time_of(usual: When, second: i64, zone: &TimeZone) -> String {
    match usual {
        When::Lately => "lately".to_owned(),
        When::Day => "at this time of day".to_owned(),
        When::Week => format!("at this time on {}s", zone.to_datetime(timestamp(second)).strftime("%A")),
    }
}

fn at(second: i64, zone: &TimeZone) -> String {
    zone.to_datetime(timestamp(second)).strftime("%Y-%m-%d %H:%M").to_string()
}

fn range(usual: Usual) -> String {
    let (low, high) = (number(usual.low), number(usual.high));
    if low == high { low } else { format!("{low}–{high}") }
}

/// Three digits that count, and thousands as people say them.
fn number(value: f64) -> String {
    let (scaled, name) = match value.abs() {
        1e12.. => return format!("{value:.2e}"),
        1e9.. => (value / 1e9, " billion"),
        1e6.. => (value / 1e6, " million"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        100.0.. => 0,
        10.0.. => 1,
        0.1.. => 2,
        0.0 => 0,
        _ => return format!("{scaled:.2e}{name}"),
    };
    let text = format!("{scaled:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{name}")
}

fn unit(metric: &str) -> String {
    let unit = Metric::all().find(|known| known.name() == metric).map_or("", Metric::unit);
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let shown = [95.0, 12.34, 0.5, 0.0, -3.25, 1234.5, 5e6, 2.5e9, 1e13, 0.000_12].map(number);
        assert_eq!(
            shown,
            ["95", "12.3", "0.5", "0", "-3.25", "1234", "5 million", "2.5 billion", "1.00e13", "1.20e-4"]
        );
    }
}
