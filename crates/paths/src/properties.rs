//! What must hold for every graph, against an oracle that knows nothing but pairs of places.

use std::collections::BTreeSet;

use keelguard_host::{Facts, sample};
use keelguard_model::{Finding, Subject, Suppressed, rule};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::Graph;

const CONTAINERS: usize = 5;
/// Places by number: the containers, then these.
const INTERNET: usize = CONTAINERS;
const HOST: usize = CONTAINERS + 1;
const CLOUD: usize = CONTAINERS + 2;
const EVERYONE: usize = CONTAINERS + 3;

#[derive(Clone, Debug)]
struct Weakness {
    steps: Vec<(usize, usize, u32)>,
    weight: u32,
    accepted: bool,
}

#[derive(Clone, Debug)]
struct Case {
    on_network: Vec<bool>,
    weaknesses: Vec<Weakness>,
}

fn weakness() -> impl Strategy<Value = Weakness> {
    let from = prop_oneof![6 => 0..CONTAINERS, 2 => Just(INTERNET), 1 => Just(EVERYONE)];
    let to = prop_oneof![4 => 0..CONTAINERS, 4 => Just(HOST), 1 => Just(CLOUD), 1 => Just(EVERYONE)];
    let cost = 0..9u32;
    let crowd = (vec(from.clone(), 1..4), vec(to.clone(), 1..3), cost.clone()).prop_map(|(from, to, cost)| {
        from.iter().flat_map(|&from| to.iter().map(move |&to| (from, to, cost))).collect::<Vec<_>>()
    });
    let loose = vec((from, to, cost), 1..4);
    (prop_oneof![crowd, loose], 1..9u32, prop::bool::weighted(0.12)).prop_map(|(steps, weight, accepted)| Weakness {
        steps,
        weight,
        accepted,
    })
}

fn case() -> impl Strategy<Value = Case> {
    (vec(prop::bool::weighted(0.2), CONTAINERS), vec(weakness(), 0..=10))
        .prop_map(|(on_network, weaknesses)| Case { on_network, weaknesses })
}

impl Case {
    fn facts(&self) -> Facts {
        let mut host = sample::host();
        for (at, on_network) in self.on_network.iter().enumerate() {
            // Names and ids that are those of the wildcard and of other places.
            let name = ["*", "root", "internet", "host", "docker"][at];
            host = host.container(name, |container| {
                if !on_network {
                    container.network_settings.networks.clear();
                }
            });
        }
        host.facts()
    }

    fn subject(facts: &Facts, place: usize) -> Subject {
        match place {
            INTERNET => Subject::internet(),
            HOST => Subject::host_root(),
            CLOUD => Subject::cloud(),
            EVERYONE => Subject::any_container(),
            container => facts.containers()[container].subject(),
        }
    }

    fn findings(&self, facts: &Facts) -> Vec<Finding> {
        let make = |(at, weakness): (usize, &Weakness)| {
            let mut finding = rule::PRIVILEGED.on(Subject::engine()).about(&at.to_string());
            for &(from, to, cost) in &weakness.steps {
                finding = finding.reaches_from(Self::subject(facts, from), Self::subject(facts, to), cost, "does it");
            }
            finding.suppressed = weakness.accepted.then(|| Suppressed { reason: "accepted".into(), until: None });
            finding
        };
        self.weaknesses.iter().enumerate().map(make).collect()
    }

    fn graph(&self, facts: &Facts, made: u32) -> Graph {
        let findings = self.findings(facts);
        let left: Vec<Finding> = findings
            .iter()
            .enumerate()
            .filter(|(at, _)| made >> at & 1 == 0)
            .map(|(_, finding)| finding.clone())
            .collect();
        Graph::build_weighed(facts, &left, |finding| {
            let at = findings.iter().position(|other| other.fingerprint == finding.fingerprint).unwrap();
            self.weaknesses[at].weight
        })
    }

