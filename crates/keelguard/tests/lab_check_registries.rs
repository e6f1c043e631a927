//! `keelguard check` on a real engine that pulls from a registry of its own and runs two: what is said of registries, of logins
//! that were left, and of who publishes the images.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::panic,
    reason = "a skipped part says why"
)]

mod lab;

use std::path::Path;
use std::process::{Command, Output};

use keelguard_lab::Lab;
use serde_json::Value;

/// Debian's docker-registry as an image; one container asks nobody for a login, the other one's logins are missing; an image is
/// pushed to the first and comes back from it; and a file of logins lies in a volume and in a folder that is mounted.
const BUILD: &str = r#"set -e
mkdir -p tree/bin tree/tmp tree/auth tree/etc/docker/registry home/.docker data
cp /usr/bin/docker-registry tree/bin/registry
for library in $(ldd /usr/bin/docker-registry | grep -o '/[^ ]*'); do
    mkdir -p "tree$(dirname "$library")"
    cp "$library" "tree$library"
done
printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}, delete: {enabled: true}}\nhttp: {addr: ":5000", secret: changeme}\n' \
    >tree/etc/docker/registry/config.yml
mkdir -p tree/var/lib/registry
tar -C tree -c . | docker import - registry:2 >/dev/null
serve='/bin/registry serve /etc/docker/registry/config.yml'
docker run -d --name open -p 0.0.0.0:15000:5000 registry:2 $serve >/dev/null
docker run -d --name careless -p 127.0.0.1:15001:5000 -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=x \
    -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd registry:2 $serve >/dev/null
for attempt in $(seq 100); do docker logs open 2>&1 | grep -q 'listening on' && break; done
docker tag registry:2 127.0.0.1:15000/shop/web:1
docker push 127.0.0.1:15000/shop/web:1 >/dev/null
printf '{"auths": {"registry.invalid": {"auth": "Ym90Omh1bnRlcjI="}}}' >home/.docker/config.json
docker volume create builds >/dev/null
mkdir -p "$(docker volume inspect -f '{{.Mountpoint}}' builds)/.docker"
cp home/.docker/config.json "$(docker volume inspect -f '{{.Mountpoint}}' builds)/.docker/config.json"
docker create --name build -v builds:/home -e 'DOCKER_AUTH_CONFIG={"auths":{"x.example":{"auth":"Ym90Omh1bnRlcjI="}}}' registry:2 $serve >/dev/null
for attempt in $(seq 100); do docker logs careless 2>&1 | grep -q 'provisioning' && break; done
"#;

/// In the network in which the engine is.
fn keelguard(lab: &Lab, arguments: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_keelguard"));
    let mut command = lab.inside(program).unwrap_or_else(|| Command::new(program));
    command.args(arguments).env("KEELGUARD_CACHE_DIR", lab.dir().join("cache"));
    command.env("KEELGUARD_DATA_DIR", lab.dir().join("data")).env("HOME", lab.dir().join("home"));
    command.current_dir(lab.dir()).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// `KG-A170 open`, each once.
fn lines(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["area"] == "iam");
    let mut lines: Vec<String> =
        findings.map(|finding| format!("{} {}", text(&finding["rule"]), text(&finding["subject"]["name"]))).collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn registries_that_a_host_runs_and_uses_are_judged_together_with_the_logins_for_them() {
    if !Path::new("/usr/bin/docker-registry").exists() {
        eprintln!("skipped: docker-registry is not installed");
        return;
    }
    let Some(mut lab) = lab::lab() else { return };
    let made = lab.shell(&format!("cd {}\n{BUILD}", lab.dir().display())).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let endpoint = lab.endpoint();
    let check = ["check", "--only", "iam", "--format", "json", "--engine", &endpoint];
    let output = keelguard(&lab, &check);
    let report = json(&output);
    let found = lines(&report);
    let home = lab.dir().join("home/.docker/config.json").display().to_string();
    for line in [
        // What they answer.
        "KG-A101 127.0.0.1:15000",
        "KG-A103 127.0.0.1:15000",
        "KG-A106 127.0.0.1:15001",
        // How they are set up.
        "KG-A170 open",
        "KG-A175 open",
        "KG-A172 open",
        "KG-A173 open",
        "KG-A171 careless",
        // What was left.
        "KG-A153 build",
        &format!("KG-A150 {home}"),
        // Who publishes the image that came back.
        "KG-A190 127.0.0.1:15000",
    ] {
        assert!(found.contains(&line.to_owned()), "{line} is not in {found:#?}\n{:#}", report["incomplete"]);
    }
    assert!(!found.contains(&"KG-A170 careless".to_owned()), "it asks for a login, whoever invented it");
    let whole = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!whole.contains("hunter2") && !whole.contains("Ym90") && !whole.contains("changeme"));
    let log = lab.shell("docker logs careless 2>&1").unwrap().stdout;
    let log = String::from_utf8_lossy(&log).into_owned();
    let password = log.split("password=").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(!whole.contains(password), "what the registry has written into its log stays there");
    assert!(report["incomplete"].to_string().contains("registry.invalid"), "{:#}", report["incomplete"]);

    // What was recorded gives the same elsewhere, and the facts hold no secret either.
    let facts = keelguard(&lab, &["facts", "--engine", &endpoint, "--output", "facts.json"]);
    assert!(matches!(facts.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&facts.stderr));
    let recorded = std::fs::read_to_string(lab.dir().join("facts.json")).unwrap();
    assert!(!recorded.contains("hunter2") && !recorded.contains("Ym90") && !recorded.contains("changeme"));
    let replayed = json(&keelguard(&lab, &["check", "--only", "iam", "--format", "json", "--facts", "facts.json"]));
    assert_eq!(lines(&replayed), found);

    // Whoever was accepted is no news.
    assert!(keelguard(&lab, &["trust", "accept", "127.0.0.1:15000"]).status.success());
    let report = json(&keelguard(&lab, &check));
    assert!(!lines(&report).contains(&"KG-A190 127.0.0.1:15000".to_owned()));

    // Without a network nothing is asked, and what lies here is found all the same.
    let offline = json(&keelguard(&lab, &[&check[..], &["--offline"]].concat()));
    let found = lines(&offline);
    assert!(
        found.contains(&"KG-A170 open".to_owned()) && !found.contains(&"KG-A101 127.0.0.1:15000".to_owned()),
        "{found:?}"
    );
    lab.down().unwrap();
}
