//! The records of one action put together: a program that was started, files that came into being, a connection.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use jiff::Timestamp;

use super::record::{Record, hex};
use crate::events::{Event, Source};

/// Bytes of all arguments of a program; the kernel allows some 2 MiB.
const MAX_ARGUMENTS: usize = 2 << 20;
/// Paths of one action.
const MAX_PATHS: usize = 64;
/// Processes whose program is remembered.
const MAX_PROCESSES: usize = 32_768;
/// Bytes of a remembered command line.
const MAX_REMEMBERED: usize = 4096;

/// What was started last in each process.
#[derive(Debug, Default)]
pub(super) struct Processes {
    known: HashMap<String, Arc<Process>>,
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Process {
    image: String,
    command: String,
}

impl Processes {
    fn set(&mut self, pid: &str, process: Process) {
        if self.known.insert(pid.to_owned(), Arc::new(process)).is_none() {
            self.order.push_back(pid.to_owned());
            if self.order.len() > MAX_PROCESSES
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Action {
    node: String,
    pub(super) milliseconds: i64,
    serial: u64,
    /// Fields of the record `SYSCALL` that are of use here.
    call: HashMap<&'static str, String>,
    arguments: Vec<String>,
    bytes: usize,
    folder: String,
    title: String,
    /// Names, and whether they came into being.
    paths: Vec<(String, bool)>,
    address: Option<(String, u16)>,
}

impl Action {
    pub(super) fn new(record: &Record<'_>) -> Self {
        Self {
            node: record.node.to_owned(),
            milliseconds: record.milliseconds,
            serial: record.serial,
            call: HashMap::new(),
            arguments: Vec::new(),
            bytes: 0,
            folder: String::new(),
            title: String::new(),
            paths: Vec::new(),
            address: None,
        }
    }

    /// Whether records of this kind are put together.
    pub(super) fn concerns(kind: &str) -> bool {
        matches!(kind, "SYSCALL" | "EXECVE" | "CWD" | "PATH" | "PROCTITLE" | "SOCKADDR")
    }

    pub(super) fn is_of(&self, record: &Record<'_>) -> bool {
        self.serial == record.serial && self.milliseconds == record.milliseconds && self.node == record.node
    }

    pub(super) fn add(&mut self, record: &Record<'_>) {
        let text = |name| record.field(name).unwrap_or_default().to_owned();
        match record.kind {
            "SYSCALL" => {
                for name in ["success", "pid", "ppid", "uid", "auid", "ses", "tty", "exe", "comm", "key", "UID", "AUID"]
                {
                    if let Some(value) = record.field(name) {
                        self.call.insert(name, value.to_owned());
                    }
                }
                self.call.insert("call", record.call().unwrap_or_default().to_owned());
            }
            "EXECVE" => self.arguments(record),
            "CWD" => self.folder = text("cwd"),
            "PROCTITLE" => self.title = text("proctitle"),
            "PATH" if self.paths.len() < MAX_PATHS => {
                self.paths.push((text("name"), record.field("nametype") == Some("CREATE")));
            }
            "SOCKADDR" => self.address = record.field("saddr").and_then(address),
            _ => {}
        }
    }

    /// `a0="…" a1_len=… a1[0]="…" a1[1]="…"`, over as many records as it takes.
    fn arguments(&mut self, record: &Record<'_>) {
        for (name, value) in &record.fields {
            let Some(rest) = name.strip_prefix('a') else { continue };
            let (number, part) = match rest.split_once('[') {
                Some((number, part)) => (number, part.strip_suffix(']')),
                None => (rest, None),
            };
            let Ok(number) = number.parse::<usize>() else { continue };
            self.bytes += value.len();
            if self.bytes > MAX_ARGUMENTS || number > self.arguments.len() {
                continue;
            }
            match self.arguments.get_mut(number) {
                Some(argument) if part.is_some() => argument.push_str(value),
                Some(_) => {}
                None => self.arguments.push(value.to_string()),
            }
        }
    }

    /// Calls with what happened.
    pub(super) fn events(self, processes: &mut Processes, call: &mut impl FnMut(&Event<'_>)) {
        let field = |name| self.call.get(name).map_or("", String::as_str);
        let name = field("call");
        // A connection that does not wait reports that it is still under way.
        if field("success") == "no" && name != "connect" {
            return;
        }
        let started = matches!(name, "execve" | "execveat") || (!self.arguments.is_empty() && name.is_empty());
        if started {
            let command = if self.arguments.is_empty() { self.title.clone() } else { self.arguments.join(" ") };
            let parent = processes.known.get(&self.key(field("ppid"))).cloned();
            let mut event = self.event("process_creation").with("CommandLine", command.as_str());
            if let Some(parent) = &parent {
                event.push("ParentImage", parent.image.as_str());
                event.push("ParentCommandLine", parent.command.as_str());
            }
            call(&event);
            let remembered = command.chars().take(MAX_REMEMBERED).collect();
            processes.set(&self.key(field("pid")), Process { image: field("exe").to_owned(), command: remembered });
        }
        for (path, _) in self.paths.iter().filter(|(_, made)| *made) {
            call(&self.event("file_event").with("TargetFilename", self.whole(path)));
        }
        if let Some((address, port)) = &self.address
            && name == "connect"
        {
            let event = self.event("network_connection").with("DestinationIp", address.as_str());
            call(&event.with("DestinationPort", i64::from(*port)).with("Initiated", "true"));
        }
    }

    /// Names a process among those of all hosts.
    fn key(&self, pid: &str) -> String {
        format!("{}/{pid}", self.node)
    }

    /// A path from the root.
    fn whole(&self, path: &str) -> String {
        if path.starts_with('/') || self.folder.is_empty() {
            return path.to_owned();
        }
        format!("{}/{}", self.folder.trim_end_matches('/'), path.trim_start_matches("./"))
    }

    /// An event with what all have in common.
    fn event(&self, category: &'static str) -> Event<'_> {
        let mut event = Event::new(Source::linux_category(category));
        event.time = Timestamp::from_millisecond(self.milliseconds).ok();
        event.host = self.node.as_str().into();
        let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| self.call.get(name));
        for (name, value) in [
            ("Image", first(["exe", "exe"])),
            ("User", first(["UID", "uid"])),
            ("LoginUser", first(["AUID", "auid"])),
            ("ProcessId", first(["pid", "pid"])),
            ("ParentProcessId", first(["ppid", "ppid"])),
            ("LogonId", first(["ses", "ses"])),
            ("Terminal", first(["tty", "tty"])),
        ] {
            if let Some(value) = value {
                event.push(name, value.as_str());
            }
        }
        if !self.folder.is_empty() {
            event.push("CurrentDirectory", self.folder.as_str());
        }
        event
    }
}

/// The address and port of a socket's address in hexadecimal digits; none for other than internet addresses.
fn address(digits: &str) -> Option<(String, u16)> {
    let bytes = hex(digits)?;
    let port = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    let address = match bytes.get(..2)? {
        [2, 0] | [0, 2] => Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(4..8)?).ok()?).to_string(),
        [10, 0] | [0, 10] => Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(8..24)?).ok()?).to_canonical().to_string(),
        _ => return None,
    };
    Some((address, port))
}
