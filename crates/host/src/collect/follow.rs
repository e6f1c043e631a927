//! What an engine tells while it happens. It is asked for its events without an end; where it goes away it is asked again until
//! it answers, and both are told. A thread waits for it, so that whoever follows logs, too, waits for nobody.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use jiff::Timestamp;

use super::Options;
use super::client::{ClientError, EngineClient};
use super::endpoint::{self, Endpoint};
use super::engine::{negotiate, typed};
use super::history::{EngineEvent, History, ask, event};
use crate::Error;
use crate::facts::Version;

/// What is told of an engine.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineNews {
    /// Something happened.
    Event(Box<EngineEvent>),
    /// It answers no more.
    Lost {
        /// Since when.
        at: Timestamp,
        /// What was seen of it.
        why: String,
    },
    /// It answers again.
    Back {
        /// Since when.
        at: Timestamp,
        /// What it remembers: what happened meanwhile it told nobody.
        history: Box<History>,
    },
    /// It said something that is no event; told once.
    Garbage(String),
}

/// Between two attempts to reach an engine that went away.
const AGAIN: Duration = Duration::from_millis(500);
/// News that wait to be taken; then the engine waits, as it does for any slow listener.
const WAITING: usize = 10_000;
/// The longest event; containers may have many labels.
const LONGEST: usize = 1 << 20;

/// The news of one engine.
pub struct EngineFollower {
    news: Receiver<EngineNews>,
}

impl EngineFollower {
    /// Follows the engine that the options name, or the first that answers, from `since` on. None where no engine was found:
    /// one that is named is waited for.
    ///
    /// # Errors
    /// [`Error::Endpoint`] where an address that was named cannot be used.
    pub fn begin(options: &Options, since: Timestamp) -> Result<Option<Self>, Error> {
        let candidates = endpoint::candidates(options.engine.as_deref(), &options.environment)?;
        if candidates.is_empty() {
            return Ok(None);
        }
        let (send, news) = sync_channel(WAITING);
        let options = options.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(follow(&candidates, &options, since, &send));
            }
        });
        Ok(Some(Self { news }))
    }

    /// What was told since the last time, the oldest first.
    pub fn poll(&self) -> Vec<EngineNews> {
        self.news.try_iter().take(WAITING).collect()
    }
}

/// Nobody listens any more.
struct Deaf;

async fn follow(candidates: &[Endpoint], options: &Options, since: Timestamp, send: &SyncSender<EngineNews>) {
    let mut since = since;
    // The engine that has answered; until then all are tried.
    let mut known: Option<&Endpoint> = None;
    let mut has_garbage = false;
    loop {
        let asked: Vec<&Endpoint> = known.map_or_else(|| candidates.iter().collect(), |endpoint| vec![endpoint]);
        for endpoint in asked {
            let Ok((client, base)) = reach(endpoint, options).await else { continue };
            if known.replace(endpoint).is_some() {
                let history = ask(endpoint, options).await.unwrap_or_default();
                let back = EngineNews::Back { at: Timestamp::now(), history: Box::new(history) };
                if send.send(back).is_err() {
                    return;
                }
            }
            match listen(&client, &base, &mut since, &mut has_garbage, send).await {
                Err(Deaf) => return,
                Ok(why) => {
                    if send.send(EngineNews::Lost { at: Timestamp::now(), why }).is_err() {
                        return;
                    }
                }
            }
            break;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn reach(endpoint: &Endpoint, options: &Options) -> Result<(EngineClient, String), ClientError> {
    let client = EngineClient::new(endpoint, options.request_timeout, options.max_answer)?;
    let version: Version = typed(client.get("/version").await?)?;
    let base = format!("/v{}", negotiate(&version)?);
    Ok((client, base))
}

/// Hands on events until there are no more; why.
async fn listen(
    client: &EngineClient,
    base: &str,
    since: &mut Timestamp,
    has_garbage: &mut bool,
    send: &SyncSender<EngineNews>,
) -> Result<String, Deaf> {
    let from = format!("{}.{:09}", since.as_second(), since.subsec_nanosecond());
    let path = format!("{base}/events?since={from}&filters=%7B%22type%22%3A%5B%22container%22%5D%7D");
    let mut response = match client.stream(&path).await {
        Ok(response) if response.status().is_success() => response,
        Ok(response) => return Ok(format!("it refused to tell its events: {}", response.status())),
        Err(error) => return Ok(error.to_string()),
    };
    let mut line = Vec::new();
    loop {
        let chunk = match client.chunk(&mut response).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok("it ended the stream of its events".to_owned()),
            // Nothing happens, or nobody is there any more.
            Err(ClientError::Timeout(_)) => match client.get(&format!("{base}/version")).await {
                Ok(_) => continue,
                Err(error) => return Ok(error.to_string()),
            },
            Err(error) => return Ok(error.to_string()),
        };
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            // What is longer is cut, and then no JSON.
            let room = LONGEST.saturating_sub(line.len());
            line.extend_from_slice(part.get(..room).unwrap_or(part));
            if part.last() != Some(&b'\n') {
                continue;
            }
            let news = match event(&line) {
                Ok(Some(event)) => {
                    // The next stream begins behind it.
                    let at = Timestamp::from_nanosecond(i128::from(event.time_nano).saturating_add(1));
                    *since = at.unwrap_or(*since).max(*since);
                    Some(EngineNews::Event(Box::new(event)))
                }
                Err(error) if !std::mem::replace(has_garbage, true) => Some(EngineNews::Garbage(error.to_string())),
                Ok(None) | Err(_) => None,
            };
            line.clear();
            if let Some(news) = news {
                send.send(news).map_err(|_| Deaf)?;
            }
        }
    }
}
