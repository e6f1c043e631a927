//! Which variables and build steps hold secrets: by their names, and by values that can be nothing else. Values are never
//! kept.

/// What stands in place of a value that was left out, be it a secret or not.
pub const REDACTED: &str = "<redacted>";

/// What stands in place of a value that can be nothing but a secret, whatever it is called.
pub const REDACTED_SECRET: &str = "<redacted secret>";

/// Whether a value was left out.
pub fn is_redacted(value: &str) -> bool {
    value == REDACTED || value == REDACTED_SECRET
}

/// Whether a variable of this name holds a secret, rather than where one lies or how it is dealt with.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).collect();
    let pointer =
        ["FILE", "PATH", "DIR", "URL", "URI", "ID", "NAME", "HEADER", "LENGTH", "TTL", "TIMEOUT", "EXPIRY", "STDIN"];
    if words.last().is_some_and(|last| pointer.contains(last)) || name.contains("PUBLIC_KEY") {
        return false;
    }
    words.iter().any(|word| {
        matches!(*word, "PASSWORD" | "PASSWD" | "PASSPHRASE" | "PASS" | "PWD" | "TOKEN" | "SECRET" | "APIKEY")
            || (word.ends_with("PASSWORD") && word.len() > 8)
    }) && name != "PWD"
        && name != "OLDPWD"
        // `DOCKER_AUTH_CONFIG`, which GitLab's runners read, is a whole file of logins.
        || ["API_KEY", "PRIVATE_KEY", "ACCESS_KEY", "SECRET_KEY", "ENCRYPTION_KEY", "AUTH_CONFIG"]
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
    ("xoxs-", 20),
    ("xapp-", 20),
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

/// Whether a value can be nothing but a secret: a token in the form of somebody who issues such, a JSON web token, the key
/// of an AWS user, a private key, or an address with a password in it.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    value == REDACTED_SECRET
        || issued_as(value).is_some()
        || (value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----"))
        || has_password(value)
}

/// How the token that `value` is begins.
fn issued_as(value: &str) -> Option<&'static str> {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let begin = TOKENS.iter().find(|(begin, least)| {
        value.strip_prefix(begin).is_some_and(|rest| rest.len() >= *least && rest.bytes().all(of_token))
    });
    begin.map(|(begin, _)| *begin).or_else(|| is_web_token(value).then_some("eyJ")).or_else(|| aws_key(value))
}

/// Three parts in base64url, of which the first two are JSON objects: `{"` is `eyJ`.
fn is_web_token(value: &str) -> bool {
    let of_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let parts: Vec<&str> = value.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else { return false };
    [header, payload].iter().all(|part| part.starts_with("eyJ") && part.len() >= 12)
        && signature.len() >= 20
        && parts.iter().all(|part| part.bytes().all(of_part))
}

/// The identifier of a lasting access key, which is only ever written down beside the key. AWS's documentation ends its
/// examples in `EXAMPLE`.
fn aws_key(value: &str) -> Option<&'static str> {
    let rest = value.strip_prefix("AKIA").filter(|rest| rest.len() == 16 && !rest.ends_with("EXAMPLE"))?;
    rest.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)).then_some("AKIA")
}

/// Whether `value` is an address such as `postgres://user:password@host/`, with a password that is no place to put one.
fn has_password(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let is_scheme =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let login = match rest.get(..end).and_then(|authority| authority.rsplit_once('@')) {
        Some((login, _)) => login,
        // A password that nobody encoded holds such letters itself. A port in front of them is none.
        None => match rest.rsplit_once('@') {
            Some((login, host)) if !has_port(login) && host.starts_with(|c: char| c.is_ascii_alphanumeric()) => login,
            _ => return false,
        },
    };
    let Some((user, password)) = login.split_once(':') else { return false };
    let lower = password.to_ascii_lowercase();
    let is_place = password.starts_with(['$', '<', '{', '%', '*'])
        || password.contains("${")
        || matches!(lower.as_str(), "" | "password" | "pass" | "secret" | "changeme" | "user" | "example")
        || lower.bytes().all(|byte| byte == b'x');
    is_scheme && !is_place && !user.contains(['[', '/', '?', '#'])
}

/// Whether the text is a host with its port and a path: `example.com:8443/a`.
fn has_port(text: &str) -> bool {
    let port = text.split_once(':').map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Flags of programs behind which a secret stands. Others have such words in them and take no secret:
/// `adduser --disabled-password app`.
const FLAGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "api-key",
    "apikey",
    "access-key",
    "secret-key",
    "secret-access-key",
    "auth-token",
    "access-token",
    "client-secret",
    "admin-password",
    "root-password",
    "db-password",
];

/// The secrets that stand in a build step, as they may be shown: `TOKEN=<redacted>` of `RUN TOKEN=… make`, `ENV` or `ARG`,
/// `--password <redacted>`, `Authorization: <redacted>`, `ghp_<redacted>`. Each once.
pub fn secrets_in_step(step: &str) -> Vec<String> {
    let quotes = ['\'', '"', '`', ',', ';', '(', ')', '|'];
    let words: Vec<&str> = step.split_whitespace().collect();
    let mut found: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = |ahead: usize| words.get(index + ahead).map(|word| word.trim_matches(quotes)).unwrap_or_default();
        let before = words.get(..index).unwrap_or_default();
        found.extend(assigned(word).or_else(|| given(word.trim_matches(quotes), next, logs_in(before))));
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|secret| seen.insert(secret.clone()));
    found
}

