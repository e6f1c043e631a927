//! Every row is held to its sample; the lines of one message are put together.

use super::*;

fn clock() -> Clock {
    Clock::utc("2026-12-31T00:00:00Z".parse().unwrap())
}

fn events(lines: &[&str]) -> Vec<Event> {
    let (mut clock, mut join) = (clock(), Join::new(100));
    lines.iter().filter_map(|line| join.see(&parse_line(line.as_bytes(), &mut clock)?)).collect()
}

#[test]
fn each_row_takes_its_own_sample_and_no_other_row_does() {
    for row in rows() {
        let mut clock = clock();
        let seen = parse_line(row.sample.as_bytes(), &mut clock).unwrap_or_else(|| panic!("nothing: {}", row.sample));
        assert_eq!(seen.kind, Some(row.kind), "another row takes {}", row.sample);
        assert!(seen.time.is_some(), "{}", row.sample);
        assert!(!row.gaps_touch(), "{}", row.sample);
    }
}

#[test]
fn the_lines_of_one_message_find_together() {
    let seen = events(&[
        "Nov 24 08:10:02 mx postfix/submission/smtpd[42]: 4F1C: client=laptop[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@shop.example",
        "Nov 24 08:10:02 mx postfix/qmgr[45]: 4F1C: from=<ann@shop.example>, size=2345, nrcpt=2 (queue active)",
        "Nov 24 08:10:03 mx postfix/smtp[46]: 4F1C: to=<bob@Example.org>, relay=mx.example.org[198.51.100.9]:25, delay=0.5, dsn=2.0.0, status=sent (250 Ok)",
        "Nov 24 08:10:03 mx postfix/qmgr[45]: 4F1C: removed",
    ]);
    let [queued, sent, _] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((queued.kind, queued.recipients, queued.size), (Kind::Queued, 2, 2345));
    assert_eq!(sent.user.as_deref(), Some("ann@shop.example"));
    assert_eq!((sent.domain.as_deref(), sent.client), (Some("example.org"), "192.0.2.7".parse().ok()));
    assert!(sent.is_outbound);
}

#[test]
fn a_filter_on_this_host_is_not_the_world() {
    let seen = events(&[
        "Nov 24 08:10:03 mx postfix/smtp[46]: 4F1C: to=<ann@shop.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.5, dsn=2.0.0, status=sent (250 Ok)",
    ]);
    assert!(!seen[0].is_outbound);
}

#[test]
fn a_sender_that_holds_the_words_of_another_line_is_still_a_sender() {
    let seen = events(&[
        "Nov 24 08:10:02 mx postfix/qmgr[45]: 4F1C: from=<\"x, status=sent (\"@evil.example>, size=2345, nrcpt=2 (queue active)",
    ]);
    assert_eq!(seen[0].kind, Kind::Queued);
}

#[test]
fn lines_of_logins_and_of_other_programs_are_no_mail() {
    for line in [
        "Nov 24 08:10:02 mx postfix/smtpd[42]: connect from unknown[192.0.2.7]",
        "Nov 24 08:10:02 mx sshd[42]: 4F1C2A3B: removed",
        "Nov 24 08:10:02 mx postfix/qmgr[42]: warning: please avoid flushing the whole queue",
        "",
    ] {
        assert_eq!(parse_line(line.as_bytes(), &mut clock()), None, "{line}");
    }
}
