//! Manifests, indexes and image configurations, as OCI and Docker write them. What is not needed is not read, and what
//! is there is believed only as far as its digest goes.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

/// Manifests and configurations larger than this are not read, bytes. Registries refuse more than 4 MiB.
pub const MAX_DOCUMENT: u64 = 8 << 20;

/// A digest that names content: `sha256:` and 64 hexadecimal digits. Nothing else ever becomes part of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// The whole of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone.
    pub fn digits(&self) -> &str {
        self.0.strip_prefix("sha256:").unwrap_or(&self.0)
    }

    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(super::digest_text(&sha2::Sha256::digest(bytes)))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("sha256:").unwrap_or_default();
        let hexadecimal = digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hexadecimal { Ok(Self(text.to_owned())) } else { Err(format!("{text:?} is no sha256 digest")) }
    }
}

/// Which system an image is for: `linux/arm64/v8`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Platform {
    /// `linux`.
    #[serde(default)]
    pub os: String,
    /// `amd64`, `arm64`.
    #[serde(default)]
    pub architecture: String,
    /// `v8`.
    #[serde(default)]
    pub variant: String,
}

impl Platform {
    /// That of this machine.
    pub fn here() -> Self {
        let (architecture, variant) = match std::env::consts::ARCH {
            "x86_64" => ("amd64", ""),
            "aarch64" => ("arm64", "v8"),
            "x86" => ("386", ""),
            "arm" => ("arm", "v7"),
            "powerpc64" => ("ppc64le", ""),
            other => (other, ""),
        };
        Self { os: "linux".into(), architecture: architecture.into(), variant: variant.into() }
    }

    /// How well `other` serves somebody who wants this: 0 not at all.
    fn fits(&self, other: &Self) -> u8 {
        if self.os != other.os || self.architecture != other.architecture {
            return 0;
        }
        match (self.variant.as_str(), other.variant.as_str()) {
            (wanted, there) if wanted == there => 3,
            ("", _) | (_, "") => 2,
            // `arm64` is always v8; older variants of 32 bit run on newer machines.
            (wanted, there) if self.architecture == "arm" && there < wanted => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(out, "/{}", self.variant) }
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('/');
        let platform = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(architecture), None, ..) => {
                Self { os: "linux".into(), architecture: architecture.into(), ..Self::default() }
            }
            (Some(os), Some(architecture), variant, None) => {
                Self { os: os.into(), architecture: architecture.into(), variant: variant.unwrap_or_default().into() }
            }
            _ => return Err(format!("{text:?} is no platform; write OS/ARCHITECTURE, such as linux/arm64")),
        };
        if platform.os.is_empty() || platform.architecture.is_empty() {
            return Err(format!("{text:?} is no platform; write OS/ARCHITECTURE, such as linux/arm64"));
        }
        Ok(platform)
    }
}

/// Names content.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    #[serde(default)]
    pub media_type: String,
    /// Its digest, unchecked.
    pub digest: String,
    /// Bytes.
    #[serde(default)]
    pub size: u64,
    /// Which system it is for, in an index.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Remarks, the name of an image among them.
    #[serde(default)]
    pub annotations: Option<std::collections::BTreeMap<String, String>>,
}

impl Descriptor {
    /// Its digest, where it is one.
    pub fn digest(&self) -> Result<Digest, String> {
        self.digest.parse()
    }

    /// The annotation `name`.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// Attestations and signatures stand among the images of an index, and are none.
    pub fn is_image(&self) -> bool {
        let unknown = self.platform.as_ref().is_some_and(|platform| platform.os == "unknown");
        !unknown && self.annotation("vnd.docker.reference.type").is_none()
    }
}

/// A manifest, or a list of them.
#[derive(Clone, Debug)]
pub enum Document {
    /// Of one image.
    Manifest(Manifest),
    /// Of several, one a platform.
    Index(Vec<Descriptor>),
}

/// An image: its configuration and its layers, from the lowest up.
#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    /// The configuration.
    pub config: Descriptor,
    /// The layers.
    #[serde(default)]
    pub layers: Vec<Descriptor>,
}

