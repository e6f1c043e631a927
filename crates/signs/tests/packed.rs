//! Packed logs, as the real tools pack them: whichever it was, the same events come out, and no more than is allowed.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::tz::TimeZone;
use keelguard_signs::logins::Login;
use keelguard_signs::logins::collect::{Outcome, Reading, families, read};

type Outcomes<T> = Result<T, Box<dyn Error>>;

/// Each tool, with what it is told besides.
const TOOLS: &[&[&str]] = &[
    &["gzip", "-c"],
    &["zstd", "-c"],
    &["xz", "-c"],
    &["xz", "-c", "-9"],
    &["xz", "-c", "-T2", "--block-size=65536"],
    &["xz", "-c", "--check=none"],
    &["xz", "-c", "--check=crc32"],
    &["xz", "-c", "--check=sha256"],
    &["xz", "-c", "--delta=dist=1", "--lzma2"],
    &["bzip2", "-c"],
    &["bzip2", "-c", "-1"],
];

fn packed(tool: &[&str], text: &[u8]) -> Outcomes<Vec<u8>> {
    let [program, options @ ..] = tool else { return Err("no tool".into()) };
    let mut child = Command::new(program)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}; scripts/install-deps --test installs it"))?;
    let mut input = child.stdin.take().ok_or("no input")?;
    let out = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(text));
        child.wait_with_output()
    })?;
    if out.status.success() { Ok(out.stdout) } else { Err(format!("{tool:?}: {}", out.status).into()) }
}

fn log(from: u32, to: u32) -> Vec<u8> {
    let line = |number: u32| {
        format!(
            "Nov 24 {:02}:{:02}:{:02} edge sshd[{number}]: Failed password for invalid user u{number} from 192.0.2.{} port 4711 ssh2\n",
            number / 3600,
            number / 60 % 60,
            number % 60,
            number % 250
        )
    };
    (from..to).map(line).collect::<String>().into_bytes()
}

fn reading() -> Outcomes<Reading> {
    Ok(Reading { zone: TimeZone::UTC, ..Reading::everything("2026-11-25T00:00:00Z".parse()?) })
}

fn read_file(file: PathBuf, reading: &Reading) -> (Vec<Login>, Outcome) {
    let mut events = Vec::new();
    let outcome = read(families(vec![file]), reading, &mut |seen, line| events.push(seen.owned(line)));
    (events, outcome)
}

fn read_bytes(folder: &Path, bytes: &[u8], reading: &Reading) -> Outcomes<(Vec<Login>, Outcome)> {
    let file = folder.join("auth.log.1.packed");
    std::fs::write(&file, bytes)?;
    Ok(read_file(file, reading))
}

/// The only reason for which something was not read.
fn why(outcome: &Outcome) -> Outcomes<&str> {
    match outcome.incomplete.as_slice() {
        [gap] => Ok(&gap.why),
        gaps => Err(format!("{gaps:?}").into()),
    }
}

#[test]
fn the_same_events_come_out_of_whatever_a_log_is_packed_with() {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading().unwrap();
    let (all, outcome) = read_bytes(folder.path(), &log(0, 5000), &reading).unwrap();
    assert_eq!((all.len(), outcome.lines), (5000, 5000));
    for tool in TOOLS {
        // Logs that are rotated into one file are two packed pieces behind each other.
        let pieces = [packed(tool, &log(0, 3000)).unwrap(), packed(tool, &log(3000, 5000)).unwrap()].concat();
        for bytes in [packed(tool, &log(0, 5000)).unwrap(), pieces] {
            let (events, outcome) = read_bytes(folder.path(), &bytes, &reading).unwrap();
            assert_eq!(outcome.incomplete, [], "{tool:?}");
            assert!(events == all, "{tool:?}: {} events", events.len());
        }
    }
}

#[test]
fn no_more_comes_out_of_a_small_file_than_is_read_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let reading = Reading { most_unpacked: 1 << 20, ..reading().unwrap() };
    let bomb = format!("{}\n", "x".repeat(1023)).repeat(32 << 10);
    for tool in TOOLS {
        let bytes = packed(tool, bomb.as_bytes()).unwrap();
        assert!(bytes.len() < 1 << 18, "{tool:?}: {} bytes are no bomb", bytes.len());
        let (_, outcome) = read_bytes(folder.path(), &bytes, &reading).unwrap();
        assert!(outcome.lines <= 1 << 10, "{tool:?}: {}", outcome.lines);
        let why = why(&outcome).unwrap();
        assert!(why.ends_with("more comes out of it than is read of one packed file"), "{tool:?}: {why}");
    }
}

#[test]
fn what_was_cut_or_damaged_is_read_up_to_there_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading().unwrap();
    for tool in TOOLS {
        let whole = packed(tool, &log(0, 5000)).unwrap();
        let half = &whole[..whole.len() / 2];
        let mut damaged = whole.clone();
        damaged[whole.len() / 2] ^= 0x55;
        for bytes in [half, &damaged] {
            let (events, outcome) = read_bytes(folder.path(), bytes, &reading).unwrap();
            assert!(events.len() <= 5000);
            // Without a sum to check, some damage is just other text.
            if !tool.contains(&"--check=none") || bytes.len() < whole.len() {
                assert!(why(&outcome).unwrap().starts_with("it was read up to line "), "{tool:?}");
            }
        }
    }
}

/// As xz writes it, but with another size of the dictionary in the header of its first block.
fn with_dictionary(mut xz: Vec<u8>, size: u8) -> Outcomes<Vec<u8>> {
    // Behind the 12 bytes of the stream's header: size, flags, filter 0x21, one byte of properties, those, padding, a sum.
    let header: &mut [u8; 12] = xz.get_mut(12..24).ok_or("no header")?.try_into()?;
    let [2, 0, 0x21, 1, dictionary, padding @ .., _, _, _, _] = header else { return Err("another header".into()) };
    *dictionary = size;
    let mut sum = flate2::Crc::new();
    sum.update(&[2, 0, 0x21, 1, size]);
    sum.update(padding);
    let [.., a, b, c, d] = header;
    [*a, *b, *c, *d] = sum.sum().to_le_bytes();
    Ok(xz)
}

#[test]
fn xz_is_given_as_much_memory_as_its_largest_preset_takes_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading().unwrap();
    let xz = packed(&["xz", "-c"], &log(0, 100)).unwrap();
    for (size, events) in [(28, 100), (29, 0), (40, 0)] {
        let bytes = with_dictionary(xz.clone(), size).unwrap();
        let (read, outcome) = read_bytes(folder.path(), &bytes, &reading).unwrap();
        assert_eq!(read.len(), events, "{size}");
        if events == 0 {
            let why = why(&outcome).unwrap();
            assert!(why.contains("larger dictionary than xz -9 makes (64 MiB); unpack it first (unxz)"), "{why}");
        }
    }
}
