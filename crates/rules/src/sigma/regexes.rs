//! Regular expressions of rules: of the kind whose time is in proportion to the text, and of bounded size.

use regex::{Regex, RegexBuilder};

/// Memory of one compiled expression.
const MAX_SIZE: usize = 2 << 20;
/// Depth of groups.
const MAX_DEPTH: u32 = 64;
/// Characters of its source.
const MAX_SOURCE: usize = 16 << 10;

/// Compiles one: `i` regardless of case, `m` lines, `s` dots match line ends.
#[allow(clippy::fn_params_excessive_bools, reason = "the three letters of the language")]
pub(crate) fn build(source: &str, i: bool, m: bool, s: bool) -> Result<Regex, String> {
    if source.len() > MAX_SOURCE {
        return Err(format!("its regular expression is longer than {MAX_SOURCE} bytes"));
    }
    RegexBuilder::new(source)
        .case_insensitive(i)
        .multi_line(m)
        .dot_matches_new_line(s)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .nest_limit(MAX_DEPTH)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => format!("its regular expression {} is too large", shown(source)),
            // The message draws the place on several lines; its last line says what is wrong.
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                format!("its regular expression {} is not supported: {last}", shown(source))
            }
        })
}

/// The start of an expression, for messages.
fn shown(source: &str) -> String {
    let start: String = source.chars().take(60).collect();
    format!("{start:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_grow_or_look_around_are_refused_with_the_reason() {
        assert!(build("(((a{100}){100}){100}){100}", false, false, false).unwrap_err().contains("too large"));
        assert!(build("(?=x)", false, false, false).unwrap_err().contains("look-around"));
        assert!(build(&"(".repeat(200), false, false, false).is_err());
        assert!(build(&"a".repeat(20_000), false, false, false).unwrap_err().contains("longer"));
    }
}
