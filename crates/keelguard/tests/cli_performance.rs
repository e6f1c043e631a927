//! `keelguard signs performance` as its users run it: a series, sysstat's own files, a real Prometheus server, a hostile one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod support;

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Home, code, stderr};

/// Twelve days of a value each five minutes, quiet but for what `odd` says.
fn series(odd: impl Fn(i64) -> Option<f64>) -> String {
    let (mut text, mut seed) = ("timestamp,value\n".to_owned(), 13_u64);
    for index in 0..12 * 288_i64 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let noise = f64::from(u32::try_from(seed >> 40).unwrap()) / f64::from(1 << 23) - 1.0;
        let (day, minute) = (1 + index / 288, index % 288 * 5);
        let value = odd(index).unwrap_or(15.0 + 3.0 * noise);
        writeln!(text, "2014-04-{day:02} {:02}:{:02}:00,{value:.3}", minute / 60, minute % 60).unwrap();
    }
    text
}

fn rows(output: &std::process::Output) -> Vec<Vec<String>> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn csv_gives_each_row_back_in_order_with_a_score() {
    let home = Home::new();
    let text = series(|index| (index == 3000).then_some(95.0));
    home.write("cpu.csv", &text);
    let output = home.run(&["signs", "performance", "--series", "cpu.csv", "--format", "csv"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    let rows = rows(&output);
    assert_eq!(rows[0], ["timestamp", "value", "score"]);
    let given: Vec<String> = rows[1..].iter().map(|row| format!("{},{}", row[0], row[1])).collect();
    assert_eq!(given, text.lines().skip(1).collect::<Vec<_>>());
    let scores: Vec<f64> = rows[1..].iter().map(|row| row[2].parse().unwrap()).collect();
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    let greatest = scores.iter().copied().fold(0.0, f64::max);
    assert!(scores[3000] >= greatest && greatest > 0.8, "{} of {greatest}", scores[3000]);
}

#[test]
fn a_spike_is_told_with_what_is_usual_and_since_when() {
    let home = Home::new();
    home.write("cpu.csv", series(|index| (3000..3003).contains(&index).then_some(95.0)));
    let said = home.says(&["signs", "performance", "--series", "cpu.csv", "--all"]);
    assert!(said.contains("KG-P001"), "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("usually 12–18 lately, up to 95 from 2014-04-11 10:00"), "{said}");
}

#[test]
fn a_quiet_series_is_clean() {
    let home = Home::new();
    home.write("cpu.csv", series(|_| None));
    let output = home.run(&["signs", "performance", "--series", "cpu.csv", "--fail-on", "info"]);
    assert_eq!(code(&output), 0, "{}", home.shown(&output));
}

#[test]
fn rows_that_say_nothing_score_0_are_counted_and_the_run_is_partial() {
    let home = Home::new();
    home.write("bad.csv", "timestamp,value\n2014-04-01 00:00:00,NaN\nnever,1\n2014-04-01 00:05:00,2\n\"a,b\",\n");
    let output = home.run(&["signs", "performance", "--series", "bad.csv", "--format", "csv"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let known = "timestamp,value,score\n2014-04-01 00:00:00,NaN,0.000000\nnever,1,0.000000\n\
                 2014-04-01 00:05:00,2,0.000000\n\"a,b\",,0.000000\n";
    assert_eq!(text, known);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(stderr(&output).contains("2 rows: they have no time"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_a_series_is_said_with_what_to_type() {
    let home = Home::new();
    home.write("empty.csv", "");
    home.write("other.csv", "a,b\n1,2\n");
    home.write("noise.csv", [0x1f, 0x8b, 0xff, 0, 1, 2, 3]);
    for (file, words) in [
        ("empty.csv", "there is not one value in it"),
        ("other.csv", "call one of them \"timestamp\""),
        ("noise.csv", ""),
        ("missing.csv", "read missing.csv"),
    ] {
        let output = home.run(&["signs", "performance", "--series", file]);
        let said = home.shown(&output);
        assert!(code(&output) != 0 && said.contains(words), "{file}: {said}");
    }
    let output = home.run(&["signs", "performance", "--format", "csv"]);
    assert!(stderr(&output).contains("add --series FILE.csv"), "{}", stderr(&output));
}

#[test]
fn sysstats_own_files_are_read_and_too_few_records_are_no_clean_bill() {
    let sadc = "/usr/lib/sysstat/sadc";
    if !Path::new(sadc).exists() {
        eprintln!("skipped: sysstat is not installed");
        return;
    }
    let home = Home::new();
    let file = home.path("sa24");
    assert!(Command::new(sadc).args(["-S", "ALL", "1", "2"]).arg(&file).status().unwrap().success());
    let output = home.run(&["signs", "performance", "sa24", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["area"], "performance");
    assert!(report["lines"].as_u64().unwrap() >= 1 && report["events"].as_u64().unwrap() >= 5, "{report}");
    assert!(report["incomplete"].to_string().contains("too few to know what is usual"), "{report}");
    assert_eq!(code(&output), 3);
}

/// What is killed when the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn start(program: &str, arguments: &[String]) -> Option<Killed> {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok().map(Killed)
}

#[test]
fn a_real_prometheus_server_is_asked_for_what_node_exporter_measures() {
    let home = Home::new();
    let (exporter, server) = (free_port(), free_port());
    let Some(_exporter) = start("prometheus-node-exporter", &[format!("--web.listen-address=127.0.0.1:{exporter}")])
    else {
        eprintln!("skipped: prometheus-node-exporter is not installed");
        return;
    };
    let settings = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: node, static_configs: [{{targets: [\"127.0.0.1:{exporter}\"]}}]}}]\n"
    );
    let file = home.write("prometheus.yml", settings);
    let arguments = [
        format!("--config.file={}", file.display()),
        format!("--storage.tsdb.path={}", home.path("tsdb").display()),
        format!("--web.listen-address=127.0.0.1:{server}"),
    ];
    let Some(_server) = start("prometheus", &arguments) else {
        eprintln!("skipped: prometheus is not installed");
        return;
    };
    let url = format!("http://127.0.0.1:{server}");
    let begin = Instant::now();
    // It has to start and to scrape; until then it refuses, or has nothing.
    let report = loop {
        let arguments =
            ["signs", "performance", "--prometheus", &url, "--step", "1s", "--since", "1h", "--format", "json"];
        let output = home.run(&arguments);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if report["events"].as_u64().is_some_and(|events| events > 10) {
            assert_eq!(code(&output), 3, "a minute is too little to know what is usual");
            break report;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{}", home.shown(&output));
    };
    let said = report["incomplete"].to_string();
    assert!(said.contains(&format!("127.0.0.1:{exporter}")) && said.contains("too few to know"), "{said}");
    let wrong = home.run(&["signs", "performance", "--prometheus", &url, "--query", "sum(", "--format", "json"]);
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("parse error"), "{}", home.shown(&wrong));
    assert_eq!(code(&wrong), 3);
}

/// A server that answers every request with this.
fn answering(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 8192];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}")
}

fn http(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[test]
fn hostile_servers_are_told_of_in_words() {
    let home = Home::new();
    let endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{".to_vec();
    let deep = http("200 OK", &"[".repeat(200_000));
    let elsewhere = b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n".to_vec();
    for (answer, words) in [
        (endless, "larger than"),
        (deep, "understand its answer"),
        (elsewhere, "redirects to"),
        (http("401 Unauthorized", "who are you"), "prometheus_token_file"),
        (http("200 OK", "{\"status\":\"error\",\"error\":\"no\\u001b[2J\"}"), "answered: no"),
        (b"SSH-2.0-nothing\r\n".to_vec(), ""),
    ] {
        let output = home.run(&["signs", "performance", "--prometheus", &answering(answer), "--query", "up"]);
        let said = home.shown(&output);
        assert!(matches!(code(&output), 2 | 3) && said.contains(words), "{words}: {said}");
        assert!(!said.contains('\u{1b}'), "{said}");
    }
    let output = home.run(&["signs", "performance", "--prometheus", "127.0.0.1:9090"]);
    assert!(stderr(&output).contains("http://127.0.0.1:9090"), "{}", stderr(&output));
}

#[test]
fn a_login_goes_to_the_server_and_stands_in_a_file() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 8192];
        let count = stream.read(&mut request).unwrap();
        let empty = http("200 OK", "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}");
        stream.write_all(&empty).unwrap();
        String::from_utf8_lossy(&request[..count]).into_owned()
    });
    let home = Home::new();
    let token = home.write("token", "s3cret\n");
    let mut command = home.command(&["signs", "performance", "--prometheus", &url, "--query", "up", "--since", "1h"]);
    command.env("KEELGUARD_PROMETHEUS_TOKEN_FILE", &token);
    let output = home.output(command);
    assert!(home.shown(&output).contains("no values of any of these queries"), "{}", home.shown(&output));
    let request = asked.join().unwrap().to_lowercase();
    assert!(request.contains("authorization: bearer s3cret"), "{request}");
    assert!(request.starts_with("get /api/v1/query_range?query=up&"), "{request}");
}
