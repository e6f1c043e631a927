//! What is said of whole logs, and that it is said again after the state was saved anywhere.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::downtime::collect::{Reading, families, read};

fn happenings(log: &str) -> Vec<Happening> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("syslog");
    std::fs::write(&file, log).unwrap();
    let now = "2026-12-31T00:00:00Z".parse().unwrap();
    let reading = Reading { zone: TimeZone::UTC, ..Reading::everything(now) };
    let mut events = Vec::new();
    read(families(vec![file]), Vec::new(), &reading, &mut |event| events.push(event.clone()));
    events
}

fn judged(log: &str, windows: &[&str]) -> Judgement {
    let mut detectors = Detectors::new(Limits::default());
    see_all(&mut detectors, &happenings(log));
    let windows: Vec<Window> = windows.iter().map(|text| text.parse().unwrap()).collect();
    detectors.judge(&windows, &TimeZone::UTC)
}

fn see_all(detectors: &mut Detectors, events: &[Happening]) {
    for event in events {
        detectors.see(event);
    }
}

fn told(judgement: &Judgement) -> Vec<String> {
    judgement.findings.iter().map(|finding| format!("{} {}", finding.rule, finding.title)).collect()
}

fn has(judgement: &Judgement, rule: &str) -> bool {
    judgement.findings.iter().any(|finding| finding.rule == rule)
}

const LIVES: &str = "Nov 23 01:00:00 edge cron[9]: tick\nNov 23 02:59:50 edge cron[9]: tick\n";

#[test]
fn a_boot_after_ordinary_lines_is_a_machine_that_went_down_without_a_word() {
    let log = format!("{LIVES}Nov 23 03:05:00 edge kernel: Linux version 6.1.0\nNov 23 04:00:00 edge cron[9]: tick\n");
    let judgement = judged(&log, &[]);
    assert_eq!(
        told(&judgement),
        ["KG-T001 edge went down without shutting down at 2026-11-23 02:59:50, down for 5 minutes"]
    );
    let day = &judgement.subjects[0].measures[0];
    assert_eq!((day.covered_seconds, day.down_seconds, day.failures), (3 * 3600, 310, 1));
    assert_eq!((day.mtbf_seconds, day.mttr_seconds), (Some(3 * 3600 - 310), Some(310)));
}

#[test]
fn a_log_that_begins_with_a_boot_tells_of_no_outage() {
    let log = "Nov 23 03:05:00 edge kernel: Linux version 6.1.0\nNov 23 04:00:00 edge cron[9]: tick\n";
    let judgement = judged(log, &[]);
    assert_eq!(told(&judgement), [""; 0]);
    assert_eq!((judgement.subjects[0].starts, judgement.subjects[0].measures[3].covered_seconds), (1, 3300));
}

#[test]
fn a_boot_after_a_shutdown_is_none() {
    let log = format!(
        "{LIVES}Nov 23 03:00:00 edge systemd-logind[5]: The system will reboot now!\n\
         Nov 23 03:00:20 edge rsyslogd: exiting on signal 15.\nNov 23 03:01:00 edge kernel: Linux version 6.1.0\n"
    );
    let judgement = judged(&log, &[]);
    assert_eq!(
        told(&judgement),
        [
            "KG-T007 edge was shut down once outside of maintenance windows, last at 2026-11-23 03:00:20, down for 40 seconds"
        ]
    );
}

#[test]
fn what_lies_in_a_window_is_planned_and_counted_apart() {
    let log = format!(
        "{LIVES}Nov 23 03:00:00 edge systemd-logind[5]: The system will reboot now!\nNov 23 03:01:00 edge kernel: Linux version 6.1.0\n\
         Nov 23 03:30:00 edge cron[9]: tick\n"
    );
    let judgement = judged(&log, &["Mon 03:00-03:30"]);
    assert_eq!(told(&judgement), [""; 0]);
    let host = &judgement.subjects[0];
    assert_eq!(
        (host.outages, host.planned, host.measures[0].down_seconds, host.measures[0].planned_seconds),
        (0, 1, 0, 60)
    );
    assert_eq!(host.measures[0].availability, Some(1.0));
    assert_eq!(judgement.calendar.days.last().map(|day| (day.outages, day.planned)), Some((0, 1)));
}

