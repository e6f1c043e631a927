//! `/proc/PID/mountinfo`.

use super::read;
use crate::facts::HostMount;

/// Mounts that are kept of a host; a host with ten thousand containers has more, and none of those are needed.
const MOST: usize = 4096;

pub(super) fn of_this_host() -> Vec<HostMount> {
    let text = read::text("/proc/self/mountinfo".as_ref(), 16 << 20).unwrap_or_default();
    parse(&text).filter(|mount| mount.fstype != "overlay" && mount.fstype != "nsfs").take(MOST).collect()
}

/// The lines of a mountinfo file (`man 5 proc_pid_mountinfo`).
pub(crate) fn parse(text: &str) -> impl Iterator<Item = HostMount> + '_ {
    text.lines().filter_map(|line| {
        let (front, back) = line.split_once(" - ")?;
        let mut front = front.split(' ').skip(2);
        let (device, root, mount_point, options) = (front.next()?, front.next()?, front.next()?, front.next()?);
        let mut back = back.split(' ');
        let (fstype, source, super_options) = (back.next()?, back.next()?, back.next().unwrap_or_default());
        let mut all: Vec<String> = options.split(',').map(str::to_owned).collect();
        all.extend(
            super_options.split(',').filter(|option| *option == "ro" || option.contains("quota")).map(str::to_owned),
        );
        all.dedup();
        Some(HostMount {
            mount_point: unescape(mount_point),
            root: unescape(root),
            device: device.to_owned(),
            fstype: fstype.to_owned(),
            source: unescape(source),
            options: all,
        })
    })
}

/// The kernel writes space, tab, line break and backslash as octal escapes.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        if let Some(byte) = octal {
            bytes.push(byte);
            rest = after.get(3..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo_is_read_with_its_escapes() {
        let text = r"36 35 98:0 /a\040b /mnt\0112 rw,noatime shared:1 - ext3 /dev/root rw,errors=continue,prjquota";
        let found: Vec<_> = parse(text).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].root.as_str(), found[0].mount_point.as_str()), ("/a b", "/mnt\t2"));
        assert_eq!(found[0].options, ["rw", "noatime", "prjquota"]);
    }

    #[test]
    fn damaged_lines_are_passed_over() {
        assert_eq!(parse("\n1 2\n - \nx y 8:1 / / \u{0} - \n").count(), 0);
    }
}
