//! From JSON to a [`Policy`].

use super::Policy;
use crate::Error;

impl Policy {
    /// Reads a policy document.
    pub fn parse(_text: &str) -> Result<Self, Error> {
        Err(Error::Policy { name: String::new(), what: "not yet".to_owned() })
    }
}
