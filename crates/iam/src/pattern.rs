//! Patterns with `*` (any run of characters, also none) and `?` (one character). Matching takes time in the product of
//! the two lengths at worst, whatever the pattern: there is no back-tracking beyond the last star.

/// A pattern, as written (actions: in lower case).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    text: Box<str>,
    shape: Shape,
}

/// What most patterns are, so that most comparisons need no matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Shape {
    Everything,
    Literal,
    /// Literal but for one star at its end.
    Prefix,
    Mixed,
}

impl Pattern {
    /// The pattern `text`.
    pub fn new(text: &str) -> Self {
        let wild = |part: &str| part.contains(['*', '?']);
        let shape = match text.strip_suffix('*') {
            Some("") => Shape::Everything,
            Some(before) if !wild(before) => Shape::Prefix,
            None if !wild(text) => Shape::Literal,
            _ => Shape::Mixed,
        };
        Self { text: text.into(), shape }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names one thing only.
    pub fn is_literal(&self) -> bool {
        self.shape == Shape::Literal
    }

    /// Whether it is `*`.
    pub fn is_everything(&self) -> bool {
        self.shape == Shape::Everything
    }

    /// Whether the whole of `text` fits it.
    pub fn matches(&self, text: &str) -> bool {
        match self.shape {
            Shape::Everything => true,
            Shape::Literal => *self.text == *text,
            Shape::Prefix => self.text.strip_suffix('*').is_some_and(|before| text.starts_with(before)),
            Shape::Mixed => matches(&self.text, text),
        }
    }
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// `*`
    Run,
    /// `?`
    One,
    /// The character itself, whichever it is.
    Is(char),
}

impl Token {
    /// As a pattern writes it.
    pub fn shown(&self) -> char {
        match self {
            Self::Run => '*',
            Self::One => '?',
            Self::Is(character) => *character,
        }
    }
}

/// The tokens of a pattern's text.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + Clone + '_ {
    text.chars().map(|character| match character {
        '*' => Token::Run,
        '?' => Token::One,
        other => Token::Is(other),
    })
}

/// Whether the whole of `text` fits `pattern`.
pub fn matches(pattern: &str, text: &str) -> bool {
    // A question mark stands for a character; without one, and in ASCII, bytes say the same and are quicker to walk over.
    if text.is_ascii() || !pattern.contains('?') {
        return fits_bytes(pattern.as_bytes(), text.as_bytes(), |byte| byte);
    }
    fits(tokens(pattern), text)
}

/// The same for a pattern in lower case and a text of any case.
pub fn matches_any_case(pattern: &str, text: &str) -> bool {
    if text.is_ascii() || !pattern.contains('?') {
        return fits_bytes(pattern.as_bytes(), text.as_bytes(), |byte| byte.to_ascii_lowercase());
    }
    fits(tokens(pattern), &text.to_ascii_lowercase())
}

fn fits_bytes(pattern: &[u8], text: &[u8], folded: impl Fn(u8) -> u8) -> bool {
    let (mut at, mut place) = (0, 0);
    // After the last star: the place in the pattern, and that in the text up to which it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at).copied(), text.get(place).copied().map(&folded)) {
            (Some(b'*'), _) => {
                at += 1;
                if at == pattern.len() {
                    return true;
                }
                star = Some((at, place));
            }
            (None, None) => return true,
            (Some(_), None) => return false,
            (Some(wanted), Some(found)) if wanted == b'?' || wanted == found => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((after, left)) = star else { return false };
                (at, place) = (after, left + 1);
                star = Some((after, left + 1));
            }
        }
    }
}

/// Whether the whole of `text` fits the tokens.
pub fn fits(mut pattern: impl Iterator<Item = Token> + Clone, text: &str) -> bool {
    let mut text = text.chars();
    // After the last star: the pattern there, and the text it has not swallowed.
    let mut star = None;
    loop {
        let (before_pattern, before_text) = (pattern.clone(), text.clone());
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some(Token::Run), _) => {
                text = before_text;
                star = Some((pattern.clone(), text.clone()));
            }
            (Some(Token::One), Some(_)) => {}
            (Some(Token::Is(wanted)), Some(found)) if wanted == found => {}
            (_, None) if before_pattern.clone().all(|left| left == Token::Run) => return true,
            // No more text, and more is wanted: a longer swallow of the star leaves even less.
            (_, None) => return false,
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_what_they_should() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
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
            ("s3:get", "s3:get", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} on {text}");
            assert_eq!(Pattern::new(pattern).matches(text), fits, "{pattern} on {text}, by its shape");
        }
    }

    #[test]
    fn a_pattern_made_to_blow_up_takes_no_longer_than_its_length_times_the_text() {
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }

    /// By definition, without a thought for speed.
    fn slowly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| slowly(rest, &text[skip..])),
            Some((first, rest)) => {
                text.split_first().is_some_and(|(found, left)| (*first == '?' || first == found) && slowly(rest, left))
            }
        }
    }

    proptest! {
        #[test]
        fn the_matcher_agrees_with_the_definition(pattern in "[ab?*]{0,8}", text in "[abé*]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = slowly(&chars(&pattern), &chars(&text));
            prop_assert_eq!(Pattern::new(&pattern).matches(&text), expected);
            prop_assert_eq!(fits(tokens(&pattern), &text), expected);
            prop_assert_eq!(matches_any_case(&pattern, &text.to_ascii_uppercase()), expected);
        }
    }
}
