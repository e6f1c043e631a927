//! logrotate's configuration and its state file: what it would keep of a log, and when it last took it in hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a log is rotated, as far as it says which pieces there must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Pieces that are kept.
    pub keep: u32,
    /// Days between two rotations; none where size alone decides.
    pub days: Option<u32>,
    /// Whether size decides, alone or too.
    pub by_size: bool,
    /// Whether pieces are named after the day.
    pub dated: bool,
    /// The number of the newest piece.
    pub start: u32,
    /// Where pieces are put.
    pub folder: Option<PathBuf>,
    /// Whether what is empty is left as it is.
    pub leaves_empty: bool,
    /// Whether the log is copied and emptied, rather than renamed.
    pub copies: bool,
    /// Whether pieces are removed by age.
    pub by_age: bool,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            keep: 0,
            days: None,
            by_size: true,
            dated: false,
            start: 1,
            folder: None,
            leaves_empty: false,
            copies: false,
            by_age: false,
        }
    }
}

/// What the configuration says, file by file.
#[derive(Clone, Debug, Default)]
pub struct Config {
    global: Rotation,
    /// Patterns, and what holds for them; the first that fits counts.
    blocks: Vec<(String, Rotation)>,
    /// Files and folders that it includes, in order.
    pub includes: Vec<PathBuf>,
}

const MOST: usize = 10_000;
const LONGEST: usize = 1 << 20;

impl Config {
    /// Takes in one file.
    pub fn add(&mut self, text: &str) {
        let mut patterns: Vec<String> = Vec::new();
        let mut block: Option<Rotation> = None;
        let mut script = false;
        let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
        for line in text.lines().map(str::trim) {
            if script {
                script = line != "endscript";
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with(['/', '"', '\'', '~']) && block.is_none() {
                let (names, rest) = line.split_once('{').map_or((line, None), |(names, rest)| (names, Some(rest)));
                patterns.extend(words(names));
                if let Some(rest) = rest {
                    let mut rotation = self.global.clone();
                    let (word, value) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
                    set(&mut rotation, word, value.trim());
                    block = Some(rotation);
                }
                continue;
            }
            if line.starts_with('{') {
                block = Some(self.global.clone());
                continue;
            }
            if line.starts_with('}') {
                if let Some(rotation) = block.take() {
                    let room = MOST.saturating_sub(self.blocks.len());
                    self.blocks.extend(patterns.drain(..).take(room).map(|pattern| (pattern, rotation.clone())));
                }
                patterns.clear();
                continue;
            }
            let mut parts = line.split_whitespace();
            let word = parts.next().unwrap_or_default();
            let value = parts.next().unwrap_or_default().trim_matches(['"', '\'']);
            script = matches!(word, "postrotate" | "prerotate" | "firstaction" | "lastaction" | "preremove");
            if word == "include" && block.is_none() {
                self.includes.push(PathBuf::from(value));
            } else {
                set(block.as_mut().unwrap_or(&mut self.global), word, value);
            }
        }
    }

    /// What holds for a log; none where no rule names it.
    pub fn of(&self, log: &Path) -> Option<&Rotation> {
        let name = log.to_string_lossy();
        self.blocks.iter().find(|(pattern, _)| fits(pattern.as_bytes(), name.as_bytes())).map(|(_, rotation)| rotation)
    }
}

fn set(rotation: &mut Rotation, word: &str, value: &str) {
    // `rotate=4` is as good as `rotate 4`.
    let (word, value) = word.split_once('=').filter(|_| value.is_empty()).unwrap_or((word, value));
    let value = value.trim_start_matches('=').trim();
    match word {
        "rotate" => rotation.keep = value.parse().unwrap_or(0),
        "start" => rotation.start = value.parse().unwrap_or(1),
        "hourly" | "daily" => rotation.timed(1),
        "weekly" => rotation.timed(7),
        "monthly" => rotation.timed(31),
        "yearly" => rotation.timed(366),
        "size" | "maxsize" => rotation.by_size = true,
        "minsize" => rotation.days = None,
        "dateext" => rotation.dated = true,
        "nodateext" => rotation.dated = false,
        "olddir" => rotation.folder = Some(PathBuf::from(value)),
        "noolddir" => rotation.folder = None,
        "notifempty" => rotation.leaves_empty = true,
        "ifempty" => rotation.leaves_empty = false,
        "copy" | "copytruncate" => rotation.copies = true,
        "nocopy" | "nocopytruncate" => rotation.copies = false,
        "maxage" => rotation.by_age = true,
        _ => {}
    }
}

impl Rotation {
    fn timed(&mut self, days: u32) {
        self.days = Some(days);
        self.by_size = false;
    }
}

/// Names between blanks; those with blanks in them stand in quotes.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '"' | '\'' => rest.get(1..).and_then(|rest| rest.split_once(first)).unwrap_or((rest, "")),
            _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        found.push(word.to_owned());
        rest = after.trim_start();
    }
    found
}

