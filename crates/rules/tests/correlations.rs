//! Correlations: each type, its conditions, its groups and its time.

mod common;

use common::{at, event, refused, rule, sigma, titles};
use keelguard_rules::Sigma;

/// `login` (field `what` is `fail`), `enter` (`ok`) and a third rule, with these correlations.
fn set(correlations: &[&str]) -> String {
    let one = |title: &str, what: &str| rule(title, &format!("selection:\n    what: {what}\ncondition: selection"));
    let mut all = vec![one("login", "fail"), one("enter", "ok"), one("leave", "bye")];
    all.extend(correlations.iter().map(ToString::to_string));
    all.join("---\n")
}

fn correlation(title: &str, body: &str) -> String {
    let body: String = body.split("; ").map(|line| format!("    {line}\n")).collect();
    format!("title: {title}\nname: {title}\nlevel: high\ncorrelation:\n{body}")
}

/// The seconds at which correlations (they have a level) match, over events of (second, what, user).
fn fired(sigma: &mut Sigma, events: &[(i64, &str, &str)]) -> Vec<i64> {
    let run = |(second, what, user): &(i64, &str, &str)| {
        let found = sigma.run(&at(*second, &[("what", what), ("user", user), ("size", user)]));
        found.iter().any(|found| found.rule.level.is_some()).then_some(*second)
    };
    events.iter().filter_map(run).collect()
}

const NEVER: [i64; 0] = [];
const COUNT: &str = "type: event_count; rules: [login]; group-by: [user]; timespan: 10s; condition: {gte: 3}";

#[test]
fn event_count_counts_the_events_of_a_group_within_the_span() {
    let text = set(&[&correlation("many", COUNT)]);
    let run = |events: &[(i64, &str, &str)]| fired(&mut sigma(&text), events);
    assert_eq!(run(&[(0, "fail", "a"), (5, "fail", "a"), (10, "fail", "a")]), [10]);
    assert_eq!(run(&[(0, "fail", "a"), (5, "fail", "a"), (11, "fail", "a")]), NEVER);
    assert_eq!(run(&[(0, "fail", "a"), (1, "fail", "b"), (2, "fail", "a")]), NEVER);
    assert_eq!(run(&[(0, "fail", "a"), (1, "ok", "a"), (2, "fail", "a")]), NEVER);
    assert_eq!(
        run(&[(0, "fail", "a"), (6, "fail", "a"), (12, "fail", "a"), (13, "fail", "a")]),
        [13],
        "the span slides"
    );
    let six: Vec<_> = (0..6).map(|second| (second, "fail", "a")).collect();
    assert_eq!(run(&six), [2, 5], "a group starts afresh once it has matched");
}

#[test]
fn events_without_a_field_of_the_group_belong_to_none() {
    let mut sigma = sigma(&set(&[&correlation("many", COUNT)]));
    assert!((0..5).all(|second| sigma.run(&at(second, &[("what", "fail")])).is_empty()));
}

#[test]
fn events_may_come_late_and_a_late_one_counts_where_it_belongs() {
    let text = set(&[&correlation("many", COUNT)]);
    assert_eq!(fired(&mut sigma(&text), &[(5, "fail", "a"), (9, "fail", "a"), (2, "fail", "a")]), [2]);
    assert_eq!(fired(&mut sigma(&text), &[(50, "fail", "a"), (51, "fail", "a"), (2, "fail", "a")]), NEVER);
}

#[test]
fn a_condition_with_an_upper_bound_is_decided_when_the_span_is_over() {
    for (condition, count, expected) in [
        ("{lt: 3}", 2, true),
        ("{lt: 3}", 3, false),
        ("{lte: 3}", 3, true),
        ("{eq: 2}", 2, true),
        ("{eq: 2}", 3, false),
        ("{neq: 2}", 3, true),
        ("{neq: 2}", 2, false),
        ("{gt: 1, lte: 3}", 3, true),
        ("{gt: 1, lte: 3}", 4, false),
        ("{gt: 1, lte: 3}", 1, false),
    ] {
        let text = set(&[&correlation("some", &COUNT.replace("{gte: 3}", condition))]);
        let mut sigma = sigma(&text);
        for second in 0..count {
            assert!(sigma.run(&at(second, &[("what", "fail"), ("user", "a")])).is_empty(), "{condition} {count}");
        }
        assert!(sigma.run(&at(9, &[("what", "tick")])).is_empty(), "{condition} {count}: the span is not over");
        let found = sigma.run(&at(10, &[("what", "tick")]));
        assert_eq!(found.len(), usize::from(expected), "{condition} {count}");
        assert!(sigma.finish().is_empty(), "{condition} {count}: it was decided already");
    }
}