/// `NAME=value`.
fn assigned(word: &str) -> Option<String> {
    let (name, value) = word.split_once('=')?;
    let dashes = name.trim_start_matches(['\'', '"', '|']);
    let name = dashes.trim_start_matches('-');
    let is_flag = dashes.starts_with("--") && FLAGS.contains(&name);
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let by_name = (is_plain && names_secret(name) || is_flag) && is_value(value);
    let was_secret = value.contains("<redacted") || is_secret_value(value);
    (by_name || (was_secret && (is_plain || dashes.starts_with("--")))).then(|| format!("{name}={REDACTED}"))
}

/// Whether what stands before is a login to a registry that has not ended yet: `docker login -u me`.
fn logs_in(before: &[&str]) -> bool {
    const CLIENTS: [&str; 7] = ["docker", "podman", "buildah", "skopeo", "nerdctl", "crane", "oras"];
    let begin = before.iter().rposition(|word| word.ends_with(['&', ';', '|']) || matches!(*word, "&&" | "||"));
    let command = before.get(begin.map_or(0, |end| end + 1)..).unwrap_or_default();
    let is_client =
        |word: &&str| CLIENTS.contains(&word.rsplit('/').next().unwrap_or_default().trim_matches(['\'', '"', '(']));
    command.contains(&"login") && command.iter().any(is_client)
}

/// A secret that is a word of its own, or the one behind a flag.
fn given<'a>(word: &'a str, next: impl Fn(usize) -> &'a str, logs_in: bool) -> Option<String> {
    let is_given = |value: &str| is_value(value) && !value.starts_with(['-', '<', '{', '*', '!']) || is_redacted(value);
    if let Some(flag) = word.strip_prefix("--").filter(|flag| FLAGS.contains(flag)) {
        return is_given(next(1)).then(|| format!("--{flag} {REDACTED}"));
    }
    if word.eq_ignore_ascii_case("authorization:") {
        let scheme = ["bearer", "basic", "token"].iter().any(|scheme| scheme.eq_ignore_ascii_case(next(1)));
        return (scheme && is_given(next(2))).then(|| format!("Authorization: {REDACTED}"));
    }
    if let Some(name) = word.strip_prefix("-p").filter(|_| logs_in) {
        // `docker login -p` and `skopeo login -p`, with the password behind it or right after.
        let value = if name.is_empty() { next(1) } else { name };
        return is_given(value).then(|| format!("-p {REDACTED}"));
    }
    if matches!(word, "-u" | "--user") {
        // What curl and wget take: a name alone is asked for its password.
        let (_, password) = next(1).split_once(':')?;
        let is_numbers = next(1).bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
        return (is_given(password) && !is_numbers).then(|| format!("{word} {REDACTED}"));
    }
    issued_as(word).map(|begin| format!("{begin}{REDACTED}")).or_else(|| {
        let scheme = word.split_once("://").map(|(scheme, _)| scheme).filter(|_| has_password(word))?;
        Some(format!("{scheme}://{REDACTED}"))
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
            "postgres://admin:pa/ss?wo#rd@db:5432/shop",
            "AKIAQRSTUVWXYZ234567",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xMjM.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
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
            "AKIAIOSFODNN7EXAMPLE",
            "https://[::1]:8443/a@b",
            "https://example.com/a:b@c",
            "eyJhbGciOiJIUzI1NiJ9.eyJ",
        ] {
            assert!(!is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn a_build_step_that_sets_a_token_is_found_by_its_value() {
        let step = format!("RUN X=ghp_{} make", "a".repeat(36));
        assert_eq!(secrets_in_step(&step), ["X=<redacted>"]);
    }

    #[test]
    fn a_build_step_shows_its_secrets_wherever_they_stand() {
        let token = format!("glpat-{}", "a1".repeat(10));
        for (step, expected) in [
            ("RUN mysql --password hunter2 -e 'SELECT 1'", "--password <redacted>"),
            ("RUN deploy --api-key=0a1b2c3d", "api-key=<redacted>"),
            ("RUN curl -H 'Authorization: Bearer abcdef' https://x.example", "Authorization: <redacted>"),
            ("RUN curl -u deploy:hunter2 https://x.example/a", "-u <redacted>"),
            ("RUN git clone https://bot:hunter2@git.example/a.git", "https://<redacted>"),
            (&format!("RUN echo {token} > /root/.token"), "glpat-<redacted>"),
            ("RUN /bin/sh -c \"TOKEN=abc make\"", "TOKEN=<redacted>"),
            ("RUN docker login -u bot -p hunter2 registry.example && make", "-p <redacted>"),
            ("RUN make; podman login -phunter2 quay.io", "-p <redacted>"),
            // As facts of a host have it.
            ("RUN X=<redacted> make", "X=<redacted>"),
        ] {
            assert_eq!(secrets_in_step(step), [expected], "{step}");
        }
    }

    #[test]
    fn a_build_step_that_only_speaks_of_secrets_holds_none() {
        for step in [
            "RUN adduser --disabled-password --gecos '' app",
            "RUN adduser --disabled-password app",
            "RUN docker login -u bot && mkdir -p /srv/app",
            "RUN mkdir -p docker login",
            "RUN docker login -u bot -p $TOKEN registry.example",
            "RUN --mount=type=secret,id=token cat /run/secrets/token | docker login --password-stdin -u bot",
            "RUN useradd --password '!' app",
            "RUN mysql --password $PASSWORD",
            "RUN curl -H \"Authorization: Bearer $TOKEN\" https://x.example",
            "USER 1000:1000",
            "RUN chown -R -u 1000:1000 /srv",
            "ARG NPM_TOKEN",
            "ENV PYTHONPATH=/srv/app",
        ] {
            assert_eq!(secrets_in_step(step), [""; 0], "{step}");
        }
    }
}
