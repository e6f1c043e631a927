//! The containers of the lab, as tables: which vector each shows, and how it is created. The rows' ids are those of the
//! table of vectors: C capabilities and options, N namespaces, M mounts, W networks, D daemon and images, X resources.

mod demo;
mod images;
mod mounts;
mod namespaces;
mod networks;
mod options;
mod resources;
mod well_kept;

use crate::images::PLAIN;

/// Whether a scenario's container is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Yes; where the machine refuses, it stays created.
    IfAllowed,
    /// Never, and why: started, it would do what it warns of.
    Never(&'static str),
}

/// What happens once it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing.
    Nothing,
    /// `docker exec --detach` of these words.
    Exec(&'static str),
    /// A privileged exec is made.
    PrivilegedExec,
}

/// One container of the lab.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The container's name.
    pub name: &'static str,
    /// The vectors that it shows.
    pub rows: &'static [&'static str],
    /// A docker command to run before, once in a lab.
    pub prepare: Option<&'static str>,
    /// The container that must be there before.
    pub needs: Option<&'static str>,
    /// Options of `docker create`. `{dir}`, `{socket}`, `{data}`, `{cgroup}` and `{block}` are the lab's own places.
    pub options: &'static str,
    /// The image.
    pub image: &'static str,
    /// Its command, or none for the image's own.
    pub command: &'static str,
    /// Whether it is started.
    pub start: Start,
    /// What follows.
    pub after: After,
    /// Why some machine may refuse it, or nothing.
    pub refused: &'static str,
}

impl Scenario {
    /// A container with these options on the plain image; the rest are exceptions.
    const fn new(name: &'static str, rows: &'static [&'static str], options: &'static str) -> Self {
        Self {
            name,
            rows,
            prepare: None,
            needs: None,
            options,
            image: PLAIN,
            command: "",
            start: Start::IfAllowed,
            after: After::Nothing,
            refused: "",
        }
    }

    const fn prepare(self, command: &'static str) -> Self {
        Self { prepare: Some(command), ..self }
    }

    const fn needs(self, other: &'static str) -> Self {
        Self { needs: Some(other), ..self }
    }

    const fn image(self, image: &'static str) -> Self {
        Self { image, ..self }
    }

    const fn command(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    const fn never_started(self, why: &'static str) -> Self {
        Self { start: Start::Never(why), ..self }
    }

    const fn after(self, after: After) -> Self {
        Self { after, ..self }
    }

    const fn may_be_refused(self, refused: &'static str) -> Self {
        Self { refused, ..self }
    }
}

/// One for every vector that can be created.
pub fn risky() -> impl Iterator<Item = &'static Scenario> {
    [options::TABLE, namespaces::TABLE, mounts::TABLE, networks::TABLE, images::TABLE, resources::TABLE]
        .into_iter()
        .flatten()
}

/// Well-configured ones.
pub fn well_kept() -> impl Iterator<Item = &'static Scenario> {
    well_kept::TABLE.iter()
}

/// The story that `keelguard demo` tells, with two well-kept containers in it.
pub fn demo() -> impl Iterator<Item = &'static Scenario> {
    demo::TABLE.iter().chain(well_kept().take(2))
}

/// Names and kinds of so many containers.
pub(crate) fn many(count: usize) -> impl Iterator<Item = (String, &'static Scenario)> {
    let kinds = MANY.iter().cycle().take(count);
    kinds.enumerate().map(|(index, kind)| (format!("many-{:04}", index + 1), kind))
}

const MEASURED: &str = "for measurements, where thousands need not run";

/// What a busy host is made of.
const MANY: &[Scenario] = &[
    Scenario::new("plain", &[], "").never_started(MEASURED),
    Scenario::new("bounded", &[], "--memory=64m --cpus=0.5 --pids-limit=50 --user=1000 --read-only --cap-drop=ALL")
        .never_started(MEASURED),
    Scenario::new("published", &["W03"], "--publish=8080 --env=MODE=live --label=tier=front").never_started(MEASURED),
    Scenario::new("socket", &["M01"], "--volume={socket}:/var/run/docker.sock").never_started(MEASURED),
    Scenario::new("capable", &["C03", "C10"], "--cap-add=SYS_ADMIN --cap-add=NET_ADMIN --volume=/etc:/host/etc:ro")
        .never_started(MEASURED),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_within_all_sets_together() {
        let mut seen = HashSet::new();
        let demo = demo::TABLE.iter();
        for scenario in risky().chain(well_kept()).chain(demo) {
            assert!(seen.insert(scenario.name), "{} twice", scenario.name);
        }
    }

    #[test]
    fn every_vector_that_options_or_images_can_show_has_a_container() {
        let shown: HashSet<_> = risky().flat_map(|scenario| scenario.rows).copied().collect();
        let number = |letter: char, range: std::ops::RangeInclusive<u32>| range.map(move |n| format!("{letter}{n:02}"));
        let rows = number('C', 1..=25).chain(number('N', 1..=7)).chain(number('M', 1..=2)).chain(number('M', 5..=16));
        let rows = rows.chain(["W01", "W03", "W05", "W07"].map(str::to_owned)).chain(number('D', 11..=14));
        let missing: Vec<_> = rows.chain(number('X', 1..=11)).filter(|row| !shown.contains(row.as_str())).collect();
        // X07 floods the network: there is no option to see.
        assert_eq!(missing, ["X07"]);
    }

    #[test]
    fn a_container_comes_after_the_one_that_it_joins() {
        for scenario in risky().chain(demo()) {
            let Some(needed) = scenario.needs else { continue };
            let other = risky().chain(demo()).find(|other| other.name == needed).unwrap();
            assert!(other.needs.is_none(), "{} waits for a second turn itself", other.name);
        }
    }

    #[test]
    fn well_kept_containers_show_no_vector() {
        assert!(well_kept().all(|scenario| scenario.rows.is_empty()));
        assert!(well_kept().count() >= 4);
    }
}