#[test]
fn the_end_of_the_log_decides_what_is_open() {
    let mut sigma = sigma(&set(&[&correlation("few", &COUNT.replace("{gte: 3}", "{lt: 3}"))]));
    sigma.run(&at(0, &[("what", "fail"), ("user", "a")]));
    let found = sigma.finish();
    assert_eq!(titles(&found), ["few"]);
    assert_eq!(found[0].time.unwrap().as_second(), 1_700_000_010);
}

#[test]
fn value_count_counts_different_values() {
    let body = "type: value_count; rules: [login]; group-by: [what]; timespan: 10s; condition: {field: user, gte: 3}";
    let text = set(&[&correlation("spray", body)]);
    let run = |events: &[(i64, &str, &str)]| fired(&mut sigma(&text), events);
    assert_eq!(run(&[(0, "fail", "a"), (1, "fail", "b"), (2, "fail", "a"), (3, "fail", "c")]), [3]);
    assert_eq!(run(&[(0, "fail", "a"), (8, "fail", "b"), (11, "fail", "c")]), NEVER, "a has left the span");
    assert_eq!(run(&[(0, "fail", "a"), (8, "fail", "b"), (9, "fail", "a"), (12, "fail", "c")]), [12], "a came again");
}

#[test]
fn temporal_wants_every_rule_in_any_order() {
    let body = "type: temporal; rules: [login, enter, leave]; group-by: [user]; timespan: 10s";
    let text = set(&[&correlation("visit", body)]);
    let run = |events: &[(i64, &str, &str)]| fired(&mut sigma(&text), events);
    assert_eq!(run(&[(0, "bye", "a"), (1, "fail", "a"), (2, "ok", "a")]), [2]);
    assert_eq!(run(&[(0, "bye", "a"), (1, "fail", "b"), (2, "ok", "a")]), NEVER);
    assert_eq!(run(&[(0, "bye", "a"), (1, "fail", "a"), (11, "ok", "a")]), NEVER);
    assert_eq!(run(&[(0, "bye", "a"), (1, "fail", "a"), (5, "bye", "a"), (11, "ok", "a")]), [11]);
    let two = set(&[&correlation("visit", &format!("{body}; condition: {{gte: 2}}"))]);
    assert_eq!(fired(&mut sigma(&two), &[(0, "bye", "a"), (1, "bye", "a"), (2, "ok", "a")]), [2]);
}

#[test]
fn temporal_ordered_wants_them_in_the_order_of_the_list() {
    let body = "type: temporal_ordered; rules: [login, enter, leave]; group-by: [user]; timespan: 10s";
    let text = set(&[&correlation("visit", body)]);
    let run = |events: &[(i64, &str, &str)]| fired(&mut sigma(&text), events);
    assert_eq!(run(&[(0, "fail", "a"), (1, "ok", "a"), (2, "bye", "a")]), [2]);
    assert_eq!(run(&[(0, "ok", "a"), (1, "fail", "a"), (2, "bye", "a")]), NEVER);
    assert_eq!(run(&[(0, "fail", "a"), (1, "ok", "a"), (12, "bye", "a")]), NEVER);
    assert_eq!(
        run(&[(0, "fail", "a"), (3, "fail", "a"), (4, "ok", "a"), (12, "bye", "a")]),
        [12],
        "the later start counts"
    );
    assert_eq!(run(&[(0, "fail", "a"), (4, "ok", "a"), (5, "fail", "a"), (9, "bye", "a")]), [9]);
}

