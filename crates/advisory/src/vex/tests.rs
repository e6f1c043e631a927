use keelguard_model::Severity;
use keelguard_model::image::{Os, Package, PackageKind, SourcePackage, Target, Vulnerability, Why};
use serde_json::{Value, json};

use super::*;

fn package(purl: &str, version: &str, kind: PackageKind) -> Package {
    let source = Some(SourcePackage { name: "src".into(), version: version.into() });
    Package {
        purl: purl.into(),
        name: "x".into(),
        version: version.into(),
        kind,
        source,
        paths: Vec::new(),
        layer: None,
        owner: None,
    }
}

fn row(package: &Package) -> Vulnerability {
    Vulnerability {
        id: "CVE-1".into(),
        aliases: vec!["GHSA-1".into()],
        package: package.purl.clone(),
        installed: package.version.clone(),
        fixed: Vec::new(),
        severity: Severity::High,
        summary: String::new(),
        cvss: None,
        kev: None,
        epss: None,
        vex: None,
        suppressed: None,
        layer: None,
        why: Why { records: vec!["RHSA-1".into()], ..Why::default() },
    }
}

/// Whether a statement on `product` reaches a package with this URL and version on Red Hat 9.4.
fn reaches(product: &Value, purl: &str, version: &str, kind: PackageKind) -> bool {
    let document = json!({"@context": "https://openvex.dev/ns/v0.2.0", "statements": [
        {"vulnerability": {"name": "GHSA-1"}, "status": "not_affected", "products": [product]}]});
    let statements = read(document.to_string().as_bytes(), "it").unwrap();
    let package = package(purl, version, kind);
    let mut rows = [row(&package)];
    apply(&statements, &mut rows, std::slice::from_ref(&package), &target());
    rows[0].is_settled()
}

fn target() -> Target {
    let os = Os { id: "rhel".into(), version: "9.4".into(), ecosystem: None };
    Target { input: "web".into(), os: Some(os), ..Target::default() }
}

#[test]
fn an_epoch_of_nothing_is_none_and_any_other_is_part_of_the_version() {
    let rpm = |product: &str, purl: &str, version: &str| reaches(&json!(product), purl, version, PackageKind::Rpm);
    assert!(rpm("pkg:rpm/redhat/bash@5-2?epoch=0", "pkg:rpm/rhel/bash@5-2?arch=x86_64", "5-2"));
    assert!(rpm("pkg:rpm/redhat/bash@5-2?epoch=1", "pkg:rpm/rhel/bash@5-2?epoch=1", "1:5-2"));
    assert!(rpm("pkg:rpm/redhat/src@5-2?arch=src", "pkg:rpm/rhel/bash@5-2?arch=x86_64", "5-2"));
    assert!(!rpm("pkg:rpm/redhat/bash@5-2?epoch=2", "pkg:rpm/rhel/bash@5-2?epoch=1", "1:5-2"));
    assert!(!rpm("pkg:rpm/redhat/bash@5-2?arch=src", "pkg:rpm/rhel/bash@5-2?arch=x86_64", "5-2"), "the source is src");
    assert!(!rpm("pkg:rpm/fedora/bash@5-2", "pkg:rpm/rhel/bash@5-2", "5-2"));
}

#[test]
fn names_and_versions_are_compared_as_their_kind_writes_them() {
    assert!(reaches(&json!("pkg:pypi/Typing_Extensions@4"), "pkg:pypi/typing-extensions@4", "4", PackageKind::Pypi));
    assert!(reaches(&json!("pkg:golang/stdlib@1.22.0"), "pkg:golang/stdlib@v1.22.0", "v1.22.0", PackageKind::Golang));
    assert!(reaches(&json!("pkg:maven/org.a/b@1"), "pkg:maven/org.a/b@1", "1", PackageKind::Maven));
    assert!(!reaches(&json!("pkg:maven/org.a/b@1.0"), "pkg:maven/org.a/b@1", "1", PackageKind::Maven));
    assert!(!reaches(&json!("pkg:npm/"), "pkg:npm/x@1", "1", PackageKind::Npm), "no package URL at all");
}

