//! A row of a parser's table: a message form, what it means, and a real line that has it. Tables find their rows by the
//! first byte of the message, or, where a message may begin with anything, by its fixed words, all in one search.

use aho_corasick::AhoCorasick;

use crate::logins::event::{Channel, Kind, Seen};
use crate::read::template::{Gaps, Template};

/// A form and its meaning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    form: &'static str,
    /// A line of a log that has this form; the tests read it.
    pub(crate) sample: &'static str,
    service: Option<&'static str>,
    user: Option<&'static str>,
    method: Option<&'static str>,
}

/// A row; what it always means beside its form is added by the methods below.
pub(crate) const fn row(kind: Kind, form: &'static str, sample: &'static str) -> Row {
    Row { kind, channel: Channel::Daemon, form, sample, service: None, user: None, method: None }
}

impl Row {
    pub(crate) const fn channel(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }

    pub(crate) const fn service(mut self, service: &'static str) -> Self {
        self.service = Some(service);
        self
    }

    pub(crate) const fn user(mut self, user: &'static str) -> Self {
        self.user = Some(user);
        self
    }

    pub(crate) const fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    #[cfg(test)]
    pub(crate) fn gaps_touch(&self) -> bool {
        Template::new(self.form).gaps_touch()
    }

    fn event<'a>(&self, gaps: &Gaps<'a>, service: &'a str) -> Seen<'a> {
        let named = gaps.service.and_then(|service| std::str::from_utf8(service).ok());
        Seen {
            kind: self.kind,
            channel: self.channel,
            time: gaps.time,
            service: self.service.or(named).unwrap_or(service),
            user: gaps.user.or(self.user.map(str::as_bytes)),
            by: gaps.by,
            address: gaps.address,
            peer: gaps.peer,
            port: gaps.port,
            method: gaps.method.or(self.method.map(str::as_bytes)),
            detail: gaps.detail,
            container: gaps.subject,
            host: None,
            count: gaps.count.unwrap_or(1),
        }
    }
}

/// Rows, compiled.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<(Row, Template)>,
    /// The rows whose messages begin with a byte, and with anything.
    by_first: Vec<Vec<usize>>,
    words: Option<AhoCorasick>,
}

impl Table {
    /// A table whose messages are looked at from their first byte on.
    pub(crate) fn new(rows: &[Row]) -> Self {
        let rows: Vec<_> = rows.iter().map(|row| (*row, Template::new(row.form))).collect();
        let begins = |byte: usize| {
            let may = |(index, (_, template)): (usize, &(Row, Template))| {
                let first = template.beginning().first();
                first.is_none_or(|first| usize::from(*first) == byte).then_some(index)
            };
            rows.iter().enumerate().filter_map(may).collect()
        };
        let by_first = (0..256).map(begins).collect();
        Self { rows, by_first, words: None }
    }

    /// A table whose messages are found by their longest fixed words, wherever those stand.
    pub(crate) fn anywhere(rows: &[&[Row]]) -> Self {
        let rows: Vec<_> =
            rows.iter().flat_map(|rows| rows.iter()).map(|row| (*row, Template::new(row.form))).collect();
        let words = AhoCorasick::new(rows.iter().map(|(_, template)| template.longest())).ok();
        Self { rows, by_first: Vec::new(), words }
    }

    /// The event that `message` of `service` tells of.
    pub(crate) fn read<'a>(&self, message: &'a [u8], service: &'a str) -> Option<Seen<'a>> {
        if let Some(words) = &self.words {
            return words.find_overlapping_iter(message).take(64).find_map(|found| {
                let (row, template) = self.rows.get(found.pattern().as_usize())?;
                Some(row.event(&template.read(message)?, service))
            });
        }
        let candidates = self.by_first.get(usize::from(*message.first()?))?;
        candidates.iter().find_map(|index| {
            let (row, template) = self.rows.get(*index)?;
            Some(row.event(&template.read(message)?, service))
        })
    }
}
