//! The graph's answers on facts as they occur.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use keelguard_host::facts::Network;
use keelguard_host::{Facts, sample};
use keelguard_model::{Finding, Subject, SubjectKind, Suppressed, rule};
use keelguard_paths::Graph;

fn named(facts: &Facts, name: &str) -> Subject {
    facts.containers().iter().find(|container| container.name == name).expect("a container of the sample").subject()
}

fn to_host(from: &Subject) -> Finding {
    rule::PRIVILEGED.on(from.clone()).reaches(Subject::host_root(), 1, "mounts the host's disk")
}

fn cost(graph: &Graph, from: &Subject, to: &Subject) -> Option<u32> {
    graph.cheapest(from, to).map(|path| path.cost)
}

fn network(name: &str, driver: &str, icc: bool) -> Network {
    let mut network =
        Network { id: format!("id-of-{name}"), name: name.into(), driver: driver.into(), ..Network::default() };
    network.options.insert("com.docker.network.bridge.enable_icc".into(), icc.to_string());
    network
}

fn on(container: &mut keelguard_host::facts::Container, networks: &[&str]) {
    container.network_settings.networks =
        networks.iter().map(|name| ((*name).to_owned(), keelguard_host::facts::Endpoint::default())).collect();
}

#[test]
fn containers_on_one_network_reach_one_another_and_no_others() {
    let facts = sample::host()
        .with(|facts| facts.engine.as_mut().unwrap().networks.push(network("back", "bridge", true)))
        .container("web", |c| on(c, &["bridge", "back"]))
        .container("database", |c| on(c, &["back"]))
        .container("other", |_| {})
        .facts();
    let graph = Graph::build(&facts, &[]);
    let (web, database, other) = (named(&facts, "web"), named(&facts, "database"), named(&facts, "other"));
    assert_eq!(cost(&graph, &web, &database), Some(5));
    assert_eq!(cost(&graph, &database, &other), Some(10), "only through web");
    let path = graph.cheapest(&web, &database).unwrap();
    assert_eq!(
        path.steps.iter().map(|step| step.to.to_string()).collect::<Vec<_>>(),
        ["network back", "container database"]
    );
    assert!(path.steps.iter().all(|step| step.rule.is_none()));
}

#[test]
fn a_network_without_inter_container_traffic_parts_its_members_unless_they_are_linked() {
    let facts = sample::host()
        .with(|facts| facts.engine.as_mut().unwrap().networks.push(network("apart", "bridge", false)))
        .container("a", |c| on(c, &["apart"]))
        .container("b", |c| on(c, &["apart"]))
        .container("c", |c| {
            on(c, &["apart"]);
            c.host_config.links.push("/b:/c/b".into());
        })
        .facts();
    let graph = Graph::build(&facts, &[]);
    assert_eq!(cost(&graph, &named(&facts, "a"), &named(&facts, "b")), None);
    assert_eq!(cost(&graph, &named(&facts, "c"), &named(&facts, "b")), Some(5));
}

#[test]
fn a_container_on_the_hosts_network_reaches_every_bridge_and_is_reached_from_it() {
    let facts = sample::host()
        .with(|facts| facts.engine.as_mut().unwrap().networks.push(network("apart", "bridge", false)))
        .with(|facts| facts.engine.as_mut().unwrap().networks.push(network("lan", "macvlan", true)))
        .container("agent", |c| {
            c.host_config.network_mode = "host".into();
            on(c, &["host"]);
        })
        .container("a", |c| on(c, &["apart"]))
        .container("b", |c| on(c, &["apart"]))
        .container("m", |c| on(c, &["lan"]))
        .container("n", |c| on(c, &["none"]))
        .facts();
    let graph = Graph::build(&facts, &[]);
    let [agent, a, b, m, n] = ["agent", "a", "b", "m", "n"].map(|name| named(&facts, name));
    assert_eq!(cost(&graph, &agent, &a), Some(5), "inter-container traffic is not the host's");
    assert_eq!(cost(&graph, &a, &agent), Some(5), "through the bridge's gateway");
    assert_eq!(cost(&graph, &a, &b), Some(10), "through agent only");
    assert_eq!(cost(&graph, &agent, &m), None, "a macvlan is closed to its own host");
    assert_eq!(cost(&graph, &agent, &n), None);
}

