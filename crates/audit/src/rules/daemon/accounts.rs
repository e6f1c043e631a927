//! Who may command engines from this host, and what builds may ask for: the docker group (D01), contexts (D08),
//! BuildKit's entitlements (D09).

use keelguard_host::Facts;
use keelguard_host::facts::Context;
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};

use super::is_rootless;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::DOCKER_GROUP,
        change: Change::Own(|facts, _| {
            if let Some(group) = &mut facts.host.docker_group {
                group.primary.clear();
                group.members.retain(|member| member == "root");
                group.socket_group.iter_mut().for_each(|(_, members)| members.retain(|member| member == "root"));
            }
        }),
    },
    Remedy {
        rule: &rule::INSECURE_CONTEXT,
        change: Change::Own(|facts, finding| {
            facts.host.contexts.retain(|context| context_subject(context) != finding.subject);
        }),
    },
    Remedy {
        rule: &rule::BUILD_ENTITLEMENT,
        change: Change::Own(|facts, finding| {
            let gone = |name: &str| finding.evidence.iter().any(|evidence| evidence.value == name);
            facts.host.build_entitlements.retain(|name| !gone(name));
        }),
    },
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found: Vec<Finding> = group_members(facts).into_iter().collect();
    found.extend(facts.host.contexts.iter().filter_map(context));
    found.extend(facts.host.build_entitlements.iter().map(|name| entitlement(name)));
    found
}

/// One finding that lists all: it is one decision, who belongs to the group.
fn group_members(facts: &Facts) -> Option<Finding> {
    let group = facts.host.docker_group.as_ref()?;
    // A rootless engine answers to its own user alone; the group opens nothing.
    if is_rootless(facts) {
        return None;
    }
    let socket_group = group.socket_group.iter().map(|(name, members)| (name.as_str(), members));
    let mut finding = rule::DOCKER_GROUP.on(Subject::engine());
    let mut seen = Vec::new();
    for (name, members) in std::iter::once(("docker", &group.members)).chain(socket_group) {
        // Members of group root are as good as root by other means already.
        for member in members.iter().filter(|member| *member != "root" && name != "root") {
            if !seen.contains(&(name, member)) {
                seen.push((name, member));
                finding = finding.evidence(format!("group {name}"), member);
                let member_word = shell_word(member);
                // Who has it as primary group is not on its list, and gets a group of their own instead.
                finding = if group.primary.contains(member) {
                    finding
                        .command(format!("groupadd -f -- {member_word}"))
                        .command(format!("usermod -g {member_word} -- {member_word}"))
                } else {
                    finding.command(format!("gpasswd -d {member_word} {}", shell_word(name)))
                };
            }
        }
    }
    (!seen.is_empty()).then_some(finding)
}

fn context_subject(context: &Context) -> Subject {
    Subject::new(SubjectKind::User, format!("{} (context {})", context.user, context.name))
}

fn context(context: &Context) -> Option<Finding> {
    let rest = context.host.strip_prefix("tcp://").or_else(|| context.host.strip_prefix("http://"))?;
    let address = rest.split('/').next().unwrap_or_default();
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if here || (context.tls && !context.skip_verify) {
        return None;
    }
    let mut finding =
        rule::INSECURE_CONTEXT.on(context_subject(context)).evidence("Endpoints.docker.Host", &context.host);
    if context.skip_verify {
        finding = finding.evidence("Endpoints.docker.SkipTLSVerify", "true");
    } else {
        finding = finding.evidence("TLS material", "none");
    }
    let ssh = shell_word(&format!("host=ssh://root@{host}")).into_owned();
    let name = shell_word(&context.name);
    Some(if context.name == "default" {
        finding.command(format!("export DOCKER_HOST={}", shell_word(&format!("ssh://root@{host}"))))
    } else {
        finding.command(format!("docker context update {name} --docker {ssh}"))
    })
}

fn entitlement(name: &str) -> Finding {
    // The host's network is one step, a process without confinement is the host.
    let severity = if name == "security.insecure" { Severity::Medium } else { Severity::Low };
    rule::BUILD_ENTITLEMENT
        .on(Subject::engine())
        .about(name)
        .severity(severity)
        .evidence("insecure-entitlements", name)
        .snippet("/etc/buildkit/buildkitd.toml", "insecure-entitlements = []\n")
        .snippet(
            "/etc/docker/daemon.json",
            "{\n  \"builder\": { \"Entitlements\": { \"network-host\": false, \"security-insecure\": false } }\n}",
        )
        .command("systemctl restart docker")
}
