//! Surges in words. One wave of spam shows in its login, its host, its domains and its bounces: it is told of once, by who is
//! nearest to its cause, with the others as evidence.

use jiff::Timestamp;
use keelguard_model::{Finding, Kind, Severity, Subject, SubjectKind, rule};

use super::aspect::{Aspect, Row, row_of};
use super::names::Names;
use super::{HOUR, Span, Surge};

/// The nearer to the cause, the lower.
const fn distance(aspect: Aspect) -> u8 {
    match aspect {
        Aspect::Places | Aspect::Arrivals | Aspect::Rejections | Aspect::User | Aspect::Local => 0,
        Aspect::Client => 1,
        Aspect::Sender => 2,
        Aspect::Host => 3,
        Aspect::Bounces => 4,
        Aspect::Domain | Aspect::Queue | Aspect::Deferrals => 5,
    }
}

const fn causes(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::User | Aspect::Local | Aspect::Client | Aspect::Sender | Aspect::Host)
}

/// Whether `cause` explains `effect`: at the same time, and large enough.
fn explains(cause: &Surge, effect: &Surge) -> bool {
    causes(cause.aspect)
        && distance(cause.aspect) < distance(effect.aspect)
        && cause.first <= effect.last + HOUR
        && effect.first <= cause.last + HOUR
        && (cause.span != effect.span
            || u64::from(cause.count) * 2 >= u64::from(effect.count.saturating_sub(effect.usual)))
}

pub(super) fn findings(surges: &[&Surge], names: &Names) -> Vec<Finding> {
    let mut list: Vec<(&Surge, Finding)> = Vec::new();
    let mut sorted: Vec<&Surge> = surges.to_vec();
    sorted.sort_by_key(|surge| (distance(surge.aspect), surge.first, surge.name.clone()));
    for surge in sorted {
        let Some(row) = row_of(surge.aspect) else { continue };
        match list.iter_mut().find(|(cause, _)| explains(cause, surge)) {
            Some((_, finding)) => {
                let also = format!("{}; {}", sentence(surge, row), usual(surge));
                finding.evidence.push(keelguard_model::Evidence { what: "also".to_owned(), value: also });
            }
            None => list.push((surge, finding(surge, row, names))),
        }
    }
    list.into_iter().map(|(_, finding)| finding).collect()
}

fn finding(surge: &Surge, row: &Row, names: &Names) -> Finding {
    let rule = if surge.is_new { &rule::NEW_MAIL_SOURCE } else { row.rule };
    let container =
        surge.client.filter(|_| surge.aspect == Aspect::Client).and_then(|client| names.container_at(client));
    let subject = match container {
        Some(container) => Subject::new(SubjectKind::Container, container.to_string()),
        None => Subject::new(row.subject, surge.name.to_string()),
    };
    let mut finding = rule
        .on(subject)
        .title(sentence(surge, row))
        .evidence(row.evidence, surge.name.to_string())
        .evidence("now", format!("{} {} within {}", surge.count, row.did.1, span(surge.span)))
        .evidence("usual", usual(surge))
        .evidence("first", stamp(surge.first).to_string())
        .evidence("last", stamp(surge.last).to_string());
    if let Some(container) = container {
        finding = finding.evidence("container", container.to_string());
    }
    if row.evidence != "host" && !surge.host.is_empty() {
        finding = finding.evidence("host", surge.host.to_string());
    }
    if let Some(client) = surge.client.filter(|client| row.evidence != "address" && !client.is_loopback()) {
        finding = finding.evidence("address", client.to_string());
    }
    if let Some(user) = surge.user.as_ref().filter(|_| matches!(surge.aspect, Aspect::Sender | Aspect::Bounces)) {
        finding = finding.evidence("user", user.to_string());
    }
    finding.kind = Kind::Detection;
    finding.time = stamp(surge.last);
    // Without a week nobody knows what is weekly.
    if surge.days < 8 && finding.severity > Severity::Low {
        finding.severity = Severity::Low;
    }
    finding
}

fn sentence(surge: &Surge, row: &Row) -> String {
    let often = match surge.usual {
        0 if surge.is_new => "; before, it sent none".to_owned(),
        0 => String::new(),
        usual => format!(", {} times its most before", surge.count / usual),
    };
    let (did, what) = row.did;
    format!("{} {did} {} {what} within {}{often}", surge.name, surge.count, span(surge.span))
}

fn usual(surge: &Surge) -> String {
    let days = surge.days.min(35);
    format!(
        "at most {} in {} of the {days} days before",
        surge.usual,
        if surge.span == Span::Hour { "any hour" } else { "any day" }
    )
}

const fn span(span: Span) -> &'static str {
    match span {
        Span::Hour => "an hour",
        Span::Day => "a day",
    }
}

fn stamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}