#[test]
fn a_shutdown_that_was_called_off_is_none() {
    let log = format!(
        "{LIVES}Nov 23 03:00:00 edge systemd-logind[5]: System is rebooting.\nNov 23 03:20:00 edge cron[9]: tick\n\
         Nov 23 03:40:00 edge cron[9]: tick\n"
    );
    assert_eq!(told(&judged(&log, &[])), [""; 0]);
}

#[test]
fn a_panic_is_the_reason_of_the_boot_that_follows() {
    let log = format!(
        "{LIVES}Nov 23 03:00:00 edge kernel: [ 4711.1] Kernel panic - not syncing: Fatal exception in interrupt\n\
         Nov 23 03:02:00 edge kernel: Linux version 6.1.0\n"
    );
    let judgement = judged(&log, &[]);
    assert!(has(&judgement, "KG-T001") && has(&judgement, "KG-T002"));
    assert_eq!(judgement.subjects[0].last_outages[0].cause, "panic");
}

#[test]
fn what_happened_shortly_before_is_named() {
    let log = format!(
        "{LIVES}Nov 23 03:00:00 edge sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/reboot\n\
         Nov 23 03:00:01 edge systemd-logind[5]: The system will reboot now!\nNov 23 03:01:00 edge kernel: Linux version 6.1.0\n"
    );
    let judgement = judged(&log, &[]);
    let before: Vec<_> = judgement.findings[0]
        .evidence
        .iter()
        .filter(|piece| piece.what == "shortly before")
        .map(|piece| &piece.value)
        .collect();
    assert_eq!(before, ["2026-11-23T03:00:00Z alice ran as root: /usr/sbin/reboot"]);
}

#[test]
fn a_service_that_fails_five_times_in_five_minutes_is_in_a_loop() {
    let mut log = "Nov 23 03:00:00 edge systemd[1]: Started shop.service - The shop.\n".to_owned();
    for minute in 0..5 {
        write!(
            log,
            "Nov 23 03:0{minute}:10 edge systemd[1]: shop.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED\n\
             Nov 23 03:0{minute}:10 edge systemd[1]: shop.service: Failed with result 'exit-code'.\n\
             Nov 23 03:0{minute}:12 edge systemd[1]: shop.service: Scheduled restart job, restart counter is at {}.\n\
             Nov 23 03:0{minute}:12 edge systemd[1]: Started shop.service - The shop.\n",
            minute + 1
        )
        .unwrap();
    }
    log += "Nov 23 03:05:10 edge systemd[1]: shop.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED\n\
            Nov 23 03:05:11 edge systemd[1]: shop.service: Start request repeated too quickly.\n";
    let judgement = judged(&log, &[]);
    assert!(
        has(&judgement, "KG-T016") && has(&judgement, "KG-T015") && has(&judgement, "KG-T014"),
        "{:?}",
        told(&judgement)
    );
    let shop = judgement.subjects.iter().find(|row| row.subject.name == "shop.service").unwrap();
    assert_eq!((shop.failures, shop.restarts, shop.state.as_str()), (6, 5, "down"));
}

#[test]
fn an_old_systemd_that_names_no_unit_when_it_starts_one_counts_the_same_failures() {
    let mut log = String::new();
    for minute in 0..5 {
        write!(
            log,
            "Nov 23 03:0{minute}:10 edge systemd[1]: shop.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED\n\
             Nov 23 03:0{minute}:10 edge systemd[1]: shop.service: Failed with result 'exit-code'.\n\
             Nov 23 03:0{minute}:12 edge systemd[1]: shop.service: Scheduled restart job, restart counter is at {}.\n\
             Nov 23 03:0{minute}:12 edge systemd[1]: Started The shop.\n",
            minute + 1
        )
        .unwrap();
    }
    assert!(has(&judged(&log, &[]), "KG-T016"));
}

