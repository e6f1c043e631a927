//! Facts are made to be shared, so secrets do not get into them: values of the environment, of arguments and of build
//! steps are left out where they are, or look like, a secret. Names stay, for the rules.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex_lite::Regex;
use serde_json::Value;

use crate::facts::{Config, Container, Image, Info, Volume};

pub use keelguard_model::secret::REDACTED;
use keelguard_model::secret::{REDACTED_SECRET, is_secret_value};

/// Words in a name that make its value a secret.
#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(pass(word|wd|phrase)?|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credential|auth|cookie|salt|signing|encryption_key|dsn|connection_?string|database_url)").unwrap()
});

#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)([a-z0-9_.-]*(?:pass(?:w(?:or)?d|phrase|code)?|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?)[a-z0-9_.-]*)(\s*=\s*|:\s+)("[^"]*"|'[^']*'|[^\s"',;]+)"#).unwrap()
});

#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static USERINFO: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"://([^/@:\s]*):([^/\s]+)@").unwrap());

/// What is a secret by its place or by its own form: flags within a shell line, HTTP authorization, a user name that is
/// a token, the tokens of the large services, JSON web tokens.
#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static KNOWN: LazyLock<Vec<(&[&str], Regex)>> = LazyLock::new(|| {
    // A search costs half a microsecond a byte, and most lines hold none of these words.
    [
        (
            &[" -"] as &[&str],
            r"(?i)(\s--?[a-z0-9-]*(?:pass(?:word|wd|phrase)?|secret|token|api-?key|access-?key)\s+)([^\s-]\S*)",
        ),
        (&["uthorization", "UTHORIZATION"] as &[&str], r"(?i)(authorization:\s*(?:bearer|basic|token)\s+)([^\s]+)"),
        (
            &["mysql", "mariadb"] as &[&str],
            r"(?i)(\b(?:mysql|mysqladmin|mysqldump|mariadb|mariadb-admin|mariadb-dump)\b[^|;&]*?\s-p)([^\s-]\S*)",
        ),
        (
            &[" login"] as &[&str],
            r"(\b(?:docker|podman|buildah|skopeo|nerdctl|crane|oras)\s+[^|;&]*?\blogin\b[^|;&]*?\s-p\s*)([^\s$-]\S*)",
        ),
        (&["-cli"] as &[&str], r"(\b(?:redis-cli|valkey-cli)\b[^|;&]*?\s-a\s+)(\S+)"),
        (&["curl"] as &[&str], r"(\bcurl\b[^|;&]*?\s(?:-u|--user)\s+[^\s:]+:)(\S+)"),
        (&["sshpass"] as &[&str], r"(\bsshpass\s+-p\s*)(\S+)"),
        (&["://"] as &[&str], r"(://)([^/@:\s]{20,})@"),
        (
            &["gh", "gl", "xox", "_live", "dckr"] as &[&str],
            r"()((?:ghp|gho|ghs|ghu|github_pat|glpat|xoxb|xoxp|sk_live|rk_live|dckr_pat)[_-][A-Za-z0-9_-]{10,})",
        ),
        (&["eyJ"] as &[&str], r"()(eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*)"),
    ]
    .into_iter()
    .map(|(words, pattern)| (words, Regex::new(pattern).unwrap()))
    .collect()
});

/// Names whose values rules or readers need and that hold no secrets.
fn is_harmless(name: &str) -> bool {
    matches!(
        name,
        "PATH"
            | "HOME"
            | "LANG"
            | "LANGUAGE"
            | "TZ"
            | "TERM"
            | "HOSTNAME"
            | "USER"
            | "SHELL"
            | "DEBIAN_FRONTEND"
            | "PWD"
    ) || (["LD_", "LC_", "NVIDIA_", "CUDA_"].iter().any(|prefix| name.starts_with(prefix))
        // NVIDIA_API_KEY opens an account.
        && !SECRET_NAME.is_match(name))
}

