//! Principals by ARN, or by a name that only one has.

use super::{Accounts, Person};

/// Why nobody was found.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// Nobody has that name.
    #[error("find the principal {name:?}: there is none in the facts{near}")]
    Nobody {
        /// The name.
        name: String,
        /// `; did you mean …?`, or nothing.
        near: String,
    },
    /// Several have it.
    #[error("find the principal {name:?}: {} have that name; say which by its ARN", .all.join(" and "))]
    Several {
        /// The name.
        name: String,
        /// Their ARNs.
        all: Vec<String>,
    },
}

impl Accounts<'_> {
    /// The principal with this ARN or name: `alice`, `user/alice`, `role/app/web`, an ARN.
    pub fn find(&self, text: &str) -> Result<&Person, NotFound> {
        // A session may do what its role may.
        let role = text.split_once(":assumed-role/").and_then(|(before, rest)| {
            let account = before.rsplit(':').next()?;
            Some((account, rest.split('/').next()?))
        });
        let fits = |person: &&Person| match role {
            Some((account, role)) => person.name == role && person.arn.contains(&format!("::{account}:role/")),
            None => {
                person.arn == text
                    || person.name == text
                    || person.arn.rsplit_once(':').is_some_and(|(_, name)| name == text)
                    || text.split_once('/') == Some((person.kind.name(), &person.name))
            }
        };
        let found: Vec<&Person> = self.people.iter().filter(fits).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(NotFound::Nobody { name: text.to_owned(), near: self.near(text) }),
            several => Err(NotFound::Several {
                name: text.to_owned(),
                all: several.iter().take(5).map(|person| person.arn.clone()).collect(),
            }),
        }
    }

    fn near(&self, text: &str) -> String {
        let likeness =
            |person: &Person| strsim::jaro_winkler(text, &person.name).max(strsim::jaro_winkler(text, &person.arn));
        let nearest = self.people.iter().map(|person| (likeness(person), person));
        let nearest = nearest.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.75);
        nearest.map(|(_, person)| format!("; did you mean {}?", person.arn)).unwrap_or_default()
    }
}
