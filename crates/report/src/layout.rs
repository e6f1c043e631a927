//! Lines for a terminal: how wide text is, where it breaks, how it is coloured. Whatever enters a [`Line`] is made
//! printable here, so that no view can forget it.

use std::io::{self, Write};

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::style::PLAIN;
use crate::words::whole;

/// One line: pieces of text, each with its style.
#[derive(Clone, Default)]
pub(crate) struct Line {
    pieces: Vec<(Style, String)>,
    width: usize,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn plain(self, text: &str) -> Self {
        self.styled(PLAIN, text)
    }

    pub(crate) fn styled(mut self, style: Style, text: &str) -> Self {
        let text = whole(text);
        self.width += text.width();
        self.pieces.push((style, text));
        self
    }

    /// Spaces up to `column`; at least one where the line is longer already.
    pub(crate) fn to(self, column: usize) -> Self {
        let gap = column.saturating_sub(self.width).max(usize::from(self.width > column));
        self.plain(&" ".repeat(gap))
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }
}

/// Where lines go.
pub(crate) struct Screen<'a> {
    out: &'a mut dyn Write,
    color: bool,
    /// In columns.
    pub(crate) width: usize,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, color: bool, width: usize) -> Self {
        Self { out, color, width: width.clamp(60, 200) }
    }

    pub(crate) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// Writes one line, without the spaces at its end, cut to the width.
    pub(crate) fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut left = self.width;
        let last = line.pieces.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        for (index, (style, text)) in line.pieces.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
            let text = if Some(index) == last { text.trim_end() } else { text.as_str() };
            let text = cut(text, left);
            left -= text.width();
            if self.color && *style != PLAIN && !text.is_empty() {
                write!(self.out, "{}{text}{}", style.render(), style.render_reset())?;
            } else {
                self.out.write_all(text.as_bytes())?;
            }
        }
        self.blank()
    }

    /// Writes `text` behind `head`, and what does not fit below it, under the column where it began; at most `most` lines.
    pub(crate) fn hang(&mut self, head: &Line, style: Style, text: &str, most: usize) -> io::Result<()> {
        let column = head.width();
        let room = self.width.saturating_sub(column).max(20);
        let mut lines = wrap(text, room);
        if lines.len() > most {
            let rest = lines.split_off(most - 1).join(" ");
            lines.push(cut(&rest, room));
        }
        for (index, text) in lines.iter().enumerate() {
            let head = if index == 0 { head.clone() } else { Line::new().to(column) };
            self.line(&head.styled(style, text))?;
        }
        Ok(())
    }
}

/// `text` in at most `room` columns, with an ellipsis where something is missing.
pub(crate) fn cut(text: &str, room: usize) -> String {
    let text = whole(text);
    if text.width() <= room {
        return text;
    }
    let mut used = 0;
    let mut kept: String = text
        .chars()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used < room
        })
        .collect();
    kept.truncate(kept.trim_end().len());
    if room > 0 {
        kept.push('…');
    }
    kept
}

/// `text` in lines of at most `room` columns, broken between words, and inside a word that is longer than a line.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let text = whole(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() <= room {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            if line.width() + character.width().unwrap_or(0) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines
}

/// The width in columns of text that is printable already.
pub(crate) fn columns(text: &str) -> usize {
    whole(text).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cut("データベース", 7), "データ…");
        assert_eq!(cut("データ", 6), "データ");
        assert_eq!(wrap("データ ベース", 6), ["データ", "ベース"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_and_nothing_is_lost() {
        assert_eq!(wrap("ab abcdefgh i", 4), ["ab", "abcd", "efgh", "i"]);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_before_it_is_measured() {
        assert_eq!(cut("\u{1b}[2J", 20), "\\u{1b}[2J");
        assert_eq!(cut("\u{1b}[2J", 5), "\\u{1…");
    }
}
