//! A hostile layer: the walk of its tar, plain or compressed, and every analyser on what is in it.
#![no_main]

use std::io::{Seek as _, Write as _};
use std::sync::Arc;

use keelguard_image::Limits;
use keelguard_image::scan::{Counts, inventories, merge};
use keelguard_image::source::Layer;
use keelguard_image::source::blob::{BlobLayer, Part};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    let layer = BlobLayer { part: Part::new(Arc::new(file), 0, bytes.len() as u64), digest: None };
    let limits = Limits { max_image: 64 << 20, max_file: 16 << 20, ..Limits::default() };
    let layers: [&dyn Layer; 2] = [&layer, &layer];
    merge(&inventories(&layers, Counts::Declared, None, &limits), true);
});
