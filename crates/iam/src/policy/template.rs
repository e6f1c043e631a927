//! Values with policy variables in them.

use crate::pattern::{Pattern, Token, tokens};

/// A value with policy variables in it: `arn:aws:s3:::home/${aws:username}/*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// Literal pieces and variables, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Text in which `*` and `?` may stand for others.
    Text(Pattern),
    /// `${key}` or `${key, 'default'}`, key in lower case.
    Variable {
        /// The condition key.
        key: String,
        /// What stands for it when it is missing.
        default: Option<String>,
    },
    /// `${*}`, `${?}` or `${$}`: the character itself.
    Literal(char),
}

impl Template {
    /// `text`, in which nothing but `*` and `?` is special.
    pub fn plain(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(Pattern::new(text))] }
    }

    /// `text` with its variables. What begins like one and is none stays text.
    pub fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, from) = rest.split_at(start);
            plain.push_str(before);
            if let Some((piece, after)) = variable(from) {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(Pattern::new(&plain)));
                    plain.clear();
                }
                pieces.push(piece);
                rest = after;
            } else {
                let (mark, after) = from.split_at(2);
                plain.push_str(mark);
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(Pattern::new(&plain)));
        }
        Self { pieces }
    }

    /// Whether it is one piece of text.
    pub fn as_pattern(&self) -> Option<&Pattern> {
        match self.pieces.as_slice() {
            [Piece::Text(pattern)] => Some(pattern),
            _ => None,
        }
    }

    /// The keys of its variables that have no default: without them it matches nothing.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }

    /// As a policy writes it.
    pub fn written(&self) -> String {
        let written = |piece: &Piece| match piece {
            Piece::Text(pattern) => pattern.as_str().to_owned(),
            Piece::Variable { key, default: None } => format!("${{{key}}}"),
            Piece::Variable { key, default: Some(default) } => format!("${{{key}, '{default}'}}"),
            Piece::Literal(character) => format!("${{{character}}}"),
        };
        self.pieces.iter().map(written).collect()
    }

    /// Its tokens once each variable has a value. Stars in a value are stars, not wildcards.
    pub fn tokens(&self, value: impl Fn(&str) -> Option<String>) -> Option<Vec<Token>> {
        let mut all = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(pattern) => all.extend(tokens(pattern.as_str())),
                Piece::Literal(character) => all.push(Token::Is(*character)),
                Piece::Variable { key, default } => {
                    all.extend(value(key).or_else(|| default.clone())?.chars().map(Token::Is));
                }
            }
        }
        Some(all)
    }

    /// Its text once each variable has a value, for operators that know no wildcards.
    pub fn text(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut all = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(pattern) => all.push_str(pattern.as_str()),
                Piece::Literal(character) => all.push(*character),
                Piece::Variable { key, default } => all.push_str(&value(key).or_else(|| default.clone())?),
            }
        }
        Some(all)
    }
}

/// The variable at the start of `from`, which begins with `${`, and what follows it.
fn variable(from: &str) -> Option<(Piece, &str)> {
    let inside = from.strip_prefix("${")?;
    for special in ['*', '?', '$'] {
        if let Some(after) = inside.strip_prefix(special).and_then(|rest| rest.strip_prefix('}')) {
            return Some((Piece::Literal(special), after));
        }
    }
    let end = inside.find(['}', ',', '\'', '{', '$'])?;
    let (key, rest) = inside.split_at(end);
    let key = key.trim().to_ascii_lowercase();
    if key.is_empty() {
        return None;
    }
    if let Some(after) = rest.strip_prefix('}') {
        return Some((Piece::Variable { key, default: None }, after));
    }
    let quoted = rest.strip_prefix(',')?.trim_start().strip_prefix('\'')?;
    let (default, after) = quoted.split_once('\'')?;
    let after = after.trim_start().strip_prefix('}')?;
    Some((Piece::Variable { key, default: Some(default.to_owned()) }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let template = Template::parse(text);
        let value = |key: &str| (key == "aws:username").then(|| "an*a".to_owned());
        template.text(value).unwrap_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn variables_defaults_and_escapes_are_read() {
        assert_eq!(shown("home/${aws:UserName}/x"), "home/an*a/x");
        assert_eq!(shown("${ aws:username }"), "an*a");
        assert_eq!(shown("${aws:PrincipalTag/team, 'company-wide'}/x"), "company-wide/x");
        assert_eq!(shown("${aws:username, 'nobody'}"), "an*a");
        assert_eq!(shown("${aws:PrincipalTag/team}"), "nothing");
        assert_eq!(shown("a${*}b${?}c${$}d"), "a*b?c$d");
        assert_eq!(shown("${aws:PrincipalTag/team, '}'}"), "}");
    }

    #[test]
    fn what_only_begins_like_a_variable_stays_text() {
        for text in ["", "$", "${", "${}", "a${b", "$${*", "${a, b}", "${a, 'b}", "$*"] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_star_in_a_value_is_no_wildcard_but_one_in_the_policy_is() {
        let tokens = Template::parse("${aws:username}/*").tokens(|_| Some("a*".to_owned())).unwrap();
        assert_eq!(tokens, [Token::Is('a'), Token::Is('*'), Token::Is('/'), Token::Run]);
    }
}
