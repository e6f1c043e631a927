//! The one result type: every judge and every detector ends in a [`Finding`], and whatever shows, stores or sends
//! results knows only that.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Area, Severity, Subject};

/// A door that stands open, or somebody coming through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something that makes harm possible.
    Weakness,
    /// Something that happened.
    Detection,
}

/// A field and its value, as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The exact field, in the words of its source: `Mounts[0].Source`, `HostConfig.Privileged`, `/proc/1/status CapEff`.
    pub what: String,
    /// Its value.
    pub value: String,
}

/// Text to put into a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snippet {
    /// The file: `compose.yaml`, `/etc/docker/daemon.json`.
    pub file: String,
    /// What to put there.
    pub text: String,
}

/// How to close the door.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// One sentence.
    pub summary: String,
    /// Shell commands, run in this order on the host.
    pub commands: Vec<String>,
    /// The same change as text for files, for those who keep their containers in files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snippets: Vec<Snippet>,
}

/// Where to read on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refs {
    /// CVE ids.
    pub cve: Vec<String>,
    /// Sections of the CIS Docker Benchmark 1.6 that this finding fails.
    pub cis: Vec<String>,
    /// Sections of the CIS AWS Foundations Benchmark 7.0 that this finding fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cis_aws: Vec<String>,
    /// MITRE ATT&CK techniques.
    pub attack: Vec<String>,
    /// Addresses.
    pub links: Vec<String>,
}

/// What the weakness gives an attacker: an edge of the attack graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// Where the attacker stands. A container named `*` is every container.
    pub from: Subject,
    /// What they have afterwards.
    pub to: Subject,
    /// How hard it is: 1 a documented command, 3 a public technique with preconditions, 5 an exploit of an unknown
    /// service, 8 a kernel exploit. Costs add up along a path.
    pub cost: u32,
    /// The step in words: `writes /etc/cron.d through the mount /host`.
    pub how: String,
    /// What else must be so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
}

/// Why a finding is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// The reason that the exception gives.
    pub reason: String,
    /// Its last day, `2027-01-31`.
    pub until: Option<String>,
}

/// One problem on one subject. Made by [`crate::Rule::on`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's id: `KG-B001`.
    pub rule: String,
    /// The area.
    pub area: Area,
    /// Weakness or detection.
    pub kind: Kind,
    /// What an attacker gains here, on this subject; may differ from the rule's default.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What it is about.
    pub subject: Subject,
    /// All whom it is about, where these are several who share one problem (the users of one group); `subject` is then
    /// what they have in common, or the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// How to close it.
    pub fix: Fix,
    /// Where to read on.
    pub refs: Refs,
    /// Edges that this weakness adds to the attack graph.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<Reach>,
    /// Names the same problem on the same subject over runs: 16 hexadecimal digits.
    pub fingerprint: String,
    /// When it was so, RFC 3339.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Set where an exception covers it.
    pub suppressed: Option<Suppressed>,
}

impl Finding {
    /// The field that was read and its value.
    #[must_use]
    pub fn evidence(mut self, what: impl Into<String>, value: impl Into<String>) -> Self {
        self.evidence.push(Evidence { what: what.into(), value: value.into() });
        self
    }

    /// A severity other than the rule's default.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// A title that names the case.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Tells this problem from another of the same rule on the same subject (a path, a capability, a CVE), so that each
    /// has a fingerprint of its own. Must not hold anything that changes from run to run, such as an id or a pid.
    #[must_use]
    pub fn about(mut self, what: &str) -> Self {
        self.fingerprint = fingerprint(&self.rule, &self.subject, what);
        self
    }

    /// The one sentence of the fix, where it differs from the rule's.
    #[must_use]
    pub fn fix(mut self, summary: impl Into<String>) -> Self {
        self.fix.summary = summary.into();
        self
    }

    /// One more command of the fix.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.fix.commands.push(command.into());
        self
    }

    /// One more piece of text of the fix.
    #[must_use]
    pub fn snippet(mut self, file: impl Into<String>, text: impl Into<String>) -> Self {
        self.fix.snippets.push(Snippet { file: file.into(), text: text.into() });
        self
    }

    /// The CVE that this finding is about.
    #[must_use]
    pub fn cve(mut self, cve: impl Into<String>) -> Self {
        self.refs.cve.push(cve.into());
        self
    }

    /// The sections of the benchmark that this finding fails, in place of all those of its rule.
    #[must_use]
    pub fn cis(mut self, sections: &[&str]) -> Self {
        self.refs.cis = sections.iter().map(ToString::to_string).collect();
        self
    }

    /// From the subject to `to` at `cost`: an edge of the attack graph.
    #[must_use]
    pub fn reaches(self, to: Subject, cost: u32, how: impl Into<String>) -> Self {
        let from = self.subject.clone();
        self.reaches_from(from, to, cost, how)
    }

    /// An edge that does not start at the subject.
    #[must_use]
    pub fn reaches_from(mut self, from: Subject, to: Subject, cost: u32, how: impl Into<String>) -> Self {
        self.reaches.push(Reach { from, to, cost, how: how.into(), needs: Vec::new() });
        self
    }

    /// A precondition of the edge added last.
    #[must_use]
    pub fn needs(mut self, what: impl Into<String>) -> Self {
        if let Some(reach) = self.reaches.last_mut() {
            reach.needs.push(what.into());
        }
        self
    }
}

/// 16 hexadecimal digits over rule, subject (kind and name, not id) and what tells it from its siblings.
pub(crate) fn fingerprint(rule: &str, subject: &Subject, about: &str) -> String {
    let mut hash = Sha256::new();
    for part in [rule, subject.kind.name(), &subject.name, about] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let number = hash.finalize().iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{number:016x}")
}
