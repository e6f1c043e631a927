//! What a message shows beside whether it is spam: lures, and the text by which it is found to be one of many.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use keelguard_signs::spam::campaign::Source;
use keelguard_signs::spam::lure::{self, Lure};
use keelguard_signs::spam::mail::{Kind, Message, html, shown};

/// So much of a text tells it from others.
const MOST: usize = 16 << 10;

/// See the module.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) time: Option<Timestamp>,
    pub(super) user: Option<String>,
    pub(super) lures: Vec<Lure>,
    /// As what it is compared with others, whose it is, and its text.
    pub(super) text: Option<(Source, String, String)>,
}

impl Seen {
    pub(super) fn of_mail(bytes: &[u8]) -> Self {
        let message = Message::parse(bytes);
        // On a list many write, and quote each other.
        let is_list = ["list-id", "list-post", "in-reply-to"].iter().any(|name| message.field(name).is_some());
        let text = (!is_list).then(|| text(&message));
        let from = message.field("from").map(shown::value).unwrap_or_default();
        let to = message.field("delivered-to").map(shown::value);
        Self {
            time: time(&message),
            user: to.filter(|to| to.contains('@')),
            lures: lure::of_mail(&message, &[]),
            text: text.map(|text| (Source::Mail, from, text)),
        }
    }

    pub(super) fn of_text(bytes: &[u8], time: Option<&str>, user: Option<&str>) -> Self {
        let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(MOST)).unwrap_or_default()).into_owned();
        Self {
            time: time.and_then(|time| time.parse().ok()),
            user: user.map(str::to_owned),
            lures: lure::of_text(&text, &[]),
            text: user.map(|user| (Source::Report, user.to_owned(), text)),
        }
    }
}

/// When the nearest server took it, else when it says it was written.
fn time(message: &Message<'_>) -> Option<Timestamp> {
    let parse = |text: &[u8]| {
        let text = String::from_utf8_lossy(text.get(..text.len().min(200)).unwrap_or_default()).into_owned();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        DateTimeParser::new().relaxed_weekday(true).parse_timestamp(&text).ok()
    };
    let received = message.field("received").and_then(|value| value.rsplit(|byte| *byte == b';').next());
    received.and_then(parse).or_else(|| message.field("date").and_then(parse))
}

/// What its first part of text says, without what it quotes.
fn text(message: &Message<'_>) -> String {
    let first =
        message.parts.leaves.iter().find(|part| matches!(part.kind, Kind::Text | Kind::Html) && !part.is_attached);
    let Some(part) = first else { return String::new() };
    let mut bytes = part.decoded(MOST);
    if part.kind == Kind::Html {
        let mut text = Vec::new();
        html::text(&bytes, MOST, &mut text);
        bytes = text;
    }
    let text = String::from_utf8_lossy(&bytes);
    text.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n")
}
