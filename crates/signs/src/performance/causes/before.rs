//! What came just before: whoever sees a system unlike itself asks first what was changed. Of all that is known to have happened
//! the nearest of each kind is told, a deployment before a login, a login before a package.

use std::collections::BTreeMap;

use keelguard_model::{Evidence, Finding};
use serde::{Deserialize, Serialize};

use crate::words::{span, when};

/// Seconds before a finding begins in which a cause is looked for.
const BEFORE: i64 = 1800;
/// Seconds after it: clocks of logs and measurements are read at different times.
const AFTER: i64 = 30;
/// Of each kind, so many are told.
const TOLD: usize = 2;

/// What kind of event; the likelier cause first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A container was created or started, an image came.
    Deployment,
    /// A container or service ended.
    End,
    /// Somebody logged in.
    Login,
    /// A package was installed, upgraded or removed.
    Package,
    /// The machine was started.
    Boot,
    /// Anything else that is known, such as a command.
    Other,
}

impl What {
    const fn words(self) -> &'static str {
        match self {
            Self::Deployment => "deployment just before",
            Self::End => "ended just before",
            Self::Login => "login just before",
            Self::Package => "package just before",
            Self::Boot => "boot just before",
            Self::Other => "just before",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds since 1970.
    pub time: i64,
    /// What kind.
    pub what: What,
    /// In words: `container web was started from registry.example/web:2`.
    pub words: String,
    /// The container it is about, where it is about one.
    pub container: Option<String>,
    /// The user it is about.
    pub user: Option<String>,
    /// The address it came from.
    pub address: Option<String>,
}

/// Adds to `finding`, which began at `first` (seconds since 1970), what came just before. Of a finding about one container what
/// happened to others is left out, but for what happened to all.
pub fn join(finding: &mut Finding, first: i64, events: &[Event]) {
    let about = (finding.subject.kind == keelguard_model::SubjectKind::Container).then(|| finding.subject.name.clone());
    let concerns = |event: &Event| match (&about, &event.container) {
        (Some(about), Some(container)) => about == container,
        _ => true,
    };
    let mut near: Vec<&Event> = events
        .iter()
        .filter(|event| {
            (first.saturating_sub(BEFORE)..=first.saturating_add(AFTER)).contains(&event.time) && concerns(event)
        })
        .collect();
    near.sort_by_key(|event| (event.what, first.saturating_sub(event.time).abs()));
    let mut told: BTreeMap<What, usize> = BTreeMap::new();
    for event in near {
        let count = told.entry(event.what).or_default();
        if *count >= TOLD {
            continue;
        }
        *count += 1;
        let ago = first.saturating_sub(event.time).max(0);
        let value = format!("{} ({}, {} before)", event.words, when(event.time), span(ago));
        finding.evidence.push(Evidence { what: event.what.words().to_owned(), value });
        // By these names findings of other signs are joined to this one.
        for (what, value) in [("user", &event.user), ("address", &event.address)] {
            let known = finding.evidence.iter().any(|evidence| evidence.what == what);
            if let (Some(value), false) = (value, known) {
                finding.evidence.push(Evidence { what: what.to_owned(), value: value.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use keelguard_model::rule;

    use super::*;
    use crate::performance::causes::Place;

    fn event(time: i64, what: What, words: &str, container: Option<&str>) -> Event {
        Event { time, what, words: words.into(), container: container.map(str::to_owned), user: None, address: None }
    }

    fn told(container: Option<&str>, events: &[Event]) -> Vec<String> {
        let place = Place { host: "edge".into(), container: container.map(str::to_owned) };
        let mut finding = rule::FLOOD_IN.on(place.subject());
        join(&mut finding, 10_000, events);
        finding.evidence.into_iter().map(|evidence| format!("{}: {}", evidence.what, evidence.value)).collect()
    }

    #[test]
    fn the_nearest_of_each_kind_is_told_the_likelier_cause_first() {
        let events = [
            event(9_990, What::Package, "openssl was upgraded", None),
            event(9_000, What::Deployment, "an older one", None),
            event(9_400, What::Deployment, "web was started", None),
            event(9_940, What::Deployment, "db was started", None),
            event(5_000, What::Login, "too long ago", None),
            event(10_100, What::Login, "after it", None),
        ];
        let found = told(None, &events);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("deployment just before: db was started (1970-01-01T02:45:40Z, 60 seconds before)"),
            "{found:?}"
        );
        assert!(found[1].contains("web was started") && found[2].contains("openssl"));
    }

    #[test]
    fn what_happened_to_other_containers_is_left_out() {
        let events = [
            event(9_990, What::Deployment, "other was started", Some("other")),
            event(9_980, What::Deployment, "web was started", Some("web")),
            event(9_970, What::Login, "root logged in", None),
        ];
        let found = told(Some("web"), &events);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_login_gives_user_and_address_by_which_signs_are_joined() {
        let mut login = event(9_990, What::Login, "ann logged in", None);
        (login.user, login.address) = (Some("ann".into()), Some("192.0.2.7".into()));
        let found = told(None, &[login]);
        assert_eq!(found[1..], ["user: ann", "address: 192.0.2.7"]);
    }
}
