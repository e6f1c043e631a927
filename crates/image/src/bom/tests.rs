use keelguard_model::image::{Package, SourcePackage};
use serde_json::{Value, json};

use super::*;

fn parsed(document: &Value) -> Examined {
    parse(document.to_string().as_bytes(), "bom.json", &Limits::default()).unwrap()
}

fn cyclonedx(components: &Value) -> Examined {
    parsed(&json!({"components": components, "specVersion": "1.5", "bomFormat": "CycloneDX"}))
}

fn spdx(packages: &Value) -> Examined {
    parsed(&json!({"packages": packages, "spdxVersion": "SPDX-2.2", "documentDescribes": ["SPDXRef-root"]}))
}

fn only(examined: Examined) -> Package {
    assert_eq!(examined.packages.len(), 1, "{:?}", examined.packages);
    examined.packages.into_iter().next().unwrap()
}

fn source(name: &str, version: &str) -> SourcePackage {
    SourcePackage { name: name.into(), version: version.into() }
}

fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

#[test]
fn the_source_of_a_package_is_found_wherever_its_writer_has_put_it() {
    let syft =
        json!({"name": "bash", "version": "5.2-2+b8", "purl": "pkg:deb/debian/bash@5.2-2%2Bb8?upstream=bash%405.2-2"});
    assert_eq!(only(cyclonedx(&json!([syft]))).source, Some(source("bash", "5.2-2")));
    let named = json!({"name": "libc6", "version": "2.36-9", "purl": "pkg:deb/debian/libc6@2.36-9?upstream=glibc"});
    assert_eq!(only(cyclonedx(&json!([named]))).source, Some(source("glibc", "2.36-9")));
    let trivy = json!({"name": "auditd", "version": "1:3.0.9-1", "purl": "pkg:deb/debian/auditd@3.0.9-1?epoch=1", "properties": [
        property("aquasecurity:trivy:SrcEpoch", "1"), property("aquasecurity:trivy:SrcName", "audit"),
        property("aquasecurity:trivy:SrcRelease", "1"), property("aquasecurity:trivy:SrcVersion", "3.0.9")]});
    let package = only(cyclonedx(&json!([trivy])));
    assert_eq!((package.version.as_str(), package.source), ("1:3.0.9-1", Some(source("audit", "1:3.0.9-1"))));
    let bare = json!({"name": "adduser", "purl": "pkg:deb/debian/adduser@3.134"});
    assert_eq!(only(cyclonedx(&json!([bare]))).source, Some(source("adduser", "3.134")));
}

#[test]
fn the_source_of_an_rpm_has_the_epoch_of_a_package_with_its_version() {
    let of = |name: &str, version: &str, epoch: &str| {
        let purl = format!("pkg:rpm/rhel/{name}@{version}?epoch={epoch}&upstream=perl-5.26-4.el8.src.rpm");
        json!({"type": "library", "name": name, "purl": purl})
    };
    let examined = cyclonedx(&json!([of("perl-libs", "5.26-4.el8", "4"), of("perl-Errno", "1.28-4.el8", "0")]));
    let sources: Vec<_> = examined.packages.iter().filter_map(|package| package.source.clone()).collect();
    assert_eq!(sources, [source("perl", "4:5.26-4.el8"), source("perl", "4:5.26-4.el8")]);
}

#[test]
fn a_name_keeps_its_capitals_where_the_package_url_has_lost_them() {
    let package = json!({"name": "github.com/Azure/go-autorest", "version": "v14.2.0", "purl": "pkg:golang/github.com/azure/go-autorest@v14.2.0"});
    assert_eq!(only(cyclonedx(&json!([package]))).name, "github.com/Azure/go-autorest");
    let other = json!({"name": "something else", "purl": "pkg:npm/left-pad@1"});
    assert_eq!(only(cyclonedx(&json!([other]))).name, "left-pad", "the package URL is what identifies it");
}

#[test]
fn what_a_document_is_about_is_no_package_that_was_not_looked_up() {
    let purl = |text: &str| json!([{"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": text}]);
    let digest = format!("sha256:{}", "a".repeat(64));
    let root = json!({"SPDXID": "SPDXRef-root", "name": "web", "versionInfo": "1", "externalRefs": purl(&format!("pkg:oci/web@{digest}"))});
    let lost = json!({"SPDXID": "SPDXRef-2", "name": "lost", "versionInfo": "1"});
    let npm = json!({"SPDXID": "SPDXRef-1", "name": "x", "versionInfo": "1", "externalRefs": purl("pkg:npm/x@1")});
    let examined = spdx(&json!([root, npm]));
    assert_eq!(examined.incomplete, []);
    assert_eq!((examined.target.digest, examined.target.reference.as_deref()), (Some(digest), Some("web")));
    let examined = spdx(&json!([root, npm, lost]));
    assert!(examined.incomplete[0].why.contains("one component without a package URL"), "{:?}", examined.incomplete);
}

#[test]
fn the_same_package_in_two_places_is_one_with_two_paths() {
    let at = |path: &str| json!({"name": "x", "purl": "pkg:npm/x@1", "properties": [property("aquasecurity:trivy:FilePath", path)]});
    assert_eq!(only(cyclonedx(&json!([at("b"), at("/a"), at("b")]))).paths, ["/a", "/b"]);
}

#[test]
fn more_packages_than_are_read_are_counted() {
    let limits = Limits { max_packages: 2, ..Limits::default() };
    let components: Vec<Value> = (0..5).map(|n| json!({"name": "x", "purl": format!("pkg:npm/x@{n}")})).collect();
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}).to_string();
    let examined = parse(document.as_bytes(), "bom.json", &limits).unwrap();
    assert_eq!(examined.packages.len(), 2);
    assert_eq!(examined.incomplete[0].why, "3 components beyond the 2 that are read");
}

#[test]
fn packages_of_another_system_than_the_documents_are_named() {
    let examined = cyclonedx(&json!([
        {"type": "operating-system", "name": "debian", "version": "12.11"},
        {"name": "a", "purl": "pkg:deb/debian/a@1?distro=debian-12"},
        {"name": "b", "purl": "pkg:deb/ubuntu/b@1?distro=ubuntu-22.04"},
    ]));
    assert_eq!(examined.target.os.unwrap().ecosystem.as_deref(), Some("Debian:12"));
    assert!(
        examined.incomplete[0].why.contains("packages of another system (ubuntu 22.04) are among them, 1 in all"),
        "{:?}",
        examined.incomplete
    );
}

#[test]
fn a_tar_is_not_taken_for_json() {
    assert!(begins_like_json(b"\xef\xbb\xbf \n{\"a\""));
    assert!(!begins_like_json(b"{odd name\0\0\0"));
    assert!(!begins_like_json(b"[1]"));
    assert!(!begins_like_json(b""));
}

#[test]
fn a_document_that_is_too_large_is_refused_before_it_is_in_memory() {
    let limits = Limits { max_text: 100, ..Limits::default() };
    let error = read(std::io::repeat(b' '), "bom.json", &limits).unwrap_err();
    assert!(error.to_string().contains("more than 100 bytes"), "{error}");
}

#[test]
fn any_cut_of_a_document_is_an_error_and_never_less_than_there_is() {
    let whole = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "x", "purl": "pkg:npm/x@1", "properties": [property("a", "b")], "evidence": {"occurrences": [{"location": "/x"}]}}]})
    .to_string();
    for end in 0..whole.len() {
        assert!(parse(&whole.as_bytes()[..end], "bom.json", &Limits::default()).is_err(), "{end}");
    }
}
