//! A hostile file, given to one analyser: package databases, lock files, executables. The first byte chooses which.
#![no_main]

use keelguard_image::Limits;
use keelguard_image::analyse::{File, Pattern, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let rows = table().rows();
    let row = rows[usize::from(*first) % rows.len()];
    let content = content.to_vec();
    let path = match row.wants.first() {
        Some(Pattern::Path(path)) => (*path).to_owned(),
        Some(Pattern::Name(name)) => format!("srv/{name}"),
        Some(Pattern::Extension(end)) => format!("srv/one{end}"),
        Some(Pattern::In(folder, end)) => format!("{folder}/one{end}"),
        Some(Pattern::NameBelow(name, end)) => format!("srv/{end}/{name}"),
        Some(Pattern::NameUnder(name, start)) => format!("{start}/one/{name}"),
        Some(Pattern::Executable) | None => "usr/bin/one".to_owned(),
    };
    let _ = (row.analyse)(&File { path: &path, mode: 0o755, content: &content }, &Limits::default());
});
