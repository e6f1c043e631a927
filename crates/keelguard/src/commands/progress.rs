//! What a person reads on standard error while they wait, and hints afterwards. `--quiet` silences it.

use std::io::{self, IsTerminal as _};

use crate::settings::Settings;

/// Says what is being done, for as long as it lives. On a terminal the line goes away afterwards.
pub(super) struct Progress {
    on_terminal: bool,
}

impl Progress {
    /// Begins to say `what`.
    pub(super) fn begin(settings: &Settings, what: &str) -> Self {
        let on_terminal = io::stderr().is_terminal() && !settings.switch("quiet");
        if on_terminal {
            eprint!("{what} …");
        }
        Self { on_terminal }
    }
}

impl Progress {
    /// Says what is done now.
    pub(super) fn step(&self, what: &str) {
        if self.on_terminal {
            eprint!("\r\u{1b}[2K{} …", keelguard_model::text::printable(what));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.on_terminal {
            eprint!("\r\u{1b}[2K");
        }
    }
}

/// A line for the person at the terminal.
pub(super) fn say(settings: &Settings, line: &str) {
    if !settings.switch("quiet") {
        eprintln!("{}", keelguard_model::text::printable(line));
    }
}
