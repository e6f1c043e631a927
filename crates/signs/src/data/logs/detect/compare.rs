//! The same event in two records: a login that wtmp has and auth.log has not, though both cover the time and agree on others; a
//! boot; a user's last login.

use keelguard_model::{Finding, rule};

use super::journal::JournalWatch;
use super::log::LogWatch;
use super::records::RecordWatch;
use super::tell::{MOST, name, of, spanning};
use crate::data::logs::parse::mark::Login;
use crate::words::when;

/// One record of `lastlog`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLogin {
    /// The user.
    pub user: String,
    /// In seconds; 0 where it is empty.
    pub time: i64,
    /// Whether the file ends with this record: it was made longer for it.
    pub is_last: bool,
}

/// Two records of one login are no further apart.
const NEAR: i64 = 120;
/// Two records of one boot, whose clock may have been set between them.
const BOOT: i64 = 86_400;
/// Around a time at which messages were dropped nothing is missed.
const DROPPED: i64 = 900;

/// Something that tells of logins.
struct Teller<'a> {
    path: &'a str,
    logins: Vec<&'a Login>,
    covers: Box<dyn Fn(i64) -> bool + 'a>,
    host: &'a str,
}

/// Logins that one record has and another has not.
pub(super) fn logins(logs: &[LogWatch], records: &[RecordWatch]) -> Vec<Finding> {
    let mut found = Vec::new();
    let texts: Vec<Teller<'_>> = logs.iter().filter(|log| !log.logins.is_empty()).map(of_log).collect();
    let records: Vec<Teller<'_>> = records.iter().filter(|watch| !watch.logins.is_empty()).map(of_records).collect();
    for (index, text) in texts.iter().enumerate() {
        // wtmp has only logins with a terminal, so that nothing is missed there.
        let others = texts.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other);
        for other in records.iter().chain(others) {
            found.extend(missing(other, text));
        }
    }
    found.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    found.dedup_by(|one, other| one.fingerprint == other.fingerprint);
    found
}

fn of_log(log: &LogWatch) -> Teller<'_> {
    let mut logins: Vec<&Login> = log.logins.iter().collect();
    logins.sort_unstable();
    let covers = |time: i64| log.covers(time) && !log.lost.any(time - DROPPED, time + DROPPED) && log.more_logins == 0;
    Teller { path: &log.name, logins, covers: Box::new(covers), host: &log.host }
}

fn of_records(watch: &RecordWatch) -> Teller<'_> {
    let mut logins: Vec<&Login> = watch.logins.iter().collect();
    logins.sort_unstable();
    Teller { path: &watch.name, logins, covers: Box::new(|time| watch.covers(time)), host: "" }
}

/// Logins that `has` has and `lacks` has not.
fn missing(has: &Teller<'_>, lacks: &Teller<'_>) -> Vec<Finding> {
    let covered: Vec<&Login> = has.logins.iter().copied().filter(|login| (lacks.covers)(login.time)).collect();
    let is_there = |login: &&Login| {
        let from = lacks.logins.partition_point(|other| other.time < login.time - NEAR);
        let near =
            lacks.logins.get(from..).unwrap_or_default().iter().take_while(|other| other.time <= login.time + NEAR);
        near.clone().any(|other| is_same(other, login))
    };
    let (there, gone): (Vec<&Login>, Vec<&Login>) = covered.into_iter().partition(is_there);
    // Records that agree on little are not of the same thing: another zone, another machine, another level of logging.
    if there.is_empty() || there.len() < gone.len() {
        return Vec::new();
    }
    gone.into_iter().take(MOST).map(|login| erased(has, lacks, login)).collect()
}

fn is_same(one: &Login, other: &Login) -> bool {
    // wtmp has no room for long names.
    one.user.get(..31).unwrap_or(&one.user) == other.user.get(..31).unwrap_or(&other.user)
}

fn erased(has: &Teller<'_>, lacks: &Teller<'_>, login: &Login) -> Finding {
    let title = format!(
        "{} lacks a login that {} has: {} from {} at {}",
        name(lacks.path),
        name(has.path),
        name(&login.user),
        name(&login.address),
        when(login.time)
    );
    let about = format!("{} {} {}", login.user, login.address, login.time / (2 * NEAR));
    let finding = of(&rule::LOGIN_ERASED, lacks.path, login.time, &about).title(title);
    let finding = finding.evidence("user", login.user.as_str()).evidence("address", login.address.as_str());
    let finding = finding.evidence("recorded in", has.path);
    spanning(finding, login.time, login.time, if lacks.host.is_empty() { has.host } else { lacks.host })
        .command("last -F -w")
        .command(format!("journalctl -t sshd --since @{} --until @{}", login.time - NEAR, login.time + NEAR))
}

