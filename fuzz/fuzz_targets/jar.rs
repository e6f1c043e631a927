//! A hostile Java archive.
#![no_main]

use keelguard_image::Limits;
use keelguard_image::analyse::{File, table};
use libfuzzer_sys::fuzz_target;

const ROWS: &[&str] = &["java-archive"];

fuzz_target!(|bytes: &[u8]| {
    let content = bytes.to_vec();
    let file = File { path: "srv/app.war", mode: 0o644, content: &content };
    for row in table().rows().iter().filter(|row| ROWS.contains(&row.name)) {
        let _ = (row.analyse)(&file, &Limits::default());
    }
});
