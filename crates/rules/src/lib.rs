//! Rule languages from the field. Sigma rules, correlations and filters are compiled together into one set and held
//! against events; what is unsupported or broken is listed with its reason.
//!
//! ```
//! use keelguard_rules::{Options, Sigma, events::{Event, Source}};
//! let rule = "
//! title: Password File Read
//! logsource: {product: linux, category: process_creation}
//! detection:
//!     selection:
//!         Image|endswith: /cat
//!         CommandLine|contains: /etc/shadow
//!     condition: selection
//! level: high
//! ";
//! let (mut sigma, unusable) = Sigma::compile([("rule.yml", rule)], &Options::default());
//! assert!(unusable.is_empty());
//! let event = Event::new(Source::linux_category("process_creation"))
//!     .with("Image", "/usr/bin/cat")
//!     .with("CommandLine", "cat /etc/shadow");
//! assert_eq!(sigma.run(&event)[0].rule.title, "Password File Read");
//! ```

pub mod events;
pub mod sigma;

pub use sigma::{Level, Match, Options, Rule, Sigma, Status, Unusable};
