//! What is wrong with an image beside its packages' vulnerabilities, and how vulnerabilities become findings. Pure: data
//! in, findings out. `KG-I001`–`KG-I059`.

mod built;
mod end_of_life;
mod files;
mod vulnerable;

pub use vulnerable::{Exposure, each, summed};

use jiff::Timestamp;
use keelguard_model::{Finding, Subject};

use crate::Examined;

/// The name under which an image is spoken of: its reference, else what was asked for.
pub fn subject(examined: &Examined) -> Subject {
    let target = &examined.target;
    let name = target.reference.as_deref().unwrap_or(&target.input);
    Subject::image(name, target.digest.as_deref())
}

/// How the image was built and is kept. `now` is when it was looked at.
pub fn judge(examined: &Examined, now: Timestamp) -> Vec<Finding> {
    let subject = subject(examined);
    let mut findings = built::findings(examined, &subject, now);
    findings.extend(end_of_life::finding(examined, &subject, now));
    findings.extend(files::findings(examined, &subject));
    for finding in &mut findings {
        finding.time = now;
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    findings
}

#[cfg(test)]
mod tests;
