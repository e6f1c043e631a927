//! VEX on the command line: what is said of a vulnerability in this image counts, and nothing else does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]

mod bom;
mod support;

use bom::{archive, home, openvex, report, run, said, written};
use serde_json::{Value, json};
use support::Home;

const LIBTAR: &str = "pkg:deb/debian/libtar1@1.0-1%2Bdeb12u1?arch=amd64&distro=debian-12";

/// What the rows say with this document.
fn with(home: &Home, document: &str) -> Vec<String> {
    home.write("vex.json", document);
    said(&report(home, &["dir:root", "--vex", "vex.json"]).1)
}

fn untouched(home: &Home) -> Vec<String> {
    said(&report(home, &["dir:root"]).1)
}

#[test]
fn what_is_not_affected_fails_nothing_and_is_counted_and_kept_in_the_json() {
    let home = home();
    assert_eq!(run(&home, &["image", "dir:root", "--fail-on", "low", "--offline"]).0, 1);
    let files = ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003", "CVE-2026-0004"].map(|cve| {
        let file = format!("{cve}.json");
        home.write(
            &file,
            openvex(cve, if cve.ends_with('3') { "fixed" } else { "not_affected" }, &json!({"@id": "dir:root"})),
        );
        file
    });
    let flags: Vec<&str> = files.iter().flat_map(|file| ["--vex", file]).collect();
    let arguments = |more: &[&'static str]| [&["image", "dir:root", "--offline"], flags.as_slice(), more].concat();
    let (code, screen, _) = run(&home, &arguments(&["--fail-on", "low"]));
    assert_eq!(code, 0);
    assert!(screen.contains("none left") && screen.contains("6 left out by VEX"), "{screen}");
    assert!(!screen.contains("CVE-2026-0001") && !screen.contains("none known"), "{screen}");
    let (_, screen, _) = run(&home, &arguments(&["--all"]));
    for part in ["Left out by VEX   6 rows", "Shop security says not_affected:", "vulnerable_code_not_in_execute_path"]
    {
        assert!(screen.contains(part), "{part} is not in\n{screen}");
    }
    let (_, json, _) = run(&home, &arguments(&["--format", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["vulnerabilities"].as_array().unwrap().len(), 6);
    assert!(json["vulnerabilities"].as_array().unwrap().iter().all(|row| row["vex"]["source"] == "Shop security"));
    let (_, sarif, _) = run(&home, &arguments(&["--format", "sarif"]));
    assert!(!sarif.contains("CVE-2026-0001"), "pipelines are told of nothing that is settled");
}

#[test]
fn a_statement_holds_for_the_product_it_names_and_for_no_other() {
    let home = home();
    let only_libtar: Vec<String> = untouched(&home)
        .into_iter()
        .map(|row| row.replace("CVE-2026-0001 libtar1 -", "CVE-2026-0001 libtar1 not_affected"))
        .collect();
    let statement = |product: Value| with(&home, &openvex("CVE-2026-0001", "not_affected", &product));
    for fits in [
        json!({"@id": LIBTAR}),
        json!({"@id": "pkg:deb/debian/libtar1@1.0-1%2Bdeb12u1"}),
        json!({"@id": "pkg:deb/debian/libtar1"}),
        json!({"@id": "libtar", "identifiers": {"purl": "pkg:deb/debian/libtar1?distro=debian-12"}}),
        json!({"@id": "dir:root", "subcomponents": [{"@id": LIBTAR}]}),
    ] {
        assert_eq!(statement(fits.clone()), only_libtar, "{fits}");
    }
    for other in [
        json!({"@id": "pkg:deb/debian/libtar1@1.0-1%2Bdeb12u2"}),
        json!({"@id": "pkg:deb/debian/libtar1@1.0-1"}),
        json!({"@id": "pkg:deb/debian/libtar"}),
        json!({"@id": "pkg:deb/ubuntu/libtar1"}),
        json!({"@id": "pkg:rpm/debian/libtar1"}),
        json!({"@id": "pkg:deb/debian/libtar1?arch=arm64"}),
        json!({"@id": "dir:other", "subcomponents": [{"@id": LIBTAR}]}),
        json!({"@id": "pkg:oci/web@sha256:00ff", "subcomponents": [{"@id": LIBTAR}]}),
        json!({"@id": "libtar1", "identifiers": {"purl": "pkg:deb/debian/libtar1@9"}}),
        json!({"@id": "pkg:deb/debian/libtar1", "identifiers": {"purl": "pkg:deb/debian/libtar1@9"}}),
        json!({"@id": LIBTAR, "subcomponents": [{"@id": "pkg:npm/left-pad"}]}),
    ] {
        assert_eq!(statement(other.clone()), untouched(&home), "{other}");
    }
    let all = with(&home, &openvex("CVE-2026-9999", "not_affected", &json!({"@id": "dir:root"})));
    assert_eq!(all, untouched(&home), "another vulnerability");
}

#[test]
fn a_source_package_stands_for_what_is_built_from_it() {
    let home = home();
    let product = json!({"@id": "pkg:deb/debian/tarlib@1.0-1%2Bdeb12u1?arch=source"});
    let rows = with(&home, &openvex("CVE-2026-0001", "not_affected", &product));
    assert!(rows.contains(&"CVE-2026-0001 libtar1 not_affected".to_owned()), "{rows:?}");
    assert!(rows.contains(&"CVE-2026-0001 libtar-dev -".to_owned()), "it is built from an older source: {rows:?}");
}

#[test]
fn an_image_is_known_by_its_digest_and_an_alias_is_as_good_as_the_name() {
    let home = home();
    archive(&home);
    let digest = report(&home, &["image.tar"]).1["target"]["digest"].as_str().unwrap().to_owned();
    let hash = digest.strip_prefix("sha256:").unwrap();
    let rows = |product: Value| {
        home.write("vex.json", openvex("GHSA-2026-0004", "not_affected", &product));
        said(&report(&home, &["image.tar", "--vex", "vex.json"]).1)
    };
    let settled = "CVE-2026-0004 cart not_affected".to_owned();
    for fits in [
        json!({"@id": format!("pkg:oci/web@{digest}?repository_url=docker.io/shop/web")}),
        json!({"@id": format!("pkg:oci/anything@{}", digest.replace(':', "%3A"))}),
        json!({"@id": "pkg:oci/web?repository_url=docker.io/shop/web&tag=1"}),
        json!({"@id": "pkg:docker/shop/web@1"}),
        json!({"@id": "shop/web:1"}),
        json!({"@id": "https://shop.example/web", "hashes": {"sha-256": hash}}),
        json!({"@id": "shop/web:1", "subcomponents": [{"@id": "pkg:npm/%40shop/cart@1.3.0"}]}),
    ] {
        assert!(rows(fits.clone()).contains(&settled), "{fits}");
    }
    let zeros = "0".repeat(64);
    for other in [
        json!({"@id": format!("pkg:oci/web@sha256:{zeros}?repository_url=docker.io/shop/web")}),
        json!({"@id": "pkg:oci/web?repository_url=ghcr.io/shop/web"}),
        json!({"@id": "pkg:oci/web?repository_url=docker.io/shop/web&tag=2"}),
        json!({"@id": "pkg:docker/library/web@1"}),
        json!({"@id": "shop/web:2"}),
        json!({"@id": "shop/web:1", "hashes": {"sha-256": zeros}}),
        json!({"@id": "shop/web:1", "subcomponents": [{"@id": "pkg:npm/%40shop/cart@1.2.0"}]}),
    ] {
        assert!(!rows(other.clone()).contains(&settled), "{other}");
    }
}

#[test]
fn of_several_statements_the_latest_counts() {
    let home = home();
    let at = |status: &str, time: &str| json!({"vulnerability": {"name": "CVE-2026-0001"}, "products": [{"@id": "dir:root"}], "status": status, "timestamp": time});
    let document = |statements: Value| {
        json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "version": 1,
            "timestamp": "2020-01-01T00:00:00Z", "statements": statements})
        .to_string()
    };
    let old = at("not_affected", "2026-01-01T00:00:00Z");
    let new = at("affected", "2026-02-01T00:00:00+02:00");
    for order in [json!([old, new]), json!([new, old])] {
        let rows = with(&home, &document(order));
        assert!(rows.contains(&"CVE-2026-0001 libtar1 affected".to_owned()), "{rows:?}");
    }
    let (_, screen, _) = run(&home, &["image", "dir:root", "--vex", "vex.json", "--offline", "--all"]);
    assert!(screen.contains("affected tarlib"), "it stays on the screen, marked: {screen}");
    assert_eq!(run(&home, &["image", "dir:root", "--vex", "vex.json", "--offline", "--fail-on", "low"]).0, 1);
}

