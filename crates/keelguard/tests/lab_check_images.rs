//! `keelguard check` over the images of a real engine: what is in them, what it means for the containers made of them,
//! and that nothing unread reads as clean.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "a skipped part says why")]

mod lab;

use std::process::Output;

use keelguard_lab::Lab;
use serde_json::Value;

const BUILD: &str = r#"set -e
mkdir -p tree/bin tree/etc tree/var/lib/dpkg osv
cp "$(command -v busybox || echo /bin/busybox)" tree/bin/busybox
printf 'ID=debian\nVERSION_ID=12\n' >tree/etc/os-release
printf 'Package: libtar1\nStatus: install ok installed\nArchitecture: amd64\nSource: tarlib\nVersion: 1.0-1\n\n' >tree/var/lib/dpkg/status
tar -C tree -c . | docker import --change 'USER 1000' - shop:1 >/dev/null
echo more >tree/etc/more
tar -C tree -c . | docker import --change 'USER 1000' - idle:1 >/dev/null
mkdir context
printf 'FROM shop:1\nCOPY upper /etc/upper\n' >context/Dockerfile
echo upper >context/upper
DOCKER_BUILDKIT=0 docker build -q -t built:1 context >/dev/null
docker run -d --name web -p 0.0.0.0:18080:80 shop:1 /bin/busybox sleep 1000 >/dev/null
docker run -d --name quiet --network none built:1 /bin/busybox sleep 1000 >/dev/null
record() {
    printf '{"id":"DEBIAN-%s","modified":"2026-11-01T00:00:00Z","upstream":["%s"],"summary":"A flaw","severity":[{"type":"CVSS_V3","score":"%s"}],"affected":[{"package":{"ecosystem":"Debian:12","name":"tarlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}%s]}]}]}' "$1" "$1" "$2" "$3" >"osv/DEBIAN-$1.json"
}
record CVE-2026-0001 CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N ',{"fixed":"1.0-2"}'
record CVE-2026-0002 CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N ''
mkdir programs
echo '{"id":"BIT-nginx-2026-1","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"Bitnami","name":"nginx"},"versions":["1.0.0"]}]}' >programs/BIT-nginx-2026-1.json
"#;

fn keelguard(lab: &Lab, arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command.args(arguments).env("KEELGUARD_CACHE_DIR", lab.dir().join("cache")).env("KEELGUARD_OFFLINE", "true");
    command.current_dir(lab.dir()).output().unwrap()
}

