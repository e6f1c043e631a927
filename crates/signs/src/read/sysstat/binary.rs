//! The daily file as `sadc` writes it, since sysstat 12 (format 0x2175): a head that says how its structures look, then a
//! record each time. What is not known is passed over by the size that the head gives it. Read as a stream, with one record
//! and the one before it in memory.

use std::io::{self, BufRead, Read as _};

use jiff::Timestamp;

use super::activity::{self, Kept};
use super::fields::{Field, Layout, Made};
use super::{Error, Record};

/// What the first two bytes say.
const MAGIC: u16 = 0xd596;
const FORMAT: u16 = 0x2175;
/// The very first head, of fixed size.
const FIRST: usize = 76;
/// Where what it says stands in it.
const HEAD_SIZE: usize = 8;
const HEAD_LAYOUT: usize = 16;
/// Bounds, where sysstat has them the same: of heads, of kinds of structures, of an item.
const LONGEST_HEAD: usize = 8192;
const MOST_KINDS: usize = 256;
const LONGEST_ITEM: usize = 4096;
/// Processors and devices of a kind that is read; what is passed over may have as many as the file has bytes for.
const MOST_ITEMS: usize = 16_384;
/// A name of a system, and the fields of the file's head: longs, words and ints come before a day, a month and a length.
const NAME: usize = 65;

/// Types of records.
const STATISTICS: u8 = 1;
const RESTART: u8 = 2;
const COMMENT: u8 = 4;
const LAST_TYPE: u8 = 15;
const COMMENT_SIZE: u64 = 64;

pub(super) fn begins(start: &[u8]) -> bool {
    made_by(start).is_some()
}

/// Which end comes first in this file, by its magic number.
fn made_by(start: &[u8]) -> Option<Made> {
    [false, true]
        .into_iter()
        .map(|big_end| Made { big_end, short_long: false })
        .find(|made| made.u16(start, 0) == Some(MAGIC))
}

/// A kind of structure that each record holds.
#[derive(Clone, Debug)]
struct Kind {
    /// What it counts, and in which form.
    what: (u32, u32),
    layout: Layout,
    items: u64,
    /// Structures of each item.
    parts: u64,
    /// Each record says how many items it has.
    is_counted: bool,
    size: usize,
}

/// See the module.
pub(super) struct Binary {
    reader: Box<dyn BufRead>,
    made: Made,
    host: Option<String>,
    record_layout: Layout,
    record_size: usize,
    kinds: Vec<Kind>,
    before: Option<(u64, Vec<Kept>)>,
    ended: bool,
}

impl Binary {
    pub(super) fn new(mut reader: Box<dyn BufRead>) -> Result<Self, Error> {
        let first = bytes(&mut reader, FIRST)?;
        let mut made = made_by(&first).ok_or(Error::Damaged("its first bytes are others"))?;
        match made.u16(&first, 2) {
            Some(FORMAT) => {}
            other => return Err(Error::Format(other.unwrap_or(0))),
        }
        let size = size_of(made.u32(&first, HEAD_SIZE), LONGEST_HEAD, "its head is too long")?;
        let layout = made.layout(&first, HEAD_LAYOUT).ok_or(Error::Damaged("its head has too many fields"))?;
        let head = bytes(&mut reader, size)?;
        let names = layout.size();
        made.short_long = head.get(names + 2) == Some(&4);
        let int = |index| layout.get(made, &head, Field::Int(index)).and_then(|value| u32::try_from(value).ok());
        let at = (layout.longs + layout.words) * 8;
        // The processors, the kinds and the year come first.
        let count = size_of(int(1), MOST_KINDS, "it has too many kinds of structures")?;
        let kind_layout = made.layout(&head, at + 12).ok_or(Error::Damaged("a list of its has too many fields"))?;
        let record_layout = made.layout(&head, at + 24).ok_or(Error::Damaged("its records have too many fields"))?;
        let kind_size = size_of(int(9), 1024, "the description of a structure is too long")?;
        let record_size = size_of(int(10), 512, "the head of a record is too long")?;
        if kind_layout.size() > kind_size || record_layout.size() + 1 > record_size || names > size {
            return Err(Error::Damaged("its fields are longer than what holds them"));
        }
        let mut kinds = Vec::new();
        for _ in 0..count {
            let description = bytes(&mut reader, kind_size)?;
            kinds.push(Kind::of(made, kind_layout, &description)?);
        }
        let name = head.get(names + 3 + NAME..names + 3 + 2 * NAME).unwrap_or_default();
        let name = name.split(|byte| *byte == 0).next().map(String::from_utf8_lossy).unwrap_or_default();
        let mut binary = Self {
            host: Some(name.into_owned()).filter(|name| !name.is_empty()),
            reader,
            made,
            record_layout,
            record_size,
            kinds,
            before: None,
            ended: false,
        };
        if int(11).is_some_and(|more| more != 0) {
            binary.pass_extras()?;
        }
        Ok(binary)
    }

    pub(super) fn host(&self) -> Option<String> {
        self.host.clone()
    }

    /// The next record of statistics.
    pub(super) fn next_record(&mut self) -> Result<Option<Record>, Error> {
        if self.ended {
            return Ok(None);
        }
        let record = self.read_record();
        self.ended = !matches!(record, Ok(Some(_)));
        record
    }