/// `NAME=value` with the value taken out, unless the name says that it is harmless. An empty value stays empty: a secret
/// that is not set is none.
fn environment(entry: &mut String) {
    if let Some((name, value)) = entry.split_once('=')
        && !value.is_empty()
        && !is_harmless(name)
    {
        // Which key is meant is no secret, and says whose the secret beside it is.
        if name == "AWS_ACCESS_KEY_ID" && is_access_key_id(value) {
            return;
        }
        // Rules judge by names; what can be told by the value alone is told here.
        *entry = format!("{name}={}", if is_secret_value(value) { REDACTED_SECRET } else { REDACTED });
    }
}

/// `AKIA…` of a lasting key, `ASIA…` of a passing one.
fn is_access_key_id(value: &str) -> bool {
    let rest = value.strip_prefix("AKIA").or_else(|| value.strip_prefix("ASIA"));
    rest.is_some_and(|rest| {
        rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

/// Letters of one text that are kept. An image's labels may hold megabytes, which nobody reads and all of which would
/// have to be searched.
const LONGEST: usize = 64 << 10;

/// A line of text with what looks like a secret taken out.
pub(crate) fn line(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    let mut text = cut.and_then(|end| text.get(..end)).map_or_else(|| text.to_owned(), |kept| format!("{kept}…"));
    if text.contains("://") {
        text = USERINFO.replace_all(&text, format!("://$1:{REDACTED}@")).into_owned();
    }
    if text.contains(['=', ':']) {
        text = ASSIGNMENT.replace_all(&text, format!("$1$2{REDACTED}")).into_owned();
    }
    for (_, pattern) in
        KNOWN.iter().filter(|(words, _)| words.iter().any(|word| text.contains(word))).collect::<Vec<_>>()
    {
        let replacement = if pattern.as_str().ends_with('@') { "@" } else { "" };
        text = pattern.replace_all(&text, format!("${{1}}{REDACTED}{replacement}")).into_owned();
    }
    text
}

/// Options by name, of volumes, networks and log drivers.
pub(crate) fn options(options: &mut BTreeMap<String, String>) {
    for (name, value) in options {
        if SECRET_NAME.is_match(name) && !value.is_empty() && value.parse::<bool>().is_err() {
            REDACTED.clone_into(value);
        } else {
            *value = line(value);
        }
    }
}

/// JSON of which only the outline is known: the engine's settings, options of drivers.
pub(crate) fn json(value: &mut Value) {
    match value {
        Value::String(text) => *text = line(text),
        Value::Array(list) => list.iter_mut().for_each(json),
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    // Authorization plugins are a list, and rules read them.
                    Value::String(text) if SECRET_NAME.is_match(name) && !text.starts_with('/') => {
                        REDACTED.clone_into(text);
                    }
                    other => json(other),
                }
            }
        }
        _ => {}
    }
}

/// Arguments: what looks like a secret, and what follows a flag that names one.
pub(crate) fn arguments(arguments: &mut [String]) {
    let mut secret_follows = false;
    for argument in arguments {
        if secret_follows && !argument.starts_with('-') {
            REDACTED.clone_into(argument);
            secret_follows = false;
            continue;
        }
        secret_follows = argument.starts_with('-') && !argument.contains('=') && SECRET_NAME.is_match(argument);
        if argument.starts_with('-')
            && let Some((name, _)) = argument.split_once('=')
            && SECRET_NAME.is_match(name)
        {
            *argument = format!("{name}={REDACTED}");
            continue;
        }
        *argument = line(argument);
    }
}

fn config(config: &mut Config) {
    config.env.iter_mut().for_each(environment);
    arguments(&mut config.cmd);
    arguments(&mut config.entrypoint);
    for step in &mut config.on_build {
        *step = line(step);
    }
    if let Some(check) = &mut config.healthcheck {
        arguments(&mut check.test);
    }
    for (name, value) in &mut config.labels {
        // Password hashes of reverse proxies live in labels.
        if SECRET_NAME.is_match(name) || value.contains("$apr1$") || value.contains("$2y$") {
            REDACTED.clone_into(value);
        } else {
            *value = line(value);
        }
    }
}