#[test]
fn a_container_that_shares_anothers_network_namespace_stands_on_its_networks() {
    let facts = sample::host()
        .container("app", |_| {})
        .container("sidecar", |c| {
            on(c, &[]);
            c.host_config.network_mode = format!("container:{:064x}", 1);
        })
        .container("loop", |c| {
            on(c, &[]);
            c.host_config.network_mode = "container:loop".into();
        })
        .container("peer", |_| {})
        .facts();
    let graph = Graph::build(&facts, &[]);
    assert_eq!(cost(&graph, &named(&facts, "sidecar"), &named(&facts, "peer")), Some(5));
    assert_eq!(cost(&graph, &named(&facts, "loop"), &named(&facts, "peer")), None);
}

#[test]
fn a_stopped_container_has_the_steps_of_its_findings_but_stands_on_no_network() {
    let facts =
        sample::host().container("running", |_| {}).container("stopped", |c| c.state.status = "exited".into()).facts();
    let stopped = named(&facts, "stopped");
    let graph = Graph::build(&facts, &[to_host(&stopped)]);
    assert_eq!(cost(&graph, &stopped, &Subject::host_root()), Some(1));
    assert_eq!(cost(&graph, &named(&facts, "running"), &stopped), None);
}

#[test]
fn one_flaw_shared_by_every_container_is_one_change() {
    let mut host = sample::host();
    for at in 0..50 {
        host = host.container(&format!("c{at}"), |_| {});
    }
    let facts = host.facts();
    let kernel = rule::PRIVILEGED.on(Subject::host_root()).reaches_from(
        Subject::any_container(),
        Subject::host_root(),
        8,
        "exploits the kernel",
    );
    let graph = Graph::build(&facts, &[kernel]);
    assert_eq!(graph.paths_to_host().len(), 50);
    let fixes = graph.fix_set(&graph.starts(), &graph.goals());
    assert_eq!((fixes.steps.len(), fixes.steps[0].cuts), (1, 50));
    assert!(fixes.uncuttable.is_empty());
}

#[test]
fn a_container_that_is_called_like_the_wildcard_speaks_for_itself_only() {
    let facts = sample::host().container("*", |c| on(c, &[])).container("web", |c| on(c, &[])).facts();
    let graph = Graph::build(&facts, &[to_host(&named(&facts, "*"))]);
    assert_eq!(cost(&graph, &named(&facts, "web"), &Subject::host_root()), None);
}

#[test]
fn an_accepted_finding_stays_a_path_and_is_never_proposed() {
    let facts = sample::host().container("web", |_| {}).container("other", |_| {}).facts();
    let (web, other) = (named(&facts, "web"), named(&facts, "other"));
    let mut accepted = to_host(&web);
    accepted.suppressed = Some(Suppressed { reason: "the build host".into(), until: None });
    let graph = Graph::build(&facts, &[accepted, to_host(&other)]);
    let fixes = graph.fix_set(&graph.starts(), &graph.goals());
    let proposed: Vec<_> = fixes.steps.iter().map(|step| step.subject.to_string()).collect();
    assert_eq!(proposed, ["container other"], "an exception for web hides no door of other");
    assert_eq!(fixes.uncuttable.len(), 2);
    assert!(
        fixes
            .uncuttable
            .iter()
            .all(|path| path.steps.iter().any(|step| step.how.ends_with("(accepted by an exception)")))
    );
}

#[test]
fn whoever_owns_the_host_or_its_engine_owns_the_rest() {
    let facts = sample::host().container("a", |c| on(c, &[])).container("b", |c| on(c, &[])).facts();
    let (a, b) = (named(&facts, "a"), named(&facts, "b"));
    let socket = rule::PRIVILEGED.on(a.clone()).reaches(Subject::engine(), 1, "speaks to the engine's socket");
    let cloud = rule::PRIVILEGED.on(b.clone()).reaches(Subject::cloud(), 2, "asks the metadata service");
    let graph = Graph::build(&facts, &[socket, cloud]);
    assert_eq!(cost(&graph, &a, &b), Some(3));
    assert_eq!(cost(&graph, &a, &Subject::cloud()), Some(3));
    assert_eq!(graph.goals(), [Subject::host_root(), Subject::cloud()]);
    assert_eq!(graph.fix_set(&graph.starts(), &graph.goals()).steps.len(), 2);
}

