//! By what mail is counted, and from how many on a count is worth a word.

use keelguard_model::{Rule, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::rhythm::Measure;

/// By what mail is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Aspect {
    /// Envelope sender of what goes out.
    Sender,
    /// As whom the sender had logged in.
    User,
    /// The user of this host whose program sends.
    Local,
    /// An address of the own network, that of a container for instance, that hands mail over without a login.
    Client,
    /// The host or container that sends.
    Host,
    /// The domain to which it goes.
    Domain,
    /// What came back to a sender.
    Bounces,
    /// What has to wait, by host.
    Deferrals,
    /// What waits, by host.
    Queue,
    /// What comes from outside, by host.
    Arrivals,
    /// What was turned away, by host.
    Rejections,
    /// From how many networks a login sends.
    Places,
}

/// One row: all that is different between aspects.
pub(super) struct Row {
    pub(super) aspect: Aspect,
    pub(super) measure: Measure,
    pub(super) rule: &'static Rule,
    /// What names the subject in evidence, so that findings join.
    pub(super) evidence: &'static str,
    pub(super) subject: SubjectKind,
    /// Below so many in an hour, and in a day, nothing is said.
    pub(super) floor: (u32, u32),
    /// Below so many nothing is said of what never did it before; none where new ones are everyday.
    pub(super) floor_of_new: Option<(u32, u32)>,
    /// How many times the usual it must be.
    pub(super) factor: u32,
    /// What it did: `sent to {count} recipients`.
    pub(super) did: (&'static str, &'static str),
}

const fn row(aspect: Aspect, rule: &'static Rule, evidence: &'static str, subject: SubjectKind) -> Row {
    Row {
        aspect,
        measure: Measure::Count,
        rule,
        evidence,
        subject,
        floor: (100, 300),
        floor_of_new: None,
        factor: 4,
        did: ("sent to", "recipients"),
    }
}

pub(super) static ROWS: &[Row] = &[
    row(Aspect::Sender, &rule::MAIL_SURGE, "sender", SubjectKind::User),
    row(Aspect::User, &rule::MAIL_SURGE, "user", SubjectKind::User),
    Row {
        floor: (50, 150),
        floor_of_new: Some((20, 60)),
        ..row(Aspect::Local, &rule::MAIL_SURGE, "user", SubjectKind::User)
    },
    Row {
        floor: (50, 150),
        floor_of_new: Some((20, 60)),
        ..row(Aspect::Client, &rule::MAIL_SURGE, "address", SubjectKind::Address)
    },
    Row {
        floor: (200, 800),
        floor_of_new: Some((20, 60)),
        ..row(Aspect::Host, &rule::MAIL_SURGE, "host", SubjectKind::Host)
    },
    Row {
        floor: (300, 1500),
        factor: 6,
        did: ("was sent", "messages"),
        ..row(Aspect::Domain, &rule::RECIPIENT_SURGE, "domain", SubjectKind::Internet)
    },
    Row {
        floor: (20, 60),
        did: ("got back", "messages"),
        ..row(Aspect::Bounces, &rule::BOUNCE_SURGE, "sender", SubjectKind::User)
    },
    Row {
        floor: (100, 400),
        did: ("had to put off", "messages"),
        ..row(Aspect::Deferrals, &rule::DEFERRAL_SURGE, "host", SubjectKind::Host)
    },
    Row {
        measure: Measure::Level,
        floor: (200, 200),
        did: ("has queued", "messages"),
        ..row(Aspect::Queue, &rule::QUEUE_GROWTH, "host", SubjectKind::Host)
    },
    Row {
        floor: (500, 3000),
        did: ("was handed", "messages"),
        ..row(Aspect::Arrivals, &rule::INCOMING_SURGE, "host", SubjectKind::Host)
    },
    Row {
        floor: (1000, 10_000),
        factor: 8,
        did: ("turned away", "messages"),
        ..row(Aspect::Rejections, &rule::INCOMING_SURGE, "host", SubjectKind::Host)
    },
    Row {
        measure: Measure::Level,
        floor: (10, 10),
        did: ("sent from", "networks"),
        ..row(Aspect::Places, &rule::MANY_PLACES, "user", SubjectKind::User)
    },
];

pub(super) fn row_of(aspect: Aspect) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.aspect == aspect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_aspect_has_one_row_and_floors_that_make_sense() {
        for row in ROWS {
            assert_eq!(ROWS.iter().filter(|other| other.aspect == row.aspect).count(), 1);
            assert!(row.floor.0 >= 10 && row.floor.1 >= row.floor.0 && row.factor >= 4);
            assert!(row_of(row.aspect).is_some());
        }
    }
}
