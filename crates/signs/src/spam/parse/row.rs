//! A row of a parser's table: a message form, what it means, and a real line that has it.

use super::event::{Kind, Seen};
use crate::read::template::Template;

/// A form and its meaning. The gaps: `{subject}` is the queue's id, `{by}` the sender, `{detail}` the recipient, `{user}` the login,
/// `{address}` the client, `{service}` where it went, `{method}` the local user, `{code}` bytes, `{count}` recipients, `{name}` why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    form: &'static str,
    /// A line of a log that has this form; the tests read it.
    pub(crate) sample: &'static str,
    is_outbound: bool,
}

/// A row; that it goes out is added by the method below.
pub(crate) const fn row(kind: Kind, form: &'static str, sample: &'static str) -> Row {
    Row { kind, form, sample, is_outbound: false }
}

impl Row {
    /// It was another host that took it or did not.
    pub(crate) const fn outbound(mut self) -> Self {
        self.is_outbound = true;
        self
    }

    #[cfg(test)]
    pub(crate) fn gaps_touch(&self) -> bool {
        Template::new(self.form).gaps_touch()
    }
}

/// Rows, compiled.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<(Row, Template)>,
}

impl Table {
    pub(crate) fn new(rows: &[Row]) -> Self {
        Self { rows: rows.iter().map(|row| (*row, Template::new(row.form))).collect() }
    }

    /// What `message` says, if anything.
    pub(crate) fn read<'a>(&self, message: &'a [u8], server: &'static str) -> Option<Seen<'a>> {
        self.rows.iter().find_map(|(row, template)| {
            if !message.starts_with(template.beginning()) {
                return None;
            }
            let gaps = template.read(message)?;
            let is_near = gaps.service.is_some_and(is_near);
            Some(Seen {
                kind: Some(row.kind),
                server,
                id: gaps.subject,
                // An empty sender is a bounce, and no missing one.
                sender: gaps.by.or_else(|| row.form.contains("{by}").then_some(&b""[..])),
                recipient: gaps.detail,
                client: gaps.address,
                user: gaps.user.filter(|_| row.form.contains("{user")),
                local: gaps.method,
                relay: gaps.service,
                size: gaps.code,
                recipients: gaps.count,
                is_outbound: row.is_outbound && !is_near,
                ..Seen::default()
            })
        })
    }
}

/// A filter on this host, to which mail goes before it is delivered.
fn is_near(relay: &[u8]) -> bool {
    let near: [&[u8]; 5] = [b"127.", b"localhost", b"[::1]", b"local", b"::1"];
    near.iter().any(|near| relay.starts_with(near)) || memchr::memmem::find(relay, b"[127.").is_some()
}
