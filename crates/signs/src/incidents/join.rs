//! Which clues belong together. What somebody did is joined by the account, address or container it shares, within the
//! window; what followed on the same host joins the break-in before it; attempts join what they led to, and never join two
//! things with one another: the background of guessing that every host has would make one incident of everything.

use std::collections::{BTreeMap, BTreeSet};

use keelguard_model::incident::Stage;
use keelguard_model::{Area, Severity};

use super::clue::{Clue, Tie};

/// Accounts under whose name everybody works: they join only once they were broken into.
pub(super) const SHARED: &[&str] = &["root", "0", "-", "unknown", "(unknown)"];

/// Why a clue is in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// It stands for itself.
    Itself,
    /// It has this in common with another.
    Shares(Tie),
    /// It followed a break-in on the same host.
    Followed,
    /// It was at the account that was broken into.
    Target(String),
}

/// Clues that belong together, in the order of time.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) members: Vec<(&'a Clue, Joined)>,
    pub(super) window: i64,
}

impl<'a> Group<'a> {
    pub(super) fn clues(&self) -> impl Iterator<Item = &'a Clue> {
        self.members.iter().map(|(clue, _)| *clue)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &'a Clue> {
        self.clues().filter(|clue| clue.stage == Stage::Entry)
    }

    /// Whether something that matters went down, and nothing else is known.
    pub(super) fn is_outage(&self) -> bool {
        self.clues().all(|clue| clue.area == Area::Downtime)
            && self.clues().any(|clue| clue.severity >= Severity::Medium)
    }

    /// Whether it is one: somebody is in; or something critical; or guessing, then an unusual login from the same address;
    /// or different rules of which one is high, or two signs that each say something. What only fails and restarts is for
    /// the sign of downtime to tell.
    pub(super) fn is_incident(&self) -> bool {
        let acts = || self.clues().filter(|clue| !clue.is_attempt());
        let rules: BTreeSet<&str> = acts().map(|clue| clue.rule.as_str()).collect();
        let worst = self.clues().map(|clue| clue.severity).max();
        let serious: BTreeSet<_> =
            acts().filter(|clue| clue.severity >= Severity::Medium).map(|clue| clue.area).collect();
        self.entries().next().is_some()
            || worst == Some(Severity::Critical)
            || self.guessed_its_way_in()
            || rules.len() >= 2
                && acts().any(|clue| clue.area != Area::Downtime)
                && (worst >= Some(Severity::High) || serious.len() >= 2)
    }

    /// Guessing from an address from which an unusual login came afterwards.
    pub(super) fn guessed_its_way_in(&self) -> bool {
        let mut logins: BTreeMap<&Tie, i64> = BTreeMap::new();
        for clue in self.clues().filter(|clue| clue.stage == Stage::Unusual && clue.severity > Severity::Info) {
            for tie in clue.ties.iter().filter(|tie| matches!(tie, Tie::Address(_))) {
                let last = logins.entry(tie).or_insert(i64::MIN);
                *last = clue.begins(self.window).max(*last);
            }
        }
        let led_in =
            |guess: &Clue| guess.ties.iter().any(|tie| logins.get(tie).is_some_and(|login| *login >= guess.first));
        self.clues().any(|clue| clue.is_attempt() && led_in(clue))
    }
}

/// All groups. `clues` in any order.
pub(super) fn groups<'a>(clues: &[&'a Clue], window: i64) -> Vec<Group<'a>> {
    let is_act = |clue: &Clue| !clue.is_attempt() || clue.severity == Severity::Critical;
    let mut acts: Vec<&Clue> = clues.iter().copied().filter(|clue| is_act(clue)).collect();
    acts.sort_by_key(|clue| (clue.begins(window), clue.key()));
    let mut by_tie: BTreeMap<&Tie, Vec<usize>> = BTreeMap::new();
    for (index, clue) in acts.iter().enumerate() {
        clue.ties.iter().for_each(|tie| by_tie.entry(tie).or_default().push(index));
    }
    let mut sets = Sets::new(acts.len());
    join_acts(&acts, &by_tie, window, &mut sets);
    let followed = join_what_followed(&acts, window, &mut sets);
    let mut groups: BTreeMap<usize, Vec<(&Clue, Joined)>> = BTreeMap::new();
    for (index, clue) in acts.iter().enumerate() {
        let joined = if followed.contains(&index) { Joined::Followed } else { Joined::Itself };
        groups.entry(sets.of(index)).or_default().push((clue, joined));
    }
    for attempt in clues.iter().copied().filter(|clue| !is_act(clue)) {
        if let Some((act, joined)) = led_to(attempt, &acts, &by_tie, window) {
            groups.entry(sets.of(act)).or_default().push((attempt, joined));
        }
    }
    groups.into_values().map(|members| finished(members, window)).collect()
}