#[test]
fn one_event_is_not_two_steps_of_a_sequence() {
    let twice = rule("again", "selection:\n    what: fail\ncondition: selection");
    let body = "type: temporal_ordered; rules: [login, again]; group-by: [user]; timespan: 10s";
    let text = set(&[&twice, &correlation("both", body)]);
    assert_eq!(fired(&mut sigma(&text), &[(0, "fail", "a")]), NEVER);
    assert_eq!(fired(&mut sigma(&text), &[(0, "fail", "a"), (1, "fail", "a")]), [1]);
}

#[test]
fn sums_are_decided_at_once_averages_and_percentiles_at_the_end() {
    let body = |kind: &str, condition: &str| {
        set(&[&correlation(
            "sizes",
            &format!("type: {kind}; rules: [login]; group-by: [what]; timespan: 10s; condition: {condition}"),
        )])
    };
    let sum = body("value_sum", "{field: size, gt: 100}");
    assert_eq!(fired(&mut sigma(&sum), &[(0, "fail", "60"), (1, "fail", "x"), (2, "fail", "41.5")]), [2]);
    assert_eq!(fired(&mut sigma(&sum), &[(0, "fail", "60"), (11, "fail", "60")]), NEVER);
    let average = body("value_avg", "{field: size, gte: 50}");
    assert_eq!(fired(&mut sigma(&average), &[(0, "fail", "90"), (1, "fail", "20"), (30, "bye", "0")]), [30]);
    assert_eq!(fired(&mut sigma(&average), &[(0, "fail", "90"), (1, "fail", "9"), (30, "bye", "0")]), NEVER);
    let percentile = body("value_percentile", "{field: size, percentile: 90, gte: 50}");
    let mut events: Vec<(i64, &str, &str)> = (0..8).map(|second| (second, "fail", "1")).collect();
    events.extend([(8, "fail", "70"), (9, "fail", "70"), (30, "bye", "0")]);
    assert_eq!(fired(&mut sigma(&percentile), &events), [30]);
    events[8].2 = "1";
    assert_eq!(fired(&mut sigma(&percentile), &events), NEVER);
}

#[test]
fn correlations_can_be_chained_in_whatever_order_they_stand() {
    let chain =
        correlation("break_in", "type: temporal_ordered; rules: [many, enter]; group-by: [user]; timespan: 60s");
    let many = correlation("many", COUNT);
    for text in [set(&[&chain, &many]), set(&[&many, &chain])] {
        let mut sigma = sigma(&text);
        let events = [(0, "fail", "a"), (1, "fail", "a"), (2, "fail", "a"), (3, "ok", "b"), (4, "ok", "a")];
        assert_eq!(fired(&mut sigma, &events), [4], "neither the rules nor the first correlation are shown");
    }
}

#[test]
fn what_a_span_that_is_over_has_decided_can_be_gone_on_with() {
    let quiet = correlation("quiet", &COUNT.replace("{gte: 3}", "{eq: 1}"));
    let chain = correlation("then", "type: temporal; rules: [quiet, enter]; group-by: [user]; timespan: 30s");
    let text = set(&[&quiet, &chain]);
    let mut first = sigma(&text);
    assert_eq!(fired(&mut first, &[(0, "fail", "a"), (5, "ok", "a"), (20, "tick", "b")]), [20]);
    let mut second = sigma(&text);
    assert_eq!(fired(&mut second, &[(0, "fail", "a"), (5, "ok", "a")]), NEVER);
    assert_eq!(titles(&second.finish()), ["then"]);
    let mut third = sigma(&text);
    assert_eq!(fired(&mut third, &[(0, "fail", "a"), (45, "ok", "a")]), NEVER, "10 s and 45 s are too far apart");
}

#[test]
fn aliases_join_fields_of_different_names() {
    let body = "type: temporal; rules: [login, enter]; group-by: [who]; timespan: 10s; aliases: {who: {login: src, enter: dst}}";
    let mut sigma = sigma(&set(&[&correlation("same", body)]));
    assert!(sigma.run(&at(0, &[("what", "fail"), ("src", "x"), ("dst", "y")])).is_empty());
    assert!(sigma.run(&at(1, &[("what", "ok"), ("src", "x"), ("dst", "y")])).is_empty());
    let found = sigma.run(&at(2, &[("what", "ok"), ("src", "z"), ("dst", "x")]));
    assert_eq!(titles(&found), ["same"]);
    assert_eq!(found[0].evidence[0], ("who".to_owned(), "x".to_owned()));
}

