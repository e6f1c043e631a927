//! Bytes as hexadecimal digits and back.

/// Lower-case digits.
pub(super) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes; none where it is anything but pairs of digits.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.map(|pair| if let [high, low] = pair { Some(digit(high)? * 16 + digit(low)?) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        assert_eq!(decode(&encode(&[0, 1, 0xfe, 0xff])), Some(vec![0, 1, 0xfe, 0xff]));
        for wrong in ["0", "0g", "0x", "ä", "+1"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
