//! What is everyday stays silent, what is not is told of once.

use super::*;

/// A Monday, 2026-10-05.
const MONDAY: i64 = 1_791_158_400;

fn event(kind: Kind, time: i64) -> Event {
    Event {
        kind,
        time,
        host: "mx".into(),
        sender: Some("ann@shop.example".into()),
        domain: Some("example.org".into()),
        client: "192.0.2.7".parse().ok(),
        user: Some("ann".into()),
        local: None,
        size: 1000,
        recipients: 1,
        reason: None,
        is_outbound: true,
        is_again: false,
    }
}

/// Sends `many` messages within an hour: each is queued and sent.
fn send(detectors: &mut Detectors, time: i64, many: i64, change: impl Fn(&mut Event)) {
    for number in 0..many {
        for kind in [Kind::Queued, Kind::Sent] {
            let mut event = event(kind, time + number * 3500 / many.max(1));
            change(&mut event);
            detectors.take(&event);
        }
    }
}

/// Office hours of a small company for so many days.
fn office(detectors: &mut Detectors, days: i64) {
    for day in 0..days {
        let is_weekend = matches!(day % 7, 5 | 6);
        for hour in 0..24 {
            let many = match hour {
                8..=17 if !is_weekend => 12 + (day * 7 + hour * 3) % 9,
                _ => i64::from(hour % 6 == 0),
            };
            send(detectors, MONDAY + day * DAY + hour * HOUR, many, |_| {});
        }
    }
}

fn told(detectors: &Detectors) -> Vec<String> {
    detectors.findings().iter().map(|finding| format!("{} {}", finding.rule, finding.subject.name)).collect()
}

#[test]
fn office_hours_and_weekends_are_everyday() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 60);
    assert_eq!(told(&detectors), Vec::<String>::new());
}

#[test]
fn a_newsletter_each_tuesday_is_everyday_from_the_second_week_on() {
    let mut detectors = Detectors::new(Limits::default());
    for week in 0..8 {
        let time = MONDAY + (week * 7 + 1) * DAY + 9 * HOUR;
        send(&mut detectors, time, 2000 + week * 150, |event| {
            event.user = Some("news".into());
            event.sender = Some("news@shop.example".into());
        });
    }
    assert_eq!(told(&detectors), Vec::<String>::new());
}

#[test]
fn a_stolen_password_is_told_of_once_with_what_else_shows_it() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 21);
    send(&mut detectors, MONDAY + 21 * DAY + 3 * HOUR, 900, |_| {});
    assert_eq!(told(&detectors), ["KG-S040 ann"]);
    let finding = detectors.findings().remove(0);
    assert!(finding.title.starts_with("ann sent to 900 recipients within an hour"), "{}", finding.title);
    let also = finding.evidence.iter().filter(|evidence| evidence.what == "also").count();
    assert!(also >= 2, "the sender's and the host's counts are evidence: {finding:?}");
}

#[test]
fn a_surge_that_goes_on_for_three_days_is_one_finding() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 21);
    for hour in 0..72 {
        send(&mut detectors, MONDAY + (21 * 24 + hour) * HOUR, 200, |_| {});
    }
    assert_eq!(told(&detectors), ["KG-S040 ann"]);
}

#[test]
fn spam_that_drips_all_day_is_seen_by_the_day() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 21);
    for hour in 0..24 {
        send(&mut detectors, MONDAY + (21 * 24 + hour) * HOUR, 60, |_| {});
    }
    let finding = detectors.findings().remove(0);
    assert!(finding.title.contains("within a day"), "{}", finding.title);
}

#[test]
fn a_web_server_that_never_sent_mail_and_now_does_is_told_of() {
    let mut detectors = Detectors::new(Limits::default());
    detectors.name(Names::of_passwd("root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n"));
    office(&mut detectors, 14);
    send(&mut detectors, MONDAY + 14 * DAY + 2 * HOUR, 40, |event| {
        (event.user, event.client, event.local) = (None, None, Some("33".into()));
        event.sender = Some("www-data@web".into());
    });
    assert_eq!(told(&detectors), ["KG-S041 www-data"]);
}

