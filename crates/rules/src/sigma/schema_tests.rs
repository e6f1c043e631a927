//! The specification's own JSON Schemas and this reader accept and refuse the same rules. Where they differ on purpose, the
//! case says so.

use serde_json::{Map, Value, json};

use super::yaml::{Kind, Node, documents};
use super::{Options, Sigma};

fn data(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("KEELGUARD_TEST_DATA").map_or_else(
        || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let path = root.join("sigma").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: there is no {}; KEELGUARD_TEST_DATA says where the development data lies", path.display());
    None
}

fn schema(name: &str) -> Option<jsonschema::Validator> {
    let text = std::fs::read_to_string(data(name)?).unwrap();
    let schema = serde_json::from_str(&text).unwrap();
    Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
}

fn to_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => json!(value),
        Kind::Int(number) => json!(number),
        Kind::Float(number) => json!(number),
        Kind::Text(text) => json!(text),
        Kind::List(items) => items.iter().map(to_json).collect(),
        Kind::Map(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), to_json(value))).collect::<Map<_, _>>().into()
        }
    }
}

/// What the schema and what this reader say, and the reasons.
fn both(schema: &jsonschema::Validator, text: &str) -> (bool, bool, String) {
    let theirs = documents(text).iter().all(|node| schema.is_valid(&to_json(node.as_ref().unwrap())));
    let (_, unusable) = Sigma::compile([("rule.yml", text)], &Options::default());
    (theirs, unusable.is_empty(), unusable.iter().map(ToString::to_string).collect())
}

const RULE: &str = "title: A Rule\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nlogsource: {product: linux}\n\
    detection: {selection: {a: b}, condition: selection}\n";

/// Lines that are put in place of those with the same key, or added.
const CHANGES: &[&str] = &[
    "title: A",
    "title: 5",
    "title: [A]",
    "title: >LONG",
    "id: not-a-uuid",
    "id: 929a690e-bef0-4204-a928-ef5e620d6fc",
    "id: 929A690E-BEF0-4204-A928-EF5E620D6FCC",
    "name: rule_a",
    "name: 5",
    "taxonomy: sigma",
    "taxonomy: >LONG",
    "status: stable",
    "status: stabel",
    "status: 5",
    "level: informational",
    "level: extreme",
    "description: text",
    "description: [text]",
    "license: MIT",
    "license: 5",
    "author: somebody",
    "author: [a, b]",
    "date: 2024-08-08",
    "date: 2024-13-08",
    "date: 2024-08-32",
    "date: 24-08-08",
    "date: 2024-8-8",
    "modified: 2024-08-08",
    "modified: yesterday",
    "references: [a, b]",
    "references: [a, a]",
    "references: a",
    "references: [5]",
    "tags: [attack.t1059.004, cve.2021-4034]",
    "tags: [Attack.T1059]",
    "tags: [attack]",
    "tags: [attack.t1, attack.t1]",
    "tags: attack.t1",
    "falsepositives: [Unknown]",
    "falsepositives: [U]",
    "falsepositives: Unknown",
    "fields: [a]",
    "fields: [a, a]",
    "fields: a",
    "scope: [server]",
    "scope: [s]",
    "related: [{id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: derived}]",
    "related: [{id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: cousin}]",
    "related: [{id: x, type: derived}]",
    "related: [{type: derived}]",
    "related: x",
    "logsource: {category: a, service: b, definition: c, other: [1]}",
    "logsource: {product: 5}",
    "logsource: {definition: [a]}",
    "logsource: linux",
    "logsource: []",
    "detection: {selection: [a, 5, {b: c}], condition: selection}",
    "detection: {selection: [1.5], condition: selection}",
    "detection: {selection: [null], condition: selection}",
    "detection: {selection: [true], condition: selection}",
    "detection: {selection: [[a]], condition: selection}",
    "detection: {selection: text, condition: selection}",
    "detection: {selection: 5, condition: selection}",
    "detection: {selection: {a: b}}",
    "detection: {selection: {a: b}, condition: 5}",
    "detection: text",
    "custom: {anything: [goes]}",
];

#[test]
fn heads_and_bodies_of_detections_are_accepted_and_refused_as_by_the_schema() {
    let Some(schema) = schema("detection-schema.json") else { return };
    assert_eq!(both(&schema, RULE), (true, true, String::new()));
    let mut refused = 0;
    for change in CHANGES {
        let key = change.split(':').next().unwrap();
        let change = change.replace(">LONG", &"x".repeat(257));
        let kept: String =
            RULE.lines().filter(|line| !line.starts_with(&format!("{key}:"))).map(|line| format!("{line}\n")).collect();
        let (theirs, ours, reasons) = both(&schema, &format!("{kept}{change}\n"));
        assert_eq!(theirs, ours, "{change}: {reasons}");
        refused += usize::from(!theirs);
    }
    assert!(refused > 30, "{refused}");
    for key in ["title", "logsource", "detection"] {
        let kept: String =
            RULE.lines().filter(|line| !line.starts_with(&format!("{key}:"))).map(|line| format!("{line}\n")).collect();
        let (theirs, ours, reasons) = both(&schema, &kept);
        assert!(!theirs && !ours, "without {key}: {reasons}");
    }
}

