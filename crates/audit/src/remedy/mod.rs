//! What closes a finding: the same change once as commands for its owner, and once as an edit of the facts, so that
//! "after the fix it is gone" can be proved without a host, and "what if" can be asked.

mod compose;
mod environment;
mod run_line;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Fix, Rule, Snippet, Subject, SubjectKind};

use crate::rules::REMEDIES;

/// The remedy of one rule.
pub(crate) struct Remedy {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// The change.
    pub(crate) change: Change,
}

const RESTART: &str = "systemctl restart docker";
const OF_A_SERVICE: &str = " This is a task of a swarm service: change the service, not the container.";
const COMPOSE_FIRST: &str = " Change the compose file as shown first.";
const SECCOMP_FIRST: &str = " Save the seccomp profile that it was given as profile.json first.";
/// What is said once a command line, not once a finding.
const ADVICE: [&str; 3] = [OF_A_SERVICE, COMPOSE_FIRST, SECCOMP_FIRST];

/// A change that closes findings.
pub(crate) enum Change {
    /// The container's options change: it is made anew. The edit changes the options that the engine reports; commands
    /// and compose fragment are rendered from the container after it.
    Recreate(fn(&mut Container, &Finding)),
    /// The engine changes it live: the edit, and the flags of `docker update` that do the same.
    Update(fn(&mut Container, &Finding), fn(&Container, &Finding) -> String),
    /// Keys of `daemon.json` (a JSON object as text), then a restart of the engine; and their effect on the facts.
    Daemon(&'static str, fn(&mut Facts, &Finding)),
    /// The rule wrote its commands itself; this is their effect on the facts.
    Own(fn(&mut Facts, &Finding)),
}

fn remedy_of(rule: &str) -> Option<&'static Change> {
    // Of two remedies for one rule the first counts.
    static BY_RULE: LazyLock<HashMap<&str, &Change>> = LazyLock::new(|| {
        REMEDIES.iter().rev().flat_map(|table| table.iter().rev()).map(|r| (r.rule.id, &r.change)).collect()
    });
    BY_RULE.get(rule).copied()
}

/// Fills in the commands of each finding whose rule left them to its remedy. A finding that has them keeps them.
pub fn complete(facts: &Facts, findings: &mut [Finding]) {
    let by_id: HashMap<&str, &Container> = facts.containers().iter().map(|c| (c.id.as_str(), c)).collect();
    side_by_side(findings, |finding| complete_one(facts, &by_id, finding));
}

/// Findings that a thread takes at a time.
const SHARE: usize = 64;

/// Does `work` on each of `findings`, on all cores where there are many. A core that is busy with something else takes
/// fewer of them.
fn side_by_side(findings: &mut [Finding], work: impl Fn(&mut Finding) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let helpers = cores.min(findings.len() / (4 * SHARE)).saturating_sub(1);
    let shares = Mutex::new(findings.chunks_mut(SHARE));
    let next = || shares.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(share) = next() {
            share.iter_mut().for_each(&work);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(work);
        }
        work();
    });
}

fn complete_one(facts: &Facts, by_id: &HashMap<&str, &Container>, finding: &mut Finding) {
    if finding.fix.commands.is_empty() {
        let id = finding.subject.id.as_deref().filter(|_| finding.subject.kind == SubjectKind::Container);
        let container = id.and_then(|id| by_id.get(id)).copied();
        match (remedy_of(&finding.rule), container) {
            (Some(Change::Recreate(edit)), Some(container)) => {
                let after = changed(container, *edit, finding);
                recreated(facts, &after, &mut finding.fix);
            }
            (Some(Change::Update(edit, flags)), Some(container)) => {
                let after = changed(container, *edit, finding);
                let command = format!("docker update {} {}", flags(&after, finding), shell_word(&after.name));
                finding.fix.commands.push(command);
                finding.fix.snippets.push(in_compose(facts, &after));
            }
            (Some(Change::Daemon(keys, _)), _) => {
                let text = own_keys(facts, finding, keys).to_owned();
                finding.fix.snippets = vec![Snippet { file: daemon_file(facts), text }];
                finding.fix.commands.push(RESTART.to_owned());
            }
            _ => {}
        }
    }
}

