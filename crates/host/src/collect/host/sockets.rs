//! Sockets: who listens, and where the host's engines and services take commands.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use super::accounts::Names;
use super::{paths, read};
use crate::collect::process;
use crate::facts::{ControlSocket, Daemon, Listener};
use crate::sensitive::CONTROL_SOCKETS;

/// Every control socket that exists here.
pub(super) fn control(engine: Option<&Path>, daemon: &Daemon) -> Vec<ControlSocket> {
    let names = Names::read();
    let mut places: Vec<(&str, PathBuf)> = engine.map(|path| ("docker", path.to_path_buf())).into_iter().collect();
    let hosts = daemon.setting("hosts").and_then(|hosts| hosts.as_array()).into_iter().flatten();
    places.extend(hosts.filter_map(|host| Some(("docker", host.as_str()?.strip_prefix("unix://")?.into()))));
    places.extend(daemon.setting("containerd").and_then(|path| Some(("containerd", path.as_str()?.into()))));
    if let Some(root) = daemon.setting("exec-root").and_then(|root| root.as_str()) {
        places.push(("containerd", Path::new(root).join("containerd/containerd.sock")));
    }
    places.extend(CONTROL_SOCKETS.iter().map(|(service, path)| (*service, PathBuf::from(path))));
    if let Ok(users) = std::fs::read_dir("/run/user") {
        for user in users.flatten() {
            places.push(("docker", user.path().join("docker.sock")));
            places.push(("podman", user.path().join("podman/podman.sock")));
        }
    }
    let mut found: Vec<ControlSocket> = Vec::new();
    for (service, path) in places {
        let Some(fact) = paths::fact(&path, &names) else { continue };
        let known = found.iter().any(|other| other.fact.ident() == fact.ident());
        if matches!(fact.kind.as_str(), "socket" | "dir") && !known {
            found.push(ControlSocket { service: service.into(), path: path.display().to_string(), fact });
        }
    }
    found
}

/// Listening TCP and UDP sockets in the network namespace of `pid`.
pub(crate) fn listening(pid: i32, with_programs: bool) -> Vec<Listener> {
    let mut found = Vec::new();
    let mut inodes = BTreeMap::new();
    for protocol in ["tcp", "tcp6", "udp", "udp6"] {
        let text = read::text(format!("/proc/{pid}/net/{protocol}").as_ref(), 8 << 20).unwrap_or_default();
        for (listener, inode) in parse(&text, protocol) {
            inodes.insert(inode, found.len());
            found.push(listener);
        }
    }
    if with_programs {
        process::owners_of_sockets(&inodes.keys().copied().collect(), |inode, program| {
            if let Some(listener) = inodes.get(&inode).and_then(|index| found.get_mut(*index)) {
                listener.program = Some(program);
            }
        });
    }
    found.sort();
    found.dedup();
    found
}

/// Lines of `/proc/net/tcp` and its kin that listen, with their inodes.
pub(super) fn parse<'a>(text: &'a str, protocol: &'a str) -> impl Iterator<Item = (Listener, u64)> + 'a {
    // 0A is LISTEN; for UDP 07 is "no peer", which is as good.
    let wanted = if protocol.starts_with("tcp") { "0A" } else { "07" };
    text.lines().skip(1).filter_map(move |line| {
        let mut fields = line.split_whitespace();
        let (local, state) = (fields.nth(1)?, fields.nth(1)?);
        if state != wanted {
            return None;
        }
        let (uid, inode) = (fields.nth(3)?.parse().ok()?, fields.nth(1)?.parse().ok()?);
        let (address, port) = local.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        Some((Listener { protocol: protocol.into(), address: address_of(address)?, port, uid, program: None }, inode))
    })
}

/// Addresses are printed as 32-bit words in the machine's byte order.
fn address_of(hex: &str) -> Option<String> {
    let word = |index: usize| u32::from_str_radix(hex.get(index * 8..index * 8 + 8)?, 16).ok();
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?.to_ne_bytes()).to_string()),
        32 => {
            let mut bytes = [0; 16];
            for (index, chunk) in bytes.chunks_mut(4).enumerate() {
                chunk.copy_from_slice(&word(index)?.to_ne_bytes());
            }
            Some(Ipv6Addr::from(bytes).to_string())
        }
        _ => None,
    }
}

/// Abstract sockets in the network namespace of `pid`: whoever shares that namespace can connect to them.
pub(super) fn abstract_names(pid: i32) -> Vec<String> {
    let text = read::text(format!("/proc/{pid}/net/unix").as_ref(), 8 << 20).unwrap_or_default();
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(7))
        .filter(|name| name.starts_with('@'))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names.truncate(256);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_sockets_are_read_from_the_kernels_table() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
   0: 0100007F:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4321 1 x 100 0 0 10 0\n\
   1: 0200000A:D431 0100000A:0050 01 00000000:00000000 00:00000000 00000000     0        0 4322 1 x 20 4 30 10 -1\n";
        let found: Vec<_> = parse(text, "tcp").collect();
        assert_eq!(found.len(), 1);
        let (listener, inode) = &found[0];
        assert_eq!((listener.address.as_str(), listener.port, listener.uid, *inode), ("127.0.0.1", 2375, 1000, 4321));
    }

    #[test]
    fn damaged_tables_give_nothing() {
        for text in ["", "x\n0: zz:1 0 0A", "h\n 0: 0100007F 0 0A 0 0 0 0 0 0 0"] {
            assert_eq!(parse(text, "tcp").count(), 0);
        }
        assert_eq!(address_of("ÄÖÜ0"), None);
    }
}
