//! Places by the names that people type: `--from web --to host`.

use keelguard_model::text::printable;
use keelguard_model::{Subject, SubjectKind};

use crate::graph::Graph;

/// The shortest beginning of a container's id that is taken for one.
const SHORTEST_ID: usize = 4;
/// How many similar names an error proposes.
const PROPOSALS: usize = 3;

/// A name that names no place, or several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Nothing is called that.
    #[error("no container or other place is called {:?}{}", printable(asked), proposals(near))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// Names like it, the most similar first.
        near: Vec<String>,
    },
    /// A beginning of several ids.
    #[error("{:?} is the beginning of several container ids: {}", printable(asked), listed(these))]
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// The containers it could be.
        these: Vec<String>,
    },
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| printable(name).into_owned()).collect::<Vec<_>>().join(", ")
}

fn proposals(near: &[String]) -> String {
    if near.is_empty() {
        "; try a container's name, internet, host, cloud or network:NAME".to_owned()
    } else {
        format!(
            "; did you mean {}?",
            near.iter().map(|name| printable(name).into_owned()).collect::<Vec<_>>().join(" or ")
        )
    }
}

impl Graph {
    /// The places that `name` names: `internet`, `host`, `cloud`, `containers` (all of them), `KIND:NAME` for any kind of
    /// subject, else a container by name or by the beginning of its id. A container that is called like one of the words
    /// is `container:host`.
    pub fn resolve(&self, name: &str) -> Result<Vec<Subject>, PlaceError> {
        let of = |kind: SubjectKind| self.places().filter(move |place| place.kind == kind);
        match name {
            "internet" => return Ok(vec![Subject::internet()]),
            "host" => return Ok(vec![Subject::host_root()]),
            // A place even where nothing leads to it: the answer is then that there is no path.
            "cloud" if of(SubjectKind::Cloud).next().is_none() => return Ok(vec![Subject::cloud()]),
            "cloud" => return Ok(of(SubjectKind::Cloud).cloned().collect()),
            "containers" => return Ok(of(SubjectKind::Container).cloned().collect()),
            _ => {}
        }
        if let Some((kind, rest)) = name.split_once(':')
            && let Some(place) = self.places().find(|place| place.kind.name() == kind && place.name == rest)
        {
            return Ok(vec![place.clone()]);
        }
        let bare = name.strip_prefix("container:").unwrap_or(name);
        let bare = bare.strip_prefix('/').unwrap_or(bare);
        if let Some(container) = of(SubjectKind::Container).find(|place| place.name == bare) {
            return Ok(vec![container.clone()]);
        }
        let by_id: Vec<Subject> = of(SubjectKind::Container)
            .filter(|place| bare.len() >= SHORTEST_ID && place.id.as_deref().is_some_and(|id| id.starts_with(bare)))
            .cloned()
            .collect();
        match by_id.len() {
            0 => Err(PlaceError::Unknown { asked: name.to_owned(), near: self.near(bare) }),
            1 => Ok(by_id),
            _ => Err(PlaceError::Ambiguous {
                asked: name.to_owned(),
                these: by_id.into_iter().take(PROPOSALS).map(|place| place.name).collect(),
            }),
        }
    }

    fn near(&self, asked: &str) -> Vec<String> {
        let words = ["internet", "host", "cloud", "containers"].map(str::to_owned);
        let places = self.places().filter(|place| place.name.len() <= 128).filter_map(|place| match place.kind {
            SubjectKind::Container => Some(place.name.clone()),
            SubjectKind::Host | SubjectKind::Internet | SubjectKind::Cloud => None,
            kind => Some(format!("{}:{}", kind.name(), place.name)),
        });
        let asked: String = asked.chars().take(128).collect();
        let mut scored: Vec<(f64, String)> = words
            .into_iter()
            .chain(places)
            .map(|name| (strsim::jaro_winkler(&asked, &name), name))
            .filter(|(score, _)| *score > 0.8)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        scored.into_iter().take(PROPOSALS).map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::*;

    fn graph() -> Graph {
        let facts = sample::host()
            .container("web", |c| c.id = "abcd1111".into())
            .container("database", |c| c.id = "abcd2222".into())
            .container("host", |_| {})
            .facts();
        Graph::build(&facts, &[])
    }

    #[test]
    fn a_place_is_found_by_word_name_kind_and_beginning_of_an_id() {
        let graph = graph();
        let names =
            |asked: &str| graph.resolve(asked).map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(names("internet").unwrap(), ["internet internet"]);
        assert_eq!(names("host").unwrap(), ["host root"]);
        assert_eq!(names("container:host").unwrap(), ["container host"]);
        assert_eq!(names("web").unwrap(), ["container web"]);
        assert_eq!(names("/web").unwrap(), ["container web"]);
        assert_eq!(names("abcd2").unwrap(), ["container database"]);
        assert_eq!(names("network:bridge").unwrap(), ["network bridge"]);
        assert_eq!(names("containers").unwrap().len(), 3);
    }

    #[test]
    fn a_misspelt_name_gets_a_proposal_and_an_ambiguous_one_the_choice() {
        let graph = graph();
        let say = |asked: &str| graph.resolve(asked).unwrap_err().to_string();
        assert_eq!(say("databse"), "no container or other place is called \"databse\"; did you mean database?");
        assert_eq!(say("abcd"), "\"abcd\" is the beginning of several container ids: web, database");
        assert!(say("zzzz").ends_with("try a container's name, internet, host, cloud or network:NAME"));
    }

    #[test]
    fn a_hostile_name_is_escaped_in_the_error() {
        assert!(!graph().resolve("\u{1b}[2J").unwrap_err().to_string().contains('\u{1b}'));
    }
}
