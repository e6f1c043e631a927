//! Graphviz.

use std::fmt::Write;

use keelguard_model::{AttackPath, SubjectKind};

use super::picture::Picture;

/// `paths` in Graphviz's language: `keelguard paths --format dot | dot -Tsvg`.
pub fn dot(paths: &[AttackPath]) -> String {
    let picture = Picture::of(paths);
    let mut text = String::from(
        "digraph keelguard {\n  rankdir=LR;\n  node [shape=box, style=\"rounded\", fontname=\"sans-serif\"];\n  \
         edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    for (at, place) in picture.boxes.iter().enumerate() {
        let mut lines = vec![place.caption()];
        lines.extend(place.lines());
        let label: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
        let extra = match place.kind {
            SubjectKind::Host => ", color=\"#c62828\", penwidth=2",
            SubjectKind::Internet => ", color=\"#1565c0\"",
            SubjectKind::Cloud => ", color=\"#6a1b9a\"",
            SubjectKind::Network => ", style=\"rounded,dashed\"",
            _ => "",
        };
        let _ = writeln!(text, "  n{at} [label=\"{}\"{extra}];", label.join("\\n"));
    }
    for arrow in &picture.arrows {
        let style = if arrow.rule.is_some() { "" } else { ", style=dashed" };
        let _ = writeln!(
            text,
            "  n{} -> n{} [label=\"{}\", tooltip=\"{}\"{style}];",
            arrow.from,
            arrow.to,
            quoted(&arrow.label()),
            quoted(&arrow.how)
        );
    }
    if picture.left_out > 0 {
        let _ = writeln!(text, "  label=\"and {} more starting points\";", picture.left_out);
    }
    text.push_str("}\n");
    text
}

/// Inside double quotes. Graphviz reads `\N` and the like, and HTML entities.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