/// Names of variables that an image sets and its container sets to another value, where neither value gets into the
/// facts: redacted they look the same. Both environments still hold their values here.
pub(crate) fn overridden(own: &[String], of_image: &[String]) -> Vec<String> {
    let hidden = |entry: &&String| {
        let mut shown = (*entry).clone();
        environment(&mut shown);
        shown != **entry
    };
    let changed = |entry: &String| {
        let (name, _) = entry.split_once('=')?;
        let in_image = of_image.iter().filter(hidden).filter_map(|other| Some((other, other.split_once('=')?.0)));
        let mut same_name = in_image.filter(|(_, other)| *other == name).peekable();
        same_name.peek()?;
        same_name.all(|(other, _)| other != entry).then(|| name.to_owned())
    };
    own.iter().filter(hidden).filter_map(changed).collect()
}

/// Takes the secrets out of a container.
pub(crate) fn container(container: &mut Container) {
    config(&mut container.config);
    for (name, value) in &mut container.host_config.log_config.config {
        if SECRET_NAME.is_match(name) && value.parse::<bool>().is_err() || name == "env" {
            REDACTED.clone_into(value);
        } else {
            *value = line(value);
        }
    }
    for request in &mut container.host_config.device_requests {
        options(&mut request.options);
    }
    for mount in &mut container.host_config.mounts {
        mount.volume_options.iter_mut().for_each(json);
    }
    options(&mut container.host_config.storage_opt);
    for exec in &mut container.execs {
        arguments(&mut exec.process_config.arguments);
    }
}

/// Takes the secrets out of an image.
pub(crate) fn image(image: &mut Image) {
    config(&mut image.config);
    for entry in &mut image.history {
        entry.created_by = line(&entry.created_by);
    }
}

/// Takes the secrets out of a volume's options (`o=username=…,password=…` of network filesystems).
pub(crate) fn volume(volume: &mut Volume) {
    options(&mut volume.options);
    options(&mut volume.labels);
}

