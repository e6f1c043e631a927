//! `%name%` in values with the modifier `expand`: every combination of what the names stand for on this host.

use std::collections::BTreeMap;

use super::pattern::{Pattern, Piece};

/// Values that one value may become.
const MAX_VALUES: usize = 10_000;

/// All values of a text. The error says which placeholder nobody has given a value for: such a rule has to be refused.
pub(crate) fn expand(text: &str, known: &BTreeMap<String, Vec<String>>) -> Result<Vec<Pattern>, String> {
    let mut all: Vec<Vec<Piece>> = vec![Vec::new()];
    for part in parts(text) {
        let choices = match part {
            Part::Text(text) => vec![Pattern::parse(&text)],
            Part::Name(name) => {
                let values = known.get(&name).filter(|values| !values.is_empty());
                let values =
                    values.ok_or_else(|| format!("nobody has said what the placeholder %{name}% stands for"))?;
                values.iter().map(|value| Pattern::parse(value)).collect()
            }
        };
        if all.len().saturating_mul(choices.len()) > MAX_VALUES {
            return Err(format!("its placeholders stand for more than {MAX_VALUES} values"));
        }
        all = all
            .iter()
            .flat_map(|start| choices.iter().map(|choice| start.iter().chain(&choice.0).cloned().collect()))
            .collect();
    }
    Ok(all.into_iter().map(|pieces| Pattern(joined(pieces))).collect())
}

enum Part {
    Text(String),
    Name(String),
}

/// Takes a text apart at its placeholders; `\%` is a percent sign.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let after = rest.get(char.len_utf8()..).unwrap_or_default();
        if char == '\\' && after.starts_with('%') {
            plain.push('%');
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        if char == '%'
            && let Some((name, after)) = after.split_once('%')
            && !name.is_empty()
            && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.'))
        {
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Name(name.to_owned()));
            rest = after;
            continue;
        }
        plain.push(char);
        rest = after;
    }
    parts.push(Part::Text(plain));
    parts
}

/// Neighbouring texts as one.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (all.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => all.push(piece),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_every_combination_of_their_values() {
        let known = BTreeMap::from([("a".to_owned(), vec!["1".to_owned(), "2*".to_owned()])]);
        let all = expand("x%a%-%a%", &known).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all[0], Pattern::plain("x1-1"));
        assert_eq!(all[3], Pattern(vec![Piece::Text("x2".into()), Piece::Many, Piece::Text("-2".into()), Piece::Many]));
        assert_eq!(expand(r"\%plain%a%", &known).unwrap()[0], Pattern::plain("%plain1"));
        assert!(expand("%b%", &known).unwrap_err().contains("%b%"));
        assert!(expand(&"%a%".repeat(20), &known).unwrap_err().contains("more than"));
    }
}
