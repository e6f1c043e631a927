//! Sign 3: are files missing or rewritten, backups dead, logs rearranged?

pub mod logs;
