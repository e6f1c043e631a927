//! The test lab: a private Docker engine with risky and with well-kept containers. The tests use it, and so does
//! `keelguard demo`.
//!
//! Everything that the engine has is its own: data root, sockets, process ids, cgroup and network namespace, all under
//! one directory. An engine that is already on the machine is neither used nor touched. Images are made here; nothing is
//! pulled from anywhere. The containers have risky *configurations* only: what runs in them sleeps.
//!
//! ```no_run
//! use keelguard_lab::{Lab, Options, Set};
//!
//! let mut lab = Lab::up(&Options::default())?;
//! let placed = lab.populate(Set::Demo)?;
//! println!("{} containers at {}", placed.len(), lab.endpoint());
//! lab.down()?;
//! # Ok::<(), keelguard_lab::LabError>(())
//! ```

mod api;
mod cgroup;
mod engine;
mod error;
mod images;
mod parts;
mod populate;
pub mod scenarios;
mod start;
mod state;
mod tar;
mod teardown;

pub use engine::{Lab, Options};
pub use error::LabError;
pub use parts::{Install, why_not};
pub use populate::{Outcome, Placed, Set};
pub use scenarios::{Scenario, Start};