/// A CSAF document about two packages, one of which is named by a relationship with its system.
fn csaf() -> Value {
    json!({
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "x", "publisher": {"name": "Vendor", "category": "vendor", "namespace": "https://vendor.example"},
            "tracking": {"id": "V-1", "current_release_date": "2026-05-01T00:00:00Z", "initial_release_date": "2026-05-01T00:00:00Z", "status": "final", "version": "1", "revision_history": []}},
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Vendor", "branches": [
                {"category": "product_version", "name": "cart", "product": {"product_id": "CART", "name": "cart",
                    "product_identification_helper": {"purl": "pkg:npm/%40shop/cart@1.3.0"}}},
                {"category": "product_name", "name": "Debian 12", "product": {"product_id": "D12", "name": "Debian 12",
                    "product_identification_helper": {"cpe": "cpe:/o:debian:debian_linux:12"}}},
                {"category": "product_name", "name": "Debian 11", "product": {"product_id": "D11", "name": "Debian 11",
                    "product_identification_helper": {"cpe": "cpe:2.3:o:debian:debian_linux:11:*:*:*:*:*:*:*"}}}]}],
            "full_product_names": [{"product_id": "TAR", "name": "libtar1", "product_identification_helper": {"purl": "pkg:deb/debian/libtar1"}}],
            "relationships": [
                {"category": "default_component_of", "product_reference": "TAR", "relates_to_product_reference": "D12", "full_product_name": {"product_id": "D12:TAR", "name": "x"}},
                {"category": "default_component_of", "product_reference": "TAR", "relates_to_product_reference": "D11", "full_product_name": {"product_id": "D11:TAR", "name": "x"}}],
        },
        "vulnerabilities": [
            {"cve": "CVE-2026-0001", "product_status": {"known_not_affected": ["D12:TAR"]},
                "flags": [{"label": "component_not_present", "product_ids": ["D12:TAR"]}]},
            {"cve": "CVE-2026-0002", "product_status": {"known_not_affected": ["D11:TAR"]}},
            {"cve": "CVE-2026-0004", "product_status": {"known_affected": ["CART"]},
                "remediations": [{"category": "vendor_fix", "details": "take 1.4.0", "product_ids": ["CART"]}]},
        ],
    })
}

