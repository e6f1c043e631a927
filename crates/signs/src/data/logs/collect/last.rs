//! `lastlog`: the last login of each user whom `/etc/passwd` knows.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::data::logs::detect::LastLogin;

/// A record: four bytes of time, the terminal, the host.
const RECORD: u64 = 292;
const USERS: usize = 100_000;

/// What `lastlog` says, and where it lies; none where nobody writes it.
pub(super) fn read(root: &Path) -> Option<(String, Vec<LastLogin>)> {
    let path = root.join("var/log/lastlog");
    let file = File::open(&path).ok()?;
    let length = file.metadata().ok().filter(|meta| meta.is_file() && meta.len() > 0)?.len();
    let passwd = std::fs::read_to_string(root.join("etc/passwd")).ok()?;
    let user = |line: &str| {
        let mut fields = line.split(':');
        let (name, uid) = (fields.next()?, fields.nth(1)?.parse::<u64>().ok()?);
        let mut time = [0; 4];
        let end = uid.checked_add(1)?.checked_mul(RECORD)?;
        // Who is not in it has never logged in.
        file.read_exact_at(&mut time, end - RECORD).ok()?;
        let time = i64::from(u32::from_le_bytes(time));
        Some(LastLogin { user: name.to_owned(), time, is_last: end == length })
    };
    let lasts: Vec<LastLogin> = passwd.lines().take(USERS).filter_map(user).collect();
    Some((path.display().to_string(), lasts))
}
