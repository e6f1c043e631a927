//! Campaigns: near-duplicates of one message, found by the least hashes of their pieces (`MinHash` in bands). A newsletter has one
//! sender; what comes from many, or is reported by many, is a campaign. Bounded: the clusters that grew longest ago go first.

mod sketch;

use std::collections::BTreeSet;

use jiff::Timestamp;
use keelguard_model::{Finding, Kind, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};
use sketch::{BANDS, Sketch};
use smol_str::SmolStr;

use crate::bounded::Bounded;

const DAY: i64 = 86_400;
/// Names that are kept of one cluster.
const MOST_NAMES: usize = 64;

/// From so many messages of so many senders on, it is a campaign.
const MAIL: (u64, usize) = (20, 10);
/// From so many reports of so many users on.
const REPORTS: (u64, usize) = (5, 3);

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A mail; `who` is its sender.
    Mail,
    /// What a user reports, or a pop-up that they saw; `who` is the user.
    Report,
}

/// Texts that are nearly the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cluster {
    sketch: Sketch,
    count: u64,
    first: i64,
    last: i64,
    who: BTreeSet<SmolStr>,
    sample: String,
    /// The best that was seen within a day.
    best: u64,
    best_who: usize,
    best_from: i64,
    best_to: i64,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Campaigns {
    clusters: Bounded<(Source, u64), Cluster>,
    bands: Bounded<(Source, u8, u64), u64>,
    next: u64,
}

impl Default for Campaigns {
    fn default() -> Self {
        Self::new(5_000)
    }
}

impl Campaigns {
    /// Remembers at most so many clusters.
    pub fn new(most: usize) -> Self {
        Self { clusters: Bounded::new(most), bands: Bounded::new(most.saturating_mul(BANDS)), next: 0 }
    }

    /// Takes a text: how many like it there are within a day, with it. Texts too short to tell from others are taken for unlike.
    pub fn see(&mut self, source: Source, time: i64, who: &str, text: &str) -> u64 {
        let Some(sketch) = Sketch::of(text) else { return 1 };
        let found = (0u8..).zip(sketch.bands()).find_map(|(band, hash)| {
            let id = *self.bands.get(&(source, band, hash))?;
            self.clusters.get(&(source, id)).filter(|cluster| cluster.sketch.is_like(&sketch)).map(|_| id)
        });
        let id = found.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        for (band, hash) in (0u8..).zip(sketch.bands()) {
            *self.bands.entry((source, band, hash), time, || id) = id;
        }
        let cluster = self.clusters.entry((source, id), time, || Cluster {
            sketch,
            count: 0,
            first: time,
            last: time,
            who: BTreeSet::new(),
            sample: text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect(),
            best: 0,
            best_who: 0,
            best_from: time,
            best_to: time,
        });
        // A day after it began, what goes on is counted anew; what was the most stays.
        if time - cluster.first >= DAY {
            (cluster.count, cluster.first) = (0, time);
            cluster.who.clear();
        }
        cluster.count += 1;
        cluster.last = cluster.last.max(time);
        if cluster.who.len() < MOST_NAMES {
            cluster.who.insert(SmolStr::new(who.to_lowercase()));
        }
        if (cluster.who.len(), cluster.count) > (cluster.best_who, cluster.best) {
            (cluster.best_who, cluster.best) = (cluster.who.len(), cluster.count);
            (cluster.best_from, cluster.best_to) = (cluster.first, cluster.last);
        }
        cluster.count
    }

