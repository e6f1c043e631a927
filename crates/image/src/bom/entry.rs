//! One entry of a software bill of materials, as far as it says something: the fields, and what Keelguard, Trivy and Syft
//! write beside them.

/// Paths of one entry that are kept.
const MOST_PATHS: usize = 1_000;

/// What an entry stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// A package, or something that ought to be one.
    #[default]
    Package,
    /// The operating system.
    System,
    /// A program or a lock file that holds packages; one only if it has a version.
    Holder,
    /// A file, an image, data: nothing that is looked up.
    Thing,
}

/// One entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Its id in the document.
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) group: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) purl: String,
    /// The name in the words of OSV; only Keelguard says it, and then the version is in those words, too.
    pub(super) own_name: Option<String>,
    pub(super) source_name: String,
    pub(super) source_version: String,
    pub(super) source_release: String,
    pub(super) source_epoch: String,
    pub(super) owner: Option<String>,
    pub(super) paths: Vec<String>,
    pub(super) system: SystemWords,
    pub(super) image: ImageWords,
    /// What the document says of itself that it lacks.
    pub(super) incomplete: Vec<String>,
}

/// What is said of an operating system beside name and version.
#[derive(Clone, Debug, Default)]
pub(super) struct SystemWords {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) pretty_name: String,
    pub(super) ecosystem: Option<String>,
}

/// What is said of the image beside its name.
#[derive(Clone, Debug, Default)]
pub(super) struct ImageWords {
    pub(super) reference: Option<String>,
    pub(super) digest: Option<String>,
}

impl Entry {
    /// Takes a property of CycloneDX.
    pub(super) fn property(&mut self, name: &str, value: String) {
        match name {
            "keelguard:name" => self.own_name = Some(value),
            "keelguard:owner" => self.owner = Some(value),
            "keelguard:incomplete" => self.lacks(value),
            "keelguard:target:reference" => self.image.reference = Some(value),
            "keelguard:target:digest" => self.image.digest = Some(value),
            "keelguard:os:ecosystem" => self.system.ecosystem = Some(value),
            "keelguard:source:name"
            | "syft:metadata:source"
            | "syft:metadata:originPackage"
            | "aquasecurity:trivy:SrcName" => self.source_name = value,
            "keelguard:source:version" | "syft:metadata:sourceVersion" | "aquasecurity:trivy:SrcVersion" => {
                self.source_version = value;
            }
            "aquasecurity:trivy:SrcRelease" => self.source_release = value,
            "aquasecurity:trivy:SrcEpoch" => self.source_epoch = value,
            "aquasecurity:trivy:FilePath" => self.path(value),
            "syft:distro:id" => self.system.id = value,
            "syft:distro:versionID" => self.system.version = value,
            "syft:distro:prettyName" => self.system.pretty_name = value,
            name if name.starts_with("syft:location:") && name.ends_with(":path") => self.path(value),
            _ => {}
        }
    }

    /// A file that shows it.
    pub(super) fn path(&mut self, path: String) {
        if self.paths.len() < MOST_PATHS && !path.is_empty() {
            self.paths.push(if path.starts_with('/') { path } else { format!("/{path}") });
        }
    }

    pub(super) fn lacks(&mut self, what: String) {
        if self.incomplete.len() < MOST_PATHS {
            self.incomplete.push(what);
        }
    }

    /// `group:name` or `group/name`, as the kind writes names.
    pub(super) fn full_name(&self, separator: char) -> String {
        if self.group.is_empty() { self.name.clone() } else { format!("{}{separator}{}", self.group, self.name) }
    }
}
