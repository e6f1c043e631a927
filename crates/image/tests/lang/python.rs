use keelguard_image::analyse::Scope;

use crate::{data, installed, refused};

#[test]
fn metadata_of_a_wheel_is_an_installed_distribution_under_its_normalised_name() {
    let site = "usr/lib/python3.11/site-packages";
    let found = installed(&format!("{site}/zope.event-5.0.dist-info/METADATA"), data("python/zope.event.METADATA"));
    assert_eq!(found, ["pypi zope-event 5.0"]);
    let found = installed(&format!("{site}/six-1.16.0.dist-info/METADATA"), data("python/six.METADATA"));
    assert_eq!(found, ["pypi six 1.16.0"]);
}

#[test]
fn egg_info_is_read_as_folder_as_file_and_in_an_unpacked_egg() {
    let text = "Metadata-Version: 1.1\nName: Foo__Bar.-baz\nVersion: 1.0.post1\nSummary: x\n";
    for path in [
        "usr/lib/python3/dist-packages/Foo.egg-info/PKG-INFO",
        "usr/lib/python3/dist-packages/Foo-1.0.egg-info",
        "usr/lib/python3/dist-packages/Foo-1.0-py3.11.egg/EGG-INFO/PKG-INFO",
    ] {
        assert_eq!(installed(path, text), ["pypi foo-bar-baz 1.0.post1"], "{path}");
    }
    assert!(installed("src/PKG-INFO", text).is_empty());
}

#[test]
fn the_readme_after_the_header_and_continued_lines_are_not_the_header() {
    let text = "Metadata-Version: 2.1\nName: a\nLicense: x\n Version: 9\n\nVersion: 8\n";
    assert!(refused(Scope::Installed, "a.dist-info/METADATA", text).is_some());
    let text = "Metadata-Version: 2.1\r\nVersion: 1\r\nName: a\r\nName: b\r\n\r\nx";
    assert_eq!(installed("a.dist-info/METADATA", text), ["pypi a 1"]);
}

#[test]
fn name_and_version_behind_a_long_header_are_found() {
    let text = format!("Metadata-Version: 2.1\nName: a\nLicense: {}\nVersion: 1.2.3\n\nreadme", "x\n  ".repeat(5000));
    assert_eq!(installed("a.dist-info/METADATA", &text), ["pypi a 1.2.3"]);
    // The version lies across the end of what is read first.
    let text = format!("Name: a\nLicense: {}\nVersion: 1.2.3\n\n", "x".repeat(4096 - 31));
    assert_eq!(installed("a.dist-info/METADATA", &text), ["pypi a 1.2.3"]);
}

#[test]
fn a_broken_version_is_counted() {
    let found = installed("a.egg-info", "Name: a\nVersion: 1 2\n");
    assert_eq!(found, ["incomplete: 1 packages in it have no usable name or version"]);
}
