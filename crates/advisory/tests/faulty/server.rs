//! HTTP/1.1 as a static file server speaks it (`ETag`, `If-None-Match`, `Range`, `If-Range`), and the faults on request.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Mirror;

/// What is done instead of the right answer, once.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Announces everything, sends that many bytes of the body, and hangs up.
    CutAfter(usize),
    /// Sends that many bytes of the body, and then nothing.
    StallAfter(usize),
    /// Takes the request, and says nothing.
    Silence,
    /// Hangs up without an answer.
    HangUp,
    /// Announces another length than that of the body; hangs up after the body.
    Length(usize),
    /// Another status, with headers (each line with its end).
    Status(&'static str, &'static str),
    /// Another body.
    Body(Vec<u8>),
    /// Ignores `Range` and `If-None-Match`, and sends no tag.
    Plain,
    /// Goes on as asked, but sends no tag.
    Untagged,
    /// Plain, and cut.
    PlainCutAfter(usize),
    /// Goes on at that place, whatever was asked for.
    GoesOnAt(usize),
}

#[derive(Default)]
struct State {
    files: HashMap<String, Vec<u8>>,
    faults: HashMap<String, VecDeque<Fault>>,
    always: HashMap<String, Fault>,
    log: Vec<String>,
}

/// A server on a port of its own; its threads end with the test.
pub struct Server {
    pub base: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start(mirrors: &[&Mirror]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { base: format!("http://{}", listener.local_addr().unwrap()), state: Arc::default() };
        for mirror in mirrors {
            server.serve(mirror);
        }
        let state = server.state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = state.clone();
                std::thread::spawn(move || converse(&stream, &state));
            }
        });
        server
    }

    /// Puts the files of a mirror in place of what it had of that ecosystem.
    pub fn serve(&self, mirror: &Mirror) {
        let mut state = self.state.lock().unwrap();
        let prefix = format!("{}/", mirror.ecosystem);
        state.files.retain(|path, _| !path.starts_with(&prefix));
        state.files.extend(mirror.files());
    }

    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.state.lock().unwrap().files.insert(path.to_owned(), bytes.into());
    }

    pub fn remove(&self, path: &str) {
        self.state.lock().unwrap().files.remove(path).unwrap();
    }

    pub fn file(&self, path: &str) -> Vec<u8> {
        self.state.lock().unwrap().files[path].clone()
    }

    /// The next requests for that path meet these faults, one each.
    pub fn fault(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.entry(path.to_owned()).or_default().extend(faults);
    }

    /// Each request for that path meets this fault.
    pub fn always(&self, path: &str, fault: Fault) {
        self.state.lock().unwrap().always.insert(path.to_owned(), fault);
    }

    /// Ends all faults.
    pub fn mend(&self) {
        let mut state = self.state.lock().unwrap();
        state.faults.clear();
        state.always.clear();
    }

    /// The requests since the last call: `PATH` or `PATH Range`, in the order in which they came.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

struct Request {
    path: String,
    headers: HashMap<String, String>,
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let path = line.split(' ').nth(1)?.trim_start_matches('/').replace("%20", " ");
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            return Some(Request { path, headers });
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
}

/// Answers one connection until either side has had enough.
fn converse(stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let (file, fault) = {
            let mut state = state.lock().unwrap();
            let range = request.headers.get("range").map(|range| format!(" {range}")).unwrap_or_default();
            state.log.push(format!("{}{range}", request.path));
            let once = state.faults.get_mut(&request.path).and_then(VecDeque::pop_front);
            let fault = once.or_else(|| state.always.get(&request.path).cloned());
            (state.files.get(&request.path).cloned(), fault)
        };
        if !answer(stream, &request, file, fault.as_ref()).unwrap_or(false) {
            return;
        }
    }
}

/// Says whether the connection goes on.
fn answer(
    mut stream: &TcpStream,
    request: &Request,
    file: Option<Vec<u8>>,
    fault: Option<&Fault>,
) -> std::io::Result<bool> {
    let quiet = stream;
    let hold = || {
        // Nothing is written until the other side gives up.
        let mut quiet = quiet;
        quiet.set_read_timeout(Some(Duration::from_secs(20)))?;
        std::io::Read::read(&mut quiet, &mut [0]).map(|_| false)
    };
    let file = match fault {
        Some(Fault::Silence) => return hold(),
        Some(Fault::HangUp) => return Ok(false),
        Some(Fault::Status(status, headers)) => {
            write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n")?;
            return Ok(true);
        }
        Some(Fault::Body(bytes)) => Some(bytes.clone()),
        _ => file,
    };
    let Some(file) = file else {
        write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
        return Ok(true);
    };
    let etag: String = Sha256::digest(&file).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{etag}\"");
    let plain = matches!(fault, Some(Fault::Plain | Fault::PlainCutAfter(_)));
    let header = |name: &str| request.headers.get(name).filter(|_| !plain);
    if header("if-none-match") == Some(&etag) {
        write!(stream, "HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n")?;
        return Ok(true);
    }
    let from = header("range").filter(|_| header("if-range") == Some(&etag));
    let from = from.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    if from.is_some_and(|from| from >= file.len()) {
        write!(stream, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n")?;
        return Ok(true);
    }
    let from = match fault {
        Some(Fault::GoesOnAt(place)) => from.map(|_| *place),
        _ => from,
    };
    let body = &file[from.unwrap_or_default()..];
    let mut head = match from {
        Some(from) => {
            format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len())
        }
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
    };
    if !plain && !matches!(fault, Some(Fault::Untagged)) {
        head = head + "ETag: " + &etag + "\r\n";
    }
    let length = if let Some(Fault::Length(length)) = fault { *length } else { body.len() };
    write!(stream, "{head}Content-Length: {length}\r\n\r\n")?;
    match fault {
        Some(Fault::CutAfter(count) | Fault::PlainCutAfter(count)) => {
            stream.write_all(&body[..body.len().min(*count)]).map(|()| false)
        }
        Some(Fault::StallAfter(count)) => {
            stream.write_all(&body[..body.len().min(*count)])?;
            hold()
        }
        Some(Fault::Length(_)) => stream.write_all(body).map(|()| false),
        _ => stream.write_all(body).map(|()| true),
    }
}
