//! What this host keeps of registries: logins, certificates, mirrors, and registries that run here. Nothing is asked of a network.

mod certificates;
mod config;
mod files;
mod logins;
mod mirrors;
mod served;

use std::path::{Path, PathBuf};

use keelguard_host::Facts;
use keelguard_model::Incomplete;
use keelguard_model::registry::Registries;

/// Where programs are looked for that are in nobody's search path.
const PROGRAMS: &[&str] =
    &["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin", "snap/bin", "opt/homebrew/bin"];

/// This host, or a folder that stands for one.
#[derive(Clone, Debug)]
pub struct Here {
    /// `/`.
    pub root: PathBuf,
    /// The home of whoever runs this.
    pub home: Option<PathBuf>,
    /// Files with logins that the environment names.
    pub named: Vec<PathBuf>,
    /// Their search path.
    pub path: Vec<PathBuf>,
}

impl Here {
    /// This very host, by the environment of this process.
    pub fn of_this_process() -> Self {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let named = [
            folder("REGISTRY_AUTH_FILE"),
            folder("DOCKER_CONFIG").map(|folder| folder.join("config.json")),
            folder("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
            folder("XDG_CONFIG_HOME").map(|folder| folder.join("containers/auth.json")),
        ];
        let path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
        Self { root: PathBuf::from("/"), home: folder("HOME"), named: named.into_iter().flatten().collect(), path }
    }

    /// A path of this host.
    fn below(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn has_helper(&self, name: &str) -> bool {
        let program = format!("docker-credential-{name}");
        if program.contains('/') {
            return false;
        }
        let usual = PROGRAMS.iter().map(Path::new);
        usual
            .chain(self.path.iter().map(PathBuf::as_path))
            .any(|folder| files::is_program(&self.root, &folder.join(&program)))
    }
}

/// What this host keeps, as far as it can be read.
pub fn here(facts: &Facts, here: &Here) -> (Registries, Vec<Incomplete>) {
    let mut gaps = Vec::new();
    let registries = Registries {
        login_files: logins::collect(here, facts, &mut gaps),
        certificates: certificates::collect(here),
        mirrors: mirrors::collect(here, &mut gaps),
        policies: mirrors::policies(here),
        served: served::collect(here, facts, &mut gaps),
        ..Registries::default()
    };
    (registries, gaps)
}

/// Gives `bytes` to every parser: see [`crate::fuzzing`].
pub(super) fn every_parser(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = config::Config::default().file(&text);
    logins::every_parser(bytes);
    mirrors::every_parser(&text);
    served::every_parser(&text);
}
