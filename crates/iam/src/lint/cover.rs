//! Whether one pattern stands for all that another stands for.

use crate::pattern::{self, Token};

/// Whether every text that fits `narrow` fits `wide`. Never wrongly yes; a no may be one too many, where several stars
/// together would do what none does alone.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    let wide: Vec<Token> = pattern::tokens(wide).collect();
    let narrow: Vec<Token> = pattern::tokens(narrow).collect();
    // As matching a text, in which a star of `narrow` is a character that only a star of `wide` swallows.
    let (mut at, mut text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (wide.get(at), narrow.get(text)) {
            (None, None) => return true,
            (Some(Token::Run), _) => {
                at += 1;
                star = Some((at, text));
            }
            (Some(Token::One), Some(Token::One | Token::Is(_))) => {
                at += 1;
                text += 1;
            }
            (Some(Token::Is(wanted)), Some(Token::Is(found))) if wanted == found => {
                at += 1;
                text += 1;
            }
            _ => {
                let Some((after, left)) = star else { return false };
                if left >= narrow.len() {
                    return false;
                }
                at = after;
                text = left + 1;
                star = Some((after, left + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_cover_what_they_swallow() {
        for (wide, narrow, fits) in [
            ("s3:*", "s3:get*", true),
            ("s3:get*", "s3:*", false),
            ("s3:get*", "s3:getobject", true),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("a*c", "a?c", true),
            ("*b", "ab", true),
            ("*/*", "x/*", true),
        ] {
            assert_eq!(covers(wide, narrow), fits, "{wide} over {narrow}");
        }
    }

    proptest! {
        #[test]
        fn what_is_covered_fits(wide in "[ab*?]{0,5}", narrow in "[ab*?]{0,5}", text in "[ab]{0,8}") {
            if covers(&wide, &narrow) && pattern::matches(&narrow, &text) {
                prop_assert!(pattern::matches(&wide, &text));
            }
        }
    }
}
