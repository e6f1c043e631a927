//! Domains that are made to look like others: by letters that look alike, another alphabet, a slip of the finger, added words, or
//! the known name in front of somebody else's.

use std::fmt;

/// A known name, and whether it is a word of its own, to which others are near without any intent.
struct Known {
    domain: &'static str,
    is_word: bool,
}

const fn name(domain: &'static str) -> Known {
    Known { domain, is_word: false }
}

const fn word(domain: &'static str) -> Known {
    Known { domain, is_word: true }
}

/// Who is imitated most, by the reports of phishing of the last years.
static KNOWN: &[Known] = &[
    name("paypal.com"),
    name("microsoft.com"),
    name("microsoftonline.com"),
    name("google.com"),
    name("gmail.com"),
    word("apple.com"),
    name("icloud.com"),
    name("amazon.com"),
    name("facebook.com"),
    name("instagram.com"),
    name("whatsapp.com"),
    name("telegram.org"),
    name("linkedin.com"),
    name("netflix.com"),
    name("spotify.com"),
    name("dropbox.com"),
    name("docusign.com"),
    word("adobe.com"),
    name("github.com"),
    name("gitlab.com"),
    word("docker.com"),
    word("office.com"),
    word("outlook.com"),
    word("live.com"),
    name("yahoo.com"),
    word("booking.com"),
    name("airbnb.com"),
    word("ebay.com"),
    name("dhl.com"),
    name("fedex.com"),
    name("usps.com"),
    word("chase.com"),
    name("wellsfargo.com"),
    name("bankofamerica.com"),
    name("santander.com"),
    name("coinbase.com"),
    name("binance.com"),
    name("metamask.io"),
    name("sparkasse.de"),
    name("commerzbank.de"),
    name("deutschebank.de"),
    name("laposte.fr"),
    name("creditagricole.fr"),
    name("rabobank.nl"),
    name("intesasanpaolo.com"),
    name("allegro.pl"),
    name("sberbank.ru"),
    name("alipay.com"),
    name("taobao.com"),
    name("rakuten.co.jp"),
    name("steamcommunity.com"),
    name("cloudflare.com"),
];

/// Words that are put beside a known name to make people type their password.
static ADDED: &[&str] = &[
    "login",
    "logon",
    "signin",
    "secure",
    "security",
    "verify",
    "verification",
    "account",
    "accounts",
    "update",
    "support",
    "service",
    "services",
    "billing",
    "payment",
    "pay",
    "confirm",
    "unlock",
    "alert",
    "recovery",
    "help",
    "helpdesk",
    "auth",
    "id",
    "password",
    "wallet",
    "refund",
    "delivery",
    "parcel",
    "tracking",
    "konto",
    "sicherheit",
    "anmeldung",
    "kunden",
    "compte",
    "securite",
    "connexion",
    "cuenta",
    "seguridad",
    "acceso",
    "conto",
    "sicurezza",
    "accesso",
    "conta",
    "seguranca",
    "rekening",
    "inloggen",
    "logowanie",
    "vhod",
];

/// Suffixes of two labels, below which names are registered.
static SECOND: &[&str] = &["co", "com", "org", "net", "ac", "gov", "gouv", "edu", "ne", "or", "go"];

/// How a domain comes to look like another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trick {
    /// Letters that look alike.
    Letters,
    /// Letters of several alphabets in one name.
    Alphabets,
    /// A letter more, less, other or swapped.
    Slip,
    /// Words beside the name.
    Words,
    /// The whole known name in front of another's.
    Front,
}

/// A domain that is made to look like another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// The domain as it is shown.
    pub domain: String,
    /// What it is made to look like; empty where only its alphabets say so.
    pub like: String,
    /// How.
    pub trick: Trick,
}

impl fmt::Display for LookAlike {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { domain, like, trick } = self;
        match trick {
            Trick::Letters => write!(out, "{domain} is written with letters that look like those of {like}"),
            Trick::Alphabets => write!(out, "{domain} mixes letters of several alphabets in one name"),
            Trick::Slip => write!(out, "{domain} is one slip of the finger from {like}"),
            Trick::Words => write!(out, "{domain} adds words to the name of {like}"),
            Trick::Front => write!(out, "{domain} begins with {like}, and belongs to somebody else"),
        }
    }
}

