//! Whether one pattern stands for all that another stands for.

use std::collections::HashMap;

use crate::pattern::{self, Token};

/// Longer lists are looked things up in, shorter ones walked over.
const SHORT: usize = 8;

/// Patterns of one list, taken apart once.
#[derive(Debug)]
pub(super) struct Patterns {
    all: Vec<Vec<Token>>,
    /// Where those stand that are more than one text, in order: only these can cover anything but themselves.
    wild: Vec<usize>,
    texts: Vec<String>,
    /// Where each stands first, in a list too long to be walked over.
    first: HashMap<String, usize>,
}

impl Patterns {
    pub(super) fn new(texts: Vec<String>) -> Self {
        let all: Vec<Vec<Token>> = texts.iter().map(|text| pattern::tokens(text).collect()).collect();
        let is_wild = |tokens: &Vec<Token>| tokens.iter().any(|token| matches!(token, Token::Run | Token::One));
        let wild = (0..).zip(&all).filter(|(_, tokens)| is_wild(tokens)).map(|(at, _)| at).collect();
        let mut first = HashMap::new();
        if texts.len() > SHORT {
            for (at, text) in texts.iter().enumerate() {
                first.entry(text.clone()).or_insert(at);
            }
        }
        Self { all, wild, texts, first }
    }

    /// Where `text` stands first.
    fn place(&self, text: &str) -> Option<usize> {
        if self.texts.len() > SHORT {
            return self.first.get(text).copied();
        }
        self.texts.iter().position(|found| found == text)
    }

    /// The first that stands for all that the one at `at` stands for; of two that do so for each other, the earlier.
    pub(super) fn covering(&self, at: usize, budget: &mut Budget) -> Option<usize> {
        let narrow = self.all.get(at)?;
        let same = self.texts.get(at).and_then(|text| self.place(text)).filter(|first| *first < at);
        let wider = self.wild.iter().copied().find(|other| {
            *other != at
                && self
                    .all
                    .get(*other)
                    .is_some_and(|wide| budget.covers(wide, narrow) && (*other < at || !budget.covers(narrow, wide)))
        });
        match (same, wider) {
            // What was found as the last pair was spent may be what was not compared.
            (same, Some(_)) if budget.is_spent() => same,
            (Some(same), Some(wider)) => Some(same.min(wider)),
            (same, wider) => same.or(wider),
        }
    }

    /// Whether each pattern of `narrow`, of which there is one, is covered by one of these.
    pub(super) fn cover_all(&self, narrow: &Self, budget: &mut Budget) -> bool {
        let one = |(tokens, text): (&Vec<Token>, &String), budget: &mut Budget| {
            self.place(text).is_some()
                || self.wild.iter().any(|at| self.all.get(*at).is_some_and(|wide| budget.covers(wide, tokens)))
        };
        !narrow.all.is_empty() && narrow.all.iter().zip(&narrow.texts).all(|pattern| one(pattern, budget))
    }
}

/// How many more pairs are compared. Lists of everyday policies come nowhere near its end.
#[derive(Debug)]
pub(super) struct Budget(pub(super) usize);

impl Budget {
    fn covers(&mut self, wide: &[Token], narrow: &[Token]) -> bool {
        let cost = 1 + wide.len().saturating_mul(narrow.len()) / 1_024;
        self.0 = self.0.saturating_sub(cost);
        self.0 > 0 && covers(wide, narrow)
    }

    /// Whether some pairs have not been compared.
    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }
}

/// Whether every text that fits `narrow` fits `wide`. Never wrongly yes; a no may be one too many, where several stars
/// together would do what none does alone.
pub(super) fn covers(wide: &[Token], narrow: &[Token]) -> bool {
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

    fn covers(wide: &str, narrow: &str) -> bool {
        let [wide, narrow] = [wide, narrow].map(|text| pattern::tokens(text).collect::<Vec<_>>());
        super::covers(&wide, &narrow)
    }
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
