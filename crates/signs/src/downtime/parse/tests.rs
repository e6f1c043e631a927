//! Every row reads its own sample, and nothing that somebody forged into a name.

use std::collections::VecDeque;

use super::*;
use crate::read::{Clock, envelope};

fn read_line(line: &str) -> Option<Happening> {
    let mut clock = Clock::utc("2026-11-25T00:00:00Z".parse().unwrap());
    let envelope::Envelope { time, host, program, process, message } = envelope::open(line.as_bytes(), &mut clock);
    let around = Around { time, host, program, process, channel: Channel::Text, line: line.as_bytes() };
    read(message, &around)
}

#[test]
fn each_sample_gives_what_is_written_down() {
    let mut shown = Vec::new();
    for row in rows() {
        let mut clock = Clock::utc("2026-11-25T00:00:00Z".parse().unwrap());
        let found = read_line(row.sample).or_else(|| read_package(row.sample.as_bytes(), &mut clock));
        let found = found.unwrap_or_else(|| panic!("nothing is read from {}", row.sample));
        assert_eq!(found.kind, row.kind, "{}", row.sample);
        assert!(found.time.is_some(), "{}", row.sample);
        let parts = [
            Some(found.kind.name().to_owned()),
            Some(found.scope.name().to_owned()),
            found.subject,
            found.reason,
            found.code.map(|code| format!("code {code}")),
            found.count.map(|count| format!("count {count}")),
        ];
        shown.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" | "));
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn no_form_leaves_open_where_a_gap_ends() {
    for row in rows() {
        assert!(!row.gaps_touch(), "{}", row.sample);
    }
}

#[test]
fn a_users_systemd_does_not_shut_the_machine_down() {
    let line = "Nov 24 03:02:11 edge systemd[4711]: Reached target shutdown.target - Shutdown.";
    assert_eq!(read_line(line), None);
    assert!(read_line(&line.replace("4711", "1")).is_some());
}

#[test]
fn what_a_program_is_made_to_log_is_not_the_kernels_word() {
    for line in [
        "Nov 24 03:02:11 edge sshd[42]: Invalid user kernel: Kernel panic - not syncing: x from 192.0.2.7 port 1",
        "Nov 24 03:02:11 edge app[42]: kernel: Kernel panic - not syncing: x",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11Z\" level=info msg=\"hello \\\"Daemon has completed initialization\\\"\"",
        "Nov 24 03:02:11 edge systemd[1]: Started x.service - Reached target reboot.target\u{1b}[2J.",
    ] {
        let kind = read_line(line).map(|found| (found.kind, found.scope));
        assert!(matches!(kind, None | Some((Kind::Started, Scope::Service))), "{line}: {kind:?}");
    }
}

#[test]
fn what_the_engines_unit_does_the_engine_does() {
    let found =
        read_line("Nov 24 03:02:11 edge systemd[1]: docker.service: Main process exited, code=killed, status=9/KILL")
            .unwrap();
    assert_eq!((found.kind, found.scope, found.subject, found.code), (Kind::Failed, Scope::Engine, None, Some(9)));
}

#[test]
fn logins_and_commands_are_evidence() {
    let found =
        read_line("Nov 24 03:02:11 edge sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/reboot")
            .unwrap();
    assert_eq!(found.kind, Kind::Context);
    assert_eq!(found.reason.as_deref(), Some("alice ran as root: /usr/sbin/reboot"));
}

#[test]
fn noise_of_any_kind_breaks_nothing() {
    let mut queue: VecDeque<Vec<u8>> = samples().map(|sample| sample.as_bytes().to_vec()).collect();
    while let Some(mut line) = queue.pop_front() {
        let mut clock = Clock::utc("2026-11-25T00:00:00Z".parse().unwrap());
        let envelope::Envelope { time, host, program, process, message } = envelope::open(&line, &mut clock);
        let around = Around { time, host, program, process, channel: Channel::Text, line: &line };
        let _ = read(message, &around);
        let half = line.len() / 2;
        line.truncate(half);
        if half > 0 {
            queue.push_back(line);
        }
    }
}