#[test]
fn a_container_that_suddenly_sends_mail_is_named() {
    let mut detectors = Detectors::new(Limits::default());
    let mut names = Names::default();
    names.container("172.17.0.5".parse().unwrap(), "shop-web");
    detectors.name(names);
    office(&mut detectors, 14);
    send(&mut detectors, MONDAY + 14 * DAY + 2 * HOUR, 40, |event| {
        (event.user, event.client) = (None, "172.17.0.5".parse().ok());
        event.sender = Some("x@shop.example".into());
    });
    assert_eq!(told(&detectors), ["KG-S041 shop-web"]);
}

#[test]
fn a_job_that_mails_the_administrator_each_night_is_everyday() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 9);
    for night in 9..40 {
        send(&mut detectors, MONDAY + night * DAY + 3 * HOUR, 3, |event| {
            (event.user, event.client, event.local) = (None, None, Some("0".into()));
            event.sender = Some("root@mx".into());
        });
    }
    assert_eq!(told(&detectors), Vec::<String>::new());
}

#[test]
fn bounces_count_where_they_are_many_of_what_was_sent() {
    let bounced = |sent: i64, back: i64| {
        let mut detectors = Detectors::new(Limits::default());
        for day in 0..20 {
            send(&mut detectors, MONDAY + day * DAY + 9 * HOUR, 500, |_| {});
        }
        let time = MONDAY + 20 * DAY + 9 * HOUR;
        send(&mut detectors, time, sent, |_| {});
        (0..back).for_each(|number| detectors.take(&event(Kind::Bounced, time + 3500 + number / 10)));
        told(&detectors)
    };
    assert_eq!(bounced(500, 60), Vec::<String>::new(), "an old list is everyday");
    assert_eq!(bounced(200, 60), ["KG-S042 ann@shop.example"]);
}

#[test]
fn a_login_from_many_networks_in_an_hour_is_a_shared_password() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 21);
    for number in 0..15u8 {
        let mut event = event(Kind::Queued, MONDAY + 21 * DAY + 10 * HOUR + i64::from(number));
        event.client = Some(IpAddr::from([100 + number, 7, 0, 1]));
        detectors.take(&event);
    }
    assert_eq!(told(&detectors), ["KG-S048 ann"]);
}

#[test]
fn retries_to_a_domain_that_is_down_are_no_surge() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 21);
    for number in 0..2000 {
        let mut event = event(Kind::Deferred, MONDAY + 21 * DAY + number * 30);
        event.is_again = number > 5;
        detectors.take(&event);
    }
    assert_eq!(told(&detectors), Vec::<String>::new());
}

#[test]
fn one_day_of_logs_is_judged_by_nobody_and_that_is_said() {
    let mut detectors = Detectors::new(Limits::default());
    send(&mut detectors, MONDAY, 5000, |_| {});
    assert!(detectors.findings().is_empty());
    assert_eq!(detectors.incomplete().len(), 1);
}

#[test]
fn a_million_invented_senders_take_no_more_memory_and_the_login_still_shows() {
    let mut detectors = Detectors::new(Limits { series: 500, ..Limits::default() });
    office(&mut detectors, 21);
    for number in 0..50_000 {
        let mut event = event(Kind::Sent, MONDAY + 21 * DAY + number / 20);
        event.sender = Some(format!("x{number}@shop.example").into());
        detectors.take(&event);
        event.kind = Kind::Queued;
        detectors.take(&event);
    }
    assert!(told(&detectors).contains(&"KG-S040 ann".to_owned()), "{:?}", told(&detectors));
    assert!(detectors.series.iter().count() <= 500 && detectors.series.forgotten > 0);
}

#[test]
fn what_was_saved_goes_on_as_if_nothing_had_been() {
    let mut detectors = Detectors::new(Limits::default());
    office(&mut detectors, 21);
    let saved = serde_json::to_string(&detectors).unwrap();
    let mut back: Detectors = serde_json::from_str(&saved).unwrap();
    for detectors in [&mut detectors, &mut back] {
        send(detectors, MONDAY + 21 * DAY + 3 * HOUR, 900, |_| {});
    }
    assert_eq!(detectors.findings(), back.findings());
    assert_eq!(told(&back), ["KG-S040 ann"]);
}
