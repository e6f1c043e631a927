//! What a registry wants before it answers: `WWW-Authenticate` (RFC 9110, section 11.6.1), of which registries write two
//! kinds.

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token, to be fetched first.
    Bearer {
        /// Where.
        realm: String,
        /// For whom; empty where nothing is said.
        service: String,
    },
}

impl Challenge {
    /// What one header asks for, the first that is understood; none where it is something else.
    pub fn parse(header: &str) -> Option<Self> {
        // Longer ones are an attempt at something else.
        let header = header.get(..header.len().min(4096))?.trim_start();
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parameters(rest);
        let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Some(Self::Bearer { realm: get("realm")?, service: get("service").unwrap_or_default() })
    }
}

/// `a="b", c=d`, with what is quoted unquoted.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        let key: String = std::iter::from_fn(|| letters.next_if(|letter| *letter != '=')).collect();
        if letters.next().is_none() {
            return found;
        }
        let mut value = String::new();
        if letters.next_if_eq(&'"').is_some() {
            while let Some(letter) = letters.next() {
                match letter {
                    '"' => break,
                    '\\' => value.extend(letters.next()),
                    letter => value.push(letter),
                }
            }
        } else {
            value.extend(std::iter::from_fn(|| letters.next_if(|letter| *letter != ',')));
        }
        let key = key.trim_matches([',', ' ', '\t']).to_ascii_lowercase();
        found.push((key, value.trim().to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_understood_with_commas_in_what_is_quoted() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull,push""#;
        let bearer = |realm: &str, service: &str| Challenge::Bearer { realm: realm.into(), service: service.into() };
        assert_eq!(Challenge::parse(hub), Some(bearer("https://auth.docker.io/token", "registry.docker.io")));
        assert_eq!(Challenge::parse("bearer scope=\"a,b\", realm=https://x/\\ "), Some(bearer("https://x/\\", "")));
        assert_eq!(Challenge::parse("Basic realm=\"Registry\""), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("basic"), Some(Challenge::Basic));
        for other in ["Negotiate", "Bearer", "Bearer service=x", "", "=", "Bearer realm", "Bearer \"\"\\"] {
            assert_eq!(Challenge::parse(other), None, "{other}");
        }
    }
}
