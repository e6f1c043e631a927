//! Each modifier of the specification: what it finds and what not, and which go together.

mod common;

use common::{event, matches, refused, with};
use keelguard_rules::events::Value;
use keelguard_rules::{Options, Sigma};

/// The line of a selection, a value that it finds, and one that it does not.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("f: cmd", &["cmd", "CMD"], &["cmd ", "acmd", ""]),
    ("f: ''", &[""], &["x", " "]),
    ("f: 5", &["5"], &["05", "55", "five"]),
    ("f: 1.5", &["1.5", "1.50"], &["1", "15"]),
    ("f: true", &["true", "True"], &["1", "false"]),
    ("f: [a, b]", &["a", "B"], &["c", "ab"]),
    ("f: a*c?e", &["abcde", "acxe", "A--C-E"], &["ace", "abcd"]),
    ("f|contains: b", &["abc", "B"], &["ac", ""]),
    ("f|contains: a*c", &["xabcx", "ac"], &["ca"]),
    ("f|contains: ''", &["", "x"], &[]),
    ("f|startswith: ab", &["abc", "ABx"], &["xab", "a"]),
    ("f|endswith: .sh", &["x.sh", ".SH"], &["x.sh ", "sh"]),
    ("f|contains|all: [a, b]", &["ab", "b-a"], &["a", "b"]),
    ("f|all: ['*a*', '*b*']", &["ba"], &["a"]),
    ("f|cased: Cmd", &["Cmd"], &["cmd", "CMD"]),
    ("f|contains|cased: 'B?d'", &["aBcdx"], &["abcd", "ABD"]),
    ("f|re: '^a.c$'", &["abc"], &["ABC", "abbc", "xabc"]),
    ("f|re: 'b'", &["abc"], &["ac"]),
    ("f|re|i: '^a.c$'", &["ABC"], &["ab"]),
    ("f|re|m: '^b$'", &["a\nb\nc"], &["a b"]),
    ("f|re|s: 'a.b'", &["a\nb"], &["ab"]),
    ("f|re: 'a.b'", &["a-b"], &["a\nb"]),
    ("f|re|i|m|s: '^B.c'", &["a\nb\nC"], &["ab c"]),
    ("f|base64: foobar", &["Zm9vYmFy"], &["foobar", "xZm9vYmFy"]),
    // "/bin/sh" at the three offsets of: "/bin/sh", "x/bin/sh", "xx/bin/sh".
    (
        "f|base64offset|contains: /bin/sh",
        &["L2Jpbi9zaA==", "eC9iaW4vc2g=", "eHgvYmluL3No"],
        &["/bin/sh", "L2Jpbi9ic2g="],
    ),
    ("f|wide|base64offset|contains: ping", &["cABpAG4AZwA=", "eHAAaQBuAGcA"], &["cGluZw=="]),
    ("f|utf16le|base64: hi", &["aABpAA=="], &["aGk="]),
    ("f|utf16be|base64: hi", &["AGgAaQ=="], &["aABpAA=="]),
    ("f|utf16|base64: hi", &["//5oAGkA"], &["aABpAA=="]),
    ("f|wide: hi", &["h\0i\0"], &["hi"]),
    ("f|contains|windash: ' -a '", &["x -a y", "x /A y", "x –a y", "x —a y", "x ―a y"], &["x +a y", "x a y"]),
    ("f|windash|contains|all: [' -a', ' -b']", &["x /a -b"], &["x /a"]),
    ("f|cidr: 10.0.0.0/8", &["10.1.2.3", "::ffff:10.1.2.3"], &["11.0.0.1", "10.1.2", "10.1.2.3x", ""]),
    ("f|cidr: ['fe80::/10', '192.168.0.1']", &["fe80::1", "192.168.0.1"], &["fec0::1", "192.168.0.2"]),
    ("f|lt: 5", &["4", "-1", "4.9"], &["5", "x", ""]),
    ("f|lte: 5", &["5", "4"], &["5.1", "6"]),
    ("f|gt: 5", &["6", "5.5", "9007199254740993"], &["5", "05"]),
    ("f|gte: 9007199254740993", &["9007199254740993"], &["9007199254740992"]),
    ("f|gte: 1.5", &["1.5", "2"], &["1", "1.4"]),
    ("f|minute: 10", &["2026-11-24T08:10:03Z", "2026-11-24 08:10"], &["2026-11-24T10:08:03Z", "10"]),
    ("f|hour: 8", &["2026-11-24T08:10:03+05:00"], &["2026-11-24T09:10:03+01:00"]),
    ("f|hour|gte: 20", &["2026-11-24T22:00:00Z"], &["2026-11-24T19:59:59Z"]),
    ("f|hour|lt: 6", &["2026-11-24T05:59:00Z"], &["2026-11-24T06:00:00Z"]),
    ("f|day: 24", &["2026-11-24T08:10:03Z", "2026-11-24"], &["2026-11-23"]),
    ("f|week: 48", &["2026-11-24"], &["2026-11-30"]),
    ("f|month: [11, 12]", &["2026-11-24", "2026-12-01"], &["2026-10-31"]),
    ("f|year: 2023", &["2023-01-01", "1700000000"], &["2026-11-24", "not a date"]),
    ("f|fieldref: other", &["Same", "same"], &["else", ""]),
    ("f|fieldref|cased: other", &["Same"], &["same"]),
    ("f|fieldref|startswith: other", &["same and more"], &["more of the same"]),
    ("f|fieldref|endswith: other", &["more of the same"], &["same and more"]),
    ("f|fieldref|contains: other", &["one same two"], &["sam e"]),
    ("f|fieldref|neq: other", &["else"], &["same"]),
    ("f|neq: a", &["b", ""], &["a", "A"]),
    ("f|neq: [a, b]", &["c"], &["a", "b"]),
    ("f|neq: 5", &["6"], &["5"]),
    ("f|contains|neq: a", &["bcd"], &["bad"]),
    ("f|exists: true", &["", "x"], &[]),
    ("f|exists: yes", &["x"], &[]),
    ("f|exists: false", &[], &["", "x"]),
    ("f: null", &[], &["", "null"]),
    ("f: [null, '']", &[""], &["x"]),
];

