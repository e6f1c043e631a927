//! A registry that runs here, by its own configuration. What the configuration does not say is its default, where all of it could
//! be read, and nothing where it could not.

use keelguard_distribution::{host_of, is_loopback};
use keelguard_model::registry::{HttpSecret, Served};
use keelguard_model::{Finding, Rule, Severity, Subject, SubjectKind, rule};

/// Rounds of bcrypt below which a hash is tried fast: `htpasswd`'s own default of 5 is a millisecond.
const LEAST_COST: u32 = 8;

pub(super) fn findings(served: &Served) -> Vec<Finding> {
    let mut findings = logins(served);
    let on = |rule: &'static Rule| rule.on(subject(served));
    let others = others_reach(served);
    let value = |name: &str| served.config.get(name).map(String::as_str);
    let has = |section: &str| served.config.keys().any(|key| key == section || key.starts_with(&format!("{section}.")));
    if served.known && others && !has("http.tls") && !has("http.letsencrypt") {
        findings.push(on(&rule::SERVED_PLAIN).evidence("reached at", served.reached_at.join(", ")));
    }
    if value("storage.delete.enabled") == Some("true") && !has_login(served) {
        findings.push(
            on(&rule::SERVED_DELETES)
                .severity(if others { Severity::Medium } else { Severity::Low })
                .evidence("storage.delete.enabled", "true, without a login"),
        );
    } else if value("storage.delete.enabled") == Some("true") {
        findings.push(on(&rule::SERVED_DELETES).severity(Severity::Info).evidence("storage.delete.enabled", "true"));
    }
    if served.http_secret == HttpSecret::Guessable {
        findings.push(on(&rule::WEAK_HTTP_SECRET).evidence("http.secret", "of an example, or shorter than 16 letters"));
    }
    if let Some(address) = value("http.debug.addr").filter(|address| !is_here(address)) {
        let reach = if served.container.is_empty() { Severity::Medium } else { Severity::Low };
        findings.push(on(&rule::SERVED_DEBUG).severity(reach).evidence("http.debug.addr", address));
    }
    let mirrors_with_login = value("proxy.remoteurl").is_some()
        && (value("proxy.username").is_some() || served.secrets.iter().any(|name| name.starts_with("proxy.")));
    if mirrors_with_login && others && !has_login(served) {
        findings.push(on(&rule::OPEN_CACHE).evidence("proxy.remoteurl", value("proxy.remoteurl").unwrap_or_default()));
    }
    if !served.secrets.is_empty() {
        findings.push(on(&rule::SECRET_IN_CONFIG).evidence("settings", served.secrets.join(", ")));
    }
    findings
}

fn subject(served: &Served) -> Subject {
    if served.container.is_empty() {
        let address = served.reached_at.first().map_or("docker-registry", String::as_str);
        return Subject::new(SubjectKind::Registry, address);
    }
    Subject::container(served.container.clone(), served.id.clone())
}

fn has_login(served: &Served) -> bool {
    // `auth: none` is Distribution's word for asking nobody; silly is a joke of its authors that looks at nothing.
    let kinds = ["htpasswd", "token"];
    let plugins = served.config.keys().any(|key| kinds.iter().any(|kind| key.starts_with(&format!("auth.{kind}."))));
    plugins || served.config.get("auth").is_some_and(|kind| kinds.contains(&kind.as_str()))
}

fn others_reach(served: &Served) -> bool {
    served.reached_at.iter().any(|address| !is_here(address))
}

/// An address that this machine alone reaches. Without a host in it, it is every one.
fn is_here(address: &str) -> bool {
    is_loopback(host_of(address))
}

