//! The catalogue of rules: a table a theme. Ids are given out by range, so that a theme can grow:
//! `KG-B001`–`069` one container's own configuration, `070`–`099` what it mounts, `100`–`199` the engine, its files and
//! networks, `200`–`249` versions, `250`–`299` what images bring. `KG-I001`–`019` what is known to
//! be wrong in an image, `020`–`059` how it was built and is kept. `KG-A001`–`019` who becomes whom in AWS, `020`–`039` who is let in from outside,
//! `040`–`059` who may do more than needed, `060`–`099` passwords, keys and the account itself. `KG-L001`–`009` guessing, `010`–`019` what a user never
//! did, `020`–`029` who came in, `030`–`049` what they changed. `KG-T001`–`009` the machine, `010`–`019` memory, engine, containers and services, `020`–`029`
//! clock, power and heat, `030`–`039` habits. `KG-P001`–`039` what metrics show, `040`–`079` what is behind it. `KG-D001`–`019` files
//! unlike their baseline. `090` of a sign is what Sigma rules find. `KG-A101`–`129` a registry that was asked, `130`–`149` what its vendor says,
//! `150`–`169` this host as its client, `170`–`189` a registry that runs here, `190`–`199` publishers of images. `KG-S001`–`039` what a mailbox shows, `040`–`049` mail unlike its past, `050`–`079` lures. `KG-D020`–`039` ransomware, `040`–`059` backups, `060`–`089` logs that were tampered with.

/// Makes a `static` of each row and the list `RULES` of them all.
macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $area:ident, $severity:ident, $effort:ident, $title:literal {
        wrong: $wrong:literal, why: $why:literal, fix: $fix:literal,
        covers: [$($covers:literal),*], cis: [$($cis:literal),*], $(cis_aws: [$($aws:literal),*],)?
        attack: [$($attack:literal),*],
        cve: [$($cve:literal),*], links: [$($link:literal),*] $(,)?
    })*) => {
        $(
            #[doc = $title]
            $(#[$doc])*
            pub static $name: $crate::Rule = $crate::Rule {
                id: $id, area: $crate::Area::$area, title: $title, severity: $crate::Severity::$severity,
                wrong: $wrong, why: $why, fix: $fix, effort: $crate::Effort::$effort,
                covers: &[$($covers),*], cis: &[$($cis),*], cis_aws: &[$($($aws),*)?],
                attack: &[$($attack),*], cve: &[$($cve),*], links: &[$($link),*],
            };
        )*
        /// The rows of this table.
        pub(crate) static RULES: &[&$crate::Rule] = &[$(&$name),*];
    };
}

pub mod account;
pub mod backups;
pub mod causes;
pub mod container;
pub mod contents;
pub mod daemon;
pub mod downtime;
pub mod iam;
pub mod image;
pub mod integrity;
pub mod log_tampering;
pub mod logins;
pub mod mounts;
pub mod performance;
pub mod ransom;
pub mod registry;
pub mod resources;
pub mod sigma;
pub mod spam;
pub mod surge;
pub mod versions;

use crate::Rule;

/// Every rule, by area and id.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let tables = [
        contents::RULES,
        resources::RULES,
        container::RULES,
        mounts::RULES,
        daemon::RULES,
        versions::RULES,
        image::RULES,
        iam::RULES,
        account::RULES,
        registry::RULES,
        causes::RULES,
        logins::RULES,
        integrity::RULES,
        downtime::RULES,
        performance::RULES,
        log_tampering::RULES,
        ransom::RULES,
        backups::RULES,
        sigma::RULES,
        spam::RULES,
        surge::RULES,
    ];
    tables.into_iter().flatten().copied()
}

/// The rule with this id, in whatever case it is typed.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_column_of_every_row_is_filled_and_no_id_is_used_twice() {
        let mut seen = HashSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "{} is used twice", rule.id);
            let expected = format!("KG-{}", rule.area.letter());
            assert!(rule.id.starts_with(&expected) && rule.id.len() == 7, "{} is not {expected}nnn", rule.id);
            for (column, text) in [("title", rule.title), ("wrong", rule.wrong), ("why", rule.why), ("fix", rule.fix)] {
                assert!(text.len() > 10, "{} has no {column}", rule.id);
            }
            assert!(!rule.title.ends_with('.'), "{}: a title is no sentence", rule.id);
            for text in [rule.wrong, rule.why, rule.fix] {
                assert!(text.ends_with('.'), "{}: {text:?} is no sentence", rule.id);
            }
            for technique in rule.attack {
                assert!(technique.starts_with('T'), "{}: {technique}", rule.id);
            }
            for cve in rule.cve {
                assert!(cve.starts_with("CVE-"), "{}: {cve}", rule.id);
            }
        }
    }

    #[test]
    fn rules_are_found_in_whatever_case_they_are_typed() {
        assert_eq!(find("kg-b003").map(|rule| rule.id), Some("KG-B003"));
        assert!(find("KG-B999").is_none());
    }
}
