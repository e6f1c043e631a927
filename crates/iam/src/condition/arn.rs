//! ARNs by their six parts: a wildcard in one part does not reach into the next (IAM user guide, "ARN condition operators").

use crate::pattern::{self, Token};

/// The six parts of a pattern; a lone star is one part that fits every ARN.
pub(super) fn parts(tokens: &[Token]) -> Option<Vec<Vec<Token>>> {
    if tokens == [Token::Run] {
        return Some(vec![tokens.to_vec()]);
    }
    let mut parts = vec![Vec::new()];
    for token in tokens {
        if *token == Token::Is(':') && parts.len() < 6 {
            parts.push(Vec::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(*token);
        }
    }
    (parts.len() == 6).then_some(parts)
}

/// Whether the ARN in `text` fits.
pub(super) fn fits(parts: &[Vec<Token>], text: &str) -> bool {
    let written: Vec<&str> = text.splitn(6, ':').collect();
    if written.len() != 6 || written.first() != Some(&"arn") {
        return false;
    }
    parts.len() == 1 || parts.iter().zip(written).all(|(part, text)| pattern::fits(part.iter().copied(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        let tokens: Vec<Token> = pattern::tokens(pattern).collect();
        parts(&tokens).is_some_and(|parts| fits(&parts, text))
    }

    #[test]
    fn a_wildcard_stays_within_its_part_but_for_the_last() {
        // The example of the user guide.
        let text = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert!(!like("arn:aws:someservice:*:111122223333:finance/*", text));
        assert!(like("arn:aws:someservice:*:999999999999:store/*", text));
        assert!(like("arn:*:*:*:*:*", text));
        assert!(like("*", text));
        assert!(!like("arn:aws:*", text));
        assert!(like("arn:aws:s3:::b?cket", "arn:aws:s3:::bucket"));
        assert!(!like("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket"));
        assert!(!like("*", "bucket"));
    }
}