/// The report of a check, and how it ended.
fn check(lab: &Lab, arguments: &[&str]) -> (i32, Value) {
    let output = keelguard(lab, &[&["check", "--only", "image", "--format", "json"], arguments].concat());
    let report = serde_json::from_slice(&output.stdout);
    (output.status.code().unwrap(), report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

/// `KG-I002 shop:1 high`, of vulnerabilities.
fn lines(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<String> = findings
        .filter(|finding| ["KG-I001", "KG-I002", "KG-I003", "KG-I004"].contains(&finding["rule"].as_str().unwrap()))
        .map(|finding| {
            format!("{} {} {}", text(&finding["rule"]), text(&finding["subject"]["name"]), text(&finding["severity"]))
        })
        .collect();
    lines.sort();
    lines
}

fn area(report: &Value) -> (String, String) {
    let areas = report["areas"].as_array().unwrap();
    let image = areas.iter().find(|area| area["area"] == "image").unwrap();
    (image["verdict"].as_str().unwrap().to_owned(), image["reason"].as_str().unwrap().to_owned())
}

#[test]
fn images_of_the_host_are_judged_by_what_their_containers_can_be_reached_by() {
    let Some(mut lab) = lab::lab() else { return };
    let info = lab.shell("docker info --format '{{.Driver}}'").unwrap();
    if String::from_utf8_lossy(&info.stdout).trim() != "overlay2" {
        eprintln!("skipped: the lab's engine does not keep images with overlay2");
        lab.down().unwrap();
        return;
    }
    let made = lab.shell(&format!("cd {}\n{BUILD}", lab.dir().display())).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let engine = ["--engine", &lab.endpoint()];

    // Nothing is known of Debian yet: that is not "nothing is wrong".
    let (code, report) = check(&lab, &engine);
    assert_eq!((code, lines(&report)), (4, Vec::new()));
    assert!(area(&report).1.contains("could not be looked at"), "{:?}", area(&report));
    assert!(report["incomplete"].to_string().contains("advisories for Debian"), "{:#}", report["incomplete"]);

    // What the programs without packages (BusyBox) are looked up in.
    for (folder, ecosystem) in [("osv", "Debian"), ("programs", "Bitnami")] {
        let imported = keelguard(&lab, &["advisories", "import", folder, "--ecosystem", ecosystem]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    }
    let (code, report) = check(&lab, &engine);
    // BusyBox came without a package, and nobody keeps advisories for it.
    assert_eq!(code, 3, "{:#}", report["incomplete"]);
    let gaps = report["incomplete"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["why"].as_str().unwrap().ends_with("busybox")), "{gaps:#?}");
    assert_eq!(
        lines(&report),
        [
            "KG-I002 built:1 high",
            "KG-I002 idle:1 medium",
            "KG-I002 shop:1 critical",
            "KG-I003 built:1 info",
            "KG-I003 idle:1 info",
            "KG-I003 shop:1 info"
        ],
        "as it is where a container runs, a step less where none does, a step more where it is reachable"
    );
    assert_eq!(area(&report).0, "red");
    let web = report["findings"].as_array().unwrap().iter().find(|finding| finding["subject"]["name"] == "shop:1");
    assert!(web.unwrap()["evidence"].to_string().contains("web runs; reachable: web"), "{web:#?}");

    // What was recorded gives the same, on a machine that has never seen the images.
    let facts = keelguard(&lab, &["facts", engine[0], engine[1], "--output", "facts.json"]);
    assert!(matches!(facts.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&facts.stderr));
    let (_, replayed) = check(&lab, &["--facts", "facts.json"]);
    assert_eq!(lines(&replayed), lines(&report));
    let (_, report) = check(&lab, &["--facts", "facts.json", "--only", "image,breakout"]);
    assert_eq!(lines(&replayed), lines(&report));

    an_accepted_vulnerability_is_left_out_and_its_neighbours_are_not(&lab);
    layers_that_images_share_are_read_once(&lab);
    images_that_cannot_be_read_are_not_called_clean(&lab);
    lab.down().unwrap();
}

fn an_accepted_vulnerability_is_left_out_and_its_neighbours_are_not(lab: &Lab) {
    let accepted =
        "[[exceptions]]\nvulnerability = 'CVE-2026-0001'\nsubject = 'image:shop*'\nreason = 'not compiled in'\n";
    std::fs::write(lab.dir().join("keelguard.toml"), accepted).unwrap();
    let (_, report) = check(lab, &["--facts", "facts.json"]);
    std::fs::remove_file(lab.dir().join("keelguard.toml")).unwrap();
    let left: Vec<String> = lines(&report).into_iter().filter(|line| line.contains("shop:1")).collect();
    assert_eq!(left, ["KG-I003 shop:1 info"]);
    assert!(lines(&report).contains(&"KG-I002 built:1 high".to_owned()));
}

fn layers_that_images_share_are_read_once(lab: &Lab) {
    let layers =
        lab.shell("docker image inspect $(docker images -aq) --format '{{join .RootFS.Layers \"\\n\"}}'").unwrap();
    let layers = String::from_utf8(layers.stdout).unwrap();
    let all: Vec<&str> = layers.lines().filter(|line| !line.is_empty()).collect();
    let different: std::collections::BTreeSet<&str> = all.iter().copied().collect();
    assert!(different.len() < all.len(), "{all:?}");
    let images = lab.shell("docker images -aq --no-trunc | sort -u").unwrap();
    let images = String::from_utf8(images.stdout).unwrap().lines().count();
    let kept = std::fs::read_dir(lab.dir().join("cache/images")).unwrap().count();
    assert_eq!(kept, images + different.len(), "each image, and each layer once");
}

fn images_that_cannot_be_read_are_not_called_clean(lab: &Lab) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_keelguard"))
        .args(["check", "--only", "image", "--engine", &lab.endpoint()])
        .env("KEELGUARD_CACHE_DIR", lab.dir().join("cache"))
        .env("KEELGUARD_OFFLINE", "true")
        .env("KEELGUARD_DOCKER_ROOT", lab.dir().join("nothing"))
        .output()
        .unwrap();
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{screen}");
    assert!(screen.contains("images: ") && !screen.contains("found nothing"), "{screen}");
}
