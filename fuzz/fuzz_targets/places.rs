//! Hostile databases of addresses: as they stand, and as a search tree and its data with a description that fits.
#![no_main]

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use keelguard_signs::logins::collect::GeoDatabase;
use libfuzzer_sys::fuzz_target;

const MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

fuzz_target!(|bytes: &[u8]| {
    look(bytes.to_vec());
    let Some((nodes, content)) = bytes.split_first() else { return };
    let mut database = content.to_vec();
    database.extend(MARK);
    // A map of nine: versions, time, kind, description, addresses, languages, nodes and the size of their records.
    database.push(0xe9);
    let text = |text: &str| [&[0x40 | u8::try_from(text.len()).unwrap_or(0)], text.as_bytes()].concat();
    for (name, value) in [
        ("binary_format_major_version", vec![0xa1, 2]),
        ("binary_format_minor_version", vec![0xa0]),
        ("build_epoch", vec![0x00, 0x02]),
        ("database_type", text("City")),
        ("description", vec![0xe0]),
        ("ip_version", vec![0xa1, 6]),
        ("languages", vec![0x00, 0x04]),
        ("node_count", vec![0xc1, *nodes]),
        ("record_size", vec![0xa1, 24]),
    ] {
        database.extend(text(name));
        database.extend(value);
    }
    look(database);
});

fn look(content: Vec<u8>) {
    let Ok(geo) = GeoDatabase::from_bytes(PathBuf::from("fuzz.mmdb"), content) else { return };
    for address in ["8.8.8.8", "203.0.113.7", "198.51.100.7", "2a00::1"] {
        geo.place(address.parse().unwrap());
    }
    for bits in [0u128, u128::MAX >> 3, 1 << 125, 0x5555_5555_5555_5555_5555_5555_5555_5555] {
        geo.place(IpAddr::V6(Ipv6Addr::from(bits)));
    }
}