/// Whether a shell's pattern fits a name; `*` and `?` do not go over a slash.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    // The place to go back to: behind the last star, and the name from there.
    let (mut at, mut on) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(on) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, on));
                at += 1;
            }
            Some(b'?') if *byte != b'/' => (at, on) = (at + 1, on + 1),
            Some(expected) if expected == byte => (at, on) = (at + 1, on + 1),
            _ => match star {
                Some((behind, from)) if name.get(from) != Some(&b'/') => {
                    star = Some((behind, from + 1));
                    (at, on) = (behind, from + 1);
                }
                _ => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// The state file: when each log was last taken in hand, as `2026-11-24` with the hour.
pub fn state(text: &str) -> BTreeMap<PathBuf, String> {
    let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
    let line = |line: &str| {
        let rest = line.trim().strip_prefix('"')?;
        let (name, when) = rest.rsplit_once('"')?;
        let mut parts = when.trim().split(['-', ':']).map(str::parse::<u32>);
        let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        let hour = parts.next().and_then(Result::ok).unwrap_or(0);
        Some((PathBuf::from(name), format!("{year:04}-{month:02}-{day:02} {hour:02}:00")))
    };
    text.lines().filter_map(line).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Debian has it.
    const GLOBAL: &str = "# see \"man logrotate\" for details\n\nweekly\nrotate 4\ncreate\n#dateext\n#compress\ninclude /etc/logrotate.d\n";
    const RSYSLOG: &str = "/var/log/syslog\n/var/log/mail.log\n{\n\trotate 7\n\tdaily\n\tmissingok\n\tnotifempty\n\tcompress\n\tdelaycompress\n\tsharedscripts\n\tpostrotate\n\t\trotate 99\n\tendscript\n}\n\"/var/log/my app/*.log\" /srv/*/log { size 10M\n copytruncate\n olddir old\n dateext\n}\n";

    fn config() -> Config {
        let mut config = Config::default();
        config.add(GLOBAL);
        config.add(RSYSLOG);
        config
    }

    #[test]
    fn the_first_block_that_names_a_log_holds_for_it_over_what_holds_for_all() {
        let config = config();
        assert_eq!(config.includes, [PathBuf::from("/etc/logrotate.d")]);
        let syslog = config.of(Path::new("/var/log/mail.log")).unwrap();
        assert_eq!((syslog.keep, syslog.days, syslog.by_size, syslog.leaves_empty), (7, Some(1), false, true));
        for name in ["/var/log/my app/a.log", "/srv/shop/log"] {
            let shop = config.of(Path::new(name)).unwrap();
            assert!(shop.by_size && shop.copies && shop.dated, "{name}");
            assert_eq!((shop.keep, shop.folder.as_deref()), (4, Some(Path::new("old"))));
        }
        assert_eq!(config.of(Path::new("/var/log/my app/deeper/a.log")), None);
        assert_eq!(config.of(Path::new("/var/log/other.log")), None);
    }

    #[test]
    fn a_pattern_of_many_stars_ends() {
        let pattern = "*a".repeat(5000);
        assert!(!fits(pattern.as_bytes(), &vec![b'a'; 4000]));
    }

    #[test]
    fn the_state_file_says_when() {
        let state = state("logrotate state -- version 2\n\"/var/log/syslog\" 2026-11-9-6:25:1\n\"bad\n\"/x\" 2026\n");
        assert_eq!(state.get(Path::new("/var/log/syslog")).map(String::as_str), Some("2026-11-09 06:00"));
        assert_eq!(state.len(), 1);
    }
}
