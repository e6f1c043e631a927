//! One door for fuzzers to the parsers of what others write: answers of registries, files of logins, configurations. Not part of
//! the API: the parsers themselves stay private.

use crate::collect;

/// Gives `bytes` to every parser; none may panic or run without end.
pub fn every_parser(bytes: &[u8]) {
    collect::every_parser(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = collect::Target::parse(&text);
    let _ = crate::rules::publishers::publisher(&text);
    let mut ledger = crate::ledger::Ledger::default();
    let _ = ledger.accept(&text, "", jiff::Timestamp::UNIX_EPOCH);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of the real ones, so that random texts get past the first field.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<Vec<u8>>(),
            "[a-z0-9:/._-]{0,40}".prop_map(String::into_bytes),
            Just(b"Bearer realm=\"https://x/\",service=\"a\\".to_vec()),
            Just(b"eyJhbGciOiJub25lIn0.eyJhY2Nlc3MiOlt7InR5cGUiOiJyIn1dfQ.".to_vec()),
            Just(b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00".to_vec()),
            Just(b"-----BEGIN CERTIFICATE-----\nMIIB\n".to_vec()),
            Just(b"storage: &a\n  s3: {secretkey: x}\nhttp: *a\n? - ".to_vec()),
            Just(b"{\"auths\": {\"x\": {\"auth\": \"YTpi\"}}, \"credHelpers\": {".to_vec()),
            Just(b"[[registry]]\nlocation = 'x'\n[host.'http://x']\n".to_vec()),
            Just(b"{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}}]}".to_vec()),
            Just(b"docker:$2a$10$x\n$$$:".to_vec()),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_makes_a_parser_panic(bytes in pieces()) {
            every_parser(&bytes);
        }
    }
}
