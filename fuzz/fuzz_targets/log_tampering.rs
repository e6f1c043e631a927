//! Logs that somebody has laid hands on, as whatever their names say they are; Keelguard's own log.
#![no_main]

use keelguard_signs::data::logs::collect::{Asked, Reading, look};
use keelguard_signs::data::own_log::verify;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 8] = [
    "var/log/syslog", "var/log/wtmp", "var/log/audit/audit.log", "var/log/journal/m/system.journal",
    "var/lib/docker/containers/c/c-json.log", "etc/logrotate.conf", "state.json", "var/log/auth.log.1",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let root = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let (one, other) = rest.split_at(rest.len() / 2);
    put(NAMES[usize::from(first & 7)], one);
    put(NAMES[usize::from(first >> 3 & 7)], other);
    let now = jiff::Timestamp::from_second(1_795_500_000).expect("a time");
    let asked = Asked {
        root: root.path().to_path_buf(),
        files: Vec::new(),
        reading: Reading { zone: jiff::tz::TimeZone::UTC, ..Reading::everything(now) },
        state: Some(root.path().join("state.json")),
        thorough: true,
    };
    let _ = look(&asked);
    // What the first look has kept is held against the same files.
    let again = look(&asked);
    let changed = ["KG-D064", "KG-D065", "KG-D066"];
    assert!(!again.findings.iter().any(|finding| changed.contains(&finding.rule.as_str())), "nothing was changed");
    let own = put("own.jsonl", rest);
    let _ = verify(&own, None, &mut |_, _| {});
});
