//! Documents against the structure and the enumerations of VERIS 1.4.1, for every kind of incident that there is.

use keelguard_model::incident::{INCIDENT_SCHEMA, Incident, IncidentReport, Reason, Stage, Step, Technique};
use keelguard_model::{Area, Severity, Subject, SubjectKind, ToolInfo, attack};
use serde_json::{Value, json};

use super::{VerisVictim, document, pattern};

mod schema;

use schema::wrong;

/// An incident with these steps, techniques and services.
fn incident(stages: &[(Stage, Area)], techniques: &[&str], services: &[&str], who: (&[&str], &[&str])) -> Incident {
    let time: jiff::Timestamp = "2026-11-24T08:10:00Z".parse().unwrap();
    let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut areas: Vec<Area> = stages.iter().map(|(_, area)| *area).collect();
    areas.sort_unstable();
    areas.dedup();
    let steps = stages.iter().enumerate().map(|(index, (stage, area))| Step {
        time: time + jiff::SignedDuration::from_mins(i64::try_from(index).unwrap() * 7),
        until: None,
        stage: *stage,
        what: format!("step {index} \u{1b}[2J\"\\"),
        area: *area,
        rule: "KG-L006".to_owned(),
        severity: Severity::High,
        subject: Subject::new(SubjectKind::User, "x"),
        fingerprint: "0".repeat(16),
        joined: "x".to_owned(),
    });
    Incident {
        id: "0123456789abcdef".to_owned(),
        title: "Somebody got in".to_owned(),
        severity: Severity::Critical,
        confidence: 0.93,
        reasons: vec![Reason { why: "x".to_owned(), weight: 0.5 }],
        first: time,
        last: time,
        areas,
        hosts: Vec::new(),
        containers: Vec::new(),
        users: owned(who.0),
        addresses: owned(who.1),
        services: owned(services),
        techniques: techniques
            .iter()
            .map(|id| Technique { id: (*id).to_owned(), name: "x".to_owned(), tactics: Vec::new() })
            .collect(),
        timeline: steps.collect(),
        more: 0,
        advice: Vec::new(),
        commands: Vec::new(),
    }
}

fn report() -> IncidentReport {
    IncidentReport {
        schema: INCIDENT_SCHEMA.to_owned(),
        tool: ToolInfo { name: "keelguard".to_owned(), version: "0.1.0".to_owned() },
        made: "2026-11-25T08:10:00Z".parse().unwrap(),
        sources: Vec::new(),
        signs: vec![Area::Logins],
        findings: 1,
        from: None,
        to: None,
        incidents: Vec::new(),
        incomplete: Vec::new(),
    }
}

fn veris(incident: &Incident) -> Value {
    document(incident, &report(), &VerisVictim::default())
}

const OUTSIDER: (&[&str], &[&str]) = (&["deploy"], &["203.0.113.9"]);
const INSIDER: (&[&str], &[&str]) = (&["mallory"], &[]);
const NOBODY: (&[&str], &[&str]) = (&[], &[]);

/// Every kind of incident, with the pattern it is.
fn kinds() -> Vec<(&'static str, Incident)> {
    use Area::{Data, Downtime, Logins, Performance, Spam};
    use Stage::{Attempt, Entry, Foothold, Harm, Hiding, Unusual};
    let guessed: &[&str] = &["T1110.001", "T1110", "T1078"];
    let all = [guessed, &["T1136.001", "T1098.004", "T1548.003", "T1053.003", "T1070.002"]].concat();
    vec![
        (
            "System Intrusion",
            incident(
                &[(Attempt, Logins), (Entry, Logins), (Foothold, Logins), (Hiding, Logins)],
                &all,
                &["sshd"],
                OUTSIDER,
            ),
        ),
        (
            "System Intrusion",
            incident(
                &[(Entry, Logins), (Harm, Performance), (Harm, Downtime)],
                &["T1110", "T1078", "T1496", "T1529"],
                &["sshd"],
                OUTSIDER,
            ),
        ),
        (
            "System Intrusion",
            incident(
                &[(Entry, Logins), (Harm, Data)],
                &["T1110", "T1486", "T1485", "T1490"],
                &["sshd", "dovecot"],
                OUTSIDER,
            ),
        ),
        ("System Intrusion", incident(&[(Entry, Logins), (Harm, Spam)], &["T1078"], &["postfix/smtpd"], OUTSIDER)),
        (
            "System Intrusion",
            incident(
                &[(Entry, Logins), (Harm, Performance)],
                &["T1078", "T1071.001", "T1105", "T1505.003", "T1014"],
                &["openvpn"],
                OUTSIDER,
            ),
        ),
        ("System Intrusion", incident(&[(Entry, Logins)], &["T1078.001", "T1098"], &[], OUTSIDER)),
        ("System Intrusion", incident(&[(Entry, Logins), (Foothold, Logins)], guessed, &["nginx"], OUTSIDER)),
        (
            "Basic Web Application Attacks",
            incident(&[(Attempt, Logins), (Entry, Logins)], guessed, &["nginx"], OUTSIDER),
        ),
        (
            "System Intrusion",
            incident(&[(Attempt, Logins), (Unusual, Logins)], &["T1110.001", "T1078"], &["sshd"], OUTSIDER),
        ),
        (
            "System Intrusion",
            incident(
                &[(Attempt, Logins), (Entry, Logins), (Harm, Downtime)],
                &["T1110", "T1499.001", "T1496.001"],
                &["sshd"],
                OUTSIDER,
            ),
        ),
        ("Denial of Service", incident(&[(Harm, Performance), (Harm, Downtime)], &["T1498"], &[], NOBODY)),
        ("Denial of Service", incident(&[(Harm, Performance)], &["T1499.002"], &["nginx"], OUTSIDER)),
        ("Everything Else", incident(&[(Harm, Downtime)], &["T1499.001", "T1496.001"], &[], NOBODY)),
        (
            "Privilege Misuse",
            incident(&[(Unusual, Logins), (Hiding, Logins)], &["T1548.003", "T1070.002"], &[], INSIDER),
        ),
        ("Everything Else", incident(&[(Harm, Downtime)], &[], &[], NOBODY)),
        ("System Intrusion", incident(&[(Harm, Data), (Harm, Performance)], &["T1486"], &[], NOBODY)),
        ("Everything Else", incident(&[(Hiding, Data)], &["T1565.001", "T1491", "T1562.001", "T1556"], &[], NOBODY)),
    ]
}

