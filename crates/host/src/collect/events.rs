//! What the engine on this host remembers of its own past: its last few hundred events, which it keeps in memory only.

use jiff::Timestamp;

use super::client::{ClientError, EngineClient};
use super::endpoint::{self, Address};
use super::{Options, read};
use crate::Error;

/// The engine's events between two times, one JSON object a line, of containers alone; none where no engine answers on this
/// host. Events of an engine elsewhere are not this host's.
///
/// # Errors
/// The engine's address cannot be used.
pub async fn events(
    options: &Options,
    since: Option<Timestamp>,
    until: Timestamp,
) -> Result<Option<Result<Vec<u8>, String>>, Error> {
    let candidates = endpoint::candidates(options.engine.as_deref(), &options.environment)?;
    let path = path("", since, until);
    for endpoint in candidates.iter().filter(|endpoint| matches!(endpoint.address, Address::Unix(_))) {
        let answer = match EngineClient::new(endpoint, options.request_timeout, options.max_answer) {
            Ok(client) => client.get_lines(&path).await,
            Err(error) => Err(error),
        };
        match answer {
            Err(error) if error.is_dead() => {}
            Err(error) => return Ok(Some(Err(format!("{}: {}", endpoint.url, read::plain(&error.to_string()))))),
            Ok(lines) => return Ok(Some(Ok(lines))),
        }
    }
    Ok(None)
}

/// Where the events of containers between two times are asked for.
pub(super) fn path(base: &str, since: Option<Timestamp>, until: Timestamp) -> String {
    let since = since.map_or(0, |since| since.as_second().max(0));
    // Without an end, the engine would go on telling what happens; whole seconds would hide the last one.
    let until = format!("{}.{:09}", until.as_second(), until.subsec_nanosecond());
    format!("{base}/events?since={since}&until={until}&filters=%7B%22type%22%3A%5B%22container%22%5D%7D")
}

impl EngineClient {
    /// The answer to `GET path` as it stands: a JSON object a line.
    pub(super) async fn get_lines(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let answer = tokio::time::timeout(self.timeout, self.fetch(path, self.max_bytes)).await;
        answer.map_err(|_| ClientError::Timeout(self.timeout))?
    }
}
