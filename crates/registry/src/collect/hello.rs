//! The first message of TLS, written by hand: the library here speaks no version before 1.2, and whether a registry does is
//! the question. Nothing comes after the server's first answer.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Suites that servers of those days know: ECDHE, RSA and DHE with AES or 3DES, and the mark of safe renegotiation
/// (RFC 5746).
const SUITES: [u16; 15] = [
    0xc013, 0xc014, 0xc009, 0xc00a, 0xc027, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0x0033, 0x0039, 0x002f, 0x0035, 0x000a,
    0x00ff,
];

/// Whether the server agrees to `minor`: 1 is TLS 1.0, 2 is 1.1, 3 is 1.2.
pub(super) async fn agrees(mut stream: TcpStream, host: &str, minor: u8) -> io::Result<bool> {
    stream.write_all(&greeting(host, minor)).await?;
    // A record's head, then a handshake message's, then the version that the server takes.
    let mut head = [0; 11];
    match stream.read_exact(&mut head).await {
        Ok(_) => Ok(is_agreement(&head, minor)),
        // An alert is shorter, and a server that hangs up has said no as well.
        Err(error) if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// A handshake record that begins with a hello of the server in that very version.
fn is_agreement(head: &[u8; 11], minor: u8) -> bool {
    matches!(head, [22, 3, _, _, _, 2, _, _, _, 3, version] if *version == minor)
}

fn greeting(host: &str, minor: u8) -> Vec<u8> {
    let mut extensions = Vec::new();
    if host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[') {
        let name = [&[0][..], &sized(host.as_bytes())].concat();
        extensions.extend(extension(0, &sized(&name)));
    }
    extensions.extend(extension(10, &sized(&[0, 29, 0, 23, 0, 24])));
    extensions.extend(extension(11, &[1, 0]));
    if minor >= 3 {
        extensions.extend(extension(13, &sized(&[4, 3, 5, 3, 8, 4, 8, 5, 4, 1, 5, 1, 2, 1])));
    }
    let mut body = vec![3, minor];
    // Nothing is ever kept secret with it.
    body.extend([0x4b; 32]);
    body.push(0);
    let suites: Vec<u8> = SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    body.extend(sized(&suites));
    body.extend([1, 0]);
    body.extend(sized(&extensions));
    let length = u32::try_from(body.len()).unwrap_or_default().to_be_bytes();
    let message = [&[1], length.get(1..).unwrap_or_default(), &body[..]].concat();
    [&[22, 3, 1][..], &sized(&message)].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &sized(body)].concat()
}

/// With its length in front, in two bytes.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or_default().to_be_bytes();
    [&length[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_where_it_is_a_hello_in_the_version_that_was_asked_for() {
        assert!(is_agreement(&[22, 3, 1, 0, 90, 2, 0, 0, 86, 3, 1], 1));
        assert!(!is_agreement(&[22, 3, 1, 0, 90, 2, 0, 0, 86, 3, 3], 1), "it took another");
        assert!(!is_agreement(&[21, 3, 1, 0, 2, 2, 70, 0, 0, 3, 1], 1), "that is an alert");
        assert!(!is_agreement(b"HTTP/1.1 40", 1));
    }

    #[test]
    fn lengths_add_up_and_an_address_is_no_name() {
        let named = greeting("registry.example", 2);
        assert_eq!(usize::from(u16::from_be_bytes([named[3], named[4]])), named.len() - 5);
        assert!(named.windows(16).any(|part| part == b"registry.example"));
        assert!(!greeting("127.0.0.1", 1).windows(9).any(|part| part == b"127.0.0.1"));
    }
}
