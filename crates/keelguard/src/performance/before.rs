//! What happened on this host lately, for the question what came just before: the engine's events, logins, packages.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use keelguard_signs::downtime::{Happening, Kind, Scope};
use keelguard_signs::logins;
use keelguard_signs::performance::causes::before::{Event, What};

use crate::downtime::Engine;
use crate::settings::Settings;

/// For how long back events are read.
const BACK: SignedDuration = SignedDuration::from_mins(40);
/// Events that are kept; a host under attack has thousands of logins a minute, which explain nothing.
const MOST: usize = 2_000;

/// What happened in the forty minutes before `at`.
pub(super) fn events(at: Timestamp, settings: &Settings) -> Vec<Event> {
    let since = at.checked_sub(BACK).ok();
    let mut found = happenings(at, since, settings);
    found.extend(logins(at, since));
    found.sort_by_key(|event| event.time);
    found.truncate(MOST);
    found
}

fn happenings(at: Timestamp, since: Option<Timestamp>, settings: &Settings) -> Vec<Event> {
    use keelguard_signs::downtime::collect;
    let reading = collect::Reading { since, ..collect::Reading::everything(at) };
    let Ok(sources) = crate::downtime::sources(&[], reading, Engine::Ask, settings) else { return Vec::new() };
    let mut found = Vec::new();
    let reading = sources.reading;
    collect::read(collect::families(sources.files), sources.told, &reading, &mut |happening| {
        if happening.time.is_some_and(|time| since.is_none_or(|since| time >= since)) && found.len() < MOST {
            found.extend(event(happening));
        }
    });
    found
}

fn event(happening: &Happening) -> Option<Event> {
    let time = happening.time?.as_second();
    let name = happening.subject.clone().unwrap_or_default();
    let is_container = happening.scope == Scope::Container;
    let reason = happening.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let (what, words) = match (happening.kind, happening.scope) {
        (Kind::Started, Scope::Container) => (What::Deployment, format!("container {name} was started")),
        (Kind::Started, Scope::Engine) => (What::Deployment, "the engine was started".to_owned()),
        (Kind::Started, Scope::Service) => (What::Deployment, format!("service {name} was started")),
        (Kind::Started, Scope::Host) => (What::Boot, "the machine was started".to_owned()),
        (Kind::Failed | Kind::Stopped | Kind::OutOfMemory, scope) if scope != Scope::Host => {
            (What::End, format!("{name} ended{reason}"))
        }
        (Kind::Context, _) => {
            let words = happening.reason.clone()?;
            // Logins are read from where more is known of them.
            if words.starts_with("login of") {
                return None;
            }
            (if words.starts_with("package") { What::Package } else { What::Other }, words)
        }
        _ => return None,
    };
    Some(Event { time, what, words, container: is_container.then_some(name), user: None, address: None })
}

/// Logins that succeeded.
fn logins(at: Timestamp, since: Option<Timestamp>) -> Vec<Event> {
    use logins::collect;
    let reading = collect::Reading { since, ..collect::Reading::everything(at) };
    let files = collect::default_sources(Path::new("/"));
    let mut found = Vec::new();
    collect::read(collect::families(files), &reading, &mut |seen, line| {
        let event = seen.owned(line);
        let (Some(time), logins::Kind::LoginOk) = (event.time, event.kind) else { return };
        if since.is_some_and(|since| time < since) || found.len() >= MOST {
            return;
        }
        let user = event.user.clone().unwrap_or_else(|| "somebody".to_owned());
        let from = event.address.as_ref().map(|address| format!(" from {address}")).unwrap_or_default();
        found.push(Event {
            time: time.as_second(),
            what: What::Login,
            words: format!("{user} logged in{from} ({})", event.service),
            container: event.container.clone(),
            user: event.user.clone(),
            address: event.address.clone(),
        });
    });
    found
}
