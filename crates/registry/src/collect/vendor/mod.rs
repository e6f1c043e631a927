//! What the vendors' own interfaces say: settings, policies, tokens. Each has its own file, which knows its paths and its
//! words; they all answer in the words of [`Vendor`].

mod harbor;

use keelguard_model::registry::{Probe, Vendor};

use super::Options;
use super::ask::Asker;
use super::target::Target;

/// Where interfaces are that do not lie at the registry itself.
#[derive(Clone, Debug)]
pub struct Apis {
    /// Docker's hub.
    pub hub: String,
    /// GitHub.
    pub github: String,
    /// Amazon ECR, where it is not where the registry's name says.
    pub ecr: Option<String>,
}

impl Default for Apis {
    fn default() -> Self {
        Self { hub: "https://hub.docker.com".into(), github: "https://api.github.com".into(), ecr: None }
    }
}

/// What the interface of the registry's software says; none where it has none that is known here.
pub(super) async fn look(
    _target: &Target,
    probe: &Probe,
    asker: &Asker,
    _options: &Options,
) -> Result<Option<Vendor>, String> {
    match probe.software.as_str() {
        "harbor" => harbor::look(asker, None).await.map(Some),
        _ => Ok(None),
    }
}
