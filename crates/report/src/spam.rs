//! Messages and what is thought of them. They may be a million: each is written as it comes, only the table keeps those that it shows.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use keelguard_model::spam::{JudgedMessage, SPAM_SCHEMA, SpamWhole};
use serde::Serialize;

use crate::layout::{Line, Screen};
use crate::sign::{Looked, findings, gaps, head};
use crate::style::{BOLD, DIM, PLAIN, YELLOW};
use crate::{Error, Options};

/// How judged messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpamFormat {
    /// For a terminal.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One message a line.
    Jsonl,
    /// One message a line: path, number, kind, score, opinion, and why.
    Csv,
}

impl SpamFormat {
    /// All, in the order in which help shows them.
    pub const ALL: [Self; 4] = [Self::Table, Self::Json, Self::Jsonl, Self::Csv];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for SpamFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SpamFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        crate::format::by_name(text, &Self::ALL)
    }
}

/// Messages that the table shows before it counts the rest.
const SHOWN: usize = 20;

/// Writes judged messages.
pub struct SpamWriter<'a> {
    format: SpamFormat,
    options: Options,
    out: &'a mut dyn Write,
    shown: Vec<JudgedMessage>,
    more: u64,
    is_first: bool,
}

impl<'a> SpamWriter<'a> {
    /// Begins.
    ///
    /// # Errors
    /// [`Error::Write`] where `out` fails.
    pub fn begin(format: SpamFormat, options: Options, out: &'a mut dyn Write) -> Result<Self, Error> {
        match format {
            SpamFormat::Json => write!(out, "{{\"schema\":\"{SPAM_SCHEMA}\",\"messages\":[")?,
            SpamFormat::Csv => out.write_all(b"path,number,kind,score,opinion,from,subject,reasons\n")?,
            SpamFormat::Table | SpamFormat::Jsonl => {}
        }
        Ok(Self { format, options, out, shown: Vec::new(), more: 0, is_first: true })
    }

    /// Writes one message.
    ///
    /// # Errors
    /// [`Error::Write`] where it cannot be written.
    pub fn message(&mut self, message: JudgedMessage) -> Result<(), Error> {
        match self.format {
            SpamFormat::Table => self.keep(message),
            SpamFormat::Json => {
                self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
                json(&message, self.out)?;
            }
            SpamFormat::Jsonl => {
                json(&message, self.out)?;
                self.out.write_all(b"\n")?;
            }
            SpamFormat::Csv => csv(&message, self.out)?,
        }
        self.is_first = false;
        Ok(())
    }

    /// Keeps what the table shows: spam and what may be, the likeliest.
    fn keep(&mut self, message: JudgedMessage) {
        if message.opinion == "ham" && !self.options.all {
            return;
        }
        self.shown.push(message);
        // With everything asked for the table holds everything.
        if !self.options.all && self.shown.len() >= 2 * SHOWN {
            self.sort();
            self.more += (self.shown.len() - SHOWN) as u64;
            self.shown.truncate(SHOWN);
        }
    }

    fn sort(&mut self) {
        self.shown
            .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| (&a.path, a.number).cmp(&(&b.path, b.number))));
    }

    /// Ends with what is thought of all together.
    ///
    /// # Errors
    /// [`Error::Write`] where it cannot be written.
    pub fn end(mut self, whole: &SpamWhole) -> Result<(), Error> {
        match self.format {
            SpamFormat::Table => self.table(whole)?,
            SpamFormat::Json => {
                self.out.write_all(b"\n],\n")?;
                let rest = serde_json::to_vec_pretty(whole).map_err(io::Error::from)?;
                self.out.write_all(rest.get(1..).unwrap_or_default())?;
                self.out.write_all(b"\n")?;
            }
            SpamFormat::Jsonl | SpamFormat::Csv => {}
        }
        Ok(self.out.flush()?)
    }

    fn table(&mut self, whole: &SpamWhole) -> io::Result<()> {
        self.sort();
        if !self.options.all && self.shown.len() > SHOWN {
            self.more += (self.shown.len() - SHOWN) as u64;
            self.shown.truncate(SHOWN);
        }
        let mut screen = Screen::new(self.out, self.options.color, self.options.width);
        let counts = whole.counts;
        let looked = Looked { lines: counts.messages, events: counts.spam, from: None, to: None };
        head(whole.area.name(), whole.verdict, &whole.findings, looked, &mut screen)?;
        let words =
            format!("{} messages: {} spam, {} unsure, {} ham", counts.messages, counts.spam, counts.unsure, counts.ham);
        screen.line(&Line::new().styled(BOLD, &words))?;
        for message in &self.shown {
            let style = if message.opinion == "spam" { YELLOW } else { PLAIN };
            let place =
                if message.number > 1 { format!("{} #{}", message.path, message.number) } else { message.path.clone() };
            let line = Line::new().styled(style, &format!("{:>6.2} %  {:6}", message.score * 100.0, message.opinion));
            screen.line(&line.plain("  ").plain(&place))?;
            let about = [message.from.as_deref(), message.subject.as_deref()];
            let about = about.into_iter().flatten().collect::<Vec<_>>().join("  ");
            if !about.is_empty() {
                screen.line(&Line::new().to(18).plain(&about))?;
            }
            let why = why(message);
            if !why.is_empty() {
                screen.line(&Line::new().to(18).styled(DIM, &why))?;
            }
        }
        if self.more > 0 {
            screen.line(&Line::new().styled(
                DIM,
                &format!("and {} more; --all shows them, --format jsonl lists every message", self.more),
            ))?;
        }
        findings(&whole.findings, &self.options, &mut screen)?;
        gaps(&whole.incomplete, &self.options, &mut screen)
    }
}

fn json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}

/// The reasons in one line.
fn why(message: &JudgedMessage) -> String {
    let reason = |reason: &keelguard_model::spam::SpamReason| {
        let sign = if reason.weight < 0.0 { "−" } else { "+" };
        format!("{sign}{:.1} {} {}", reason.weight.abs(), reason.what, reason.value)
    };
    message.reasons.iter().map(reason).collect::<Vec<_>>().join(" · ")
}

fn csv(message: &JudgedMessage, out: &mut dyn Write) -> io::Result<()> {
    let cell = |text: &str| {
        // A spreadsheet takes what begins so for a formula; these texts are strangers'.
        let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        format!("\"{guard}{}\"", text.replace('"', "\"\"").replace(['\r', '\n'], " "))
    };
    writeln!(
        out,
        "{},{},{},{},{},{},{},{}",
        cell(&message.path),
        message.number,
        message.kind,
        message.score,
        message.opinion,
        cell(message.from.as_deref().unwrap_or_default()),
        cell(message.subject.as_deref().unwrap_or_default()),
        cell(&why(message)),
    )
}
