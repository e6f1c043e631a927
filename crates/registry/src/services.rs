//! Services that are known by their names: what they run on, and whether it is their purpose to give images to everybody.

/// What a host name says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// A name, or the end of one where it begins with a dot.
    pub host: &'static str,
    /// What it runs on.
    pub software: &'static str,
    /// Images there are for everybody, unless their owner says otherwise.
    pub public: bool,
    /// Whose images they all are, where nobody else publishes there.
    pub publisher: Option<&'static str>,
}

const fn row(host: &'static str, software: &'static str, public: bool, publisher: Option<&'static str>) -> Service {
    Service { host, software, public, publisher }
}

const SERVICES: &[Service] = &[
    row("docker.io", "docker-hub", true, None),
    row("registry-1.docker.io", "docker-hub", true, None),
    row("ghcr.io", "ghcr", true, None),
    row("quay.io", "quay", true, None),
    row("public.ecr.aws", "ecr-public", true, None),
    row("registry.gitlab.com", "gitlab", true, None),
    row("lscr.io", "ghcr", true, None),
    row("gcr.io", "gcr", true, None),
    row(".gcr.io", "gcr", true, None),
    row(".pkg.dev", "artifact-registry", true, None),
    row("mcr.microsoft.com", "acr", true, Some("Microsoft")),
    row("registry.k8s.io", "artifact-registry", true, Some("Kubernetes")),
    row("registry.access.redhat.com", "quay", true, Some("Red Hat")),
    row("registry.redhat.io", "quay", true, Some("Red Hat")),
    row("nvcr.io", "nvcr", true, Some("NVIDIA")),
    row("docker.elastic.co", "distribution", true, Some("Elastic")),
    row("container-registry.oracle.com", "oracle", true, Some("Oracle")),
    row("registry.suse.com", "distribution", true, Some("SUSE")),
    row("registry.fedoraproject.org", "quay", true, Some("Fedora")),
    row("cgr.dev", "chainguard", true, Some("Chainguard")),
    row(".azurecr.io", "acr", false, None),
    row(".amazonaws.com", "ecr", false, None),
    row(".ocir.io", "oracle", false, None),
    row(".digitalocean.com", "distribution", false, None),
];

/// The service behind `host`, a name without its port.
pub fn service(host: &str) -> Option<&'static Service> {
    SERVICES
        .iter()
        .find(|service| if service.host.starts_with('.') { host.ends_with(service.host) } else { host == service.host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_only_ends_alike_is_another() {
        assert_eq!(service("quay.io").map(|one| one.software), Some("quay"));
        assert_eq!(
            service("1.dkr.ecr.eu-west-1.amazonaws.com").map(|one| (one.software, one.public)),
            Some(("ecr", false))
        );
        assert!(service("evilquay.io").is_none() && service("docker.io.evil.example").is_none());
    }
}
