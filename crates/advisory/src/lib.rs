//! What is known to be wrong with packages: how each ecosystem orders versions, OSV records compiled into one read-only
//! index per ecosystem, and the match of a package against them.
//!
//! The doors, in the order in which a command line comes to them:
//!
//! | door | what it does |
//! |---|---|
//! | [`update::update`]`(folder, ecosystems, settings, watcher).await` | fetches what is newer; an [`update::Outcome`] for each |
//! | [`carry::status`]`(folder)` | what is there, how old, or why it cannot be used |
//! | [`carry::import`]`(folder, from, ecosystem, limits)` | takes `all.zip`, a folder of records, a mirror, KEV, EPSS or an exported database |
//! | [`carry::export`]`(folder, to)` | writes the database into one file |
//! | [`matching::Database::needed`]`(packages, os)` | the ecosystems that know the packages |
//! | [`matching::Database::open`]`(folder, ecosystems)` | opens their indexes, and KEV and EPSS; [`matching::Database::missing`] |
//! | [`matching::Database::lookup`]`(package, os)` | the rows of one package; `lookup_all` of many |
//! | [`matching::urgency`] | the order of rows |
//! | [`vex::read`]`(bytes, name)`, [`vex::apply`]`(statements, rows, packages, target)` | what VEX documents say of the rows |

pub mod carry;
pub mod ecosystem;
mod error;
pub mod exploited;
pub mod index;
pub mod ingest;
pub mod matching;
pub mod osv;
pub mod severity;
pub mod update;
pub mod version;
pub mod vex;

pub use error::AdvisoryError;
