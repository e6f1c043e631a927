//! Seccomp: none, or a profile of one's own. `docker inspect` holds the whole profile as JSON; it is written by whoever
//! made the container, so it is read with a bound and believed only where it parses.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Area, Finding, Incomplete, Severity, rule};
use serde::Deserialize;

use crate::Exposure;
use crate::exposure::engine_host;

/// The largest profile that is read, in bytes; Docker's own has 14 kB.
const LARGEST: usize = 1 << 20;
/// How many system calls the evidence names.
const NAMED: usize = 12;

/// System calls that Docker's default profile denies to a container without added capabilities, and how bad it is to
/// allow them to everybody.
const DANGEROUS: &[(&str, Severity)] = &[
    ("add_key", Severity::Medium),
    ("keyctl", Severity::Medium),
    ("request_key", Severity::Medium),
    ("bpf", Severity::Medium),
    ("perf_event_open", Severity::Medium),
    ("mount", Severity::Medium),
    ("umount2", Severity::Medium),
    ("move_mount", Severity::Medium),
    ("open_tree", Severity::Medium),
    ("fsopen", Severity::Medium),
    ("fsconfig", Severity::Medium),
    ("fsmount", Severity::Medium),
    ("mount_setattr", Severity::Medium),
    ("pivot_root", Severity::Medium),
    ("setns", Severity::Medium),
    ("unshare", Severity::Medium),
    ("init_module", Severity::Medium),
    ("finit_module", Severity::Medium),
    ("delete_module", Severity::Medium),
    ("kexec_load", Severity::Medium),
    ("kexec_file_load", Severity::Medium),
    ("open_by_handle_at", Severity::Medium),
    ("userfaultfd", Severity::Medium),
    ("io_uring_setup", Severity::Low),
    ("io_uring_enter", Severity::Low),
    ("io_uring_register", Severity::Low),
    ("iopl", Severity::Low),
    ("ioperm", Severity::Low),
    ("acct", Severity::Low),
    ("lookup_dcookie", Severity::Low),
    ("quotactl", Severity::Low),
    ("reboot", Severity::Low),
    ("swapon", Severity::Low),
    ("swapoff", Severity::Low),
    ("settimeofday", Severity::Low),
    ("clock_settime", Severity::Low),
    ("syslog", Severity::Low),
    ("vm86", Severity::Low),
    ("uselib", Severity::Low),
];

/// The parts of a profile that decide (`profiles/seccomp` of the engine).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Profile {
    default_action: String,
    syscalls: Option<Vec<Entry>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    name: String,
    names: Option<Vec<String>>,
    action: String,
    args: Option<Vec<serde_json::Value>>,
    includes: Option<Filter>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    caps: Option<Vec<String>>,
}

impl Entry {
    fn names(&self) -> impl Iterator<Item = &str> {
        let list = self.names.as_deref().unwrap_or_default().iter().map(String::as_str);
        list.chain((!self.name.is_empty()).then_some(self.name.as_str()))
    }

    /// Whether it holds for every container and every argument.
    fn unconditional(&self) -> bool {
        let with_caps = self.includes.as_ref().and_then(|filter| filter.caps.as_deref()).unwrap_or_default();
        self.args.as_deref().unwrap_or_default().is_empty() && with_caps.is_empty()
    }
}

fn lets_through(action: &str) -> bool {
    matches!(action, "SCMP_ACT_ALLOW" | "SCMP_ACT_LOG")
}

impl Profile {
    /// Dangerous calls that it allows to everybody.
    fn allows(&self) -> Vec<(&'static str, Severity)> {
        let entries = self.syscalls.as_deref().unwrap_or_default();
        let listed = |name: &str, allowing: bool| {
            entries.iter().any(|entry| {
                entry.unconditional() && lets_through(&entry.action) == allowing && entry.names().any(|it| it == name)
            })
        };
        let by_default = lets_through(&self.default_action);
        DANGEROUS
            .iter()
            .copied()
            .filter(|(name, _)| if by_default { !listed(name, false) } else { listed(name, true) })
            .collect()
    }
}

/// What a `seccomp=` option holds.
enum Given<'a> {
    /// A profile that was read.
    Profile(Profile),
    /// Something that is neither a known word nor a profile that can be read.
    Unreadable(&'a str),
}

/// The container's own profile, where it has one.
fn own_profile(container: &Container) -> Option<Given<'_>> {
    let text = container.security_opt("seccomp").last()?;
    if matches!(text, "unconfined" | "builtin" | "default" | "") {
        return None;
    }
    let profile = (text.len() <= LARGEST).then(|| serde_json::from_str(text).ok()).flatten();
    Some(profile.map_or(Given::Unreadable(text), Given::Profile))
}

/// A profile that could not be judged.
pub(super) fn gap(container: &Container) -> Option<Incomplete> {
    let Some(Given::Unreadable(text)) = own_profile(container) else { return None };
    let why = if text.len() > LARGEST {
        format!("it has {} bytes, more than the {LARGEST} that are read", text.len())
    } else {
        "it is no profile in JSON; look at the file that the container was started with".to_owned()
    };
    Some(Incomplete::new(Area::Breakout, format!("the seccomp profile of container {}", container.name), why))
}

