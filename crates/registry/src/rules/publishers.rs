//! Publishers of the images in use: who they are, by their names and by what Docker's hub says of them. One finding a publisher, so
//! that a host with forty images has a handful.

use std::collections::BTreeMap;

use keelguard_distribution::{HUB, host_of};
use keelguard_host::Facts;
use keelguard_host::facts::Image;
use keelguard_model::registry::Registries;
use keelguard_model::{Finding, ImageName, Severity, Subject, SubjectKind, rule};

use crate::collect::is_repository;
use crate::services::service;

/// Images that one finding names.
const NAMES: usize = 5;

/// Who a publisher is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Docker's own curated images, and copies of them.
    Official,
    /// The only one at a registry of its own.
    Vendor(&'static str),
    /// Docker has looked who it is.
    Verified,
    /// An open-source project that Docker sponsors.
    Sponsored,
    /// Nobody vouches for them.
    Unknown,
    /// A registry that is no public service: yours, or that of somebody you know.
    Own,
}

impl Standing {
    fn words(self) -> String {
        match self {
            Self::Official => "official images of Docker".into(),
            Self::Vendor(name) => format!("{name}'s own registry"),
            Self::Verified => "verified by Docker".into(),
            Self::Sponsored => "an open-source project that Docker sponsors".into(),
            Self::Unknown => "nobody vouches for them".into(),
            Self::Own => "a registry that is no public service".into(),
        }
    }
}

/// Folders in which others keep copies of Docker's official images.
const OFFICIAL: &[&str] = &["docker.io/library", "public.ecr.aws/docker/library", "mirror.gcr.io/library"];

/// What one publisher's images are used as.
#[derive(Default)]
struct Use<'f> {
    images: Vec<&'f str>,
    by_tag: usize,
    by_digest: usize,
}

pub(super) fn findings(facts: &Facts, registries: &Registries) -> Vec<Finding> {
    let mut by_publisher: BTreeMap<String, Use<'_>> = BTreeMap::new();
    let images = facts.engine.as_ref().map_or(&[][..], |engine| &engine.images);
    for image in images {
        let Some(name) = pulled(image) else { continue };
        let Some(publisher) = publisher(&name.repository) else { continue };
        let entry = by_publisher.entry(publisher).or_default();
        entry
            .images
            .push(image.repo_tags.iter().find(|tag| !tag.contains("<none>")).map_or(image.id.as_str(), String::as_str));
        let users = facts.containers().iter().filter(|container| container.image == image.id);
        for container in users {
            let by_digest = container.config.image.contains("@sha256:");
            *(if by_digest { &mut entry.by_digest } else { &mut entry.by_tag }) += 1;
        }
    }
    by_publisher.retain(|name, _| !is_accepted(name, &registries.accepted));
    by_publisher.into_iter().map(|(name, uses)| finding(&name, &uses, registries)).collect()
}

/// The name by which an image came from a registry; one that was made here came from none.
fn pulled(image: &Image) -> Option<ImageName> {
    image.repo_digests.iter().filter(|name| !name.starts_with("<none>")).find_map(|name| ImageName::of(name))
}

