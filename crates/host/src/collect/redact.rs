//! Facts are made to be shared, so secrets do not get into them: values of the environment, of arguments and of build
//! steps are left out where they are, or look like, a secret. Names stay, for the rules.

use std::sync::LazyLock;

use regex_lite::Regex;

use crate::facts::{Config, Container, Image, Volume};

/// What stands in place of a value.
pub const REDACTED: &str = "<redacted>";

/// Words in a name that make its value a secret.
#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(pass(word|wd|phrase)?|pwd|secret|token|api_?key|private_?key|access_?key|credential|auth|cookie|salt|signing|encryption_key|dsn|connection_?string|database_url)").unwrap()
});

#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)([a-z0-9_.-]*(?:passw(?:or)?d|passphrase|secret|token|api_?key|private_?key|access_?key|credentials?)[a-z0-9_.-]*)(\s*=\s*|:\s+)("[^"]*"|'[^']*'|[^\s"',;]+)"#).unwrap()
});

#[allow(clippy::unwrap_used, reason = "a constant pattern; a test compiles it")]
static USERINFO: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"://([^/@:\s]*):([^/@\s]+)@").unwrap());

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
    ) || ["LD_", "LC_", "NVIDIA_", "CUDA_"].iter().any(|prefix| name.starts_with(prefix))
}

/// `NAME=value` with the value taken out, unless the name says that it is harmless. An empty value stays empty: a secret
/// that is not set is none.
fn environment(entry: &mut String) {
    if let Some((name, value)) = entry.split_once('=')
        && !value.is_empty()
        && !is_harmless(name)
    {
        *entry = format!("{name}={REDACTED}");
    }
}

/// A line of text with what looks like a secret taken out.
pub(crate) fn line(text: &str) -> String {
    let text = USERINFO.replace_all(text, format!("://$1:{REDACTED}@"));
    ASSIGNMENT.replace_all(&text, format!("$1$2{REDACTED}")).into_owned()
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

/// Takes the secrets out of a container.
pub(crate) fn container(container: &mut Container) {
    config(&mut container.config);
    for (name, value) in &mut container.host_config.log_config.config {
        if SECRET_NAME.is_match(name) || name == "env" {
            REDACTED.clone_into(value);
        } else {
            *value = line(value);
        }
    }
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
    for value in volume.options.values_mut() {
        *value = line(value);
    }
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
    fn secrets_in_build_steps_go() {
        assert_eq!(line("RUN /bin/sh -c API_KEY='a b' make"), "RUN /bin/sh -c API_KEY=<redacted> make");
        assert_eq!(line("ENV MYSQL_ROOT_PASSWORD=x LANG=C"), "ENV MYSQL_ROOT_PASSWORD=<redacted> LANG=C");
        assert_eq!(line("/bin/sh -c #(nop)  ENV GITHUB_TOKEN=ghp"), "/bin/sh -c #(nop)  ENV GITHUB_TOKEN=<redacted>");
    }
}