/// The part of a domain that somebody registered: `mail.shop.co.uk` is `shop.co.uk`.
pub fn registered(domain: &str) -> &str {
    let domain = domain.trim_end_matches('.');
    let mut dots = domain.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), second) = (dots.next(), dots.next()) else { return domain };
    let from = second.map_or(0, |at| at + 1);
    let middle = domain.get(from..last).unwrap_or_default();
    let top = domain.get(last + 1..).unwrap_or_default();
    let is_suffix = top.len() == 2 && SECOND.contains(&middle);
    let from = if is_suffix { dots.next().map_or(0, |at| at + 1) } else { from };
    domain.get(from..).unwrap_or(domain)
}

/// The name without its suffix.
fn core(domain: &str) -> &str {
    registered(domain).split('.').next().unwrap_or_default()
}

/// Whether `domain` is made to look like a known one or one of the `own`.
///
/// ```
/// use keelguard_signs::spam::lure::look_alike;
/// assert!(look_alike("paypa1.com", &[]).is_some());
/// assert!(look_alike("www.paypal.com", &[]).is_none());
/// ```
pub fn look_alike(domain: &str, own: &[String]) -> Option<LookAlike> {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    if domain.is_empty() || domain.len() > 253 || !domain.contains('.') {
        return None;
    }
    let shown = shown(&domain);
    let name = core(&shown).to_owned();
    let of_own = own.iter().map(|own| (own.as_str(), core(own).chars().count() < 5));
    let known: Vec<(&str, bool)> = of_own.chain(KNOWN.iter().map(|known| (known.domain, known.is_word))).collect();
    let seen = skeleton(&name);
    // The real ones, whatever their country, are like nobody.
    if known.iter().any(|(real, _)| core(real) == name) {
        return None;
    }
    let found = |like: &str, trick| Some(LookAlike { domain: shown.clone(), like: like.to_owned(), trick });
    for (real, is_word) in &known {
        let theirs = core(real);
        if is_in_front(&shown, real) {
            return found(real, Trick::Front);
        }
        if theirs.chars().count() >= 3 && looks_as(theirs, &seen) {
            return found(real, Trick::Letters);
        }
        if !is_word && theirs.len() >= 6 && is_slip(&name, theirs) {
            return found(real, Trick::Slip);
        }
        if has_added_words(&name, theirs) {
            return found(real, Trick::Words);
        }
    }
    if shown.split('.').any(mixes_alphabets) { found("", Trick::Alphabets) } else { None }
}

/// A domain as it is shown: labels of `xn--` decoded.
pub fn shown(domain: &str) -> String {
    let label = |label: &str| match label.strip_prefix("xn--") {
        Some(code) if code.len() <= 63 => super::punycode::decode(code).unwrap_or_else(|| label.to_owned()),
        _ => label.to_owned(),
    };
    domain.split('.').take(64).map(label).collect::<Vec<_>>().join(".").to_lowercase()
}

/// Whether a known name stands before the end of a domain, as whole labels.
fn is_in_front(shown: &str, real: &str) -> bool {
    shown.match_indices(real).any(|(at, _)| {
        let before = shown.get(..at).is_none_or(|before| before.is_empty() || before.ends_with('.'));
        before && shown.get(at + real.len()..).is_some_and(|rest| rest.starts_with('.'))
    })
}

/// Whether a name is seen as `skeleton`; the lengths differ by what two letters make of one.
fn looks_as(name: &str, seen: &str) -> bool {
    seen.len() <= name.len() && name.len() <= seen.len() * 2 && skeleton(name) == seen
}