#[test]
fn every_night_at_three_is_told_with_its_rhythm_unless_it_is_planned() {
    let mut log = String::new();
    for day in 10..18 {
        write!(
            log,
            "Nov {day} 02:00:00 edge cron[9]: tick\nNov {day} 03:01:00 edge systemd-logind[5]: The system will reboot now!\n\
             Nov {day} 03:01:40 edge kernel: Linux version 6.1.0\nNov {day} 20:00:00 edge cron[9]: tick\n"
        )
        .unwrap();
    }
    let judgement = judged(&log, &[]);
    let regular = judgement.findings.iter().find(|finding| finding.rule == "KG-T030").unwrap();
    assert_eq!(
        regular.title,
        "edge goes down every day at about 03:01, to the minute: 8 of 8 outages did so, from 2026-11-10 03:01:00 to 2026-11-17 03:01:00"
    );
    assert!(has(&judgement, "KG-T006"));
    assert_eq!(judgement.calendar.hours.iter().map(|day| day[3]).sum::<u32>(), 8);
    let planned = judged(&log, &["daily 03:00-03:10"]);
    assert_eq!(told(&planned), [""; 0]);
    assert_eq!(planned.subjects[0].planned, 8);
}

#[test]
fn an_engine_that_starts_twice_without_a_stop_was_killed_unless_its_machine_was() {
    let start = |minute: u8| {
        format!(
            "Nov 23 03:{minute:02}:00 edge dockerd[7]: time=\"x\" level=info msg=\"Daemon has completed initialization\"\n"
        )
    };
    let unit = "Nov 23 03:01:02 edge systemd[1]: Started docker.service - Docker Application Container Engine.\n";
    let once = [LIVES, &start(1), unit, "Nov 23 03:30:00 edge cron[9]: tick\n"].concat();
    assert_eq!(told(&judged(&once, &[])), [""; 0]);
    let killed = [&once, start(40).as_str()].concat();
    let judgement = judged(&killed, &[]);
    assert!(
        told(&judgement)[0].contains("The engine was restarted once, once without being told to"),
        "{:?}",
        told(&judgement)
    );
    let rebooted = [&once, "Nov 23 03:35:00 edge kernel: Linux version 6.1.0\n", start(40).as_str()].concat();
    assert!(!has(&judged(&rebooted, &[]), "KG-T013"));
}

#[test]
fn a_time_that_no_log_covers_is_neither_up_nor_down() {
    let log = "Nov  1 00:00:00 edge cron[9]: tick\nNov  1 01:00:00 edge cron[9]: tick\nNov 20 00:00:00 edge cron[9]: tick\nNov 20 02:00:00 edge cron[9]: tick\n";
    let judgement = judged(log, &[]);
    let all = &judgement.subjects[0].measures[3];
    assert_eq!((all.covered_seconds, all.down_seconds, all.availability), (3 * 3600, 0, Some(1.0)));
    let empty = judgement.calendar.days.iter().find(|day| day.date == "2026-11-10").unwrap();
    assert_eq!(empty.covered_seconds, 0);
}

#[test]
fn a_boot_after_weeks_of_silence_claims_no_weeks_of_outage() {
    let log = "Nov  1 00:00:00 edge cron[9]: tick\nNov 20 00:00:00 edge kernel: Linux version 6.1.0\nNov 20 02:00:00 edge cron[9]: tick\n";
    let judgement = judged(log, &[]);
    assert!(told(&judgement)[0].contains("for how long is not known"), "{:?}", told(&judgement));
    assert_eq!(judgement.subjects[0].measures[3].down_seconds, 0);
}

#[test]
fn a_container_that_the_kernel_kills_is_named_by_its_id() {
    let id = "7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809";
    let mut log = String::new();
    for minute in 0..3 {
        write!(
            log,
            "Nov 23 03:1{minute}:00 edge kernel: [ 1.1] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=docker-{id}.scope,mems_allowed=0,oom_memcg=/system.slice/docker-{id}.scope,task_memcg=/system.slice/docker-{id}.scope,task=python3,pid=4242,uid=0\n\
             Nov 23 03:1{minute}:00 edge kernel: [ 1.1] Memory cgroup out of memory: Killed process 4242 (python3) total-vm:524288kB, anon-rss:1kB\n"
        )
        .unwrap();
    }
    let judgement = judged(&log, &[]);
    assert_eq!(
        told(&judgement),
        [
            "KG-T010 Container 7f3c9a1be02d lost processes that the kernel killed for want of memory 3 times, last at 2026-11-23 03:12:00 (python3)"
        ]
    );
}

