use keelguard_model::Severity;
use keelguard_model::image::{Kev, Os, Target, Vulnerability, Why};
use serde_json::{Value, json};

use super::*;
use crate::scan::{OddFile, Oddity};

fn image(config: Value, odd: Vec<OddFile>) -> Examined {
    let target = Target {
        input: "web:1".into(),
        reference: Some("web:1".into()),
        os: Some(Os { id: "debian".into(), version: "12".into(), ecosystem: None }),
        ..Target::default()
    };
    Examined { target, packages: Vec::new(), odd, config, incomplete: Vec::new() }
}

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn ids(examined: &Examined) -> Vec<String> {
    judge(examined, now()).into_iter().map(|finding| finding.rule).collect()
}

fn odd(path: &str, oddity: Oddity) -> OddFile {
    OddFile { path: path.into(), oddity, size: 10 }
}

#[test]
fn a_well_kept_image_has_no_finding_but_that_its_tag_moves() {
    let config =
        json!({"created": "2026-11-01T00:00:00Z", "config": {"User": "app", "Env": ["PATH=/bin"]}, "history": []});
    let odd = vec![odd("usr/bin/su", Oddity::Setuid), odd("tmp", Oddity::WorldWritable)];
    assert_eq!(ids(&image(config, odd)), ["KG-I021"]);
}

#[test]
fn a_careless_image_has_a_finding_for_each_fault() {
    let config = json!({
        "created": "2024-01-01T00:00:00Z",
        "config": {"Env": ["DB_PASSWORD=hunter2"]},
        "history": [
            {"created_by": "/bin/sh -c #(nop) ADD file:1 in /"},
            {"created_by": "/bin/sh -c #(nop) ADD https://example.com/tool.tgz in /opt"},
            {"created_by": "RUN NPM_TOKEN=abc npm install"},
        ],
    });
    let odd = vec![
        odd("dev/null", Oddity::LinkTrap),
        odd("root/.ssh/id_rsa", Oddity::Credentials),
        odd("usr/local/bin/su", Oddity::Setuid),
        odd("srv/data", Oddity::WorldWritable),
        odd("var/cache/apt/archives/a.deb", Oddity::PackageCache),
    ];
    let mut examined = image(config, odd);
    examined.target.reference = Some("shop/web".into());
    examined.target.os = Some(Os { id: "alpine".into(), version: "3.18.4".into(), ecosystem: None });
    let mut found = ids(&examined);
    found.sort();
    assert_eq!(
        found,
        [
            "KG-I010", "KG-I011", "KG-I020", "KG-I021", "KG-I022", "KG-I030", "KG-I030", "KG-I031", "KG-I032",
            "KG-I040", "KG-I041", "KG-I042", "KG-I043"
        ]
    );
    let text = format!("{:?}", judge(&examined, now()));
    assert!(!text.contains("hunter2") && !text.contains("abc npm"), "secrets are named, never shown: {text}");
}

#[test]
fn a_date_of_a_reproducible_build_is_no_age() {
    let config = json!({"created": "1970-01-01T00:00:00Z", "config": {"User": "1000:1000"}});
    assert_eq!(ids(&image(config, Vec::new())), ["KG-I021"]);
}

#[test]
fn a_folder_has_no_configuration_to_complain_of() {
    let mut examined = image(Value::Null, Vec::new());
    examined.target.reference = None;
    assert!(ids(&examined).is_empty());
}

fn row(id: &str, severity: Severity, fixed: &[&str]) -> Vulnerability {
    Vulnerability {
        id: id.into(),
        aliases: Vec::new(),
        package: "pkg:deb/debian/openssl@3".into(),
        installed: "3".into(),
        fixed: fixed.iter().map(ToString::to_string).collect(),
        severity,
        summary: String::new(),
        cvss: None,
        kev: None,
        epss: None,
        vex: None,
        suppressed: None,
        layer: None,
        why: Why { looked_up: "openssl".into(), ..Why::default() },
    }
}

#[test]
fn what_is_exploited_is_critical_whatever_its_score_and_what_vex_settles_is_none() {
    let subject = Subject::image("web:1", None);
    let mut exploited = row("CVE-2026-1", Severity::Low, &["4"]);
    exploited.kev = Some(Kev { added: "2026-01-01".into(), due: None, ransomware: false });
    let mut settled = row("CVE-2026-2", Severity::Critical, &["4"]);
    settled.vex = Some(keelguard_model::image::Vex {
        status: "not_affected".into(),
        justification: None,
        source: "vendor".into(),
    });
    let found = each(&subject, &[exploited, settled]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule.as_str(), found[0].severity), ("KG-I001", Severity::Critical));
    assert_eq!(found[0].refs.cve, ["CVE-2026-1"]);
}

#[test]
fn a_vulnerability_counts_by_what_its_containers_can_be_reached_by() {
    let subject = Subject::image("web:1", None);
    let over_network = |vector: &str| {
        let mut row = row("CVE-2026-1", Severity::High, &["4"]);
        row.cvss = Some(keelguard_model::image::Cvss { vector: vector.into(), score: 7.5 });
        row
    };
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<String>>();
    let severity = |row: &Vulnerability, running: &[&str], published: &[&str], to_host: &[&str]| {
        let exposure = Exposure { running: names(running), published: names(published), to_host: names(to_host) };
        summed(&subject, std::slice::from_ref(row), &exposure)[0].severity
    };
    let (near, far) = (over_network("CVSS:3.1/AV:L/AC:L"), over_network("CVSS:3.1/AV:N/AC:L"));
    assert_eq!(severity(&far, &[], &[], &[]), Severity::Medium, "nothing runs it");
    assert_eq!(severity(&far, &["web"], &[], &[]), Severity::High);
    assert_eq!(severity(&far, &["web"], &["web"], &[]), Severity::Critical);
    assert_eq!(severity(&near, &["web"], &["web"], &[]), Severity::High, "nobody reaches it over the network");
    assert_eq!(severity(&near, &["web"], &[], &["web"]), Severity::Critical, "what it opens leads on to the host");
}

#[test]
fn a_sum_counts_problems_and_not_the_binary_packages_of_one_source() {
    let mut other = row("CVE-2026-1", Severity::High, &["4"]);
    other.package = "pkg:deb/debian/libssl3@3".into();
    let rows = [row("CVE-2026-1", Severity::High, &["4"]), other, row("CVE-2026-2", Severity::Low, &[])];
    let found = summed(&Subject::image("web:1", None), &rows, &Exposure::default());
    let titles: Vec<&str> = found.iter().map(|finding| finding.title.as_str()).collect();
    assert_eq!(titles, ["1 vulnerability that an upgrade fixes", "1 vulnerability without a fix"]);
}

#[test]
fn a_malicious_package_is_critical_whatever_its_record_says() {
    let mut malicious = row("MAL-2026-1", Severity::Info, &[]);
    malicious.why.records = vec!["MAL-2026-1".into()];
    let found = each(&Subject::image("web:1", None), std::slice::from_ref(&malicious));
    assert_eq!((found[0].rule.as_str(), found[0].severity), ("KG-I004", Severity::Critical));
    let running = Exposure { running: vec!["web".into()], ..Exposure::default() };
    let summed_up = summed(&Subject::image("web:1", None), &[malicious], &running);
    assert_eq!((summed_up[0].rule.as_str(), summed_up[0].severity), ("KG-I004", Severity::Critical));
    assert_eq!(summed_up[0].title, "1 package that is known to be malicious");
}