#[test]
fn two_findings_with_one_fingerprint_are_two_doors() {
    let facts = sample::host().container("web", |_| {}).facts();
    let web = named(&facts, "web");
    let [one, two] = ["/dev/sda", "/dev/sdb"].map(|disk| to_host(&web).evidence("HostConfig.Devices", disk));
    let graph = Graph::build(&facts, &[one.clone(), one, two]);
    assert_eq!(graph.fix_set(&graph.starts(), &graph.goals()).steps.len(), 2);
}

#[test]
fn costs_that_do_not_fit_are_as_high_as_can_be() {
    let facts = sample::host().container("a", |c| on(c, &[])).container("b", |c| on(c, &[])).facts();
    let (a, b) = (named(&facts, "a"), named(&facts, "b"));
    let aside = rule::PRIVILEGED.on(a.clone()).reaches(b.clone(), u32::MAX, "in ages");
    let out = rule::PRIVILEGED.on(b).reaches(Subject::host_root(), u32::MAX, "in ages");
    let graph = Graph::build(&facts, &[aside, out]);
    assert_eq!(cost(&graph, &a, &Subject::host_root()), Some(u32::MAX));
}

#[test]
fn a_thousand_containers_and_twenty_thousand_steps_get_the_right_answer() {
    let mut host = sample::host();
    for at in 0..1000 {
        host = host.container(&format!("c{at:04}"), |_| {});
    }
    let facts = host.facts();
    let subjects: Vec<Subject> = facts.containers().iter().map(keelguard_host::facts::Container::subject).collect();
    let mut findings = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        for way in 0..19 {
            let to = &subjects[(at * 31 + way * 57 + 1) % 1000];
            let finding = rule::PRIVILEGED.on(subject.clone()).about(&way.to_string());
            findings.push(finding.reaches(to.clone(), 3, "writes into the volume that both share"));
        }
        if at % 10 == 0 {
            findings.push(to_host(subject));
        }
    }
    let graph = Graph::build(&facts, &findings);
    assert!(graph.steps() > 20_000);
    assert_eq!(graph.paths_to_host().len(), 1000);
    let fixes = graph.fix_set(&graph.starts(), &graph.goals());
    assert_eq!(fixes.steps.len(), 100, "the hundred doors to the host and nothing else");
    assert!(fixes.steps.iter().all(|step| step.summary.contains("--privileged")));
    assert_eq!(graph.who_reaches_whom().len(), 1, "all of them and the host reach one another");
}

#[test]
fn the_report_names_places_steps_and_answers() {
    let facts = sample::host().container("web", |_| {}).container("agent", |c| on(c, &["host"])).facts();
    let graph = Graph::build(&facts, &[to_host(&named(&facts, "web"))]);
    let report = graph.report(&graph.starts(), &graph.goals());
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["schema"], "keelguard.paths/1");
    assert_eq!(json["paths"][0]["to"]["name"], "root");
    assert_eq!(json["fix_set"]["steps"][0]["rules"][0], "KG-B003");
    let gateway = report.edges.iter().filter(|edge| {
        edge.step.from.kind == SubjectKind::Container && edge.step.to.name == "agent" && edge.step.rule.is_none()
    });
    assert_eq!(gateway.count(), 1, "what goes through a hinge is told from place to place");
    assert_eq!(serde_json::from_value::<keelguard_paths::PathsReport>(json).unwrap(), report);
}

/// The whole circle without a host: judge, fix what the fix set says in the facts, judge again.
#[test]
fn the_facts_after_the_fix_set_have_no_path() {
    let mut facts = sample::host()
        .container("web", |c| c.host_config.privileged = true)
        .container("job", |c| c.host_config.privileged = true)
        .container("calm", |_| {})
        .facts();
    let judged = keelguard_audit::judge(&facts);
    let graph = Graph::build(&facts, &judged.findings);
    assert!(graph.paths_to_host().len() >= 2);
    for step in graph.fix_set(&graph.starts(), &graph.goals()).steps {
        let finding = judged.findings.iter().find(|finding| step.findings.contains(&finding.fingerprint)).unwrap();
        assert!(keelguard_audit::remedy::apply(&mut facts, finding), "{:?} has no remedy", step.rules);
    }
    let after = Graph::build(&facts, &keelguard_audit::judge(&facts).findings);
    assert_eq!(after.paths(&after.starts(), &after.goals()), []);
}
