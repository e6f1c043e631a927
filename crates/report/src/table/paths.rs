//! The ways to the host, the cheapest first.

use std::io;

use keelguard_model::Report;

use super::heading;
use crate::layout::{Line, Screen, columns, cut};
use crate::style::{BOLD, DIM, PLAIN, RED};
use crate::{Options, fold, words};

/// As many columns as one name may take, so that a long one does not push the rest off the screen.
const NAME: usize = 28;
/// As many lines of paths as one screen bears.
const MOST: usize = 7;

pub(super) fn write(report: &Report, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    let folded = fold::paths(&report.paths);
    let remark = format!("from {}, the cheapest first", words::count(report.paths.len(), "starting point"));
    heading(screen, "Paths to the host", &remark)?;
    let most = if options.all { usize::MAX } else { MOST };
    let widest = folded.iter().take(most).map(|paths| columns(&paths.chain(NAME))).max().unwrap_or(0);
    let column = widest.min(screen.width * 2 / 5);
    for paths in folded.iter().take(most) {
        let chain = paths.chain(NAME);
        let head = Line::new().plain("  ").styled(RED, &format!("cost {:<2}", paths.path.cost)).plain("  ");
        let start = head.width();
        if columns(&chain) <= column {
            let head = head.styled(BOLD, &chain).to(start + column + 2);
            screen.hang(&head, PLAIN, &paths.how(), if options.all { 9 } else { 3 })?;
        } else {
            let room = screen.width.saturating_sub(start);
            screen.line(&head.styled(BOLD, &cut(&chain, room)))?;
            screen.hang(&Line::new().to(start + 2), PLAIN, &paths.how(), if options.all { 9 } else { 3 })?;
        }
    }
    let hidden: usize = folded.iter().skip(most).map(|paths| paths.starts.len()).sum();
    if hidden > 0 {
        screen.line(&Line::new().styled(DIM, &format!("  + {hidden} more: keelguard paths")))?;
    }
    Ok(())
}
