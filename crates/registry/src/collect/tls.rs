//! How a registry speaks TLS: which versions, and by which certificate. Whatever it shows is taken down; whether it is to be
//! trusted is asked of the system's own authorities afterwards.

use std::sync::Arc;
use std::time::Duration;

use keelguard_distribution::{Access, shown};
use keelguard_model::registry::Https;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion,
    version,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{certificate, hello};

/// Certificates of one chain.
const MAX_CHAIN: usize = 8;

/// A server's own words are kept within this.
const MAX_HANDSHAKE: usize = 256 << 10;

/// How `host:port` speaks TLS; none where it does not.
pub(crate) async fn look(host: &str, port: u16, access: &Access, authority: &str) -> Option<Https> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let bound = access.silence;
    let (newest, middle, old, older) = tokio::join!(
        within(bound, greeted(&bare, port, &version::TLS13)),
        within(bound, greeted(&bare, port, &version::TLS12)),
        within(bound, old_version(&bare, port, 2)),
        within(bound, old_version(&bare, port, 1)),
    );
    let spoken = [
        ("TLS 1.0", older.is_some()),
        ("TLS 1.1", old.is_some()),
        ("TLS 1.2", middle.is_some()),
        ("TLS 1.3", newest.is_some()),
    ];
    let versions: Vec<String> =
        spoken.iter().filter(|(_, speaks)| *speaks).map(|(name, _)| (*name).to_owned()).collect();
    if versions.is_empty() {
        return None;
    }
    let chain = newest.or(middle).unwrap_or_default();
    let untrusted = if chain.is_empty() {
        Some("it speaks no version in which its certificate is looked at".to_owned())
    } else {
        distrust(&chain, &bare, access, authority)
    };
    let chain = chain.iter().take(MAX_CHAIN).filter_map(|der| certificate::read(der)).collect();
    Some(Https { versions, untrusted, chain })
}

async fn within<T>(bound: Duration, look: impl Future<Output = Option<T>>) -> Option<T> {
    tokio::time::timeout(bound, look).await.ok().flatten()
}

async fn old_version(host: &str, port: u16, minor: u8) -> Option<()> {
    let stream = TcpStream::connect((host, port)).await.ok()?;
    hello::agrees(stream, host, minor).await.ok()?.then_some(())
}

/// The chain that is shown in this version; none where it is not spoken.
async fn greeted(
    host: &str,
    port: u16,
    version: &'static SupportedProtocolVersion,
) -> Option<Vec<CertificateDer<'static>>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Recorder(provider)))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let mut client = ClientConnection::new(Arc::new(config), name).ok()?;
    let mut stream = TcpStream::connect((host, port)).await.ok()?;
    let mut came = 0;
    let mut buffer = vec![0; 16 << 10];
    while client.is_handshaking() {
        let mut out = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut out).ok()?;
        }
        stream.write_all(&out).await.ok()?;
        if !client.is_handshaking() {
            break;
        }
        let length = stream.read(&mut buffer).await.ok()?;
        came += length;
        if length == 0 || came > MAX_HANDSHAKE {
            // A server that wants a certificate of ours may hang up once it has shown its own.
            break;
        }
        let mut rest = buffer.get(..length)?;
        let mut failed = false;
        while !rest.is_empty() && !failed {
            failed = client.read_tls(&mut rest).is_err() || client.process_new_packets().is_err();
        }
        if failed {
            break;
        }
    }
    let chain = client.peer_certificates()?;
    Some(chain.iter().take(MAX_CHAIN).map(|one| one.clone().into_owned()).collect())
}

/// Why the chain is not trusted here; none where it is.
fn distrust(chain: &[CertificateDer<'static>], host: &str, access: &Access, authority: &str) -> Option<String> {
    let (own, others) = chain.split_first()?;
    let mut extra = Vec::new();
    for file in access.authorities(authority) {
        match CertificateDer::pem_file_iter(&file) {
            Ok(found) => extra.extend(found.flatten()),
            Err(_) => return Some(format!("{} holds no certificate in PEM form", file.display())),
        }
    }
    let Ok(name) = ServerName::try_from(host.to_owned()) else { return Some("its name is none".into()) };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider) {
        Ok(verifier) => verifier,
        Err(error) => {
            return Some(format!("this host's own authorities cannot be read: {}", shown(&error.to_string())));
        }
    };
    match verifier.verify_server_cert(own, others, &name, &[], UnixTime::now()) {
        Ok(_) => None,
        Err(rustls::Error::InvalidCertificate(why)) => Some(doubt(&why, own)),
        Err(error) => Some(shown(&error.to_string())),
    }
}

/// What is wrong with a certificate, in words: the library has names of its own for most of it.
fn doubt(why: &CertificateError, own: &CertificateDer<'_>) -> String {
    use CertificateError as E;
    let own = certificate::read(own);
    let by_itself = own.as_ref().is_some_and(|own| own.subject == own.issuer);
    match why {
        E::Expired | E::ExpiredContext { .. } => "it has ended".to_owned(),
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        E::NotValidForName | E::NotValidForNameContext { .. } => match own.map(|own| own.names).unwrap_or_default() {
            names if names.is_empty() => "it names no host".to_owned(),
            names => format!("it is for {}", names.iter().take(4).cloned().collect::<Vec<_>>().join(", ")),
        },
        _ if by_itself => "nobody has signed it but itself".to_owned(),
        E::UnknownIssuer => "no authority that this host trusts has signed it".to_owned(),
        E::Revoked => "it was revoked".to_owned(),
        E::BadEncoding => "it cannot be read".to_owned(),
        E::BadSignature => "its signature does not fit".to_owned(),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "it is not for servers".to_owned(),
        E::UnsupportedSignatureAlgorithmContext { .. } | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed in a way that is no longer trusted".to_owned()
        }
        _ => "it does not hold against this host's authorities".to_owned(),
    }
}

/// Takes whatever certificate is shown: it is looked at afterwards, and nothing is sent over the connection.
#[derive(Debug)]
struct Recorder(Arc<CryptoProvider>);

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
