//! Filters: one exception for many rules.

mod common;

use common::{event, refused, rule, sigma, titles};

const FILTER: &str = "title: Administrators\nlogsource: {product: linux}\nfilter:\n    rules: [one, TWO]\n    \
    selection: {User|startswith: adm_}\n    condition: not selection\n";

fn both() -> String {
    let body = "selection:\n    a: 1\ncondition: selection";
    format!("{}---\n{}---\n{}", rule("one", body), rule("two", body), rule("three", body))
}

#[test]
fn a_filter_holds_for_the_rules_that_it_names() {
    for text in [format!("{}---\n{FILTER}", both()), format!("{FILTER}---\n{}", both())] {
        let mut sigma = sigma(&text);
        assert_eq!(titles(&sigma.run(&event(&[("a", "1"), ("User", "adm_x")]))), ["three"]);
        assert_eq!(titles(&sigma.run(&event(&[("a", "1"), ("User", "x")]))), ["one", "two", "three"]);
    }
}

#[test]
fn a_filter_for_any_rule_holds_for_those_of_its_log() {
    let filter = FILTER.replace("[one, TWO]", "any");
    assert!(sigma(&format!("{}---\n{filter}", both())).run(&event(&[("a", "1"), ("User", "adm_x")])).is_empty());
    let other = filter.replace("linux", "windows");
    assert_eq!(sigma(&format!("{}---\n{other}", both())).run(&event(&[("a", "1"), ("User", "adm_x")])).len(), 3);
}

#[test]
fn a_filter_may_ask_for_keywords_where_no_rule_does() {
    let filter = FILTER.replace("{User|startswith: adm_}", "[maintenance]");
    let mut sigma = sigma(&format!("{}---\n{filter}", both()));
    assert_eq!(titles(&sigma.run(&event(&[("a", "1"), ("note", "Maintenance")]))), ["three"]);
}

#[test]
fn a_filter_that_does_not_fit_its_rules_is_listed_and_the_rules_stay() {
    for (from, to, reason) in [
        ("TWO", "nobody", "\"nobody\", which is not there"),
        ("linux", "windows", "logsource is not that"),
        ("    rules: [one, TWO]\n", "", "for which rules"),
        ("[one, TWO]", "[]", "for no rule"),
        ("not selection", "not other", "\"other\""),
    ] {
        let text = format!("{}---\n{}", both(), FILTER.replace(from, to));
        assert!(refused(&text).contains(reason), "{to}: {}", refused(&text));
        assert_eq!(common::compile(&text).0.run(&event(&[("a", "1")])).len(), 3);
    }
}
