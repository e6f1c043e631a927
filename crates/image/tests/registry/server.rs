//! A registry of the test's own, which does whatever a hostile one would: each request is answered by a closure, and written
//! down.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// How often this path was asked for before.
    pub before: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Where a range begins.
    pub fn from(&self) -> usize {
        let range = self.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        range.map_or(0, |from| from.parse().unwrap())
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Said instead of the body's own length; none leaves it out.
    pub length: Option<usize>,
    pub end: End,
}

/// What comes after the body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Close,
    /// Nothing more, until the other side goes away.
    Stall,
    /// The body again and again, until the other side goes away.
    Endless,
}

impl Answer {
    pub fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, headers: Vec::new(), length: Some(body.len()), body, end: End::Close }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn redirect(to: &str) -> Self {
        Self::of(307, "").with("Location", to)
    }

    /// Says to be this long.
    pub fn saying(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }

    pub fn ending(self, end: End) -> Self {
        Self { end, ..self }
    }
}

pub struct Server {
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn plain(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, handler)
    }

    pub fn encrypted(pki: &Pki, handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(Some(pki.server()), handler)
    }

    fn start(tls: Option<Arc<ServerConfig>>, handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), log: Arc::default() };
        let (log, handler) = (Arc::clone(&server.log), Arc::new(handler));
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let (log, handler, tls) = (Arc::clone(&log), Arc::clone(&handler), tls.clone());
                std::thread::spawn(move || {
                    // What the other side breaks off is no failure of the test.
                    let _ = match tls {
                        None => serve(tcp, &log, &*handler),
                        Some(tls) => serve(StreamOwned::new(ServerConnection::new(tls).unwrap(), tcp), &log, &*handler),
                    };
                });
            }
        });
        server
    }

    /// What was asked for so far.
    pub fn log(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }

    /// Requests whose path ends like this.
    pub fn asked(&self, end: &str) -> Vec<Request> {
        self.log().into_iter().filter(|request| request.path.ends_with(end)).collect()
    }

    pub fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }
}

fn serve(
    mut stream: impl Read + Write,
    log: &Mutex<Vec<Request>>,
    handler: &(impl Fn(&Request) -> Answer + ?Sized),
) -> io::Result<()> {
    let mut request = read(&mut stream)?;
    {
        let mut log = log.lock().unwrap();
        request.before = log.iter().filter(|earlier| earlier.path == request.path).count();
        log.push(request.clone());
    }
    let answer = handler(&request);
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", answer.status);
    if let Some(length) = answer.length {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&answer.body)?;
    stream.flush()?;
    match answer.end {
        End::Close => Ok(()),
        // Returns when the other side has gone.
        End::Stall => stream.read(&mut [0]).map(drop),
        End::Endless => loop {
            stream.write_all(&answer.body)?;
        },
    }
}

fn read(stream: &mut impl Read) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
        // A greeting in TLS, to a server that knows none.
        if head[0] == 0x16 {
            return Err(io::Error::other("encrypted"));
        }
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ').map(str::to_owned);
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body)?;
    Ok(Request {
        method: first.next().unwrap(),
        path: first.next().unwrap(),
        headers,
        body: String::from_utf8(body).unwrap(),
        before: 0,
    })
}

/// Nobody listens there.
pub fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Whether somebody connected to `listener`; asked when there is nothing more to wait for.
pub fn was_visited(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    listener.accept().map(|(tcp, _): (TcpStream, _)| tcp.set_read_timeout(Some(Duration::from_secs(1)))).is_ok()
}

/// An authority and the certificate of a server on 127.0.0.1.
pub struct Pki(tempfile::TempDir);

impl Pki {
    /// None where there is no openssl to make certificates with.
    pub fn new() -> Option<Self> {
        Command::new("openssl").arg("version").output().ok()?;
        let pki = Self(tempfile::tempdir().unwrap());
        std::fs::write(pki.0.path().join("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n").unwrap();
        for line in [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 2",
            "req -newkey rsa:2048 -nodes -keyout key.pem -out one.csr -subj /CN=one",
            "x509 -req -in one.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -out cert.pem -days 2",
        ] {
            let output = Command::new("openssl").args(line.split(' ')).current_dir(pki.0.path()).output().unwrap();
            assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Some(pki)
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.0.path()).join(name)
    }

    fn server(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = vec![CertificateDer::from_pem_file(self.path("cert.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(self.path("key.pem")).unwrap();
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}
