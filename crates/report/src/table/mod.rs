//! The screen: what a person reads first, at three in the morning, in eighty columns. One screen or two, most urgent
//! first, with a count of everything that is folded away.

mod closing;
mod findings;
mod fixes;
mod paths;
mod strip;

use std::io::{self, Write};

use keelguard_model::Report;

use crate::Options;
use crate::layout::{Line, Screen};
use crate::select::Selection;
use crate::style::{BOLD, DIM};

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    let selection = Selection::of(report, options);
    strip::write(report, options, &mut screen)?;
    paths::write(report, options, &mut screen)?;
    fixes::write(report, options, &mut screen)?;
    let folded = findings::write(&selection, options, &mut screen)?;
    closing::write(report, options, &selection, folded, &mut screen)
}

/// A heading, with a remark beside it.
pub(crate) fn heading(screen: &mut Screen<'_>, title: &str, remark: &str) -> io::Result<()> {
    screen.blank()?;
    screen.hang(&Line::new().styled(BOLD, title).plain("   "), DIM, remark, 2)
}
