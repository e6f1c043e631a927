//! One door for fuzzers to the parsers of text that others write. Not part of the API: the parsers themselves stay private.

use crate::collect::parsers;

/// Gives `text` to every parser; none may panic or run without end.
pub fn every_parser(text: &str) {
    parsers::every(text);
    let _ = crate::replay::parse(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of the real files, so that random texts get past the first field.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<String>(),
            "[0-9A-Fa-f:. /\\\\-]{0,40}",
            Just("36 35 98:0 / /mnt rw shared:1 - ext3 /dev/root rw\n".to_owned()),
            Just("  0: 0100007F:0947 00000000:0000 0A 0:0 00:0 0 1000 0 4321 1\n".to_owned()),
            Just("0::/docker/".to_owned()),
            Just("Package: runc\nStatus: install ok installed\nVersion: ".to_owned()),
            Just("ExecStart=/usr/bin/dockerd -H --log-opt = -".to_owned()),
            Just("CapEff:\tffffffffffffffffff\nUid:\t-1 99999999999\nSeccomp:\t".to_owned()),
            Just("Max open files            1024 unlimited files\n".to_owned()),
            Just("--password=\nAPI_KEY='".to_owned()),
            Just("://a:b@".to_owned()),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in pieces()) {
            every_parser(&text);
        }
    }
}