#[test]
fn csaf_is_heeded_for_the_products_in_its_tree() {
    let home = home();
    let rows = with(&home, &csaf().to_string());
    assert_eq!(
        rows,
        [
            "CVE-2026-0001 libtar-dev -",
            "CVE-2026-0001 libtar1 not_affected",
            "CVE-2026-0002 libtar-dev -",
            "CVE-2026-0002 libtar1 -",
            "CVE-2026-0003 epoch -",
            "CVE-2026-0004 cart affected",
        ]
    );
    let (_, read) = report(&home, &["dir:root", "--vex", "vex.json"]);
    let vex = |id: &str, package: &str| {
        let rows = read["vulnerabilities"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id && row["package"].as_str().unwrap().contains(package)).unwrap()["vex"]
            .clone()
    };
    assert_eq!(vex("CVE-2026-0001", "libtar1")["justification"], "component_not_present");
    assert_eq!(vex("CVE-2026-0001", "libtar1")["source"], "Vendor");
    assert_eq!(vex("CVE-2026-0004", "cart")["justification"], "take 1.4.0");
}

#[test]
fn what_is_written_as_openvex_can_be_judged_and_read_again() {
    let home = home();
    archive(&home);
    for target in ["dir:root", "image.tar"] {
        let mut document = written(&home, target, "openvex", "vex.json");
        assert_eq!(document["@context"], "https://openvex.dev/ns/v0.2.0");
        let statements = document["statements"].as_array_mut().unwrap();
        assert_eq!(statements.len(), 6);
        let mut statuses: Vec<(String, String)> = Vec::new();
        for statement in statements.iter_mut() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            statuses.push((text(&statement["status"]), text(&statement["action_statement"])));
            if statement["vulnerability"]["name"] == "CVE-2026-0003" {
                statement["status"] = json!("not_affected");
                statement["justification"] = json!("component_not_present");
            }
        }
        assert!(statuses.contains(&("affected".into(), "update tarlib to 1.0-1+deb12u2".into())), "{statuses:?}");
        assert!(statuses.contains(&("under_investigation".into(), String::new())), "{statuses:?}");
        home.write("vex.json", document.to_string());
        let (_, read) = report(&home, &[target, "--vex", "vex.json"]);
        assert_eq!(
            said(&read),
            [
                "CVE-2026-0001 libtar-dev affected",
                "CVE-2026-0001 libtar1 affected",
                "CVE-2026-0002 libtar-dev under_investigation",
                "CVE-2026-0002 libtar1 under_investigation",
                "CVE-2026-0003 epoch not_affected",
                "CVE-2026-0004 cart affected",
            ],
            "{target}"
        );
        let (_, again, _) = run(&home, &["image", target, "--vex", "vex.json", "--format", "openvex", "--offline"]);
        let again: Value = serde_json::from_str(&again).unwrap();
        let kept =
            again["statements"].as_array().unwrap().iter().find(|s| s["vulnerability"]["name"] == "CVE-2026-0003");
        assert_eq!(kept.unwrap()["justification"], "component_not_present", "a status that was given stays");
    }
}

