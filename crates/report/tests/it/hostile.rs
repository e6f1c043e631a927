//! Names from containers never become markup, commands or escape sequences, whatever shows them.

use keelguard_report::{Format, Options};

use crate::sample;
use crate::screens::shown;

fn everything() -> Options {
    Options { all: true, show_suppressed: true, graph_svg: Some(sample::graph()), ..Options::default() }
}

#[test]
fn no_format_lets_a_control_character_or_a_bidirectional_override_through() {
    for format in Format::ALL {
        let page = shown(format, &everything());
        let control = page.chars().find(|character| character.is_control() && *character != '\n');
        assert_eq!(control, None, "{format}");
        let data = matches!(format, Format::Json | Format::Jsonl);
        assert!(data || !page.contains('\u{202e}'), "{format}");
    }
}

#[test]
fn html_holds_only_our_own_tags() {
    let page = shown(Format::Html, &everything());
    let body = page.split_once("</style>").unwrap().1;
    for piece in body.split('<').skip(1) {
        let tag: String = piece.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let ours = [
            "head", "body", "html", "header", "p", "h1", "h2", "h3", "main", "section", "div", "b", "span", "small",
            "figure", "svg", "g", "rect", "path", "text", "table", "thead", "tbody", "tr", "th", "td", "i", "ol", "ul",
            "li", "pre", "code", "article", "details", "summary", "dl", "dt", "dd", "a", "em", "footer",
        ];
        assert!(ours.contains(&tag.as_str()), "<{}", piece.chars().take(60).collect::<String>());
        let attributes = piece.split('>').next().unwrap();
        assert!(!attributes.contains("onerror") && !attributes.contains("onload"), "{attributes}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("&lt;script&gt;"));
}

#[test]
fn a_drawing_that_is_more_than_a_drawing_is_left_out() {
    let page =
        shown(Format::Html, &Options { graph_svg: Some("<svg onload=alert(1)></svg>".into()), ..Options::default() });
    assert!(!page.contains("onload=alert(1)></svg>") && page.contains("was left out"));
}

#[test]
fn markdown_has_no_html_no_mention_and_no_broken_row() {
    let page = shown(Format::Markdown, &everything());
    let mut fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            assert!(!line.contains("<script") && !line.contains("<img") && !line.contains("@all"), "{line}");
            if line.starts_with("| ") && !line.contains("---") {
                let cells = line.replace("\\|", "").matches('|').count();
                assert!((4..=5).contains(&cells), "{line}");
            }
        }
    }
    assert!(!fenced);
}

#[test]
fn an_annotation_is_one_line_and_a_name_cannot_start_another() {
    for line in shown(Format::Github, &everything()).lines() {
        assert!(
            ["::error title=", "::warning title=", "::notice title="].iter().any(|start| line.starts_with(start)),
            "{line}"
        );
        let properties = line.trim_start_matches("::").split_once("::").unwrap().0;
        assert_eq!(properties.matches(':').count() + properties.matches(',').count(), 0, "{line}");
    }
}
