//! What programs read.

use keelguard_report::{Format, Options, compare, empty_report};
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::sample;
use crate::screens::shown;

#[test]
fn json_lines_hold_one_finding_each_and_nothing_else() {
    let page = shown(Format::Jsonl, &Options::default());
    assert_eq!(page.lines().count(), sample::report().findings.len());
    for line in page.lines() {
        serde_json::from_str::<keelguard_model::Finding>(line).unwrap();
    }
}

#[test]
fn json_reads_back_as_the_same_report() {
    let page = shown(Format::Json, &Options::default());
    assert_eq!(keelguard_report::read_report(page.as_bytes()).unwrap(), sample::report());
}

/// The parts of the SARIF 2.1.0 schema that we write, with its own bounds.
fn sarif_schema() -> Value {
    let message = json!({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}});
    let level = json!({"enum": ["none", "note", "warning", "error"]});
    let descriptor = json!({"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "shortDescription": message, "fullDescription": message, "help": message,
        "helpUri": {"type": "string", "pattern": "^https://"}, "defaultConfiguration": {"properties": {"level": level}},
        "properties": {"properties": {"tags": {"type": "array", "uniqueItems": true}}}}});
    let uri = json!({"type": "string", "pattern": "^([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"});
    let location = json!({"type": "object", "properties": {
        "physicalLocation": {"required": ["artifactLocation"], "properties": {"artifactLocation": {"properties": {"uri": uri}}}},
        "logicalLocations": {"type": "array", "items": {"properties": {"index": {"type": "integer"}}}}}});
    let result = json!({"type": "object", "required": ["message", "ruleId", "locations"], "additionalProperties": false,
        "properties": {"ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0}, "level": level,
            "message": message, "locations": {"type": "array", "items": location},
            "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
            "properties": {"type": "object"}, "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
            "suppressions": {"type": "array", "uniqueItems": true, "items": {"required": ["kind"],
                "properties": {"kind": {"enum": ["inSource", "external"]}, "status": {"enum": ["accepted"]}}}}}});
    json!({"type": "object", "required": ["version", "runs"], "additionalProperties": false, "properties": {
        "$schema": {"type": "string"}, "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"type": "object", "required": ["tool", "results"], "properties": {
            "tool": {"required": ["driver"], "properties": {"driver": {"required": ["name"], "properties": {
                "rules": {"type": "array", "uniqueItems": true, "items": descriptor}}}}},
            "invocations": {"type": "array", "items": {"required": ["executionSuccessful"], "properties": {
                "startTimeUtc": {"pattern": "Z$"},
                "toolExecutionNotifications": {"items": {"required": ["message"], "properties": {"level": level, "message": message}}}}}},
            "results": {"type": "array", "items": result}}}}}})
}

#[test]
fn sarif_has_the_form_that_its_standard_asks_for() {
    let baseline = compare(&empty_report("edge-07"), &sample::report());
    let page = shown(Format::Sarif, &Options { baseline: Some(baseline), ..Options::default() });
    let log: Value = serde_json::from_str(&page).unwrap();
    let validator = jsonschema::validator_for(&sarif_schema()).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), sample::report().findings.len());
    for result in run["results"].as_array().unwrap() {
        let place = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][place]["id"], result["ruleId"]);
    }
    let suppressed = |result: &&Value| result["suppressions"].as_array().is_some_and(|list| !list.is_empty());
    assert_eq!(run["results"].as_array().unwrap().iter().filter(suppressed).count(), 1);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 3);
}

#[test]
fn junit_is_well_formed_and_its_counts_are_true() {
    let page = shown(Format::Junit, &Options::default());
    let mut reader = quick_xml::Reader::from_str(&page);
    let (mut suites, mut cases, mut failures, mut promised) = (0, 0, 0, 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    if tag.name().as_ref() == "testsuites" && attribute.key.as_ref() == "tests" {
                        promised = attribute.value.parse().unwrap();
                    }
                }
                match tag.name().as_ref() {
                    "testsuite" => suites += 1,
                    "testcase" => cases += 1,
                    "failure" => failures += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let open = sample::report().findings.iter().filter(|finding| finding.suppressed.is_none()).count();
    assert_eq!((suites, cases, failures), (9, promised, open));
    assert!(page.contains("<skipped message=\"judged from a later release on\"/>"));
    assert!(!page.contains('\u{fffe}'));
}
