//! What files begin with, and what their names promise. A table: a file that is called `report.pdf` and does not begin as a
//! PDF does, has lost something.

use serde::{Deserialize, Serialize};

/// What a file is, by what it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing is in it.
    Empty,
    /// Nothing but zeros.
    Zeros,
    /// Text, in whatever language.
    Text,
    /// One of the known kinds of documents, pictures, archives, programs, databases.
    Known,
    /// Put under a password or a key by a known tool, which says so in its first bytes: OpenPGP, age, `openssl enc`, zip.
    Sealed,
    /// Nothing but random bytes.
    Random,
    /// Random bytes written as text: one wall of base64 or hexadecimal digits.
    Coded,
    /// Something else.
    Opaque,
}

impl Kind {
    /// Whether somebody can still read it: what was so and is not so any more is lost.
    pub const fn is_readable(self) -> bool {
        matches!(self, Self::Text | Self::Known)
    }
}

/// Where a kind's first bytes stand, which they are, and what they mean.
struct Magic(usize, &'static [u8], Kind);

/// Signatures, of the formats' own specifications.
static MAGICS: &[Magic] = &[
    // Under a key.
    Magic(0, b"Salted__", Kind::Sealed),
    Magic(0, b"age-encryption.org/", Kind::Sealed),
    Magic(0, b"-----BEGIN PGP MESSAGE-----", Kind::Sealed),
    Magic(0, b"-----BEGIN AGE ENCRYPTED FILE-----", Kind::Sealed),
    Magic(0, b"scrypt\0", Kind::Sealed),
    // OpenPGP in binary: a session key under a password (version 4), under a public key (version 3).
    Magic(0, b"\x8c\x0d\x04", Kind::Sealed),
    Magic(0, b"\xc3\x0d\x04", Kind::Sealed),
    Magic(0, b"\x85\x01\x0c\x03", Kind::Sealed),
    Magic(0, b"\x85\x02\x0c\x03", Kind::Sealed),
    Magic(0, b"\x84\x5e\x03", Kind::Sealed),
    // Documents.
    Magic(0, b"%PDF-", Kind::Known),
    Magic(0, b"PK\x03\x04", Kind::Known),
    Magic(0, b"PK\x05\x06", Kind::Known),
    Magic(0, b"PK\x07\x08", Kind::Known),
    Magic(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Known),
    Magic(0, b"{\\rtf", Kind::Known),
    Magic(0, b"%!PS", Kind::Known),
    Magic(0, b"AC10", Kind::Known),
    Magic(0, b"8BPS", Kind::Known),
    // Pictures.
    Magic(0, b"\xff\xd8\xff", Kind::Known),
    Magic(0, b"\x89PNG\r\n\x1a\n", Kind::Known),
    Magic(0, b"GIF8", Kind::Known),
    Magic(0, b"II*\0", Kind::Known),
    Magic(0, b"II+\0", Kind::Known),
    Magic(0, b"MM\0*", Kind::Known),
    Magic(0, b"IIRO", Kind::Known),
    Magic(0, b"IIU\0", Kind::Known),
    Magic(0, b"FUJIFILM", Kind::Known),
    Magic(0, b"BM", Kind::Known),
    Magic(0, b"\0\0\x01\0", Kind::Known),
    Magic(0, b"RIFF", Kind::Known),
    Magic(0, b"\0\0\0\x0cjP  ", Kind::Known),
    Magic(0, b"\0\0\0\x0cJXL ", Kind::Known),
    Magic(0, b"\xff\x0a", Kind::Known),
    // Sound and films.
    Magic(4, b"ftyp", Kind::Known),
    Magic(4, b"moov", Kind::Known),
    Magic(4, b"mdat", Kind::Known),
    Magic(0, b"ID3", Kind::Known),
    Magic(0, b"\xff\xfb", Kind::Known),
    Magic(0, b"\xff\xf3", Kind::Known),
    Magic(0, b"\xff\xf1", Kind::Known),
    Magic(0, b"OggS", Kind::Known),
    Magic(0, b"fLaC", Kind::Known),
    Magic(0, b"\x1a\x45\xdf\xa3", Kind::Known),
    Magic(0, b"\0\0\x01\xba", Kind::Known),
    Magic(0, b"\0\0\x01\xb3", Kind::Known),
    Magic(0, b"FLV\x01", Kind::Known),
    Magic(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind::Known),
    Magic(0, b"MThd", Kind::Known),
    // Packed.
    Magic(0, b"\x1f\x8b", Kind::Known),
    Magic(0, b"\x1f\x9d", Kind::Known),
    Magic(0, b"BZh", Kind::Known),
    Magic(0, b"\xfd7zXZ\0", Kind::Known),
    Magic(0, b"\x28\xb5\x2f\xfd", Kind::Known),
    Magic(1, b"\x2a\x4d\x18", Kind::Known),
    Magic(0, b"\x04\x22\x4d\x18", Kind::Known),
    Magic(0, b"LZIP", Kind::Known),
    Magic(0, b"\x5d\0\0", Kind::Known),
    Magic(0, b"\x89LZO\0", Kind::Known),
    Magic(0, b"7z\xbc\xaf\x27\x1c", Kind::Known),
    Magic(0, b"Rar!\x1a\x07", Kind::Known),
    Magic(0, b"MSCF", Kind::Known),
    Magic(0, b"xar!", Kind::Known),
    Magic(257, b"ustar", Kind::Known),
    Magic(0, b"07070", Kind::Known),
    Magic(0, b"hsqs", Kind::Known),
    Magic(0, b"!<arch>\n", Kind::Known),
    Magic(0, b"\xed\xab\xee\xdb", Kind::Known),
    Magic(0, b"wOFF", Kind::Known),
    Magic(0, b"wOF2", Kind::Known),
    Magic(0, b"\0\x01\0\0\0", Kind::Known),
    Magic(0, b"OTTO", Kind::Known),
    Magic(32769, b"CD001", Kind::Known),
    // Databases, keyrings, disks, backups.
    Magic(0, b"SQLite format 3\0", Kind::Known),
    Magic(0, b"\x37\x7f\x06\x82", Kind::Known),
    Magic(0, b"\x37\x7f\x06\x83", Kind::Known),
    Magic(0, b"PGDMP", Kind::Known),
    Magic(0, b"PAGEDU", Kind::Known),
    Magic(4, b"Standard Jet DB", Kind::Known),
    Magic(4, b"Standard ACE DB", Kind::Known),
    Magic(0, b"\x03\xd9\xa2\x9a", Kind::Known),
    Magic(0, b"LUKS\xba\xbe", Kind::Known),
    Magic(0, b"QFI\xfb", Kind::Known),
    Magic(0, b"KDMV", Kind::Known),
    Magic(0, b"conectix", Kind::Known),
    Magic(0, b"vhdxfile", Kind::Known),
    Magic(0x40, b"\x7f\x10\xda\xbe", Kind::Known),
    Magic(510, b"\x55\xaa", Kind::Known),
    Magic(1080, b"\x53\xef", Kind::Known),
    Magic(0, b"BORG_SEG", Kind::Known),
    Magic(0, b"PACK", Kind::Known),
    Magic(0, b"DIRC", Kind::Known),
    Magic(0, b"\xfftOc", Kind::Known),
    Magic(0, b"LPKSHHRH", Kind::Known),
    // Programs.
    Magic(0, b"\x7fELF", Kind::Known),
    Magic(0, b"MZ", Kind::Known),
    Magic(0, b"\xca\xfe\xba\xbe", Kind::Known),
    Magic(0, b"\xfe\xed\xfa", Kind::Known),
    Magic(0, b"\xcf\xfa\xed\xfe", Kind::Known),
    Magic(0, b"\0asm", Kind::Known),
    Magic(0, b"rust\0", Kind::Known),
    Magic(0, b"GBMB", Kind::Known),
];

/// What a name's ending promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Text that people or programs read.
    Text,
    /// One of the known kinds: a document, a picture, an archive.
    Known,
}

