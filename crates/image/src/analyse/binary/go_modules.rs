//! The list of modules in a Go program's build information: a line each, words between tabs.

use std::io;

use keelguard_model::image::PackageKind;

use crate::analyse::FoundPackage;

/// One line `dep` or `=>`.
pub(super) struct Module {
    path: String,
    version: String,
}

impl Module {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (path, version) = (parts.next()?, parts.next().unwrap_or_default());
        Some(Self { path: path.to_owned(), version: version.to_owned() })
    }

    /// The package; none where it has no real version: `(devel)`, or a folder that stands for it.
    pub(super) fn package(self) -> Option<FoundPackage> {
        let real = is_version(&self.version) && !self.path.starts_with(['.', '/']);
        real.then(|| FoundPackage::new(PackageKind::Golang, self.path, self.version))
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The list.
#[derive(Default)]
pub(super) struct Modules {
    main: Option<Module>,
    /// Replacements applied.
    pub(super) dependencies: Vec<Module>,
    linker_flags: String,
}

impl Modules {
    /// At most `max` dependencies of the list in `text`.
    pub(super) fn parse(text: &str, max: usize) -> Self {
        let mut modules = Self::default();
        for line in text.lines() {
            let Some((word, rest)) = line.split_once('\t') else { continue };
            match word {
                "mod" => modules.main = Module::parse(rest),
                "dep" if modules.dependencies.len() < max => modules.dependencies.extend(Module::parse(rest)),
                // Belongs to the line above it.
                "=>" => {
                    if let (Some(last), Some(by)) = (modules.dependencies.last_mut(), Module::parse(rest)) {
                        *last = by;
                    }
                }
                "build" => {
                    if let Some(flags) = rest.strip_prefix("-ldflags=") {
                        modules.linker_flags = unquoted(flags);
                    }
                }
                _ => {}
            }
        }
        modules
    }

    /// The program's own module. Where it was built from a checkout it has no version, but the project's own build sets
    /// one through the linker. The flags are on the list unless paths were trimmed; then the well-known projects of
    /// [`SET_BY_LINKER`] are searched for it.
    pub(super) fn main(&self, search: impl FnOnce() -> io::Result<Option<String>>) -> io::Result<Option<FoundPackage>> {
        let Some(main) = &self.main else { return Ok(None) };
        let version = if is_version(&main.version) {
            Some(main.version.clone())
        } else if let Some(version) = set_version(&self.linker_flags, &main.path) {
            Some(version)
        } else if is_set_by_linker(&main.path) {
            search()?.map(|version| format!("v{}", version.trim_start_matches('v')))
        } else {
            None
        };
        Ok(version.map(|version| FoundPackage::new(PackageKind::Golang, main.path.clone(), version)))
    }
}

/// Well-known projects whose build sets the version through the linker.
const SET_BY_LINKER: &[&str] = &[
    "github.com/caddyserver/caddy",
    "github.com/containerd/containerd",
    "github.com/coredns/coredns",
    "github.com/grafana/grafana",
    "github.com/hashicorp/consul",
    "github.com/hashicorp/nomad",
    "github.com/hashicorp/terraform",
    "github.com/hashicorp/vault",
    "github.com/minio/minio",
    "github.com/prometheus/alertmanager",
    "github.com/prometheus/node_exporter",
    "github.com/prometheus/prometheus",
    "github.com/traefik/traefik",
    "k8s.io/kubernetes",
];

/// Whether it is one of them, in whatever major version: `github.com/traefik/traefik/v2`.
fn is_set_by_linker(module: &str) -> bool {
    let (plain, major) = module.rsplit_once("/v").unwrap_or((module, ""));
    let plain = if major.bytes().all(|byte| byte.is_ascii_digit()) { plain } else { module };
    SET_BY_LINKER.binary_search(&plain).is_ok()
}

/// A value as `strconv.Quote` writes it, or as it stands.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.trim_matches('`').to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for letter in inner.chars() {
        if letter == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(letter);
            escaped = false;
        }
    }
    plain
}

/// Whether it has the three numbers of a module's version; something may follow. Go sorts shorter ones with a tail, such
/// as `2.0-rc1`, before everything, and every record would match.
fn is_full(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 64
        && core.split('.').count() == 3
        && core.split('.').all(is_number)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
}

