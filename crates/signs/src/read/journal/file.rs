//! One journal file, entry by entry, in the order in which they were written.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bytes::{u32_at, u64_at};
use super::damage::Damage;
use super::datum::{Form, Places};
use super::entry::{Entry, time_of};
use super::fields::{FIELDS, Field, KEPT, Kind, Memory};
use super::head::Head;
use super::list::List;
use super::pages::{Pages, Window};
use super::unpack::Unpacker;
use super::{Bounds, Choice, JournalError};

/// See the module.
pub struct JournalFile {
    file: File,
    head: Head,
    form: Form,
    choice: Choice,
    list: List,
    /// The number of the first entry that is read.
    begin: u64,
    /// The number of the next entry in the list.
    next: u64,
    /// The number at which to stop.
    end: u64,
    /// As many there are, by the list or by the head.
    listed: u64,
    /// Where the last entry ended: the list leads on.
    behind: u64,
    entries: Window,
    arrays: Window,
    pages: Pages,
    memory: Memory,
    unpacker: Unpacker,
    longest: usize,
    entry: Entry,
    found: Found,
    damage: Damage,
    /// How often the disk failed.
    failures: u32,
    progress: Arc<AtomicU64>,
    /// As much of the file was told of.
    told: u64,
}

/// Where an entry's fields lie.
#[derive(Default)]
struct Found {
    /// The first place of each field, and its number among the entry's.
    places: [Option<(usize, u64)>; FIELDS.len()],
    /// Those that have to be unpacked to know what they are.
    packed: Vec<(usize, u64)>,
    /// All of them, where somebody wants all.
    all: Vec<u64>,
    /// The entry.
    at: (u64, usize),
    has_message: bool,
}

const ENTRY: u8 = 3;
/// The head of an entry object.
const ENTRY_HEAD: usize = 64;
/// Journald takes 1,024 fields; its forerunners took more.
const MOST_FIELDS: u64 = 16_384;
/// Of a datum, as much is looked at to know what it is: its name, and a value that is short.
const FIRST: usize = Field::LONGEST_NAME + KEPT;
/// A disk that fails again and again takes seconds each time.
const MOST_FAILURES: u32 = 50;
/// Opening a fifo that nobody writes to would wait for ever.
const NONBLOCK: i32 = 0o4000;

impl JournalFile {
    /// Opens a file and reads its head.
    ///
    /// # Errors
    /// It cannot be opened, is no journal, or is of a form that is not known.
    pub fn open(path: &Path, choice: Choice, bounds: &Bounds) -> Result<Self, JournalError> {
        Self::of(open(path)?, choice, bounds)
    }

    /// The same for a file that is open.
    pub(super) fn of(file: File, choice: Choice, bounds: &Bounds) -> Result<Self, JournalError> {
        let head = Head::read(&file)?;
        // What is listed now is whole; what was read before it was listed need not be, so that these pages are not kept.
        let mut passing = Pages::new(8);
        let list = List::read(&file, &head, &mut passing)?;
        let end = list.first_not(list.room, |index| list.look(&file, &mut passing, index).is_ok_and(|at| at != 0));
        Ok(Self {
            form: Form::new(head.is_compact(), head.header_size),
            damage: Damage::at_first(head.missing(), list.broken),
            choice,
            begin: 0,
            next: 0,
            end,
            listed: end.max(head.entries),
            behind: head.header_size,
            // An entry's own fields lie right before it.
            entries: Window::new(bounds.room.window, 8 << 10),
            arrays: Window::new(16 << 10, 0),
            pages: Pages::new(bounds.room.pages),
            memory: Memory::new(bounds.room.places),
            unpacker: Unpacker::new(bounds.most_unpacked),
            longest: bounds.longest,
            entry: Entry::default(),
            found: Found::default(),
            failures: 0,
            progress: Arc::clone(&bounds.progress),
            told: 0,
            file,
            head,
            list,
        })
    }

    /// What the file says of itself.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How many entries were looked at, those that nobody asked for included.
    pub fn looked_at(&self) -> u64 {
        self.next - self.begin
    }

    /// The number of the entry that comes next in its list.
    pub(super) fn position(&self) -> u64 {
        self.next
    }

    /// What could not be read so far.
    pub fn damage(&self) -> &Damage {
        &self.damage
    }

    /// Begins at the first entry that was not written before a time, as the clock of its machine said.
    pub fn since(&mut self, time: i64) {
        let Self { list, file, pages, end, .. } = self;
        let first = list.first_not(*end, |index| {
            let offset = list.look(file, pages, index).unwrap_or_default();
            let head = if offset == 0 { Ok(&[][..]) } else { pages.get(file, offset, ENTRY_HEAD) };
            let is_entry = |head: &&[u8]| head.first() == Some(&ENTRY);
            head.ok().filter(is_entry).and_then(|head| time_of(head).ok()).is_some_and(|written| written < time)
        });
        self.from(first);
    }

