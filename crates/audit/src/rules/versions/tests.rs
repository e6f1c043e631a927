//! The theme as a whole: hosts as they are found in the field, and what is said of them.

use keelguard_host::facts::{Binary, Component, Package};
use keelguard_host::sample::{self, Sample};
use keelguard_model::{Finding, Severity, Subject};

use super::*;

fn packaged(name: &str, version: &str, origin: &str, changelog: Option<&[&str]>) -> Package {
    Package {
        name: name.into(),
        version: version.into(),
        source: name.into(),
        origin: origin.into(),
        changelog_cves: changelog.map(|cves| cves.iter().map(ToString::to_string).collect()),
    }
}

fn with_package(release: &str, package: Package) -> Sample {
    sample::host().container("web", |_| {}).with(|facts| {
        facts.host.os.version_id = release.into();
        facts.host.packages.push(package);
    })
}

fn with_component(name: &str, version: &str) -> Sample {
    sample::host().container("web", |_| {}).with(|facts| {
        if let Some(engine) = &mut facts.engine {
            engine.version.components.push(Component { name: name.into(), version: version.into() });
        }
    })
}

fn of<'a>(findings: &'a [Finding], rule: &str) -> Option<&'a Finding> {
    findings.iter().find(|finding| finding.rule == rule)
}

fn cves(facts: &Facts, rule: &str) -> Vec<String> {
    of(&findings(facts), rule).map(|finding| finding.refs.cve.clone()).unwrap_or_default()
}

/// Every fix of this theme, applied, makes its finding go away.
fn assert_fixes_hold(facts: &Facts) {
    for finding in findings(facts) {
        let mut after = facts.clone();
        assert!(crate::remedy::apply(&mut after, &finding), "{} has a remedy", finding.rule);
        assert!(of(&findings(&after), &finding.rule).is_none(), "{} is gone after its fix", finding.title);
    }
}

#[test]
fn a_host_that_is_up_to_date_has_nothing_to_answer_for() {
    let facts = sample::host().container("web", |_| {}).facts();
    assert!(findings(&facts).is_empty());
    assert!(gaps(&facts).is_empty());
}

#[test]
fn debians_own_fix_counts_and_not_the_number_before_it() {
    let runc = |version: &str| with_package("12", packaged("runc", version, "debian", None)).facts();
    let repaired = cves(&runc("1.1.5+ds1-1+deb12u1"), "KG-B201");
    assert!(!repaired.contains(&"CVE-2024-21626".to_owned()), "{repaired:?}");
    assert!(cves(&runc("1.1.5+ds1-1+deb12u1+b6"), "KG-B201") == repaired, "a rebuild is the same source");
    let before = runc("1.1.5+ds1-1");
    assert!(cves(&before, "KG-B201").contains(&"CVE-2024-21626".to_owned()));
    assert_fixes_hold(&before);
}

#[test]
fn what_debian_has_not_repaired_is_said_with_those_words() {
    let facts =
        with_package("12", packaged("runc", "1.1.5+ds1-1+deb12u1", "debian", Some(&["CVE-2024-21626"]))).facts();
    let found = findings(&facts);
    let finding = of(&found, "KG-B201").expect("runc 1.1.5 has the races of 2025");
    let value = &finding.evidence.iter().find(|evidence| evidence.what == "CVE-2025-31133").expect("named").value;
    assert!(value.contains("repaired upstream in 1.2.8; not named in Debian's fixes"), "{value}");
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.reaches.len(), 1, "one edge, the cheapest");
    assert_eq!((&finding.reaches[0].from, finding.reaches[0].cost), (&Subject::any_container(), 5));
    assert!(finding.fix.commands.contains(&"apt-get install --only-upgrade runc".to_owned()));
    assert_fixes_hold(&facts);
}

#[test]
fn a_changelog_that_names_a_cve_closes_it() {
    let all: Vec<&str> = engine_table::ROWS.iter().map(|row| row.cve).collect();
    for origin in ["debian", "ubuntu", "rpm:almalinux", "microsoft"] {
        let facts = with_package("12", packaged("runc", "1.1.5-1", origin, Some(&all))).facts();
        assert!(cves(&facts, "KG-B201").is_empty(), "{origin}");
        assert!(gaps(&facts).is_empty(), "{origin}");
    }
}

