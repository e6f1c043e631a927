//! Message forms: fixed text with named gaps, `Failed {method} for {user>} from {address} port {port} ssh2`. No regular
//! expressions: each step is a search for fixed text, so a line costs the same whatever an attacker writes into it.
//!
//! A gap ends at the first place where the text behind it is found. `{user>}` ends where everything behind it, read from
//! the line's end, begins: what an attacker puts into the name cannot pass for what the daemon wrote after it. `{user=}`
//! wants the text behind it to be there once only, for messages in which both ends can be forged.

use std::net::IpAddr;

use memchr::memmem;

use super::number;

/// What a gap holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    User,
    /// A user's name that holds no quotation mark, where those stand around it.
    Name,
    By,
    Address,
    /// An address, never a name.
    Ip,
    /// An address and, behind the last colon, a port.
    Endpoint,
    Port,
    Method,
    Detail,
    Count,
    /// What it is about: a unit, a container, a control group.
    Subject,
    /// An exit status.
    Code,
    /// PAM's service.
    Service,
    /// A time of RFC 3339, where it does not stand at the line's head.
    Time,
    /// Nothing of interest.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    First,
    Last,
    Only,
}

#[derive(Debug)]
enum Piece {
    Text(&'static [u8], Box<(memmem::Finder<'static>, memmem::FinderRev<'static>)>),
    Gap(Field, Pick),
}

/// A compiled form.
#[derive(Debug)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

/// What stood in the gaps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gaps<'a> {
    pub(crate) user: Option<&'a [u8]>,
    pub(crate) by: Option<&'a [u8]>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) peer: Option<&'a [u8]>,
    pub(crate) port: Option<u16>,
    pub(crate) method: Option<&'a [u8]>,
    pub(crate) detail: Option<&'a [u8]>,
    pub(crate) subject: Option<&'a [u8]>,
    pub(crate) code: Option<u32>,
    pub(crate) service: Option<&'a [u8]>,
    pub(crate) count: Option<u32>,
    /// In microseconds since 1970.
    pub(crate) time: Option<i64>,
}

impl Template {
    /// Compiles a form. What is in braces and no field is taken for text, so that no form can fail.
    pub(crate) fn new(form: &'static str) -> Self {
        let mut pieces = Vec::new();
        // Where the text begins that no gap has ended yet.
        let mut begun = 0;
        for (open, _) in form.match_indices('{') {
            let behind = form.get(open..).and_then(|rest| rest.find('}')).map_or(form.len(), |close| open + close + 1);
            let Some(gap) = form.get(open..behind).and_then(gap_named) else { continue };
            pieces.extend(form.get(begun..open).filter(|text| !text.is_empty()).map(Piece::text));
            pieces.push(gap);
            begun = behind;
        }
        pieces.extend(form.get(begun..).filter(|text| !text.is_empty()).map(Piece::text));
        Self { pieces }
    }

    /// Whether two gaps touch, so that nothing says where one ends.
    pub(crate) fn gaps_touch(&self) -> bool {
        self.pieces.windows(2).any(|two| matches!(two, [Piece::Gap(..), Piece::Gap(..)]))
    }

    /// The text with which every such message begins; empty where it begins with a gap.
    pub(crate) fn beginning(&self) -> &'static [u8] {
        match self.pieces.first() {
            Some(Piece::Text(text, ..)) => text,
            _ => b"",
        }
    }

    /// The longest piece of text, which every such message holds.
    pub(crate) fn longest(&self) -> &'static [u8] {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text, ..) => Some(*text),
            Piece::Gap(..) => None,
        });
        texts.max_by_key(|text| text.len()).unwrap_or_default()
    }

    /// The gaps of `message`, if it has this form from its first byte to its last.
    pub(crate) fn read<'a>(&self, message: &'a [u8]) -> Option<Gaps<'a>> {
        let mut gaps = Gaps::default();
        let mut rest = message;
        let mut pieces = self.pieces.as_slice();
        while let Some((piece, behind)) = pieces.split_first() {
            pieces = behind;
            let (field, pick) = match piece {
                Piece::Text(text, ..) => {
                    rest = rest.strip_prefix(*text)?;
                    continue;
                }
                Piece::Gap(field, pick) => (*field, *pick),
            };
            if pick == Pick::Last {
                let value = from_the_end(behind, rest, &mut gaps)?;
                return gaps.fill(field, value).then_some(gaps);
            }
            let Some((Piece::Text(text, find), behind)) = behind.split_first() else {
                return gaps.fill(field, rest).then_some(gaps);
            };
            pieces = behind;
            let at = find.0.find(rest)?;
            let (value, found) = rest.split_at_checked(at)?;
            rest = found.get(text.len()..)?;
            if pick == Pick::Only && find.0.find(rest).is_some() || !gaps.fill(field, value) {
                return None;
            }
        }
        rest.is_empty().then_some(gaps)
    }
}

