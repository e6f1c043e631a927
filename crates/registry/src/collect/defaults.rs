//! Logins that stand in documentation. They are tried when the user asks for it, and never at a public service.

use keelguard_distribution::credentials::Login;
use keelguard_distribution::login;

use super::ask::Asker;
use super::token::Giver;

/// Name, password, and where it stands: Harbor's and Nexus' and Artifactory's first administrators, the examples of Docker's
/// and Distribution's documentation, and what is set in a hurry.
const PAIRS: &[(&str, &str)] = &[
    ("admin", "Harbor12345"),
    ("admin", "admin"),
    ("admin", "password"),
    ("admin", "admin123"),
    ("docker", "docker"),
    ("registry", "registry"),
    ("testuser", "testpassword"),
    ("user", "password"),
    ("root", "root"),
];

/// Nobody has it: a registry that takes this one takes any, and says nothing by it.
const NOBODY: (&str, &str) = ("keelguard-nobody", "keelguard-nobody");

/// What came of trying.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    pub(crate) taken: Vec<String>,
    pub(crate) count: usize,
    /// It slowed down, or shut out who tried.
    pub(crate) slowed: bool,
    /// Why no more were tried.
    pub(crate) ended: Option<String>,
}

/// Tries them one after another. `giver` gives tokens, where the registry wants such.
pub(crate) async fn all(asker: &Asker, giver: Option<&Giver>) -> Tried {
    let mut tried = Tried::default();
    for (name, password) in [NOBODY].iter().chain(PAIRS) {
        let taken = match giver {
            Some(giver) => {
                let login = Login::Password((*name).to_owned(), (*password).to_owned());
                // A token server may answer whoever comes; what is meant for nobody is worth nothing.
                giver.token(asker, "repository:keelguard-probe:pull", Some(&login)).await.map(|token| token.is_some())
            }
            None => match login::basic(name, password) {
                Ok(header) => asker.get("/v2/", Some(&header)).await.map(|answer| {
                    tried.slowed |= answer.status == 429 || answer.headers.contains_key("retry-after");
                    answer.status == 200
                }),
                Err(fault) => Err(fault),
            },
        };
        match taken {
            Ok(true) if *name == NOBODY.0 => {
                tried.ended = Some("it takes whatever login it is given, so that nothing is told by one".into());
                return tried;
            }
            Ok(taken) => {
                tried.count += 1;
                if taken {
                    tried.taken.push((*name).to_owned());
                }
            }
            Err(fault) => {
                let why = fault.why();
                tried.slowed |= why.contains("429");
                tried.ended = Some(why);
                return tried;
            }
        }
        if tried.slowed {
            return tried;
        }
    }
    tried
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_tried_once() {
        let mut seen = PAIRS.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), PAIRS.len());
    }
}