#[test]
fn an_order_of_which_the_engine_tells_once_it_is_carried_out_is_an_order() {
    let event = |kind, micros: i64, code| Happening {
        subject: Some("shop".to_owned()),
        id: Some("7f3c".to_owned()),
        code,
        ..Happening::new(kind, Scope::Container, Channel::Engine, Timestamp::from_microsecond(micros).ok())
    };
    let begun = 1_764_000_000_000_000;
    let judge = |code| {
        let mut detectors = Detectors::new(Limits::default());
        detectors.see(&event(Kind::Started, begun, None));
        detectors.see(&event(Kind::Failed, begun + 60_000_000, Some(code)));
        detectors.see(&event(Kind::Ordered, begun + 60_900_000, None));
        detectors.see(&event(Kind::Failed, begun + 61_000_000, Some(code)));
        told(&detectors.judge(&[], &TimeZone::UTC))
    };
    assert_eq!(judge(137), [""; 0]);
    // Who ends with an error of its own was not killed.
    assert_eq!(judge(3).len(), 1);
}

#[test]
fn an_end_without_a_status_is_that_of_the_status_that_is_told_later() {
    let event = |kind, second: i64, channel, code| Happening {
        subject: Some("job".to_owned()),
        id: Some("7f3c".to_owned()),
        code,
        ..Happening::new(kind, Scope::Container, channel, Timestamp::from_second(1_764_000_000 + second).ok())
    };
    let judge = |code| {
        let mut detectors = Detectors::new(Limits::default());
        detectors.see(&event(Kind::Started, 0, Channel::Engine, None));
        // dockerd's log says that it ended, and the engine how.
        detectors.see(&event(Kind::Failed, 60, Channel::Text, None));
        detectors.see(&event(Kind::Failed, 60, Channel::Engine, Some(code)));
        told(&detectors.judge(&[], &TimeZone::UTC)).len()
    };
    assert_eq!((judge(0), judge(3)), (0, 1));
}

#[test]
fn state_saved_anywhere_goes_on_to_the_same_findings() {
    let mut log = String::new();
    for day in 10..18 {
        write!(
            log,
            "Nov {day} 02:00:00 edge cron[9]: tick\nNov {day} 02:30:00 edge systemd[1]: Started shop.service - The shop.\n\
             Nov {day} 02:30:10 edge systemd[1]: shop.service: Failed with result 'oom-kill'.\n\
             Nov {day} 02:59:00 edge sshd[9]: Accepted publickey for alice from 192.0.2.7 port 4711 ssh2: ED25519 SHA256:x\n\
             Nov {day} 03:01:40 edge kernel: Linux version 6.1.0\nNov {day} 03:01:50 edge kernel: [1.1] INFO: task a:1 blocked for more than 120 seconds.\n\
             Nov {day} 20:00:00 edge dockerd[7]: time=\"x\" level=info msg=\"Processing signal 'terminated'\"\n\
             Nov {day} 20:00:05 edge dockerd[7]: time=\"x\" level=info msg=\"Daemon has completed initialization\"\n"
        )
        .unwrap();
    }
    let events = happenings(&log);
    let mut whole = Detectors::new(Limits::default());
    see_all(&mut whole, &events);
    let expected = whole.judge(&[], &TimeZone::UTC);
    assert!(expected.findings.len() >= 5);
    for cut in 0..events.len() {
        let mut first = Detectors::new(Limits::default());
        see_all(&mut first, &events[..cut]);
        let saved = serde_json::to_string(&first).unwrap();
        let mut second: Detectors = serde_json::from_str(&saved).unwrap();
        see_all(&mut second, &events[cut..]);
        assert_eq!(second.judge(&[], &TimeZone::UTC), expected, "cut at {cut}");
    }
}