/// Reads `pieces` from the end of `text`; what is left in front of them.
fn from_the_end<'a>(pieces: &[Piece], text: &'a [u8], gaps: &mut Gaps<'a>) -> Option<&'a [u8]> {
    let mut rest = text;
    let mut pieces = pieces;
    while let Some((piece, before)) = pieces.split_last() {
        pieces = before;
        match piece {
            Piece::Text(text, ..) => rest = rest.strip_suffix(*text)?,
            Piece::Gap(field, _) => {
                let (Piece::Text(text, find), before) = before.split_last()? else { return None };
                pieces = before;
                let at = find.1.rfind(rest)?;
                let (left, found) = rest.split_at_checked(at)?;
                if !gaps.fill(*field, found.get(text.len()..)?) {
                    return None;
                }
                rest = left;
            }
        }
    }
    Some(rest)
}

impl Piece {
    fn text(text: &'static str) -> Self {
        Self::Text(text.as_bytes(), Box::new((memmem::Finder::new(text), memmem::FinderRev::new(text))))
    }
}

fn gap_named(gap: &str) -> Option<Piece> {
    let name = gap.strip_prefix('{')?.strip_suffix('}')?;
    let (name, pick) = match (name.strip_suffix('>'), name.strip_suffix('=')) {
        (Some(name), _) => (name, Pick::Last),
        (_, Some(name)) => (name, Pick::Only),
        _ => (name, Pick::First),
    };
    let field = match name {
        "user" => Field::User,
        "name" => Field::Name,
        "by" => Field::By,
        "address" => Field::Address,
        "ip" => Field::Ip,
        "endpoint" => Field::Endpoint,
        "port" => Field::Port,
        "method" => Field::Method,
        "detail" => Field::Detail,
        "count" => Field::Count,
        "subject" => Field::Subject,
        "code" => Field::Code,
        "service" => Field::Service,
        "time" => Field::Time,
        "any" => Field::Any,
        _ => return None,
    };
    Some(Piece::Gap(field, pick))
}

impl<'a> Gaps<'a> {
    /// Takes `value` for `field`; says whether it can be one.
    fn fill(&mut self, field: Field, value: &'a [u8]) -> bool {
        let some = Some(value);
        match field {
            Field::User => self.user = some,
            Field::Name => {
                self.user = some;
                return !value.contains(&b'"');
            }
            Field::By => self.by = some.filter(|name| !name.is_empty()),
            Field::Method => {
                self.method = some;
                // One word: names with blanks in them would otherwise end up here.
                return !value.is_empty() && !value.contains(&b' ');
            }
            Field::Detail => self.detail = some.filter(|text| !text.is_empty()),
            Field::Service => self.service = some,
            Field::Port => {
                self.port = number(value);
                return self.port.is_some();
            }
            Field::Subject => {
                self.subject = some;
                // One word, as units and containers are called.
                return !value.is_empty() && value.len() < 512 && !value.contains(&b' ');
            }
            Field::Code => {
                self.code = number(value);
                return self.code.is_some();
            }
            Field::Count => {
                self.count = number(value);
                return self.count.is_some();
            }
            Field::Address => {
                self.address = address(value);
                if self.address.is_none() && !value.is_empty() {
                    self.peer = some;
                    return value.len() < 256 && value.iter().all(u8::is_ascii_graphic);
                }
            }
            Field::Ip => {
                self.address = address(value);
                return self.address.is_some();
            }
            Field::Endpoint => {
                let at = memchr::memrchr(b':', value);
                let Some((host, port)) = at.and_then(|at| value.split_at_checked(at)) else { return false };
                self.address = address(host);
                self.port = port.get(1..).and_then(number);
                return self.address.is_some() && self.port.is_some();
            }
            Field::Time => {
                let text = std::str::from_utf8(value).ok();
                self.time = text.and_then(|text| text.parse().ok()).map(jiff::Timestamp::as_microsecond);
                return self.time.is_some();
            }
            Field::Any => {}
        }
        true
    }
}

