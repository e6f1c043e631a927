//! The detector on Numenta's Anomaly Benchmark, scored as its standard profile does (Lavin and Ahmad 2015): a probation of
//! 15 %, sigmoid weights, one threshold for the whole corpus, 0 for who says nothing and 100 for who is perfect. Needs the
//! folder `nab` of `KEELGUARD_TEST_DATA`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keelguard_signs::performance::detect::Detector;
use keelguard_signs::performance::series::{Reader, open};

/// A series, its scores, and its windows as places in it.
struct File {
    scores: Vec<f64>,
    windows: Vec<(usize, usize)>,
}

fn load(root: &Path) -> Vec<File> {
    let text = std::fs::read_to_string(root.join("combined_windows.json")).unwrap();
    let labels: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_str(&text).unwrap();
    let stamp = |text: &str| -> i64 {
        let time: jiff::civil::DateTime = text.parse().unwrap();
        jiff::tz::TimeZone::UTC.to_timestamp(time).unwrap().as_second()
    };
    let mut files = Vec::new();
    for (name, windows) in labels {
        let mut reader = Reader::new(open(&root.join("data").join(name)).unwrap(), None).unwrap();
        let (mut detector, mut times, mut scores) = (Detector::new(), Vec::new(), Vec::new());
        while let Some(row) = reader.next_row().unwrap() {
            let (second, value) = row.point.unwrap();
            times.push(second);
            scores.push(detector.see(second, value).score);
        }
        let place = |[from, to]: &[String; 2]| {
            let first = times.iter().position(|time| *time >= stamp(from)).unwrap();
            (first, times.iter().rposition(|time| *time <= stamp(to)).unwrap())
        };
        files.push(File { windows: windows.iter().map(place).collect(), scores });
    }
    files
}

fn sigmoid(place: f64) -> f64 {
    if place > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * place).exp()) - 1.0 }
}

#[expect(clippy::cast_precision_loss, reason = "places in a series")]
fn worth(file: &File, at: usize) -> (Option<usize>, f64) {
    if let Some(index) = file.windows.iter().position(|window| window.0 <= at && at <= window.1) {
        let (from, to) = file.windows[index];
        return (Some(index), sigmoid(-((to - at + 1) as f64) / (to - from + 1) as f64) / sigmoid(-1.0));
    }
    match file.windows.iter().rfind(|window| window.1 < at) {
        None => (None, -0.11),
        Some((from, to)) => (None, 0.11 * sigmoid((at - to) as f64 / (to - from) as f64)),
    }
}

/// The best score over all thresholds, and that threshold.
#[expect(clippy::cast_precision_loss, reason = "counts of windows")]
fn score(files: &[File]) -> (f64, f64) {
    let mut points: Vec<(f64, usize, usize)> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let probation = (file.scores.len() * 15 / 100).min(750);
        points.extend((probation..file.scores.len()).map(|at| (file.scores[at], index, at)));
    }
    points.sort_by(|a, b| b.0.total_cmp(&a.0));
    let windows: usize = files.iter().map(|file| file.windows.len()).sum();
    let mut found: Vec<Vec<f64>> = files.iter().map(|file| vec![-1.0; file.windows.len()]).collect();
    let (mut total, mut best) = (-(windows as f64), (-(windows as f64), 1.0));
    let mut points = points.into_iter().peekable();
    while let Some((threshold, index, at)) = points.next() {
        match worth(&files[index], at) {
            (Some(window), value) => {
                let known = &mut found[index][window];
                total += (value - *known).max(0.0);
                *known = known.max(value);
            }
            (None, value) => total += value,
        }
        let is_last_of_its_score = points.peek().is_none_or(|next| next.0 < threshold);
        if is_last_of_its_score && total > best.0 {
            best = (total, threshold);
        }
    }
    (100.0 * (best.0 + windows as f64) / (2.0 * windows as f64), best.1)
}

#[test]
fn the_detector_scores_above_72_on_the_part_of_the_benchmark_that_is_here() {
    let Some(root) = std::env::var_os("KEELGUARD_TEST_DATA").map(|data| PathBuf::from(data).join("nab")) else {
        eprintln!("skipped: KEELGUARD_TEST_DATA is not set");
        return;
    };
    let files = load(&root);
    let (score, threshold) = score(&files);
    println!("NAB, standard profile, {} files: {score:.2} at {threshold:.4}", files.len());
    assert!(score > 72.0, "{score}");
    // One threshold over all files, and the middle of the scale is where it lies.
    assert!((0.4..0.6).contains(&threshold), "{threshold}");
}
