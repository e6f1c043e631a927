//! Whether what was in a file can still be had: what it was, by what is remembered of it or by what its name promises, against
//! what it is now.

use serde::{Deserialize, Serialize};

use super::content::Profile;
use super::kinds::{Kind, Promise, promise};

/// How a file's content was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// All of it has turned random.
    Whole,
    /// Its first bytes have, and with them its kind.
    Head,
    /// Parts of it have.
    Parts,
    /// It has turned into random bytes written as text.
    Coded,
    /// It was put under a key by a known tool, and is not there without it any more.
    Sealed,
    /// A random file was made, and it is gone.
    Replaced,
    /// It was emptied, or overwritten with zeros.
    Wiped,
}

impl How {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Whole => "turned random",
            Self::Head => "beginning turned random",
            Self::Parts => "turned random in parts",
            Self::Coded => "turned into coded random bytes",
            Self::Sealed => "put under a key",
            Self::Replaced => "replaced by a random file",
            Self::Wiped => "emptied or zeroed",
        }
    }
}

/// How it was lost, where it was. `before` is what is remembered; `name` is all there is where nothing is.
pub(crate) fn how(before: Option<&Profile>, name: &[u8], now: &Profile) -> Option<How> {
    let was = match before {
        Some(before) if before.size == 0 => return None,
        Some(before) => before.kind.is_readable().then_some(before.kind == Kind::Text)?,
        None => promise(name)? == Promise::Text,
    };
    match now.kind {
        Kind::Random => Some(How::Whole),
        // Keys and certificates are such text from the start.
        Kind::Coded if before.is_some() || !was => Some(How::Coded),
        Kind::Sealed => before.map(|_| How::Sealed),
        Kind::Zeros | Kind::Empty => before.map(|_| How::Wiped),
        Kind::Opaque if now.random_head => Some(How::Head),
        Kind::Text | Kind::Known => parts(before, now),
        _ => None,
    }
}

/// What was encrypted here and there: random pieces in what had none, or an end that is gone while the beginning stands.
fn parts(before: Option<&Profile>, now: &Profile) -> Option<How> {
    let share = |profile: &Profile| u32::from(profile.random) * 100 / u32::from(profile.pieces.max(1));
    let Some(before) = before else {
        // Text has no random pieces, whatever it was before.
        return (now.kind == Kind::Text && now.random >= 2 && share(now) >= 5).then_some(How::Parts);
    };
    // What grows has something new in it, and may.
    let grown = before.size.abs_diff(now.size) > (before.size / 20).max(PADDING);
    let turned =
        now.random >= before.random.saturating_add(2) && share(before) <= 10 && share(now) >= share(before) + 5;
    let broken = before.ends_well == Some(true) && now.ends_well == Some(false) && before.kind == now.kind;
    (!grown && (turned || broken)).then_some(How::Parts)
}

/// What ciphers and their trailers add to a file.
const PADDING: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::super::content::tests::{dice, prose, whole};
    use super::*;

    #[test]
    fn a_document_that_turns_random_is_lost_whatever_its_name() {
        let before = whole(&[b"%PDF-1.7\n", &prose(9000)[..]].concat());
        let now = whole(&dice(1, 9016));
        assert_eq!(how(Some(&before), b"a3f8", &now), Some(How::Whole));
        assert_eq!(how(None, b"report.pdf.xyz", &now), Some(How::Whole));
        assert_eq!(how(None, b"a3f8", &now), None);
    }

    #[test]
    fn what_was_random_before_has_nothing_to_lose() {
        let before = whole(&dice(1, 9000));
        assert_eq!(how(Some(&before), b"photo.jpg", &whole(&dice(2, 9000))), None);
    }

    #[test]
    fn every_third_block_the_head_only_and_the_middle_only_are_seen() {
        let text = prose(300_000);
        let before = whole(&text);
        let (mut third, mut head, mut middle) = (text.clone(), text.clone(), text.clone());
        for at in (4096..290_000).step_by(3 * 4096) {
            third[at..at + 4096].copy_from_slice(&dice(at as u64, 4096));
        }
        head[..1024].copy_from_slice(&dice(5, 1024));
        middle[100_000..160_000].copy_from_slice(&dice(6, 60_000));
        assert_eq!(how(Some(&before), b"x", &whole(&third)), Some(How::Parts));
        assert_eq!(how(None, b"x.csv", &whole(&third)), Some(How::Parts));
        assert_eq!(how(Some(&before), b"x", &whole(&head)), Some(How::Head));
        assert_eq!(how(Some(&before), b"x", &whole(&middle)), Some(How::Parts));
        assert_eq!(how(Some(&before), b"x", &whole(&text)), None);
    }

    #[test]
    fn a_zip_whose_directory_is_gone_is_lost_though_it_begins_as_one() {
        let zip = |end: &[u8]| whole(&[b"PK\x03\x04\x14\0\0\0\x08\0", &dice(3, 90_000)[..], end].concat());
        let (good, bad) = (zip(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), zip(&dice(4, 22)));
        assert_eq!(how(Some(&good), b"x.docx", &bad), Some(How::Parts));
        assert_eq!(how(Some(&good), b"x.docx", &good), None);
    }

    #[test]
    fn text_that_is_edited_and_a_log_that_is_packed_are_not_lost() {
        let before = whole(&prose(9000));
        assert_eq!(how(Some(&before), b"a.txt", &whole(&prose(20_000))), None);
        assert_eq!(how(None, b"a.log.gz", &whole(&[b"\x1f\x8b\x08\0", &dice(3, 9000)[..]].concat())), None);
    }
}
