//! How sure an incident is: each reason takes away a part of the doubt that the others left.

use std::collections::BTreeSet;

use keelguard_model::incident::{Reason, Stage};
use keelguard_model::{Area, Severity};

use super::clue::Clue;
use super::join::{Group, Joined};

/// The reasons and what they add up to, between 0 and 0.99: a program is never certain.
pub(super) fn reasons(group: &Group<'_>) -> (Vec<Reason>, f64) {
    let mut reasons = Vec::new();
    let mut because = |why: String, weight: f64| reasons.push(Reason { why, weight });
    let entry = group.entries().max_by_key(|clue| clue.severity);
    if let Some(entry) = entry {
        let weight = if entry.severity == Severity::Critical { 0.6 } else { 0.45 };
        because(format!("somebody is in, and should not be ({})", entry.rule), weight);
    }
    let same_address = |(clue, joined): &&(&Clue, Joined)| clue.is_attempt() && matches!(joined, Joined::Shares(_));
    if let Some((attempt, _)) = group.members.iter().find(same_address) {
        because(format!("guessing from the same address ({})", attempt.rule), 0.2);
    }
    if let Some((attempt, _)) = group.members.iter().find(|(_, joined)| matches!(joined, Joined::Target(_))) {
        because(format!("the same account was tried from elsewhere ({})", attempt.rule), 0.1);
    }
    let entered = entry.map(|_| group.entries().map(|clue| clue.begins(group.window)).min().unwrap_or(i64::MIN));
    for (stage, what) in [
        (Stage::Foothold, "accounts, keys, timed jobs or rules were changed"),
        (Stage::Hiding, "traces were taken away"),
        (Stage::Harm, "the machine was put to other use, or harmed"),
    ] {
        let of_stage =
            || group.members.iter().filter(|(clue, _)| clue.stage == stage && clue.severity > Severity::Info);
        let after = |clue: &Clue| entered.is_none_or(|at| clue.last >= at);
        let tied = of_stage().find(|(clue, joined)| *joined != Joined::Followed && after(clue));
        if let Some((clue, _)) = tied {
            because(
                format!("{what} by whom it is about ({})", clue.rule),
                if stage == Stage::Harm { 0.3 } else { 0.35 },
            );
        } else if let Some((clue, _)) = of_stage().next() {
            because(format!("{what} on the same host afterwards ({})", clue.rule), 0.15);
        }
    }
    let unusual: BTreeSet<&str> =
        group.clues().filter(|clue| clue.stage == Stage::Unusual).map(|clue| clue.rule.as_str()).collect();
    if !unusual.is_empty() {
        let rules: Vec<&str> = unusual.into_iter().take(4).collect();
        let weight = [0.1, 0.2, 0.3].get(rules.len() - 1).copied().unwrap_or(0.4);
        because(format!("unusual use of the account or address ({})", rules.join(", ")), weight);
    }
    let areas: BTreeSet<Area> = group.clues().map(|clue| clue.area).collect();
    if areas.len() > 1 {
        let names: Vec<&str> = areas.iter().map(|area| area.name()).collect();
        because(
            format!("{} signs tell of it: {}", areas.len(), names.join(", ")),
            if areas.len() > 2 { 0.4 } else { 0.25 },
        );
    }
    let stages = in_order(group);
    if stages.len() >= 3 {
        let names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
        because(format!("it came in the order of an attack: {}", names.join(", ")), 0.25);
    }
    if reasons.is_empty() {
        reasons.push(Reason { why: "it is critical by itself".to_owned(), weight: 0.5 });
    }
    let doubt = reasons.iter().fold(1.0, |doubt, reason| doubt * (1.0 - reason.weight));
    // Without a break-in there may be an honest explanation for all of it.
    let most = if entry.is_some() { 0.99 } else { 0.85 };
    let sure = ((1.0 - doubt) * 100.0).round() / 100.0;
    (reasons, f64::min(sure, most))
}

/// The stages that follow one another as in an attack, by the first time of each.
fn in_order(group: &Group<'_>) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut since = i64::MIN;
    for stage in [Stage::Attempt, Stage::Entry, Stage::Foothold, Stage::Hiding, Stage::Harm] {
        let of_stage = group.clues().filter(|clue| clue.stage == stage).map(|clue| clue.begins(group.window));
        if let Some(at) = of_stage.filter(|at| *at >= since).min() {
            since = at;
            stages.push(stage);
        }
    }
    stages
}