    fn read_record(&mut self) -> Result<Option<Record>, Error> {
        while !self.reader.fill_buf()?.is_empty() {
            let head = bytes(&mut self.reader, self.record_size)?;
            let field = |field| self.record_layout.get(self.made, &head, field);
            let has_extras = field(Field::Int(0)).is_some_and(|more| more != 0);
            let (uptime, second) = (field(Field::Long(0)).unwrap_or(0), field(Field::Long(1)).unwrap_or(0));
            match head.get(self.record_layout.size()) {
                Some(&STATISTICS) => {
                    if has_extras {
                        self.pass_extras()?;
                    }
                    let kept = self.statistics()?;
                    let time = i64::try_from(second).ok().and_then(|second| Timestamp::from_second(second).ok());
                    let time = time.ok_or(Error::Damaged("a record has no time"))?;
                    return Ok(Some(self.record(time, uptime, kept)));
                }
                Some(&RESTART) => {
                    // The processors there are now; all counting begins anew.
                    bytes(&mut self.reader, 4)?;
                    self.before = None;
                    if has_extras {
                        self.pass_extras()?;
                    }
                }
                Some(&COMMENT) => {
                    self.pass(COMMENT_SIZE)?;
                    if has_extras {
                        self.pass_extras()?;
                    }
                }
                Some(kind) if (1..=LAST_TYPE).contains(kind) => {
                    if has_extras {
                        self.pass_extras()?;
                    }
                }
                _ => return Err(Error::Damaged("a record is of no known type")),
            }
        }
        Ok(None)
    }

    fn record(&mut self, time: Timestamp, uptime: u64, kept: Vec<Kept>) -> Record {
        let mut values = Vec::new();
        let before = self.before.take();
        for now in &kept {
            let before = before.as_ref().and_then(|(then, before)| {
                let known = before.iter().find(|before| before.kind == now.kind)?;
                Some((known, uptime.checked_sub(*then)?))
            });
            activity::values(now, before, self.made, &mut values);
        }
        self.before = Some((uptime, kept));
        Record { time, values }
    }

    /// All structures of a record; those of which something is made are kept.
    fn statistics(&mut self) -> Result<Vec<Kept>, Error> {
        let mut kept = Vec::new();
        for index in 0..self.kinds.len() {
            let Some(kind) = self.kinds.get(index).cloned() else { break };
            let items = if kind.is_counted {
                let count = bytes(&mut self.reader, 4)?;
                u64::from(self.made.u32(&count, 0).unwrap_or(0))
            } else {
                kind.items
            };
            let length = items
                .checked_mul(kind.parts)
                .and_then(|items| items.checked_mul(kind.size as u64))
                .filter(|_| items <= u64::from(u32::MAX >> 1))
                .ok_or(Error::Damaged("a record has more structures than there can be"))?;
            if activity::is_wanted(kind.what) && kind.parts == 1 && items <= MOST_ITEMS as u64 {
                let length = usize::try_from(length).map_err(|_| Error::Damaged("a record is too long"))?;
                let items = bytes(&mut self.reader, length)?;
                kept.push(Kept { kind: kind.what, layout: kind.layout, size: kind.size, items });
            } else {
                self.pass(length)?;
            }
        }
        Ok(kept)
    }

    /// Structures that a later version may have added.
    fn pass_extras(&mut self) -> Result<(), Error> {
        // So many lists in a row nobody writes.
        for _ in 0..MOST_KINDS {
            let head = bytes(&mut self.reader, 24)?;
            let field = |at| self.made.u32(&head, at).unwrap_or(0);
            let (count, size, more) = (field(0), field(4), field(8));
            if count > 8192 || size > 1024 {
                return Err(Error::Damaged("a structure behind a record is too long"));
            }
            self.pass(u64::from(count) * u64::from(size))?;
            if more == 0 {
                return Ok(());
            }
        }
        Err(Error::Damaged("the structures behind a record have no end"))
    }

    fn pass(&mut self, length: u64) -> Result<(), Error> {
        let passed = io::copy(&mut (&mut self.reader).take(length), &mut io::sink())?;
        if passed == length { Ok(()) } else { Err(Error::Cut) }
    }
}

impl Kind {
    fn of(made: Made, layout: Layout, description: &[u8]) -> Result<Self, Error> {
        let int = |index| layout.get(made, description, Field::Int(index)).and_then(|value| u32::try_from(value).ok());
        let own = made.layout(description, (layout.longs + layout.words) * 8 + 24);
        let (Some(id), Some(magic), Some(items), Some(parts), Some(counted), Some(own)) =
            (int(0), int(1), int(2), int(3), int(4), own)
        else {
            return Err(Error::Damaged("a description of a structure is too short"));
        };
        let size = size_of(int(5), LONGEST_ITEM, "a structure is too long")?;
        if own.size() > size || items > u32::MAX >> 1 || parts == 0 || parts > 65_536 {
            return Err(Error::Damaged("a structure is described as it cannot be"));
        }
        Ok(Self {
            what: (id, magic),
            layout: own,
            items: u64::from(items),
            parts: u64::from(parts),
            is_counted: counted != 0,
            size,
        })
    }
}

fn size_of(said: Option<u32>, most: usize, why: &'static str) -> Result<usize, Error> {
    said.and_then(|said| usize::try_from(said).ok()).filter(|said| *said <= most).ok_or(Error::Damaged(why))
}

/// Exactly so many bytes.
fn bytes(reader: &mut Box<dyn BufRead>, length: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(bytes) } else { Err(Error::Cut) }
}
