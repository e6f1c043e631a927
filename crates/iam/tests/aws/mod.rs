//! A small server on loopback that answers like AWS, as far as a test says, and otherwise with nothing: for what moto does
//! not do, such as pages and throttling, and for everything hostile.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's own server, not all of it used in each"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// `iam:ListRoles`, from form, header or path, as signatures call the service.
    pub fn operation(&self) -> String {
        let scope = self.header("authorization").split('/').nth(3).unwrap_or_default();
        let target = self.header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let operation = self.field("Action").unwrap_or(target);
        let operation = if operation.is_empty() { format!("{} {}", self.method, self.path) } else { operation };
        format!("{scope}:{operation}")
    }

    pub fn field(&self, name: &str) -> Option<String> {
        let fields = self.body.split('&').filter_map(|pair| pair.split_once('='));
        fields.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    /// Who has signed it.
    pub fn key(&self) -> &str {
        self.header("authorization").split(['=', '/']).nth(1).unwrap_or_default()
    }
}

/// What is answered.
pub enum Answer {
    /// Status, headers, body.
    Whole(u16, Vec<(&'static str, String)>, String),
    /// Nothing, ever, until the client goes.
    Silence,
    /// The beginning of an answer, and then nothing.
    Begun(String),
    /// The connection is closed.
    Closed,
}

pub fn xml(body: impl Into<String>) -> Answer {
    Answer::Whole(200, vec![("content-type", "text/xml".into())], body.into())
}

pub fn error(status: u16, code: &str, words: &str) -> Answer {
    let body = format!("<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>");
    Answer::Whole(status, Vec::new(), body)
}

pub fn who_am_i() -> Answer {
    xml("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn>\
         <UserId>AIDA</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
}

/// An empty answer in the form that the request expects.
pub fn empty(request: &Request) -> Answer {
    if request.field("Action").as_deref() == Some("GenerateCredentialReport") {
        return xml("<R><GenerateCredentialReportResult><State>COMPLETE</State></GenerateCredentialReportResult></R>");
    }
    if request.header("content-type").starts_with("application/x-www-form-urlencoded") {
        return xml("<Response><Result/></Response>");
    }
    if request.header("authorization").contains("/s3/") {
        return if request.path == "/" { xml("<R><Buckets/></R>") } else { error(404, "NoSuchBucketPolicy", "") };
    }
    Answer::Whole(200, vec![("content-type", "application/json".into())], "{}".into())
}

/// 300 roles in pages of 100, as IAM gives them.
pub fn roles(request: &Request) -> Answer {
    let from: usize = request.field("Marker").and_then(|marker| marker.parse().ok()).unwrap_or(0);
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let members: String = (from..from + 100)
        .map(|n| {
            format!(
                "<member><RoleName>r{n}</RoleName><Arn>arn:aws:iam::111122223333:role/r{n}</Arn><Path>/</Path>\
                 <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument><RolePolicyList><member>\
                 <PolicyName>in</PolicyName><PolicyDocument>{trust}</PolicyDocument></member></RolePolicyList></member>"
            )
        })
        .collect();
    let more = if from < 200 {
        format!("<IsTruncated>true</IsTruncated><Marker>{}</Marker>", from + 100)
    } else {
        String::new()
    };
    xml(format!(
        "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><RoleDetailList>{members}\
         </RoleDetailList>{more}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
    ))
}

/// An account that has them and a credential report, and nothing else.
pub fn account(request: &Request) -> Answer {
    match request.operation().as_str() {
        "sts:GetCallerIdentity" => who_am_i(),
        "iam:GetAccountAuthorizationDetails" if request.body.contains("=Role") => roles(request),
        "iam:GetCredentialReport" => {
            use base64::Engine as _;
            let report = "user,arn,mfa_active\n<root_account>,arn:aws:iam::111122223333:root,false\n";
            let content = base64::engine::general_purpose::STANDARD.encode(report);
            xml(format!("<R><GetCredentialReportResult><Content>{content}</Content></GetCredentialReportResult></R>"))
        }
        _ => empty(request),
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// The server. It ends with the test's process.
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (handler, seen): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, seen) = (Arc::clone(&handler), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &*handler, &seen));
            }
        });
        Self { url, requests }
    }

    /// What has come so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, handler: &Handler, seen: &Mutex<Vec<Request>>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        seen.lock().unwrap().push(request.clone());
        match handler(&request) {
            Answer::Whole(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head = format!("{head}{name}: {value}\r\n");
                }
                if stream.write_all(format!("{head}\r\n{body}").as_bytes()).is_err() {
                    return;
                }
            }
            Answer::Silence => {
                // Until the client goes.
                let _ = reader.read(&mut [0; 1]);
                return;
            }
            Answer::Begun(begin) => {
                let _ =
                    stream.write_all(format!("HTTP/1.1 200 x\r\ncontent-length: 1000000\r\n\r\n{begin}").as_bytes());
                let _ = reader.read(&mut [0; 1]);
                return;
            }
            Answer::Closed => return,
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut request =
        Request { method: words.next()?.to_owned(), path: words.next()?.to_owned(), ..Request::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        request.headers.push((name.to_owned(), value.to_owned()));
    }
    let length = request.header("content-length").parse().unwrap_or(0_usize);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}
