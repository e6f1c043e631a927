//! `keelguard signs spam` as its users run it: formats, exit codes, learning, hostile input.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod support;

use support::{Home, code, stderr};

const PRIZE: &str = "URGENT! You have won a 1000 pound prize GUARANTEED. To claim call 09061701461 now. 150ppm";

fn spam_mail(number: usize) -> String {
    format!(
        "Return-Path: <winner{number}@offers.example>\nFrom: \"Best Offers\" <winner{number}@offers.example>\n\
         Received: from laptop ([192.0.2.7]) (Authenticated sender: ann@shop.example) by mx.shop.example\n\
         To: undisclosed-recipients:;\nSubject: FREE!!! Make money fast, lose weight now {number}\nX-Priority: 1\n\
         MIME-Version: 1.0\nContent-Type: text/html; charset=\"us-ascii\"\n\n<html><body bgcolor=#ffffff><center><font color=red size=5>\
         CLICK HERE</font> to order Viagra with 100% money back guarantee! <a href=\"http://10.1.2.3/cgi-bin/x\">Click here</a> \
         to be removed from our mailing list.</center></body></html>\n"
    )
}

const LUNCH: &str = "Return-Path: <bob@home.example>\nFrom: Bob <bob@home.example>\nTo: dev@lists.home.example\nSubject: Re: [dev] lunch and the patch\n\
    In-Reply-To: <1@home.example>\nReferences: <1@home.example>\nMessage-Id: <2@home.example>\nList-Id: <dev.lists.home.example>\n\n\
    On Tuesday Ann wrote:\n> shall we?\n\nSure. The patch for the parser is in CVS, I think it breaks the build on Linux though.\n\nBob\n";

fn put(home: &Home, name: &str, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(home.path(name).parent().unwrap()).unwrap();
    home.write(name, content);
}

fn lines(out: &[u8]) -> Vec<serde_json::Value> {
    std::str::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_message_gets_a_line_with_path_score_and_reasons_in_the_order_of_the_input() {
    let home = Home::new();
    put(&home, "Maildir/new/2", spam_mail(1));
    put(&home, "Maildir/cur/1:2,S", LUNCH);
    put(&home, "Maildir/tmp/3", spam_mail(3));
    let out = home.run(&["signs", "spam", "Maildir", "--format", "jsonl"]);
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    let lines = lines(&out.stdout);
    let paths: Vec<&str> = lines.iter().filter_map(|line| line["path"].as_str()).collect();
    assert_eq!(paths, ["Maildir/cur/1:2,S", "Maildir/new/2"]);
    let scores: Vec<f64> = lines.iter().filter_map(|line| line["score"].as_f64()).collect();
    assert!(scores[0] < 0.5 && scores[1] > 0.5, "{scores:?}");
    assert_eq!(lines[1]["reasons"].as_array().unwrap().len(), 3);
}

#[test]
fn lines_of_text_and_of_json_are_texts_with_who_reported_them() {
    let home = Home::new();
    let report = serde_json::json!({"time": "2026-11-24T08:00:00Z", "user": "ann", "text": PRIZE});
    home.write("reports.jsonl", format!("{report}\n{{\"text\": 7}}\n"));
    let out = home.run(&["signs", "spam", "reports.jsonl", "--format", "jsonl"]);
    assert_eq!(code(&out), 3, "a line that cannot be read is said");
    assert!(stderr(&out).contains("reports.jsonl"), "{}", stderr(&out));
    let line = &lines(&out.stdout)[0];
    assert_eq!((line["kind"].as_str(), line["from"].as_str()), (Some("text"), Some("ann")));
    assert!(line["score"].as_f64().unwrap() > 0.9);
    home.write("plain.txt", format!("see you at the station, bit late\n{PRIZE}\n"));
    let out = home.run(&["signs", "spam", "--kind", "text", "plain.txt", "--format", "csv"]);
    let text = String::from_utf8(out.stdout).unwrap();
    let opinions: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(4)).collect();
    assert_eq!(opinions, ["ham", "spam"]);
}

#[test]
fn spam_among_the_sent_mail_is_a_finding_with_the_account_and_fails_where_asked() {
    let home = Home::new();
    for number in 0..8 {
        put(&home, &format!("Maildir/.Sent/cur/{number}"), spam_mail(number));
    }
    put(&home, "Maildir/.Sent/new/9", LUNCH);
    let out = home.run(&["signs", "spam", "Maildir/.Sent", "--format", "json", "--fail-on", "high"]);
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        (code(&out), report["verdict"].as_str(), report["schema"].as_str()),
        (1, Some("red"), Some("keelguard.spam/1"))
    );
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "KG-S001");
    assert!(finding["evidence"].to_string().contains("ann@shop.example"), "{finding}");
    assert_eq!(report["messages"].as_array().unwrap().len(), 9);
}

#[test]
fn what_is_learnt_changes_the_verdict_until_it_is_learnt_as_the_opposite() {
    let home = Home::new();
    home.write("mail.eml", LUNCH);
    let score = || {
        let out = home.run(&["signs", "spam", "mail.eml", "--format", "jsonl"]);
        lines(&out.stdout)[0]["score"].as_f64().unwrap()
    };
    let before = score();
    let out = home.run(&["signs", "spam", "learn", "--spam", "mail.eml"]);
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    assert!(score() > 0.9);
    home.run(&["signs", "spam", "learn", "--ham", "mail.eml"]);
    assert!(score() < 0.1);
    home.run(&["signs", "spam", "learn", "--forget", "mail.eml"]);
    assert!((score() - before).abs() < f64::EPSILON);
    assert_eq!(code(&home.run(&["signs", "spam", "learn", "mail.eml"])), 2, "as what?");
}

#[test]
fn nothing_to_judge_is_never_called_clean() {
    let home = Home::new();
    home.write("empty.eml", "");
    std::fs::create_dir(home.path("folder")).unwrap();
    std::os::unix::fs::symlink("..", home.path("folder/loop")).unwrap();
    for what in ["missing", "empty.eml", "folder"] {
        let out = home.run(&["signs", "spam", what, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!((code(&out), report["verdict"].as_str()), (3, Some("unknown")), "{what}");
    }
    assert_eq!(code(&home.run(&["signs", "spam"])), 2);
}

#[test]
fn a_strangers_subject_cannot_steer_the_terminal_or_a_spreadsheet() {
    let home = Home::new();
    home.write("x.eml", spam_mail(1).replace("Subject: ", "Subject: =HYPERLINK(\"x\")\u{1b}[2J "));
    let table = home.run(&["signs", "spam", "x.eml"]);
    assert!(!table.stdout.contains(&0x1b));
    let csv = String::from_utf8(home.run(&["signs", "spam", "x.eml", "--format", "csv"]).stdout).unwrap();
    assert!(csv.contains("\"'=HYPERLINK"), "{csv}");
}
