//! A hostile journal: whatever it says of itself, reading it ends, and gives no more entries than there is room for.
#![no_main]

use keelguard_signs::read::journal::{Bounds, Choice, Field, JournalFile, Room};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("keelguard-fuzz-{}.journal", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let bounds = Bounds { longest: 4096, most_unpacked: 4 << 20, room: Room::SMALL, ..Bounds::default() };
    let is_sshd = |field, value: &[u8]| field == Field::Identifier && value == b"sshd";
    let mut counts = Vec::new();
    for choice in [Choice::All, Choice::Mark(is_sshd), Choice::Only(is_sshd)] {
        let Ok(mut file) = JournalFile::open(&path, choice, &bounds) else { return };
        let mut count = 0;
        while file.advance() {
            count += 1;
            file.read_message();
            assert!(file.entry().message().is_none_or(|message| message.len() <= 4096));
            file.each_field(&mut |field| assert!(field.len() <= 4096));
        }
        assert!(count <= bytes.len() / 64);
        let _ = file.damage().sentences(file.looked_at());
        counts.push(count);
        if let Ok(mut later) = JournalFile::open(&path, choice, &bounds) {
            later.since(1_795_500_000_000_000);
            while later.advance() {}
        }
    }
    assert!(counts.windows(2).all(|pair| pair[1] <= pair[0]));
});
