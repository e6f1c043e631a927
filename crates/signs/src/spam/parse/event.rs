//! What a line of a mail server's log tells of: a message that came, went, came back, waits, or was turned away.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A server or a program handed it over; who that was.
    Received,
    /// It is in the queue: sender, size and recipients are known.
    Queued,
    /// One recipient's copy was delivered.
    Sent,
    /// One recipient's copy came back for good.
    Bounced,
    /// One recipient's copy waits for a better time.
    Deferred,
    /// It was not taken.
    Rejected,
    /// It has left the queue.
    Removed,
}

/// One line's event, borrowed from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen<'a> {
    /// What happened.
    pub kind: Option<Kind>,
    /// Microseconds since 1970.
    pub time: Option<i64>,
    /// Whose line it is: `postfix`, `exim`, `sendmail`, `opensmtpd`, `rspamd`.
    pub server: &'static str,
    /// The host or container that wrote the line.
    pub host: Option<&'a [u8]>,
    /// By which the lines of one message find together.
    pub id: Option<&'a [u8]>,
    /// Envelope sender; empty is a bounce.
    pub sender: Option<&'a [u8]>,
    /// One recipient.
    pub recipient: Option<&'a [u8]>,
    /// Who handed it over.
    pub client: Option<IpAddr>,
    /// As whom they had logged in.
    pub user: Option<&'a [u8]>,
    /// The user of this host whose program handed it over, by name or number.
    pub local: Option<&'a [u8]>,
    /// Where it went.
    pub relay: Option<&'a [u8]>,
    /// Bytes.
    pub size: Option<u32>,
    /// How many recipients it has.
    pub recipients: Option<u32>,
    /// Why, in the server's words.
    pub reason: Option<&'a [u8]>,
    /// Whether the server at the other end was reached over the network.
    pub is_outbound: bool,
}

/// An event that stands for itself: what other lines said of the same message is filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// Seconds since 1970.
    pub time: i64,
    /// The host or container that wrote the line.
    pub host: SmolStr,
    /// Envelope sender; empty is a bounce.
    pub sender: Option<SmolStr>,
    /// The recipient's domain.
    pub domain: Option<SmolStr>,
    /// Who handed it over.
    pub client: Option<IpAddr>,
    /// As whom they had logged in.
    pub user: Option<SmolStr>,
    /// The user of this host whose program handed it over.
    pub local: Option<SmolStr>,
    /// Bytes.
    pub size: u32,
    /// How many recipients it has.
    pub recipients: u32,
    /// Why, in the server's words.
    pub reason: Option<SmolStr>,
    /// Whether it went to another host.
    pub is_outbound: bool,
    /// Whether the same was told of this message before: a retry.
    pub is_again: bool,
}

/// As text, the head of it: names in logs are whatever somebody sent.
pub(crate) fn name(bytes: &[u8]) -> SmolStr {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(LONGEST)).unwrap_or_default());
    SmolStr::new(
        text.trim_matches(|character: char| character.is_whitespace() || matches!(character, '<' | '>')).to_lowercase(),
    )
}

/// The domain of an address.
pub(crate) fn domain(address: &[u8]) -> Option<SmolStr> {
    let at = memchr::memrchr(b'@', address)?;
    Some(name(address.get(at + 1..)?)).filter(|domain| !domain.is_empty())
}
