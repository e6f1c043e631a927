//! What the engine says of its containers, as events.

use jiff::Timestamp;
use keelguard_host::{EngineEvent, EngineNews, History, Lifetime};
use keelguard_model::{Area, Incomplete};
use keelguard_signs::downtime::collect::Reading;
use keelguard_signs::downtime::{Channel, Happening, Kind, Scope};

/// The events of all that an engine remembers.
pub(super) fn happenings(history: &History, reading: &Reading) -> Vec<Happening> {
    let of_containers = history.containers.iter().flat_map(|container| of_container(container, reading));
    of_containers.chain(history.events.iter().filter_map(of_event)).collect()
}

/// What an engine that is followed tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) happenings: Vec<Happening>,
    pub(crate) incomplete: Vec<Incomplete>,
}

/// News of an engine, as events. Where it was away, its containers say themselves what became of them; `lost` is since when.
pub(crate) fn of_news(news: Vec<EngineNews>, lost: &mut Option<Timestamp>, reading: &Reading) -> Told {
    let mut told = Told::default();
    let of_engine = |kind, at| Happening::new(kind, Scope::Engine, Channel::Engine, Some(at));
    for one in news {
        match one {
            EngineNews::Event(event) => told.happenings.extend(of_event(&event)),
            EngineNews::Lost { at, why } => {
                *lost = Some(at);
                let reason = Some(format!("it answers no more: {why}"));
                told.happenings.push(Happening { line: why, reason, ..of_engine(Kind::Failed, at) });
            }
            EngineNews::Back { at, history } => {
                let line = "the engine answers again".to_owned();
                told.happenings.push(Happening { line, ..of_engine(Kind::Started, at) });
                let since = lost.take().unwrap_or(at);
                let reading = Reading { since: None, now: at, ..reading.clone() };
                let meanwhile = history.containers.iter().flat_map(|container| of_container(container, &reading));
                let is_new = |event: &Happening| {
                    event.kind != Kind::Restarting && event.time.is_some_and(|time| (since..=at).contains(&time))
                };
                told.happenings.extend(meanwhile.filter(is_new));
                let gaps = history.gaps.into_iter().map(|(what, why)| Incomplete::new(Area::Downtime, what, why));
                told.incomplete.extend(gaps);
            }
            EngineNews::Garbage(why) => {
                told.incomplete.push(Incomplete::new(Area::Downtime, "an event of the engine", why));
            }
        }
    }
    told
}

/// Since when a container runs, or how it ended.
fn of_container(container: &Lifetime, reading: &Reading) -> Vec<Happening> {
    let event = |kind, time| Happening {
        subject: Some(container.name.clone()),
        id: Some(container.id.clone()),
        ..Happening::new(kind, Scope::Container, Channel::Engine, Some(time))
    };
    let state = &container.state;
    let mut events = Vec::new();
    // What runs since before the time that is asked for, runs in all of it.
    let started = at(&state.started_at).map(|started| reading.since.map_or(started, |since| started.max(since)));
    if let Some(started) = started {
        let line = format!("State.StartedAt: {}", state.started_at);
        events.push(Happening { line, ..event(Kind::Started, started) });
    }
    let is_over = !matches!(state.status.as_str(), "running" | "paused");
    // A container that runs still has the time of its last end.
    if let Some(ended) =
        at(&state.finished_at).filter(|ended| is_over && started.is_none_or(|started| *ended >= started))
    {
        if state.oom_killed {
            events.push(Happening { line: "State.OOMKilled: true".to_owned(), ..event(Kind::OutOfMemory, ended) });
        }
        events.push(Happening {
            line: format!("State.FinishedAt: {}, ExitCode: {}", state.finished_at, state.exit_code),
            code: u32::try_from(state.exit_code).ok(),
            ..event(Kind::Failed, ended)
        });
    }
    let count = u64::try_from(container.restart_count).unwrap_or(0);
    if count > 0 {
        let last = started.unwrap_or(reading.now);
        let line = format!("RestartCount: {count}");
        // Told at the start that it led to, so that it begins nothing.
        events.push(Happening { line, count: Some(count), ..event(Kind::Restarting, last) });
    }
    events
}

fn of_event(event: &EngineEvent) -> Option<Happening> {
    let time = Timestamp::from_nanosecond(i128::from(event.time_nano)).ok()?;
    let attribute = |name: &str| event.actor.attributes.get(name).map(String::as_str);
    if event.kind != "container" {
        return None;
    }
    let (kind, scope) = match event.action.as_str() {
        "start" => (Kind::Started, Scope::Container),
        "die" => (Kind::Failed, Scope::Container),
        "oom" => (Kind::OutOfMemory, Scope::Container),
        "health_status: unhealthy" => (Kind::Unhealthy, Scope::Container),
        "health_status: healthy" => (Kind::Healthy, Scope::Container),
        // SIGHUP, SIGUSR1 and the like end nothing by themselves.
        "kill" if matches!(attribute("signal"), Some("2" | "9" | "15")) => (Kind::Ordered, Scope::Container),
        _ => return None,
    };
    let code = attribute("exitCode").and_then(|code| code.parse().ok());
    let name = attribute("name").filter(|name| !name.is_empty()).unwrap_or(&event.actor.id);
    Some(Happening {
        line: format!(
            "event: {} {}{}",
            event.action,
            name,
            code.map(|code: u32| format!(", exitCode={code}")).unwrap_or_default()
        ),
        subject: Some(name.to_owned()),
        id: Some(event.actor.id.clone()),
        code,
        ..Happening::new(kind, scope, Channel::Engine, Some(time))
    })
}

/// A time of the engine's; year 1 is none.
fn at(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().filter(|time| *time > Timestamp::UNIX_EPOCH)
}
