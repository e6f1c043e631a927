//! Puts together what several lines say of one message, by its id in the queue. Bounded: what was touched longest ago goes first.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::event::{Event, Kind, Seen, domain, name};
use crate::bounded::Bounded;

/// What is known of a message so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Known {
    sender: Option<SmolStr>,
    user: Option<SmolStr>,
    local: Option<SmolStr>,
    client: Option<IpAddr>,
    is_queued: bool,
    is_deferred: bool,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Join {
    known: Bounded<(SmolStr, SmolStr), Known>,
    queued: u64,
}

impl Join {
    /// Remembers at most so many messages.
    pub fn new(most: usize) -> Self {
        Self { known: Bounded::new(most), queued: 0 }
    }

    /// Messages that were forgotten although they may still be in a queue.
    pub fn forgotten(&self) -> u64 {
        self.known.forgotten
    }

    /// Messages in the queues, as far as the lines say.
    pub fn queued(&self) -> u64 {
        self.queued
    }

    /// The event of a line, with what is known of its message. A line that only says who handed it over is none yet.
    pub fn see(&mut self, seen: &Seen<'_>) -> Option<Event> {
        let kind = seen.kind?;
        let time = seen.time?.div_euclid(1_000_000);
        let host = seen.host.map(name).unwrap_or_default();
        let mut event = Event {
            kind,
            time,
            sender: seen.sender.map(name),
            domain: seen.recipient.and_then(domain),
            client: seen.client,
            user: seen.user.map(name).filter(|user| !user.is_empty()),
            local: seen.local.map(name),
            size: seen.size.unwrap_or(0),
            recipients: seen.recipients.unwrap_or(1).max(1),
            reason: seen.reason.map(name),
            is_outbound: seen.is_outbound,
            is_again: false,
            host,
        };
        let Some(id) = seen.id else { return Some(event) };
        let key = (event.host.clone(), name(id));
        if kind == Kind::Rejected {
            if let Some(known) = self.known.get(&key) {
                event.user = event.user.or_else(|| known.user.clone());
            }
            return Some(event);
        }
        let known = self.known.entry(key, time, Known::default);
        let fill = |mine: &mut Option<SmolStr>, theirs: &mut Option<SmolStr>| match mine {
            Some(_) => theirs.clone_from(mine),
            None => mine.clone_from(theirs),
        };
        fill(&mut event.sender, &mut known.sender);
        fill(&mut event.user, &mut known.user);
        fill(&mut event.local, &mut known.local);
        known.client = event.client.or(known.client);
        event.client = known.client;
        match kind {
            Kind::Received => return None,
            Kind::Queued => {
                // Postfix says it at each attempt.
                event.is_again = std::mem::replace(&mut known.is_queued, true);
                self.queued += u64::from(!event.is_again);
            }
            Kind::Deferred => event.is_again = std::mem::replace(&mut known.is_deferred, true),
            Kind::Removed => {
                self.queued = self.queued.saturating_sub(u64::from(known.is_queued));
                *known = Known::default();
            }
            Kind::Sent | Kind::Bounced | Kind::Rejected => {}
        }
        Some(event)
    }
}
