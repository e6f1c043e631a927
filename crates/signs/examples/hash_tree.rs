//! Hashes a tree as `keelguard signs data baseline` does, and prints how fast:
//! `cargo run --release -p keelguard-signs --example hash_tree -- FOLDER [TIMES [skip]]`.

#![allow(clippy::print_stdout, clippy::cast_precision_loss)]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use keelguard_signs::data::tree::{self, Contents, Options, Seen, merkle::Merkle};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "/usr".to_owned());
    let times = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    let contents = if arguments.next().is_some() { Contents::Skip } else { Contents::Hash };
    let options = Options { contents, ..Options::default() };
    for _ in 0..times {
        let begun = Instant::now();
        let mut merkle = Merkle::default();
        let outcome = tree::walk(Path::new(&folder), Path::new(&folder), &options, &mut |entry| {
            if let Seen::Entry(entry) = entry
                && let Err(why) = merkle.see(&entry)
            {
                println!("{}: {why}", String::from_utf8_lossy(&entry.path));
            }
            ControlFlow::Continue(())
        });
        let seconds = begun.elapsed().as_secs_f64();
        let root: String = merkle.root().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let gigabytes = outcome.bytes as f64 / 1e9;
        println!(
            "{} files, {gigabytes:.2} GB in {seconds:.2} s: {:.2} GB/s, {:.0} files/s; root {root}, {} gaps, {:?}",
            outcome.files,
            gigabytes / seconds,
            outcome.files as f64 / seconds,
            outcome.gap_count,
            outcome.ended,
        );
    }
}
