//! What this host and its containers use, as counters of the kernel: `/proc`, pressure, and the cgroups of either hierarchy or
//! both. Reads and decides nothing; [`rates`] turns two readings into what was used between them.
//!
//! A counter that is not there is none, never zero: a kernel without pressure files, a controller that is not handed down, a
//! container that shares the host's network.
//!
//! ```no_run
//! use keelguard_host::measure::{Meter, rates::between};
//! let mut meter = Meter::new();
//! let before = meter.read(jiff::Timestamp::now());
//! std::thread::sleep(std::time::Duration::from_secs(10));
//! let after = meter.read(jiff::Timestamp::now());
//! for rate in between(&before, &after) {
//!     println!("{:?} {} {}", rate.container, rate.metric, rate.value);
//! }
//! ```

mod census;
mod close;
mod group;
mod machine;
mod peers;
mod places;
pub mod rates;
mod scan;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::census::{Census, Task, census, unlisted_by_kernel};
pub use self::close::{Close, close};
pub use self::group::GroupUse;
pub use self::machine::MachineUse;
pub use self::peers::{Peer, Peers, peers};
use self::places::Places;

/// Containers that are measured; a host that runs more is told of as incomplete.
const MOST_CONTAINERS: usize = 2_000;
/// Readings between two looks for containers that have come or gone.
const LOOK_EVERY: u32 = 5;

/// One reading of everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// When, by the clock on the wall.
    pub at: Timestamp,
    /// Seconds since the machine started, by a clock that nobody sets.
    pub uptime: f64,
    /// The machine.
    pub machine: MachineUse,
    /// Each container by its id (64 hexadecimal digits, or what stands for one).
    pub containers: BTreeMap<String, GroupUse>,
    /// Containers beyond the bound.
    pub beyond: usize,
}

/// Reads again and again, and remembers between readings where everything is.
#[derive(Debug, Default)]
pub struct Meter {
    places: Places,
    readings: u32,
}

impl Meter {
    /// One that has read nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What stands on the counters now; `at` is what the clock says.
    pub fn read(&mut self, at: Timestamp) -> Measured {
        if self.readings.is_multiple_of(LOOK_EVERY) {
            self.places.look();
        }
        self.readings = self.readings.wrapping_add(1);
        let mut containers = BTreeMap::new();
        for (id, places) in self.places.containers.iter_mut().take(MOST_CONTAINERS) {
            if let Some(found) = group::read(places) {
                containers.insert(id.clone(), found);
            }
        }
        Measured {
            at,
            uptime: machine::uptime(),
            machine: machine::read(),
            containers,
            beyond: self.places.containers.len().saturating_sub(MOST_CONTAINERS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_read_and_its_counters_only_grow() {
        let mut meter = Meter::new();
        let before = meter.read("2026-11-24T12:00:00Z".parse().unwrap());
        let after = meter.read("2026-11-24T12:00:01Z".parse().unwrap());
        let busy = |measured: &Measured| measured.machine.cpu_busy.unwrap();
        assert!(busy(&before) > 0 && busy(&after) >= busy(&before));
        assert!(before.machine.memory_total.unwrap() > before.machine.memory_available.unwrap());
        assert!(after.machine.context_switches.unwrap() >= before.machine.context_switches.unwrap());
        assert!(before.uptime > 0.0 && after.uptime >= before.uptime);
    }
}
