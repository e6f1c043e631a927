//! `keelguard signs spam learn`: from messages whose kind somebody knows.

use anyhow::{Result, bail};

use crate::cli::{Global, SpamLearn};
use crate::exit::Exit;

pub(super) fn run(_global: &Global, _arguments: &SpamLearn) -> Result<Exit> {
    bail!("learn from messages: it is not there yet")
}
