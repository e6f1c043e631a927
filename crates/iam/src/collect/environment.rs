//! What the search for credentials goes by: variables and the home folder. Taken once, so that tests can give their own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Variables and the home folder.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
}

impl Environment {
    /// That of this process.
    pub fn of_this_process() -> Self {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self { variables: variables.collect(), home: std::env::var_os("HOME").map(PathBuf::from) }
    }

    /// One of these variables alone.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let variables: BTreeMap<_, _> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { home: variables.get("HOME").map(PathBuf::from), variables }
    }

    /// A variable that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A file that a variable names, or that lies below the home folder.
    pub(super) fn file(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let home = self.home.as_ref();
        match self.get(variable) {
            Some(path) => Some(match path.strip_prefix("~/") {
                Some(rest) => home?.join(rest),
                None => PathBuf::from(path),
            }),
            None => Some(home?.join(below_home)),
        }
    }

    pub(super) fn for_signer(&self) -> reqsign_core::StaticEnv {
        let envs = self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        reqsign_core::StaticEnv { home_dir: self.home.clone(), envs }
    }
}

/// Values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Environment({} variables)", self.variables.len())
    }
}
