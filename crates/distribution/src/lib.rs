//! How registries are spoken to, by the OCI distribution protocol: whose addresses are connected to, who gets to see a login,
//! and what happens to stalls, redirects and answers without end. What is asked, and what comes of it, is for others:
//! `image` reads images this way, and `registry` judges who else could.

mod address;
mod challenge;
pub mod credentials;
mod fault;
mod helper;
pub mod login;
pub mod logins;
mod tls;
mod transport;

use std::path::PathBuf;
use std::time::Duration;

pub use address::Reach;
pub use challenge::Challenge;
pub use fault::{Fault, Patience, retry_after, shown};
pub use transport::{Request, Transport, host_of, is_loopback};

/// Docker's hub, as the beginning of a name.
pub const HUB: &str = "docker.io";

/// How registries are asked.
#[derive(Clone, Debug)]
pub struct Access {
    /// Asked first for images of Docker's hub: `https://mirror.example`.
    pub mirrors: Vec<String>,
    /// Registries (`HOST` or `HOST:PORT`) whose certificate need not be good, nor be there at all.
    pub insecure: Vec<String>,
    /// Certificate authorities beside those of the system, in PEM form.
    pub ca_file: Option<PathBuf>,
    /// A folder for each registry, with authorities and who we are, as Docker has it.
    pub certificates: PathBuf,
    /// Whether a registry may send us to private addresses.
    pub allow_private: bool,
    /// Files with logins, the first that has one counts.
    pub credentials: Vec<PathBuf>,
    /// Where credential helpers are, for who does not want those of the search path.
    pub helpers: Option<PathBuf>,
    /// How long next to nothing may come.
    pub silence: Duration,
    /// How often a request is repeated.
    pub retries: u32,
    /// The first pause before that; it doubles each time.
    pub pause: Duration,
    /// No pause is longer, whatever a registry asks for.
    pub longest_pause: Duration,
    /// Bytes of layers that are fetched for one image.
    pub max_download: u64,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            mirrors: Vec::new(),
            insecure: Vec::new(),
            ca_file: None,
            certificates: PathBuf::from("/etc/docker/certs.d"),
            allow_private: false,
            credentials: credentials::places(),
            helpers: None,
            silence: Duration::from_secs(30),
            retries: 4,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(1),
            max_download: 16 << 30,
        }
    }
}

impl Access {
    /// Whether the user names the registry as one that need not be trusted.
    fn names_insecure(&self, authority: &str) -> bool {
        self.insecure.iter().any(|one| one == authority || one == host_of(authority))
    }

    /// Files with authorities that may have signed the certificate of `authority`, beside those of the system.
    pub fn authorities(&self, authority: &str) -> Vec<PathBuf> {
        let folder = self.certificates.join(authority);
        self.ca_file.iter().cloned().chain(tls::files(&folder, "crt")).collect()
    }

    /// Whether its certificate need not be good, nor be there at all.
    pub fn is_insecure(&self, authority: &str) -> bool {
        self.names_insecure(authority) || is_loopback(host_of(authority))
    }
}