/// Boots that either wtmp or a journal has.
pub(super) fn boots(records: &[RecordWatch], journals: &[JournalWatch]) -> Vec<Finding> {
    let mut found = Vec::new();
    for records in records.iter().filter(|records| !records.boots.is_empty()) {
        for journal in journals {
            let of_journal: Vec<i64> = journal.boots().iter().map(|(first, _)| *first).collect();
            let span = |times: &[i64], end: i64| Some((*times.first()?, end.max(*times.last()?)));
            let last = journal.boots().iter().map(|(_, last)| *last).max().unwrap_or(0);
            let mut of_records = records.boots.clone();
            of_records.sort_unstable();
            let until = records.covers.map_or(0, |(_, last)| last);
            let (Some(one), Some(other)) = (span(&of_records, until), span(&of_journal, last)) else { continue };
            // Both cover it, with a boot before and something after.
            let (from, to) = (one.0.max(other.0) + BOOT, one.1.min(other.1) - BOOT);
            let (gone, there) = unmatched(&of_records, &of_journal, from, to);
            found.extend(told(&gone, there, &records.name, &journal.name));
            let (gone, there) = unmatched(&of_journal, &of_records, from, to);
            found.extend(told(&gone, there, &journal.name, &records.name));
        }
    }
    found
}

/// Boots of `has` between two times that `lacks` has not, and how many it has. Each is found once.
fn unmatched(has: &[i64], lacks: &[i64], from: i64, to: i64) -> (Vec<i64>, usize) {
    let mut left = lacks.to_vec();
    let mut gone = Vec::new();
    let mut there = 0;
    for boot in has {
        let near = left.iter().enumerate().min_by_key(|(_, other)| (*other - boot).abs());
        match near.filter(|(_, other)| (*other - boot).abs() <= BOOT).map(|(at, _)| at) {
            Some(at) => {
                left.remove(at);
                there += 1;
            }
            None if (from..=to).contains(boot) => gone.push(*boot),
            None => {}
        }
    }
    (gone, there)
}

fn told(gone: &[i64], there: usize, has: &str, lacks: &str) -> Vec<Finding> {
    if there < 2 * gone.len() {
        return Vec::new();
    }
    let tell = |boot: &i64| {
        let title = format!("{} lacks the boot of {}, which {} has", name(lacks), when(*boot), name(has));
        let finding = of(&rule::BOOT_MISSING, lacks, *boot, &(boot / BOOT).to_string()).title(title);
        spanning(finding.evidence("recorded in", has), *boot, *boot, "")
            .command("last -x reboot")
            .command("journalctl --list-boots")
    };
    gone.iter().take(MOST).map(tell).collect()
}

/// Users whose last login wtmp knows, and lastlog does not.
pub(super) fn last_logins(path: &str, lasts: &[LastLogin], records: &[RecordWatch]) -> Vec<Finding> {
    let latest = |user: &str| {
        let of_user = records.iter().flat_map(|watch| &watch.logins).filter(|login| login.user == user);
        of_user.max_by_key(|login| login.time)
    };
    let known: Vec<(&LastLogin, &Login)> = lasts.iter().filter_map(|last| Some((last, latest(&last.user)?))).collect();
    // That both are written by the same logins is shown by a user of whom they agree.
    let agrees = known.iter().any(|(last, login)| (last.time - login.time).abs() <= NEAR);
    let is_erased = |(last, login): &&(&LastLogin, &Login)| {
        last.time + NEAR < login.time && (agrees || last.time == 0 && last.is_last)
    };
    let tell = |(last, login): &(&LastLogin, &Login)| {
        let had = if last.time == 0 { "none".to_owned() } else { when(last.time) };
        let title = format!("lastlog has no login of {} at {}, which wtmp has", name(&last.user), when(login.time));
        let finding = of(&rule::LASTLOG_ERASED, path, login.time, &last.user).title(title);
        let finding = finding.evidence("user", last.user.as_str()).evidence("address", login.address.as_str());
        spanning(finding.evidence("lastlog", had), login.time, login.time, "").command("lastlog").command("last -F -w")
    };
    known.iter().filter(is_erased).take(MOST).map(tell).collect()
}
