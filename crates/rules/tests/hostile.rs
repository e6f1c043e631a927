//! Rules and events that somebody has made to do harm: bounded, listed with the reason, and never a crash.

mod common;

use common::{compile, event, matches, refused, rule, with};
use keelguard_rules::{Options, Sigma};

#[test]
fn a_broken_rule_is_listed_with_its_place_and_the_others_stay() {
    let text = format!(
        "{}---\ntitle: broken\nlogsource: {{product: linux}}\n---\n{}---\ntext\n",
        with("f: a"),
        rule("c", "s: {f: a}\ncondition: s")
    );
    let (mut sigma, unusable) = compile(&text);
    let reasons: Vec<String> = unusable.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "rules.yml:10 (broken): it has no detection, no correlation and no filter",
            "rules.yml:21: it is no mapping of keys to values",
        ]
    );
    assert_eq!(sigma.run(&event(&[("f", "a")])).len(), 2);
}

#[test]
fn what_would_take_without_bounds_is_refused() {
    let many = vec!["x"; 200_001].join(", ");
    let long = "x".repeat(20_000);
    for (text, reason) in [
        (with(&format!("f: [{many}]")), "more than 200000 values"),
        (with(&format!("f|re: '{long}'")), "longer than"),
        (with("f|re: '(((x{500}){500}){500}){500}'"), "too large"),
        (format!("a: &a [b]\n{}x: *a\n", with("f: a")), "alias"),
        (format!("{}x: {}", with("f: a"), "[".repeat(40)), "nested more than"),
        (with("f: a\n    f: b"), "stands twice"),
        (with("? [a]\n    : b"), "a key is a list"),
        ("\0\u{1}\u{2}: [".to_owned(), "no valid YAML"),
    ] {
        assert!(refused(&text).contains(reason), "{reason}: {:.300}", refused(&text));
    }
}

#[test]
fn regular_expressions_of_a_set_are_bounded_together() {
    let list = vec!["'a+b'"; 3000].join(", ");
    assert!(refused(&with(&format!("f|re: [{list}]"))).contains("too many regular expressions"));
}

#[test]
fn two_files_cannot_have_rules_of_one_id() {
    let text = format!("id: 929a690e-bef0-4204-a928-ef5e620d6fcc\n{}", with("f: a"));
    let (sigma, unusable) = Sigma::compile([("a.yml", text.as_str()), ("b.yml", text.as_str())], &Options::default());
    assert_eq!(sigma.rules().count(), 1);
    assert_eq!(unusable[0].to_string(), "b.yml:1 (a_rule): its id is that of a rule in a.yml");
}

#[test]
fn a_rule_that_calls_itself_unsupported_is_listed() {
    assert!(refused(&format!("status: unsupported\n{}", with("f: a"))).contains("its own status"));
}

#[test]
fn expressions_and_wildcards_take_time_in_proportion_to_the_value() {
    let value = "a".repeat(2_000_000);
    for line in [
        "f|re: '(a+)+$x'",
        "f|re: '(a|aa)*b'",
        "f: 'a*a*a*a*a*a*a*a*a*b'",
        "f: '*a?a?a?a?a?b'",
        "f|contains|windash: '-aaaaaaaab'",
    ] {
        assert!(!matches(&with(line), &event(&[("f", &value)])), "{line}");
    }
}

#[test]
fn a_folder_is_read_with_what_cannot_be_read_in_it() {
    let folder = std::env::temp_dir().join(format!("keelguard-rules-{}", std::process::id()));
    let inner = folder.join("inner");
    std::fs::create_dir_all(inner.join("folder.yml")).unwrap();
    std::fs::write(folder.join("a.yml"), with("f: a")).unwrap();
    std::fs::write(inner.join("b.yaml"), rule("b", "s: {f: a}\ncondition: s")).unwrap();
    std::fs::write(folder.join("README.md"), "no rule").unwrap();
    std::fs::write(folder.join("latin.yml"), b"title: \xe4").unwrap();
    std::fs::write(folder.join("large.yml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("link.yml")).unwrap();
    let (sigma, unusable) = Sigma::load(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(sigma.rules().map(|rule| rule.title.as_str()).collect::<Vec<_>>(), ["a_rule", "b"]);
    let reasons: Vec<String> =
        unusable.iter().map(|each| each.to_string().replace(&format!("{}/", folder.display()), "")).collect();
    assert!(reasons[0].starts_with("large.yml: has more than 1048576 bytes"), "{reasons:?}");
    assert_eq!(reasons[1], "latin.yml: is no UTF-8");
    assert!(reasons[2].starts_with("link.yml: could not be read"), "{reasons:?}");
    assert_eq!(reasons.len(), 3);
    let (sigma, unusable) = Sigma::load(&folder);
    assert!(sigma.rules().next().is_none() && unusable[0].reason.starts_with("could not be read"));
}

#[test]
fn a_condition_of_thousands_of_names_costs_no_more_than_its_selections() {
    let values: Vec<String> = (0..5000).map(|number| format!("v{number}")).chain(["needle".to_owned()]).collect();
    let condition = vec!["(a and b)"; 6000].join(" and ");
    let list = values.join(", ");
    let text =
        rule("a_rule", &format!("a:\n    f|contains: [{list}]\nb:\n    g|contains: [{list}]\ncondition: {condition}"));
    let mut sigma = common::sigma(&text);
    let event = event(&[("f", "a needle"), ("g", "needle")]);
    // Some ten milliseconds; hours, were each name looked at anew.
    assert!((0..20).all(|_| sigma.run(&event).len() == 1));
}

#[test]
fn selections_and_values_are_bounded() {
    let many: String = (0..1001).map(|number| format!("s{number}:\n    f: a\n")).collect();
    assert!(refused(&rule("a_rule", &format!("{many}condition: s1"))).contains("more than 1000 selections"));
    let list = vec!["x"; 190_000].join(", ");
    let text = with(&format!("f: [{list}]"));
    let files = [("a.yml", text.as_str()), ("b.yml", &text), ("c.yml", &text)];
    let (sigma, unusable) = Sigma::compile(files, &Options::default());
    assert_eq!((sigma.rules().count(), unusable.len()), (2, 1));
    assert!(unusable[0].reason.contains("too many values"), "{unusable:?}");
}