/// The version that `-X PATH.Version=1.2.3` sets, as a module's version. Only variables of the main package and of the
/// module itself count, and only where all that are named so agree.
fn set_version(flags: &str, module: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for word in flags.split_whitespace() {
        let word = word.trim_matches(['\'', '"']);
        let word = word.strip_prefix("-X=").unwrap_or(word).trim_matches(['\'', '"']);
        let Some((variable, value)) = word.split_once('=') else { continue };
        let Some((package, name)) = variable.rsplit_once('.') else { continue };
        let own = package == "main"
            || package == module
            || package.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'));
        let named =
            ["version", "appversion", "buildversion", "releaseversion"].contains(&name.to_ascii_lowercase().as_str());
        let number = value.strip_prefix('v').unwrap_or(value);
        if own && named && is_full(number) {
            let version = format!("v{number}");
            match &found {
                Some(other) if *other != version => return None,
                _ => found = Some(version),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_stands_for_the_module_and_a_folder_for_nothing() {
        let text = "path\tex.org/cmd\nmod\tex.org/app\t(devel)\t\n\
            dep\tex.org/plain\tv1.2.3\th1:x=\n\
            dep\tex.org/old\tv1.0.0\n=>\tex.org/new\tv1.0.1\th1:y=\n\
            dep\tex.org/local\tv0.0.0\n=>\t./staging/local\t(devel)\t\n\
            build\t-ldflags=\"-s -w -X 'main.Version=1.15.0' -X ex.org/other.Version=9.9.9\"\n";
        let modules = Modules::parse(text, 100);
        let main = modules.main(|| Ok(None)).unwrap().unwrap();
        assert_eq!((main.name.as_str(), main.version.as_str()), ("ex.org/app", "v1.15.0"));
        let rest: Vec<_> = modules.dependencies.into_iter().filter_map(Module::package).collect();
        let rest: Vec<_> = rest.iter().map(|found| format!("{}@{}", found.name, found.version)).collect();
        assert_eq!(rest, ["ex.org/plain@v1.2.3", "ex.org/new@v1.0.1"]);
    }

    #[test]
    fn only_the_modules_own_variables_set_its_version_and_only_in_agreement() {
        assert_eq!(set_version("-X ex.org/app/version.Version=v2.0.0", "ex.org/app").as_deref(), Some("v2.0.0"));
        assert_eq!(set_version("-X=main.version=2.0.0-rc1", "ex.org/app").as_deref(), Some("v2.0.0-rc1"));
        assert_eq!(set_version("-X ex.org/app2.Version=2.0.0", "ex.org/app"), None);
        assert_eq!(set_version("-X main.version=1.0.0 -X main.Version=2.0.0", "ex.org/app"), None);
        assert_eq!(set_version("-X main.version=2.0-rc1", "ex.org/app"), None);
        assert_eq!(set_version("-X main.version=dev -X main.commit=1.0.0", "ex.org/app"), None);
    }

    #[test]
    fn well_known_projects_are_sorted_and_known_in_every_major_version() {
        assert!(SET_BY_LINKER.is_sorted());
        assert!(is_set_by_linker("k8s.io/kubernetes") && is_set_by_linker("github.com/traefik/traefik/v2"));
        assert!(!is_set_by_linker("github.com/hashicorp/vault/api") && !is_set_by_linker("example.org/app"));
    }

    #[test]
    fn a_version_is_searched_only_for_those_that_nothing_else_names() {
        let main = |text: &str| {
            let found = Modules::parse(text, 9).main(|| Ok(Some("1.28.3".to_owned()))).unwrap();
            found.map(|package| format!("{}@{}", package.name, package.version))
        };
        assert_eq!(main("mod\tk8s.io/kubernetes\t(devel)\t\n").as_deref(), Some("k8s.io/kubernetes@v1.28.3"));
        assert_eq!(main("mod\tk8s.io/kubernetes\tv1.33.1\t\n").as_deref(), Some("k8s.io/kubernetes@v1.33.1"));
        assert_eq!(main("mod\texample.org/app\t(devel)\t\n"), None);
    }
}