/// The container after the edit.
fn changed(container: &Container, edit: fn(&mut Container, &Finding), finding: &Finding) -> Container {
    let mut after = container.clone();
    change(&mut after, edit, finding);
    after
}

/// The same change for those who keep their containers in a compose file.
fn in_compose(facts: &Facts, after: &Container) -> Snippet {
    Snippet { file: compose_file(after).to_owned(), text: compose::render(facts, after) }
}

/// Edits the options. What the engine itself had added because of an option goes with that option: it switches SELinux
/// labels off for privileged containers and for those in the host's process or IPC namespace.
fn change(container: &mut Container, edit: fn(&mut Container, &Finding), finding: &Finding) {
    let label_is_the_engines = |container: &Container| {
        let options = &container.host_config;
        options.privileged || options.pid_mode == "host" || options.ipc_mode == "host"
    };
    let before = label_is_the_engines(container);
    edit(container, finding);
    if before && !label_is_the_engines(container) {
        container.host_config.security_opt.retain(|option| option != "label=disable");
    }
}

/// Findings that one change closes: those of one container (it is made anew once, or updated once), and those of the
/// daemon's configuration (it restarts once). Findings with the same key belong together.
pub fn joint(finding: &Finding) -> Option<(Subject, &'static str)> {
    let what = match remedy_of(&finding.rule)? {
        Change::Recreate(_) | Change::Update(..) if finding.subject.kind == SubjectKind::Container => "container",
        Change::Daemon(..) => return Some((Subject::engine(), "daemon")),
        Change::Recreate(_) | Change::Update(..) | Change::Own(_) => return None,
    };
    Some((finding.subject.clone(), what))
}

/// The one change that closes all of `findings`, which belong together by [`joint`]. Following their fixes one after the
/// other would not do: each `docker run` line would bring back what the one before took away.
pub fn together(facts: &Facts, findings: &[&Finding]) -> Fix {
    let mut summaries: Vec<&str> = Vec::new();
    for finding in findings {
        let summary = remedy_summary(finding);
        if !summaries.contains(&summary) {
            summaries.push(summary);
        }
    }
    let summary = summaries.join(" ");
    let mut keys = serde_json::Map::new();
    let (mut flags, mut anew, mut after) = (Vec::new(), false, None);
    for finding in findings {
        match remedy_of(&finding.rule) {
            Some(Change::Daemon(text, _)) => {
                if let Ok(serde_json::Value::Object(map)) = serde_json::from_str(own_keys(facts, finding, text)) {
                    keys.extend(map);
                }
            }
            Some(change @ (Change::Recreate(edit) | Change::Update(edit, _))) => {
                let container =
                    || facts.containers().iter().find(|c| finding.subject.id.as_deref() == Some(c.id.as_str()));
                let Some(container) = after.take().or_else(|| container().cloned()) else { continue };
                let container = after.insert(container);
                self::change(container, *edit, finding);
                match change {
                    Change::Update(_, flag) => flags.push(flag(container, finding)),
                    _ => anew = true,
                }
            }
            Some(Change::Own(_)) | None => {}
        }
    }
    if let Some(after) = after {
        let mut fix = Fix { summary, ..Fix::default() };
        if anew {
            recreated(facts, &after, &mut fix);
        } else {
            fix.commands.push(format!("docker update {} {}", flags.join(" "), shell_word(&after.name)));
            fix.snippets.push(in_compose(facts, &after));
        }
        return fix;
    }
    let text = serde_json::to_string_pretty(&keys).unwrap_or_default();
    let snippets = vec![Snippet { file: daemon_file(facts), text }];
    Fix { summary, commands: vec![RESTART.to_owned()], snippets }
}

