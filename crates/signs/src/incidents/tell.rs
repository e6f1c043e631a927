//! A group as an incident: a title, the time-line in words, how likely it is and why, what to do first.

use std::collections::BTreeSet;

use keelguard_model::incident::{Incident, Stage, Step, Technique};
use keelguard_model::{Area, Severity, attack};
use sha2::{Digest as _, Sha256};

use super::clue::{Clue, Tie, cut};
use super::join::{Group, Joined, SHARED};

/// As many steps, names and pieces of advice are told.
const STEPS: usize = 100;
const ATTEMPTS: usize = 10;
const NAMES: usize = 50;
const ADVICE: usize = 5;
const COMMANDS: usize = 8;

/// See the module.
pub(super) fn incident(group: &Group<'_>) -> Incident {
    let (reasons, confidence) = super::sure::reasons(group);
    let (timeline, more) = timeline(group);
    let names = |pick: &dyn Fn(&Tie) -> Option<&String>| {
        let mut names: Vec<String> = Vec::new();
        // Those of attempts from elsewhere would be the whole background.
        let own = group.members.iter().filter(|(_, joined)| !matches!(joined, Joined::Target(_)));
        for name in own.flat_map(|(clue, _)| clue.ties.iter().filter_map(pick)) {
            if names.len() < NAMES && !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    };
    // Everybody works as root: it is named where it was broken into.
    let is_own = |name: &str| !SHARED.contains(&name) || group.entries().flat_map(Clue::users).any(|user| user == name);
    let mut services: Vec<String> = group.clues().flat_map(|clue| clue.services.iter().cloned()).collect();
    dedup(&mut services);
    services.truncate(NAMES);
    let mut areas: Vec<Area> = group.clues().map(|clue| clue.area).collect();
    areas.sort_unstable();
    areas.dedup();
    let (advice, commands) = advice(group);
    Incident {
        id: id(group),
        title: title(group),
        severity: severity(group),
        confidence,
        reasons,
        first: timestamp(group.clues().map(|clue| clue.begins(group.window)).min().unwrap_or_default()),
        last: timestamp(group.clues().map(|clue| clue.last).max().unwrap_or_default()),
        areas,
        hosts: names(&|tie| if let Tie::Host(name) = tie { Some(name) } else { None }),
        containers: names(&|tie| if let Tie::Container(name) = tie { Some(name) } else { None }),
        users: names(&|tie| if let Tie::User(name) = tie { Some(name).filter(|name| is_own(name)) } else { None }),
        addresses: names(&|tie| if let Tie::Address(name) = tie { Some(name) } else { None }),
        services,
        techniques: techniques(group),
        timeline,
        more,
        advice,
        commands,
    }
}

/// The worst of its steps; critical where somebody got in and something followed.
fn severity(group: &Group<'_>) -> Severity {
    let worst = group.clues().map(|clue| clue.severity).max().unwrap_or(Severity::Info);
    let entered = group.entries().map(|clue| clue.begins(group.window)).min();
    let followed = entered.is_some_and(|at| {
        let later = |clue: &Clue| clue.stage.is_consequence() && clue.last >= at && clue.severity > Severity::Info;
        group.clues().any(later)
    });
    if followed { Severity::Critical } else { worst }
}

/// All that was done, and those attempts that say most: from the same address first.
fn timeline(group: &Group<'_>) -> (Vec<Step>, u64) {
    let rank = |(clue, joined): &&(&Clue, Joined)| (matches!(joined, Joined::Target(_)), clue.begins(group.window));
    let mut attempts: Vec<_> = group.members.iter().filter(|(clue, _)| clue.is_attempt()).collect();
    attempts.sort_by_key(rank);
    let mut acts: Vec<_> = group.members.iter().filter(|(clue, _)| !clue.is_attempt()).collect();
    // The worst are kept where there are too many.
    acts.sort_by_key(|(clue, _)| (std::cmp::Reverse(clue.severity), clue.begins(group.window), clue.key()));
    let many = attempts.len() + acts.len();
    attempts.truncate(ATTEMPTS);
    acts.truncate(STEPS);
    acts.extend(attempts);
    acts.sort_by_key(|(clue, _)| (clue.begins(group.window), clue.stage, clue.key()));
    let more = many - acts.len();
    (acts.into_iter().map(|(clue, joined)| step(clue, joined, group.window)).collect(), more as u64)
}

fn step(clue: &Clue, joined: &Joined, window: i64) -> Step {
    let begins = clue.begins(window);
    let joined = match joined {
        Joined::Itself if clue.stage == Stage::Entry => "somebody got in".to_owned(),
        Joined::Itself => "it stands for itself".to_owned(),
        Joined::Shares(tie) => tie.words(),
        Joined::Followed => "it followed on the same host".to_owned(),
        Joined::Target(user) => format!("it was at {user}, the account that was broken into"),
    };
    Step {
        time: timestamp(begins),
        until: Some(clue.last).filter(|last| *last > begins).map(timestamp),
        stage: clue.stage,
        what: clue.what.clone(),
        area: clue.area,
        rule: clue.rule.clone(),
        severity: clue.severity,
        subject: clue.subject.clone(),
        fingerprint: clue.fingerprint.clone(),
        joined,
    }
}

fn techniques(group: &Group<'_>) -> Vec<Technique> {
    let mut techniques: Vec<Technique> = Vec::new();
    for id in group.clues().flat_map(|clue| &clue.attack) {
        if techniques.len() < NAMES && !techniques.iter().any(|known| known.id.eq_ignore_ascii_case(id)) {
            techniques.push(technique(id));
        }
    }
    techniques
}

fn technique(id: &str) -> Technique {
    let Some(known) = attack::technique(id) else {
        return Technique { id: id.to_owned(), name: id.to_owned(), tactics: Vec::new() };
    };
    let above = attack::technique(attack::parent(known.id)).filter(|above| above.id != known.id);
    Technique {
        id: known.id.to_owned(),
        name: above.map_or_else(|| known.name.to_owned(), |above| format!("{}: {}", above.name, known.name)),
        tactics: known.tactics.iter().map(|tactic| format!("{} {}", tactic.id(), tactic.name())).collect(),
    }
}

/// What to do, of the worst steps first.
fn advice(group: &Group<'_>) -> (Vec<String>, Vec<String>) {
    let mut clues: Vec<&Clue> = group.clues().collect();
    clues.sort_by_key(|clue| (clue.stage != Stage::Entry, std::cmp::Reverse(clue.severity), clue.key()));
    let mut advice: Vec<String> = clues.iter().map(|clue| clue.advice.clone()).filter(|one| !one.is_empty()).collect();
    let mut commands: Vec<String> = clues.iter().flat_map(|clue| clue.commands.iter().cloned()).collect();
    dedup(&mut advice);
    dedup(&mut commands);
    advice.truncate(ADVICE);
    commands.truncate(COMMANDS);
    (advice, commands)
}

/// One line: who got in and what followed, or what was seen where.
fn title(group: &Group<'_>) -> String {
    let short = |name: &str| cut(name, 48);
    let user = |clue: &Clue| clue.users().next().map(short);
    let address = |clue: &Clue| {
        clue.ties.iter().find_map(|tie| if let Tie::Address(name) = tie { Some(short(name)) } else { None })
    };
    let acts: Vec<&Clue> = group.clues().filter(|clue| !clue.is_attempt()).collect();
    let entry = group.entries().next();
    if entry.is_none() && acts.len() == 1 {
        return acts.first().map(|clue| clue.what.clone()).unwrap_or_default();
    }
    let entered = entry.map(|clue| clue.begins(group.window));
    // After a break-in its consequences say more than what else was unusual.
    let tells = |clue: &&&Clue| match entered {
        Some(at) => clue.stage.is_consequence() && clue.last >= at,
        None => true,
    };
    let mut what: Vec<&str> = acts.iter().filter(tells).map(|clue| noun(clue)).collect();
    let mut seen = BTreeSet::new();
    what.retain(|noun| seen.insert(*noun));
    let list = listed(&what, 4);
    if let Some(entry) = entry {
        let from = address(entry).map(|from| format!(" from {from}")).unwrap_or_default();
        let who = user(entry).map(|user| format!(" as {user}")).unwrap_or_default();
        let others = group.entries().count() - 1;
        let more = if others == 0 { String::new() } else { format!(" and in {others} more ways") };
        let after = if list.is_empty() { String::new() } else { format!(", then: {list}") };
        return format!("Somebody got in{from}{who}{more}{after}");
    }
    let first = acts.first();
    let container = acts
        .iter()
        .flat_map(|clue| &clue.ties)
        .find_map(|tie| if let Tie::Container(name) = tie { Some(short(name)) } else { None });
    match (container, first.and_then(|clue| user(clue)), first.and_then(|clue| address(clue))) {
        _ if group.guessed_its_way_in() => {
            let from = first.and_then(|clue| address(clue)).map(|from| format!(" from {from}")).unwrap_or_default();
            format!("Guessing{from}, then a login from there: {list}")
        }
        (Some(container), ..) => format!("Several signs on the container {container}: {list}"),
        (None, Some(user), _) => format!("Several signs around the account {user}: {list}"),
        (None, None, Some(address)) => format!("Several signs around the address {address}: {list}"),
        (None, None, None) => format!("Several signs at once: {list}"),
    }
}

/// What a step is, in two or three words.
fn noun(clue: &Clue) -> &'static str {
    match (clue.rule.as_str(), clue.stage, clue.area) {
        ("KG-L010", ..) => "a first login",
        ("KG-L011", ..) => "a login from a new network",
        ("KG-L012", ..) => "a new way to log in",
        ("KG-L013", ..) => "a login at an odd hour",
        ("KG-L014", ..) => "a login from a new country",
        ("KG-L015", ..) => "a login from two places at once",
        ("KG-L020", ..) => "a login as root",
        ("KG-L022", ..) => "many users from one address",
        ("KG-L030", ..) => "a new account",
        ("KG-L031", ..) => "more power for an account",
        ("KG-L032", ..) => "a changed account",
        ("KG-L033", ..) => "new timed jobs",
        ("KG-L034", ..) => "the rules of sudo touched",
        ("KG-L035", ..) => "login keys touched",
        ("KG-L036", ..) => "refused commands",
        ("KG-L037", ..) => "first use of sudo",
        ("KG-L038", ..) => "erased logs",
        ("KG-L040", ..) => "a shell in a container",
        ("KG-L041", ..) => "a command in a container",
        ("KG-L042", ..) => "first use of the container engine",
        ("KG-L043", ..) => "a walk through many files",
        (_, Stage::Hiding, _) => "traces taken away",
        (_, Stage::Foothold, _) => "a way to come back",
        (_, _, Area::Performance) => "a machine that behaves unlike itself",
        (_, _, Area::Data) => "files that changed or are gone",
        (_, _, Area::Spam) => "a surge of mail",
        (_, _, Area::Downtime) => "a shutdown",
        _ => "something unusual",
    }
}

