//! A registry that was asked: who may do what there, and by what it is reached. One that is a public service is there to be
//! read by everybody, and says something only by its encryption.

use jiff::{SignedDuration, Timestamp};
use keelguard_model::registry::{COMMAND_LINE, Certificate, Https, Look, Probe, Where};
use keelguard_model::{Finding, Rule, Severity, Subject, SubjectKind, rule};

/// A certificate that ends sooner than this ends soon.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Bits of an RSA key below which it is weak (NIST SP 800-131A).
const LEAST_BITS: usize = 2048;

/// Logins that were tried without anything slowing them down, from which on that is said.
const MANY_TRIES: usize = 5;

pub(super) fn findings(probe: &Probe, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !probe.public_service {
        findings.extend(open(probe));
        findings.extend(tokens_and_logins(probe));
        findings.extend(encryption(probe));
    }
    if let Some(https) = &probe.https {
        findings.extend(tls(probe, https, now));
    }
    findings.extend(limits(probe));
    findings
}

fn on(rule: &'static Rule, probe: &Probe) -> Finding {
    rule.on(subject(probe))
}

pub(super) fn subject(probe: &Probe) -> Subject {
    Subject::new(SubjectKind::Registry, &probe.address)
}

/// One notch less where only this machine reaches it: an attacker has to be on it already. By which address a user has it
/// asked says nothing about who else reaches it.
fn nearer(severity: Severity, probe: &Probe) -> Severity {
    let is_near = probe.place == Where::Loopback && !probe.named_by.iter().any(|by| by == COMMAND_LINE);
    match (is_near, severity) {
        (true, Severity::Critical) => Severity::High,
        (true, Severity::High) => Severity::Medium,
        (true, Severity::Medium) => Severity::Low,
        (true, _) => Severity::Info,
        (_, severity) => severity,
    }
}

fn at(rule: &'static Rule, probe: &Probe) -> Finding {
    on(rule, probe).severity(nearer(rule.severity, probe))
}

/// What is open to whoever comes.
fn open(probe: &Probe) -> Vec<Finding> {
    let repository = probe.repository.as_deref().unwrap_or_default();
    let rows: [(Look, &'static Rule, String); 4] = [
        (probe.push, &rule::ANONYMOUS_PUSH, format!("PUT /v2/{repository}/manifests/… without a login")),
        (probe.delete, &rule::ANONYMOUS_DELETE, format!("DELETE /v2/{repository}/manifests/sha256:0… without a login")),
        (probe.pull, &rule::ANONYMOUS_PULL, format!("GET /v2/{repository}/tags/list without a login")),
        (probe.catalogue, &rule::OPEN_CATALOGUE, "GET /v2/_catalog without a login".to_owned()),
    ];
    let mut findings = Vec::new();
    for (look, rule, what) in rows {
        if look != Look::Open {
            continue;
        }
        let value = match probe.listed.filter(|_| rule.id == rule::OPEN_CATALOGUE.id) {
            Some(1) => "1 repository is listed".to_owned(),
            Some(count) => format!("{count} repositories are listed"),
            None => "is not refused".to_owned(),
        };
        findings.push(at(rule, probe).evidence(what, value));
    }
    findings
}

fn tokens_and_logins(probe: &Probe) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(token) = probe.token.as_ref().filter(|token| !token.beyond.is_empty()) {
        let mut finding = on(&rule::WIDE_TOKEN, probe).evidence("asked", &token.asked);
        for beyond in token.beyond.iter().take(5) {
            finding = finding.evidence("granted", beyond);
        }
        findings.push(finding);
    }
    for name in &probe.default_logins {
        let finding =
            on(&rule::DEFAULT_LOGIN, probe).about(name).evidence("taken", format!("{name}, with its first password"));
        findings.push(finding);
    }
    if probe.tried >= MANY_TRIES && !probe.slowed {
        let value = format!("{} logins, none of them slowed down", probe.tried);
        findings.push(at(&rule::UNHURRIED_GUESSING, probe).evidence("tried", value));
    }
    if probe.with_login.as_ref().is_some_and(|login| login.delete == Look::Open) {
        let what = "DELETE /v2/…/manifests/sha256:0… with the login";
        findings.push(on(&rule::DELETE_ENABLED, probe).evidence(what, "is not refused"));
    }
    for endpoint in &probe.open_endpoints {
        let severity = if endpoint.kind == "metrics" { Severity::Low } else { Severity::Medium };
        findings.push(
            on(&rule::OPEN_DEBUG, probe)
                .about(&endpoint.kind)
                .severity(nearer(severity, probe))
                .title(format!("The registry shows its {} to anybody", endpoint.kind))
                .evidence(&endpoint.kind, &endpoint.address),
        );
    }
    findings
}