#[test]
fn other_distributions_are_judged_by_their_changelog_or_not_at_all() {
    for origin in ["ubuntu", "rpm:almalinux", "fedora"] {
        let silent = with_package("24.04", packaged("runc", "1.1.12-0ubuntu3.1", origin, Some(&[]))).facts();
        let found = findings(&silent);
        let finding = of(&found, "KG-B201").expect("the changelog does not name the races of 2025");
        assert_eq!(finding.severity, Severity::Medium, "{origin}: one step lower than certain");
        assert_fixes_hold(&silent);
        let missing = with_package("24.04", packaged("runc", "1.1.12-0ubuntu3.1", origin, None)).facts();
        assert!(cves(&missing, "KG-B201").is_empty(), "{origin}");
        assert_eq!(gaps(&missing).len(), 1, "{origin}: silence is not clean");
    }
    let lts = with_package("11", packaged("runc", "1.0.0~rc93+ds1-5+deb11u5", "debian", None)).facts();
    assert!(cves(&lts, "KG-B201").is_empty() && gaps(&lts).len() == 1);
}

#[test]
fn a_stripped_changelog_leaves_open_only_what_neither_table_nor_range_decides() {
    for (release, name, version) in [
        ("12", "docker.io", "20.10.24+dfsg1-1+deb12u1+b6"),
        ("12", "runc", "1.1.5+ds1-1+deb12u1"),
        ("12", "containerd", "1.6.20~ds1-1+deb12u2"),
        ("13", "docker.io", "26.1.5+dfsg1-9+deb13u1"),
    ] {
        let facts = with_package(release, packaged(name, version, "debian", None)).facts();
        assert!(gaps(&facts).is_empty(), "{name} of Debian {release}: {:?}", gaps(&facts));
    }
    // Nothing here knows Debian 11's fixes. Still, a version that upstream's range does not hold is decided.
    let version = "1.0.0~rc93+ds1-5+deb11u5";
    let facts = with_package("11", packaged("runc", version, "debian", None)).facts();
    let gap = &gaps(&facts)[0];
    let upstream = upstream::Version::parse("1.0.0~rc93").expect("a version");
    let mut decided = 0;
    for row in engine_table::ROWS.iter().filter(|row| row.part == engine_table::Part::Runc) {
        let open = build::hit(row, &upstream).is_some();
        assert_eq!(gap.why.contains(row.cve), open, "{}: {}", row.cve, gap.why);
        decided += usize::from(!open);
    }
    assert!(decided > 0 && gap.why.contains("the changelog is not installed"), "{}", gap.why);
}

#[test]
fn dockers_own_packages_are_judged_by_upstreams_ranges() {
    let engine = |version: &str| {
        with_package("12", packaged("docker-ce", version, "docker", None))
            .with(|facts| {
                facts
                    .engine
                    .as_mut()
                    .expect("engine")
                    .info
                    .plugins
                    .insert("Authorization".into(), Some(vec!["guard".into()]));
            })
            .facts()
    };
    let old = engine("5:28.2.2-1~debian.12~bookworm");
    let found = cves(&old, "KG-B200");
    for cve in ["CVE-2025-54388", "CVE-2026-34040", "CVE-2026-41567", "CVE-2026-42306"] {
        assert!(found.contains(&cve.to_owned()), "{cve}: {found:?}");
    }
    assert!(!found.contains(&"CVE-2024-41110".to_owned()));
    assert_fixes_hold(&old);
    assert!(cves(&engine("5:29.5.1-1~debian.12~bookworm"), "KG-B200").is_empty());
    let containerd = with_package("12", packaged("containerd.io", "1.7.27-1", "docker", None)).facts();
    assert_eq!(cves(&containerd, "KG-B202"), ["CVE-2024-25621"]);
    assert_fixes_hold(&containerd);
}

#[test]
fn the_runc_inside_containerd_io_is_the_one_that_the_engine_reports() {
    let facts = with_component("runc", "1.2.5")
        .with(|facts| facts.host.packages.push(packaged("containerd.io", "1.7.29-1", "docker", None)))
        .facts();
    let found = findings(&facts);
    let finding = of(&found, "KG-B201").expect("1.2.5 has the races");
    assert!(finding.fix.commands.contains(&"apt-get install --only-upgrade containerd.io".to_owned()));
    assert_fixes_hold(&facts);
}