static TEXTS: &[&str] = &[
    "adoc", "bat", "c", "cc", "cfg", "conf", "cpp", "cs", "css", "csv", "eml", "env", "go", "h", "hpp", "htm", "html",
    "ics", "ini", "java", "js", "json", "jsonl", "kt", "log", "lua", "mbox", "md", "php", "pl", "ps1", "py", "r", "rb",
    "rs", "rst", "scss", "service", "sh", "sql", "srt", "svg", "swift", "tex", "toml", "ts", "tsv", "tsx", "txt",
    "vcf", "vue", "xml", "yaml", "yml",
];

static KNOWN: &[&str] = &[
    "7z", "accdb", "ai", "apk", "avi", "bmp", "bz2", "cr2", "deb", "doc", "docm", "docx", "dot", "dotx", "dwg", "eps",
    "epub", "exe", "flac", "gif", "gz", "heic", "heif", "iso", "jar", "jpeg", "jpg", "kdbx", "key", "m4a", "m4v",
    "mdb", "mkv", "mov", "mp3", "mp4", "mpg", "msg", "nef", "numbers", "odg", "odp", "ods", "odt", "ogg", "pages",
    "pdf", "png", "pot", "pps", "ppsx", "ppt", "pptx", "psd", "pst", "qcow2", "rar", "rpm", "rtf", "so", "sqlite",
    "sqlite3", "tgz", "tif", "tiff", "ttf", "vhdx", "vmdk", "vsd", "vsdx", "war", "wav", "webm", "webp", "wmv", "woff",
    "woff2", "xls", "xlsb", "xlsm", "xlsx", "xz", "zip", "zst",
];

