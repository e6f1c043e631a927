#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

use std::fmt::Write as _;

use super::*;

const TWO_PARTS: &str = "Subject: =?utf-8?B?R3LDvMOfZQ==?= =?iso-8859-1?Q?_aus_K=F6ln?=\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed;\r\n\tboundary=\"=_outer\"\r\n\r\nThis is MIME.\r\n--=_outer\r\n\
    Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=\r\n=C3=9Fe\r\n--inner\r\nContent-Type: text/html\r\n\
    Content-Transfer-Encoding: BASE64\r\n\r\nPGI+R3LDvMOf\r\nZTwvYj4=\r\n--inner--\r\n--=_outer\r\n\
    Content-Type: application/zip; name=\"invoice.pdf.exe\"\r\nContent-Disposition: attachment;\r\n filename*0=\"invoice.pdf.exe\"\r\n\r\n\
    PK\r\n--=_outer--\r\nepilogue\r\n";

#[test]
fn parts_are_told_apart_decoded_and_attachments_named() {
    let message = Message::parse(TWO_PARTS.as_bytes());
    let parts = &message.parts.leaves;
    let kinds: Vec<_> = parts.iter().map(|part| (part.kind, part.depth)).collect();
    assert_eq!(kinds, [(Kind::Text, 2), (Kind::Html, 2), (Kind::Other, 1)]);
    assert_eq!(String::from_utf8(parts[0].decoded(100)).unwrap().trim_end(), "Grüße");
    assert_eq!(parts[1].decoded(100), "<b>Grüße</b>".as_bytes());
    assert_eq!((parts[2].name, parts[2].is_attached), (b"invoice.pdf.exe".as_slice(), true));
    assert_eq!(message.field("SUBJECT").map(shown::value).as_deref(), Some("Grüße aus Köln"));
    assert_eq!(parts[1].decoded(4).len(), 4, "no more than asked for");
}

#[test]
fn what_a_reader_sees_of_html_has_its_words_whole() {
    let mut text = Vec::new();
    html::text(
        b"V<b></b>i&#97;gra<style>p{}</style><p>now&nbsp;&lt;<!-- x -->!<script>if(a<b)</script>",
        100,
        &mut text,
    );
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["Viagra", "now", "<!"]);
}

#[test]
fn a_bomb_of_parts_is_bounded_and_counted() {
    let mut deep = String::from("Content-Type: multipart/mixed; boundary=b0\n\n");
    for level in 0..5_000 {
        write!(deep, "--b{level}\nContent-Type: multipart/mixed; boundary=b{}\n\n", level + 1).unwrap();
    }
    let message = Message::parse(deep.as_bytes());
    assert!(message.parts.beyond > 0 && message.parts.leaves.len() <= MOST_PARTS);
    let mut wide = String::from("Content-Type: multipart/mixed; boundary=b\n\n");
    for _ in 0..10_000 {
        wide.push_str("--b\n\nx\n");
    }
    let message = Message::parse(wide.as_bytes());
    assert_eq!((message.parts.leaves.len(), message.parts.beyond), (MOST_PARTS, 10_000 - MOST_PARTS));
}

#[test]
fn an_endless_header_is_cut_and_said() {
    let endless: String = (0..100_000).fold(String::new(), |mut all, number| {
        writeln!(all, "X-{number}: y").unwrap();
        all
    });
    let message = Message::parse(endless.as_bytes());
    assert!(message.is_header_cut && message.fields.len() <= MOST_FIELDS);
    let folded = format!("Subject: a{}\n\nbody\n", "\n b".repeat(300_000));
    assert!(Message::parse(folded.as_bytes()).is_header_cut);
}

#[test]
fn whatever_bytes_come_there_is_a_message() {
    let odd: [&[u8]; 9] = [
        b"",
        b"\0\0\0",
        b":\n:\n\n:",
        b"Subject",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n--\n",
        b"Content-Type: multipart/mixed; boundary=\"x\n\n--x\n",
        b"Content-Transfer-Encoding: base64\n\n====A===A",
        b"Content-Transfer-Encoding: quoted-printable\n\n=\r=",
        b"Subject: =?utf-8?B?=?= =?x?Q?\xff?= =?\n\n",
    ];
    for bytes in odd {
        let message = Message::parse(bytes);
        let _ = message.field("subject").map(shown::value);
        for part in &message.parts.leaves {
            let _ = part.decoded(1000);
        }
    }
    let cut = TWO_PARTS.as_bytes();
    for end in 0..cut.len() {
        let _ = Message::parse(&cut[..end]);
    }
}