impl Document {
    /// Understands `bytes`; by what is in it, since media types are missing or wrong often enough.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Either {
            manifests: Option<Vec<Descriptor>>,
            config: Option<Descriptor>,
            #[serde(default)]
            layers: Vec<Descriptor>,
            #[serde(rename = "schemaVersion")]
            version: Option<u64>,
        }
        let either: Either = serde_json::from_slice(bytes).map_err(|error| format!("it is no manifest: {error}"))?;
        match (either.manifests, either.config) {
            (Some(manifests), None) => Ok(Self::Index(manifests)),
            (None, Some(config)) => Ok(Self::Manifest(Manifest { config, layers: either.layers })),
            (Some(_), Some(_)) => Err("it says to be a manifest and an index at once".into()),
            (None, None) if either.version == Some(1) => {
                Err("it is a manifest of the first version, which nothing writes any more".into())
            }
            (None, None) => Err("it is neither a manifest nor an index".into()),
        }
    }
}

/// The image among `manifests` that serves `wanted` best.
pub fn choose<'a>(manifests: &'a [Descriptor], wanted: &Platform) -> Result<&'a Descriptor, String> {
    let images: Vec<&Descriptor> = manifests.iter().filter(|one| one.is_image()).collect();
    // Without a word on platforms there is nothing to choose by.
    if let [only] = images.as_slice()
        && only.platform.as_ref().is_none_or(|platform| platform.architecture.is_empty())
    {
        return Ok(only);
    }
    let fit = |one: &&&Descriptor| one.platform.as_ref().map_or(0, |platform| wanted.fits(platform));
    // The first of equals, as the engine chooses.
    if let Some(best) = images.iter().rev().max_by_key(fit).filter(|best| fit(best) > 0) {
        return Ok(best);
    }
    let there: Vec<String> = images.iter().filter_map(|one| one.platform.as_ref().map(ToString::to_string)).collect();
    Err(format!(
        "no image in it is for {wanted}; there are {}",
        if there.is_empty() { "none".into() } else { there.join(", ") }
    ))
}

/// What a configuration says of the layers.
pub struct History {
    /// Digests of the uncompressed layers.
    pub diff_ids: Vec<String>,
    /// The build step of each layer; fewer where the configuration does not say.
    pub created_by: Vec<Option<String>>,
    /// How many layers come from the base image.
    pub base: usize,
}

impl History {
    /// From an image's configuration.
    pub fn of(config: &Value) -> Self {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let diff_ids: Vec<String> = config
            .pointer("/rootfs/diff_ids")
            .and_then(Value::as_array)
            .map(|ids| ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        let steps = config.get("history").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_empty = |step: &Value| step.get("empty_layer").and_then(Value::as_bool).unwrap_or(false);
        let created_by: Vec<Option<String>> =
            steps.iter().filter(|step| !is_empty(step)).map(|step| text(step, "created_by")).collect();
        let base = base_layers(steps, &is_empty, diff_ids.len());
        Self { diff_ids, created_by, base }
    }
}

/// How many of the lowest layers come from the base image. Nothing in an image says so. But base images end in a CMD (or
/// ENTRYPOINT) of their own, so the last such step that is followed by further layers is where the base ends. A
/// single-layer image is all base.
fn base_layers(steps: &[Value], is_empty: &dyn Fn(&Value) -> bool, layers: usize) -> usize {
    let says = |step: &Value| {
        let text = step.get("created_by").and_then(Value::as_str).unwrap_or_default();
        let text = text.trim_start_matches("/bin/sh -c #(nop)").trim_start();
        text.starts_with("CMD") || text.starts_with("ENTRYPOINT")
    };
    let (mut below, mut base) = (0, 0);
    for step in steps {
        if !is_empty(step) {
            below += 1;
        } else if says(step) && below < layers {
            base = below;
        }
    }
    if layers == 1 { 1 } else { base.min(layers) }
}