/// Takes the secrets out of what the engine says of itself: addresses of mirrors, options of runtimes.
pub(crate) fn info(info: &mut Info) {
    info.runtimes.values_mut().for_each(json);
    if let Some(registries) = &mut info.registry_config {
        registries.mirrors.iter_mut().for_each(|mirror| *mirror = line(mirror));
    }
    info.warnings.iter_mut().for_each(|warning| *warning = line(warning));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_environment_go_and_names_stay() {
        let mut found = Config {
            env: ["DB_PASSWORD=hunter2", "PATH=/bin", "LD_PRELOAD=/x.so", "EMPTY_TOKEN=", "COLOUR=blue"]
                .map(String::from)
                .into(),
            ..Config::default()
        };
        config(&mut found);
        assert_eq!(
            found.env,
            ["DB_PASSWORD=<redacted>", "PATH=/bin", "LD_PRELOAD=/x.so", "EMPTY_TOKEN=", "COLOUR=<redacted>"]
        );
    }

    #[test]
    fn secrets_in_arguments_go_in_every_form() {
        let mut found: Vec<String> =
            ["app", "--password", "hunter2", "--token=abc", "postgres://u:p4ss@db/x", "--port", "80"]
                .map(String::from)
                .into();
        arguments(&mut found);
        assert_eq!(
            found,
            ["app", "--password", "<redacted>", "--token=<redacted>", "postgres://u:<redacted>@db/x", "--port", "80"]
        );
    }

    #[test]
    fn secrets_in_shell_lines_go() {
        for (text, secret) in [
            ("redis-cli -a hunter2 ping", "hunter2"),
            ("mysqladmin ping -uroot -phunter2", "hunter2"),
            ("docker login -u bot -p hunter2 registry.example", "hunter2"),
            ("/usr/bin/podman login -phunter2 quay.io", "hunter2"),
            ("sh -c redis-server --requirepass hunter2 --port 1", "hunter2"),
            ("curl -H 'Authorization: Bearer hunter2' http://x", "hunter2"),
            ("curl -u admin:hunter2 http://x", "hunter2"),
            ("addr=10.0.0.2,username=u,pass=hunter2,vers=3.0", "hunter2"),
            ("redis://:hun@ter2@db:6379/0", "ter2"),
            ("RUN git clone https://0123456789abcdefghij0123@github.com/x/y", "0123456789abcdefghij"),
            ("RUN npm i --token ghp_abcdefghij0123456789", "ghp_abcdefghij"),
        ] {
            let found = line(text);
            assert!(found.contains(REDACTED) && !found.contains(secret), "{found}");
        }
        for harmless in
            ["nginx -g daemon off;", "mkdir -p /srv", "curl -fsS http://localhost:80/a", "docker compose up -d"]
        {
            assert_eq!(line(harmless), harmless);
        }
    }

    #[test]
    fn secrets_in_settings_go_and_what_rules_read_stays() {
        let mut found = serde_json::json!({
            "proxies": {"http-proxy": "http://u:hunter2@proxy:3128"},
            "log-opts": {"splunk-token": "hunter2", "max-size": "10m"},
            "authorization-plugins": ["opa"], "tlskey": "/etc/docker/key.pem", "icc": false,
        });
        json(&mut found);
        assert!(!found.to_string().contains("hunter2"), "{found}");
        assert_eq!(found["authorization-plugins"], serde_json::json!(["opa"]));
        assert_eq!(
            (found["log-opts"]["max-size"].as_str(), found["tlskey"].as_str()),
            (Some("10m"), Some("/etc/docker/key.pem"))
        );
    }

    #[test]
    fn a_harmless_prefix_hides_no_secret() {
        let mut entry = "NVIDIA_API_KEY=nvapi-x".to_owned();
        environment(&mut entry);
        assert_eq!(entry, "NVIDIA_API_KEY=<redacted>");
    }

    #[test]
    fn what_can_be_nothing_but_a_secret_is_marked_so_whatever_its_name() {
        let mut entry = format!("GREETING=glpat-{}", "a1".repeat(10));
        environment(&mut entry);
        assert_eq!(entry, "GREETING=<redacted secret>");
    }

    #[test]
    fn secrets_in_build_steps_go() {
        assert_eq!(line("RUN /bin/sh -c API_KEY='a b' make"), "RUN /bin/sh -c API_KEY=<redacted> make");
        assert_eq!(line("ENV MYSQL_ROOT_PASSWORD=x LANG=C"), "ENV MYSQL_ROOT_PASSWORD=<redacted> LANG=C");
        assert_eq!(line("/bin/sh -c #(nop)  ENV GITHUB_TOKEN=ghp"), "/bin/sh -c #(nop)  ENV GITHUB_TOKEN=<redacted>");
    }

    #[test]
    fn a_text_of_megabytes_is_cut() {
        assert_eq!(line(&"ä".repeat(1 << 20)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_value_that_replaces_the_images_is_told_by_its_name_where_both_are_hidden() {
        let texts = |list: &[&str]| -> Vec<String> { list.iter().map(ToString::to_string).collect() };
        let image = texts(&["PATH=/bin", "DB_PASSWORD=a", "VERSION=1", "EMPTY="]);
        let own = texts(&["PATH=/usr/bin", "DB_PASSWORD=b", "VERSION=1", "EMPTY=x", "OTHER=y", "nonsense"]);
        // PATH and EMPTY can be seen to differ, OTHER is not the image's.
        assert_eq!(overridden(&own, &image), ["DB_PASSWORD"]);
        assert_eq!(overridden(&image, &image), [""; 0]);
        assert_eq!(overridden(&own, &[]), [""; 0]);
    }
}
