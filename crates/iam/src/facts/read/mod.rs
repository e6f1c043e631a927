//! From files to facts. Each top-level key is one that an output of the AWS CLI has, or one of Keelguard's own; whatever
//! cannot be read is told of, and the rest is read all the same.

mod absorb;
mod documents;
mod finish;
mod items;
mod listed;
mod organisation;
mod report;
mod resources;
mod scope;
mod shapes;
mod top;

use std::collections::HashSet;

use keelguard_model::{Area, Incomplete};

use super::Facts;
use crate::Error;
use scope::Reader;

/// The largest input that is read, in bytes.
pub const MAX_INPUT: usize = 512 << 20;

/// Entries of what is incomplete; beyond that it is only counted.
const MAX_GAPS: usize = 2_000;

/// A file to be read, or what stands in its place.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    name: String,
    bytes: &'a [u8],
    about: Option<String>,
}

impl<'a> Input<'a> {
    /// The input of this name, as messages call it.
    pub fn new(name: impl Into<String>, bytes: &'a [u8]) -> Self {
        Self { name: name.into(), bytes, about: None }
    }

    /// Says of what it tells, where it does not say so itself: the ARN of a resource or principal, or an account's number.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }
}

impl Facts {
    /// Reads inputs, which may tell of several accounts. Equal policies are parsed once and shared.
    ///
    /// # Errors
    /// An input is neither JSON nor a credential report, or ends in the middle.
    pub fn read(inputs: &[Input<'_>]) -> Result<Self, Error> {
        let mut reader = Reader::default();
        for input in inputs {
            read_one(&mut reader, input)?;
        }
        Ok(finish::finish(reader))
    }
}

fn read_one(reader: &mut Reader, input: &Input<'_>) -> Result<(), Error> {
    let unreadable = |what: String| Error::Facts { name: input.name.clone(), what };
    if input.bytes.len() > MAX_INPUT {
        return Err(unreadable(format!("it is larger than {} MiB, and no more is read", MAX_INPUT >> 20)));
    }
    let bytes = input.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input.bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| {
        let what = if bytes.starts_with(&[0x1f, 0x8b]) { "it is compressed; unpack it first" } else { "it is no text" };
        unreadable(what.to_owned())
    })?;
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(unreadable("it is empty".to_owned()));
    }
    let mut scope = scope::Scope::new(input.name.clone(), input.about.as_deref());
    if report::is_report(trimmed) {
        let rows = report::rows(trimmed, &input.name, &mut reader.gaps);
        scope.report(rows);
        reader.close(scope);
        return Ok(());
    }
    let objects = top::objects(trimmed).map_err(unreadable)?;
    if objects.is_empty() {
        return Err(unreadable("there is no object in it; it takes the JSON that the AWS CLI prints".to_owned()));
    }
    for object in objects {
        let scope = scope::Scope::new(input.name.clone(), input.about.as_deref());
        absorb::absorb(reader, scope, &object);
    }
    Ok(())
}

/// What is missing, as far as it is worth telling one by one.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    list: Vec<Incomplete>,
    told: HashSet<(String, String)>,
    more: usize,
}

impl Gaps {
    pub(super) fn add(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let gap = (what.into(), why.into());
        if self.told.contains(&gap) {
            return;
        }
        if self.list.len() < MAX_GAPS {
            self.list.push(Incomplete::new(Area::Iam, gap.0.clone(), gap.1.clone()));
            self.told.insert(gap);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_list(self) -> Vec<Incomplete> {
        let mut list = self.list;
        if self.more > 0 {
            list.push(Incomplete::new(Area::Iam, "facts", format!("{} more things could not be read", self.more)));
        }
        list
    }
}

#[cfg(test)]
mod tests;
