//! Patterns with `*` (any run of characters, also none) and `?` (one character). Matching takes time in the product of
//! the two lengths at worst, whatever the pattern: there is no back-tracking beyond the last star.

/// A pattern, as written (actions and condition keys: in lower case).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// The pattern `text`.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names one thing only.
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// Whether the whole of `text` fits it.
    pub fn matches(&self, text: &str) -> bool {
        matches(&self.0, text)
    }
}

/// Whether the whole of `text` fits `pattern`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // After the last star: the pattern there, and the text it has not swallowed.
    let mut star = None;
    loop {
        let (before_pattern, before_text) = (pattern.clone(), text.clone());
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = before_text;
                star = Some((pattern.clone(), text.clone()));
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            (_, None) if before_pattern.as_str().chars().all(|left| left == '*') => return true,
            _ => {
                let Some((after, mut left)) = star else { return false };
                if left.next().is_none() {
                    return false;
                }
                pattern = after.clone();
                text = left.clone();
                star = Some((after, left));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_what_they_should() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("*", "", true),
            ("a*", "a", true),
            ("a?", "a", false),
            ("a?", "aä", true),
            ("*b*", "abc", true),
            ("*b", "abab", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?*?", "a", false),
            ("?*?", "ab", true),
            ("s3:get*", "s3:put", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_pattern_made_to_blow_up_takes_no_longer_than_its_length_times_the_text() {
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }
}
