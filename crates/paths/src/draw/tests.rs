use keelguard_host::sample;
use keelguard_model::{Finding, Subject, rule};

use super::*;

const HOSTILE: &str = "\"]-->x[\"</svg><script>alert(1)</script>\n\u{1b}[2J\\N&amp;`end`\u{ffff}";

fn privileged(names: &[&str]) -> (Graph, Vec<AttackPath>) {
    let mut host = sample::host();
    for name in names {
        host = host.container(name, |_| {});
    }
    let facts = host.facts();
    let findings: Vec<Finding> = facts
        .containers()
        .iter()
        .map(|c| rule::PRIVILEGED.on(c.subject()).reaches(Subject::host_root(), 1, "mounts the host's disk"))
        .collect();
    let graph = Graph::build(&facts, &findings);
    let paths = graph.paths_to_host();
    (graph, paths)
}

#[test]
fn a_hostile_name_stays_text_in_every_language() {
    let (graph, paths) = privileged(&[HOSTILE, "web"]);
    let drawn = svg(&graph, &paths);
    assert_eq!(drawn.matches("</svg>").count(), 1);
    assert!(!drawn.contains("<script") && !drawn.contains('\u{1b}') && !drawn.contains('\u{ffff}'), "{drawn}");
    let graphviz = dot(&paths);
    assert!(graphviz.contains(r#"\"]-->x[\"</svg>"#) && graphviz.contains(r"\\N&amp;amp;"), "{graphviz}");
    let flow = mermaid(&paths);
    let label = flow.lines().nth(1).unwrap();
    assert_eq!(label.matches('"').count(), 2, "{label}");
    assert!(!flow.contains('`') && !flow.contains("<script"), "{flow}");
}

#[test]
fn containers_with_the_same_steps_share_a_box() {
    let (_, paths) = privileged(&["a", "b", "c", "d", "e"]);
    let graphviz = dot(&paths);
    assert_eq!(graphviz.matches(" -> ").count(), 1, "{graphviz}");
    assert!(graphviz.contains("5 containers\\na\\nb\\nc\\nand 2 more like these"), "{graphviz}");
}

#[test]
fn a_picture_has_at_most_sixty_boxes_and_counts_the_rest() {
    let mut host = sample::host();
    for at in 0..200 {
        host = host.container(&format!("c{at:03}"), |c| c.network_settings.networks.clear());
    }
    let facts = host.facts();
    // Each has another cost, so that none share a box.
    let findings: Vec<Finding> = (1u32..)
        .zip(facts.containers())
        .map(|(cost, c)| rule::PRIVILEGED.on(c.subject()).reaches(Subject::host_root(), cost, "does it"))
        .collect();
    let drawn = svg_of_paths(&Graph::build(&facts, &findings).paths_to_host());
    assert_eq!(drawn.matches("class=\"kg-box").count(), picture::MOST_BOXES);
    assert!(drawn.contains("and 141 more starting points"), "{drawn}");
}

#[test]
fn no_path_is_a_picture_that_says_so() {
    let (graph, paths) = privileged(&[]);
    assert!(svg(&graph, &paths).contains("No path."));
    assert!(dot(&paths).starts_with("digraph") && mermaid(&paths).starts_with("flowchart"));
}

#[test]
fn the_rule_is_written_on_the_arrow() {
    let (_, paths) = privileged(&["web"]);
    for text in [dot(&paths), mermaid(&paths), svg_of_paths(&paths)] {
        assert!(text.contains("KG-B003 · 1"), "{text}");
    }
}
