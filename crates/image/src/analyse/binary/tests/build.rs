//! A small writer of ELF files: sections one after the other, each loaded where it lies.

/// An ELF file to be written.
pub(super) struct Build {
    pub(super) is_64: bool,
    pub(super) is_big: bool,
    /// Whether section headers are written.
    pub(super) headers: bool,
    sections: Vec<(String, Vec<u8>)>,
}

/// Address of the first byte of the file.
pub(super) const BASE: u64 = 0x40_0000;

impl Build {
    pub(super) fn new(is_64: bool, is_big: bool) -> Self {
        Self { is_64, is_big, headers: true, sections: Vec::new() }
    }

    pub(super) fn section(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.sections.push((name.to_owned(), bytes.into()));
        self
    }

    pub(super) fn without_headers(mut self) -> Self {
        self.headers = false;
        self
    }

    /// Where the section of this index begins in the file.
    pub(super) fn offset(&self, index: usize) -> u64 {
        let before: usize = self.sections.iter().take(index).map(|(_, bytes)| bytes.len().next_multiple_of(16)).sum();
        128 + before as u64
    }

    pub(super) fn half(&self, out: &mut Vec<u8>, value: u16) {
        out.extend(if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub(super) fn quarter(&self, out: &mut Vec<u8>, value: u32) {
        out.extend(if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub(super) fn word(&self, out: &mut Vec<u8>, value: u64) {
        match (self.is_64, self.is_big) {
            (true, true) => out.extend(value.to_be_bytes()),
            (true, false) => out.extend(value.to_le_bytes()),
            (false, _) => self.quarter(out, u32::try_from(value).unwrap()),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut names = vec![0];
        let mut starts = Vec::new();
        for name in self.sections.iter().map(|(name, _)| name.as_str()).chain([".shstrtab"]) {
            starts.push(u32::try_from(names.len()).unwrap());
            names.extend(name.as_bytes());
            names.push(0);
        }
        let names_at = self.offset(self.sections.len());
        let table_at = (names_at + names.len() as u64).next_multiple_of(16);
        let (header, segment, section) = if self.is_64 { (64, 56, 64) } else { (52, 32, 40) };

        let mut out = vec![0x7f, b'E', b'L', b'F', if self.is_64 { 2 } else { 1 }, if self.is_big { 2 } else { 1 }, 1];
        out.resize(16, 0);
        self.half(&mut out, 2);
        self.half(&mut out, 62);
        self.quarter(&mut out, 1);
        self.word(&mut out, BASE);
        self.word(&mut out, header);
        self.word(&mut out, if self.headers { table_at } else { 0 });
        self.quarter(&mut out, 0);
        for value in [u16::try_from(header).unwrap(), segment, 1, section] {
            self.half(&mut out, value);
        }
        let count = u16::try_from(self.sections.len()).unwrap();
        self.half(&mut out, if self.headers { count + 2 } else { 0 });
        self.half(&mut out, if self.headers { count + 1 } else { 0 });

        self.quarter(&mut out, 1);
        if self.is_64 {
            self.quarter(&mut out, 6);
        }
        for value in [0, BASE, BASE, table_at, table_at] {
            self.word(&mut out, value);
        }
        if !self.is_64 {
            self.quarter(&mut out, 6);
        }
        self.word(&mut out, 16);

        for (index, (_, bytes)) in self.sections.iter().enumerate() {
            out.resize(usize::try_from(self.offset(index)).unwrap(), 0);
            out.extend(bytes);
        }
        out.resize(usize::try_from(names_at).unwrap(), 0);
        out.extend(&names);
        if !self.headers {
            return out;
        }
        out.resize(usize::try_from(table_at).unwrap(), 0);
        out.resize(out.len() + usize::from(section), 0);
        let places =
            self.sections.iter().enumerate().map(|(index, (_, bytes))| (self.offset(index), bytes.len() as u64, 2));
        for (start, (offset, size, flags)) in starts.iter().zip(places.chain([(names_at, names.len() as u64, 0)])) {
            self.quarter(&mut out, *start);
            self.quarter(&mut out, 1);
            for value in [flags, BASE + offset, offset, size] {
                self.word(&mut out, value);
            }
            self.quarter(&mut out, 0);
            self.quarter(&mut out, 0);
            self.word(&mut out, 1);
            self.word(&mut out, 0);
        }
        out
    }
}
