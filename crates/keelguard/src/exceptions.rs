//! Exceptions: risks that somebody has accepted, with a reason and, best, an end.

use anyhow::{Context as _, Result, bail};
use globset::{Glob, GlobMatcher};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use keelguard_model::{Finding, Suppressed};

/// One `[[exceptions]]` entry.
#[derive(Debug)]
pub(crate) struct Exception {
    rule: Option<GlobMatcher>,
    subject: Option<GlobMatcher>,
    vulnerability: Option<GlobMatcher>,
    reason: String,
    until: Option<Date>,
}

impl Exception {
    /// What it covers and why, in one line.
    pub(crate) fn summary(&self) -> String {
        let glob = |glob: &Option<GlobMatcher>| glob.as_ref().map_or("*", |glob| glob.glob().glob()).to_owned();
        let until = self.until.map(|until| format!(" until {until}")).unwrap_or_default();
        format!("{} {} {}{until}: {}", glob(&self.rule), glob(&self.subject), glob(&self.vulnerability), self.reason)
    }

    /// From the table in the settings file; every key is a string.
    pub(crate) fn parse(
        rule: Option<&str>,
        subject: Option<&str>,
        vulnerability: Option<&str>,
        reason: Option<&str>,
        until: Option<&str>,
    ) -> Result<Self> {
        let glob = |pattern: &str| {
            Glob::new(pattern)
                .map(|glob| glob.compile_matcher())
                .with_context(|| format!("understand the pattern {pattern:?}"))
        };
        if rule.is_none() && subject.is_none() && vulnerability.is_none() {
            bail!(
                "an exception needs a rule, a subject or a vulnerability (or several); without any it would cover everything"
            );
        }
        let Some(reason) = reason.map(str::trim).filter(|reason| !reason.is_empty()) else {
            bail!("an exception needs a reason");
        };
        let until = until.map(|day| {
            day.parse::<Date>().with_context(|| format!("understand until = {day:?}; write it as 2027-01-31"))
        });
        Ok(Self {
            rule: rule.map(|rule| glob(&rule.to_uppercase())).transpose()?,
            subject: subject.map(glob).transpose()?,
            vulnerability: vulnerability.map(|id| glob(&id.to_uppercase())).transpose()?,
            reason: reason.to_owned(),
            until: until.transpose()?,
        })
    }

    /// Whether it accepts single vulnerabilities.
    pub(crate) fn is_about_one(&self) -> bool {
        self.vulnerability.is_some()
    }

    fn covers(&self, finding: &Finding) -> bool {
        let name = &finding.subject.name;
        let with_kind = format!("{}:{name}", finding.subject.kind.name());
        self.rule.as_ref().is_none_or(|rule| rule.is_match(&finding.rule))
            && self.subject.as_ref().is_none_or(|subject| subject.is_match(name) || subject.is_match(&with_kind))
            && self
                .vulnerability
                .as_ref()
                .is_none_or(|wanted| ids(finding).any(|id| wanted.is_match(id.to_uppercase())))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        // The last day counts in full, wherever the host is.
        self.until.is_some_and(|until| TimeZone::UTC.to_datetime(now).date() > until)
    }
}

/// The names of the one vulnerability that a finding is about. A finding that sums several up has none: an exception for
/// one of them must not cover the others.
fn ids(finding: &Finding) -> impl Iterator<Item = &str> {
    let vulnerability = finding.evidence.iter().filter(|evidence| evidence.what == "vulnerability");
    vulnerability
        .flat_map(|evidence| evidence.value.split(", "))
        .chain(finding.refs.cve.iter().map(String::as_str).filter(|_| finding.refs.cve.len() == 1))
}

/// Marks what exceptions cover. `now` is the time of the facts. Returns warnings: expired exceptions that still would
/// cover something, and those that cover nothing.
pub(crate) fn apply(exceptions: &[Exception], findings: &mut [Finding], now: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    for (number, exception) in exceptions.iter().enumerate() {
        let covered: Vec<&mut Finding> = findings.iter_mut().filter(|finding| exception.covers(finding)).collect();
        let count = covered.len();
        if exception.is_over(now) {
            let until = exception.until.map(|until| until.to_string()).unwrap_or_default();
            warnings.push(format!(
                "exception {} ({}) expired on {until}; it would cover {count} finding{}",
                number + 1,
                keelguard_model::text::printable(&exception.reason),
                if count == 1 { "" } else { "s" }
            ));
            continue;
        }
        for finding in covered {
            finding.suppressed = Some(Suppressed {
                reason: exception.reason.clone(),
                until: exception.until.map(|until| until.to_string()),
            });
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use keelguard_model::{Subject, rule};

    use super::*;

    fn finding(name: &str) -> Finding {
        rule::PRIVILEGED.on(Subject::container(name, "1"))
    }

    fn day(text: &str) -> Timestamp {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    #[test]
    fn an_exception_covers_by_rule_and_subject_pattern() {
        let exception =
            Exception::parse(Some("kg-b*"), Some("container:build-*"), None, Some("throw-away runners"), None).unwrap();
        let mut findings = [finding("build-1"), finding("web")];
        assert!(apply(&[exception], &mut findings, day("2026-11-23")).is_empty());
        assert_eq!(findings.map(|finding| finding.suppressed.is_some()), [true, false]);
    }

    #[test]
    fn an_expired_exception_is_a_warning_and_covers_nothing() {
        let exception =
            || Exception::parse(Some("KG-B003"), None, None, Some("until the move"), Some("2026-11-22")).unwrap();
        let mut findings = [finding("web")];
        let warnings = apply(&[exception()], &mut findings, day("2026-11-23"));
        assert!(warnings[0].contains("expired on 2026-11-22") && findings[0].suppressed.is_none());
        assert!(apply(&[exception()], &mut findings, day("2026-11-22")).is_empty());
        assert!(findings[0].suppressed.is_some(), "the last day counts");
    }

    #[test]
    fn an_exception_without_reason_or_without_aim_is_refused() {
        assert!(Exception::parse(Some("KG-B003"), None, None, Some(" "), None).is_err());
        assert!(Exception::parse(None, None, None, Some("all"), None).is_err());
        assert!(Exception::parse(Some("KG-B003"), None, None, Some("x"), Some("soon")).is_err());
    }

    #[test]
    fn an_exception_for_one_vulnerability_covers_no_other_and_no_sum() {
        let exception =
            Exception::parse(None, None, Some("cve-2026-1"), Some("the feature is not compiled in"), None).unwrap();
        let of = |ids: &[&str]| {
            let finding = rule::FIXABLE.on(Subject::image("web:1", None));
            ids.iter().fold(finding, |finding, id| finding.cve(*id))
        };
        let by_other_name = rule::FIXABLE
            .on(Subject::image("web:1", None))
            .evidence("vulnerability", "GHSA-aaaa-bbbb-cccc, CVE-2026-1");
        let mut findings =
            [of(&["CVE-2026-1"]), of(&["CVE-2026-12"]), of(&["CVE-2026-1", "CVE-2026-2"]), by_other_name];
        apply(&[exception], &mut findings, day("2026-11-23"));
        assert_eq!(findings.map(|finding| finding.suppressed.is_some()), [true, false, false, true]);
    }
}
