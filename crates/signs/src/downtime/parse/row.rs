//! A row of a parser's table: a message form, what it means, and a real line that has it.

use crate::downtime::event::{Kind, Scope};
use crate::read::template::Template;

/// A form and its meaning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    form: &'static str,
    /// A line of a log that has this form; the tests read it.
    pub(crate) sample: &'static str,
    reason: Option<&'static str>,
}

/// A row; what it always means beside its form is added by the method below.
pub(crate) const fn row(kind: Kind, scope: Scope, form: &'static str, sample: &'static str) -> Row {
    Row { kind, scope, form, sample, reason: None }
}

impl Row {
    /// Why, in our own words.
    pub(crate) const fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    #[cfg(test)]
    pub(crate) fn gaps_touch(&self) -> bool {
        Template::new(self.form).gaps_touch()
    }
}

/// What a message says, borrowed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said<'a> {
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) subject: Option<&'a [u8]>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) detail: Option<&'a [u8]>,
    pub(crate) code: Option<u32>,
    pub(crate) count: Option<u32>,
}

/// Rows, compiled. The first byte of a message decides which of them are looked at: most lines are of none.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<(Row, Template)>,
    by_first: Vec<Vec<usize>>,
}

impl Table {
    pub(crate) fn new(rows: &[Row]) -> Self {
        let rows: Vec<_> = rows.iter().map(|row| (*row, Template::new(row.form))).collect();
        let may_begin = |byte: usize| {
            let begins = |(index, (_, template)): (usize, &(Row, Template))| {
                let first = template.beginning().first();
                first.is_none_or(|first| usize::from(*first) == byte).then_some(index)
            };
            rows.iter().enumerate().filter_map(begins).collect()
        };
        let by_first = (0..256).map(may_begin).collect();
        Self { rows, by_first }
    }

    /// What `message` says, if anything.
    pub(crate) fn read<'a>(&self, message: &'a [u8]) -> Option<Said<'a>> {
        let candidates = self.by_first.get(usize::from(*message.first()?))?;
        candidates.iter().find_map(|index| {
            let (row, template) = self.rows.get(*index)?;
            let gaps = template.read(message)?;
            Some(Said {
                kind: row.kind,
                scope: row.scope,
                subject: gaps.subject,
                reason: row.reason,
                detail: gaps.detail,
                code: gaps.code,
                count: gaps.count,
            })
        })
    }
}
