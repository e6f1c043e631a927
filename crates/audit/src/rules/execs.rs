//! Sessions that somebody opened in a container with `docker exec`, as far as the engine still knows them.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Exec};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, rule};

use crate::exposure::is_root;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::EXEC_PRIVILEGED, change: Change::Own(|facts, finding| end(facts, finding, privileged)) },
    Remedy { rule: &rule::EXEC_ROOT, change: Change::Own(|facts, finding| end(facts, finding, as_root)) },
];

/// A restart ends all sessions, and with them what the kernel said.
fn end(facts: &mut Facts, finding: &Finding, which: fn(&Exec) -> bool) {
    for container in facts.engine.iter_mut().flat_map(|engine| &mut engine.containers) {
        if container.subject() == finding.subject {
            container.execs.retain(|exec| !which(exec));
            container.truth = None;
        }
    }
}

pub(super) fn privileged(exec: &Exec) -> bool {
    exec.process_config.privileged
}

fn as_root(exec: &Exec) -> bool {
    !exec.process_config.user.is_empty() && is_root(&exec.process_config.user)
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    facts
        .containers()
        .iter()
        .flat_map(|container| with_all_rights(container).into_iter().chain(of_root(container)))
        .collect()
}

fn command_of(exec: &Exec) -> String {
    let config = &exec.process_config;
    std::iter::once(&config.entrypoint).chain(&config.arguments).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn with_all_rights(container: &Container) -> Option<Finding> {
    // In a container that is privileged itself the session adds nothing.
    if container.host_config.privileged {
        return None;
    }
    let sessions: Vec<_> = container.execs.iter().filter(|exec| privileged(exec)).collect();
    let shown = sessions.iter().find(|exec| exec.running).or_else(|| sessions.first())?;
    let finding = rule::EXEC_PRIVILEGED
        .on(container.subject())
        .evidence("ExecInspect.ProcessConfig.privileged", "true")
        .evidence("ExecInspect.ProcessConfig", command_of(shown))
        .evidence("ExecInspect.Running", shown.running.to_string());
    Some(if shown.running {
        finding
            .severity(Severity::High)
            .command(format!("docker restart {}", shell_word(&container.name)))
            .reaches(Subject::host_root(), 3, "takes over the privileged session, and mounts the host's disk")
            .needs("that the session runs something the attacker can change")
    } else {
        finding
            .severity(Severity::Low)
            .title("A privileged session was opened in the container")
            .fix("Ask who opened it and what for; the engine forgets it soon, its events say when.")
            .command(format!(
                "docker events --since 24h --until 0s --filter event=exec_create --filter container={}",
                shell_word(&container.name)
            ))
    })
}

fn of_root(container: &Container) -> Option<Finding> {
    if is_root(&container.config.user) {
        return None;
    }
    let sessions: Vec<_> = container.execs.iter().filter(|exec| as_root(exec)).collect();
    let shown = sessions.iter().find(|exec| exec.running).or_else(|| sessions.first())?;
    Some(
        rule::EXEC_ROOT
            .on(container.subject())
            .evidence("ExecInspect.ProcessConfig.user", &shown.process_config.user)
            .evidence("ExecInspect.ProcessConfig", command_of(shown))
            .command(format!("docker restart {}", shell_word(&container.name))),
    )
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::ProcessConfig;
    use keelguard_host::sample;

    use super::*;

    fn exec(running: bool, privileged: bool, user: &str) -> Exec {
        let process_config =
            ProcessConfig { privileged, user: user.into(), entrypoint: "sh".into(), arguments: vec!["-l".into()] };
        Exec { id: "e".repeat(64), running, pid: 7, process_config }
    }

    fn judged(user: &str, execs: Vec<Exec>) -> Vec<(String, Severity, usize)> {
        let facts = sample::host().container("web", |c| {
            c.config.user = user.into();
            c.execs = execs;
        });
        findings(&facts.facts()).into_iter().map(|f| (f.rule, f.severity, f.reaches.len())).collect()
    }

    #[test]
    fn a_privileged_session_is_a_way_out_while_it_lasts() {
        assert_eq!(judged("", vec![exec(true, true, "")]), [("KG-B058".into(), Severity::High, 1)]);
        assert_eq!(judged("", vec![exec(false, true, "")]), [("KG-B058".into(), Severity::Low, 0)]);
        assert_eq!(judged("", vec![exec(false, true, ""), exec(true, true, "")]).len(), 1);
    }

    #[test]
    fn a_session_as_root_counts_where_the_container_is_not_root() {
        assert_eq!(judged("1000", vec![exec(true, false, "root")]), [("KG-B059".into(), Severity::Info, 0)]);
        assert_eq!(judged("", vec![exec(true, false, "0")]), []);
        assert_eq!(judged("1000", vec![exec(true, false, "")]), [], "the container's own user");
    }
}
