//! Who uses the container engine, and who goes into containers: shells where there never were any, commands in containers
//! right after a login of somebody who never did that, and users and programs that the engine's interface did not know.
//! Health checks are commands, too: what returns in an even rhythm is one of them.

use std::hash::{DefaultHasher, Hasher as _};

use keelguard_model::{Finding, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::attack::At as _;
use super::{Limits, Peer};
use crate::bounded::Bounded;
use crate::logins::event::{Kind, Seen, lossy};
use crate::logins::parse::exec_command;
use crate::words::{span, when};

const DAY: i64 = 86_400;
/// Seconds after a login in which a command in a container is taken for the same person's.
const AFTER_LOGIN: i64 = 300;
/// Seconds between a request and its form, which older engines log as two lines.
const FORM: i64 = 2;

/// A command in a container, over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Repeats {
    first: i64,
    last: i64,
    interval: i64,
    /// How often the same interval has come again.
    even: u32,
}

/// A container and the hash of a command.
type Ran = (String, u64);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Login {
    user: String,
    peer: String,
    at: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum What {
    /// A shell in a container that never had one; the user, where the source knows.
    Shell { container: String, by: Option<String> },
    /// The first shell of a user who is known.
    Opener { container: String, by: String },
    /// A command soon after a login; whether the source says that it was the same person.
    AfterLogin { container: String, login: Login, ran: Ran, named: bool },
    /// Somebody whom the engine never saw.
    Newcomer { who: String, address: bool, container: Option<String> },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct News {
    at: i64,
    what: What,
    command: String,
}

const NEWS: usize = 10_000;

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Engine {
    /// The first that was heard of the engine, and the first that was heard with a name.
    since: Option<i64>,
    named_since: Option<i64>,
    /// A request whose form is still to come.
    asked: Option<(String, i64)>,
    last_login: Option<Login>,
    /// Who has logged in when, and whether they ever went into a container afterwards.
    visitors: Bounded<String, (i64, bool)>,
    /// Containers that had a shell, users who opened one, and whoever uses the engine.
    shells: Bounded<String, ()>,
    openers: Bounded<String, ()>,
    actors: Bounded<String, ()>,
    commands: Bounded<Ran, Repeats>,
    news: Vec<News>,
    dropped: u64,
}

impl Engine {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            since: None,
            named_since: None,
            asked: None,
            last_login: None,
            visitors: Bounded::new(limits.users),
            shells: Bounded::new(limits.users),
            openers: Bounded::new(limits.users),
            actors: Bounded::new(limits.users),
            commands: Bounded::new(limits.users),
            news: Vec::new(),
            dropped: 0,
        }
    }

    pub(super) fn see(&mut self, seen: &Seen<'_>, peer: Option<&Peer>, user: Option<&str>, now: i64, limits: &Limits) {
        match (seen.kind, user) {
            (Kind::LoginOk, Some(user)) if matches!(seen.service, "sshd" | "login" | "cockpit") => {
                let peer = peer.map(ToString::to_string).unwrap_or_default();
                let (at, _) = self.visitors.entry(user.to_owned(), now, || (now, false));
                *at = now;
                self.last_login = Some(Login { user: user.to_owned(), peer, at: now });
            }
            (Kind::Exec | Kind::EngineApi, _) => {
                let since = *self.since.get_or_insert(now);
                let compares = now - since >= limits.history_days * DAY;
                self.used(seen, peer, user, now, limits);
                if seen.kind == Kind::Exec {
                    self.exec(seen, now, compares);
                }
            }
            _ => {}
        }
    }

    /// Somebody uses the engine, known by name or by address.
    fn used(&mut self, seen: &Seen<'_>, peer: Option<&Peer>, user: Option<&str>, now: i64, limits: &Limits) {
        let by = seen.by.map(lossy);
        let name = by.as_deref().or(user).map(str::to_owned);
        let address = name.is_none();
        let Some(who) = name.or_else(|| peer.map(ToString::to_string)) else { return };
        let since = *self.named_since.get_or_insert(now);
        let known = self.actors.get(&who).is_some();
        self.actors.entry(who.clone(), now, || ());
        if !known && now - since >= limits.history_days * DAY {
            let container = seen.container.map(|name| container_of(&lossy(name)));
            let method = seen.method.map(lossy).unwrap_or_default();
            let detail = seen.detail.map(exec_command).unwrap_or_default();
            let what = What::Newcomer { who, address, container };
            self.tell(News { at: now, what, command: format!("{method} {detail}").trim().to_owned() });
        }
    }

    fn exec(&mut self, seen: &Seen<'_>, now: i64, compares: bool) {
        let container = seen.container.map(|name| container_of(&lossy(name)));
        let Some(command) = seen.detail.map(exec_command) else {
            self.asked = container.map(|container| (container, now));
            return;
        };
        let asked =
            self.asked.take().filter(|(_, at)| (0..=FORM).contains(&(now - at))).map(|(container, _)| container);
        let container = container.or(asked).unwrap_or_else(|| "a container".to_owned());
        let by = seen.by.map(|by| lossy(by).into_owned());
        let ran = (container.clone(), hash(&command));
        let repeats = self.commands.entry(ran.clone(), now, || Repeats { first: now, last: now, interval: 0, even: 0 });
        // What was run on an earlier day, too, is somebody's timed job.
        let usual = repeats.first.div_euclid(DAY) != now.div_euclid(DAY) || repeats.is_even();
        repeats.again(now);
        let shell = is_shell(&command, seen.method == Some(b"tty"));
        if shell {
            let is_new = self.shells.get(&container).is_none();
            self.shells.entry(container.clone(), now, || ());
            let new_opener = by.as_ref().filter(|by| self.openers.get(*by).is_none()).cloned();
            if let Some(by) = &by {
                self.openers.entry(by.clone(), now, || ());
            }
            let what = match new_opener {
                _ if is_new => Some(What::Shell { container: container.clone(), by: by.clone() }),
                Some(by) => Some(What::Opener { container: container.clone(), by }),
                None => None,
            };
            if let Some(what) = what.filter(|_| compares) {
                self.tell(News { at: now, what, command: command.clone().into_owned() });
            }
        }
        if !shell && usual {
            return;
        }
        let login =
            self.last_login.clone().filter(|login| by.as_ref().is_none_or(|by| *by == login.user || is_number(by)));
        let Some(login) = login.filter(|login| (0..=AFTER_LOGIN).contains(&(now - login.at))) else { return };
        let Some((_, went)) = self.visitors.touch(login.user.as_str(), now) else { return };
        let is_new = !std::mem::replace(went, true);
        if is_new && compares {
            let named = by.as_ref().is_some_and(|by| *by == login.user);
            let what = What::AfterLogin { container, login, ran, named };
            self.tell(News { at: now, what, command: command.into_owned() });
        }
    }

    fn tell(&mut self, news: News) {
        if self.news.len() < NEWS {
            self.news.push(news);
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        // What turned out to be a health check since is no news.
        let stands = |news: &&News| match &news.what {
            What::AfterLogin { ran, .. } => !self.commands.get(ran).is_some_and(Repeats::is_even),
            _ => true,
        };
        self.news.iter().filter(stands).map(News::finding).collect()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.visitors.forgotten
            + self.shells.forgotten
            + self.openers.forgotten
            + self.actors.forgotten
            + self.commands.forgotten
            + self.dropped
    }
}

impl Repeats {
    fn again(&mut self, now: i64) {
        let step = now - self.last;
        if step <= 0 {
            return;
        }
        if (step - self.interval).abs() <= (self.interval / 5).max(2) {
            self.even += 1;
        } else {
            self.interval = step;
            self.even = 0;
        }
        self.last = now;
    }

    fn is_even(&self) -> bool {
        self.even >= 2
    }
}

impl News {
    fn finding(&self) -> Finding {
        let Self { at, what, command } = self;
        let user = |name: &str| Subject::new(SubjectKind::User, name);
        let finding = match what {
            What::Shell { container, by } => {
                let by = by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
                let title = format!(
                    "A shell was opened in the container {container}{by}, where there never was one: {command}"
                );
                rule::CONTAINER_SHELL.on(Subject::new(SubjectKind::Container, container.clone())).title(title)
            }
            What::Opener { container, by } => {
                let title =
                    format!("{by} opened a shell in the container {container}, and never opened one before: {command}");
                rule::CONTAINER_SHELL.on(user(by)).title(title).evidence("container", container.clone())
            }
            What::AfterLogin { container, login, named, .. } => {
                let Login { user, peer, at: since } = login;
                let later = span((at - since).max(1));
                let title = if *named {
                    format!(
                        "{user} went into the container {container} {later} after logging in from {peer}, which they never did before: {command}"
                    )
                } else {
                    format!(
                        "Somebody went into the container {container} {later} after {user} logged in from {peer}, which never followed their logins before: {command}"
                    )
                };
                let finding = rule::EXEC_AFTER_LOGIN.on(Subject::new(SubjectKind::User, user.clone())).title(title);
                finding
                    .evidence("container", container.clone())
                    .evidence("login", when(login.at))
                    .evidence("address", login.peer.clone())
            }
            What::Newcomer { who, address, container } => {
                let kind = if *address { SubjectKind::Address } else { SubjectKind::User };
                let did = if command.is_empty() { String::new() } else { format!(": {command}") };
                let title = format!("{who} used the container engine for the first time{did}");
                let finding = rule::ENGINE_NEWCOMER.on(Subject::new(kind, who.clone())).title(title);
                match container {
                    Some(container) => finding.evidence("container", container.clone()),
                    None => finding,
                }
            }
        };
        let finding = if command.is_empty() { finding } else { finding.evidence("command", command.clone()) };
        finding.evidence("time", when(*at)).time(*at)
    }
}

/// Whether a user is known by number only: the audit log is not enriched.
fn is_number(who: &str) -> bool {
    who.strip_prefix("uid ").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn hash(command: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(command.as_bytes());
    hasher.finish()
}

/// A container's name, without what changes each time it is made anew: `web.1.x9u…` of a swarm, `shop-web-run-3f…` of compose.
fn container_of(name: &str) -> String {
    let name = name.trim_start_matches('/');
    let hex = |text: &str| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if name.len() == 64 && hex(name) {
        return name.chars().take(12).collect();
    }
    if let Some((service, number)) = name.rsplit_once("-run-")
        && hex(number)
    {
        return service.to_owned();
    }
    let task = name.rsplit_once('.').filter(|(_, id)| id.len() == 25).and_then(|(rest, _)| rest.rsplit_once('.'));
    match task {
        Some((service, number)) if number.bytes().all(|byte| byte.is_ascii_alphanumeric()) => service.to_owned(),
        _ => name.chars().take(64).collect(),
    }
}

/// Whether somebody sits at it: a shell that was given nothing to do, or one with a terminal.
fn is_shell(command: &str, terminal: bool) -> bool {
    let mut words = command.split_ascii_whitespace().peekable();
    let Some(program) = words.next().and_then(|word| word.rsplit('/').next()) else { return false };
    let program = match program {
        "busybox" => words.next().unwrap_or_default(),
        "env" | "setsid" => words.next().and_then(|word| word.rsplit('/').next()).unwrap_or_default(),
        program => program,
    };
    let is_one = matches!(program, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "fish" | "pwsh" | "csh" | "tcsh");
    is_one && (terminal || words.all(|word| matches!(word, "-i" | "-l" | "-il" | "-li" | "--login" | "-e" | "-s")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_one_at_which_somebody_sits() {
        for command in ["sh", "/bin/bash", "bash -l", "busybox sh", "zsh -i", "env bash"] {
            assert!(is_shell(command, false), "{command}");
        }
        for command in ["/bin/sh -c curl -f http://localhost/", "psql", "sh /start.sh", "", "bash -c id", "shutdown"] {
            assert!(!is_shell(command, false), "{command}");
        }
        assert!(is_shell("sh -c command -v bash && exec bash || exec sh", true));
    }

    #[test]
    fn containers_that_are_made_anew_keep_their_names() {
        assert_eq!(container_of("/web"), "web");
        assert_eq!(container_of("shop_web.1.x9u2kqj3m5n7p8r0s1t2v4w6y"), "shop_web");
        assert_eq!(container_of("shop-web-run-3f2a9c81d7e4"), "shop-web");
        assert_eq!(container_of("19e997df154b4d895ac69ef6cddfa4ccd66023bc0fa1eb38802b379fae4fe155"), "19e997df154b");
        assert_eq!(container_of("db.example.org"), "db.example.org");
    }
}
