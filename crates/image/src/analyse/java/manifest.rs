//! `META-INF/MANIFEST.MF`: the main section, lines folded at 72 bytes put together again.

/// What a manifest says of its archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    attributes: Vec<(String, String)>,
}

/// Attributes that are ever asked for; a manifest may have thousands of others.
const KEPT: &[&str] = &[
    "Artifact-Id",
    "Automatic-Module-Name",
    "Bundle-SymbolicName",
    "Bundle-Version",
    "Extension-Name",
    "Group-Id",
    "Implementation-Title",
    "Implementation-Vendor-Id",
    "Implementation-Version",
    "Plugin-Version",
    "Short-Name",
    "Specification-Title",
    "Specification-Version",
];

impl Manifest {
    /// The main section: it ends at the first empty line, the entries of signed files follow.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
        let mut attributes: Vec<(String, String)> = Vec::new();
        for line in text.trim_start_matches(['\u{feff}', '\n']).lines() {
            if line.is_empty() {
                break;
            }
            if let Some(more) = line.strip_prefix(' ') {
                if let Some((_, value)) = attributes.last_mut() {
                    value.push_str(more);
                }
            } else if let Some((key, value)) = line.split_once(':') {
                attributes.push((key.trim().to_owned(), value.trim_start().to_owned()));
            }
        }
        attributes.retain(|(key, _)| KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(key)));
        Self { attributes }
    }

    /// The value of an attribute, whose name is read without regard to case; none where it is empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(found, _)| found.eq_ignore_ascii_case(key))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// The symbolic name of an OSGi bundle, its directives cut off: `org.example.core;singleton:=true`.
    pub(super) fn bundle(&self) -> Option<&str> {
        self.get("Bundle-SymbolicName")?.split(';').next().map(str::trim).filter(|name| !name.is_empty())
    }
}
