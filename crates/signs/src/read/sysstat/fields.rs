//! Structures as sysstat lays them out: first numbers of eight bytes, then those that are a `long` where the file was made,
//! then those of four, each padded to its place. A file says how many of each kind its structures have, so that fields keep
//! their number while others are added behind them.

/// Of which machine the file is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// The highest byte comes first.
    pub(super) big_end: bool,
    /// A `long` has four bytes, in a place of eight.
    pub(super) short_long: bool,
}

/// Which field of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    /// Eight bytes.
    Long(usize),
    /// A `long`.
    Word(usize),
    /// Four bytes.
    Int(usize),
}

/// How many fields of each kind a structure has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layout {
    pub(super) longs: usize,
    pub(super) words: usize,
    pub(super) ints: usize,
}

impl Layout {
    /// The bytes that its fields take.
    pub(super) fn size(self) -> usize {
        (self.longs + self.words) * 8 + self.ints * 4
    }

    /// A field's value; none where the structure of this file has no such field.
    pub(super) fn get(self, made: Made, item: &[u8], field: Field) -> Option<u64> {
        let (at, short) = match field {
            Field::Long(index) => (Some(index).filter(|index| *index < self.longs)? * 8, false),
            Field::Word(index) => {
                let index = Some(index).filter(|index| *index < self.words)?;
                ((self.longs + index) * 8, made.short_long)
            }
            Field::Int(index) => {
                let index = Some(index).filter(|index| *index < self.ints)?;
                ((self.longs + self.words) * 8 + index * 4, true)
            }
        };
        if short { made.u32(item, at).map(u64::from) } else { made.u64(item, at) }
    }
}

impl Made {
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = array(bytes, at)?;
        Some(if self.big_end { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = array(bytes, at)?;
        Some(if self.big_end { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = array(bytes, at)?;
        Some(if self.big_end { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// Three counts of fields, as they stand in heads.
    pub(super) fn layout(self, bytes: &[u8], at: usize) -> Option<Layout> {
        // More fields than any structure has bytes would overflow the sums.
        let count =
            |at| self.u32(bytes, at).filter(|count| *count <= 8192).and_then(|count| usize::try_from(count).ok());
        Some(Layout { longs: count(at)?, words: count(at + 4)?, ints: count(at + 8)? })
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_kind_and_number_whatever_was_added_behind_them() {
        let made = Made { big_end: false, short_long: false };
        let item: Vec<u8> =
            [7_u64.to_le_bytes().to_vec(), 8_u64.to_le_bytes().to_vec(), 9_u32.to_le_bytes().to_vec()].concat();
        let layout = Layout { longs: 1, words: 1, ints: 1 };
        assert_eq!(layout.get(made, &item, Field::Long(0)), Some(7));
        assert_eq!(layout.get(made, &item, Field::Word(0)), Some(8));
        assert_eq!(layout.get(made, &item, Field::Int(0)), Some(9));
        assert_eq!(layout.get(made, &item, Field::Int(1)), None);
        // The same as a machine with short longs and the highest byte first writes it.
        let item =
            [7_u64.to_be_bytes().to_vec(), 8_u32.to_be_bytes().to_vec(), vec![0; 4], 9_u32.to_be_bytes().to_vec()]
                .concat();
        let made = Made { big_end: true, short_long: true };
        let all = [Field::Long(0), Field::Word(0), Field::Int(0)].map(|field| layout.get(made, &item, field));
        assert_eq!(all, [Some(7), Some(8), Some(9)]);
    }
}
