//! The attack graph: from where an attacker gets to where, how hard that is, and the fewest changes that stop it.
//!
//! Places are subjects (the internet, containers, networks, root on the host, the cloud identity). Findings are the steps
//! between them that somebody can close; what is so by design (two containers on one network) is a step without a
//! finding. Works on facts and findings only: no I/O, no clock.
//!
//! ```
//! use keelguard_host::sample;
//! use keelguard_model::{Subject, rule};
//! use keelguard_paths::Graph;
//!
//! let facts = sample::host().container("web", |c| c.host_config.privileged = true).facts();
//! let web = facts.containers()[0].subject();
//! let finding = rule::PRIVILEGED.on(web.clone()).reaches(Subject::host_root(), 1, "mounts the host's disk");
//!
//! let graph = Graph::build(&facts, &[finding]);
//! assert_eq!(graph.cheapest(&web, &Subject::host_root()).map(|path| path.cost), Some(1));
//! assert_eq!(graph.fix_set(&graph.starts(), &graph.goals()).steps.len(), 1);
//! ```

mod build;
mod cheapest;
pub mod draw;
mod fix_set;
mod flow;
mod graph;
mod place;
#[cfg(test)]
mod properties;
mod reach;
mod report;
mod structure;

pub use draw::{dot, mermaid, svg, svg_of_paths};
pub use fix_set::FixSet;
pub use graph::Graph;
pub use place::PlaceError;
pub use reach::ReachGroup;
pub use report::{EdgeReport, NodeReport, PATHS_SCHEMA, PathsReport};