/// What a hasty reader sees.
fn skeleton(name: &str) -> String {
    let letters: String = name.chars().filter_map(look).collect();
    letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

/// The letter as which another is read; none for what is not seen at all.
fn look(letter: char) -> Option<char> {
    Some(match letter {
        '0' | 'о' | 'ο' | 'ö' | 'ó' | 'ò' | 'ô' | 'ọ' | 'ø' => 'o',
        '1' | 'i' | 'ı' | 'і' | 'ι' | 'í' | 'ì' | 'ï' | 'ӏ' | '|' => 'l',
        '3' | 'е' | 'é' | 'è' | 'ê' | 'ë' | 'ё' | 'ẹ' => 'e',
        '5' | 'ѕ' => 's',
        'а' | 'α' | 'à' | 'á' | 'â' | 'ä' | 'ạ' | 'ã' | 'å' => 'a',
        'с' | 'ç' => 'c',
        'р' | 'ρ' => 'p',
        'у' | 'γ' | 'ý' => 'y',
        'х' | 'χ' => 'x',
        'ԁ' => 'd',
        'ո' | 'ñ' | 'η' => 'n',
        'ս' | 'ü' | 'ú' | 'ù' | 'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'к' | 'κ' => 'k',
        'т' | 'τ' => 't',
        'м' => 'm',
        'в' => 'b',
        'н' => 'h',
        'ј' => 'j',
        'ԛ' => 'q',
        'ԝ' => 'w',
        'ɡ' => 'g',
        '\u{200b}'..='\u{200f}' | '\u{ad}' => return None,
        other => other,
    })
}

/// One letter more, less, other, or two swapped; the first stays, since that is what is looked at.
fn is_slip(name: &str, real: &str) -> bool {
    let (name, real): (Vec<char>, Vec<char>) = (name.chars().take(64).collect(), real.chars().collect());
    if name.first() != real.first() || name.len().abs_diff(real.len()) > 1 {
        return false;
    }
    let same = name.iter().zip(&real).take_while(|(mine, theirs)| mine == theirs).count();
    let (mine, theirs) = (name.get(same..).unwrap_or_default(), real.get(same..).unwrap_or_default());
    let rest = |of: &'_ [char], from: usize| of.get(from..).unwrap_or_default().to_vec();
    match (mine, theirs) {
        // A plural is a word of its own.
        ([] | ['s'], []) => false,
        ([a, b, ..], [c, d, ..]) if a == d && b == c && rest(mine, 2) == rest(theirs, 2) => true,
        _ => rest(mine, 1) == rest(theirs, 1) || rest(mine, 1) == theirs.to_vec() || mine.to_vec() == rest(theirs, 1),
    }
}

fn has_added_words(name: &str, real: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let is_real = |part: &&str| **part == *real || (real.len() >= 5 && looks_as(real, &skeleton(part)));
    if parts.len() > 1 && parts.iter().any(is_real) {
        return parts.iter().any(|part| ADDED.contains(part));
    }
    let added = name.strip_prefix(real).or_else(|| name.strip_suffix(real)).unwrap_or_default();
    real.len() >= 6 && added.len() > 2 && ADDED.contains(&added)
}

/// Whether letters of Latin stand beside ones of Greek or Cyrillic.
fn mixes_alphabets(label: &str) -> bool {
    let has = |from: char, to: char| label.chars().any(|letter| (from..=to).contains(&letter));
    let others = [has('\u{370}', '\u{3ff}'), has('\u{400}', '\u{52f}'), has('\u{530}', '\u{58f}')];
    let many = others.iter().filter(|has| **has).count() + usize::from(has('a', 'z'));
    many > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trick(domain: &str) -> Option<Trick> {
        look_alike(domain, &["keelhaven.example".to_owned()]).map(|found| found.trick)
    }

    #[test]
    fn each_trick_is_seen() {
        for (domain, expected) in [
            ("paypa1.com", Trick::Letters),
            ("rnicrosoft.com", Trick::Letters),
            ("xn--pypal-4ve.com", Trick::Letters),
            ("аmazon.com", Trick::Letters),
            ("gooogle.com", Trick::Slip),
            ("micorsoft.com", Trick::Slip),
            ("paypal-secure.com", Trick::Words),
            ("login-apple.support", Trick::Words),
            ("secure.microsoftlogin.net", Trick::Words),
            ("paypal.com.account.example.net", Trick::Front),
            ("keelhavem.example", Trick::Slip),
            ("keelhaven-login.example", Trick::Words),
            ("shоp.example.org", Trick::Alphabets),
        ] {
            assert_eq!(trick(domain), Some(expected), "{domain}");
        }
    }

    #[test]
    fn everyday_domains_are_like_nobody() {
        for domain in [
            "www.paypal.com",
            "amazon.de",
            "amazon.co.uk",
            "google.fr",
            "mail.google.com",
            "goggles.example.com",
            "cooking.com",
            "bookings.example",
            "officer.example",
            "offices.net",
            "applebees.com",
            "docked.io",
            "github.io",
            "ghcr.io",
            "lists.debian.org",
            "müller.de",
            "xn--mller-kva.de",
            "пример.рф",
            "münchen.example",
            "example.org",
            "chaser.example",
            "livestream.com",
            "payment.example.org",
            "dpd.com",
            "ups.com",
            "keelhaven.example",
            "mail.keelhaven.example",
            "amazonas.gov.br",
            "microsoft365.com.example-partner.org",
            "t-online.de",
            "web.de",
            "mail.ru",
            "qq.com",
            "163.com",
            "",
            "localhost",
            "..",
        ] {
            assert_eq!(trick(domain), None, "{domain}");
        }
    }

    #[test]
    fn what_was_registered_is_what_counts() {
        assert_eq!(registered("a.b.shop.co.uk"), "shop.co.uk");
        assert_eq!(registered("mx.example.org."), "example.org");
        assert_eq!(registered("localhost"), "localhost");
    }
}
