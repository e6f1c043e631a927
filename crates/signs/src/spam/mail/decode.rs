//! Transfer encodings, undone as far as asked: base64 and quoted-printable, tolerant of what does not belong there.

/// How a part is encoded for its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    #[default]
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    Quoted,
}

impl Encoding {
    /// By the value of `Content-Transfer-Encoding`.
    pub fn named(value: &[u8]) -> Self {
        let value = value.trim_ascii();
        if value.eq_ignore_ascii_case(b"base64") {
            Self::Base64
        } else if value.eq_ignore_ascii_case(b"quoted-printable") {
            Self::Quoted
        } else {
            Self::Plain
        }
    }

    /// Appends what `bytes` say to `out`, until `out` holds `most`.
    pub fn decode(self, bytes: &[u8], most: usize, out: &mut Vec<u8>) {
        match self {
            Self::Plain => {
                let room = most.saturating_sub(out.len());
                out.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
            }
            Self::Base64 => base64(bytes, most, out),
            Self::Quoted => quoted(bytes, most, out, false),
        }
    }
}

const fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// What is no base64 between the letters is passed over, as mail programs do.
pub(super) fn base64(bytes: &[u8], most: usize, out: &mut Vec<u8>) {
    let (mut word, mut bits) = (0u32, 0u32);
    for byte in bytes {
        if out.len() >= most {
            return;
        }
        let Some(six) = sextet(*byte) else {
            if *byte == b'=' {
                // Padding ends a run; what was joined behind it starts anew.
                (word, bits) = (0, 0);
            }
            continue;
        };
        word = (word << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            #[expect(clippy::cast_possible_truncation, reason = "the bits above were taken already")]
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
}

const fn hex(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => return None,
    })
}

/// `in_header`: an underscore is a space (RFC 2047).
pub(super) fn quoted(bytes: &[u8], most: usize, out: &mut Vec<u8>, in_header: bool) {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if out.len() >= most {
            return;
        }
        at += 1;
        match byte {
            b'=' => match (bytes.get(at), bytes.get(at + 1)) {
                (Some(b'\n'), _) => at += 1,
                (Some(b'\r'), Some(b'\n')) => at += 2,
                (Some(high), Some(low)) => match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        at += 2;
                    }
                    _ => out.push(b'='),
                },
                _ => out.push(b'='),
            },
            b'_' if in_header => out.push(b' '),
            _ => out.push(*byte),
        }
    }
}
