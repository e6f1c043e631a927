//! From where whoever runs this is connected: addresses that no block list may ever hold. `sudo` takes `SSH_CONNECTION` out
//! of the environment, so those of the processes above, and the sessions that are open now, are asked as well.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::stream::Stream as _;
use super::utmp::RecordStream;
use crate::logins::event::Kind;
use crate::logins::parse::read_address;
use crate::read::{Gaps, Opened, Reading, open};

/// Variables of OpenSSH whose first word is the peer.
const VARIABLES: [&str; 2] = ["SSH_CONNECTION", "SSH_CLIENT"];

/// Addresses of the administrator, sorted.
pub fn own_addresses(reading: &Reading) -> Vec<IpAddr> {
    let mut own: Vec<IpAddr> = VARIABLES
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .filter_map(|value| peer(value.as_bytes()))
        .collect();
    own.extend(above(Path::new("/proc")));
    own.extend(open_sessions(Path::new("/run/utmp"), reading));
    own.sort_unstable();
    own.dedup();
    own
}

fn peer(value: &[u8]) -> Option<IpAddr> {
    read_address(value.split(|byte| *byte == b' ').next()?)
}

/// The peers that the environments of the processes above this one name.
fn above(proc: &Path) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let mut process = "self".to_owned();
    for _ in 0..64 {
        let folder = proc.join(&process);
        found.extend(bounded(&folder.join("environ")).split(|byte| *byte == 0).filter_map(|entry| {
            let (name, value) = entry.split_at_checked(memchr::memchr(b'=', entry)?)?;
            VARIABLES.iter().any(|known| known.as_bytes() == name).then(|| peer(value.get(1..)?))?
        }));
        let status = bounded(&folder.join("status"));
        let parent = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"PPid:\t"));
        match parent.and_then(|parent| std::str::from_utf8(parent).ok()) {
            Some(parent) if parent != "0" => parent.clone_into(&mut process),
            _ => break,
        }
    }
    found
}

fn bounded(path: &PathBuf) -> Vec<u8> {
    let mut content = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(4 << 20).read_to_end(&mut content);
    }
    content
}

fn open_sessions(utmp: &Path, reading: &Reading) -> Vec<IpAddr> {
    let Ok((Opened::Records(reader), _)) = open(utmp, reading) else { return Vec::new() };
    let mut records = RecordStream::new(utmp, reader);
    let mut gaps = Gaps::of(keelguard_model::Area::Logins);
    let mut found = Vec::new();
    while found.len() < 10_000 && records.advance(&mut gaps) {
        records.show(&mut |seen, _| found.extend(seen.address.filter(|_| seen.kind == Kind::Session)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_is_found_in_the_environment_of_a_process_above() {
        let proc = tempfile::tempdir().unwrap();
        let process = |name: &str, parent: &str, environment: &[u8]| {
            let folder = proc.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("status"), format!("Name:\tx\nPPid:\t{parent}\n")).unwrap();
            std::fs::write(folder.join("environ"), environment).unwrap();
        };
        process("self", "7", b"HOME=/root\0");
        process("7", "3", b"SUDO_UID=1000\0");
        process("3", "0", b"SSH_CONNECTION=192.0.2.7 51234 198.51.100.1 22\0HOME=/home/alice\0");
        assert_eq!(above(proc.path()), ["192.0.2.7".parse::<IpAddr>().unwrap()]);
    }
}