#[test]
fn authorization_flaws_need_an_authorization_plugin() {
    let facts = with_package("12", packaged("docker.io", "20.10.24+dfsg1-1", "debian", None)).facts();
    assert!(!cves(&facts, "KG-B200").contains(&"CVE-2024-41110".to_owned()));
    let guarded = |version: &str| {
        with_package("12", packaged("docker.io", version, "debian", None))
            .with(|facts| {
                facts
                    .engine
                    .as_mut()
                    .expect("engine")
                    .info
                    .plugins
                    .insert("Authorization".into(), Some(vec!["guard".into()]));
            })
            .facts()
    };
    assert!(cves(&guarded("20.10.24+dfsg1-1"), "KG-B200").contains(&"CVE-2024-41110".to_owned()));
    let repaired = cves(&guarded("20.10.24+dfsg1-1+deb12u1+b6"), "KG-B200");
    assert!(!repaired.contains(&"CVE-2024-41110".to_owned()), "{repaired:?}");
    assert!(repaired.contains(&"CVE-2026-34040".to_owned()));
    assert_fixes_hold(&guarded("20.10.24+dfsg1-1"));
}

#[test]
fn debians_engine_is_judged_for_the_buildkit_inside_it_where_debian_names_it() {
    let trixie = |version: &str| with_package("13", packaged("docker.io", version, "debian", None)).facts();
    assert!(cves(&trixie("26.1.5+dfsg1-9+b1"), "KG-B200").contains(&"CVE-2026-33747".to_owned()));
    let repaired = cves(&trixie("26.1.5+dfsg1-9+deb13u1"), "KG-B200");
    assert_eq!(repaired, ["CVE-2026-41567"]);
    assert_fixes_hold(&trixie("26.1.5+dfsg1-9+b1"));
}

#[test]
fn a_shims_abstract_socket_matters_to_containers_on_the_hosts_network_only() {
    let host = with_component("containerd", "1.4.2");
    assert!(!cves(&host.clone().facts(), "KG-B202").contains(&"CVE-2020-15257".to_owned()));
    let facts = host.container("edge", |c| c.host_config.network_mode = "host".into()).facts();
    let found = findings(&facts);
    let finding = of(&found, "KG-B202").expect("found");
    assert!(finding.refs.cve.contains(&"CVE-2020-15257".to_owned()));
    assert_eq!(finding.reaches.iter().map(|reach| reach.from.name.as_str()).collect::<Vec<_>>(), ["edge"]);
    assert_fixes_hold(&facts);
}

#[test]
fn nvidias_hooks_matter_where_its_runtime_is_and_from_containers_that_use_it() {
    let toolkit = || with_package("12", packaged("nvidia-container-toolkit", "1.17.4-1", "nvidia", None));
    assert!(cves(&toolkit().facts(), "KG-B204").is_empty());
    let facts = toolkit()
        .container("train", |c| c.host_config.runtime = "nvidia".into())
        .with(|facts| {
            facts.engine.as_mut().expect("engine").info.runtimes.insert("nvidia".into(), serde_json::Value::Null);
        })
        .facts();
    let found = findings(&facts);
    let finding = of(&found, "KG-B204").expect("1.17.4 is before 1.17.8");
    assert_eq!(finding.refs.cve, ["CVE-2025-23266", "CVE-2025-23267"]);
    assert_eq!(finding.reaches.iter().map(|reach| reach.from.name.as_str()).collect::<Vec<_>>(), ["train"]);
    assert_fixes_hold(&facts);
}

#[test]
fn a_binary_by_hand_is_judged_by_upstreams_ranges() {
    let facts = sample::host()
        .with(|facts| {
            facts.host.binaries.push(Binary {
                name: "runc".into(),
                path: "/usr/local/bin/runc".into(),
                version: "1.1.11".into(),
                package: None,
            });
            facts.host.packages.push(packaged("runc", "1.1.5+ds1-1+deb12u1", "debian", None));
        })
        .facts();
    let found = findings(&facts);
    let finding = of(&found, "KG-B201").expect("1.1.11 leaks file descriptors");
    assert!(finding.refs.cve.contains(&"CVE-2024-21626".to_owned()));
    assert!(finding.fix.summary.contains("/usr/local/bin/runc"));
    assert_fixes_hold(&facts);
}

