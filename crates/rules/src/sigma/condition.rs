//! Conditions: `selection and not 1 of filter_*`. From the loosest to the tightest: or, and, not, of, parentheses.

use super::detection::Expr;

/// Depth of parentheses and negations.
const MAX_DEPTH: usize = 64;
/// Parts of a condition, after `of` was worked out.
const MAX_PARTS: usize = 20_000;

/// Reads a condition over selections of these names.
pub(crate) fn parse(text: &str, names: &[String]) -> Result<Expr, String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    if spaced.split_whitespace().any(|word| word.contains('|')) {
        return Err("its condition has a pipe; counting belongs into a correlation since version 2 of Sigma".to_owned());
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, at: 0, names, parts: 0 };
    let expr = parser.or(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(word) => Err(format!("its condition has {word:?} where it should end or go on with and, or")),
    }
}

struct Parser<'c> {
    words: &'c [&'c str],
    at: usize,
    names: &'c [String],
    parts: usize,
}

impl<'c> Parser<'c> {
    fn peek(&self) -> Option<&'c str> {
        self.words.get(self.at).copied()
    }

    /// Takes the next word if it is this one, in whatever case.
    fn take(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    fn spend(&mut self, parts: usize) -> Result<(), String> {
        self.parts += parts;
        if self.parts > MAX_PARTS { Err(format!("its condition has more than {MAX_PARTS} parts")) } else { Ok(()) }
    }

    fn or(&mut self, depth: usize) -> Result<Expr, String> {
        let mut all = vec![self.and(depth)?];
        while self.take("or") {
            all.push(self.and(depth)?);
        }
        Ok(Expr::or(all))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, String> {
        let mut all = vec![self.not(depth)?];
        while self.take("and") {
            all.push(self.not(depth)?);
        }
        Ok(Expr::and(all))
    }

    fn not(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > MAX_DEPTH {
            return Err(format!("its condition is nested more than {MAX_DEPTH} levels deep"));
        }
        self.spend(1)?;
        if self.take("not") {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.or(depth + 1)?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err("its condition has a parenthesis that is not closed".to_owned())
            };
        }
        let Some(word) = self.peek() else {
            return Err("its condition ends where a selection should stand".to_owned());
        };
        self.at += 1;
        if self.take("of") {
            return self.of(word);
        }
        if let Some(at) = self.names.iter().position(|name| name == word) {
            return Ok(Expr::Selection(at));
        }
        Err(match word {
            ")" | "and" | "or" | "of" => format!("its condition has {word:?} where a selection should stand"),
            _ => format!("its condition asks for {word:?}, which is not among its selections"),
        })
    }

    /// `1 of them`, `all of selection_*`.
    fn of(&mut self, count: &str) -> Result<Expr, String> {
        let Some(which) = self.peek() else { return Err("its condition ends after of".to_owned()) };
        self.at += 1;
        self.spend(self.names.len())?;
        let chosen: Vec<Expr> = self
            .names
            .iter()
            .enumerate()
            .filter(
                |(_, name)| {
                    if which.eq_ignore_ascii_case("them") { !name.starts_with('_') } else { fits(which, name) }
                },
            )
            .map(|(at, _)| Expr::Selection(at))
            .collect();
        if chosen.is_empty() {
            return Err(format!("its condition asks for {which:?}, and none of its selections is called so"));
        }
        if count.eq_ignore_ascii_case("all") {
            return Ok(Expr::and(chosen));
        }
        let least = if count.eq_ignore_ascii_case("any") { Some(1) } else { count.parse().ok() };
        match least {
            Some(1) => Ok(Expr::or(chosen)),
            Some(least @ 2..) if least <= chosen.len() => Ok(Expr::AtLeast(least, chosen)),
            Some(_) => Err(format!("its condition asks for {count} of {} selections", chosen.len())),
            None => Err(format!("its condition has {count:?} before of; use 1, all or a number")),
        }
    }
}

/// Whether a name fits a pattern with `*`.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = left.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    left.ends_with(end)
}
