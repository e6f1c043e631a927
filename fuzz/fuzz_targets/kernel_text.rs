//! What processes, containers and packages write into the files that the collector reads.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| keelguard_host::fuzzing::every_parser(text));
