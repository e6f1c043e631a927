//! Paths as pictures: Graphviz, Mermaid, SVG. All three are drawn from paths alone, so that a stored report can be drawn
//! as well as a graph. Names come from attackers: each language has its own escaping, and control characters are gone
//! before it begins.

mod dot;
mod layout;
mod mermaid;
mod picture;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg_of_paths;

use keelguard_model::AttackPath;

use crate::Graph;

/// [`svg_of_paths`], with what the picture leaves out of `graph` told below it.
pub fn svg(graph: &Graph, paths: &[AttackPath]) -> String {
    let starts = graph.starts();
    let without = starts.iter().filter(|start| !paths.iter().any(|path| path.from == **start)).count();
    svg::draw(paths, (without > 0).then(|| format!("{without} of {} starting points have no such path", starts.len())))
}

#[cfg(test)]
mod tests;