#[test]
fn each_modifier_finds_what_the_specification_says() {
    for (line, yes, no) in TABLE {
        for value in *yes {
            assert!(matches(&with(line), &event(&[("f", value), ("other", "Same")])), "{line} does not find {value:?}");
        }
        for value in *no {
            assert!(!matches(&with(line), &event(&[("f", value), ("other", "Same")])), "{line} finds {value:?}");
        }
    }
}

#[test]
fn a_field_that_is_missing_is_null_and_does_not_exist_and_is_unlike_any_value() {
    let none = event(&[("g", "x")]);
    for line in ["f: null", "f|exists: false", "f|neq: a"] {
        assert!(matches(&with(line), &none), "{line}");
    }
    for line in ["f: ''", "f: '*'", "f|exists: true", "f|contains: ''", "f|lt: 5", "f|re: '.*'", "f|fieldref: h"] {
        assert!(!matches(&with(line), &none), "{line}");
    }
    let null = event(&[]).with("f", Value::Null);
    assert!(matches(&with("f: null"), &null) && matches(&with("f|exists: true"), &null));
}

#[test]
fn values_that_are_numbers_lists_and_truths_are_compared_as_what_they_say() {
    let list =
        event(&[]).with("f", Value::List(vec![Value::Int(5), "Abc".into(), Value::Bool(true), Value::Float(2.5)]));
    for line in ["f: 5", "f: '5'", "f: abc", "f: true", "f: 2.5", "f|gt: 4", "f|contains|all: [b, c]"] {
        assert!(matches(&with(line), &list), "{line}");
    }
    assert!(!matches(&with("f: 6"), &list));
    let twice = event(&[("f", "a"), ("f", "b")]);
    assert!(matches(&with("f: a"), &twice) && matches(&with("f: b"), &twice));
}

#[test]
fn case_does_not_matter_in_any_alphabet() {
    assert!(matches(&with("f: ÄPFEL"), &event(&[("f", "äpfel")])));
    assert!(matches(&with("f|contains: жук"), &event(&[("f", "x ЖУК x")])));
}

#[test]
fn placeholders_are_what_the_options_say_and_a_rule_is_refused_without_them() {
    let text = with("f|expand: '%Servers%.lan'");
    assert!(refused(&text).contains("%Servers%"));
    let mut options = Options::default();
    options.placeholders.insert("Servers".to_owned(), vec!["srv*".to_owned(), "db".to_owned()]);
    let (mut sigma, unusable) = Sigma::compile([("rules.yml", text.as_str())], &options);
    assert!(unusable.is_empty());
    assert_eq!(sigma.run(&event(&[("f", "SRV1.lan")])).len(), 1);
    assert_eq!(sigma.run(&event(&[("f", "web.lan")])).len(), 0);
    assert!(matches(&with("f: '%Servers%'"), &event(&[("f", "%Servers%")])), "without expand it is plain text");
}

#[test]
fn what_does_not_go_together_is_refused_with_the_reason() {
    for (line, reason) in [
        ("f|unknown: a", "\"unknown\" is not known"),
        ("f|: a", "empty modifier"),
        ("f|contains|startswith: a", "only one of"),
        ("f|re|cidr: a", "exclude each other"),
        ("f|contains|re: a", "for text only"),
        ("f|i: a", "only follow re"),
        ("f|re: '(?<=a)b'", "look-around"),
        ("f|re: '(a)\\1'", "backreferences"),
        ("f|cidr: 10.0.0.0/99", "no network"),
        ("f|lt: abc", "only numbers"),
        ("f|hour: abc", "whole number"),
        ("f|exists: maybe", "true or false"),
        ("f|exists: [true, false]", "true or false"),
        ("f|fieldref: 5", "name of a field"),
        ("f|base64: 'a*'", "wildcards"),
        ("f|contains|base64: a", "after the encoding"),
        ("f|base64offset|re: a", "only be compared as text"),
        ("f|utf16: é", "base64 or base64offset has to follow"),
        ("f|windash: ' -a -b -c -d -e'", "625"),
        ("f|contains: null", "null is no text"),
        ("f: []", "no values"),
        ("f: [[a]]", "a list or a mapping"),
        ("f: {a: b}", "a list or a mapping"),
    ] {
        let found = refused(&with(line));
        assert!(found.contains(reason), "{line}: {found}");
        assert!(found.starts_with("rules.yml:7 (a_rule)"), "{line}: {found}");
    }
}
