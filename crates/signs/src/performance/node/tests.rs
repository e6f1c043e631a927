//! Many metrics, few findings.

use jiff::tz::TimeZone;
use keelguard_model::{Subject, SubjectKind};

use super::*;

/// Twenty days of `metrics`, a value each five minutes.
fn node(metrics: &[&str], value: impl Fn(&str, i64) -> Option<f64>) -> Node {
    let (mut node, mut seed) = (Node::default(), 11_u64);
    for index in 0..14 * 288_i64 {
        for metric in metrics {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let noise = f64::from(u32::try_from(seed >> 40).unwrap()) / f64::from(1 << 23) - 1.0;
            if let Some(value) = value(metric, index) {
                node.see(metric, 1_790_000_000 / 300 * 300 + index * 300, value + noise);
            }
        }
    }
    node
}

fn told(node: &Node) -> Vec<(String, String)> {
    let findings = findings(node, &Subject::new(SubjectKind::Host, "web1"), &TimeZone::UTC);
    findings.into_iter().map(|finding| (finding.rule, finding.title)).collect()
}

const FOUR: [&str; 4] = ["cpu_user", "load1", "memory_used", "paged_out"];

#[test]
fn what_four_metrics_show_at_once_is_one_finding() {
    let node = node(&FOUR, |_, index| Some(if (3000..3030).contains(&index) { 90.0 } else { 15.0 }));
    let told = told(&node);
    assert_eq!(told.len(), 1, "{told:?}");
    let (rule, title) = told.first().unwrap();
    assert_eq!(rule, "KG-P007");
    assert!(title.starts_with("web1 was unlike itself from 2026-"), "{title}");
    assert!(title.contains("(usually 1"), "{title}");
}

#[test]
fn quiet_metrics_tell_nothing() {
    assert_eq!(told(&node(&FOUR, |_, _| Some(15.0))), []);
}

#[test]
fn one_metric_is_told_alone_where_it_is_striking_in_words_that_say_what_was_usual() {
    let node = node(&FOUR, |metric, index| {
        Some(if metric == "cpu_user" && (3000..3003).contains(&index) { 95.0 } else { 15.0 })
    });
    let told = told(&node);
    assert_eq!(told.len(), 1, "{told:?}");
    let (rule, title) = told.first().unwrap();
    assert_eq!(rule, "KG-P001");
    assert!(title.starts_with("cpu_user: usually 14–16 % lately, up to 9"), "{title}");
}

#[test]
fn a_node_that_is_silent_is_one_finding_and_a_metric_that_is_gone_none() {
    let silent = node(&FOUR, |_, index| (!(2000..2100).contains(&index)).then_some(15.0));
    let silent = told(&silent);
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert!(silent.iter().all(|(rule, title)| rule == "KG-P006" && title.contains("no values from")), "{silent:?}");
    let gone = node(&FOUR, |metric, index| (metric != "load1" || !(2000..2100).contains(&index)).then_some(15.0));
    assert_eq!(told(&gone), []);
}

#[test]
fn more_metrics_than_a_node_may_have_are_refused_and_counted() {
    let mut node = Node::default();
    for number in 0..300 {
        node.see(&format!("metric_{number}"), 0, 1.0);
    }
    node.see(&"x".repeat(1000), 0, 1.0);
    assert_eq!((node.metrics().count(), node.refused), (256, 45));
}

#[test]
fn families_are_named_by_how_metrics_begin() {
    let families = ["cpu_user", "load15", "net_rx_bytes", "eth0", "9"].map(family);
    assert_eq!(families, ["cpu", "cpu", "net", "eth", "9"]);
}

#[test]
fn a_node_goes_on_where_it_was_saved() {
    let mut first = node(&FOUR, |_, index| Some(if index > 3900 { 90.0 } else { 15.0 }));
    let saved = postcard::to_allocvec(&first).unwrap();
    let mut second: Node = postcard::from_bytes(&saved).unwrap();
    assert_eq!(second.events(), first.events());
    assert_eq!(second.see("cpu_user", 1_800_000_000, 15.0), first.see("cpu_user", 1_800_000_000, 15.0));
}
