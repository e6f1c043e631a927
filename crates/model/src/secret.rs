//! Which variables hold secrets: by their names, and by values that can be nothing else. Values are never kept.

/// Whether a variable of this name holds a secret, rather than where one lies or how it is dealt with.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).collect();
    let pointer = ["FILE", "PATH", "DIR", "URL", "URI", "ID", "NAME", "HEADER", "LENGTH", "TTL", "TIMEOUT", "EXPIRY"];
    if words.last().is_some_and(|last| pointer.contains(last)) || name.contains("PUBLIC_KEY") {
        return false;
    }
    words.iter().any(|word| {
        matches!(*word, "PASSWORD" | "PASSWD" | "PASSPHRASE" | "PASS" | "PWD" | "TOKEN" | "SECRET" | "APIKEY")
            || (word.ends_with("PASSWORD") && word.len() > 8)
    }) && name != "PWD"
        && name != "OLDPWD"
        || ["API_KEY", "PRIVATE_KEY", "ACCESS_KEY", "SECRET_KEY", "ENCRYPTION_KEY"]
            .iter()
            .any(|key| name.ends_with(key))
}

/// Whether `value` can be a secret: values that only say how, or name another variable, are none.
pub fn is_value(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']).to_ascii_lowercase();
    !matches!(value.as_str(), "" | "true" | "false" | "yes" | "no" | "0" | "1") && !value.starts_with('$')
}

/// Beginnings of tokens, and how many letters, digits and signs follow at least. Each is documented by who issues it: GitHub,
/// GitLab, Slack, Stripe, npm, PyPI, Google, SendGrid, Docker's hub, Hugging Face, DigitalOcean.
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 50),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("xoxr-", 20),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("npm_", 36),
    ("pypi-AgEIcHlwaS5vcmc", 20),
    ("AIza", 35),
    ("SG.", 60),
    ("dckr_pat_", 20),
    ("hf_", 30),
    ("dop_v1_", 60),
];

/// Whether a value can be nothing but a secret: a token in the form of somebody who issues such, a private key, or an
/// address with a password in it.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_token = TOKENS.iter().any(|(begin, least)| {
        value.strip_prefix(begin).is_some_and(|rest| rest.len() >= *least && rest.bytes().all(of_token))
    });
    is_token || (value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----")) || has_password(value)
}

/// Whether `value` is an address such as `postgres://user:password@host/`, with a password that is no place to put one.
fn has_password(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((_, password)) = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':')) else {
        return false;
    };
    let is_scheme =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let lower = password.to_ascii_lowercase();
    let is_place = password.starts_with(['$', '<', '{', '%', '*'])
        || password.contains("${")
        || matches!(lower.as_str(), "" | "password" | "pass" | "secret" | "changeme" | "user" | "example")
        || lower.bytes().all(|byte| byte == b'x');
    is_scheme && !is_place
}

/// Names of variables to which a build step gives a secret: `RUN TOKEN=… make`, `ENV`, `ARG`.
pub fn secrets_in_step(step: &str) -> impl Iterator<Item = &str> {
    step.split_whitespace().filter_map(|word| word.split_once('=')).filter_map(|(name, value)| {
        let name = name.trim_start_matches(['-', '\'', '"', '|']);
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (plain && ((names_secret(name) && is_value(value)) || is_secret_value(value))).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_values_are_secrets_whatever_their_names() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        for value in [
            token.as_str(),
            "postgres://admin:S3cr3t!x@db:5432/shop",
            "redis://:pw1234@cache",
            "\"amqp+ssl://worker:hunter2@mq\"",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl",
        ] {
            assert!(is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn addresses_without_a_password_and_places_to_put_one_are_none() {
        for value in [
            "https://example.com:8443/a@b",
            "postgres://user:${DB_PASSWORD}@db/shop",
            "mysql://root:<password>@db",
            "mysql://user:password@localhost",
            "redis://:xxxx@cache",
            "ssh://git@example.com/one.git",
            "ghp_short",
            "npm_config_cache",
            "SG.",
            "/usr/local/sbin:/usr/bin@",
        ] {
            assert!(!is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn a_build_step_that_sets_a_token_is_found_by_its_value() {
        let step = format!("RUN X=ghp_{} make", "a".repeat(36));
        assert_eq!(secrets_in_step(&step).collect::<Vec<_>>(), ["X"]);
    }
}
