//! Selections and conditions: every form of the specification.

mod common;

use common::{event, matches, refused, rule};
use keelguard_rules::events::Source;

const SELECTIONS: &str = "sel_a:\n    a: 1\nsel_b:\n    b: 1\nsel_c:\n    c: 1\n_hidden:\n    d: 1\n";

/// Whether a condition over `sel_a`, `sel_b`, `sel_c` and `_hidden` holds where these are 1.
fn holds(condition: &str, on: &str) -> bool {
    let fields: Vec<(&str, &str)> =
        ["a", "b", "c", "d"].into_iter().map(|name| (name, if on.contains(name) { "1" } else { "0" })).collect();
    matches(&rule("a_rule", &format!("{SELECTIONS}condition: {condition}")), &event(&fields))
}

#[test]
fn conditions_are_those_of_the_specification() {
    for (condition, yes, no) in [
        ("sel_a", &["a", "ab"][..], &["", "b"][..]),
        ("not sel_a", &["", "b"], &["a"]),
        ("not not sel_a", &["a"], &[""]),
        ("sel_a and sel_b", &["ab"], &["a", "b"]),
        ("sel_a or sel_b", &["a", "b"], &["", "c"]),
        ("sel_a or sel_b and sel_c", &["a", "bc"], &["b", "c"]),
        ("(sel_a or sel_b) and sel_c", &["ac", "bc"], &["a", "ab"]),
        ("not sel_a and sel_b", &["b"], &["ab", ""]),
        ("not (sel_a and sel_b)", &["", "a"], &["ab"]),
        ("sel_a AND NOT sel_b", &["a"], &["ab"]),
        ("(sel_a)or(sel_b)", &["a", "b"], &[""]),
        ("1 of them", &["a", "c"], &["", "d"]),
        ("all of them", &["abc", "abcd"], &["ab", "d"]),
        ("any of them", &["b"], &[""]),
        ("1 of sel*", &["a", "b"], &["", "d"]),
        ("all of sel_*", &["abc"], &["ab"]),
        ("2 of sel_*", &["ab", "ac", "abc"], &["a", ""]),
        ("3 of them", &["abc"], &["ab"]),
        ("1 of *_b", &["b"], &["a", "c"]),
        ("1 of *", &["d", "a"], &[""]),
        ("1 of s*l_*b", &["b"], &["a"]),
        ("1 of _hidden", &["d"], &["a"]),
        ("not 1 of sel_*", &["", "d"], &["a", "bc"]),
        ("sel_a and not 1 of sel_b*", &["a", "ac"], &["ab"]),
        ("[sel_a, sel_b and sel_c]", &["a", "bc"], &["b"]),
    ] {
        for on in yes {
            assert!(holds(condition, on), "{condition}: {on:?}");
        }
        for on in no {
            assert!(!holds(condition, on), "{condition}: {on:?}");
        }
    }
}

#[test]
fn a_condition_that_cannot_be_read_is_refused_with_the_reason() {
    for (condition, reason) in [
        ("sel_x", "\"sel_x\", which is not among"),
        ("sel_a and", "ends where"),
        ("sel_a sel_b", "where it should end"),
        ("(sel_a", "not closed"),
        ("sel_a)", "where it should end"),
        ("and sel_a", "where a selection"),
        ("1 of other*", "none of its selections"),
        ("5 of them", "5 of 3"),
        ("0 of them", "0 of 3"),
        ("some of them", "before of"),
        ("1 of", "ends after of"),
        ("sel_a | count() by b > 5", "pipe"),
        ("''", "ends where"),
        ("5", "no text"),
    ] {
        let found = refused(&rule("a_rule", &format!("{SELECTIONS}condition: {condition}")));
        assert!(found.contains(reason), "{condition}: {found}");
    }
    let deep = format!("{}sel_a{}", "(".repeat(500), ")".repeat(500));
    assert!(refused(&rule("a_rule", &format!("{SELECTIONS}condition: {deep}"))).contains("nested more than"));
    let not = "not ".repeat(500);
    assert!(refused(&rule("a_rule", &format!("{SELECTIONS}condition: {not}sel_a"))).contains("nested more than"));
    let long = vec!["1 of sel*"; 20_000].join(" or ");
    assert!(refused(&rule("a_rule", &format!("{SELECTIONS}condition: {long}"))).contains("more than"));
}

#[test]
fn all_fields_of_a_mapping_and_one_of_a_list_of_mappings_have_to_fit() {
    let both = rule("a_rule", "selection:\n    a: 1\n    b: [2, 3]\ncondition: selection");
    assert!(matches(&both, &event(&[("a", "1"), ("b", "3")])) && !matches(&both, &event(&[("a", "1")])));
    let one = rule("a_rule", "selection:\n    - a: 1\n      b: 2\n    - c: 3\n    - word\ncondition: selection");
    assert!(matches(&one, &event(&[("c", "3")])) && matches(&one, &event(&[("a", "1"), ("b", "2")])));
    assert!(!matches(&one, &event(&[("a", "1")])));
    assert!(matches(&one, &event(&[]).text("in other Words")));
}

#[test]
fn keywords_are_looked_for_in_the_text_and_in_every_field() {
    let any = rule("a_rule", "keywords:\n    - 'evil*Service'\n    - 4711\ncondition: keywords");
    assert!(matches(&any, &event(&[]).text("an EVIL little service here")));
    assert!(matches(&any, &event(&[("unknown", "evilservice")])) && matches(&any, &event(&[("n", "id 4711")])));
    assert!(!matches(&any, &event(&[("a", "evil"), ("b", "service")]).text("service evil")));
    let all = rule("a_rule", "keywords:\n    '|all':\n        - grep\n        - passw\ncondition: keywords");
    assert!(matches(&all, &event(&[("a0", "grep"), ("a1", "PASSWORD")])) && !matches(&all, &event(&[("a0", "grep")])));
    let cased = rule("a_rule", "keywords:\n    '|cased': Evil\ncondition: keywords");
    assert!(matches(&cased, &event(&[]).text("an Evil x")) && !matches(&cased, &event(&[]).text("an evil x")));
    let regex = rule("a_rule", "keywords:\n    '|re': 'e[vw]il\\d'\ncondition: keywords");
    assert!(matches(&regex, &event(&[]).text("an ewil5")) && !matches(&regex, &event(&[]).text("an eil5")));
    let start = rule("a_rule", "keywords:\n    '|startswith': evil\ncondition: keywords");
    assert!(matches(&start, &event(&[]).text("evil x")) && !matches(&start, &event(&[]).text("x evil")));
}

#[test]
fn a_rule_concerns_the_events_of_its_log_alone() {
    let text = "title: a\nlogsource: {product: linux, service: auth}\ndetection: {s: {a: 1}, condition: s}\n";
    let with = |source: Source<'static>| keelguard_rules::events::Event::new(source).with("a", "1");
    assert!(matches(text, &with(Source::linux_service("auth"))));
    assert!(matches(text, &with(Source { also: "auth syslog".into(), ..Source::linux_service("sshd") })));
    assert!(!matches(text, &with(Source::linux_service("sshd"))));
    assert!(!matches(text, &with(Source { product: "windows".into(), ..Source::linux_service("auth") })));
}
