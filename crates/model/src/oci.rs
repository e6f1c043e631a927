//! The package URL of an image, as <https://github.com/package-url/purl-spec> writes those of type `oci`: the last part of
//! the name, the digest, and where it is kept.

use crate::image::Target;
use crate::text::percent_encoded;

impl Target {
    /// The package URL of the image; none where it has no name or no digest, as a folder.
    ///
    /// ```
    /// use keelguard_model::image::Target;
    /// let target = Target { reference: Some("ghcr.io/shop/web:1".into()), digest: Some("sha256:ab".into()), ..Target::default() };
    /// assert_eq!(target.purl().unwrap(), "pkg:oci/web@sha256:ab?repository_url=ghcr.io/shop/web&tag=1");
    /// ```
    pub fn purl(&self) -> Option<String> {
        let digest = self.digest.as_deref().filter(|digest| is_digest(digest))?;
        let name = ImageName::of(self.reference.as_deref()?)?;
        let mut purl = format!(
            "pkg:oci/{}@{digest}?repository_url={}",
            percent_encoded(name.last(), b"~"),
            percent_encoded(&name.repository, b"~/:")
        );
        if let Some(tag) = &name.tag {
            purl.push_str("&tag=");
            purl.push_str(&percent_encoded(tag, b"~"));
        }
        Some(purl)
    }
}

/// The name of an image, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    /// Registry and path, in full: `docker.io/library/nginx`.
    pub repository: String,
    /// The tag, where there is one.
    pub tag: Option<String>,
}

impl ImageName {
    /// Takes `nginx:1.27`, `ghcr.io/shop/web@sha256:…` and their like apart; none for an id.
    pub fn of(reference: &str) -> Option<Self> {
        let name = reference.split('@').next().unwrap_or(reference);
        if name.is_empty() || is_digest(name) {
            return None;
        }
        let (folder, last) = name.rsplit_once('/').map_or(("", name), |(folder, last)| (folder, last));
        let (last, tag) = last.split_once(':').map_or((last, None), |(last, tag)| (last, Some(tag.to_owned())));
        let first = folder.split('/').next().unwrap_or_default();
        let repository = match first {
            "" => format!("docker.io/library/{last}"),
            "index.docker.io" => name_in("docker.io", folder.strip_prefix("index.docker.io").unwrap_or_default(), last),
            first if first.contains(['.', ':']) || first == "localhost" => format!("{folder}/{last}"),
            _ => format!("docker.io/{folder}/{last}"),
        };
        (!last.is_empty()).then(|| Self { repository: repository.to_lowercase(), tag })
    }

    /// The last part of the repository: `nginx`.
    pub fn last(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }
}

fn name_in(registry: &str, folder: &str, last: &str) -> String {
    let folder = if folder.is_empty() { "/library" } else { folder };
    format!("{registry}{folder}/{last}")
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        !digits.is_empty() && digits.len() <= 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(reference: &str) -> Option<String> {
        let target =
            Target { reference: Some(reference.into()), digest: Some("sha256:00ff".into()), ..Target::default() };
        target.purl()
    }

    #[test]
    fn an_image_is_named_by_its_whole_repository() {
        let nginx = "pkg:oci/nginx@sha256:00ff?repository_url=docker.io/library/nginx";
        for same in ["nginx", "library/nginx", "docker.io/library/nginx", "index.docker.io/nginx", "nginx@sha256:00ff"]
        {
            assert_eq!(purl(same).unwrap(), nginx, "{same}");
        }
        assert_eq!(
            purl("localhost:5000/a/web:1.2").unwrap(),
            "pkg:oci/web@sha256:00ff?repository_url=localhost:5000/a/web&tag=1.2"
        );
    }

    #[test]
    fn an_id_is_no_name_and_odd_names_are_escaped() {
        assert_eq!(purl("sha256:00ff"), None);
        assert_eq!(purl(""), None);
        assert_eq!(
            purl("a b&c=d").unwrap(),
            "pkg:oci/a%20b%26c%3dd@sha256:00ff?repository_url=docker.io/library/a%20b%26c%3dd"
        );
    }
}