/// `a, b and c`; `a, b, c and 2 more`.
fn listed(what: &[&str], most: usize) -> String {
    if what.len() > most {
        let (shown, rest) = what.split_at(most - 1);
        return format!("{} and {} more", shown.join(", "), rest.len());
    }
    match what {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Of what it began with: the first entry, else the first act.
fn id(group: &Group<'_>) -> String {
    let first = group.entries().next().or_else(|| group.clues().find(|clue| !clue.is_attempt()));
    let mut hash = Sha256::new();
    if let Some(clue) = first {
        hash.update(&clue.fingerprint);
        hash.update(clue.first.to_le_bytes());
    }
    let number = hash.finalize().iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{number:016x}")
}

fn timestamp(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// Each once, in the order of the first.
fn dedup(list: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    list.retain(|one| seen.insert(one.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_a_person_says_them() {
        assert_eq!(listed(&[], 4), "");
        assert_eq!(listed(&["a"], 4), "a");
        assert_eq!(listed(&["a", "b", "c"], 4), "a, b and c");
        assert_eq!(listed(&["a", "b", "c", "d", "e"], 4), "a, b, c and 2 more");
    }

    #[test]
    fn a_sub_technique_says_what_it_belongs_to_and_an_unknown_one_keeps_its_id() {
        assert_eq!(technique("T1110.001").name, "Brute Force: Password Guessing");
        assert_eq!(technique("t1110").tactics, ["TA0006 Credential Access"]);
        assert_eq!(technique("T9999").name, "T9999");
    }
}
