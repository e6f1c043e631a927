//! An image in a real registry, behind TLS and a login: the same packages as in the layout from which it was pushed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it is skipped"
)]

mod images;
mod places;
mod support;

use images::{have, layout, run, unread};
use places::{AUTH, Registry};
use serde_json::Value;
use support::Home;

#[test]
fn an_image_behind_tls_and_a_login_has_the_same_packages_as_its_layout() {
    if !have(&["docker-registry", "skopeo", "openssl"]) {
        return;
    }
    let home = Home::new();
    layout(&home.path(""));
    let registry = Registry::start(&home.path(""));
    let address = registry.address.as_str();
    let image = format!("{address}/team/shop:1");
    for format in ["oci", "v2s2"] {
        let name = format!("docker://{address}/team/shop:{}", if format == "oci" { "1" } else { "docker" });
        let arguments =
            ["--insecure-policy", "copy", "--format", format, "--dest-creds", "shelf:shelf", "--dest-cert-dir", "."];
        run("skopeo", &[&arguments[..], &["oci:layout:shop:1", &name]].concat(), &home.path(""));
    }
    let look = |target: &str, flags: &[&str]| {
        let arguments = [&["image", target, "--format", "json", "--no-cache"], flags].concat();
        let mut command = home.command(&arguments);
        // Advisories are fetched from nowhere: only registries are asked here.
        command.env("KEELGUARD_ADVISORIES_URL", home.path("none"));
        let output = home.output(command);
        let said = String::from_utf8(output.stderr).unwrap();
        (serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default(), said)
    };
    let (expected, _) = look("oci:layout", &["--offline"]);
    assert_eq!(expected["packages"].as_array().unwrap().len(), 3);

    let (_, said) = look(&format!("registry:{image}"), &["--registry-ca-file", "ca.crt"]);
    assert!(said.contains(&format!("asks for a login; type: docker login {address}")), "{said}");
    std::fs::create_dir(home.path(".docker")).unwrap();
    home.write(".docker/config.json", format!(r#"{{"auths": {{"{address}": {{"auth": "{AUTH}"}}}}}}"#));
    for target in [format!("registry:{image}"), image.clone(), format!("{address}/team/shop:docker")] {
        let (report, said) = look(&target, &["--registry-ca-file", "ca.crt"]);
        assert_eq!(report["packages"], expected["packages"], "{target}: {said}");
        assert!(unread(&report).is_empty(), "{target}: {:#}", report["incomplete"]);
        assert_eq!(report["target"]["kind"], "registry", "{target}");
        assert_eq!(report["target"]["layers"][0]["diff_id"], expected["target"]["layers"][0]["diff_id"], "{target}");
    }
    let (report, _) = look(&image, &["--registry-ca-file", "ca.crt"]);
    assert_eq!(report["target"]["digest"], expected["target"]["digest"]);
    let pinned = format!("{address}/team/shop@{}", report["target"]["digest"].as_str().unwrap());
    assert_eq!(look(&pinned, &["--insecure-registries", address]).0["packages"], expected["packages"]);

    let (_, said) = look(&image, &["--offline"]);
    assert!(said.contains("no registry was asked (--offline)"), "{said}");
    let (_, said) = look(&format!("registry:{address}/team/nothing:1"), &["--registry-ca-file", "ca.crt"]);
    assert!(said.contains("there is no such thing: manifest unknown"), "{said}");
    let (_, said) = look(&image, &["--registry-ca-file", "none.crt"]);
    assert!(said.contains("none.crt cannot be read"), "{said}");
}