#[test]
fn every_kind_of_incident_is_in_the_words_of_veris_and_of_its_pattern() {
    for (number, (pattern, incident)) in kinds().iter().enumerate() {
        let document = veris(incident);
        assert_eq!(wrong(&document), Vec::<String>::new(), "{number}: {document:#}");
        assert_eq!(document["plus"]["pattern"], *pattern, "{number}: {document:#}");
        assert!(pattern::ALL.contains(pattern));
        assert_eq!(document["schema_version"], "1.4.1");
    }
}

#[test]
fn whatever_technique_an_incident_shows_its_document_stays_one_of_veris() {
    for id in keelguard_model::rules().flat_map(|rule| rule.attack) {
        assert!(attack::technique(id).is_some());
        for who in [OUTSIDER, INSIDER, NOBODY] {
            for stage in Stage::ALL {
                for service in ["sshd", "nginx", "mariadb", "dovecot", "wireguard", "something new"] {
                    let document = veris(&incident(&[(stage, Area::Logins)], &[id], &[service], who));
                    assert_eq!(wrong(&document), Vec::<String>::new(), "{id} {stage:?} {service}: {document:#}");
                }
            }
        }
    }
}

#[test]
fn a_technique_that_only_may_be_is_no_malware() {
    let reads = incident(&[(Stage::Unusual, Area::Logins)], &["T1005", "T1486", "T1496.001"], &[], INSIDER);
    assert_eq!(veris(&reads)["action"].as_object().unwrap().keys().collect::<Vec<_>>(), ["misuse"]);
    let encrypts = incident(&[(Stage::Harm, Area::Data)], &["T1486"], &[], NOBODY);
    assert_eq!(veris(&encrypts)["action"]["malware"]["variety"], json!(["Ransomware"]));
}

#[test]
fn an_outage_says_what_failed_where_the_log_does() {
    let mut outage = incident(&[(Stage::Harm, Area::Downtime)], &[], &[], NOBODY);
    let action = |incident: &Incident| {
        let document = veris(incident);
        assert_eq!(wrong(&document), Vec::<String>::new());
        assert_eq!(document["attribute"]["availability"]["variety"], json!(["Interruption"]));
        document["action"].clone()
    };
    assert!(action(&outage).get("unknown").is_some());
    outage.timeline[0].rule = "KG-T021".to_owned();
    assert_eq!(action(&outage), json!({"environmental": {"variety": ["Power failure"]}}));
}

#[test]
fn the_check_finds_what_is_wrong() {
    let good = veris(&kinds()[1].1);
    for (path, value) in [
        ("/action/hacking/variety/0", json!("Brute Force")),
        ("/asset", json!({})),
        ("/timeline/incident", json!({"month": 3})),
        ("/actor/external/motive", json!([])),
        ("/attribute/integrity/variety", json!(["Repurpose"])),
        ("/impact", json!({"overall_rating": "Unknown", "cost": 3})),
        ("/value_chain/development/variety", json!(["Unknown", "Unknown"])),
    ] {
        let mut broken = good.clone();
        *broken.pointer_mut(path).unwrap() = value;
        assert_ne!(wrong(&broken), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn an_incident_keeps_its_id_and_the_victim_is_who_the_settings_say() {
    let one = &kinds()[0].1;
    assert_eq!(veris(one)["incident_id"], veris(one)["plus"]["master_id"]);
    let id = veris(one)["incident_id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'));
    let victim = VerisVictim::new("DE", "921190", "11 to 100", "Example").unwrap();
    let document = document(one, &report(), &victim);
    assert_eq!(wrong(&document), Vec::<String>::new());
    assert_eq!(
        document["victim"],
        json!({"country": ["DE"], "industry": "921190", "employee_count": "11 to 100", "government": ["Unknown"], "victim_id": "Example"})
    );
}

#[test]
fn how_long_it_took_is_told_in_the_largest_unit() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let from = at("2026-11-24T08:10:00Z");
    for (to, expected) in [
        ("2026-11-24T08:10:30Z", json!({"unit": "Seconds", "value": 30})),
        ("2026-11-24T10:10:00Z", json!({"unit": "Hours", "value": 2})),
        ("2027-01-24T08:10:00Z", json!({"unit": "Months", "value": 2})),
        ("2026-11-24T08:00:00Z", json!({"unit": "Seconds", "value": 0})),
    ] {
        assert_eq!(super::span(from, at(to)), expected);
    }
}
