//! Colours and symbols. Each has a word beside it: colour and symbol are never the only signal.

use anstyle::{AnsiColor, Style};
use keelguard_model::{Severity, Verdict};

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const CYAN: Style = AnsiColor::Cyan.on_default();

pub(crate) const fn of_severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => RED.bold(),
        Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low => CYAN,
        Severity::Info => DIM,
    }
}

/// The symbol and the word, padded to one width. Capitals make the urgent ones stand out without colour.
pub(crate) const fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "✖ CRITICAL",
        Severity::High => "▲ HIGH    ",
        Severity::Medium => "● medium  ",
        Severity::Low => "○ low     ",
        Severity::Info => "· info    ",
    }
}

pub(crate) const fn of_verdict(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Red => RED.bold(),
        Verdict::Amber => YELLOW.bold(),
        Verdict::Green => GREEN.bold(),
        Verdict::Unknown => BOLD,
    }
}

pub(crate) const fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Red => "✖ RED    ",
        Verdict::Amber => "▲ AMBER  ",
        Verdict::Green => "✔ GREEN  ",
        Verdict::Unknown => "? UNKNOWN",
    }
}