#[test]
fn a_release_of_a_system_is_no_other_that_begins_alike() {
    let os = |version: &str| Os { id: "rhel".into(), version: version.into(), ecosystem: None };
    let reaches = |cpe: &str, version: &str| {
        let document = json!({
            "document": {"csaf_version": "2.0", "category": "csaf_vex"},
            "product_tree": {
                "full_product_names": [
                    {"product_id": "P", "product_identification_helper": {"purl": "pkg:rpm/redhat/bash"}},
                    {"product_id": "S", "product_identification_helper": {"cpe": cpe}}],
                "relationships": [{"product_reference": "P", "relates_to_product_reference": "S", "full_product_name": {"product_id": "S:P"}}],
            },
            "vulnerabilities": [{"cve": "CVE-1", "product_status": {"known_not_affected": ["S:P"]}}],
        });
        let statements = read(document.to_string().as_bytes(), "it").unwrap();
        let package = package("pkg:rpm/rhel/bash@5-2", "5-2", PackageKind::Rpm);
        let mut rows = [row(&package)];
        let target = Target { os: Some(os(version)), ..target() };
        apply(&statements, &mut rows, std::slice::from_ref(&package), &target);
        rows[0].is_settled()
    };
    assert!(reaches("cpe:/o:redhat:enterprise_linux:9::baseos", "9.4"));
    assert!(reaches("cpe:/a:redhat:enterprise_linux:9::appstream", "9"));
    assert!(reaches("cpe:2.3:o:redhat:enterprise_linux:9.4:*:*:*:*:*:*:*", "9.4"));
    assert!(!reaches("cpe:/o:redhat:enterprise_linux:8::baseos", "9.4"));
    assert!(!reaches("cpe:/o:redhat:enterprise_linux:9::baseos", "90"));
    assert!(!reaches("cpe:/o:redhat:enterprise_linux:9.2", "9.4"));
    assert!(!reaches("cpe:/a:redhat:openshift:9", "9.4"), "a product that is not here");
    assert!(!reaches("cpe:2.3:o:redhat:enterprise_linux:*:*:*:*:*:*:*:*", "9.4"), "no release");
}

#[test]
fn where_a_document_contradicts_itself_the_word_that_asks_for_work_counts() {
    let document = json!({
        "document": {"csaf_version": "2.0"},
        "product_tree": {"full_product_names": [{"product_id": "P", "product_identification_helper": {"purl": "pkg:npm/x"}}]},
        "vulnerabilities": [{"cve": "CVE-1", "product_status": {"known_not_affected": ["P"], "known_affected": ["P"], "fixed": ["P"]}}],
    });
    let statements = read(document.to_string().as_bytes(), "it").unwrap();
    let package = package("pkg:npm/x@1", "1", PackageKind::Npm);
    let mut rows = [row(&package)];
    apply(&statements, &mut rows, std::slice::from_ref(&package), &target());
    assert_eq!(rows[0].vex.as_ref().unwrap().status, "affected");
}

#[test]
fn a_statement_without_products_silences_nothing() {
    let document = json!({"@context": "https://openvex.dev/ns/v0.2.0", "statements": [
        {"vulnerability": "CVE-1", "status": "not_affected"}]});
    let statements = read(document.to_string().as_bytes(), "it").unwrap();
    let package = package("pkg:npm/x@1", "1", PackageKind::Npm);
    let mut rows = [row(&package)];
    assert_eq!(apply(&statements, &mut rows, std::slice::from_ref(&package), &target()), [false]);
    assert!(rows[0].vex.is_none());
}

#[test]
fn a_document_of_too_many_objects_is_refused_before_it_is_built_up() {
    let error = read(&b"{".repeat(MOST_OBJECTS + 2), "it").unwrap_err();
    assert!(error.to_string().contains("four million objects"), "{error}");
}