/// Who publishes `docker.io/grafana/loki`: `docker.io/grafana`. At a registry that is no public service, the registry itself.
pub(crate) fn publisher(repository: &str) -> Option<String> {
    let (host, path) = repository.split_once('/')?;
    let known = service(host_of(host));
    if known.is_none_or(|service| service.publisher.is_some() || !service.public) {
        return Some(host.to_owned());
    }
    if let Some(official) =
        OFFICIAL.iter().find(|folder| repository.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/')))
    {
        return Some((*official).to_owned());
    }
    let first = path.split('/').next()?;
    Some(if path.contains('/') { format!("{host}/{first}") } else { host.to_owned() })
}

fn standing(name: &str, registries: &Registries) -> Standing {
    let host = name.split('/').next().unwrap_or(name);
    if OFFICIAL.contains(&name) {
        return Standing::Official;
    }
    match service(host_of(host)) {
        None => Standing::Own,
        Some(known) => match (known.publisher, registries.badges.get(name).map(String::as_str)) {
            (Some(publisher), _) => Standing::Vendor(publisher),
            (None, Some("verified_publisher")) => Standing::Verified,
            (None, Some("open_source" | "sponsored_oss")) => Standing::Sponsored,
            (None, _) if !known.public => Standing::Own,
            (None, _) => Standing::Unknown,
        },
    }
}

fn finding(name: &str, uses: &Use<'_>, registries: &Registries) -> Finding {
    let standing = standing(name, registries);
    let severity = if standing == Standing::Unknown { Severity::Low } else { Severity::Info };
    let is_hub = name.starts_with(HUB) && standing == Standing::Unknown;
    let asked = registries.badges.contains_key(name);
    let who = match standing {
        Standing::Unknown if is_hub && !asked => "Docker's hub was not asked who it is".to_owned(),
        other => other.words(),
    };
    let mut finding = rule::NEW_PUBLISHER
        .on(Subject::new(SubjectKind::Registry, name))
        .severity(severity)
        .title(format!("Images come from {name}, whom nobody has accepted"))
        .evidence("publisher", who);
    let more = uses.images.len().saturating_sub(NAMES);
    let mut images: Vec<&str> = uses.images.iter().take(NAMES).copied().collect();
    let more = format!("and {more} more");
    if uses.images.len() > NAMES {
        images.push(&more);
    }
    finding = finding.evidence("images", images.join(", "));
    if uses.by_tag + uses.by_digest > 0 {
        finding = finding.evidence("containers", format!("{} by tag, {} by digest", uses.by_tag, uses.by_digest));
    }
    finding.command(format!("keelguard trust accept {name}"))
}

/// Whether `name`, or everything above it, is on the list.
fn is_accepted(name: &str, accepted: &[String]) -> bool {
    accepted.iter().any(|one| name == one || name.strip_prefix(one.as_str()).is_some_and(|rest| rest.starts_with('/')))
}

/// Publishers at Docker's hub whose standing only the hub knows.
pub(crate) fn of_hub(facts: &Facts) -> Vec<String> {
    let images = facts.engine.as_ref().map_or(&[][..], |engine| &engine.images);
    let names = images.iter().filter_map(|image| publisher(&pulled(image)?.repository));
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("docker.io/") && !OFFICIAL.contains(&name.as_str())).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether `name` can be a publisher's: a registry, or a registry and what stands before the image's own name.
pub(crate) fn is_publisher(name: &str) -> bool {
    let (host, path) = name.split_once('/').map_or((name, None), |(host, path)| (host, Some(path)));
    let is_host = !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte));
    is_host && path.is_none_or(|path| is_repository(path) && path.split('/').count() <= 6)
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::*;

    fn host(names: &[&str]) -> Facts {
        let image = |(number, name): (usize, &&str)| Image {
            id: format!("sha256:{number:064}"),
            repo_tags: vec![format!("{name}:1")],
            repo_digests: vec![format!("{name}@sha256:{number:064}")],
            ..Image::default()
        };
        let images = names.iter().enumerate().map(image).collect();
        sample::host().with(|facts| facts.engine.as_mut().unwrap().images = images).facts()
    }

    fn shown(facts: &Facts, registries: &Registries) -> Vec<String> {
        let found = findings(facts, registries);
        found.iter().map(|one| format!("{} {:?}: {}", one.subject.name, one.severity, one.evidence[0].value)).collect()
    }

    #[test]
    fn a_publisher_is_known_by_its_place_and_by_what_the_hub_says() {
        let facts = host(&[
            "nginx",
            "redis",
            "grafana/loki",
            "who/knows",
            "ghcr.io/home/a/b",
            "mcr.microsoft.com/dotnet/sdk",
            "registry.example:5000/team/web",
            "public.ecr.aws/docker/library/nginx",
            "registry.example:5000/other/web",
        ]);
        let badges = [
            ("docker.io/grafana".to_owned(), "verified_publisher".to_owned()),
            ("docker.io/who".to_owned(), String::new()),
        ];
        let registries = Registries { badges: badges.into(), ..Registries::default() };
        assert_eq!(
            shown(&facts, &registries),
            [
                "docker.io/grafana Info: verified by Docker",
                "docker.io/library Info: official images of Docker",
                "docker.io/who Low: nobody vouches for them",
                "ghcr.io/home Low: nobody vouches for them",
                "mcr.microsoft.com Info: Microsoft's own registry",
                "public.ecr.aws/docker/library Info: official images of Docker",
                "registry.example:5000 Info: a registry that is no public service"
            ]
        );
        assert_eq!(of_hub(&facts), ["docker.io/grafana", "docker.io/who"]);
        assert!(
            shown(&facts, &Registries::default())
                .contains(&"docker.io/grafana Low: Docker's hub was not asked who it is".to_owned())
        );
    }

    #[test]
    fn forty_images_of_three_publishers_are_three_findings() {
        let names: Vec<String> =
            (0..40).map(|number| format!("{}/app{number}", ["library", "one", "two"][number % 3])).collect();
        let facts = host(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let found = findings(&facts, &Registries::default());
        assert_eq!(found.len(), 3);
        assert!(found[0].evidence[1].value.ends_with("and 9 more"), "{:?}", found[0].evidence);
        assert_eq!(found[0].fix.commands, ["keelguard trust accept docker.io/library"]);
    }

    #[test]
    fn who_was_accepted_is_no_finding_nor_is_what_was_made_here() {
        let accepted = |names: &[&str]| Registries {
            accepted: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Registries::default()
        };
        let facts = host(&["grafana/loki", "ghcr.io/home/a"]);
        assert_eq!(findings(&facts, &accepted(&["docker.io/grafana", "ghcr.io"])).len(), 0);
        assert_eq!(findings(&facts, &accepted(&["docker.io/graf", "ghcr.i"])).len(), 2);
        assert_eq!(findings(&sample::host().facts(), &Registries::default()).len(), 0);
    }

    #[test]
    fn containers_tell_whether_they_run_a_tag_or_a_digest() {
        let mut facts = host(&["who/knows"]);
        let engine = facts.engine.as_mut().unwrap();
        let id = engine.images[0].id.clone();
        let container = |image: &str| keelguard_host::facts::Container {
            image: id.clone(),
            config: keelguard_host::facts::Config { image: image.into(), ..Default::default() },
            ..Default::default()
        };
        engine.containers = vec![container("who/knows:1"), container("who/knows@sha256:00"), container("who/knows")];
        assert_eq!(findings(&facts, &Registries::default())[0].evidence[2].value, "2 by tag, 1 by digest");
    }
}
