//! Facts of a Docker host: the engine's word, the kernel's word (`/proc`, cgroups), the host's files, and what could not
//! be read. Collecting does all the I/O and decides nothing; [`Facts`] is plain data that any machine can replay.

pub mod facts;
pub mod kernel_options;
pub mod sample;
pub mod sensitive;

pub use facts::Facts;
