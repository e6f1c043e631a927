//! Prints an account made up for comparisons: `sample_account PRINCIPALS POLICIES`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().unwrap_or(127));
    let (principals, policies) = (numbers.next().unwrap_or(127), numbers.next().unwrap_or(40));
    let text = keelguard_iam::sample::account(principals, policies).to_string();
    std::io::stdout().lock().write_all(text.as_bytes())
}
