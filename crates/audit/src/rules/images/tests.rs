//! What images bring, row by row.

use keelguard_host::Facts;
use keelguard_host::facts::{Binary, Component, Config, HistoryEntry, Image};
use keelguard_host::sample::{self, Sample};

use super::findings;

fn runc(version: &str) -> Sample {
    let component = Component { name: "runc".into(), version: version.into() };
    sample::host().with(|facts| {
        facts.host.content_trust = Some("1".into());
        facts.engine.as_mut().unwrap().version.components.push(component);
    })
}

fn image(host: Sample, change: impl FnOnce(&mut Image)) -> Sample {
    host.with(|facts| change(&mut facts.engine.as_mut().unwrap().images[0]))
}

/// `rule severity edges` of the findings above hygiene's plain "no health check".
fn told(facts: &Facts) -> Vec<String> {
    let found = findings(facts);
    let found = found.iter().filter(|finding| finding.rule != "KG-B261");
    found.map(|finding| format!("{} {} {}", finding.rule, finding.severity, finding.reaches.len())).collect()
}

#[test]
fn d13_a_working_folder_below_proc_self_fd_is_a_way_out_on_an_old_runc() {
    let facts = |version| {
        let change = |c: &mut keelguard_host::facts::Container| c.config.working_dir = "/proc/self/fd/8".into();
        runc(version).container("web", change).facts()
    };
    assert_eq!(told(&facts("1.1.11")), ["KG-B250 critical 1"]);
    assert_eq!(told(&facts("1.1.12")), ["KG-B250 high 0"]);
    assert_eq!(told(&facts("1.0.0-rc92")), ["KG-B250 high 0"]);
}

#[test]
fn d12_a_preloaded_library_counts_where_the_nvidia_hook_would_load_it() {
    let facts = |runtime: &str, toolkit: &str| {
        let toolkit = Binary { name: "nvidia-container-toolkit".into(), version: toolkit.into(), ..Binary::default() };
        let host = runc("1.3.3").with(|facts| facts.host.binaries.push(toolkit));
        let facts = host.container("gpu", |c| {
            c.host_config.runtime = runtime.into();
            c.config.env.push("LD_PRELOAD=/x.so".into());
        });
        told(&facts.facts())
    };
    assert_eq!(facts("nvidia", "1.17.7"), ["KG-B251 critical 1"]);
    assert_eq!(facts("nvidia", ""), ["KG-B251 high 1"]);
    assert!(facts("nvidia", "1.17.8").is_empty());
    assert!(facts("runc", "1.17.7").is_empty());
}

#[test]
fn d14_links_where_the_runtime_mounts_are_a_way_out_on_a_runc_without_the_fix() {
    let facts = |version| {
        let trap = |image: &mut Image| {
            image.trap_links = Some(vec![("/dev/null".into(), "/proc/sys/kernel/core_pattern".into())]);
        };
        image(runc(version), trap).container("web", |_| {}).facts()
    };
    for version in ["1.1.15", "1.2.7", "1.3.2", "1.4.0-rc.2"] {
        assert_eq!(told(&facts(version)), ["KG-B252 critical 1"], "{version}");
    }
    for version in ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.4.0"] {
        assert_eq!(told(&facts(version)), ["KG-B252 medium 0"], "{version}");
    }
}

#[test]
fn cis_4_10_secrets_are_found_by_name_or_value_and_never_shown() {
    let bring = |image: &mut Image| {
        image.config.env = [
            "DB_PASSWORD=<redacted>",
            "DB_PASSWORD_FILE=<redacted>",
            "API_TOKEN=",
            "TOKEN_TTL=5",
            "PWD=/",
            "PATH=/bin",
            "ORDINARY=<redacted secret>",
        ]
        .map(String::from)
        .into();
        image.history = vec![HistoryEntry {
            created_by: "RUN |1 GITHUB_TOKEN=<redacted> /bin/sh -c make".into(),
            ..Default::default()
        }];
    };
    let facts =
        image(runc("1.3.3"), bring).container("web", |c| c.config.env = vec!["MY_SECRET=<redacted>".into()]).facts();
    let found = findings(&facts);
    let names: Vec<_> = found
        .iter()
        .filter(|f| matches!(f.rule.as_str(), "KG-B260" | "KG-B270"))
        .map(|f| f.evidence[0].value.as_str())
        .collect();
    assert_eq!(
        names,
        ["DB_PASSWORD=<redacted>", "ORDINARY=<redacted>", "GITHUB_TOKEN=<redacted>", "MY_SECRET=<redacted>"]
    );
}

