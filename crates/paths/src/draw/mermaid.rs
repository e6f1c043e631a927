//! Mermaid, which code hosts draw in Markdown.

use std::fmt::Write;

use keelguard_model::{AttackPath, SubjectKind};

use super::picture::Picture;

/// `paths` in Mermaid's language.
pub fn mermaid(paths: &[AttackPath]) -> String {
    let picture = Picture::of(paths);
    let mut text = String::from("flowchart LR\n");
    for (at, place) in picture.boxes.iter().enumerate() {
        let mut lines = vec![place.caption()];
        lines.extend(place.lines());
        let label: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
        let class = match place.kind {
            SubjectKind::Host => ":::host",
            SubjectKind::Internet => ":::internet",
            SubjectKind::Cloud => ":::cloud",
            _ => "",
        };
        let _ = writeln!(text, "  n{at}[\"{}\"]{class}", label.join("<br/>"));
    }
    for arrow in &picture.arrows {
        let line = if arrow.rule.is_some() { "-->" } else { "-.->" };
        let _ = writeln!(text, "  n{} {line}|\"{}\"| n{}", arrow.from, quoted(&arrow.label()), arrow.to);
    }
    if picture.left_out > 0 {
        let _ = writeln!(text, "  more[\"and {} more starting points\"]", picture.left_out);
    }
    text.push_str(
        "  classDef host stroke:#c62828,stroke-width:3px\n  classDef internet stroke:#1565c0,stroke-width:2px\n  \
         classDef cloud stroke:#6a1b9a,stroke-width:2px\n",
    );
    text
}

/// Every character that could mean something to Mermaid, Markdown or HTML as its number, which Mermaid writes `#34;`.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || " .,-_:/·()".contains(character) {
            out.push(character);
        } else {
            let _ = write!(out, "#{};", u32::from(character));
        }
    }
    out
}
