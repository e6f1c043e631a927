//! The AWS CLI's files `config` and `credentials`: sections of names and values.

use std::collections::BTreeMap;
use std::path::Path;

use super::Environment;

/// The largest such file.
const MAX_FILE: u64 = 4 << 20;

/// Names and values; what is nested (`services`) has names such as `iam.endpoint_url`.
pub(super) type Section = BTreeMap<String, String>;

/// All sections of both files.
#[derive(Default)]
pub(super) struct Profiles {
    named: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    /// Files that were looked for, for who is told that there is nothing.
    pub(super) files: Vec<String>,
}

impl Profiles {
    /// Reads both files, as far as they are there.
    pub(super) fn read(environment: &Environment) -> Result<Self, String> {
        let mut all = Self::default();
        let files = [
            (environment.file("AWS_CONFIG_FILE", ".aws/config"), true),
            (environment.file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"), false),
        ];
        for (path, is_config) in files {
            let Some(path) = path else { continue };
            all.files.push(path.display().to_string());
            if let Some(text) = text(&path)? {
                all.take(&text, is_config);
            }
        }
        Ok(all)
    }

    /// The later file, `credentials`, counts where both have a value.
    fn take(&mut self, text: &str, is_config: bool) {
        for (name, section) in sections(text) {
            let mut words = name.split_whitespace();
            let (first, second) = (words.next().unwrap_or_default(), words.next());
            let (group, name) = match (first, second) {
                ("profile", Some(name)) if is_config => (&mut self.named, name),
                ("sso-session", Some(name)) if is_config => (&mut self.sso_sessions, name),
                ("services", Some(name)) if is_config => (&mut self.services, name),
                ("default", None) => (&mut self.named, "default"),
                (name, None) if !is_config => (&mut self.named, name),
                _ => continue,
            };
            group.entry(name.to_owned()).or_default().extend(section);
        }
    }

    /// The profile of this name, with what its SSO session says.
    pub(super) fn get(&self, name: &str) -> Option<Section> {
        let mut profile = self.named.get(name)?.clone();
        if let Some(session) = profile.get("sso_session").and_then(|session| self.sso_sessions.get(session)) {
            for (name, value) in session {
                profile.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        if let Some(services) = profile.get("services").and_then(|services| self.services.get(services)) {
            for (name, value) in services {
                profile.entry(format!("services.{name}")).or_insert_with(|| value.clone());
            }
        }
        Some(profile)
    }

    /// Names of all profiles.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}

fn text(path: &Path) -> Result<Option<String>, String> {
    let size = match std::fs::metadata(path) {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    if size > MAX_FILE {
        return Err(format!("{} is larger than {MAX_FILE} bytes", path.display()));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn sections(text: &str) -> Vec<(String, Section)> {
    let mut found: Vec<(String, Section)> = Vec::new();
    let mut above = String::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or_default().trim().replace(['"', '\''], "");
            found.push((name, Section::new()));
            above.clear();
            continue;
        }
        let (Some((name, value)), Some((_, section))) = (trimmed.split_once('='), found.last_mut()) else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        // Indented lines belong to the one above that has no value.
        if line.starts_with([' ', '\t']) && !above.is_empty() {
            section.insert(format!("{above}.{name}"), value.to_owned());
        } else if value.is_empty() {
            above = name;
        } else {
            above.clear();
            section.insert(name, value.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_one_and_the_credentials_count_more() {
        let mut all = Profiles::default();
        all.take(
            "[default]\nregion = eu-west-1\naws_access_key_id = OLD\n[profile prod]\nrole_arn=arn:aws:iam::1:role/r\n\
             source_profile = default\nsso_session = corp\nservices = local\n[sso-session corp]\nsso_region = us-east-1\n\
             [services local]\niam =\n  endpoint_url = http://127.0.0.1:1\n# nothing\n",
            true,
        );
        all.take("[default]\naws_access_key_id = NEW\n", false);
        let default = all.get("default").unwrap();
        assert_eq!((default["region"].as_str(), default["aws_access_key_id"].as_str()), ("eu-west-1", "NEW"));
        let prod = all.get("prod").unwrap();
        assert_eq!(prod["sso_region"], "us-east-1");
        assert_eq!(prod["services.iam.endpoint_url"], "http://127.0.0.1:1");
        assert!(all.get("other").is_none());
    }
}