    /// Begins at the entry of this number.
    pub(super) fn from(&mut self, index: u64) {
        self.begin = index;
        self.next = index;
    }

    /// Ends before the entry of this number.
    pub(super) fn until(&mut self, index: u64) {
        self.end = self.end.min(index);
        self.listed = self.listed.min(index);
    }

    /// How many entries its list has.
    pub(super) fn count(&self) -> u64 {
        self.end
    }

    /// The entry to which `advance` came.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Goes on to the next entry of those that are asked for; false at the end.
    pub fn advance(&mut self) -> bool {
        while self.next < self.end {
            let offset = match self.list.get(&self.file, &mut self.arrays, self.next) {
                Ok(0) => break,
                Ok(offset) => offset,
                Err(error) => {
                    self.damage.stop(&error);
                    break;
                }
            };
            self.next += 1;
            match self.look_at(offset) {
                Ok(true) => {
                    self.read_fields(!matches!(self.choice, Choice::Mark(_)) || self.entry.chosen);
                    self.tell(self.entries.end());
                    return true;
                }
                Ok(false) => {}
                Err(error) => {
                    self.damage.entry(offset, &error);
                    if let JournalError::Io(error) = error {
                        self.failures += 1;
                        if self.failures > MOST_FAILURES {
                            self.damage.stop(&error);
                            break;
                        }
                    }
                }
            }
            self.tell(self.entries.end());
        }
        self.tell(self.head.length);
        self.damage.unlisted = self.listed.saturating_sub(self.next);
        // Nothing is left to be read again.
        self.end = self.next;
        false
    }

    fn tell(&mut self, end: u64) {
        if end > self.told {
            self.progress.fetch_add(end - self.told, Ordering::Relaxed);
            self.told = end;
        }
    }

    /// Reads an entry's head, and finds out where its fields lie and whether it is asked for.
    fn look_at(&mut self, offset: u64) -> Result<bool, JournalError> {
        let Self { file, entries, pages, memory, found, .. } = self;
        if offset < self.behind || !offset.is_multiple_of(8) {
            return Err(JournalError::Damaged("the list of entries leads back"));
        }
        let head = entries.get(file, offset, ENTRY_HEAD)?;
        let size = u64_at(head, 8).filter(|_| head.len() == ENTRY_HEAD).unwrap_or_default();
        let items = size.checked_sub(ENTRY_HEAD as u64).map(|size| size / self.form.item as u64);
        let items = items.filter(|count| head.first() == Some(&ENTRY) && *count <= MOST_FIELDS);
        let size = items.and_then(|_| usize::try_from(size).ok()).ok_or(JournalError::Damaged("there is no entry"))?;
        self.behind = offset + size as u64;
        let whole = entries.get(file, offset, size)?;
        let (head, _) = whole.split_at_checked(ENTRY_HEAD).ok_or(JournalError::Damaged("an entry is cut off"))?;
        self.entry.begin(head)?;
        if whole.len() < size {
            return Err(JournalError::Damaged("an entry is cut off"));
        }
        found.places = [None; FIELDS.len()];
        found.packed.clear();
        found.at = (offset, size);
        found.has_message = false;
        // From here on the window stands still.
        let window = &*entries;
        let mut places = Places { file, window, pages, form: self.form };
        let mut chosen = matches!(self.choice, Choice::All);
        for (number, place) in items_of(window, offset, size, self.form).enumerate() {
            let known = memory.get(place).map(|known| (known.kind, known.chosen));
            let (kind, chooses) = match known {
                Some(known) => known,
                None => match look_at_datum(place, &mut places, self.choice, memory) {
                    Ok(found) => found,
                    Err(JournalError::Io(error)) => return Err(error.into()),
                    Err(error) => {
                        self.damage.field(place, &error);
                        continue;
                    }
                },
            };
            chosen |= chooses;
            match kind {
                Kind::Of(field) => {
                    if let Some(first) = found.places.get_mut(field as usize) {
                        first.get_or_insert((number, place));
                    }
                }
                Kind::Packed(_) => found.packed.push((number, place)),
                Kind::Other => {}
            }
        }
        self.entry.chosen = chosen;
        Ok(chosen || !matches!(self.choice, Choice::Only(_)))
    }

    /// Reads the message of an entry that was only looked at.
    pub fn read_message(&mut self) {
        if !self.found.has_message {
            self.read_fields(true);
        }
    }

