//! How a target is written: `SCHEME:NAME`, `SCHEME:FILE#IMAGE`, or just a name.

use std::fmt;

use super::SourceError;

macro_rules! schemes {
    ($($variant:ident = $name:literal, $words:literal;)*) => {
        /// Where a target is to be looked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Scheme {
            $(#[doc = $words] $variant,)*
        }

        impl Scheme {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written before the colon.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// In words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

schemes! {
    Archive = "archive", "a file written by docker save";
    Oci = "oci", "an OCI image layout, as folder or tar";
    Dir = "dir", "a root filesystem or source folder, as folder or tar";
    Engine = "engine", "an image of the local engine, by name or id";
    Container = "container", "a container of the local engine, by name or id";
    Containerd = "containerd", "an image in containerd's store";
    Podman = "podman", "an image in Podman's or CRI-O's storage";
    Registry = "registry", "an image in a registry";
    Sbom = "sbom", "a software bill of materials, CycloneDX or SPDX";
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A target, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// As it was written.
    pub input: String,
    /// Where to look; none where it is to be found out.
    pub scheme: Option<Scheme>,
    /// A file, folder, image or container; `-` is standard input.
    pub name: String,
    /// Which image, where a file holds several.
    pub image: Option<String>,
}

impl Spec {
    /// Understands `input`.
    pub fn parse(input: &str) -> Result<Self, SourceError> {
        let wrong = |why: &str| SourceError::Target { what: format!("{input:?}"), why: why.to_owned() };
        let (scheme, rest) = match input.split_once(':') {
            Some((before, rest)) => match Scheme::ALL.iter().find(|scheme| scheme.name() == before) {
                // `registry:2` is an image, and a well-known one. What follows a scheme is a name, and no tag is a name with
                // a slash or a dot in it that exists; so a tag wins only for that one.
                Some(Scheme::Registry) if is_tag(rest) => (None, input),
                Some(scheme) => (Some(*scheme), rest.strip_prefix("//").unwrap_or(rest)),
                None => (None, input),
            },
            None => (None, input),
        };
        if rest.is_empty() {
            return Err(wrong("it names nothing"));
        }
        if rest.len() > 4096 || rest.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err(wrong("no name is that long or holds control characters"));
        }
        let in_file = matches!(scheme, Some(Scheme::Archive | Scheme::Oci));
        let (name, image) = match rest.rsplit_once('#') {
            Some((name, image)) if in_file && !image.is_empty() => (name, Some(image.to_owned())),
            Some((name, image)) if scheme.is_none() && !image.is_empty() && std::path::Path::new(name).exists() => {
                (name, Some(image.to_owned()))
            }
            _ => (rest, None),
        };
        Ok(Self { input: input.to_owned(), scheme, name: name.to_owned(), image })
    }
}

/// Whether `text` can only be the tag behind an image's name: `registry:2`, `registry:2.8.3`.
fn is_tag(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && !text.contains(['/', ':', '@'])
        && text
            .split('.')
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte.is_ascii_lowercase()))
        && text.matches('.').count() < 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_from_tags() {
        let scheme = |text: &str| Spec::parse(text).unwrap().scheme;
        assert_eq!(scheme("archive:web.tar"), Some(Scheme::Archive));
        assert_eq!(scheme("registry:docker.io/library/nginx:1"), Some(Scheme::Registry));
        assert_eq!(scheme("registry://nginx"), Some(Scheme::Registry));
        assert_eq!(scheme("registry:2"), None, "that is the image called registry");
        assert_eq!(scheme("registry:127.0.0.1:5000/web"), Some(Scheme::Registry));
        assert_eq!(scheme("nginx:1.27"), None);
        assert_eq!(scheme("-"), None);
    }

    #[test]
    fn an_image_in_a_file_is_named_behind_a_hash() {
        let spec = Spec::parse("archive:many.tar#web:1").unwrap();
        assert_eq!((spec.name.as_str(), spec.image.as_deref()), ("many.tar", Some("web:1")));
        assert!(Spec::parse("archive:").is_err());
        assert!(Spec::parse("a\u{1b}[2J").is_err());
    }
}
