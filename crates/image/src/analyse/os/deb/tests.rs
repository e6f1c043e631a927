use crate::Limits;
use crate::analyse::os::testing::{analyse, analyse_within, data, lines, owner, torture, words};

const STATUS: &str = "var/lib/dpkg/status";

fn status(text: &str) -> Vec<String> {
    words(&analyse(STATUS, &text.as_bytes().to_vec()).unwrap())
}

#[test]
fn a_database_of_dpkg_says_what_dpkg_query_says() {
    let found = analyse(STATUS, &data("dpkg/status")).unwrap();
    assert_eq!(words(&found), lines("dpkg/expected"));
    assert!(found.incomplete.is_empty());
}

#[test]
fn packages_that_left_only_their_settings_are_gone_and_half_installed_ones_are_there() {
    let paragraph = |state: &str| format!("Package: p\nStatus: {state}\nVersion: 1:2-3\nArchitecture: all\n\n");
    for there in [
        "install ok installed",
        "hold ok installed",
        "install ok unpacked",
        "install ok half-configured",
        "install reinstreq half-installed",
        "deinstall ok triggers-pending",
    ] {
        assert_eq!(status(&paragraph(there)), ["p 1:2-3 all p 1:2-3"], "{there}");
    }
    for gone in ["deinstall ok config-files", "purge ok not-installed"] {
        assert!(status(&paragraph(gone)).is_empty(), "{gone}");
    }
}

#[test]
fn a_source_package_may_have_a_name_and_a_version_of_its_own() {
    assert_eq!(status("Package: a\nVersion: 1\nSource: b (2:3)"), ["a 1 - b 2:3"]);
    assert_eq!(status("package: a\r\nVERSION: 1\r\nsource: b\r\n"), ["a 1 - b 1"]);
    assert_eq!(status("Package: a\nVersion: 1\nSource: ("), ["a 1 - a 1"]);
}

#[test]
fn images_without_dpkg_keep_one_file_for_each_package() {
    let found = analyse("var/lib/dpkg/status.d/less", &data("dpkg/status.d-less")).unwrap();
    assert_eq!(words(&found), ["less 590-2.1~deb12u2 amd64 less 590-2.1~deb12u2"]);
    let found = analyse("var/lib/dpkg/status.d/less.md5sums", &data("dpkg/status.d-less.md5sums")).unwrap();
    assert!(found.packages.is_empty());
    assert_eq!(owner(&found, "/bin/less"), Some("less"));
    assert_eq!(owner(&found, "bin/more"), None);
}

#[test]
fn a_list_names_the_files_of_a_package_and_not_the_folders_they_share() {
    let found = analyse("var/lib/dpkg/info/zlib1g:i386.list", &data("dpkg/zlib1g-i386.list")).unwrap();
    assert_eq!(owner(&found, "/lib/i386-linux-gnu/libz.so.1"), Some("zlib1g"));
    assert_eq!(owner(&found, "/usr/lib/i386-linux-gnu/libz.so.1"), Some("zlib1g"), "with merged folders");
    assert_eq!(owner(&found, "/usr/share/doc"), None);
    let found = analyse("var/lib/dpkg/info/cron.list", &data("dpkg/cron.list")).unwrap();
    assert_eq!(owner(&found, "usr/sbin/cron"), Some("cron"));
}

#[test]
fn what_is_broken_is_counted_and_the_rest_is_read() {
    let text = "Package: a\n\nPackage: b\nVersion: 1\n\nPackage: c\n\n";
    let found = analyse(STATUS, &text.as_bytes().to_vec()).unwrap();
    assert_eq!(words(&found), ["b 1 - b 1"]);
    assert_eq!(found.incomplete, ["2 entries are broken, the first: package \"a\" has version \"\""]);
}

#[test]
fn more_packages_than_the_bound_are_reported() {
    let limits = Limits { max_packages: 3, ..Limits::default() };
    let found = analyse_within(STATUS, &data("dpkg/status"), &limits).unwrap();
    assert_eq!(found.packages.len(), 3);
    assert_eq!(found.incomplete, ["it names more than 3 packages"]);
}

#[test]
fn broken_files_do_no_harm() {
    torture(STATUS, &data("dpkg/status"));
    torture("var/lib/dpkg/info/cron.list", &data("dpkg/cron.list"));
    torture("var/lib/dpkg/status.d/less.md5sums", &data("dpkg/status.d-less.md5sums"));
}
