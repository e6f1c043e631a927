//! Which names of variables stand for secrets. The names decide; values are never kept.

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

/// Names of variables to which a build step gives a secret: `RUN TOKEN=… make`, `ENV`, `ARG`.
pub fn secrets_in_step(step: &str) -> impl Iterator<Item = &str> {
    step.split_whitespace().filter_map(|word| word.split_once('=')).filter_map(|(name, value)| {
        let name = name.trim_start_matches(['-', '\'', '"', '|']);
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (plain && names_secret(name) && is_value(value)).then_some(name)
    })
}
