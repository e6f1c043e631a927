//! When packages were last brought up to date, by what package managers leave behind.

use jiff::Timestamp;

use super::read;

/// Files whose change means an upgrade, for managers whose log is not text.
const STAMPS: &[&str] = &[
    "/var/lib/dnf/history.sqlite",
    "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/lib/apk/db/installed",
    "/var/log/pacman.log",
];

pub(super) fn collect() -> Option<Timestamp> {
    apt().or_else(|| STAMPS.iter().chain(&["/var/lib/dpkg/status"]).filter_map(|path| modified(path)).max())
}

fn modified(path: &str) -> Option<Timestamp> {
    Timestamp::try_from(std::fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// The end of the last run that upgraded something. Installing a package is no update.
fn apt() -> Option<Timestamp> {
    let text = read::text("/var/log/apt/history.log".as_ref(), 32 << 20).ok()?;
    last_upgrade(&text, &jiff::tz::TimeZone::system())
}

pub(super) fn last_upgrade(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let run = text.split("\n\n").filter(|run| run.lines().any(|line| line.starts_with("Upgrade:"))).last()?;
    let stamp = run.lines().find_map(|line| line.strip_prefix("End-Date: "))?;
    let time = jiff::civil::DateTime::strptime("%Y-%m-%d  %H:%M:%S", stamp.trim()).ok()?;
    zone.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_is_no_update() {
        let text = "Start-Date: 2026-10-01  10:00:00\nUpgrade: runc:amd64 (1, 2)\nEnd-Date: 2026-10-01  10:00:09\n\n\
                    Start-Date: 2026-11-01  10:00:00\nInstall: vim:amd64 (9)\nEnd-Date: 2026-11-01  10:00:09\n";
        let found = last_upgrade(text, &jiff::tz::TimeZone::UTC).unwrap();
        assert_eq!(found.to_string(), "2026-10-01T10:00:09Z");
    }
}