/// Whether it is spoken to without.
fn encryption(probe: &Probe) -> Option<Finding> {
    let plain = probe.plain.as_ref().filter(|plain| !plain.sends_on)?;
    let rule = if plain.asks_password { &rule::PASSWORD_IN_PLAIN } else { &rule::PLAIN_REGISTRY };
    let value = format!("{}, and does not send on to https", plain.status);
    Some(at(rule, probe).evidence(format!("http://{}/v2/", probe.address), value))
}

fn tls(probe: &Probe, https: &Https, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let old: Vec<&str> =
        https.versions.iter().map(String::as_str).filter(|name| matches!(*name, "TLS 1.0" | "TLS 1.1")).collect();
    if !old.is_empty() {
        findings.push(at(&rule::OLD_TLS, probe).evidence("TLS", old.join(", ")));
    }
    let ended = https.chain.first().and_then(ends).is_some_and(|end| end <= now);
    if let Some(why) = &https.untrusted {
        let mut finding = at(&rule::BAD_CERTIFICATE, probe).evidence("certificate", why);
        if let Some(own) = https.chain.first() {
            finding = finding.evidence("issuer", &own.issuer).evidence("until", &own.not_after);
        }
        findings.push(if ended { finding.title("The registry's certificate has ended") } else { finding });
    }
    let soonest = https.chain.iter().filter_map(|one| Some((ends(one)?, one))).min_by_key(|(end, _)| *end);
    if let Some((end, one)) = soonest
        && end > now
        && end.duration_since(now) < SOON
    {
        let days = end.duration_since(now).as_hours() / 24;
        findings.push(
            on(&rule::CERTIFICATE_ENDS, probe)
                .evidence(&one.subject, format!("until {}, in {days} days", one.not_after)),
        );
    }
    for one in &https.chain {
        if let Some(why) = weakness(one) {
            findings.push(at(&rule::WEAK_CERTIFICATE, probe).about(&one.subject).evidence(&one.subject, why));
        }
    }
    findings
}

fn ends(certificate: &Certificate) -> Option<Timestamp> {
    certificate.not_after.parse().ok()
}

/// Why a certificate is weak. A root's own signature says nothing: it is trusted by being known.
fn weakness(certificate: &Certificate) -> Option<String> {
    if let Some(bits) = certificate.bits.filter(|bits| *bits < LEAST_BITS) {
        return Some(format!("{} of {bits} bits", certificate.key));
    }
    let is_root = certificate.subject == certificate.issuer;
    let weak = matches!(certificate.signed_with.as_str(), "MD5" | "SHA-1");
    (weak && !is_root).then(|| format!("signed by way of {}", certificate.signed_with))
}

fn limits(probe: &Probe) -> Vec<Finding> {
    let used_up =
        probe.limits.iter().filter(|limit| limit.left.is_some_and(|left| left.saturating_mul(10) <= limit.most));
    let say = |limit: &keelguard_model::registry::Limit| {
        let hours = limit.seconds.map(|seconds| format!(" in {} hours", seconds.div_ceil(3600))).unwrap_or_default();
        let value = format!("{} of {}{hours} left", limit.left.unwrap_or_default(), limit.most);
        on(&rule::PULLS_USED_UP, probe).about(&limit.of).evidence(&limit.of, value)
    };
    used_up.map(say).take(1).collect()
}
