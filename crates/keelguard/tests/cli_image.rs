//! `keelguard image`, `advisories` and `cache` as a user types them, on a root filesystem and advisories of the test's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]

mod support;

use serde_json::Value;
use support::Home;

/// A Debian with two packages, one of which has a flaw that is fixed, and one that nothing fixes.
fn home() -> Home {
    let home = Home::new();
    for folder in ["root/etc", "root/var/lib/dpkg", "osv"] {
        std::fs::create_dir_all(home.path(folder)).unwrap();
    }
    home.write("root/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian\"\n");
    let package = |name: &str, source: &str, version: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nSource: {source}\nVersion: {version}\n\n"
        )
    };
    let status = package("libtar1", "tarlib", "1.0-1+deb12u1") + &package("quiet", "quiet", "2.0-1");
    home.write("root/var/lib/dpkg/status", status);
    let record = |id: &str, name: &str, events: &str| {
        format!(
            r#"{{"id":"DEBIAN-{id}","modified":"2026-11-01T00:00:00Z","upstream":["{id}"],"summary":"A flaw in {name}","affected":[
                {{"package":{{"ecosystem":"Debian:12","name":"{name}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{events}]}}]}}]}}"#
        )
    };
    let fixed = record("CVE-2026-0001", "tarlib", r#"{"introduced":"0"},{"fixed":"1.0-1+deb12u2"}"#);
    home.write("osv/DEBIAN-CVE-2026-0001.json", fixed);
    home.write("osv/DEBIAN-CVE-2026-0002.json", record("CVE-2026-0002", "tarlib", r#"{"introduced":"0"}"#));
    home.write("osv/DEBIAN-CVE-2026-0003.json", record("CVE-2026-0003", "absent", r#"{"introduced":"0"}"#));
    home
}

fn run(home: &Home, arguments: &[&str]) -> (i32, String, String) {
    let output = home.output(home.command(arguments));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn import(home: &Home) {
    let (code, _, said) = run(home, &["advisories", "import", "osv", "--ecosystem", "Debian"]);
    assert_eq!((code, said.trim()), (0, "keelguard: Debian: 3 records"));
}

#[test]
fn what_was_not_looked_up_is_never_called_clean() {
    let home = home();
    let (code, screen, said) = run(&home, &["image", "dir:root", "--offline"]);
    assert_eq!(code, 4);
    assert!(screen.contains("2 packages: 2 deb"), "{screen}");
    assert!(screen.contains("not looked up: there are no advisories for Debian"), "{screen}");
    assert!(!screen.contains("none known"), "{screen}");
    assert!(said.contains("keelguard advisories update Debian"), "{said}");
}

#[test]
fn a_package_is_looked_up_by_its_source_and_the_row_says_how_it_came_about() {
    let home = home();
    import(&home);
    let (code, json, _) = run(&home, &["image", "root", "--format", "json"]);
    assert_eq!(code, 0);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["schema"], "keelguard.image/1");
    assert_eq!(report["target"]["os"]["ecosystem"], "Debian:12");
    let rows = report["vulnerabilities"].as_array().unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        ["CVE-2026-0001", "CVE-2026-0002"],
        "what can be fixed comes first, and what is not there not at all"
    );
    assert_eq!(rows[0]["package"], "pkg:deb/debian/libtar1@1.0-1%2Bdeb12u1?arch=amd64&distro=debian-12");
    assert_eq!(rows[0]["fixed"], serde_json::json!(["1.0-1+deb12u2"]));
    let why = &rows[0]["why"];
    assert_eq!((why["looked_up"].as_str(), why["scheme"].as_str()), (Some("tarlib"), Some("dpkg")));
    let (_, screen, _) = run(&home, &["image", "root", "--why"]);
    for part in ["DEBIAN-CVE-2026-0001 (Debian:12)", "tarlib 1.0-1+deb12u1", "dpkg", "/var/lib/dpkg/status"] {
        assert!(screen.contains(part), "{part} is not in\n{screen}");
    }
}

#[test]
fn filters_leave_out_what_they_say_and_count_it() {
    let home = home();
    import(&home);
    let (_, screen, _) = run(&home, &["image", "root", "--fixable"]);
    assert!(screen.contains("CVE-2026-0001") && !screen.contains("CVE-2026-0002"), "{screen}");
    assert!(screen.contains("1 left out by --fixable"), "{screen}");
    assert_eq!(run(&home, &["image", "root", "--fail-on", "medium"]).0, 1);
    assert_eq!(run(&home, &["image", "root", "--fail-on", "critical"]).0, 0);
}

#[test]
fn pipelines_get_each_row_as_a_finding_and_exceptions_cover_it() {
    let home = home();
    import(&home);
    let (_, sarif, _) = run(&home, &["image", "root", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let rules: Vec<&str> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(rules, ["KG-I002", "KG-I003"]);
    home.write("keelguard.toml", "[[exceptions]]\nrule = 'KG-I00?'\nreason = 'not reachable'\nuntil = 2999-01-01\n");
    assert_eq!(run(&home, &["image", "root", "--fail-on", "low"]).0, 0);
}

#[test]
fn versions_are_compared_as_their_ecosystem_orders_them() {
    let home = Home::new();
    assert_eq!(run(&home, &["advisories", "compare", "dpkg", "1.0~rc1", "1.0"]).1, "<\n");
    assert_eq!(run(&home, &["advisories", "compare", "pep440", "1.0", "1.0.0"]).1, "=\n");
    assert_eq!(run(&home, &["advisories", "compare", "npm", "1.10.0", "1.9.0"]).1, ">\n");
    let (code, _, said) = run(&home, &["advisories", "compare", "nothing", "1", "2"]);
    assert_eq!(code, 2, "{said}");
    home.write("pairs", "1:1.0\t2.0\n1.0\t1.0\n1.0-1\t1.0-2\n");
    let mut command = home.command(&["advisories", "compare", "dpkg", "--batch"]);
    command.stdin(std::fs::File::open(home.path("pairs")).unwrap());
    assert_eq!(String::from_utf8(home.output(command).stdout).unwrap(), ">\n=\n<\n");
}

/// The smallest mirror: a folder with the archive of one ecosystem.
fn mirror(home: &Home) {
    std::fs::create_dir_all(home.path("mirror/Debian")).unwrap();
    home.write("mirror/ecosystems.txt", "Debian\n");
    home.write(
        "mirror/Debian/modified_id.csv",
        "2026-11-01T00:00:00Z,DEBIAN-CVE-2026-0001\n2026-11-01T00:00:00Z,DEBIAN-CVE-2026-0002\n",
    );
    let zip = "import zipfile\nz = zipfile.ZipFile('mirror/Debian/all.zip', 'w')\n\
               for n in ('1', '2'): z.write('osv/DEBIAN-CVE-2026-000' + n + '.json', 'DEBIAN-CVE-2026-000' + n + '.json')\nz.close()";
    let made = std::process::Command::new("python3").current_dir(home.path("")).args(["-c", zip]).status();
    assert!(made.unwrap().success());
}

#[test]
fn missing_advisories_are_fetched_from_the_mirror_that_the_settings_name() {
    let home = home();
    mirror(&home);
    home.write("keelguard.toml", "advisories_url = 'mirror'\nkev_url = 'none'\nepss_url = 'none'\n");
    let (code, lines, said) = run(&home, &["image", "root", "--format", "jsonl"]);
    assert_eq!((code, lines.lines().count()), (0, 2), "{said}");
    let (code, _, said) = run(&home, &["advisories", "update"]);
    assert_eq!((code, said.trim()), (0, "keelguard: Debian: nothing is newer"));
    let fresh = Home::new();
    let all = home.path("mirror").display().to_string();
    fresh.write("keelguard.toml", format!("advisories_url = '{all}'\nkev_url = 'none'\nepss_url = 'none'\n"));
    let (code, _, said) = run(&fresh, &["advisories", "update"]);
    assert_eq!((code, said.trim()), (0, "keelguard: Debian: 2 records"));
}

#[test]
fn after_a_failed_fetch_the_next_look_does_not_wait_for_another() {
    let home = home();
    home.write("keelguard.toml", "advisories_url = 'no/such/mirror'\n");
    let (code, _, said) = run(&home, &["image", "root", "--format", "jsonl"]);
    assert_eq!(code, 4);
    assert!(said.contains("missing advisories could not be fetched"), "{said}");
    let (code, _, said) = run(&home, &["image", "root", "--format", "jsonl"]);
    assert_eq!(code, 4, "it is still not called clean");
    assert!(
        !said.contains("could not be fetched") && said.contains("advisories for Debian: there are none here"),
        "{said}"
    );
}

#[test]
fn advisories_are_carried_to_another_machine_in_one_file() {
    let home = home();
    import(&home);
    assert_eq!(run(&home, &["advisories", "export", "carried"]).0, 0);
    let other = Home::new();
    std::fs::copy(home.path("carried"), other.path("carried")).unwrap();
    assert_eq!(run(&other, &["advisories", "status"]).0, 4, "there is nothing yet");
    assert_eq!(run(&other, &["advisories", "import", "carried"]).0, 0);
    let (code, screen, _) = run(&other, &["advisories", "status"]);
    assert_eq!(code, 0);
    assert!(screen.contains("Debian") && screen.contains(" 3 "), "{screen}");
}

#[test]
fn an_image_that_cannot_change_is_known_at_the_second_look() {
    let home = home();
    let tar =
        std::process::Command::new("tar").current_dir(home.path("root")).args(["-cf", "../layer.tar", "."]).status();
    assert!(tar.unwrap().success());
    home.write("manifest.json", r#"[{"Config":"config.json","RepoTags":["shop:1"],"Layers":["layer.tar"]}]"#);
    home.write("config.json", r#"{"config":{"User":"app"},"rootfs":{"type":"layers","diff_ids":["sha256:1"]}}"#);
    let tar = ["-cf", "image.tar", "layer.tar", "manifest.json", "config.json"];
    assert!(std::process::Command::new("tar").current_dir(home.path("")).args(tar).status().unwrap().success());
    import(&home);
    let first = run(&home, &["image", "image.tar", "--format", "jsonl"]);
    assert_eq!(first.1.lines().count(), 2, "{}", first.1);
    assert!(run(&home, &["cache", "status"]).1.starts_with("1 result,"));
    assert_eq!(run(&home, &["image", "image.tar", "--format", "jsonl"]).1, first.1);
    assert_eq!(run(&home, &["cache", "clear"]).2.trim().split(',').next(), Some("keelguard: removed 1 result"));
    assert!(run(&home, &["cache", "status"]).1.starts_with("0 results"));
}

#[test]
fn a_target_that_is_not_there_or_not_what_it_says_is_refused_with_advice() {
    let home = home();
    let (code, _, said) = run(&home, &["image", "nginx:1.27", "--offline"]);
    assert_eq!(code, 2);
    assert!(said.contains("find nginx:1.27: there is no such file or folder"), "{said}");
    assert!(said.contains("no registry was asked (--offline)"), "{said}");
    let (_, _, said) = run(&home, &["image", "wbe.tar.gz"]);
    assert!(said.contains("no registry was asked, since it is called like a file"), "{said}");
    let (_, _, said) = run(&home, &["image", "Web"]);
    assert!(said.contains("no registry has it: names of images have lower-case letters"), "{said}");
    let (_, _, said) = run(&home, &["image", "./web"]);
    assert_eq!(said.trim(), "keelguard: could not find ./web: there is no such file or folder");
    let (_, _, said) = run(&home, &["image", "registry:nginx:1.27", "--offline"]);
    assert!(said.contains("find nginx:1.27: no registry was asked (--offline)"), "{said}");
    home.write(
        "text",
        "no archive at all, and longer than one block of a tar would have to be to be looked at".repeat(20),
    );
    let (code, _, said) = run(&home, &["image", "archive:text"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("it does not begin like a tar"), "{said}");
}

#[test]
fn what_nobody_keeps_advisories_for_is_named_and_not_called_clean() {
    let home = home();
    std::fs::create_dir_all(home.path("source")).unwrap();
    home.write(
        "source/Podfile.lock",
        "PODS:\n  - Alamofire (5.4.0)\n\nDEPENDENCIES:\n  - Alamofire\n\nCOCOAPODS: 1.10.0\n",
    );
    let (code, screen, _) = run(&home, &["image", "source", "--offline"]);
    assert_eq!(code, 3, "{screen}");
    assert!(screen.contains("not looked up") && screen.contains("Alamofire"), "{screen}");
    // A release of which the database knows nothing.
    import(&home);
    home.write("root/etc/os-release", "ID=debian\nVERSION_ID=\"9\"\n");
    let (code, screen, _) = run(&home, &["image", "dir:root", "--offline"]);
    assert_eq!(code, 4, "{screen}");
    assert!(screen.contains("no record names this release") && !screen.contains("none known"), "{screen}");
}

#[test]
fn an_accepted_vulnerability_is_counted_apart_and_marked_in_the_json() {
    let home = home();
    import(&home);
    let accepted =
        "[[exceptions]]\nvulnerability = 'CVE-2026-0001'\nreason = 'the tool is never run'\nuntil = 2027-01-31\n";
    home.write("keelguard.toml", accepted);
    let (_, screen, said) = run(&home, &["image", "dir:root", "--offline"]);
    assert!(screen.contains("1 left out by exceptions: --all shows them"), "{screen}");
    assert!(!screen.contains("CVE-2026-0001") && screen.contains("CVE-2026-0002"), "{screen}");
    assert!(!said.contains("exception"), "{said}");
    let (_, screen, _) = run(&home, &["image", "dir:root", "--offline", "--all"]);
    assert!(screen.contains("the tool is never run, until 2027-01-31"), "{screen}");
    let (_, json, _) = run(&home, &["image", "dir:root", "--offline", "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    let marked: Vec<_> =
        report["vulnerabilities"].as_array().unwrap().iter().map(|row| &row["suppressed"]["reason"]).collect();
    assert!(marked.contains(&&Value::from("the tool is never run")) && marked.contains(&&Value::Null), "{marked:?}");
    // Once it has expired it says so, and what it would cover.
    home.write("keelguard.toml", accepted.replace("2027-01-31", "2026-01-31"));
    let (_, screen, said) = run(&home, &["image", "dir:root", "--offline"]);
    assert!(screen.contains("CVE-2026-0001") && said.contains("it would cover 1 finding"), "{said}");
}

#[test]
fn packages_of_one_source_share_a_line_and_the_upgrade_that_ends_all() {
    let home = home();
    let package = |name: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nSource: tarlib\nVersion: 1.0-1\n\n"
        )
    };
    home.write("root/var/lib/dpkg/status", package("libtar1") + &package("tar-tools"));
    let record = |id: &str, fixed: &str| {
        format!(
            r#"{{"id":"DEBIAN-{id}","modified":"2026-11-01T00:00:00Z","upstream":["{id}"],"affected":[{{"package":{{"ecosystem":
                "Debian:12","name":"tarlib"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
        )
    };
    home.write("osv/DEBIAN-CVE-2026-0001.json", record("CVE-2026-0001", "1.0-10"));
    home.write("osv/DEBIAN-CVE-2026-0002.json", record("CVE-2026-0002", "1.0-9"));
    import(&home);
    let (_, screen, _) = run(&home, &["image", "dir:root", "--offline"]);
    assert!(screen.contains("tarlib 1.0-1 → 1.0-10"), "the higher of the two, and not by letters:\n{screen}");
    assert_eq!(screen.matches("CVE-2026-0001").count(), 1, "{screen}");
    assert!(screen.contains("fixed in 1.0-10, 2 packages"), "{screen}");
}

#[test]
fn advisories_that_cannot_be_used_do_not_take_the_inventory_away() {
    let home = home();
    import(&home);
    let index = home.path(".cache/keelguard/advisories/Debian.index");
    let whole = std::fs::read(&index).unwrap();
    std::fs::write(&index, &whole[..whole.len() / 2]).unwrap();
    let (code, screen, said) = run(&home, &["image", "dir:root", "--offline"]);
    assert_eq!(code, 4, "{said}");
    assert!(screen.contains("2 packages: 2 deb") && screen.contains("cannot be used"), "{screen}");
    assert!(!screen.contains("none known"), "{screen}");
    assert_eq!(run(&home, &["advisories", "status"]).0, 3);
}

#[test]
fn a_device_is_no_image_and_is_said_so_at_once() {
    let (code, _, said) = run(&home(), &["image", "/dev/zero", "--offline"]);
    assert_eq!(code, 2);
    assert!(said.contains("it is a device"), "{said}");
}
