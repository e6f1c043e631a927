//! Links of a page: what is shown and where it leads. One pass over the bytes, bounded; no parser, since what lures is broken HTML.

use memchr::{memchr, memmem};

use super::domain::registered;
use crate::spam::mail::html;

/// So many links are looked at.
const MOST: usize = 1_000;
/// So long may what is shown of one be.
const LONGEST: usize = 400;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The host to which it leads.
    pub(super) target: String,
    /// The host that it shows, where it shows one.
    pub(super) shown: Option<String>,
}

/// Who rewrites links for everybody: filters that look at what is clicked, and counters of newsletters.
static REWRITES: &[&str] = &[
    "outlook.com",
    "office.com",
    "urldefense.com",
    "proofpoint.com",
    "list-manage.com",
    "sendgrid.net",
    "mimecast.com",
    "barracudanetworks.com",
    "mailchimp.com",
    "mandrillapp.com",
    "mailgun.org",
    "sparkpostmail.com",
    "amazonses.com",
    "awstrack.me",
    "hubspotlinks.com",
    "hubspotemail.net",
    "rs6.net",
    "createsend.com",
    "cmail19.com",
    "cmail20.com",
    "sendinblue.com",
    "brevo.com",
    "mailjet.com",
    "exacttarget.com",
    "salesforce.com",
    "klaviyomail.com",
    "google.com",
    "googleadservices.com",
    "cisco.com",
    "trendmicro.com",
    "sophos.com",
    "hornetsecurity.com",
    "linkedin.com",
    "t.co",
    "facebook.com",
];

impl Link {
    /// Whether it shows one site and leads to another, which is no rewriter of links.
    pub(super) fn is_false(&self) -> bool {
        let Some(shown) = &self.shown else { return false };
        let (shown, target) = (registered(shown), registered(&self.target));
        shown != target && !REWRITES.contains(&target)
    }
}

/// The links of a page.
pub(super) fn links(page: &[u8]) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = page;
    while links.len() < MOST {
        let Some(at) = memchr(b'<', rest) else { break };
        rest = rest.get(at + 1..).unwrap_or_default();
        let is_anchor = matches!(rest, [b'a' | b'A', blank, ..] if blank.is_ascii_whitespace());
        if !is_anchor {
            continue;
        }
        let Some(end) = memchr(b'>', rest) else { break };
        let (tag, behind) = rest.split_at(end);
        let inside = behind.get(1..).unwrap_or_default();
        let inside = inside.get(..inside.len().min(LONGEST * 4)).unwrap_or_default();
        let close = memmem::find(inside, b"</")
            .filter(|close| closes(inside, *close))
            .or_else(|| memmem::find_iter(inside, b"</").find(|close| closes(inside, *close)));
        rest = behind;
        let Some(target) = attribute(tag).and_then(host) else { continue };
        let mut text = Vec::new();
        html::text(inside.get(..close.unwrap_or(inside.len())).unwrap_or_default(), LONGEST, &mut text);
        links.push(Link { target, shown: shown(&String::from_utf8_lossy(&text)) });
    }
    links
}

fn closes(inside: &[u8], at: usize) -> bool {
    matches!(inside.get(at + 2..at + 4), Some([b'a' | b'A', b'>' | b' ']))
}

/// The value of `href`.
fn attribute(tag: &[u8]) -> Option<&str> {
    let lower = tag.to_ascii_lowercase();
    let at = memmem::find(&lower, b"href")? + 4;
    let value = tag.get(at..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = match value.first()? {
        quote @ (b'"' | b'\'') => {
            let inner = value.get(1..)?;
            inner.get(..memchr(*quote, inner).unwrap_or(inner.len()))?
        }
        _ => value.split(u8::is_ascii_whitespace).next()?,
    };
    std::str::from_utf8(value).ok()
}

/// The host of an address of the web: what stands in front of an `@` is no host.
pub(super) fn host(address: &str) -> Option<String> {
    let (scheme, rest) = address.trim().split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let place = rest.split(['/', '?', '#', '\\']).next()?;
    let host = place.rsplit('@').next()?;
    let host = host.split(':').next()?.trim_end_matches('.').to_lowercase();
    (host.contains('.') && host.len() <= 253).then_some(host)
}

/// The host that a link's text shows, where the text is an address and nothing else.
fn shown(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        return None;
    }
    if text.contains("://") {
        return host(text);
    }
    let is_host = text.starts_with("www.")
        || [
            ".com", ".org", ".net", ".de", ".fr", ".uk", ".es", ".it", ".nl", ".pl", ".ru", ".cn", ".jp", ".br", ".gov",
        ]
        .iter()
        .any(|end| text.split('/').next().is_some_and(|host| host.to_lowercase().ends_with(end)));
    if !is_host || text.contains('@') {
        return None;
    }
    host(&format!("https://{text}"))
}

/// Hosts of addresses that stand in plain text.
pub(super) fn hosts_in(text: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    for (at, _) in text.match_indices("://").take(MOST) {
        let scheme = if text.get(..at).is_some_and(|before| before.ends_with(['s', 'S', 'p', 'P'])) {
            "https"
        } else {
            continue;
        };
        let rest = text.get(at + 3..).unwrap_or_default();
        let end =
            rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | '"' | ')' | ']' | ','));
        hosts.extend(host(&format!("{scheme}://{}", rest.get(..end.unwrap_or(rest.len())).unwrap_or_default())));
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_false(page: &str) -> bool {
        links(page.as_bytes()).iter().any(Link::is_false)
    }

    #[test]
    fn a_link_that_shows_another_site_is_false_however_it_is_written() {
        for page in [
            r#"<a href="https://evil.example/x">https://www.paypal.com/login</a>"#,
            "<A class=x\nHREF='http://evil.example'><b>www.bank.example.com</b></A>",
            "<a href=https://www.paypal.com@evil.example/>paypal.com</a>",
            "<a href=https://evil.example>pay<b></b>pal.com",
        ] {
            assert!(is_false(page), "{page}");
        }
    }

    #[test]
    fn everyday_links_are_true() {
        for page in [
            r#"<a href="https://www.paypal.com/login">paypal.com</a>"#,
            r#"<a href="https://shop.example/x">Click here</a>"#,
            r#"<a href="https://eu01.safelinks.protection.outlook.com/?url=x">https://shop.example.com</a>"#,
            r#"<a href="mailto:ann@shop.example">ann@shop.example</a>"#,
            r#"<a href="https://docs.example/README.md">README.md</a>"#,
            r#"<a href="http://example.org">https://example.org/a</a><a>"#,
            "<abbr href=x>",
            "<a",
            "<a href",
            "<a href=\"",
        ] {
            assert!(!is_false(page), "{page}");
        }
    }
}
