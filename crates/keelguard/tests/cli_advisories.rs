//! `keelguard advisories` as a user types it: what it says of records and tables that cannot be used.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]

mod support;

use support::Home;

fn run(home: &Home, arguments: &[&str]) -> (i32, String, String) {
    let output = home.output(home.command(arguments));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn record(id: &str, ecosystem: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-11-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"p"}},"versions":["1"]}}]}}"#
    )
}

#[test]
fn an_import_with_records_that_cannot_be_used_is_done_in_part_and_says_which() {
    let home = Home::new();
    std::fs::create_dir(home.path("osv")).unwrap();
    home.write("osv/A-1.json", record("A-1", "npm"));
    home.write("osv/B-1.json", record("B-1", "PyPI"));
    let (code, _, said) = run(&home, &["advisories", "import", "osv"]);
    assert_eq!((code, said.as_str()), (0, "keelguard: PyPI: 1 records\nkeelguard: npm: 1 records\n"));
    home.write("osv/B-2.json", record("", "PyPI"));
    let (code, _, said) = run(&home, &["advisories", "import", "osv"]);
    assert_eq!(code, 3, "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("keelguard: PyPI: 1 records, 1 more could not be used (the first: "), "{said}");
    assert!(lines[0].contains("B-2.json"), "{said}");
    assert_eq!(lines[1..], ["keelguard: npm: 1 records"], "npm has none of them");
    home.write("osv/C.json", "half of");
    let (code, _, said) = run(&home, &["advisories", "import", "osv"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("warning: no ecosystem: 1 records are left out") && said.contains("C.json"), "{said}");
}

#[test]
fn what_to_type_for_a_damaged_catalogue_is_a_command_that_mends_it() {
    let home = Home::new();
    for folder in ["osv", "root/etc", "root/app/node_modules/p", "mirror"] {
        std::fs::create_dir_all(home.path(folder)).unwrap();
    }
    home.write("osv/A-1.json", record("A-1", "npm"));
    home.write("root/app/node_modules/p/package.json", r#"{"name":"p","version":"1"}"#);
    let kev =
        home.write("mirror/kev.json", r#"{"vulnerabilities":[{"cveID":"CVE-2021-44228","dateAdded":"2021-12-10"}]}"#);
    assert_eq!(run(&home, &["advisories", "import", "osv"]).0, 0);
    assert_eq!(run(&home, &["advisories", "import", "mirror/kev.json"]).0, 0);
    home.write(".cache/keelguard/advisories/kev.table", "half of it");
    let (code, _, said) = run(&home, &["image", "dir:root", "--offline"]);
    assert_eq!(code, 4, "{said}");
    let (_, command) = said.split_once("type: keelguard ").unwrap_or_else(|| panic!("{said}"));
    let command = command.lines().next().unwrap();
    assert_eq!(command, "advisories update");
    let settings = format!(
        "kev_url = '{}'\nepss_url = 'none'\nadvisories_url = '{}'\n",
        kev.display(),
        home.path("mirror").display()
    );
    home.write("keelguard.toml", settings);
    // Whether npm is in the mirror is nothing to the catalogue.
    for command in [command, "advisories update kev"] {
        home.write(".cache/keelguard/advisories/kev.table", "half of it");
        let (_, _, said) = run(&home, &command.split(' ').collect::<Vec<_>>());
        assert!(said.contains("keelguard: kev: 1 records"), "{said}");
    }
    assert_eq!(run(&home, &["image", "dir:root", "--offline"]).0, 0);
}

#[test]
fn errors_of_the_database_are_sentences() {
    let home = Home::new();
    let (code, _, said) = run(&home, &["advisories", "export", "all.zip"]);
    assert_eq!(code, 2);
    assert!(said.starts_with("keelguard: could not find any advisories in "), "{said}");
    assert!(said.contains("; fetch some with keelguard advisories update Debian"), "{said}");
    home.write("odd.zip", "PK and nothing else");
    let (_, _, said) = run(&home, &["advisories", "import", "odd.zip"]);
    assert!(said.starts_with("keelguard: could not use odd.zip: "), "{said}");
}