/// Joins what is said of one outage: what went down, of the same machine, service or container, within the window.
pub(super) fn join_outages(groups: Vec<Group<'_>>, window: i64) -> Vec<Group<'_>> {
    let (outages, mut joined): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| group.clues().all(|clue| clue.area == Area::Downtime));
    let mut members: Vec<(&Clue, Joined)> = outages.into_iter().flat_map(|group| group.members).collect();
    members.sort_by(|(a, _), (b, _)| a.subject.cmp(&b.subject).then(a.begins(window).cmp(&b.begins(window))));
    let mut outage: Vec<(&Clue, Joined)> = Vec::new();
    for member in members {
        let goes_on = |(last, _): &(&Clue, Joined)| {
            last.subject == member.0.subject && member.0.begins(window).saturating_sub(last.last) <= window
        };
        if !outage.is_empty() && !outage.iter().any(goes_on) {
            joined.push(finished(std::mem::take(&mut outage), window));
        }
        outage.push(member);
    }
    if !outage.is_empty() {
        joined.push(finished(outage, window));
    }
    joined
}

/// Joins what shares an account, address or container and lies no further apart than the window.
fn join_acts(acts: &[&Clue], by_tie: &BTreeMap<&Tie, Vec<usize>>, window: i64, sets: &mut Sets) {
    for (tie, places) in by_tie {
        let shared = match tie {
            Tie::Host(_) => continue,
            Tie::User(name) => SHARED.contains(&name.as_str()),
            Tie::Address(_) | Tie::Container(_) => false,
        };
        let mut before: Option<(usize, i64)> = None;
        // Of a shared account only what lies within the window of a break-in into it.
        let mut broken = None;
        for (index, clue) in places.iter().filter_map(|index| Some((*index, *acts.get(*index)?))) {
            let (begins, ends) = (clue.begins(window), clue.last);
            if shared {
                if let Some((entry, at)) = broken
                    && begins.saturating_sub(at) <= window
                {
                    sets.join(entry, index);
                }
                if clue.stage == Stage::Entry {
                    broken = Some((index, ends));
                }
                continue;
            }
            if let Some((last, reach)) = before
                && begins.saturating_sub(reach) <= window
            {
                sets.join(last, index);
            }
            before = Some((index, before.map_or(ends, |(_, reach)| reach.max(ends))));
        }
    }
}

/// Joins what nothing else explains to the last break-in on the same host before it: accounts, timed jobs, erased logs, load,
/// shutdowns that began after it and within the window, with all that such a beginning led to. What begins with somebody
/// else's login or refused command is a story of its own. Gives the clues that were joined so.
fn join_what_followed(acts: &[&Clue], window: i64, sets: &mut Sets) -> BTreeSet<usize> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..acts.len() {
        members.entry(sets.of(index)).or_default().push(index);
    }
    let at = |index: &usize| acts.get(*index).copied();
    let entries: Vec<(usize, &Clue)> =
        acts.iter().enumerate().filter(|(_, clue)| clue.stage == Stage::Entry).map(|(i, clue)| (i, *clue)).collect();
    let mut followed = BTreeSet::new();
    for set in members.into_values() {
        let has_entry = set.iter().filter_map(at).any(|clue| clue.stage == Stage::Entry);
        let Some(first) = set.iter().filter_map(at).map(|clue| clue.first).min().filter(|_| !has_entry) else {
            continue;
        };
        let qualifies = |clue: &&Clue| clue.stage.is_consequence() && clue.severity > Severity::Info;
        let Some(consequence) = set.first().and_then(at).filter(qualifies) else { continue };
        let since = entries.partition_point(|(_, entry)| entry.begins(window) <= first);
        let same_host =
            |entry: &Clue| entry.host().is_none() || consequence.host().is_none_or(|host| entry.host() == Some(host));
        let before = entries.get(..since).unwrap_or_default().iter().rev();
        let mut near = before.take_while(|(_, entry)| consequence.first.saturating_sub(entry.begins(window)) <= window);
        if let Some((entry, _)) = near.find(|(_, entry)| same_host(entry)) {
            for index in set {
                sets.join(*entry, index);
                followed.insert(index);
            }
        }
    }
    followed
}