#[test]
fn a_remote_engine_of_a_distribution_is_a_gap_and_one_of_upstream_is_judged() {
    let remote = |version: &str| {
        with_component("runc", version).with(|facts| facts.engine.as_mut().expect("engine").local = false).facts()
    };
    let distribution = remote("1.1.5+ds1");
    assert!(cves(&distribution, "KG-B201").is_empty());
    assert!(gaps(&distribution).iter().any(|gap| gap.what.contains("runc 1.1.5+ds1")));
    assert!(cves(&remote("1.1.5"), "KG-B201").contains(&"CVE-2024-21626".to_owned()));
    assert_fixes_hold(&remote("1.1.5"));
}

#[test]
fn hostile_versions_are_a_gap_and_no_more() {
    for version in ["", "\u{1b}[31m", "../../etc", "9".repeat(10_000).as_str(), "1.0-rc\u{0}", ":-~"] {
        let facts = with_component("runc", version).with(|facts| {
            facts.host.kernel.release = version.into();
            facts.host.kernel.version = format!("#1 SMP Debian {version}");
        });
        let facts = facts.facts();
        findings(&facts);
        gaps(&facts);
    }
}

fn kernel(release: &str, options: &[(&str, &str)]) -> Sample {
    let config = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    sample::host().container("web", |_| {}).with(|facts| {
        facts.host.kernel.release = release.into();
        facts.host.kernel.config = config;
        facts.host.kernel.config_source = Some("/proc/config.gz".into());
    })
}

#[test]
fn what_is_not_compiled_in_cannot_be_exploited() {
    // The flaws of 2026 are in 6.18.10; without their code nothing is left of them.
    let bare = kernel("6.18.10", &[("USER_NS", "y")]).facts();
    assert!(findings(&bare).is_empty(), "{:?}", findings(&bare));
    let whole = kernel("6.18.10", &[("CRYPTO_USER_API_AEAD", "y"), ("INET_ESP", "m"), ("AF_RXRPC", "m")]).facts();
    let expected = ["CVE-2026-31431", "CVE-2026-43284", "CVE-2026-43500", "CVE-2026-46300"];
    assert_eq!(cves(&whole, "KG-B210"), expected);
    assert_fixes_hold(&whole);
    let sealed = kernel("6.18.10", &[("CRYPTO_USER_API_AEAD", "m"), ("INET_ESP", "m")])
        .with(|facts| drop(facts.host.sysctls.insert("kernel.modules_disabled".into(), "1".into())))
        .facts();
    assert!(findings(&sealed).is_empty());
    let current =
        kernel("6.18.44-custom", &[("CRYPTO_USER_API_AEAD", "y"), ("INET_ESP", "y"), ("AF_RXRPC", "y")]).facts();
    assert!(findings(&current).is_empty() && gaps(&current).is_empty());
}

#[test]
fn a_configuration_that_could_not_be_read_is_said_and_weighs_less() {
    let facts = kernel("5.10.101", &[]).with(|facts| facts.host.kernel.config_source = None).facts();
    let found = findings(&facts);
    let finding = of(&found, "KG-B210").expect("Dirty Pipe");
    assert!(finding.refs.cve.contains(&"CVE-2022-0847".to_owned()));
    assert_eq!(finding.severity, Severity::Medium);
    assert!(finding.evidence.iter().any(|evidence| evidence.value.contains("could not be read")));
    assert_fixes_hold(&facts);
}

#[test]
fn the_default_seccomp_profile_closes_what_needs_namespaces() {
    let options = &[("INET_ESP", "y"), ("USER_NS", "y")];
    let confined = kernel("6.18.10", options).facts();
    let found = findings(&confined);
    let finding = of(&found, "KG-B210").expect("the flaw is there");
    assert!(finding.reaches.is_empty(), "but no container gets to it");
    assert_eq!(finding.severity, Severity::Low);
    let open = kernel("6.18.10", options)
        .container("loose", |c| c.host_config.security_opt.push("seccomp=unconfined".into()))
        .container("router", |c| c.host_config.cap_add.push("NET_ADMIN".into()));
    let from = |facts: &Facts| -> Vec<String> {
        of(&findings(facts), "KG-B210")
            .map(|finding| finding.reaches.iter().map(|reach| reach.from.name.clone()).collect())
            .unwrap_or_default()
    };
    assert_eq!(from(&open.clone().facts()), ["loose", "router"]);
    let without =
        open.with(|facts| drop(facts.host.sysctls.insert("user.max_user_namespaces".into(), "0".into()))).facts();
    assert_eq!(from(&without), ["router"]);
}

