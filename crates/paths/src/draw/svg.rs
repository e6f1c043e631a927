//! SVG without anything from outside: no font, no script, no address. Light and dark by the reader's own setting; a page
//! that has a setting of its own overrides the `--kg-…` colours.

use std::fmt::Write;

use keelguard_model::{AttackPath, SubjectKind};

use super::layout::{self, BOX_WIDTH, LINE, Layout, MARGIN, Spot};
use super::picture::{Arrow, Picture};

/// The longest name in a box, in columns of a fixed-width font; the whole one is in the box's title.
const NAME: usize = 23;

const STYLE: &str = "\
.kg-graph{--kg-paper:#ffffff;--kg-ink:#1f2430;--kg-soft:#5b6472;--kg-line:#b9c0cb;--kg-box:#f5f7fa;--kg-host:#c62828;\
--kg-hostbox:#fdecec;--kg-net:#1565c0;--kg-netbox:#e8f1fc;--kg-cloud:#6a1b9a;--kg-hot:#c62828;--kg-warm:#b45309;\
--kg-cool:#5b6472;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
@media (prefers-color-scheme:dark){.kg-graph{--kg-paper:#14171c;--kg-ink:#e6e9ef;--kg-soft:#9aa4b2;--kg-line:#4a5361;\
--kg-box:#1e232b;--kg-host:#ff7b72;--kg-hostbox:#3a1d1f;--kg-net:#79b8ff;--kg-netbox:#1a2c42;--kg-cloud:#d2a8ff;\
--kg-hot:#ff7b72;--kg-warm:#f0b35b;--kg-cool:#9aa4b2}}\
.kg-graph .kg-paper{fill:var(--kg-paper)}\
.kg-graph .kg-box rect{fill:var(--kg-box);stroke:var(--kg-line);stroke-width:1.5}\
.kg-graph .kg-host rect{fill:var(--kg-hostbox);stroke:var(--kg-host);stroke-width:2.5}\
.kg-graph .kg-internet rect{fill:var(--kg-netbox);stroke:var(--kg-net);stroke-width:2}\
.kg-graph .kg-cloud rect{stroke:var(--kg-cloud);stroke-width:2.5}\
.kg-graph .kg-network rect{stroke-dasharray:5 4}\
.kg-graph text{fill:var(--kg-ink);font-size:13px}\
.kg-graph .kg-kind{fill:var(--kg-soft);font-size:10.5px;letter-spacing:.06em;text-transform:uppercase}\
.kg-graph .kg-name{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,monospace}\
.kg-graph .kg-more,.kg-graph .kg-note{fill:var(--kg-soft);font-size:12px}\
.kg-graph .kg-arrow path{fill:none;stroke-width:1.8}\
.kg-graph .kg-arrow polygon{stroke:none}\
.kg-graph .kg-arrow text{font-size:11.5px;font-weight:600}\
.kg-graph .kg-arrow rect{fill:var(--kg-paper)}\
.kg-graph .kg-easy path{stroke:var(--kg-hot)}.kg-graph .kg-easy text,.kg-graph .kg-easy polygon{fill:var(--kg-hot)}\
.kg-graph .kg-hard path{stroke:var(--kg-warm)}.kg-graph .kg-hard text,.kg-graph .kg-hard polygon{fill:var(--kg-warm)}\
.kg-graph .kg-given path{stroke:var(--kg-cool);stroke-dasharray:6 4}\
.kg-graph .kg-given text,.kg-graph .kg-given polygon{fill:var(--kg-cool)}";

/// `paths` as a self-contained picture: starts on the left, goals on the right. At most 60 boxes; containers with the
/// same steps share one, and what finds no room is counted below.
pub fn svg_of_paths(paths: &[AttackPath]) -> String {
    draw(paths, None)
}

pub(super) fn draw(paths: &[AttackPath], note: Option<String>) -> String {
    let picture = Picture::of(paths);
    let layout = layout::of(&picture);
    let mut notes = Vec::new();
    if picture.boxes.is_empty() {
        notes.push("No path.".to_owned());
    }
    if picture.left_out > 0 {
        notes.push(format!("and {} more starting points that found no room here", picture.left_out));
    }
    notes.extend(note);
    let legend = "An arrow names the rule that found it and its cost: 1 a documented command, 3 a known technique, \
                  5 an unknown flaw, 8 the kernel.";
    let lines = 1 + notes.len();
    let (width, height) = (layout.width.max(760), layout.height + lines * LINE + MARGIN / 2);
    let mut text = String::new();
    let _ = write!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"kg-graph\" role=\"img\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" style=\"max-width:100%;height:auto\"><title>Attack paths</title>\
         <style>{STYLE}</style><rect class=\"kg-paper\" width=\"{width}\" height=\"{height}\" rx=\"10\"/>"
    );
    for (at, arrow) in picture.arrows.iter().enumerate() {
        let twins = |other: &&Arrow| (other.from, other.to) == (arrow.from, arrow.to);
        let before = picture.arrows.iter().take(at).filter(twins).count();
        let all = picture.arrows.iter().filter(twins).count();
        draw_arrow(&mut text, arrow, &layout, before, all);
    }
    for (place, spot) in picture.boxes.iter().zip(&layout.spots) {
        draw_box(&mut text, place, *spot);
    }
    let foot = layout.height + LINE / 2;
    let _ = write!(text, "<text class=\"kg-note\" x=\"{MARGIN}\" y=\"{foot}\">{}</text>", escaped(legend));
    for (at, note) in notes.iter().enumerate() {
        let y = foot + (at + 1) * LINE;
        let _ = write!(text, "<text class=\"kg-note\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", escaped(note));
    }
    text.push_str("</svg>\n");
    text
}

fn draw_box(text: &mut String, place: &super::picture::Box, spot: Spot) {
    let class = match place.kind {
        SubjectKind::Host => "kg-box kg-host",
        SubjectKind::Internet => "kg-box kg-internet",
        SubjectKind::Cloud => "kg-box kg-cloud",
        SubjectKind::Network => "kg-box kg-network",
        _ => "kg-box",
    };
    let Spot { x, y, height } = spot;
    let lines = place.lines();
    let whole = format!("{}: {}", place.caption(), lines.join(", "));
    let _ = write!(
        text,
        "<g class=\"{class}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{height}\" \
         rx=\"8\"/><text class=\"kg-kind\" x=\"{}\" y=\"{}\">{}</text>",
        escaped(&whole),
        x + 14,
        y + 20,
        escaped(&place.caption())
    );
    for (at, line) in lines.iter().enumerate() {
        let class = if at < place.names.len() { "kg-name" } else { "kg-more" };
        let y = y + 22 + (at + 1) * LINE;
        let _ = write!(text, "<text class=\"{class}\" x=\"{}\" y=\"{y}\">{}</text>", x + 14, escaped(&cut(line)));
    }
    text.push_str("</g>");
}

/// One arrow. `before` of the `all` arrows between the same boxes are drawn already.
fn draw_arrow(text: &mut String, arrow: &Arrow, layout: &Layout, before: usize, all: usize) {
    let (Some(from), Some(to)) = (layout.spots.get(arrow.from), layout.spots.get(arrow.to)) else { return };
    let class = match (&arrow.rule, arrow.cost) {
        (None, _) => "kg-given",
        (Some(_), 0..=2) => "kg-easy",
        (Some(_), _) => "kg-hard",
    };
    let middle = |spot: &Spot| {
        // Several arrows between the same boxes are spread over their height.
        spot.y + spot.height * (before + 1) / (all + 1)
    };
    let (y1, y2) = (middle(from), middle(to));
    let onward = to.x > from.x;
    let (x1, x2) = if onward { (from.x + BOX_WIDTH, to.x) } else { (from.x, to.x + BOX_WIDTH) };
    let (path, label_x, label_y, tip) = if onward {
        let bend = (x2 - x1) / 2;
        // The label stands near the start, where arrows to one goal are still apart.
        let path = format!("M{x1} {y1} C{} {y1} {} {y2} {} {y2}", x1 + bend, x2 - bend, x2 - 8);
        (
            path,
            x1 + (x2 - x1).min(layout::COLUMN_GAP) * 2 / 5,
            label_height(y1, y2),
            format!("{x2},{y2} {0},{1} {0},{2}", x2 - 9, y2 - 5, y2 + 5),
        )
    } else {
        let side = from.x + BOX_WIDTH;
        let end = to.x + BOX_WIDTH;
        let out = side.max(end) + 60;
        let path = format!("M{side} {y1} C{out} {y1} {out} {y2} {} {y2}", end + 8);
        (
            path,
            out.saturating_sub(15),
            usize::midpoint(y1, y2),
            format!("{end},{y2} {0},{1} {0},{2}", end + 9, y2 - 5, y2 + 5),
        )
    };
    let label = cut(&arrow.label());
    // The label stands on a piece of paper, so that no line runs through it.
    let width = label.chars().count() * 7 + 8;
    let _ = write!(
        text,
        "<g class=\"kg-arrow {class}\"><title>{}</title><path d=\"{path}\"/><polygon points=\"{tip}\"/>\
         <rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"16\" rx=\"4\"/>\
         <text x=\"{label_x}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>",
        escaped(&arrow.how),
        label_x.saturating_sub(width / 2),
        label_y.saturating_sub(8),
        label_y + 4,
        escaped(&label)
    );
}

/// The curve's height at two fifths of its way.
fn label_height(y1: usize, y2: usize) -> usize {
    // The Bézier 0,0,1,1 at t = 0.42 (which lies at x = 2/5) is 3t² - 2t³ = 0.38.
    (y1 * 62 + y2 * 38) / 100
}

/// `text` cut to [`NAME`] columns.
fn cut(text: &str) -> String {
    let wide = |character: char| if u32::from(character) >= 0x1100 { 2 } else { 1 };
    let mut columns = 0;
    let mut out = String::new();
    for character in text.chars() {
        columns += wide(character);
        if columns > NAME {
            out.pop();
            out.push('…');
            break;
        }
        out.push(character);
    }
    out
}

/// For XML text and attributes. Names went through `printable` already; what XML does not allow at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
    out
}
