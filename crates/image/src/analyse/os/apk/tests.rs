use crate::analyse::os::testing::{analyse, data, owner, torture, words};

const INSTALLED: &str = "lib/apk/db/installed";

#[test]
fn packages_come_with_their_origin_and_their_files() {
    for place in [INSTALLED, "usr/lib/apk/db/installed"] {
        let found = analyse(place, &data("apk/installed")).unwrap();
        assert_eq!(
            words(&found),
            [
                "musl 1.2.5-r0 x86_64 musl 1.2.5-r0",
                "libcrypto3 3.3.2-r0 x86_64 openssl 3.3.2-r0",
                "ssl_client 1.36.1-r29 x86_64 busybox 1.36.1-r29",
                ".build-deps 20241101.101010 noarch .build-deps 20241101.101010",
            ]
        );
        assert!(found.incomplete.is_empty());
        assert_eq!(owner(&found, "/usr/lib/libcrypto.so.3"), Some("libcrypto3"));
        assert_eq!(owner(&found, "/usr/lib/ossl-modules/legacy.so"), Some("libcrypto3"));
        assert_eq!(owner(&found, "lib/ld-musl-x86_64.so.1"), Some("musl"));
        assert_eq!(owner(&found, "/usr/bin/ssl_client"), Some("ssl_client"));
        assert_eq!(owner(&found, "/top"), Some("ssl_client"), "a file in the root");
        assert_eq!(owner(&found, "usr/lib"), None);
    }
}

#[test]
fn a_folder_does_not_reach_into_the_next_package() {
    let text = "P:a\nV:1\nF:etc\nR:a\n\nP:b\nV:1\nR:b\n";
    let found = analyse(INSTALLED, &text.as_bytes().to_vec()).unwrap();
    assert_eq!(owner(&found, "b"), Some("b"));
    assert_eq!(owner(&found, "etc/b"), None);
}

#[test]
fn entries_without_name_or_version_are_reported() {
    let text = "P:a\n\nV:1\n\nC:only\n\nP:b\nV:2\n";
    let found = analyse(INSTALLED, &text.as_bytes().to_vec()).unwrap();
    assert_eq!(words(&found), ["b 2 - b 2"]);
    assert_eq!(found.incomplete, ["2 entries are broken, the first: package \"a\" has version \"\""]);
}

#[test]
fn broken_files_do_no_harm() {
    torture(INSTALLED, &data("apk/installed"));
}
