//! Attachments that run what is in them: by their names, by their first bytes, and by the names in archives. Nothing is unpacked:
//! of an archive only its list is read, so that no bomb can go off.

use memchr::memmem;

use crate::spam::mail::{Kind, Part, shown};

/// What runs on a double click, by extension.
static RUNS: &[&str] = &[
    "exe",
    "scr",
    "pif",
    "com",
    "bat",
    "cmd",
    "ps1",
    "vbs",
    "vbe",
    "js",
    "jse",
    "wsf",
    "wsh",
    "hta",
    "cpl",
    "msi",
    "msp",
    "jar",
    "lnk",
    "url",
    "reg",
    "xll",
    "chm",
    "appx",
    "msix",
    "appref-ms",
    "library-ms",
    "desktop",
    "apk",
    "dmg",
    "pkg",
    "application",
    "scf",
];
/// What is opened as a drive, so that the mark of the web on what lies in it is lost.
static IMAGES: &[&str] = &["iso", "img", "vhd", "vhdx", "udf"];
/// Documents that may hold macros.
static MACROS: &[&str] = &["docm", "dotm", "xlsm", "xlsb", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam"];
/// What a second extension pretends to be.
static PRETENDED: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "jpg", "jpeg", "png", "gif", "mp3", "mp4", "csv",
    "odt", "zip",
];
/// So much of an attachment is decoded.
const MOST: usize = 8 << 20;
/// So many names of an archive are looked at.
const MOST_NAMES: usize = 2_000;

/// Why an attachment is dangerous, in words; none where nothing speaks for it.
pub(super) fn danger(part: &Part<'_>) -> Option<String> {
    if part.kind != Kind::Other && part.name.is_empty() {
        return None;
    }
    let name = file_name(part.name);
    if let Some(why) = of_name(&name) {
        return Some(format!("{name} {why}"));
    }
    let is_named = !name.is_empty() || part.is_attached;
    if !is_named {
        return None;
    }
    let bytes = part.decoded(MOST);
    of_bytes(&name, &bytes)
        .map(|why| format!("{} {why}", if name.is_empty() { "an attachment without a name" } else { &name }))
}