    /// What is found.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for ((source, _), cluster) in self.clusters.iter() {
            let (many, from) = if *source == Source::Mail { MAIL } else { REPORTS };
            if cluster.best < many || cluster.best_who < from {
                continue;
            }
            let more = if cluster.best_who >= MOST_NAMES { " or more" } else { "" };
            let title = match source {
                Source::Mail => {
                    format!(
                        "{} near-duplicates of one message from {}{more} senders within a day",
                        cluster.best, cluster.best_who
                    )
                }
                Source::Report => format!("{}{more} users report the same text within a day", cluster.best_who),
            };
            let stamp = |second| Timestamp::from_second(second).unwrap_or_default();
            let mut finding = rule::CAMPAIGN
                .on(Subject::new(SubjectKind::Internet, "internet"))
                .title(title)
                .evidence("text", cluster.sample.clone())
                .evidence("messages", cluster.best.to_string())
                .evidence("first", stamp(cluster.best_from).to_string())
                .evidence("last", stamp(cluster.best_to).to_string());
            let names: Vec<&str> = cluster.who.iter().take(5).map(SmolStr::as_str).collect();
            let what = if *source == Source::Mail { "senders" } else { "reported by" };
            finding = finding.evidence(what, names.join(", "));
            finding.kind = Kind::Detection;
            finding.time = stamp(cluster.best_to);
            findings.push(finding);
        }
        findings
    }

    /// Clusters that were forgotten to keep memory bounded.
    pub fn forgotten(&self) -> u64 {
        self.clusters.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAM: &str = "Dear customer, your parcel could not be delivered because the customs fee of 2.99 was not paid. \
        Pay within 24 hours at https://parcel-fee.example/pay?id=";

    #[test]
    fn one_text_from_many_senders_is_a_campaign_although_names_and_numbers_differ() {
        let mut campaigns = Campaigns::default();
        for number in 0..40 {
            let text = format!("{SPAM}{} Kind regards, agent {number}", number * 7919);
            campaigns.see(Source::Mail, 1000 + number, &format!("x{number}@a{number}.example"), &text);
        }
        let findings = campaigns.findings();
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.starts_with("40 near-duplicates"), "{}", findings[0].title);
    }

    #[test]
    fn a_newsletter_has_one_sender_and_is_none() {
        let mut campaigns = Campaigns::default();
        (0..400).for_each(|number| {
            campaigns.see(Source::Mail, number, "news@shop.example", SPAM);
        });
        assert!(campaigns.findings().is_empty());
    }

    #[test]
    fn everyday_mails_of_many_people_are_none() {
        let mut campaigns = Campaigns::default();
        let words: Vec<&str> =
            "meeting budget lunch invoice server holiday report contract train garden school kitchen window paper"
                .split(' ')
                .collect();
        let mut state = 7usize;
        for number in 0..500 {
            let mut word = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                words[(state >> 33) % words.len()]
            };
            let text: Vec<&str> = (0..40).map(|_| word()).collect();
            campaigns.see(Source::Mail, number, &format!("p{number}@example.org"), &text.join(" "));
        }
        for number in 0..60 {
            campaigns.see(Source::Mail, number, &format!("p{number}@example.org"), "Thanks!");
        }
        let told: Vec<String> = campaigns.findings().into_iter().map(|finding| finding.title).collect();
        assert!(told.is_empty(), "{told:?}");
    }

    #[test]
    fn the_same_popup_reported_by_a_few_users_is_a_campaign() {
        let mut campaigns = Campaigns::default();
        for (number, user) in ["ann", "bob", "eve", "ann", "jim"].iter().enumerate() {
            campaigns.see(
                Source::Report,
                i64::try_from(number).unwrap() * 60,
                user,
                "Program Unresponsiveness, click OK to make it faster",
            );
        }
        assert_eq!(campaigns.findings().len(), 1);
        assert!(campaigns.findings()[0].title.starts_with("4 users"));
    }

    #[test]
    fn a_flood_of_unlike_texts_takes_bounded_memory_and_comes_back_from_its_state() {
        let mut campaigns = Campaigns::new(50);
        for number in 0..2000u64 {
            let text = format!("{:x}{:x} {:x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15), number * 77, number.pow(3));
            campaigns.see(Source::Mail, number.cast_signed(), "x", &text);
        }
        assert!(campaigns.clusters.iter().count() <= 50 && campaigns.forgotten() > 0);
        let back: Campaigns = serde_json::from_str(&serde_json::to_string(&campaigns).unwrap()).unwrap();
        assert_eq!(back.clusters.iter().count(), campaigns.clusters.iter().count());
    }
}
