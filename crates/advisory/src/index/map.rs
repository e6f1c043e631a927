//! A file mapped into memory: the one place of the house, besides the kernel sensor, with `unsafe`.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// The bytes of a file, read as they are touched.
#[derive(Debug)]
pub(crate) struct Mapped(Mmap);

impl Mapped {
    /// Maps the whole file.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        // SAFETY: a mapping is sound as long as nobody changes or shortens the file underneath. Index files are written
        // under another name, renamed into place and never touched again (`replace_file`), in a folder that belongs to
        // the user who runs Keelguard. The bytes are only ever copied out as integers and checked as UTF-8 at each use,
        // so that no conclusion about them outlives the read that it was drawn from.
        unsafe { Mmap::map(file) }.map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