/// What an attempt led to: something done from the same address, or a break-in into the one account that was tried.
fn led_to(attempt: &Clue, acts: &[&Clue], by_tie: &BTreeMap<&Tie, Vec<usize>>, window: i64) -> Option<(usize, Joined)> {
    let at = |index: &usize| Some((*index, *acts.get(*index)?));
    let mut best: Option<((bool, i64, usize), Joined)> = None;
    for tie in attempt.ties.iter().filter(|tie| matches!(tie, Tie::Address(_))) {
        for (index, act) in
            by_tie.get(tie).into_iter().flatten().filter_map(at).filter(|(_, act)| attempt.touches(act, window))
        {
            let rank =
                (act.stage != Stage::Entry, act.begins(window).saturating_sub(attempt.last).saturating_abs(), index);
            if best.as_ref().is_none_or(|(known, _)| rank < *known) {
                best = Some((rank, Joined::Shares(tie.clone())));
            }
        }
    }
    if let Some(((_, _, index), joined)) = best {
        return Some((index, joined));
    }
    let target = Tie::User(attempt.target.clone()?);
    let broken = by_tie.get(&target)?.iter().filter_map(at).find(|(_, act)| {
        let entry = act.begins(window);
        act.stage == Stage::Entry && attempt.first <= entry && entry.saturating_sub(attempt.last) <= window
    });
    broken.map(|(index, _)| (index, Joined::Target(attempt.target.clone().unwrap_or_default())))
}

/// In order, each with what it shares: with a break-in if it can be said, else with any other.
fn finished(mut members: Vec<(&Clue, Joined)>, window: i64) -> Group<'_> {
    members.sort_by_key(|(clue, _)| (clue.begins(window), clue.stage, clue.key()));
    let mut owners: BTreeMap<&Tie, (usize, bool)> = BTreeMap::new();
    for (clue, _) in members.iter().filter(|(clue, _)| !clue.is_attempt()) {
        for tie in &clue.ties {
            let owner = owners.entry(tie).or_default();
            owner.0 += 1;
            owner.1 |= clue.stage == Stage::Entry;
        }
    }
    for (clue, joined) in &mut members {
        if *joined != Joined::Itself || clue.stage == Stage::Entry {
            continue;
        }
        let is_shared =
            |tie: &&Tie| !matches!(tie, Tie::Host(_)) && owners.get(tie).is_some_and(|(count, _)| *count > 1);
        let with_entry =
            clue.ties.iter().filter(is_shared).find(|tie| owners.get(tie).is_some_and(|(_, entry)| *entry));
        if let Some(tie) = with_entry.or_else(|| clue.ties.iter().find(is_shared)) {
            *joined = Joined::Shares(tie.clone());
        }
    }
    Group { members, window }
}

/// Disjoint sets.
struct Sets(Vec<usize>);

impl Sets {
    fn new(many: usize) -> Self {
        Self((0..many).collect())
    }

    /// The set's name: its first member's place.
    fn of(&mut self, index: usize) -> usize {
        let mut at = index;
        while let Some(above) = self.0.get(at).copied().filter(|above| *above != at) {
            // Each look-up halves the way of the next.
            let further = self.0.get(above).copied().unwrap_or(above);
            if let Some(place) = self.0.get_mut(at) {
                *place = further;
            }
            at = further;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        if let Some(place) = self.0.get_mut(a.max(b)) {
            *place = a.min(b);
        }
    }
}
