//! Tokens: who gives them, and what they are good for beyond what was asked. Nobody's signature is checked here, since nothing
//! is let in by them; what they say of themselves is what a registry will believe.

use base64::Engine as _;
use keelguard_distribution::credentials::Login;
use keelguard_distribution::login::{self, Wanted};
use keelguard_distribution::{Challenge, Fault, shown};
use keelguard_model::registry::Token;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use super::ask::Asker;

/// Rights that are kept of one token.
const MAX_RIGHTS: usize = 50;

/// Who gives tokens for a registry, where it wants such.
#[derive(Clone, Debug)]
pub(crate) struct Giver {
    pub(crate) realm: String,
    pub(crate) service: String,
}

impl Giver {
    pub(crate) fn of(challenges: &[Challenge]) -> Option<Self> {
        challenges.iter().find_map(|challenge| match challenge {
            Challenge::Bearer { realm, service } => Some(Self { realm: realm.clone(), service: service.clone() }),
            Challenge::Basic => None,
        })
    }

    /// A token for `scope`; none where it is refused.
    pub(crate) async fn token(
        &self,
        asker: &Asker,
        scope: &str,
        login: Option<&Login>,
    ) -> Result<Option<String>, Fault> {
        let wanted = Wanted { base: &asker.base, realm: &self.realm, service: &self.service, scope };
        login::token(&asker.transport, &wanted, login).await
    }

    /// The same as a header.
    pub(crate) async fn header(
        &self,
        asker: &Asker,
        scope: &str,
        login: Option<&Login>,
    ) -> Result<Option<HeaderValue>, Fault> {
        let token = self.token(asker, scope, login).await?;
        token.map(|token| login::bearer_header(&token)).transpose()
    }
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    access: Vec<Right>,
    exp: Option<i64>,
    iat: Option<i64>,
    nbf: Option<i64>,
}

/// `{"type": "repository", "name": "web", "actions": ["pull"]}`.
#[derive(Deserialize)]
struct Right {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    actions: Vec<String>,
}

/// What `token` is good for, where it is one that says so. `scope` is what was asked for: `repository:NAME:ACTION,…`.
pub(crate) fn read(token: &str, scope: &str, realm: &str) -> Option<Token> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&bytes).ok()?;
    let mut found = Token { realm: shown(realm), asked: scope.to_owned(), ..Token::default() };
    found.seconds = claims.exp.zip(claims.iat.or(claims.nbf)).and_then(|(end, begin)| u64::try_from(end - begin).ok());
    for right in claims.access.iter().take(MAX_RIGHTS) {
        for action in right.actions.iter().take(MAX_RIGHTS) {
            let written = format!("{}:{}:{action}", right.kind, right.name);
            if !is_asked(right, action, scope) && found.beyond.len() < MAX_RIGHTS {
                found.beyond.push(shown(&written));
            }
            if found.granted.len() < MAX_RIGHTS {
                found.granted.push(shown(&written));
            }
        }
    }
    Some(found)
}

fn is_asked(right: &Right, action: &str, scope: &str) -> bool {
    let mut parts = scope.splitn(2, ':');
    let (Some(kind), Some((name, actions))) = (parts.next(), parts.next().and_then(|rest| rest.rsplit_once(':')))
    else {
        return false;
    };
    right.kind == kind && right.name == name && actions.split(',').any(|asked| asked == action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2lnbmF0dXJl", part(r#"{"alg":"RS256"}"#), part(claims))
    }

    #[test]
    fn what_a_token_may_do_beyond_what_was_asked_is_named() {
        let scope = "repository:shop/web:pull";
        let narrow =
            token(r#"{"access":[{"type":"repository","name":"shop/web","actions":["pull"]}],"iat":100,"exp":400}"#);
        let found = read(&narrow, scope, "https://auth.example/token").unwrap();
        assert_eq!((found.beyond.len(), found.seconds), (0, Some(300)));
        let wide = token(
            r#"{"access":[{"type":"repository","name":"shop/web","actions":["pull","push","*"]},
                {"type":"registry","name":"catalog","actions":["*"]},{"type":"repository","name":"shop/other","actions":["pull"]}]}"#,
        );
        assert_eq!(
            read(&wide, scope, "").unwrap().beyond,
            ["repository:shop/web:push", "repository:shop/web:*", "registry:catalog:*", "repository:shop/other:pull"]
        );
    }

    #[test]
    fn a_token_that_says_nothing_of_itself_is_none() {
        for text in ["", "opaque", "a.b.c", "a.e30", "....", &token("[]"), &token("{\"access\": 1}")] {
            assert!(read(text, "repository:x:pull", "").is_none(), "{text}");
        }
        assert!(read(&token("{}"), "repository:x:pull", "").unwrap().granted.is_empty());
    }

    #[test]
    fn a_token_with_a_thousand_rights_is_cut() {
        let rights = vec![r#"{"type":"repository","name":"x","actions":["push"]}"#; 1000].join(",");
        assert_eq!(
            read(&token(&format!("{{\"access\":[{rights}]}}")), "repository:x:pull", "").unwrap().beyond.len(),
            50
        );
    }
}
