//! A fake engine: a thread that accepts, reads one request and answers as the test says. It lives as long as the test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may end in a panic")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keelguard_host::{Environment, Facts, Options, collect};
use keelguard_model::Area;

/// The id of the one container that the fake engine has.
pub const ID: &str = "abababababababababababababababababababababababababababababababab";

/// A fake engine's socket, in a folder of its own.
pub struct Fake {
    folder: tempfile::TempDir,
}

impl Fake {
    /// `answer` is given the requested path and the connection.
    pub fn start(answer: impl Fn(&str, &mut dyn Connection) + Send + Sync + 'static) -> Self {
        let fake = Self { folder: tempfile::tempdir().unwrap() };
        let listener = UnixListener::bind(fake.path()).unwrap();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || serve(stream, &*answer));
            }
        });
        fake
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    /// What Keelguard makes of it.
    pub async fn facts(&self) -> Facts {
        facts(&self.path().display().to_string()).await
    }
}

/// Both ends of a connection.
pub trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

fn serve(mut stream: UnixStream, answer: &(dyn Fn(&str, &mut dyn Connection) + Send + Sync)) {
    if let Some(path) = request(&mut stream) {
        answer(&path, &mut stream);
    }
}

/// The path of a request, once it has come to its end.
pub fn request(stream: &mut dyn Connection) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    Some(head.split(' ').nth(1)?.to_owned())
}

/// A whole answer.
pub fn reply(stream: &mut dyn Connection, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    let _ = stream.flush();
}

/// Waits until the other side has hung up.
pub fn stall(stream: &mut dyn Connection) {
    let mut rest = [0; 64];
    while stream.read(&mut rest).is_ok_and(|read| read > 0) {}
}

/// A healthy engine's answer: one container, nothing else.
pub fn healthy(path: &str) -> (u16, String) {
    let rest = path.trim_start_matches("/v1.47");
    let body = match rest {
        "/version" => r#"{"Version":"27.0","ApiVersion":"1.47","MinAPIVersion":"1.24"}"#.to_owned(),
        "/info" => r#"{"ID":"x","Name":"fake","KernelVersion":"0.0-fake"}"#.to_owned(),
        "/containers/json?all=1" => format!(r#"[{{"Id":"{ID}"}}]"#),
        "/volumes" => r#"{"Volumes":null}"#.to_owned(),
        "/images/json" | "/networks" | "/plugins" => "[]".to_owned(),
        _ if rest == format!("/containers/{ID}/json") => format!(r#"{{"Id":"{ID}","Name":"/web"}}"#),
        _ => return (404, r#"{"message":"no such thing"}"#.to_owned()),
    };
    (200, body)
}

/// Short bounds, so that a fault shows soon.
pub fn options(engine: &str) -> Options {
    Options {
        engine: Some(engine.to_owned()),
        environment: Environment::default(),
        request_timeout: Duration::from_millis(400),
        engine_timeout: Duration::from_secs(3),
        max_answer: 64 << 10,
        max_items: 50,
    }
}

/// Collects from `engine` within a bound that no fault may break.
pub async fn facts(engine: &str) -> Facts {
    let options = options(engine);
    let bounded = tokio::time::timeout(Duration::from_secs(40), collect(&options));
    bounded.await.expect("collecting has an end").unwrap()
}

/// The reason of the gap called `what`, which both areas must have.
pub fn gap(facts: &Facts, what: &str) -> String {
    let of = |area| facts.incomplete.iter().find(|gap| gap.area == area && gap.what == what);
    let both = (of(Area::Resources), of(Area::Breakout));
    let (Some(first), Some(second)) = both else { panic!("no gap {what:?} in both areas: {:?}", facts.incomplete) };
    assert_eq!(first.why, second.why);
    assert!(!first.why.chars().any(char::is_control), "{:?}", first.why);
    first.why.clone()
}
