//! Who is at the other end: connections and half-open ones by remote address and local port, of the host or of a container's
//! network. For the question whom a flood comes from, or where a miner's shares go.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// The most of one table of connections that is read.
const MOST: u64 = 64 << 20;
/// Addresses and ports that are told.
const TOLD: usize = 10;
/// Addresses that are counted; a flood from forged ones has as many as it likes.
const COUNTED: usize = 200_000;

/// One end and how many connections it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The other end.
    pub address: IpAddr,
    /// Its port where all of its connections share one, such as a pool's.
    pub port: Option<u16>,
    /// Connections.
    pub count: u64,
}

/// The connections of one network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peers {
    /// Connections that stand or are half open.
    pub connections: u64,
    /// Of these, half open from outside: somebody said hello and no more.
    pub half_open: u64,
    /// Of these, begun from here and not yet answered.
    pub begun: u64,
    /// Different addresses at the other end.
    pub addresses: u64,
    /// Those with the most.
    pub top: Vec<Peer>,
    /// Local ports with the most, and how many.
    pub ports: Vec<(u16, u64)>,
    /// Remote ports with the most, and how many.
    pub remote_ports: Vec<(u16, u64)>,
}

/// The connections seen in the network of process `pid`; none where they cannot be read.
pub fn peers(pid: Option<i32>) -> Option<Peers> {
    let process = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    let table = |name: &str| crate::collect::read::text(format!("/proc/{process}/net/{name}").as_ref(), MOST).ok();
    let (four, six) = (table("tcp"), table("tcp6"));
    if four.is_none() && six.is_none() {
        return None;
    }
    Some(count(&four.unwrap_or_default(), &six.unwrap_or_default()))
}

/// The other ends of those connections of process `pid` that are its own `sockets`, at most `most`.
pub(super) fn ends(pid: i32, sockets: &BTreeSet<u64>, most: usize) -> Vec<(IpAddr, u16)> {
    let table =
        |name: &str| crate::collect::read::text(format!("/proc/{pid}/net/{name}").as_ref(), MOST).unwrap_or_default();
    let mut found = BTreeSet::new();
    for name in ["tcp", "tcp6"] {
        for line in table(name).lines() {
            let mut words = line.split_whitespace();
            let (Some(there), Some(state), Some(inode)) = (words.nth(2), words.next(), words.nth(5)) else { continue };
            if matches!(state, "01" | "02")
                && inode.parse().is_ok_and(|inode| sockets.contains(&inode))
                && found.len() < most
            {
                found.extend(end(there));
            }
        }
    }
    found.into_iter().collect()
}

#[derive(Default)]
struct End {
    count: u64,
    port: Option<u16>,
    mixed: bool,
}

fn count(four: &str, six: &str) -> Peers {
    let mut found = Peers::default();
    let mut ends: BTreeMap<IpAddr, End> = BTreeMap::new();
    let mut ports: BTreeMap<u16, u64> = BTreeMap::new();
    let mut remote: BTreeMap<u16, u64> = BTreeMap::new();
    for line in four.lines().chain(six.lines()) {
        let mut words = line.split_whitespace().skip(1);
        let (Some(here), Some(there), Some(state)) = (words.next(), words.next(), words.next()) else { continue };
        let (Some((_, port)), Some((address, far))) = (end(here), end(there)) else { continue };
        // As include/net/tcp_states.h numbers them: 1 stands, 2 begun from here, 3 and 12 half open; 10 listens.
        match state {
            "01" => {}
            "02" => found.begun += 1,
            "03" | "0C" => found.half_open += 1,
            _ => continue,
        }
        if address.is_loopback() || address.is_unspecified() {
            continue;
        }
        found.connections += 1;
        *ports.entry(port).or_default() += 1;
        *remote.entry(far).or_default() += 1;
        if ends.len() < COUNTED || ends.contains_key(&address) {
            let end = ends.entry(address).or_default();
            end.mixed |= end.port.is_some_and(|known| known != far);
            end.port = Some(far);
            end.count += 1;
        }
    }
    found.addresses = ends.len() as u64;
    let mut top: Vec<Peer> = ends
        .into_iter()
        .map(|(address, end)| Peer { address, port: end.port.filter(|_| !end.mixed), count: end.count })
        .collect();
    top.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.address.cmp(&b.address)));
    top.truncate(TOLD);
    found.top = top;
    found.ports = most(ports);
    found.remote_ports = most(remote);
    found
}

fn most(ports: BTreeMap<u16, u64>) -> Vec<(u16, u64)> {
    let mut ports: Vec<_> = ports.into_iter().collect();
    ports.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ports.truncate(TOLD);
    ports
}

/// `0100007F:1F90`: each word of four bytes in this machine's order.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    if !address.is_ascii() {
        return None;
    }
    let word = |at: usize| u32::from_str_radix(address.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0u8; 16];
            for (index, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(index * 8)?);
            }
            let six = Ipv6Addr::from(bytes);
            six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4)
        }
        _ => return None,
    };
    Some((address, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    #[test]
    fn addresses_of_both_kinds_are_read_and_mapped_ones_are_the_same() {
        assert_eq!(end("0100007F:1F90"), Some(("127.0.0.1".parse().unwrap(), 8080)));
        assert_eq!(end("0000000000000000FFFF0000070200C0:01BB"), Some(("192.0.2.7".parse().unwrap(), 443)));
        assert_eq!(end("B80D0120000000000000000001000000:0016"), Some(("2001:db8::1".parse().unwrap(), 22)));
        for wrong in ["", ":", "0100007F", "0100007:1F90", "ßßßß:0016", "0100007F:FFFFF"] {
            assert_eq!(end(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_flood_is_counted_by_address_and_port() {
        let half_open = |index: u16| format!("{index}: 0A0000C0:0050 070200C0:{:04X} 03 0 0 0 0 0 0 0\n", 1000 + index);
        let mut four: String = [HEAD.to_owned()].into_iter().chain((0..50).map(half_open)).collect();
        four += "60: 0A0000C0:D000 090200C0:0D05 01 0 0 0 0 0 0 0\n61: 0A0000C0:0050 00000000:0000 0A 0 0 0 0 0 0 0\n";
        let found = count(&four, "");
        assert_eq!((found.connections, found.half_open, found.addresses), (51, 50, 2));
        assert_eq!(found.top[0], Peer { address: "192.0.2.7".parse().unwrap(), port: None, count: 50 });
        assert_eq!(found.top[1].port, Some(3333), "all of its connections go to one port");
        assert_eq!(found.ports[0], (80, 50));
    }

    #[test]
    fn what_listens_or_speaks_to_itself_is_nobody_else() {
        let four =
            format!("{HEAD}0: 0100007F:0050 0100007F:9999 01 0\n1: 00000000:0050 00000000:0000 0A 0\nhalf a line\n");
        assert_eq!(count(&four, "").connections, 0);
    }
}