#[test]
fn memory_is_bounded_and_what_is_forgotten_is_said() {
    let limits = Limits { subjects: 100, outages: 10, ..Limits::default() };
    let mut detectors = Detectors::new(limits);
    let mut event = Happening::new(Kind::Failed, Scope::Service, Channel::Text, None);
    for second in 0..20_000_i64 {
        event.time = Timestamp::from_second(1_764_000_000 + second * 10).ok();
        event.subject = Some(format!("{}.service", second % 500));
        event.kind = if second % 1000 < 500 { Kind::Failed } else { Kind::Started };
        detectors.see(&event);
    }
    let saved = serde_json::to_string(&detectors).unwrap();
    assert!(saved.len() < 1 << 20, "{}", saved.len());
    assert!(detectors.incomplete().iter().any(|gap| gap.what.contains("services and containers")));
}

#[test]
fn stamps_in_any_order_break_nothing() {
    let log = "Nov 23 03:05:00 edge kernel: Linux version 6.1.0\nNov 22 03:05:00 edge systemd[1]: shop.service: Failed with result 'x'.\n\
               Nov 24 03:05:00 edge systemd[1]: Reached target reboot.target - System Reboot.\nNov 23 03:05:00 edge kernel: Linux version 6.1.0\n";
    for measure in judged(log, &[]).subjects.iter().flat_map(|row| &row.measures) {
        assert!(measure.availability.is_none_or(|share| (0.0..=1.0).contains(&share)), "{measure:?}");
    }
}