    /// The oracle: costs between all places by Floyd and Warshall, from the steps alone.
    fn costs(&self, made: u32) -> Vec<Vec<u32>> {
        let far = u32::MAX / 4;
        let mut cost = vec![vec![far; CLOUD + 1]; CLOUD + 1];
        let mut lower = |from: usize, to: usize, by: u32| cost[from][to] = cost[from][to].min(by);
        let crowd = |place: usize| if place == EVERYONE { (0..CONTAINERS).collect() } else { vec![place] };
        for (_, weakness) in self.weaknesses.iter().enumerate().filter(|(at, _)| made >> at & 1 == 0) {
            for &(from, to, by) in &weakness.steps {
                for from in crowd(from) {
                    for to in crowd(to) {
                        lower(from, to, by);
                    }
                }
            }
        }
        for a in 0..CONTAINERS {
            lower(HOST, a, 1);
            for b in 0..CONTAINERS {
                if self.on_network[a] && self.on_network[b] {
                    lower(a, b, 5);
                }
            }
        }
        if self.weaknesses.iter().any(|weakness| weakness.steps.iter().any(|step| step.1 == CLOUD)) {
            lower(HOST, CLOUD, 1);
        }
        cost.iter_mut().enumerate().for_each(|(at, row)| row[at] = 0);
        for via in 0..=CLOUD {
            for from in 0..=CLOUD {
                for to in 0..=CLOUD {
                    cost[from][to] = cost[from][to].min(cost[from][via] + cost[via][to]);
                }
            }
        }
        cost.iter_mut().flatten().for_each(|cost| *cost = if *cost >= far { u32::MAX } else { *cost });
        cost
    }

    fn removable(&self) -> u32 {
        self.weaknesses.iter().enumerate().map(|(at, weakness)| u32::from(!weakness.accepted) << at).sum()
    }

    /// The starts that the most changes cannot part from `goal`.
    fn lost(&self, goal: usize) -> BTreeSet<usize> {
        let cost = self.costs(self.removable());
        (0..=INTERNET).filter(|&start| cost[start][goal] != u32::MAX).collect()
    }

    fn closes(&self, made: u32, goal: usize, lost: &BTreeSet<usize>) -> bool {
        let cost = self.costs(made);
        (0..=INTERNET).all(|start| lost.contains(&start) || cost[start][goal] == u32::MAX)
    }

    fn weight(&self, made: u32) -> u32 {
        self.weaknesses.iter().enumerate().map(|(at, weakness)| weakness.weight * (made >> at & 1)).sum()
    }

