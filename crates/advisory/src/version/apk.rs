//! The order of Alpine's packages, as `apk version -t` of apk-tools 3 has it:
//! `digit{.digit}…{letter}{_suffix{digits}}…{~hash}{-r#}`.
//!
//! apk compares token by token and stops where one text leaves this grammar; what comes after is not looked at, so that
//! `1.0!a` equals `1.0!b`, and both come before `1.0`.

use std::cmp::Ordering;

use super::number::{compare_digits, split_while};

/// The text, which is read anew at each comparison: that is cheaper than keeping tokens.
#[derive(Clone, Debug)]
pub(super) struct Version(Box<str>);

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.into())
    }
}

/// Kinds of tokens. Their order says two things: what may follow what, and that of two versions that are equal so far
/// the one whose next token comes later in this list is the older one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    First,
    Digits,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
    End,
    Invalid,
}

/// Suffixes from old to new. Those before [`FIRST_POST`] make a version older than the one without a suffix.
const SUFFIXES: [&[u8]; 9] = [b"alpha", b"beta", b"pre", b"rc", b"cvs", b"svn", b"git", b"hg", b"p"];
const FIRST_POST: usize = 4;

struct Tokens<'a> {
    kind: Kind,
    value: &'a [u8],
    suffix: usize,
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    fn new(text: &'a [u8]) -> Self {
        let mut tokens = Self { kind: Kind::First, value: b"", suffix: 0, rest: text };
        tokens.digits(Kind::First);
        tokens
    }

    fn digits(&mut self, kind: Kind) {
        (self.value, self.rest) = split_while(self.rest, |byte| byte.is_ascii_digit());
        self.kind = if self.value.is_empty() { Kind::Invalid } else { kind };
    }

    fn number_after(&self) -> Kind {
        match self.kind {
            Kind::First | Kind::Digits => Kind::Digits,
            Kind::Suffix => Kind::SuffixNumber,
            _ => Kind::Invalid,
        }
    }

    fn advance(&mut self) {
        let Some((first, rest)) = self.rest.split_first() else {
            self.kind = Kind::End;
            return;
        };
        let before = self.kind;
        self.kind = Kind::Invalid;
        match first {
            b'a'..=b'z' if before <= Kind::Digits => {
                (self.value, self.rest) = self.rest.split_at(1);
                self.kind = Kind::Letter;
            }
            b'.' if before <= Kind::Digits => {
                self.rest = rest;
                self.digits(Kind::Digits);
            }
            b'0'..=b'9' => {
                self.kind = before;
                match self.number_after() {
                    Kind::Invalid => self.kind = Kind::Invalid,
                    kind => self.digits(kind),
                }
            }
            b'_' if before <= Kind::SuffixNumber => {
                (self.value, self.rest) = split_while(rest, |byte| byte.is_ascii_lowercase());
                if let Some(suffix) = SUFFIXES.iter().position(|suffix| *suffix == self.value) {
                    self.suffix = suffix;
                    self.kind = Kind::Suffix;
                }
            }
            b'~' if before < Kind::Hash => {
                (self.value, self.rest) = split_while(rest, |byte| byte.is_ascii_hexdigit());
                if !self.value.is_empty() {
                    self.kind = Kind::Hash;
                }
            }
            b'-' if before < Kind::Revision => {
                if let Some(rest) = rest.strip_prefix(b"r") {
                    self.rest = rest;
                    self.digits(Kind::Revision);
                }
            }
            _ => {}
        }
    }

    fn is_pre_release(&self) -> bool {
        self.kind == Kind::Suffix && self.suffix < FIRST_POST
    }

    /// Compares the values of two tokens of one kind.
    fn compare_value(&self, other: &Self) -> Ordering {
        match self.kind {
            // As in Gentoo, a leading zero makes it a fraction: 1.05 < 1.1.
            Kind::Digits if self.value.starts_with(b"0") || other.value.starts_with(b"0") => {
                self.value.cmp(other.value)
            }
            Kind::First | Kind::Digits | Kind::SuffixNumber | Kind::Revision => compare_digits(self.value, other.value),
            Kind::Suffix => self.suffix.cmp(&other.suffix),
            _ => self.value.cmp(other.value),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (Tokens::new(self.0.as_bytes()), Tokens::new(other.0.as_bytes()));
        while a.kind == b.kind && a.kind < Kind::End {
            let order = a.compare_value(&b);
            if order.is_ne() {
                return order;
            }
            a.advance();
            b.advance();
        }
        if a.kind == b.kind {
            return Ordering::Equal;
        }
        b.is_pre_release().cmp(&a.is_pre_release()).then_with(|| b.kind.cmp(&a.kind))
    }
}

super::order_is_equality!(Version);
