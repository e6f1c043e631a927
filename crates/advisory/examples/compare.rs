//! Compares versions, one pair a line: `A<TAB>B` in, `<`, `=` or `>` out, `?` where one of them is no version of the
//! scheme. `scripts/compare-versions` sets it beside the reference implementations.
//!
//!     cargo run -p keelguard-advisory --example compare -- SCHEME < PAIRS

use std::cmp::Ordering;
use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use keelguard_advisory::version::Scheme;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name] = arguments.as_slice() else {
        return fail("usage: compare SCHEME < PAIRS");
    };
    match name.parse() {
        Ok(scheme) => match compare(scheme) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error.to_string()),
        },
        Err(error) => fail(&format!("{error}")),
    }
}

fn compare(scheme: Scheme) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (a, b) = line.split_once('\t').unwrap_or((&line, ""));
        let verdict = match scheme.compare(a, b) {
            Some(Ordering::Less) => "<",
            Some(Ordering::Equal) => "=",
            Some(Ordering::Greater) => ">",
            None => "?",
        };
        writeln!(out, "{verdict}")?;
    }
    out.flush()
}

fn fail(message: &str) -> ExitCode {
    // Nothing better can be done about a closed standard error.
    let _ = writeln!(io::stderr(), "compare: {message}");
    ExitCode::from(2)
}