    /// Which weaknesses the fix set closes, as bits.
    fn made(&self, facts: &Facts, fixes: &crate::FixSet) -> u32 {
        let findings = self.findings(facts);
        fixes.steps.iter().fold(0, |made, step| {
            made | 1 << findings.iter().position(|finding| step.findings.contains(&finding.fingerprint)).unwrap()
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_cheapest_path_costs_what_the_oracle_says_and_its_steps_join(case in case()) {
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        let costs = case.costs(0);
        for (from, costs) in costs.iter().enumerate() {
            for to in (0..=CLOUD).filter(|to| *to != from) {
                let (start, end) = (Case::subject(&facts, from), Case::subject(&facts, to));
                let path = graph.cheapest(&start, &end);
                prop_assert_eq!(path.as_ref().map_or(u32::MAX, |path| path.cost), costs[to], "{} to {}", start, end);
                let Some(path) = path else { continue };
                prop_assert_eq!(path.cost, path.steps.iter().map(|step| step.cost).sum::<u32>());
                prop_assert_eq!(&path.steps[0].from, &start);
                prop_assert_eq!(&path.steps[path.steps.len() - 1].to, &end);
                prop_assert!(path.steps.windows(2).all(|two| two[0].to == two[1].from));
            }
        }
    }

    #[test]
    fn without_the_fix_set_no_path_is_left_but_those_that_no_change_closes(case in case()) {
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        for goal in [HOST, CLOUD, 0, 3] {
            let goals = [Case::subject(&facts, goal)];
            let fixes = graph.fix_set(&graph.starts(), &goals);
            let made = case.made(&facts, &fixes);
            let after = case.graph(&facts, made).paths(&graph.starts(), &goals);
            let left: BTreeSet<_> = after.iter().map(|path| path.from.clone()).collect();
            let lost: BTreeSet<_> =
                case.lost(goal).into_iter().filter(|&at| at != goal).map(|at| Case::subject(&facts, at)).collect();
            // What root on the host is in the cloud is only known while something else leads there.
            prop_assert!(left == lost || (goal == CLOUD && left.is_subset(&lost)), "{left:?} is not {lost:?}");
            let told: BTreeSet<_> = fixes.uncuttable.iter().map(|path| path.from.clone()).collect();
            prop_assert_eq!(told, lost);
        }
    }

    #[test]
    fn no_cheaper_set_of_changes_exists(mut case in case()) {
        case.weaknesses.iter_mut().for_each(|weakness| weakness.accepted = false);
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        for goal in [HOST, CLOUD, 1] {
            let mut lost = case.lost(goal);
            lost.insert(goal);
            let best = (0..1u32 << case.weaknesses.len())
                .map(|made| (case.weight(made), made.count_ones(), made))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .find(|&(.., made)| case.closes(made, goal, &lost));
            let fixes = graph.fix_set(&graph.starts(), &[Case::subject(&facts, goal)]);
            let found = Some((fixes.effort, u32::try_from(fixes.steps.len()).unwrap()));
            prop_assert_eq!(found, best.map(|(weight, count, _)| (weight, count)));
        }
    }

    #[test]
    fn what_remains_beside_an_exception_needs_the_exception_or_no_finding_at_all(case in case()) {
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        let fixes = graph.fix_set(&graph.starts(), &[Subject::host_root()]);
        let made = case.made(&facts, &fixes);
        prop_assert_eq!(made & !case.removable(), 0, "a change under an exception is proposed");
        let without_accepted = made | (!case.removable() & ((1 << case.weaknesses.len()) - 1));
        prop_assert!(case.closes(without_accepted, HOST, &BTreeSet::new()));
        for at in 0..case.weaknesses.len() {
            let less = made & !(1 << at);
            let still = case.closes(less, HOST, &case.lost(HOST)) && case.closes(less | without_accepted & !made, HOST, &BTreeSet::new());
            prop_assert!(less == made || !still, "change {at} is needless");
        }
    }

    #[test]
    fn several_goals_at_once_are_closed_too(case in case()) {
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        let goals: Vec<Subject> = [HOST, CLOUD, 0, 1, 2].map(|goal| Case::subject(&facts, goal)).into();
        let made = case.made(&facts, &graph.fix_set(&graph.starts(), &goals));
        let costs = (case.costs(made), case.costs(case.removable()));
        for goal in [HOST, CLOUD, 0, 1, 2] {
            for start in 0..=INTERNET {
                prop_assert_eq!(costs.0[start][goal] == u32::MAX, costs.1[start][goal] == u32::MAX);
            }
        }
    }

    #[test]
    fn where_no_path_is_there_is_nothing_to_fix(case in case()) {
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        let fixes = graph.fix_set(&graph.starts(), &[Subject::host_root()]);
        prop_assert_eq!(graph.paths_to_host().is_empty(), fixes.steps.is_empty() && fixes.uncuttable.is_empty());
    }

    #[test]
    fn who_reaches_whom_is_what_the_oracle_says(case in case()) {
        let facts = case.facts();
        let graph = case.graph(&facts, 0);
        let costs = case.costs(0);
        let mut said = BTreeSet::new();
        for group in graph.who_reaches_whom() {
            for from in &group.from {
                said.extend(group.to.iter().map(|to| (from.clone(), to.clone())));
                let others = group.from.iter().filter(|other| *other != from && group.one_another);
                said.extend(others.map(|to| (from.clone(), to.clone())));
            }
        }
        let mut expected = BTreeSet::new();
        for (from, reached) in costs.iter().enumerate().take(HOST + 1) {
            let start = Case::subject(&facts, from);
            expected.extend(
                (0..=CLOUD).filter(|to| *to != from && reached[*to] != u32::MAX).map(|to| (start.clone(), Case::subject(&facts, to))),
            );
            let told: BTreeSet<_> = graph.reach(&start).into_iter().collect();
            let right: BTreeSet<_> =
                (0..=CLOUD).filter(|to| *to != from && reached[*to] != u32::MAX).map(|to| (Case::subject(&facts, to), reached[to])).collect();
            prop_assert_eq!(told, right);
        }
        prop_assert_eq!(said, expected);
    }

    #[test]
    fn the_order_of_findings_changes_no_path_and_no_effort(case in case()) {
        let facts = case.facts();
        let mut findings = case.findings(&facts);
        let first = Graph::build(&facts, &findings);
        findings.reverse();
        findings.extend(findings.clone());
        let second = Graph::build(&facts, &findings);
        let costs = |graph: &Graph| graph.paths_to_host().into_iter().map(|path| (path.from, path.cost)).collect::<Vec<_>>();
        prop_assert_eq!(costs(&first), costs(&second));
        let effort = |graph: &Graph| graph.fix_set(&graph.starts(), &[Subject::host_root()]).effort;
        prop_assert_eq!(effort(&first), effort(&second));
    }
}
