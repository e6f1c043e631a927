//! Hostile databases of RPM, in all their forms.
#![no_main]

use keelguard_image::Limits;
use keelguard_image::analyse::{File, table};
use libfuzzer_sys::fuzz_target;

const ROWS: &[&str] = &["rpm-database", "rpm-log", "rpm-manifest"];

fuzz_target!(|bytes: &[u8]| {
    let content = bytes.to_vec();
    let file = File { path: "var/lib/rpm/rpmdb.sqlite", mode: 0o644, content: &content };
    for row in table().rows().iter().filter(|row| ROWS.contains(&row.name)) {
        let _ = (row.analyse)(&file, &Limits::default());
    }
});
