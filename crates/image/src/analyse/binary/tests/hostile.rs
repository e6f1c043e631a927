//! Files that lie about themselves.

use proptest::prelude::*;

use super::*;
use crate::content::Content;

fn program() -> Vec<u8> {
    let mut info = b"\xff Go buildinf:".to_vec();
    info.extend([8, 2]);
    info.resize(32, 0);
    info.extend(b"\x08go1.22.3\x00");
    Build::new(true, false).section(".go.buildinfo", info).section(".rodata", *b"words").bytes()
}

#[test]
fn what_is_no_elf_file_has_no_packages() {
    for bytes in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0x7f; 200], b"\x7fELF\x03\x01"] {
        assert_eq!(look("x", bytes), Found::default());
    }
}

#[test]
fn no_truncation_panics() {
    let program = program();
    for length in 0..program.len() {
        let _ = look_with("app", 0o755, &program[..length], &Limits::default());
    }
}

/// A file of a size that nobody has, zeros all through, that counts what is read.
struct Huge {
    head: Vec<u8>,
    read: std::cell::Cell<u64>,
    largest: std::cell::Cell<usize>,
}

impl Content for Huge {
    fn size(&self) -> u64 {
        1 << 62
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.read.set(self.read.get() + buffer.len() as u64);
        self.largest.set(self.largest.get().max(buffer.len()));
        buffer.fill(0);
        let from = usize::try_from(offset).ok().and_then(|offset| self.head.get(offset..)).unwrap_or_default();
        buffer.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        Ok(buffer.len())
    }
}

#[test]
fn a_huge_file_with_huge_headers_costs_a_few_megabytes() {
    for headers in [true, false] {
        let mut head = program();
        if headers {
            // Sections: as many as can be said.
            head[60..62].copy_from_slice(&u16::MAX.to_le_bytes());
        } else {
            // None, and a segment of 2^61 bytes.
            head[40..48].fill(0);
            head[96..104].copy_from_slice(&(1_u64 << 61).to_le_bytes());
            head.truncate(128);
        }
        let huge = Huge { head, read: 0.into(), largest: 0.into() };
        let file = File { path: "usr/bin/huge", mode: 0o755, content: &huge };
        let _ = executable(&file, &Limits::default());
        assert!(huge.largest.get() <= 1 << 20, "{} bytes at once", huge.largest.get());
        assert!(huge.read.get() <= 20 << 20, "{} bytes read", huge.read.get());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_bytes_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..16)) {
        let mut program = program();
        for (at, byte) in changes {
            let at = at.index(program.len());
            program[at] = byte;
        }
        let _ = look_with("app", 0o755, &program, &Limits::default());
    }

    #[test]
    fn no_offset_or_size_makes_it_panic(at in any::<prop::sample::Index>(), value in prop::sample::select(vec![0, 1, u64::MAX, 1 << 63, u64::from(u32::MAX), (1 << 63) - 1])) {
        let mut program = program();
        let at = at.index(program.len() - 8);
        program[at..at + 8].copy_from_slice(&value.to_le_bytes());
        let _ = look_with("app", 0o755, &program, &Limits::default());
    }
}
