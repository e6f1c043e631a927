//! What the judges of logins take when all that they may remember is taken up: counted byte by byte, while a flood comes in.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Clock, parse_line};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The bytes are those of the whole process: one flood at a time.
static ONE: Mutex<()> = Mutex::new(());

const MB: usize = 1_000_000;

/// Feeds what `sshd` writes of each attempt, a number, and says how many bytes the judges took at most.
fn judged(
    attempts: u32,
    of: impl Fn(u32) -> (i64, String, String),
) -> Result<(usize, Detectors), Box<dyn std::error::Error>> {
    let now = jiff::Timestamp::from_second(1_795_600_000)?;
    let mut clock = Clock::utc(now);
    // The tables of the parsers are made with the first line.
    parse_line(b"Nov 24 08:10:02 edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2", &mut clock);
    let mut line = String::with_capacity(1000);
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let mut detectors = Detectors::new(Limits::default());
    for attempt in 0..attempts {
        let (second, user, address) = of(attempt);
        let time = jiff::Timestamp::from_second(1_795_500_000 + second)?;
        for message in [
            format_args!("Failed password for {user} from {address} port 4711 ssh2"),
            format_args!(
                "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={address}  user={user}"
            ),
        ] {
            line.clear();
            write!(line, "{time} edge sshd[42]: {message}")?;
            detectors.see(&parse_line(line.as_bytes(), &mut clock).ok_or("no login")?);
        }
    }
    Ok((MEMORY.peak_usage() - before, detectors))
}

fn address(number: u32) -> String {
    let [_, b, c, d] = number.to_be_bytes();
    format!("198.{b}.{c}.{d}")
}

#[test]
fn a_flood_from_new_addresses_for_new_names_takes_less_than_four_megabytes() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (peak, detectors) =
        judged(30_000, |attempt| (i64::from(attempt), format!("oracle{attempt}"), address(attempt))).unwrap();
    assert_eq!(detectors.incomplete().len(), 1, "the bounds were not reached");
    assert!(peak > MB, "{peak} bytes: that was no flood");
    assert!(peak < 4 * MB, "{peak} bytes");
}

#[test]
fn long_names_of_a_flood_are_not_kept_whole() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (peak, _) =
        judged(30_000, |attempt| (i64::from(attempt), format!("{attempt}{}", "x".repeat(250)), address(attempt)))
            .unwrap();
    assert!(peak < 6 * MB, "{peak} bytes");
}

#[test]
fn ten_thousand_addresses_that_all_guess_twelve_of_ten_thousand_names_are_all_told_of() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Each address comes back every three hours with another name, and each name is tried from twelve addresses.
    let (peak, detectors) = judged(240_000, |attempt| {
        let (round, who) = (attempt / 10_000, attempt % 10_000);
        let name = (who + round % 12 * 7) % 10_000;
        (i64::from(attempt) / 3, format!("oracle{name}"), address(who))
    })
    .unwrap();
    assert_eq!(detectors.incomplete(), []);
    assert_eq!(detectors.to_block(&[]).len(), 10_000);
    assert!(peak < 11 * MB, "{peak} bytes");
}
