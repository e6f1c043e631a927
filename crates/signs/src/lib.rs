//! The signs that somebody is in already, from what the host has recorded. A module a sign; in each the same rooms:
//! `collect` reads and decides nothing, `parse` turns what was read into events, `detect` judges events: pure state machines
//! with bounded memory, whose time comes in with the data and whose state can be saved.
//!
//! ```
//! use keelguard_signs::logins::{Clock, Kind, parse_line};
//! let mut clock = Clock::utc("2026-11-24T12:00:00Z".parse()?);
//! let line = b"Nov 24 08:10:02 edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2";
//! let event = parse_line(line, &mut clock).ok_or("no login")?;
//! assert_eq!(event.kind, Kind::LoginFailed);
//! assert_eq!(event.address, Some("192.0.2.7".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bounded;
pub mod data;
mod distinct;
pub mod downtime;
pub mod incidents;
pub mod logins;
pub mod performance;
pub mod read;
mod second;
mod words;