/// Encoded words and percent signs undone: both are ways to hide an extension.
fn file_name(raw: &[u8]) -> String {
    let text = shown::value(raw);
    let text = text.rsplit("''").next().unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn of_name(name: &str) -> Option<String> {
    if name.contains(['\u{202e}', '\u{202d}', '\u{2066}', '\u{2067}']) {
        return Some("turns the direction of writing around, so that its extension is not seen".to_owned());
    }
    let lower = name.to_lowercase();
    let parts: Vec<&str> = lower.split('.').map(str::trim).collect();
    let (last, before) = match parts.as_slice() {
        [.., before, last] if parts.len() > 2 => (*last, Some(*before)),
        [_, last] => (*last, None),
        _ => return None,
    };
    let runs = RUNS.contains(&last);
    if (runs || IMAGES.contains(&last) || matches!(last, "html" | "htm" | "svg"))
        && let Some(pretended) = before.filter(|before| PRETENDED.contains(before))
    {
        return Some(format!("pretends to be .{pretended} and is .{last}"));
    }
    if runs {
        return Some("runs when it is opened".to_owned());
    }
    if IMAGES.contains(&last) {
        return Some("is opened as a drive, past the warning that files from the internet get".to_owned());
    }
    MACROS.contains(&last).then(|| "may hold macros, which run when they are allowed".to_owned())
}

fn of_bytes(name: &str, bytes: &[u8]) -> Option<String> {
    let lower = name.to_lowercase();
    match bytes {
        [b'M', b'Z', ..] if memmem::find(bytes.get(..4096).unwrap_or(bytes), b"PE\0\0").is_some() => {
            Some("is a Windows program under another name".to_owned())
        }
        [0x7F, b'E', b'L', b'F', ..] => Some("is a Linux program".to_owned()),
        [0x4C, 0, 0, 0, 1, 0x14, 2, 0, ..] => Some("is a shortcut under another name".to_owned()),
        [0xD0, 0xCF, 0x11, 0xE0, ..]
            if memmem::find(bytes, b"V\0B\0A\0_\0P\0R\0O\0J").is_some_and(|_| !lower.ends_with("msg")) =>
        {
            Some("holds macros, which run when they are allowed".to_owned())
        }
        [b'P', b'K', 3, 4, ..] => of_archive(bytes),
        _ if is_page(&lower, bytes) => {
            Some("is a web page with a script or a form that runs outside of any site".to_owned())
        }
        _ => None,
    }
}

/// A page that asks for a password, or builds a file by itself, needs no server that could be blocked.
fn is_page(name: &str, bytes: &[u8]) -> bool {
    let is_named = [".html", ".htm", ".xhtml", ".shtml", ".svg"].iter().any(|end| name.ends_with(end));
    let head = bytes.get(..bytes.len().min(1 << 20)).unwrap_or_default().to_ascii_lowercase();
    let asks = memmem::find(&head, b"<form").is_some() && memmem::find(&head, b"password").is_some();
    let builds = memmem::find(&head, b"<script").is_some()
        && [&b"atob("[..], b"blob(", b"unescape(", b"eval(", b"mssaveoropenblob", b"location.href", b"fromcharcode"]
            .iter()
            .any(|call| memmem::find(&head, call).is_some());
    is_named && (asks || builds)
}

/// The names in a ZIP archive, by the heads of its files; its own list at the end may be forged or missing.
fn of_archive(bytes: &[u8]) -> Option<String> {
    let number = |at: usize| Some(usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
    for at in memmem::find_iter(bytes, b"PK\x03\x04").take(MOST_NAMES) {
        let Some(length) = number(at + 26) else { break };
        let Some(name) = bytes.get(at + 30..at + 30 + length.min(512)) else { continue };
        let name = String::from_utf8_lossy(name);
        if name.ends_with("vbaProject.bin") {
            return Some("holds macros, which run when they are allowed".to_owned());
        }
        let inner = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let lower = inner.to_lowercase();
        // Source code and web sites are sent as archives every day.
        let is_code =
            [".js", ".url", ".jar", ".desktop", ".bat", ".cmd", ".ps1", ".com"].iter().any(|end| lower.ends_with(end));
        let is_alone = memmem::find_iter(bytes, b"PK\x03\x04").take(4).count() <= 3;
        if is_code && !is_alone {
            continue;
        }
        if let Some(why) = of_name(inner).filter(|_| !MACROS.iter().any(|end| lower.ends_with(end))) {
            let is_locked = number(at + 6).is_some_and(|flags| flags & 1 == 1);
            let lock = if is_locked { ", behind a password that keeps scanners out" } else { "" };
            return Some(format!("is an archive{lock}; {inner} in it {why}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip(names: &[&str], flags: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in names {
            bytes.extend_from_slice(&[b'P', b'K', 3, 4, 20, 0, flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            bytes.extend_from_slice(&[0; 8]);
            bytes.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(name.as_bytes());
        }
        bytes
    }

    fn judged(name: &str, body: &[u8]) -> Option<String> {
        danger(&Part { kind: Kind::Other, name: name.as_bytes(), is_attached: true, body, ..Part::default() })
    }

    #[test]
    fn what_runs_is_dangerous_by_whatever_name() {
        for (name, body, says) in [
            ("invoice.pdf.exe", &b""[..], "pretends to be .pdf"),
            ("invoice.pdf .scr", b"", "pretends to be .pdf"),
            ("photo\u{202e}gpj.exe", b"", "direction"),
            ("utf-8''invoice%2Eexe", b"", "runs when"),
            ("=?utf-8?B?aW52b2ljZS5leGU=?=", b"", "runs when"),
            ("backup.iso", b"", "as a drive"),
            ("offer.xlsm", b"", "macros"),
            ("report.pdf", b"\x7fELF\x02\x01", "Linux program"),
            ("report.pdf", b"MZ\x90\0....PE\0\0", "Windows program"),
            ("bank.html", b"<form action=x><input type=password></form>", "web page"),
            ("bank.html", b"<script>x=new Blob([atob('x')])</script>", "web page"),
        ] {
            let why = judged(name, body).unwrap_or_else(|| panic!("{name}"));
            assert!(why.contains(says), "{name}: {why}");
        }
    }

    #[test]
    fn what_lies_in_an_archive_is_seen_without_unpacking_it() {
        assert!(judged("a.zip", &zip(&["invoice.lnk"], 0)).unwrap().contains("invoice.lnk"));
        assert!(judged("a.zip", &zip(&["invoice.pdf.js"], 1)).unwrap().contains("password"));
        assert!(judged("a.docx", &zip(&["[Content_Types].xml", "word/vbaProject.bin"], 0)).unwrap().contains("macros"));
    }

    #[test]
    fn everyday_attachments_are_not_dangerous() {
        for (name, body) in [
            ("invoice.pdf", b"%PDF-1.7".to_vec()),
            ("minutes.docx", zip(&["[Content_Types].xml", "word/document.xml"], 0)),
            ("site.zip", zip(&["index.html", "app.js", "style.css", "build.bat", "lib.jar"], 0)),
            ("photo.jpg", b"\xff\xd8\xff".to_vec()),
            ("report.html", b"<h1>Report</h1><table></table>".to_vec()),
            ("patch.diff", b"--- a\n+++ b\n".to_vec()),
            ("backup.tar.gz", b"\x1f\x8b".to_vec()),
            ("v1.2.3", Vec::new()),
            ("signature.asc", b"-----BEGIN PGP SIGNATURE-----".to_vec()),
            ("invite.ics", b"BEGIN:VCALENDAR".to_vec()),
        ] {
            assert_eq!(judged(name, &body), None, "{name}");
        }
    }
}
