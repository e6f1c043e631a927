//! What a reader sees of HTML, roughly and in one pass: text without tags, scripts and styles, with the commonest
//! entities undone. No parser: spam is broken HTML more often than not, and what matters are its words.

use memchr::{memchr, memchr2};

/// Appends the text of `html` to `out` until that holds `most`.
pub fn text(html: &[u8], most: usize, out: &mut Vec<u8>) {
    let mut rest = html;
    while out.len() < most {
        let Some(at) = memchr2(b'<', b'&', rest) else {
            out.extend_from_slice(rest.get(..(most - out.len()).min(rest.len())).unwrap_or_default());
            return;
        };
        let (before, found) = rest.split_at(at);
        out.extend_from_slice(before.get(..(most - out.len()).min(before.len())).unwrap_or_default());
        if found.first() == Some(&b'&') {
            let used = entity(found, out);
            rest = found.get(used..).unwrap_or_default();
            continue;
        }
        let inside = found.get(1..).unwrap_or_default();
        if inside.starts_with(b"!--") {
            let end = memchr::memmem::find(inside, b"-->").map_or(inside.len(), |end| end + 3);
            rest = inside.get(end..).unwrap_or_default();
            continue;
        }
        let Some(end) = memchr(b'>', inside) else {
            return;
        };
        let one = inside.get(..end).unwrap_or_default();
        rest = inside.get(end + 1..).unwrap_or_default();
        let name = one.get(..6.min(one.len())).unwrap_or_default().to_ascii_lowercase();
        if name.starts_with(b"style") || name.starts_with(b"script") {
            let close: &[u8] = if name.starts_with(b"style") { b"</style" } else { b"</script" };
            let end = position_of(rest, close);
            rest = rest.get(end..).unwrap_or_default();
        } else if !is_inline(one) {
            out.push(b' ');
        }
    }
}

/// Tags that do not part words: spam writes `V<b></b>iagra`.
fn is_inline(tag: &[u8]) -> bool {
    let tag = tag.strip_prefix(b"/").unwrap_or(tag);
    let end = tag.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(tag.len());
    let name = tag.get(..end).unwrap_or_default();
    end == 0
        || ["b", "i", "u", "a", "em", "font", "span", "strong", "big", "small"]
            .iter()
            .any(|inline| name.eq_ignore_ascii_case(inline.as_bytes()))
}

fn position_of(haystack: &[u8], needle: &[u8]) -> usize {
    let mut from = 0;
    while let Some(at) = haystack.get(from..).and_then(|rest| memchr(b'<', rest)) {
        let at = from + at;
        if haystack.get(at..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle)) {
            return at;
        }
        from = at + 1;
    }
    haystack.len()
}

const ENTITIES: [(&[u8], u8); 6] =
    [(b"&nbsp;", b' '), (b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\'')];

/// Undoes the entity at the head of `bytes`; says how many bytes it took.
fn entity(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    if let Some((name, byte)) = ENTITIES.iter().find(|(name, _)| bytes.starts_with(name)) {
        out.push(*byte);
        return name.len();
    }
    let end = bytes.iter().take(12).position(|byte| *byte == b';');
    let number = end.and_then(|end| {
        let inside = std::str::from_utf8(bytes.get(2..end)?).ok()?;
        (bytes.get(1) == Some(&b'#')).then_some(())?;
        let number = match inside.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => inside.parse().ok()?,
        };
        Some((char::from_u32(number)?, end + 1))
    });
    let Some((character, used)) = number else {
        out.push(b'&');
        return 1;
    };
    let mut buffer = [0; 4];
    out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    used
}