#[test]
fn where_this_reader_differs_from_the_schema_it_does_so_on_purpose() {
    let Some(schema) = schema("detection-schema.json") else { return };
    // Accepted here alone: dates from before version 2, and what the text of the specification allows for conditions.
    for change in ["date: 2019/10/12\n", "\n"] {
        let text = RULE.replace(
            "condition: selection",
            if change == "\n" { "condition: [selection]" } else { "condition: selection" },
        );
        let (theirs, ours, reasons) = both(&schema, &format!("{text}{change}"));
        assert!(!theirs && ours, "{change}: {reasons}");
    }
    // Refused here alone: what the schema cannot see.
    for (from, to) in [
        ("condition: selection", "condition: other"),
        ("condition: selection", "condition: selection and"),
        ("condition: selection", "condition: selection | count() > 5"),
        ("a: b", "a|unknown: b"),
        ("a: b", "'a|re': '('"),
        ("{a: b}", "{}"),
        ("title: A Rule\n", "title: A Rule\ntaxonomy: house\n"),
        ("title: A Rule\n", "title: A Rule\nstatus: unsupported\n"),
    ] {
        let (theirs, ours, _) = both(&schema, &RULE.replace(from, to));
        assert!(theirs && !ours, "{to}");
    }
}

const CORRELATION: &str = "title: Many\ncorrelation: {type: event_count, rules: [base_rule], group-by: [User], timespan: 1h, condition: {gte: 5}}\n";
const BASE: &str =
    "title: Base\nname: base_rule\nlogsource: {product: linux}\ndetection: {selection: {a: b}, condition: selection}\n";

#[test]
fn correlations_are_accepted_and_refused_as_by_the_schema() {
    let Some(schema) = schema("correlation-schema.json") else { return };
    let both = |text: &str| {
        let theirs = documents(text).iter().all(|node| schema.is_valid(&to_json(node.as_ref().unwrap())));
        let together = format!("{BASE}---\n{text}");
        let (_, unusable) = Sigma::compile([("rule.yml", together.as_str())], &Options::default());
        (theirs, unusable.is_empty(), unusable.iter().map(ToString::to_string).collect::<String>())
    };
    assert_eq!(both(CORRELATION), (true, true, String::new()));
    for (from, to) in [
        ("type: event_count", "type: temporal"),
        ("type: event_count", "type: temporal_ordered"),
        ("type: event_count", "type: count"),
        ("type: event_count, ", ""),
        ("rules: [base_rule], ", ""),
        ("[base_rule]", "base_rule"),
        ("[base_rule]", "[base_rule, base_rule]"),
        ("[base_rule]", "[5]"),
        ("group-by: [User], ", ""),
        ("[User]", "User"),
        ("[User]", "[User, User]"),
        (", timespan: 1h", ""),
        ("timespan: 1h", "timespan: 3600"),
        (", condition: {gte: 5}", ""),
        ("timespan: 1h", "timespan: 1h, aliases: {x: {base_rule: User}}"),
        ("timespan: 1h", "timespan: 1h, aliases: {x: y}"),
        ("timespan: 1h", "timespan: 1h, aliases: []"),
        ("title: Many\n", "title: Many\ngenerate: true\n"),
        ("title: Many\n", "title: Many\ngenerate: 5\n"),
        ("title: Many\n", "title: Many\nlevel: high\nstatus: test\nfalsepositives: Sometimes\n"),
        ("title: Many\n", "title: Many\nlevel: huge\n"),
        ("title: Many\n", ""),
    ] {
        assert!(CORRELATION.contains(from), "{from}");
        let (theirs, ours, reasons) = both(&CORRELATION.replace(from, to));
        assert_eq!(theirs, ours, "{from} → {to}: {reasons}");
    }
}

#[test]
fn every_rule_of_the_collection_is_valid_by_the_schema() {
    let (Some(schema), Some(folder)) = (schema("detection-schema.json"), data("linux")) else { return };
    let (files, unread) = super::files::read(&folder);
    assert!(unread.is_empty() && files.len() >= 200, "{unread:?}");
    for (path, text) in files {
        let (theirs, ours, reasons) = both(&schema, &text);
        assert!(theirs && ours, "{}: {reasons}", path.display());
    }
}