pub(super) fn finding(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    if container.security_opt("seccomp").last() == Some("unconfined") {
        let finding = rule::SECCOMP_UNCONFINED
            .on(container.subject())
            .severity(exposure.weigh(Severity::Medium))
            .evidence("HostConfig.SecurityOpt", "seccomp=unconfined");
        return Some(kernel_surface(facts, finding));
    }
    let Some(Given::Profile(profile)) = own_profile(container) else { return None };
    let allowed = profile.allows();
    let worst = allowed.iter().map(|(_, severity)| *severity).max()?;
    let shown: Vec<_> = allowed.iter().take(NAMED).map(|(name, _)| *name).collect();
    let more = allowed.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let finding = rule::SECCOMP_PERMISSIVE
        .on(container.subject())
        .severity(exposure.weigh(worst))
        .evidence("HostConfig.SecurityOpt seccomp defaultAction", &profile.default_action)
        .evidence("HostConfig.SecurityOpt seccomp allows", format!("{}{rest}", shown.join(", ")));
    let namespaces = allowed.iter().any(|(name, _)| matches!(*name, "unshare" | "setns"));
    Some(if namespaces { kernel_surface(facts, finding) } else { finding })
}

/// A container that can make user namespaces is root in them, and with that reaches the parts of the kernel in which
/// most of its flaws are.
fn kernel_surface(facts: &Facts, finding: Finding) -> Finding {
    let host = engine_host(facts);
    let is = |key: &str, value: &str| host.and_then(|host| host.sysctls.get(key)).is_some_and(|set| set == value);
    if is("user.max_user_namespaces", "0") || is("kernel.unprivileged_userns_clone", "0") {
        return finding;
    }
    finding
        .reaches(
            keelguard_model::Subject::host_root(),
            8,
            "makes a user namespace and exploits a part of the kernel that only root reaches",
        )
        .needs("a flaw in the kernel that is not fixed here")
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::*;

    fn judged(option: &str) -> Option<Finding> {
        let facts = sample::host().container("web", |c| c.host_config.security_opt.push(option.into())).facts();
        let container = &facts.containers()[0];
        finding(&facts, container, Exposure::of(&facts, container))
    }

    fn profile(default: &str, entries: &str) -> String {
        format!(r#"seccomp={{"defaultAction":"{default}","syscalls":[{entries}]}}"#)
    }

    #[test]
    fn no_filter_opens_user_namespaces_and_with_them_the_kernel() {
        let finding = judged("seccomp=unconfined").unwrap();
        assert_eq!((finding.rule.as_str(), finding.severity), ("KG-B020", Severity::Medium));
        assert_eq!(finding.reaches[0].cost, 8);
    }

    #[test]
    fn without_user_namespaces_the_kernels_surface_stays_closed() {
        for (key, value) in [("user.max_user_namespaces", "0"), ("kernel.unprivileged_userns_clone", "0")] {
            let facts = sample::host()
                .with(|facts| {
                    facts.host.sysctls.insert(key.into(), value.into());
                })
                .container("web", |c| c.host_config.security_opt.push("seccomp=unconfined".into()))
                .facts();
            let container = &facts.containers()[0];
            let finding = finding(&facts, container, Exposure::of(&facts, container)).unwrap();
            assert!(finding.reaches.is_empty(), "{key}");
        }
    }

    #[test]
    fn dockers_own_profile_by_name_is_fine() {
        assert!(judged("seccomp=builtin").is_none());
        assert!(judged("no-new-privileges").is_none());
    }

    #[test]
    fn a_profile_that_allows_by_default_is_judged_by_what_it_forgets_to_deny() {
        let finding = judged(&profile("SCMP_ACT_ALLOW", r#"{"names":["mount"],"action":"SCMP_ACT_ERRNO"}"#)).unwrap();
        assert_eq!((finding.rule.as_str(), finding.severity), ("KG-B021", Severity::Medium));
        assert_eq!(finding.reaches.len(), 1);
        let names = DANGEROUS.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
        let denies = format!(r#"{{"names":[{names}],"action":"SCMP_ACT_ERRNO"}}"#);
        assert!(judged(&profile("SCMP_ACT_ALLOW", &denies)).is_none(), "it denies all that the default one denies");
    }

    #[test]
    fn a_call_that_is_allowed_to_everybody_is_told_apart_from_one_that_is_allowed_with_a_capability() {
        let deny = |entry: &str| judged(&profile("SCMP_ACT_ERRNO", entry));
        let keyctl = deny(r#"{"names":["read","keyctl"],"action":"SCMP_ACT_ALLOW"}"#).unwrap();
        assert_eq!(keyctl.evidence[1].value, "keyctl");
        assert!(
            deny(r#"{"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}"#).is_none()
        );
        assert!(deny(r#"{"names":["unshare"],"action":"SCMP_ACT_ALLOW","args":[{"index":0}]}"#).is_none());
        let uring = deny(r#"{"name":"io_uring_setup","action":"SCMP_ACT_ALLOW"}"#).unwrap();
        assert_eq!(uring.severity, Severity::Low);
    }

    #[test]
    fn a_profile_that_cannot_be_read_is_a_gap_not_a_pass_and_not_a_crash() {
        let deep = format!("seccomp={}", "[".repeat(100_000));
        let huge = format!("seccomp={}", " ".repeat(LARGEST + 1));
        for option in ["seccomp=/etc/profile.json", "seccomp={\"syscalls\":7}", &deep, &huge] {
            assert!(judged(option).is_none());
            let facts = sample::host().container("web", |c| c.host_config.security_opt.push(option.into())).facts();
            assert!(gap(&facts.containers()[0]).is_some_and(|gap| gap.what.ends_with("web")));
        }
    }
}
