//! What is thought of messages: the JSON of `keelguard signs spam PATH…`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Area, Finding, Incomplete, ToolInfo, Verdict};

/// The schema's name and version.
pub const SPAM_SCHEMA: &str = "keelguard.spam/1";

/// What is thought of the messages that were named, each by itself and all together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpamReport {
    /// `keelguard.spam/1`.
    pub schema: String,
    /// Each message, in the order in which they were named.
    pub messages: Vec<JudgedMessage>,
    /// All together.
    #[serde(flatten)]
    pub whole: SpamWhole,
}

/// What is thought of all messages together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpamWhole {
    /// What wrote this.
    pub tool: ToolInfo,
    /// `spam`.
    pub area: Area,
    /// The verdict: of the findings. Spam that is caught is nothing that anybody must do something about.
    pub verdict: Verdict,
    /// The files and folders that were asked for.
    pub sources: Vec<String>,
    /// How many of what.
    pub counts: SpamCounts,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}

/// How many messages of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpamCounts {
    /// All messages.
    pub messages: u64,
    /// Mails among them; the rest are short texts.
    pub mails: u64,
    /// Spam.
    pub spam: u64,
    /// What may be either.
    pub unsure: u64,
    /// Ham.
    pub ham: u64,
    /// Messages longer than is read: judged by what was read.
    pub cut: u64,
    /// Messages from which was learnt here.
    pub learnt: u64,
}

/// What is thought of one message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedMessage {
    /// The file; `-` is standard input.
    pub path: String,
    /// Which of the messages of this file, from 1.
    pub number: u64,
    /// `mail` or `text`.
    pub kind: String,
    /// The probability that it is spam, between 0 and 1.
    pub score: f64,
    /// `spam`, `unsure` or `ham`.
    pub opinion: String,
    /// From whom a mail says it is; who reported a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The subject of a mail; the head of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When, as the message says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Whether it is longer than is read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Why, what counts most first.
    pub reasons: Vec<SpamReason>,
}

/// One thing that speaks for or against spam.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpamReason {
    /// What was read: `subject`, `word`, `order of the header`.
    pub what: String,
    /// Its value.
    pub value: String,
    /// What it adds to the logarithm of the odds; below nothing it speaks for ham.
    pub weight: f32,
}
