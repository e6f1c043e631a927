//! What registries answer and what files say of them: challenges, tokens, certificates, logins, configurations, policies.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keelguard_registry::fuzzing::every_parser(bytes));
