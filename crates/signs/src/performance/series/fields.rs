//! The fields of a row: parted by comma, semicolon or tab, in quotes or not.

/// What stands between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Separator(u8);

impl Separator {
    /// By the first line: what parts it into most fields.
    pub(super) fn of(line: &str) -> Self {
        let count = |byte: u8| line.bytes().filter(|other| *other == byte).count();
        // Of several with as many, the last wins: the comma.
        let best = [b'\t', b';', b','].into_iter().max_by_key(|byte| count(*byte));
        Self(best.unwrap_or(b','))
    }

    /// The fields of a line, without blanks and quotes around them.
    pub(super) fn fields(self, line: &str) -> impl Iterator<Item = &str> {
        let mut rest = Some(line);
        std::iter::from_fn(move || {
            let text = rest?;
            let mut quoted = false;
            let end = text.bytes().position(|byte| {
                quoted ^= byte == b'"';
                byte == self.0 && !quoted
            });
            let (field, behind) = match end {
                Some(end) => (text.get(..end)?, text.get(end + 1..)),
                None => (text, None),
            };
            rest = behind;
            let field = field.trim();
            Some(field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_parted_by_what_the_first_line_is_parted_by() {
        for line in ["timestamp,value", "timestamp;value", "timestamp\tvalue", "\"timestamp\", \"value\" "] {
            let fields: Vec<_> = Separator::of(line).fields(line).collect();
            assert_eq!(fields, ["timestamp", "value"], "{line:?}");
        }
        let quoted: Vec<_> = Separator(b',').fields("\"a,b\",2,").collect();
        assert_eq!(quoted, ["a,b", "2", ""]);
        assert_eq!(Separator(b',').fields("\"never closed,2").count(), 1);
    }
}
