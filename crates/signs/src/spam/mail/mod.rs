//! Mail as bytes: header, parts, transfer encodings. Nothing here decides anything, and nothing is copied before it is asked for.

mod decode;
mod header;
pub mod html;
mod part;
pub mod shown;

pub use decode::Encoding;
pub use header::{Field, Fields, MOST_FIELDS, MOST_HEADER};
pub use part::{Kind, MOST_DEPTH, MOST_PARTS, Part, Parts};

/// A message, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Message<'a> {
    /// All of it.
    pub raw: &'a [u8],
    /// The fields of its header, in the order in which they stand.
    pub fields: Vec<Field<'a>>,
    /// Where its body begins.
    pub body: usize,
    /// Its parts.
    pub parts: Parts<'a>,
    /// Whether its header is longer than is looked at.
    pub is_header_cut: bool,
}

impl<'a> Message<'a> {
    /// Takes a message apart. Whatever it is made of, the answer is a message: the worst of bytes is a body without header.
    ///
    /// ```
    /// use keelguard_signs::spam::mail::Message;
    /// let message = Message::parse(b"Subject: hello\r\n\r\nHow are you?\r\n");
    /// assert_eq!(message.field("subject"), Some(b" hello".as_slice()));
    /// assert_eq!(message.parts.leaves[0].body, b"How are you?\r\n");
    /// ```
    pub fn parse(raw: &'a [u8]) -> Self {
        let mut fields = Fields::new(raw);
        let mut said = part::Said::default();
        let mut list = Vec::with_capacity(32);
        for field in fields.by_ref() {
            said.take(&field);
            list.push(field);
        }
        let body = fields.body();
        let mut parts = Parts::default();
        part::parts(&said, raw.get(body..).unwrap_or_default(), &mut parts);
        Self { raw, fields: list, body, parts, is_header_cut: fields.is_cut() }
    }

    /// The value of the first field of this name, as it stands.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields.iter().find(|field| field.is(name)).map(|field| field.value)
    }
}

#[cfg(test)]
mod tests;