#[test]
fn cis_4_7_and_4_9_lonely_updates_and_adds_are_told_from_installs_and_base_layers() {
    let steps = |steps: &[&str]| {
        let history = steps.iter().map(|s| HistoryEntry { created_by: (*s).into(), ..Default::default() }).collect();
        told(&image(runc("1.3.3"), |image| image.history = history).facts())
    };
    let base = "/bin/sh -c #(nop) ADD file:0123 in / ";
    assert_eq!(steps(&["RUN /bin/sh -c apt-get -qq update # buildkit", base]), ["KG-B262 info 0"]);
    assert_eq!(steps(&["ADD https://example.org/x.tgz /x # buildkit", base]), ["KG-B263 info 0"]);
    for honest in [
        "RUN /bin/sh -c apt-get update && apt-get install -y curl",
        "RUN yum update -y",
        "COPY x /x",
        "RUN apk add --update curl",
    ] {
        assert!(steps(&[honest, base]).is_empty(), "{honest}");
    }
}

#[test]
fn cis_4_6_an_image_in_use_without_a_health_check_is_said_once() {
    let facts = runc("1.3.3").container("one", |_| {}).container("two", |_| {}).facts();
    assert_eq!(findings(&facts).iter().filter(|f| f.rule == "KG-B261").count(), 1);
    assert!(findings(&runc("1.3.3").facts()).is_empty(), "an image that nothing uses");
}

#[test]
fn cis_5_28_a_container_whose_tag_moved_on_is_told() {
    let facts = runc("1.3.3").container("old", |c| c.image = "sha256:00".into()).container("new", |_| {}).facts();
    assert_eq!(told(&facts), ["KG-B265 info 0"]);
}

#[test]
fn cis_6_1_and_6_2_sprawl_and_its_cure() {
    let mut host = runc("1.3.3").with(|facts| {
        let images =
            (0..20).map(|n| Image { id: format!("sha256:d{n}"), config: Config::default(), ..Image::default() });
        facts.engine.as_mut().unwrap().images.extend(images);
    });
    for n in 0..20 {
        host = host.container(&format!("c{n}"), |c| c.state.status = "exited".into());
    }
    let facts = host.facts();
    assert_eq!(told(&facts), ["KG-B280 info 0", "KG-B281 info 0"]);
}

#[test]
fn cis_4_5_content_trust_is_one_finding_of_the_host() {
    assert_eq!(told(&sample::host().facts()), ["KG-B282 info 0"]);
}

#[test]
fn every_remedy_closes_its_finding() {
    let facts = image(runc("1.1.5"), |image| image.trap_links = Some(vec![("/dev".into(), "/proc".into())]))
        .container("web", |c| {
            c.config.working_dir = "/proc/self/fd/7".into();
            c.config.env.push("LD_AUDIT=/x.so".into());
            c.host_config.runtime = "nvidia".into();
        })
        .with(|facts| facts.host.content_trust = None)
        .facts();
    let with_edges = findings(&facts).into_iter().filter(|f| !f.reaches.is_empty() || f.rule == "KG-B282");
    for finding in with_edges {
        let mut after = facts.clone();
        assert!(crate::remedy::apply(&mut after, &finding), "{}", finding.rule);
        assert!(findings(&after).iter().all(|other| other.fingerprint != finding.fingerprint), "{}", finding.rule);
    }
}
