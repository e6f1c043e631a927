use keelguard_image::analyse::Scope;

use crate::{data, installed, refused};

#[test]
fn a_package_json_in_node_modules_is_an_installed_package() {
    let found = installed("app/node_modules/debug/package.json", data("npm/debug.package.json"));
    assert_eq!(found, ["npm debug 2.6.8"]);
    let found = installed("app/node_modules/@sindresorhus/is/package.json", data("npm/is.package.json"));
    assert_eq!(found, ["npm @sindresorhus/is 4.6.0"]);
}

#[test]
fn nested_and_linked_folders_of_modules_count() {
    let ms = r#"{"name": "ms", "version": "2.0.0"}"#;
    for path in [
        "app/node_modules/debug/node_modules/ms/package.json",
        "app/node_modules/.pnpm/ms@2.0.0/node_modules/ms/package.json",
        "usr/lib/node_modules/npm/node_modules/@scope/x/node_modules/ms/package.json",
        "node_modules/ms/package.json",
        // A package may be called like a folder of tests.
        "node_modules/test/node_modules/ms/package.json",
    ] {
        assert_eq!(installed(path, ms), ["npm ms 2.0.0"], "{path}");
    }
}

#[test]
fn an_applications_own_manifest_counts_and_a_private_one_is_in_no_registry() {
    assert_eq!(installed("app/package.json", r#"{"name":"shop","version":"1.0.0"}"#), ["npm shop 1.0.0"]);
    assert_eq!(installed("package.json", r#"{"name":"shop","version":"1.0.0"}"#), ["npm shop 1.0.0"]);
    assert!(installed("app/package.json", r#"{"name":"shop","version":"1.0.0","private":true}"#).is_empty());
    let private = r#"{"name":"shop","version":"1.0.0","private":true}"#;
    assert_eq!(installed("app/node_modules/shop/package.json", private), ["npm shop 1.0.0"]);
}

#[test]
fn manifests_without_name_or_version_are_no_packages() {
    for text in [
        r#"{"type":"module"}"#,
        r#"{"name":"x"}"#,
        r#"{"version":"1.0.0"}"#,
        r#"{"name":"","version":"1.0.0"}"#,
        r#"{"name":["x"],"version":{"a":[1,2,{"b":null}]}}"#,
        r#"{"name":1,"version":true}"#,
        "{}",
    ] {
        assert!(installed("node_modules/x/package.json", text).is_empty(), "{text}");
    }
}

#[test]
fn test_fixtures_of_packages_are_not_installed_and_vendored_copies_are() {
    let manifest = r#"{"name":"lodash","version":"4.17.4"}"#;
    for fixture in [
        "node_modules/resolve/test/resolver/lodash/package.json",
        "node_modules/resolve/test/resolver/node_modules/lodash/package.json",
        "node_modules/@s/x/__tests__/package.json",
        "node_modules/x/examples/lodash/package.json",
    ] {
        assert!(installed(fixture, manifest).is_empty(), "{fixture}");
    }
    assert_eq!(installed("node_modules/next/dist/compiled/lodash/package.json", manifest), ["npm lodash 4.17.4"]);
    // A stale copy of its own manifest says nothing about the version that is installed.
    assert!(installed("node_modules/lodash/dist/package.json", manifest).is_empty());
    // Folders above node_modules may be called anything.
    assert_eq!(installed("home/test/node_modules/lodash/package.json", manifest), ["npm lodash 4.17.4"]);
}

#[test]
fn a_broken_manifest_is_reported_where_a_package_is_installed_and_nowhere_else() {
    assert!(refused(Scope::Installed, "node_modules/x/package.json", r#"{"name": "x", "#).is_some());
    assert!(refused(Scope::Installed, "node_modules/x/lib/package.json", r#"{"name": "x", "#).is_none());
    assert!(refused(Scope::Installed, "srv/template/package.json", r#"{"name": {{ name }}"#).is_none());
}

#[test]
fn a_byte_order_mark_and_escapes_are_understood() {
    let text = "\u{feff}{\"name\":\"\\u006ds\",\"version\":\" 2.0.0\\n\"}";
    assert_eq!(installed("node_modules/ms/package.json", text), ["npm ms 2.0.0"]);
}

#[test]
fn a_name_that_no_registry_accepts_is_counted_not_printed() {
    let found = installed("node_modules/x/package.json", "{\"name\":\"a\\u001b[2Jb\",\"version\":\"1.0.0\"}");
    assert_eq!(found, ["incomplete: 1 packages in it have no usable name or version"]);
    let long = format!(r#"{{"name":"{}","version":"1"}}"#, "a".repeat(1 << 20));
    assert_eq!(
        installed("node_modules/x/package.json", long),
        ["incomplete: 1 packages in it have no usable name or version"]
    );
}
