//! Fields of entries. A value that many entries have lies in the file once, and they point to it: so what is known of a
//! place is kept, and an entry that nobody asks for costs little more than its list of places.

use super::unpack::Packing;

/// The fields that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What was said.
    Message,
    /// By which program, in its own words.
    Identifier,
    /// By which program, in the kernel's words.
    Command,
    /// By which process.
    Process,
    /// By which process, in its own words.
    ClaimedProcess,
    /// On which machine.
    Host,
    /// To which facility of syslog, as a number.
    Facility,
}

/// All of them, with what they are called in a journal.
pub(super) const FIELDS: [(Field, &[u8]); 7] = [
    (Field::Message, b"MESSAGE="),
    (Field::Identifier, b"SYSLOG_IDENTIFIER="),
    (Field::Command, b"_COMM="),
    (Field::Process, b"_PID="),
    (Field::ClaimedProcess, b"SYSLOG_PID="),
    (Field::Host, b"_HOSTNAME="),
    (Field::Facility, b"SYSLOG_FACILITY="),
];

impl Field {
    /// Which of them `datum` is, as it stands in the file (`NAME=value`), and how long its name is with the sign.
    pub(super) fn of(datum: &[u8]) -> Option<(Self, usize)> {
        let is_it = |(_, name): &&(Self, &[u8])| datum.starts_with(name);
        FIELDS.iter().find(is_it).map(|(field, name)| (*field, name.len()))
    }

    /// As long a beginning tells them apart.
    pub(super) const LONGEST_NAME: usize = 18;
}

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Of(Field),
    /// A field that nobody reads.
    Other,
    /// It is packed; which field it is comes out with it.
    Packed(Packing),
}

/// A value that several entries have.
#[derive(Clone, Debug)]
pub(super) struct Known {
    offset: u64,
    pub(super) kind: Kind,
    /// It makes its entries those that are asked for.
    pub(super) chosen: bool,
    /// The value, where it is short.
    pub(super) value: Vec<u8>,
    pub(super) is_whole: bool,
}

/// As long a value is kept.
pub(super) const KEPT: usize = 128;

/// What was seen last of each of so many kinds of places: as much memory, whatever the file holds.
#[derive(Debug)]
pub(super) struct Memory {
    known: Vec<Known>,
}

impl Memory {
    /// For `count` places, a power of two.
    pub(super) fn new(count: usize) -> Self {
        let none = Known { offset: 0, kind: Kind::Other, chosen: false, value: Vec::new(), is_whole: false };
        Self { known: vec![none; count.next_power_of_two()] }
    }

    fn index(&self, offset: u64) -> usize {
        // Fibonacci hashing: places are multiples of eight, and neighbours are asked for together.
        let mixed = (offset >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed >> 32).unwrap_or_default() & (self.known.len() - 1)
    }

    pub(super) fn get(&self, offset: u64) -> Option<&Known> {
        self.known.get(self.index(offset)).filter(|known| known.offset == offset)
    }

    pub(super) fn put(&mut self, offset: u64, kind: Kind, chosen: bool, value: Option<&[u8]>) {
        let index = self.index(offset);
        let Some(known) = self.known.get_mut(index) else { return };
        known.offset = offset;
        known.kind = kind;
        known.chosen = chosen;
        known.value.clear();
        let short = value.filter(|value| value.len() <= KEPT);
        known.is_whole = short.is_some();
        known.value.extend_from_slice(short.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_known_by_its_whole_name() {
        for (field, name) in FIELDS {
            assert_eq!(Field::of(&[name, b"x=y"].concat()), Some((field, name.len())));
            assert_eq!(Field::of(&name[..name.len() - 1]), None);
            assert!(name.len() <= Field::LONGEST_NAME);
        }
        assert_eq!(Field::of(b"MESSAGE_ID=x"), None);
        assert_eq!(Field::of(b"COREDUMP_COMM=x"), None);
    }
}
