//! What is packed in a journal: values of some length, each by itself. Of a value no more comes out than is asked for, and
//! of a file no more than its bound, so that no small file becomes a large one.

use std::io::Read as _;

use lzma_rust2::XzReader;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

use super::JournalError;

/// How a value is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Xz,
    Lz4,
    Zstd,
}

/// An LZ4 value comes out as a whole or not at all; this is the longest that does.
const LONGEST_LZ4: u64 = 8 << 20;
/// LZ4 makes no more than this out of a byte.
const LZ4_MOST: u64 = 255;
/// Zstandard's own advice for what comes from others: 8 MiB at once.
const ZSTD_WINDOW: u32 = 23;

/// In KiB; journald's own setting takes half of it.
const XZ_MEMORY: u32 = 17 << 10;

impl Packing {
    /// What an object's flags say.
    pub(super) fn of(flags: u8) -> Result<Option<Self>, JournalError> {
        match flags & 0b111 {
            0 => Ok(None),
            1 => Ok(Some(Self::Xz)),
            2 => Ok(Some(Self::Lz4)),
            4 => Ok(Some(Self::Zstd)),
            _ => Err(JournalError::Damaged("a value is packed in several ways at once")),
        }
    }
}

/// See the module.
pub(super) struct Unpacker {
    zstd: Option<Decoder<'static>>,
    out: Vec<u8>,
    /// As much may still come out.
    left: u64,
}

impl Unpacker {
    pub(super) fn new(most: u64) -> Self {
        Self { zstd: None, out: Vec::new(), left: most }
    }

    /// The first `most` bytes of what is packed in `packed`.
    pub(super) fn unpack(&mut self, packing: Packing, packed: &[u8], most: usize) -> Result<&[u8], JournalError> {
        if self.left == 0 {
            return Err(JournalError::TooMuch);
        }
        self.out.clear();
        match packing {
            Packing::Zstd => self.zstd(packed, most)?,
            Packing::Lz4 => self.lz4(packed)?,
            Packing::Xz => self.xz(packed, most)?,
        }
        self.left = self.left.saturating_sub(self.out.len().max(1) as u64);
        Ok(self.out.get(..most).unwrap_or(&self.out))
    }

    fn zstd(&mut self, packed: &[u8], most: usize) -> Result<(), JournalError> {
        let decoder = match &mut self.zstd {
            Some(decoder) => {
                decoder.reinit()?;
                decoder
            }
            none => {
                let mut decoder = Decoder::new()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW))?;
                none.insert(decoder)
            }
        };
        let mut input = InBuffer::around(packed);
        // Grown as it fills: most values are short.
        let mut room = 4096.min(most);
        loop {
            self.out.reserve(room);
            let filled = self.out.len();
            let mut part = OutBuffer::around_pos(&mut self.out, filled);
            let hint = decoder.run(&mut input, &mut part).map_err(|_| BROKEN)?;
            if hint == 0 || self.out.len() >= most {
                return Ok(());
            }
            if self.out.len() < self.out.capacity() {
                // There was room, so that there was nothing more to come.
                if input.pos() == packed.len() {
                    return Err(BROKEN);
                }
            } else {
                room = self.out.len().min(most);
            }
        }
    }

    /// As journals had it until 2014, and those of some systems until 2024.
    fn xz(&mut self, packed: &[u8], most: usize) -> Result<(), JournalError> {
        let unpacked = XzReader::new_mem_limit(packed, false, XZ_MEMORY);
        let read = unpacked.take(most as u64).read_to_end(&mut self.out);
        read.map(|_| ()).map_err(|_| BROKEN)
    }

    /// Its size, eight bytes, stands before an LZ4 block.
    fn lz4(&mut self, packed: &[u8]) -> Result<(), JournalError> {
        let (size, block) = packed.split_first_chunk().ok_or(BROKEN)?;
        let size = u64::from_le_bytes(*size);
        if size > LZ4_MOST.saturating_mul(block.len() as u64) {
            return Err(BROKEN);
        }
        if size > LONGEST_LZ4 {
            return Err(JournalError::TooMuch);
        }
        self.out.resize(usize::try_from(size).map_err(|_| JournalError::TooMuch)?, 0);
        let filled = lz4_flex::block::decompress_into(block, &mut self.out).map_err(|_| BROKEN)?;
        self.out.truncate(filled);
        Ok(())
    }
}

const BROKEN: JournalError = JournalError::Damaged("a packed value cannot be unpacked");

#[cfg(test)]
mod tests {
    use super::*;

    fn lz4(value: &[u8]) -> Vec<u8> {
        let mut block = vec![0; lz4_flex::block::get_maximum_output_size(value.len())];
        let length = lz4_flex::block::compress_into(value, &mut block).unwrap();
        [&(value.len() as u64).to_le_bytes(), &block[..length]].concat()
    }

    fn xz(value: &[u8]) -> Vec<u8> {
        let mut child = std::process::Command::new("xz")
            .args(["--check=none", "--stdout", "-6"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let value = value.to_vec();
        let writes = std::thread::spawn(move || std::io::Write::write_all(&mut input, &value));
        let packed = child.wait_with_output().unwrap().stdout;
        writes.join().unwrap().unwrap();
        packed
    }

    #[test]
    fn what_is_packed_comes_out_as_far_as_it_is_asked_for() {
        let value: Vec<u8> = b"MESSAGE=".iter().copied().chain((0..200_000u32).flat_map(u32::to_le_bytes)).collect();
        let mut unpacker = Unpacker::new(u64::MAX);
        for (packing, packed) in [
            (Packing::Zstd, zstd::bulk::compress(&value, 3).unwrap()),
            (Packing::Lz4, lz4(&value)),
            (Packing::Xz, xz(&value)),
        ] {
            for most in [0, 8, 5000, 65_536, value.len(), value.len() + 1000] {
                let wanted = &value[..most.min(value.len())];
                assert_eq!(unpacker.unpack(packing, &packed, most).unwrap(), wanted, "{packing:?} {most}");
            }
            let cut = unpacker.unpack(packing, &packed[..packed.len() / 2], usize::MAX >> 1);
            assert!(matches!(cut, Err(JournalError::Damaged(_))), "{packing:?}");
            assert_eq!(unpacker.unpack(packing, &packed, 8).unwrap(), b"MESSAGE=");
        }
    }

    #[test]
    fn a_bomb_is_not_let_off() {
        let zeros = vec![0; 100 << 20];
        let mut unpacker = Unpacker::new(3 << 20);
        let packed = zstd::bulk::compress(&zeros, 3).unwrap();
        for _ in 0..40 {
            let _ = unpacker.unpack(Packing::Zstd, &packed, 100_000).map(<[u8]>::len);
        }
        assert!(unpacker.out.capacity() < 1 << 20, "{}", unpacker.out.capacity());
        assert!(matches!(unpacker.unpack(Packing::Zstd, &packed, 100_000), Err(JournalError::TooMuch)));
        let mut unpacker = Unpacker::new(u64::MAX);
        assert!(matches!(unpacker.unpack(Packing::Lz4, &lz4(&zeros), 8), Err(JournalError::TooMuch)));
        let claimed = [&(4u64 << 20).to_le_bytes()[..], &[0x10, b'x']].concat();
        assert!(matches!(unpacker.unpack(Packing::Lz4, &claimed, 8), Err(JournalError::Damaged(_))));
    }
}