/// Endings that people and programs put behind a name, which promise nothing and mean no harm.
static HARMLESS: &[&str] = &[
    "age",
    "asc",
    "backup",
    "bak",
    "bkp",
    "copy",
    "crdownload",
    "disabled",
    "download",
    "dpkg-dist",
    "dpkg-new",
    "dpkg-old",
    "dpkg-tmp",
    "gpg",
    "lock",
    "new",
    "old",
    "orig",
    "part",
    "partial",
    "pgp",
    "rej",
    "rpmnew",
    "rpmsave",
    "sav",
    "save",
    "sig",
    "swp",
    "temp",
    "tmp",
    "ucf-dist",
    "un~",
];

/// The ending of a name, in lower case, without its dot; none where it is too long to be one.
pub(crate) fn ending(name: &[u8]) -> Option<String> {
    let dot = memchr::memrchr(b'.', name).filter(|dot| *dot > 0)?;
    let ending = name.get(dot + 1..).filter(|ending| !ending.is_empty() && ending.len() <= 32)?;
    Some(String::from_utf8_lossy(ending).to_ascii_lowercase())
}

/// A name without its ending.
pub(crate) fn stem(name: &[u8]) -> &[u8] {
    memchr::memrchr(b'.', name).filter(|dot| *dot > 0).and_then(|dot| name.get(..dot)).unwrap_or(name)
}

fn promise_of(ending: &str) -> Option<Promise> {
    if TEXTS.binary_search(&ending).is_ok() {
        return Some(Promise::Text);
    }
    KNOWN.binary_search(&ending).is_ok().then_some(Promise::Known)
}

/// What a name promises: by its ending, or by the one below an ending that was put behind it (`report.pdf.xyz`).
pub(crate) fn promise(name: &[u8]) -> Option<Promise> {
    let last = ending(name)?;
    promise_of(&last).or_else(|| promise_of(&ending(stem(name))?))
}

/// The ending that was put behind a name which promised something by itself, where it is none that one knows.
pub(crate) fn strange_ending(name: &[u8]) -> Option<String> {
    let last = ending(name)?;
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || promise_of(&last).is_some() || HARMLESS.binary_search(&last.as_str()).is_ok() {
        return None;
    }
    promise_of(&ending(stem(name))?).map(|_| last)
}

/// The kind by its first bytes; none where no signature fits.
pub(crate) fn by_magic(head: &[u8]) -> Option<Kind> {
    let fits = |Magic(at, bytes, _): &&Magic| head.get(*at..).is_some_and(|rest| rest.starts_with(bytes));
    let kind = MAGICS.iter().find(fits).map(|Magic(.., kind)| *kind);
    if kind == Some(Kind::Known) && head.starts_with(b"PK\x03\x04") && head.get(6).is_some_and(|flags| flags & 1 == 1) {
        // The bit of a zip's first entry that says that it is encrypted.
        return Some(Kind::Sealed);
    }
    // A zlib stream, such as each of git's objects: its two bytes are a multiple of 31.
    let zlib = matches!(head, [0x78, second, ..] if (0x7800 + u16::from(*second)) % 31 == 0);
    kind.or(zlib.then_some(Kind::Known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_disjoint() {
        for table in [TEXTS, KNOWN, HARMLESS] {
            for pair in table.windows(2) {
                assert!(pair[0] < pair[1], "{pair:?}");
            }
        }
        for ending in TEXTS.iter().chain(KNOWN) {
            assert!(HARMLESS.binary_search(ending).is_err(), "{ending}");
            assert!(TEXTS.binary_search(ending).is_ok() != KNOWN.binary_search(ending).is_ok(), "{ending}");
        }
    }

    #[test]
    fn a_name_promises_by_its_ending_or_by_the_one_that_another_was_put_behind() {
        assert_eq!(promise(b"report.PDF"), Some(Promise::Known));
        assert_eq!(promise(b"report.pdf.lockbit"), Some(Promise::Known));
        assert_eq!(promise(b"notes.txt"), Some(Promise::Text));
        assert_eq!(promise(b"a3f8"), None);
        assert_eq!(promise(b".pdf"), None);
        assert_eq!(strange_ending(b"report.pdf.lockbit").as_deref(), Some("lockbit"));
        for harmless in ["report.pdf", "report.pdf.bak", "messages.log.1", "messages.log.gz", "libx.so.dpkg-new", "x.y"]
        {
            assert_eq!(strange_ending(harmless.as_bytes()), None, "{harmless}");
        }
    }

    #[test]
    fn a_zip_under_a_password_is_sealed_and_one_without_is_not() {
        assert_eq!(by_magic(b"PK\x03\x04\x14\0\x09\0\x08\0"), Some(Kind::Sealed));
        assert_eq!(by_magic(b"PK\x03\x04\x14\0\x08\0\x08\0"), Some(Kind::Known));
        assert_eq!(by_magic(b"\x78\x9c\x01"), Some(Kind::Known));
        assert_eq!(by_magic(b"\x78\x9d\x01"), None);
    }
}