#[test]
fn copy_fail_is_open_to_every_container_until_the_engine_denies_its_sockets() {
    let host = kernel("6.18.10", &[("CRYPTO_USER_API_AEAD", "m")]);
    assert!(findings(&host.clone().facts())[0].reaches.is_empty(), "29.5.1 denies AF_ALG");
    let old = host.with(|facts| facts.engine.as_mut().expect("engine").info.server_version = "28.5.2".into()).facts();
    let found = findings(&old);
    let finding = of(&found, "KG-B210").expect("Copy Fail");
    assert_eq!(finding.reaches[0].from, Subject::any_container());
    assert_eq!(finding.severity, Severity::High);
    assert!(of(&found, "KG-B212").is_some());
    assert_fixes_hold(&old);
}

#[test]
fn debians_kernel_is_judged_by_its_package_version() {
    let debian = |version: &str| {
        kernel(
            "6.1.0-49-amd64",
            &[("CRYPTO_USER_API_AEAD", "m"), ("INET_ESP", "m"), ("AF_RXRPC", "m"), ("NF_TABLES", "m")],
        )
        .with(|facts| {
            facts.host.os.version_id = "12".into();
            facts.host.kernel.version = format!("#1 SMP PREEMPT_DYNAMIC Debian {version} (2026-05-01)");
        })
        .facts()
    };
    assert!(cves(&debian("6.1.174-1"), "KG-B210").is_empty() && gaps(&debian("6.1.174-1")).is_empty());
    assert_eq!(cves(&debian("6.1.170-2"), "KG-B210"), ["CVE-2026-46300"], "Debian repaired Dirty Frag before 6.1.172");
    let old = debian("6.1.69-1");
    assert!(cves(&old, "KG-B210").contains(&"CVE-2024-1086".to_owned()));
    assert_fixes_hold(&old);
}

#[test]
fn kernels_of_other_distributions_are_a_gap_unless_their_base_is_new_enough() {
    for release in ["5.14.0-427.13.1.el9_4.x86_64", "4.18.0-553.el8.x86_64"] {
        let facts = kernel(release, &[("NF_TABLES", "m")]).facts();
        assert!(findings(&facts).is_empty() && !gaps(&facts).is_empty(), "{release}");
    }
    let ubuntu = |signature: &str| {
        kernel("6.8.0-45-generic", &[("NF_TABLES", "m")])
            .with(|facts| facts.host.kernel.signature = Some(signature.into()))
            .facts()
    };
    let current = ubuntu("Ubuntu 6.8.0-45.45-generic 6.8.12");
    assert!(findings(&current).is_empty() && gaps(&current).is_empty());
    assert!(!gaps(&ubuntu("Ubuntu 5.15.0-101.111-generic 5.15.143")).is_empty());
}

#[test]
fn a_branch_whose_fix_no_source_names_is_a_gap() {
    let facts = kernel("6.2.1", &[("NF_TABLES", "y")]).facts();
    assert!(findings(&facts).is_empty(), "{:?}", findings(&facts));
    assert!(gaps(&facts)[0].why.contains("CVE-2024-1086"));
}

#[test]
fn io_uring_counts_where_profile_kernel_and_sysctl_let_it_through() {
    let host = |version: &str| {
        kernel("6.18.44", &[("IO_URING", "y")])
            .with(|facts| facts.engine.as_mut().expect("engine").info.server_version = version.into())
    };
    let open = host("24.0.9").facts();
    assert!(of(&findings(&open), "KG-B211").is_some());
    assert_fixes_hold(&open);
    assert!(of(&findings(&host("25.0.0").facts()), "KG-B211").is_none());
    let with_switch = |value: &str| {
        host("24.0.9")
            .with(|facts| drop(facts.host.sysctls.insert("kernel.io_uring_disabled".into(), value.into())))
            .facts()
    };
    assert!(of(&findings(&with_switch("2")), "KG-B211").is_none());
    let switchable = with_switch("0");
    assert!(of(&findings(&switchable), "KG-B211").is_some_and(|finding| !finding.fix.commands.is_empty()));
    assert_fixes_hold(&switchable);
    let unset = host("24.0.9").with(|facts| facts.host.kernel.config.clear()).facts();
    assert!(of(&findings(&unset), "KG-B211").is_none());
}
