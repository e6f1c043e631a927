//! The kernel's small text files, read into one buffer and scanned for numbers.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The most of one file that is read.
const MOST: usize = 256 << 10;

/// The text of a file of the kernel; none where it is not there or is no text.
pub(super) fn text(path: impl AsRef<Path>) -> Option<String> {
    let bytes = crate::collect::read::bytes(path.as_ref(), MOST as u64).ok()?;
    String::from_utf8(bytes).ok()
}

/// A file that is kept open and read from its beginning again and again: opening is most of what a reading costs.
#[derive(Debug)]
pub(super) struct Kept(File);

impl Kept {
    pub(super) fn open(path: &Path) -> Option<Self> {
        let kept = Self(File::open(path).ok()?);
        kept.0.metadata().ok()?.is_file().then_some(kept)
    }

    /// The text, in `buffer`. None where the cgroup is gone.
    pub(super) fn text<'b>(&self, buffer: &'b mut Vec<u8>) -> Option<&'b str> {
        buffer.resize(buffer.capacity().max(4096), 0);
        let mut filled = 0;
        loop {
            let room = buffer.get_mut(filled..)?;
            if room.is_empty() {
                if buffer.len() >= MOST {
                    break;
                }
                buffer.resize(buffer.len() * 2, 0);
                continue;
            }
            match self.0.read_at(room, filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(_) => return None,
            }
        }
        std::str::from_utf8(buffer.get(..filled)?).ok()
    }
}

/// `12345\n`
pub(super) fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number behind `name` at the beginning of a line: `name 123`, `name: 123 kB`.
pub(super) fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        if !rest.starts_with([' ', '\t']) {
            return None;
        }
        rest.split_whitespace().next()?.parse().ok()
    })
}

/// The number of `key=` in a line that begins with `line`.
pub(super) fn total(text: &str, line: &str, key: &str) -> Option<u64> {
    let line = text.lines().find(|found| found.split_whitespace().next() == Some(line))?;
    line.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
}

/// The sum of column `column` over the lines that `wanted` accepts.
pub(super) fn sum(text: &str, wanted: impl Fn(&str) -> bool, column: usize) -> Option<u64> {
    let mut values = text
        .lines()
        .filter(|line| wanted(line))
        .filter_map(|line| line.split_whitespace().nth(column)?.parse::<u64>().ok())
        .peekable();
    values.peek()?;
    Some(values.fold(0, u64::wrapping_add))
}

/// Receive and transmit bytes and packets of all interfaces but `lo`, from `/proc/PID/net/dev`. On the host a bridge and the
/// ends of containers' wires show the same bytes once more: only what `wanted` accepts counts.
pub(super) fn interfaces(text: &str, wanted: impl Fn(&str) -> bool) -> Option<[u64; 4]> {
    let mut sums: Option<[u64; 4]> = None;
    for line in text.lines() {
        let Some((name, rest)) = line.split_once(':') else { continue };
        if !wanted(name.trim()) {
            continue;
        }
        let columns: Vec<u64> = rest.split_whitespace().map_while(|word| word.parse().ok()).collect();
        let [bytes_in, packets_in, .., _, _, _, _, _, _] = columns.as_slice() else { continue };
        let (Some(bytes_out), Some(packets_out)) = (columns.get(8), columns.get(9)) else { continue };
        let sums = sums.get_or_insert_default();
        for (sum, value) in sums.iter_mut().zip([bytes_in, packets_in, bytes_out, packets_out]) {
            *sum = sum.wrapping_add(*value);
        }
    }
    sums
}

/// One column of `/proc/net/snmp` or `netstat`, whose lines come in pairs of names and values.
pub(super) fn protocol(text: &str, protocol: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter(|line| line.split(':').next() == Some(protocol));
    let (names, values) = (lines.next()?, lines.next()?);
    let column = names.split_whitespace().position(|found| found == name)?;
    values.split_whitespace().nth(column)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "MemTotalHuge: 1 kB\nMemTotal:       24576 kB\nanon 12\nanon_thp 7\n";
        assert_eq!(field(text, "MemTotal"), Some(24_576));
        assert_eq!(field(text, "anon"), Some(12));
        assert_eq!(field(text, "ano"), None);
        assert_eq!(total("some avg10=0.00 total=33\nfull avg10=1.00 total=7\n", "full", "total"), Some(7));
    }

    #[test]
    fn interfaces_are_summed_and_what_is_cut_off_is_not_counted() {
        let text = "Inter-|   Receive\n face |bytes\n    lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n  eth0: 100 2 0 0 0 0 0 0 50 1 0 0 0 0 0 0\n eth1:1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n eth2: 7 7\n";
        assert_eq!(interfaces(text, |name| name != "lo"), Some([101, 3, 51, 2]));
        assert_eq!(interfaces("", |_| true), None);
    }

    #[test]
    fn columns_of_protocols_are_found_by_name() {
        let text = "Ip: A\nIp: 1\nTcp: ActiveOpens PassiveOpens CurrEstab\nTcp: 7 8 9\n";
        assert_eq!(protocol(text, "Tcp", "PassiveOpens"), Some(8));
        assert_eq!(protocol(text, "Tcp", "Nothing"), None);
        assert_eq!(protocol("Tcp: A B\n", "Tcp", "A"), None, "a line without its values");
    }
}