#[test]
fn an_analysis_in_cyclonedx_is_heeded_for_its_own_image() {
    let home = home();
    archive(&home);
    let mut document = written(&home, "image.tar", "cyclonedx", "bom.json");
    for vulnerability in document["vulnerabilities"].as_array_mut().unwrap() {
        if vulnerability["id"] == "CVE-2026-0003" {
            vulnerability["analysis"] = json!({"state": "false_positive", "detail": "not built in"});
        }
    }
    home.write("vex.json", document.to_string());
    let settled = "CVE-2026-0003 epoch not_affected".to_owned();
    assert!(said(&report(&home, &["image.tar", "--vex", "vex.json"]).1).contains(&settled));
    assert!(
        said(&report(&home, &["bom.json", "--vex", "vex.json"]).1).contains(&settled),
        "its own document is the image"
    );
    assert!(!said(&report(&home, &["dir:root", "--vex", "vex.json"]).1).contains(&settled), "another product");
}

#[test]
fn a_broken_vex_document_is_refused_and_one_that_is_about_nothing_here_is_named() {
    let home = home();
    let product = json!({"@id": "dir:root"});
    let mut unknown = csaf();
    unknown["vulnerabilities"][0]["product_status"]["fixed"] = json!(["NOBODY"]);
    let mut nested = String::from(r#"{"document":{"csaf_version":"2.0"},"product_tree":{"branches":"#);
    nested.push_str(&r#"[{"branches":"#.repeat(10_000));
    nested.push_str(&format!("[]{}}}}}", "}]".repeat(10_000)));
    for (document, why) in [
        ("not json".to_owned(), "expected"),
        ("{}".to_owned(), "neither OpenVEX nor CSAF nor CycloneDX"),
        (r#"{"@context":"https://openvex.dev/ns/v0.2.0"}"#.to_owned(), "statements"),
        (openvex("CVE-2026-0001", "unaffected", &product), "\"unaffected\" is no status"),
        (unknown.to_string(), "\"NOBODY\""),
        (nested, "recursion limit"),
    ] {
        home.write("vex.json", &document);
        let (code, screen, said) = run(&home, &["image", "dir:root", "--vex", "vex.json", "--offline"]);
        assert_eq!((code, screen.as_str()), (2, ""), "{said}");
        assert!(said.contains("could not use the VEX document vex.json") && said.contains(why), "{why}: {said}");
    }
    assert_eq!(run(&home, &["image", "dir:root", "--vex", "absent.json", "--offline"]).0, 2);
    home.write("vex.json", openvex("CVE-1999-0001", "not_affected", &product));
    let (code, _, said) = run(&home, &["image", "dir:root", "--vex", "vex.json", "--offline"]);
    assert_eq!(code, 0);
    assert!(said.contains("the statement in vex.json is about no vulnerability that was found here"), "{said}");
}