/// An address, in whatever dress daemons put it: `[::1]`, `fe80::1%eth0`, `::ffff:192.0.2.7`, `192.0.2.7:4711`.
pub(crate) fn address(text: &[u8]) -> Option<IpAddr> {
    if text.len() > 64 {
        return None;
    }
    if let Some(address) = IpAddr::parse_ascii_checked(text) {
        return Some(address);
    }
    let text = std::str::from_utf8(text).ok()?;
    let bare = match text.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    let bare = bare.split_once('%').map_or(bare, |(bare, _)| bare);
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The common form, without the detours.
trait ParseChecked: Sized {
    fn parse_ascii_checked(text: &[u8]) -> Option<Self>;
}

impl ParseChecked for IpAddr {
    fn parse_ascii_checked(text: &[u8]) -> Option<Self> {
        let mut octets = [0u8; 4];
        let mut parts = text.split(|byte| *byte == b'.');
        for octet in &mut octets {
            let part = parts.next()?;
            if part.len() > 1 && part.first() == Some(&b'0') {
                return None;
            }
            *octet = number(part)?;
        }
        parts.next().is_none().then(|| Self::from(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "Failed {method} for invalid user {user>} from {address} port {port} ssh2";

    #[test]
    fn a_line_forged_inside_a_user_name_does_not_move_the_address() {
        let template = Template::new(FAILED);
        let line = b"Failed password for invalid user x from 1.2.3.4 port 1 ssh2 from 5.6.7.8 port 2 ssh2";
        let gaps = template.read(line).unwrap();
        assert_eq!(gaps.address, Some("5.6.7.8".parse().unwrap()));
        assert_eq!(gaps.port, Some(2));
        assert_eq!(gaps.user, Some(&b"x from 1.2.3.4 port 1 ssh2"[..]));
    }

    #[test]
    fn a_form_is_matched_whole() {
        let template = Template::new(FAILED);
        assert!(template.read(b"Failed password for invalid user x from 1.2.3.4 port 2 ssh2 and more").is_none());
        assert!(template.read(b"Failed password for invalid user x from 1.2.3.4 port 99999 ssh2").is_none());
        assert!(template.read(b"Failed password for invalid user x from 1.2 3.4 port 9 ssh2").is_none());
        assert!(template.read(b"").is_none());
    }

    #[test]
    fn where_both_ends_can_be_forged_what_stands_there_twice_is_no_match() {
        let template = Template::new("Failed publickey for {user=} from {address} port {port} ssh2: {detail}");
        assert!(template.read(b"Failed publickey for bob from 1.2.3.4 port 2 ssh2: ED25519 SHA256:x").is_some());
        assert!(
            template.read(b"Failed publickey for a from 1.2.3.4 port 1 ssh2: b from 5.6.7.8 port 2 ssh2: x").is_none()
        );
    }

    #[test]
    fn an_address_and_its_port_are_told_apart_at_the_last_colon() {
        let template = Template::new("from {endpoint} [{any}] {a|{user}}");
        let gaps = template.read(b"from ::ffff:192.0.2.7:51234 [x] {a|bob}").unwrap();
        assert_eq!((gaps.address, gaps.port), (Some("192.0.2.7".parse().unwrap()), Some(51234)));
        assert_eq!(gaps.user, Some(&b"bob"[..]), "braces that are no gap are text");
        assert!(template.read(b"from example.org:5 [x] {a|bob}").is_none());
        assert!(Template::new("from {ip} on").read(b"from example.org on").is_none());
    }

    #[test]
    fn addresses_are_read_in_every_dress() {
        for (text, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:22", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("192.0.2.7:4711", "192.0.2.7"),
        ] {
            assert_eq!(address(text.as_bytes()), Some(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "example.org", "1.2.3", "1.2.3.4.5", "300.1.1.1", "01.2.3.4"] {
            assert_eq!(address(text.as_bytes()), None, "{text}");
        }
    }
}
