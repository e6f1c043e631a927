//! Rust programs built with `cargo auditable`.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;

/// Made by cargo-auditable 0.7.7 of a program `hello` that depends on itoa, and for its build on cfg-if; reduced with
/// `objcopy --only-section=.dep-v0`.
const REDUCED: &[u8] = include_bytes!("hello-auditable.elf");

fn program(list: &[u8]) -> Vec<u8> {
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(list).unwrap();
    Build::new(true, false).section(".dep-v0", compressed.finish().unwrap()).bytes()
}

#[test]
fn the_reduced_program_of_cargo_auditable_names_its_crates_and_not_those_of_its_build() {
    assert_eq!(words(&look("hello", REDUCED)), ["cargo hello 0.1.0", "cargo itoa 1.0.19"]);
}

#[test]
fn a_list_that_cannot_be_read_is_said_to_be_so() {
    let bomb = program(&vec![b' '; 9 << 20]);
    let no_list = program(b"{\"packages\": 1}");
    let no_zlib = Build::new(true, false).section(".dep-v0", *b"no zlib").bytes();
    let deep = program("[".repeat(100_000).as_bytes());
    for (bytes, expected) in [(bomb, "larger than"), (no_list, "form"), (no_zlib, "unpack"), (deep, "form")] {
        let found = look("app", &bytes);
        assert_eq!(words(&found), Vec::<String>::new());
        assert!(found.incomplete.len() == 1 && found.incomplete[0].contains(expected), "{:?}", found.incomplete);
    }
}

#[test]
fn the_number_of_crates_is_bounded() {
    let crates: Vec<_> = (0..20).map(|index| format!("{{\"name\":\"c{index}\",\"version\":\"1.0.0\"}}")).collect();
    let program = program(format!("{{\"packages\":[{}]}}", crates.join(",")).as_bytes());
    let found = look_with("app", 0o755, &program, &Limits { max_packages: 5, ..Limits::default() }).unwrap();
    assert_eq!(found.packages.len(), 5);
}