/// Any event, at any time of a week.
fn any_event() -> impl Strategy<Value = Happening> {
    const KINDS: [Kind; 16] = [
        Kind::Alive,
        Kind::Started,
        Kind::Stopped,
        Kind::Failed,
        Kind::Ordered,
        Kind::Restarting,
        Kind::GaveUp,
        Kind::Panic,
        Kind::Oops,
        Kind::Lockup,
        Kind::Hung,
        Kind::OutOfMemory,
        Kind::ClockSet,
        Kind::Power,
        Kind::Thermal,
        Kind::Context,
    ];
    const SCOPES: [Scope; 4] = [Scope::Host, Scope::Engine, Scope::Service, Scope::Container];
    const CHANNELS: [Channel; 5] =
        [Channel::Text, Channel::Journal, Channel::Records, Channel::Engine, Channel::Kernel];
    let choices = (0..KINDS.len(), 0..SCOPES.len(), 0..CHANNELS.len(), 0..3_u8, 0..604_800_i64, 0..3_u32);
    choices.prop_map(|(kind, scope, channel, name, second, code)| {
        let time = Timestamp::from_second(1_764_000_000 + second).ok();
        Happening {
            subject: (scope > 1).then(|| format!("x{name}.service")),
            host: (name > 0).then(|| format!("host{}", name % 2)),
            code: Some(code).filter(|code| *code < 2),
            line: "a line".to_owned(),
            ..Happening::new(KINDS[kind], SCOPES[scope], CHANNELS[channel], time)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_happens_in_whatever_order_is_judged_soundly_and_the_same_after_a_rest(
        mut events in proptest::collection::vec(any_event(), 0..80),
        in_order in any::<bool>(),
        cut in 0..80_usize,
    ) {
        if in_order {
            events.sort_by_key(|event| event.time);
        }
        let windows: Vec<Window> = vec!["daily 03:00-05:00".parse().unwrap()];
        let mut whole = Detectors::new(Limits::default());
        see_all(&mut whole, &events);
        let expected = whole.judge(&windows, &TimeZone::UTC);
        for row in &expected.subjects {
            for measure in &row.measures {
                prop_assert!(measure.availability.is_none_or(|share| (0.0..=1.0).contains(&share)), "{measure:?}");
                prop_assert!(measure.down_seconds + measure.planned_seconds <= measure.covered_seconds, "{measure:?}");
                prop_assert!(measure.covered_seconds <= 604_800, "{measure:?}");
            }
            for outage in &row.last_outages {
                prop_assert!(outage.to.is_none_or(|to| to >= outage.from), "{outage:?}");
            }
        }
        let (before, after) = events.split_at(cut.min(events.len()));
        let mut first = Detectors::new(Limits::default());
        see_all(&mut first, before);
        let mut second: Detectors = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        see_all(&mut second, after);
        prop_assert_eq!(second.judge(&windows, &TimeZone::UTC), expected);
    }
}

/// What `sadf -d` prints of a quiet day, and of the minutes up to three o'clock at night.
fn samples(before: &str) -> String {
    let mut rows = "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\n".to_owned();
    let stamp = |index: i64| {
        (Timestamp::from_second(1_795_345_200).unwrap() + jiff::SignedDuration::from_mins(10 * index))
            .strftime("%F %T UTC")
            .to_string()
    };
    for index in 0..=143 {
        let cpu = if index == 143 { before } else { "8.00;0.00;4.00;1.00;0.00;87.00" };
        writeln!(rows, "edge;600;{};-1;{cpu}", stamp(index)).unwrap();
    }
    rows.push_str("# hostname;interval;timestamp;runq-sz;plist-sz;ldavg-1;ldavg-5;ldavg-15;blocked\n");
    for index in 0..=143 {
        let load = if index == 143 && !before.starts_with('8') { "84.10" } else { "0.40" };
        writeln!(rows, "edge;600;{};1;150;{load};0.30;0.20;0", stamp(index)).unwrap();
    }
    rows
}

fn judged_with(log: &str, samples: &str) -> Judgement {
    let folder = tempfile::tempdir().unwrap();
    let files = ["syslog", "sadf"].map(|name| folder.path().join(name));
    std::fs::write(&files[0], log).unwrap();
    std::fs::write(&files[1], samples).unwrap();
    let now = "2026-12-31T00:00:00Z".parse().unwrap();
    let reading = Reading { zone: TimeZone::UTC, ..Reading::everything(now) };
    let mut detectors = Detectors::new(Limits::default());
    let outcome = read(families(files.to_vec()), Vec::new(), &reading, &mut |event| detectors.see(event));
    assert_eq!(outcome.incomplete, []);
    detectors.judge(&[], &TimeZone::UTC)
}

const CRASH: &str = "Nov 22 11:00:00 edge cron[9]: tick\nNov 23 10:55:00 edge cron[9]: tick\n\
    Nov 23 11:05:00 edge kernel: Linux version 6.1.0\nNov 23 12:00:00 edge cron[9]: tick\n";

#[test]
fn load_beyond_the_usual_is_named_with_the_outage_that_followed() {
    let judgement = judged_with(CRASH, &samples("92.00;0.00;6.00;1.00;0.00;1.00"));
    let outage = &judgement.subjects[0].last_outages[0];
    assert_eq!((outage.cause.as_str(), outage.from.to_string().as_str()), ("unclean", "2026-11-23T10:55:00Z"));
    assert_eq!(outage.before, ["2026-11-23T10:50:00Z CPU 98 % busy, usual 12 %; load 84, usual 0.4"]);
    let load: Vec<_> = outage.load.iter().map(|one| (one.what.as_str(), one.value, one.usual)).collect();
    assert_eq!(load, [("cpu", 98.0, 12.0), ("load", 84.1, 0.4)]);
    let crash = judgement.findings.iter().find(|finding| finding.rule == "KG-T001").unwrap();
    assert!(crash.evidence.iter().any(|evidence| evidence.what == "shortly before" && evidence.value.contains("98 %")));
}

#[test]
fn an_outage_under_the_usual_load_says_nothing_of_it() {
    let judgement = judged_with(CRASH, &samples("8.00;0.00;4.00;1.00;0.00;87.00"));
    let outage = &judgement.subjects[0].last_outages[0];
    assert_eq!((outage.before.len(), outage.load.len()), (0, 0), "{outage:?}");
}

#[test]
fn a_sample_is_a_sign_of_life() {
    let log = "Nov 22 11:00:00 edge cron[9]: tick\nNov 23 10:45:00 edge cron[9]: tick\n\
        Nov 23 11:05:00 edge kernel: Linux version 6.1.0\n";
    let judgement = judged_with(log, &samples("8.00;0.00;4.00;1.00;0.00;87.00"));
    assert_eq!(judgement.subjects[0].last_outages[0].from.to_string(), "2026-11-23T10:50:00Z");
}

#[test]
fn what_the_kernel_kills_for_want_of_memory_is_named_with_the_load_and_blocked_tasks_are_evidence() {
    let log = "Nov 22 11:00:00 edge cron[9]: tick\n\
        Nov 23 10:52:00 edge kernel: INFO: task jbd2/sda1-8:231 blocked for more than 120 seconds.\n\
        Nov 23 10:53:00 edge kernel: Out of memory: Killed process 4242 (mysqld) total-vm:8388608kB, anon-rss:7340032kB\n\
        Nov 23 10:55:00 edge systemd[1]: Started shop.service - The shop.\n\
        Nov 23 10:56:00 edge systemd[1]: shop.service: Failed with result 'exit-code'.\n";
    let judgement = judged_with(log, &samples("92.00;0.00;6.00;1.00;0.00;1.00"));
    let memory = judgement.findings.iter().find(|finding| finding.rule == "KG-T010").unwrap();
    assert_eq!(memory.title, "The memory of edge ran out once, last at 2026-11-23 10:53:00 (mysqld)");
    let before = memory.evidence.iter().find(|evidence| evidence.what == "shortly before").unwrap();
    assert_eq!(before.value, "2026-11-23T10:50:00Z CPU 98 % busy, usual 12 %; load 84, usual 0.4");
    let shop = judgement.subjects.iter().find(|one| one.subject.name == "shop.service").unwrap();
    assert_eq!(
        shop.last_outages[0].before,
        [
            "2026-11-23T10:50:00Z CPU 98 % busy, usual 12 %; load 84, usual 0.4",
            "2026-11-23T10:52:00Z a task was blocked for minutes: jbd2/sda1-8:231",
            "2026-11-23T10:53:00Z out of memory: the machine's memory ran out: mysqld",
        ]
    );
}

#[test]
fn a_machine_that_sleeps_is_no_unclean_outage_whoever_tells_of_it() {
    let sleeps = [
        "Nov 23 03:00:00 edge systemd-sleep[7]: Entering sleep state 'suspend'...\n\
         Nov 23 03:00:01 edge kernel: [ 99.1] PM: suspend entry (deep)\n\
         Nov 23 08:00:00 edge kernel: [ 99.2] PM: suspend exit\nNov 23 08:00:01 edge cron[9]: tick\n",
        // Nobody says when it woke; and it boots from its sleep.
        "Nov 23 03:00:01 edge systemd-logind[5]: The system will suspend now!\nNov 23 08:00:00 edge cron[9]: tick\n",
        "Nov 23 03:00:01 edge kernel: PM: suspend entry (s2idle)\nNov 23 08:00:00 edge kernel: Linux version 6.1.0\n",
    ];
    for log in sleeps {
        let judgement = judged(&format!("{LIVES}{log}"), &[]);
        assert_eq!(told(&judgement), [""; 0], "{log}");
        let host = &judgement.subjects[0];
        let outage = &host.last_outages[0];
        assert_eq!((outage.cause.as_str(), host.failures), ("suspended", 0), "{log}");
        assert_eq!(outage.from.to_string(), "2026-11-23T03:00:01Z", "{log}");
        assert_eq!(outage.to.map(|to| to.to_string()).as_deref(), Some("2026-11-23T08:00:00Z"), "{log}");
    }
    let judgement = judged(&format!("{LIVES}Nov 23 03:00:01 edge kernel: PM: suspend entry (deep)\n"), &[]);
    assert_eq!(judgement.subjects[0].state, "suspended");
}

#[test]
fn a_container_that_becomes_unhealthy_is_told_and_one_that_recovers_is_not_told_again() {
    let event = |kind, minute: i64| Happening {
        subject: Some("web".to_owned()),
        id: Some("7f".repeat(32)),
        ..Happening::new(
            kind,
            Scope::Container,
            Channel::Engine,
            Timestamp::from_second(1_795_000_000 + minute * 60).ok(),
        )
    };
    let mut detectors = Detectors::new(Limits::default());
    see_all(&mut detectors, &[event(Kind::Started, 0), event(Kind::Unhealthy, 5), event(Kind::Healthy, 6)]);
    let judgement = detectors.judge(&[], &TimeZone::UTC);
    assert_eq!(told(&judgement).len(), 1);
    assert!(told(&judgement)[0].starts_with("KG-T017 Container web became unhealthy once"), "{:?}", told(&judgement));
}