/// What a finding asks for, without the advice that comes with its own command line.
fn remedy_summary(finding: &Finding) -> &str {
    let summary = finding.fix.summary.as_str();
    ADVICE.iter().filter_map(|advice| summary.find(advice)).min().and_then(|end| summary.get(..end)).unwrap_or(summary)
}

/// The keys of `daemon.json` that the finding itself names, where it does; else those of its rule.
fn own_keys<'a>(facts: &Facts, finding: &'a Finding, of_rule: &'a str) -> &'a str {
    let file = daemon_file(facts);
    finding.fix.snippets.iter().find(|snippet| snippet.file == file).map_or(of_rule, |snippet| &snippet.text)
}

/// The configuration file of the engine.
pub(crate) fn daemon_file(facts: &Facts) -> String {
    facts.host.daemon.file.clone().unwrap_or_else(|| "/etc/docker/daemon.json".to_owned())
}

/// The compose file that the container was made from, else the usual name.
fn compose_file(container: &Container) -> &str {
    let files = container.label("com.docker.compose.project.config_files").unwrap_or_default();
    files.split(',').next().filter(|file| !file.is_empty()).unwrap_or("compose.yaml")
}

/// The commands that replace the container by one made of `after`'s options, by whatever made it.
fn recreated(facts: &Facts, after: &Container, fix: &mut Fix) {
    fix.snippets.push(in_compose(facts, after));
    if let Some(service) = after.label("com.docker.swarm.service.name") {
        fix.commands.push(format!(
            "docker service update --force {}  # with the options that change what the snippet shows",
            shell_word(service)
        ));
        fix.summary.push_str(OF_A_SERVICE);
    } else if let Some(project) = after.label("com.docker.compose.project") {
        let mut command = format!("docker compose -p {}", shell_word(project));
        let files = after.label("com.docker.compose.project.config_files").unwrap_or_default();
        for file in files.split(',').filter(|file| !file.is_empty()) {
            command.extend([" -f ", &shell_word(file)]);
        }
        if let Some(folder) = after.label("com.docker.compose.project.working_dir") {
            command.extend([" --project-directory ", &shell_word(folder)]);
        }
        let service = after.label("com.docker.compose.service").unwrap_or(&after.name);
        fix.commands.push(format!("{command} up -d {}", shell_word(service)));
        fix.summary.push_str(COMPOSE_FIRST);
    } else {
        let name = shell_word(&after.name).into_owned();
        let before = shell_word(&format!("{}-before", after.name)).into_owned();
        let (fill, remove) = environment::carry_environment(facts, after).unzip();
        let mut commands = Vec::from_iter(fill);
        // A container with --rm is gone once it has stopped.
        let goes = after.is_running() && after.host_config.auto_remove;
        if after.is_running() {
            commands.push(format!("docker stop {name}"));
        }
        if !goes {
            commands.push(format!("docker rename {name} {before}"));
        }
        commands.extend(run_line::render(facts, after));
        if !goes {
            commands.push(format!("docker rm {before}"));
        }
        commands.extend(remove);
        fix.commands.extend(commands);
    }
    if run_line::security_options(after).iter().any(|option| option == "seccomp=profile.json") {
        fix.summary.push_str(SECCOMP_FIRST);
    }
}

/// The facts as they would be after the finding's fix. False where the rule has no change that facts can show.
pub fn apply(facts: &mut Facts, finding: &Finding) -> bool {
    let Some(change) = remedy_of(&finding.rule) else { return false };
    match change {
        Change::Recreate(edit) | Change::Update(edit, _) => {
            let containers = facts.engine.iter_mut().flat_map(|engine| engine.containers.iter_mut());
            for container in containers.filter(|c| finding.subject.id.as_deref() == Some(c.id.as_str())) {
                self::change(container, *edit, finding);
                // What the kernel said was about the processes before the change.
                container.truth = None;
            }
        }
        Change::Daemon(_, edit) | Change::Own(edit) => edit(facts, finding),
    }
    true
}
