//! The only ways by which text gets into the page.

use crate::words::{whole, whole_block};

/// Foreign text as text: in an element, or in a quoted attribute.
pub(crate) fn text(foreign: &str) -> String {
    escape(&whole(foreign))
}

/// Foreign text that keeps its lines, for `<pre>`.
pub(super) fn block(foreign: &str) -> String {
    escape(&whole_block(foreign))
}

/// An address as a link, where it is one that a browser may be sent to; else as text.
pub(super) fn link(address: &str) -> String {
    let shown = text(address);
    if address.starts_with("https://") { format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>") } else { shown }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '`' => escaped.push_str("&#96;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Elements that draw, and do nothing else.
const ELEMENTS: [&str; 18] = [
    "svg", "g", "path", "line", "rect", "circle", "ellipse", "polygon", "polyline", "text", "tspan", "defs", "marker",
    "title", "desc", "style", "use", "clipPath",
];

/// Whether a drawing holds shapes and text only: no script, no event handler, no address but its own parts. It is made
/// by us from names that are not; this is the second lock on that door.
pub(super) fn harmless_svg(svg: &str) -> bool {
    let svg = svg.trim_start();
    if !svg.starts_with("<svg") || svg.contains("<!") || svg.contains("<?") {
        return false;
    }
    let mut depth = 0_usize;
    for (opened, piece) in svg.split('<').skip(1).enumerate() {
        let Some((tag, _)) = split_tag(piece) else { return false };
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if !ELEMENTS.contains(&name.as_str()) || (opened > 0 && depth == 0) {
            return false;
        }
        let lower = tag.to_ascii_lowercase();
        let attributes = lower.split(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'' || c == '/');
        if attributes.clone().any(|word| word.starts_with("on") && word.contains('='))
            || attributes.clone().any(|word| word.ends_with("href="))
                && !(lower.contains("href=\"#") && lower.matches("href=").count() == 1)
            || lower.contains("javascript:")
            || lower.contains("url(") && lower.matches("url(").count() != lower.matches("url(#").count()
        {
            return false;
        }
        if tag.starts_with('/') {
            let Some(less) = depth.checked_sub(1) else { return false };
            depth = less;
        } else if !tag.ends_with('/') {
            depth += 1;
        }
    }
    depth == 0
}

/// A tag up to its `>`; one inside quotes does not end it.
fn split_tag(piece: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (place, character) in piece.char_indices() {
        match (quote, character) {
            (None, '>') => return Some((piece.get(..place)?, piece.get(place + 1..)?)),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), character) if open == character => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_of_shapes_and_text_is_shown() {
        assert!(harmless_svg(
            "<svg viewBox=\"0 0 1 1\"><style>.a{fill:red}</style><path d='M0 0' marker-end=\"url(#a)\"/><text>web &lt;b&gt;</text></svg>"
        ));
    }

    #[test]
    fn a_drawing_that_does_anything_else_is_not() {
        for svg in [
            "<svg><script>alert(1)</script></svg>",
            "<svg onload=\"x()\"></svg>",
            "<svg><g onclick='x()'></g></svg>",
            "<svg/onload=x()></svg>",
            "<svg><a href=\"https://evil.example\">x</a></svg>",
            "<svg><use href=\"https://evil.example#x\"/></svg>",
            "<svg><rect fill=\"url(https://evil.example)\"/></svg>",
            "<svg><foreignObject></foreignObject></svg>",
            "<svg></svg><img src=x>",
            "<svg></svg></main>",
            "<svg><text>unclosed</svg>",
            "<!doctype svg><svg></svg>",
            "plain",
        ] {
            assert!(!harmless_svg(svg), "{svg}");
        }
    }

    #[test]
    fn only_secure_addresses_become_links() {
        assert_eq!(link("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(
            link("https://a/\"><b>"),
            "<a href=\"https://a/&quot;&gt;&lt;b&gt;\" rel=\"noreferrer\">https://a/&quot;&gt;&lt;b&gt;</a>"
        );
    }
}