#[test]
fn rules_that_a_correlation_refers_to_are_shown_only_where_it_says_generate() {
    let one = event(&[("what", "fail"), ("user", "a")]);
    assert!(sigma(&set(&[&correlation("many", COUNT)])).run(&one).is_empty());
    let text = set(&[&correlation("many", &format!("{COUNT}; generate: true"))]);
    assert_eq!(titles(&sigma(&text).run(&one)), ["login"]);
    let text = set(&[&format!("{}generate: true\n", correlation("many", COUNT))]);
    assert_eq!(titles(&sigma(&text).run(&one)), ["login"]);
}

#[test]
fn references_that_lead_nowhere_or_round_in_a_circle_are_refused() {
    let circle = |title: &str, to: &str| correlation(title, &COUNT.replace("login", to));
    let found = refused(&set(&[
        &circle("one", "two"),
        &circle("two", "one"),
        &circle("self", "self"),
        &circle("none", "nobody"),
    ]));
    assert_eq!(found.lines().count(), 4, "{found}");
    assert!(found.contains("(none)") && found.contains("\"nobody\"") && found.contains("(one)"), "{found}");
}

#[test]
fn what_is_remembered_can_be_saved_and_gone_on_with() {
    let text = set(&[&correlation("many", COUNT), &correlation("few", &COUNT.replace("{gte: 3}", "{eq: 1}"))]);
    let mut first = sigma(&text);
    first.run(&at(0, &[("what", "fail"), ("user", "a")]));
    first.run(&at(1, &[("what", "fail"), ("user", "a")]));
    first.run(&at(1, &[("what", "fail"), ("user", "b")]));
    let saved = serde_json::to_string(first.state()).unwrap();
    let mut second = sigma(&text);
    second.restore(serde_json::from_str(&saved).unwrap());
    assert_eq!(titles(&second.run(&at(2, &[("what", "fail"), ("user", "a")]))), ["many"]);
    assert_eq!(titles(&second.run(&at(60, &[("what", "tick")]))), ["few"], "of b, what was begun is ended");
    let mut changed = sigma(&text.replace("gte: 3", "gte: 4").replace("eq: 1", "eq: 7"));
    changed.restore(serde_json::from_str(&saved).unwrap());
    assert_eq!(changed.state().groups(), 0, "a rule that has changed starts afresh");
}

#[test]
fn memory_is_bounded_and_what_was_forgotten_is_counted() {
    let text = set(&[&correlation("many", &COUNT.replace("10s", "1d"))]);
    let mut sigma = sigma(&text);
    for number in 0..60_000 {
        let user = format!("user{number}");
        sigma.run(&at(number / 1000, &[("what", "fail"), ("user", &user)]));
    }
    assert!(sigma.state().groups() <= 20_000, "{}", sigma.state().groups());
    assert!(sigma.state().forgotten() >= 40_000, "{}", sigma.state().forgotten());
    assert!(sigma.run(&at(61, &[("what", "fail"), ("user", "user59999")])).is_empty());
    assert_eq!(sigma.run(&at(61, &[("what", "fail"), ("user", "user59999")])).len(), 1, "the newest are remembered");
}

#[test]
fn thousands_of_groups_that_end_one_by_one_are_each_decided_once() {
    let text = set(&[&correlation("few", &COUNT.replace("{gte: 3}", "{lt: 3}").replace("10s", "1h"))]);
    let mut sigma = sigma(&text);
    let mut decided = 0;
    for number in 0..20_000 {
        let user = format!("user{number}");
        decided += sigma.run(&at(number, &[("what", "fail"), ("user", &user)])).len();
        assert!(sigma.state().groups() <= 3600, "{}", sigma.state().groups());
    }
    decided += sigma.finish().len();
    assert_eq!((decided, sigma.state().groups(), sigma.state().forgotten()), (20_000, 0, 0));
}