fn logins(served: &Served) -> Vec<Finding> {
    let mut findings = Vec::new();
    let on = |rule: &'static Rule| rule.on(subject(served));
    if served.known && !has_login(served) && others_reach(served) {
        findings.push(
            on(&rule::SERVED_WITHOUT_LOGIN)
                .evidence("auth", "not set")
                .evidence("reached at", served.reached_at.join(", ")),
        );
    }
    let missing = served.htpasswd.as_ref().is_some_and(|file| file.exists == Some(false));
    if served.invented_user || missing {
        let how =
            if served.invented_user { "its log or its file shows the user docker" } else { "the file is missing" };
        let path = served.htpasswd.as_ref().map_or("auth.htpasswd.path", |file| file.path.as_str());
        findings.push(on(&rule::INVENTED_USER).evidence(path, how));
    }
    if let Some(file) = &served.htpasswd {
        let mut wrong = Vec::new();
        if let Some(cost) = file.least_cost.filter(|cost| *cost < LEAST_COST) {
            wrong.push(format!("a hash of cost {cost}"));
        }
        if let Some(mode) = file.mode.filter(|mode| mode & 0o004 != 0) {
            wrong.push(format!("mode {mode:04o}"));
        }
        if !wrong.is_empty() {
            findings.push(on(&rule::WEAK_HTPASSWD).evidence(&file.path, wrong.join(", ")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use keelguard_model::registry::HtpasswdFile;

    use super::*;

    fn served(config: &[(&str, &str)], reached_at: &[&str]) -> Served {
        Served {
            container: "shelf".into(),
            known: true,
            config: config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            reached_at: reached_at.iter().map(|address| (*address).to_owned()).collect(),
            ..Served::default()
        }
    }

    fn ids(served: &Served) -> Vec<String> {
        findings(served).into_iter().map(|finding| finding.rule).collect()
    }

    const LOGIN: (&str, &str) = ("auth.htpasswd.path", "/auth/htpasswd");
    const TLS: (&str, &str) = ("http.tls.certificate", "/c");

    #[test]
    fn a_registry_without_a_login_or_encryption_counts_where_others_reach_it() {
        assert_eq!(ids(&served(&[], &["0.0.0.0:5000"])), ["KG-A170", "KG-A175"]);
        assert_eq!(ids(&served(&[], &["127.0.0.1:5000"])), [""; 0]);
        assert_eq!(ids(&served(&[("auth", "none"), TLS], &["[::]:5000"])), ["KG-A170"]);
        assert_eq!(ids(&served(&[LOGIN, TLS], &["0.0.0.0:5000"])), [""; 0]);
        let unknown = Served { known: false, ..served(&[], &["0.0.0.0:5000"]) };
        assert_eq!(ids(&unknown), [""; 0], "what was not read is not judged");
    }

    #[test]
    fn an_invented_user_is_found_by_the_missing_file_and_by_what_it_left() {
        let file = |exists, invented| Some(HtpasswdFile { exists, invented, ..HtpasswdFile::default() });
        let with = |htpasswd, invented_user| Served { htpasswd, invented_user, ..served(&[LOGIN, TLS], &[]) };
        assert_eq!(ids(&with(file(Some(false), false), false)), ["KG-A171"]);
        assert_eq!(ids(&with(file(Some(true), true), true)), ["KG-A171"]);
        assert_eq!(ids(&with(file(None, false), false)), [""; 0]);
    }

    #[test]
    fn deleting_debugging_secrets_and_a_mirror_with_a_login_are_told() {
        let config = [
            ("storage.delete.enabled", "true"),
            ("http.debug.addr", ":5001"),
            ("proxy.remoteurl", "https://registry-1.docker.io"),
            ("proxy.username", "me"),
            TLS,
        ];
        let open = Served {
            http_secret: HttpSecret::Guessable,
            secrets: vec!["proxy.password".into()],
            ..served(&config, &["10.0.0.5:5000"])
        };
        assert_eq!(ids(&open), ["KG-A170", "KG-A173", "KG-A172", "KG-A174", "KG-A176", "KG-A177"]);
        assert_eq!(ids(&served(&[LOGIN, TLS, ("http.debug.addr", "127.0.0.1:5001")], &["10.0.0.5:5000"])), [""; 0]);
    }
}
