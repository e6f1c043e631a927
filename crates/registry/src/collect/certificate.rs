//! What a certificate says, as facts. It was written by whoever holds the other end.

use keelguard_model::registry::Certificate;
use keelguard_model::text::printable;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::AssociatedOid as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Names that are kept of one certificate.
const MAX_NAMES: usize = 20;

/// Algorithms of signatures by their numbers: PKCS #1, ANSI X9.62, RFC 8410.
const SIGNED: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.2.840.113549.1.1.11", "SHA-256"),
    ("1.2.840.113549.1.1.12", "SHA-384"),
    ("1.2.840.113549.1.1.13", "SHA-512"),
    ("1.2.840.10045.4.1", "SHA-1"),
    ("1.2.840.10045.4.3.2", "SHA-256"),
    ("1.2.840.10045.4.3.3", "SHA-384"),
    ("1.2.840.10045.4.3.4", "SHA-512"),
    ("1.3.101.112", "Ed25519"),
];

const RSA: &str = "1.2.840.113549.1.1.1";
const EC: &str = "1.2.840.10045.2.1";

/// What the certificate in `der` says; none where it is none.
pub(crate) fn read(der: &[u8]) -> Option<Certificate> {
    let parsed = x509_cert::Certificate::from_der(der).ok()?;
    let body = &parsed.tbs_certificate;
    let oid = parsed.signature_algorithm.oid.to_string();
    let signed = SIGNED.iter().find(|(number, _)| *number == oid).map_or("", |(_, name)| name);
    let key = &body.subject_public_key_info;
    let algorithm = key.algorithm.oid.to_string();
    let time = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
    };
    let shown = |name: &x509_cert::name::Name| printable(&name.to_string()).into_owned();
    Some(Certificate {
        subject: shown(&body.subject),
        issuer: shown(&body.issuer),
        names: names(body),
        not_before: time(body.validity.not_before),
        not_after: time(body.validity.not_after),
        key: match algorithm.as_str() {
            RSA => "RSA".into(),
            EC => "EC".into(),
            "1.3.101.112" => "Ed25519".into(),
            other => other.to_owned(),
        },
        bits: (algorithm == RSA).then(|| modulus_bits(key.subject_public_key.raw_bytes())).flatten(),
        signed_with: signed.to_owned(),
    })
}

fn names(body: &x509_cert::TbsCertificate) -> Vec<String> {
    let extensions = body.extensions.iter().flatten();
    let alternative = extensions.filter(|one| one.extn_id == SubjectAltName::OID).find_map(|one| {
        let SubjectAltName(names) = SubjectAltName::from_der(one.extn_value.as_bytes()).ok()?;
        Some(names)
    });
    let shown = |name: GeneralName| match name {
        GeneralName::DnsName(name) => Some(printable(name.as_str()).into_owned()),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()),
        _ => None,
    };
    alternative.unwrap_or_default().into_iter().filter_map(shown).take(MAX_NAMES).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        _ => None,
    }
}

/// The bits of the modulus in `RSAPublicKey ::= SEQUENCE { modulus, publicExponent }` (RFC 8017, appendix A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let (tag, content, _) = element(key)?;
    let (number, modulus, _) = (tag == 0x30).then(|| element(content)).flatten()?;
    let modulus = modulus.get(modulus.iter().position(|byte| *byte != 0)?..)?;
    let top = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    (number == 0x02).then_some(modulus.len() * 8 - top)
}

/// The first element of DER: tag, content, and what comes after.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length =
            digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add(usize::from(*digit)));
        (length?, rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_none() {
        for bytes in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"-----BEGIN CERTIFICATE-----", &[0x30; 4096]] {
            assert!(read(bytes).is_none());
            assert_eq!(modulus_bits(bytes), None);
        }
    }

    #[test]
    fn the_size_of_a_key_is_that_of_its_modulus() {
        // 17 bits: 0x01_00_01, with the zero that keeps it positive.
        assert_eq!(modulus_bits(&[0x30, 9, 0x02, 4, 0, 1, 0, 1, 0x02, 1, 3]), Some(17));
        assert_eq!(modulus_bits(&[0x30, 3, 0x02, 1, 0]), None);
    }
}
