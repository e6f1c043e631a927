//! Writes the sample host's report in a format, for looking at: `cargo run -p keelguard-report --example screens html`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[allow(dead_code)]
#[path = "../tests/it/sample.rs"]
mod sample;

use keelguard_report::{Format, Options, render};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let format: Format = arguments.next().map_or(Format::Table, |name| name.parse().expect("a format"));
    let width = arguments.next().map_or(100, |width| width.parse().expect("a width"));
    let all = arguments.next().is_some();
    let options = Options { color: true, width, all, graph_svg: Some(sample::graph()), ..Options::default() };
    render(&sample::report(), format, &options, &mut std::io::stdout()).expect("standard output");
}