    /// Reads the values of the fields; the message and what has to be unpacked only where that is wanted.
    fn read_fields(&mut self, with_message: bool) {
        let Self { file, entries, pages, memory, unpacker, found, entry, damage, longest, .. } = self;
        let mut places = Places { file, window: entries, pages, form: self.form };
        for (field, name) in FIELDS {
            let Some((_, place)) = found.places.get(field as usize).copied().flatten() else { continue };
            if field == Field::Message && !with_message {
                continue;
            }
            match memory.get(place).filter(|known| known.is_whole && known.kind == Kind::Of(field)) {
                Some(known) => entry.set(field, &known.value),
                None => match read_value(place, longest.saturating_add(name.len()), &mut places, unpacker) {
                    Ok((datum, is_cut)) => {
                        damage.cut += u64::from(is_cut);
                        entry.set(field, datum.get(name.len()..).unwrap_or_default());
                    }
                    Err(error) => damage.field(place, &error),
                },
            }
        }
        if !with_message {
            return;
        }
        found.has_message = true;
        for (number, place) in found.packed.drain(..) {
            let packed = match memory.get(place).map(|known| known.kind) {
                // It is known not to be needed.
                Some(Kind::Other) => continue,
                _ => read_value(place, longest.saturating_add(Field::LONGEST_NAME), &mut places, unpacker),
            };
            let (datum, is_cut) = match packed {
                Ok(unpacked) => unpacked,
                Err(error) => {
                    damage.field(place, &error);
                    continue;
                }
            };
            let Some((field, name)) = Field::of(datum) else {
                if memory.get(place).is_some() {
                    memory.put(place, Kind::Other, false, None);
                }
                continue;
            };
            let first = found.places.get(field as usize).copied().flatten();
            if first.is_none_or(|(before, _)| number < before) {
                let value = datum.get(name..).unwrap_or_default();
                damage.cut += u64::from(is_cut || value.len() > *longest);
                entry.set(field, value.get(..*longest).unwrap_or(value));
                if let Some(first) = found.places.get_mut(field as usize) {
                    *first = Some((number, place));
                }
            }
        }
    }

    /// Hands on every field of the entry, as it stands in the file: `NAME=value`.
    pub fn each_field(&mut self, take: &mut dyn FnMut(&[u8])) {
        let Self { file, entries, pages, unpacker, found, damage, longest, .. } = self;
        let (offset, size) = found.at;
        found.all.clear();
        found.all.extend(items_of(entries, offset, size, self.form));
        let mut places = Places { file, window: entries, pages, form: self.form };
        for place in &found.all {
            match read_value(*place, *longest, &mut places, unpacker) {
                Ok((datum, is_cut)) => {
                    damage.cut += u64::from(is_cut);
                    take(datum);
                }
                Err(error) => damage.field(*place, &error),
            }
        }
    }
}

/// Opens a file that may be a fifo.
pub(super) fn open(path: &Path) -> std::io::Result<File> {
    let file = File::options().read(true).custom_flags(NONBLOCK).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no file"))
}

/// Where the fields of an entry lie.
fn items_of(window: &Window, offset: u64, size: usize, form: Form) -> impl Iterator<Item = u64> {
    let items = window.peek(offset, size).and_then(|entry| entry.get(ENTRY_HEAD..)).unwrap_or_default();
    items.chunks_exact(form.item).map(move |item| {
        let place = if form.item == 4 { u32_at(item, 0).map(u64::from) } else { u64_at(item, 0) };
        place.unwrap_or_default()
    })
}

/// Finds out what lies at a place, and keeps it in mind where other entries point there, too.
fn look_at_datum(
    place: u64,
    places: &mut Places<'_>,
    choice: Choice,
    memory: &mut Memory,
) -> Result<(Kind, bool), JournalError> {
    let (datum, bytes) = places.datum(place, FIRST)?;
    let (kind, value) = match (datum.packing, Field::of(bytes)) {
        (Some(packing), _) => (Kind::Packed(packing), None),
        (None, Some((field, name))) => {
            let is_whole = bytes.len() as u64 == datum.length;
            (Kind::Of(field), bytes.get(name..).filter(|_| is_whole))
        }
        (None, None) => (Kind::Other, None),
    };
    let chosen = match (kind, value) {
        (Kind::Of(field), Some(value)) => choice.by(field, value),
        _ => false,
    };
    if datum.entries > 1 {
        memory.put(place, kind, chosen, value);
    }
    Ok((kind, chosen))
}

/// The first `most` bytes of a datum, and whether there are more.
fn read_value<'a>(
    place: u64,
    most: usize,
    places: &'a mut Places<'_>,
    unpacker: &'a mut Unpacker,
) -> Result<(&'a [u8], bool), JournalError> {
    let (datum, _) = places.datum(place, 0)?;
    places.whole(datum, most, unpacker)
}
