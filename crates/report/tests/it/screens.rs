//! What people read.

use keelguard_model::{Area, Severity};
use keelguard_report::{
    BenchmarkRow, BenchmarkSummary, Error, Format, Options, Outcome, compare, empty_report, explain, read_report,
    render, render_benchmark, rule_list, rules_markdown,
};
use unicode_width::UnicodeWidthStr;

use crate::sample;

pub fn shown(format: Format, options: &Options) -> String {
    let mut page = Vec::new();
    render(&sample::report(), format, options, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn table(width: usize) -> Options {
    Options { width, ..Options::default() }
}

#[test]
fn the_screen_at_a_hundred_columns() {
    insta::assert_snapshot!(shown(Format::Table, &table(100)));
}

#[test]
fn the_screen_at_eighty_columns() {
    insta::assert_snapshot!(shown(Format::Table, &table(80)));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(shown(
        Format::Markdown,
        &Options { min_severity: Some(Severity::High), ..Options::default() }
    ));
}

#[test]
fn github() {
    insta::assert_snapshot!(shown(
        Format::Github,
        &Options { min_severity: Some(Severity::High), ..Options::default() }
    ));
}

#[test]
fn two_dozen_containers_with_a_hundred_and_fifty_findings_fit_two_screens() {
    let lines = shown(Format::Table, &table(100)).lines().count();
    assert!(sample::report().findings.len() > 150);
    assert!(lines <= 100, "{lines} lines");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [60, 80, 100, 120, 200] {
        for all in [false, true] {
            for line in shown(Format::Table, &Options { all, width, ..Options::default() }).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn colour_only_repeats_what_the_words_say() {
    let plain = shown(Format::Table, &table(100));
    let coloured = shown(Format::Table, &Options { color: true, ..table(100) });
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}["));
    let mut stripped = String::new();
    for (index, piece) in coloured.split('\u{1b}').enumerate() {
        stripped.push_str(if index == 0 { piece } else { piece.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn unfolded_every_finding_is_there_with_its_whole_command() {
    let all = shown(Format::Table, &Options { all: true, width: 200, ..Options::default() });
    assert_eq!(all.matches("No health check").count(), sample::NAMES.len() + 1);
    assert!(all.contains("--memory 512m nginx:1.27"));
    assert!(!all.contains("Folded away   6"), "{all}");
}

#[test]
fn the_least_severity_filters_findings_but_not_verdicts() {
    let options = Options { min_severity: Some(Severity::Critical), ..Options::default() };
    let page = shown(Format::Table, &options);
    assert!(!page.contains("No memory limit") && page.contains("▲ AMBER") && page.contains("below --min-severity"));
    let report = read_report(shown(Format::Json, &options).as_bytes()).unwrap();
    assert_eq!(report.areas, sample::report().areas);
    assert!(report.findings.iter().all(|finding| finding.severity == Severity::Critical));
}

#[test]
fn a_baseline_tells_new_fixed_and_unchanged() {
    let (mut old, new) = (sample::report(), sample::report());
    let mut gone = old.findings.remove(0);
    gone.fingerprint = "gone".into();
    old.findings.push(gone);
    let changes = compare(&old, &new);
    assert_eq!((changes.new.len(), changes.fixed.len(), changes.unseen.len()), (1, 1, 0));
    let page = shown(Format::Table, &Options { baseline: Some(changes.clone()), ..Options::default() });
    assert!(page.contains("Since the baseline: 1 new, 1 fixed, ") && page.contains("NEW "), "{page}");
    let json = shown(Format::Json, &Options { baseline: Some(changes), ..Options::default() });
    assert!(json.contains("\"unchanged\"") && read_report(json.as_bytes()).is_ok());
}

#[test]
fn what_a_blinder_run_does_not_see_is_not_called_fixed() {
    let (mut old, mut new) = (sample::report(), sample::report());
    old.incomplete.clear();
    new.findings.retain(|finding| finding.area != Area::Breakout);
    let changes = compare(&old, &new);
    assert!(changes.fixed.is_empty() && !changes.unseen.is_empty());
}

#[test]
fn a_clean_report_says_so_and_an_unknown_area_does_not() {
    let mut page = Vec::new();
    render(&empty_report("x"), Format::Table, &Options::default(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("? UNKNOWN") && page.contains("nobody") && !page.contains("GREEN"), "{page}");
}

#[test]
fn the_benchmark_counts_and_shows_what_is_to_be_done() {
    let row = |section: &str, outcome| BenchmarkRow {
        section: section.into(),
        title: "Ensure that it is so".into(),
        outcome,
        note: "web, api".into(),
    };
    let rows = [
        row("1.1.1", Outcome::Manual),
        row("2.1", Outcome::Pass),
        row("5.4", Outcome::Fail),
        row("7.1", Outcome::NotApplicable),
    ];
    let summary = BenchmarkSummary::of("CIS Docker Benchmark 1.6.0", "edge-07", &rows);
    assert_eq!(summary.score, Some(50));
    let mut page = Vec::new();
    render_benchmark(&rows, &summary, Format::Table, &Options::default(), &mut page).unwrap();
    insta::assert_snapshot!(String::from_utf8(page).unwrap());
    for format in [Format::Json, Format::Jsonl, Format::Markdown, Format::Html, Format::Junit] {
        let mut page = Vec::new();
        render_benchmark(&rows, &summary, format, &Options::default(), &mut page).unwrap();
        assert!(String::from_utf8(page).unwrap().contains("5.4"));
    }
    let refused = render_benchmark(&rows, &summary, Format::Sarif, &Options::default(), &mut Vec::new());
    assert!(matches!(refused, Err(Error::NoBenchmark(Format::Sarif))));
}

#[test]
fn a_rule_is_explained_in_sentences_and_the_page_says_that_it_is_generated() {
    let rule = keelguard_model::find_rule("KG-B003").unwrap();
    let text = explain(rule, false, 80);
    for expected in [rule.title, "What is wrong", "Why it matters", "How to fix it", "T1611"] {
        assert!(text.contains(expected), "{text}");
    }
    assert!(rule_list(keelguard_model::rules(), false, 80).contains("KG-B003"));
    assert!(rules_markdown().starts_with("<!-- Generated"));
}

#[test]
fn reports_of_another_schema_or_cut_off_are_refused_with_a_sentence() {
    let read = |text: &str| read_report(text.as_bytes()).unwrap_err().to_string();
    assert!(read("{\"schema\": \"keelguard.report/2\"}").contains("newer"));
    assert!(read("{\"schema\": \"keelguard.facts/1\"}").contains("is \"keelguard.facts/1\""));
    assert!(read("{}").contains("its schema is"));
    let whole = shown(Format::Json, &Options::default());
    assert!(read(&whole[..whole.len() / 2]).contains("damaged"));
    assert!(read(&"[".repeat(100_000)).contains("damaged"));
}

#[test]
fn a_closed_pipe_is_told_from_a_full_disk() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in Format::ALL {
        assert!(
            render(&sample::report(), format, &Options::default(), &mut Closed).unwrap_err().is_closed_pipe(),
            "{format}"
        );
        assert_eq!(format.name().parse(), Ok(format));
    }
}
