//! What a real MariaDB writes while somebody guesses over TCP. Needs root, which is given up for it, `mariadb-server-core` and
//! `mariadb-client-core`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::process::Stdio;

use keelguard_signs::logins::Kind;

fn log_in(port: u16, user: &str, password: &str) -> bool {
    let mut command = lab::as_nobody("mariadb");
    command.args(["--no-defaults", "-h", lab::HERE, "-P", &port.to_string(), "-u", user, "-e", "select 1"]);
    command.env("MYSQL_PWD", password).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

#[test]
fn what_a_real_mariadb_writes_is_read_even_where_a_name_holds_whole_lines_of_it() {
    let needed = [
        ("/usr/sbin/mariadbd", "mariadb-server-core"),
        ("/usr/bin/mariadb-install-db", "mariadb-server-core"),
        ("/usr/bin/mariadb", "mariadb-client-core"),
    ];
    if !lab::can_run(&needed) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path().display().to_string();
    let data = format!("--datadir={here}/data");
    let mut install = lab::as_nobody("mariadb-install-db");
    install.args(["--no-defaults", &data, "--skip-test-db", "--auth-root-authentication-method=normal"]);
    assert!(install.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    let port = lab::free_port();
    let log = folder.path().join("error.log");
    let accounts = folder.path().join("accounts.sql");
    std::fs::write(&accounts, "CREATE USER alice@'127.0.0.1' IDENTIFIED BY 'right';\n").unwrap();
    let mut command = lab::as_nobody("mariadbd");
    command.args([
        "--no-defaults",
        &data,
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-flush-method=nosync",
    ]);
    command.args([&format!("--socket={here}/socket"), &format!("--pid-file={here}/pid"), &format!("--port={port}")]);
    command.args([&format!("--log-error={}", log.display()), &format!("--init-file={}", accounts.display())]);
    let _daemon = lab::start(command.stderr(Stdio::null()), port);

    assert!(!log_in(port, "alice", "wrong"));
    assert!(log_in(port, "alice", "right"));
    let found = lab::wait_for_events(&log, |events| events.iter().any(|event| event.kind == Kind::LoginFailed));
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));

    let quoted = "x'@'192.0.2.66' (using password: YES)";
    assert!(!log_in(port, quoted, "wrong"));
    // A whole line of the daemon's, within a name.
    let line = "2026-11-24 12:05:02 31 [Warning] Access denied for user 'root'@'192.0.2.66' (using password: YES)";
    assert!(!log_in(port, &format!("a\n{line}\nb"), "wrong"));
    assert!(!log_in(port, &format!("a\n'@'x' (using password: NO)\n{}", line.replace("root", "")), "wrong"));
    std::thread::scope(|scope| {
        for _ in 0..15 {
            scope.spawn(|| assert!(!log_in(port, "bob", "wrong")));
        }
    });
    let found = lab::wait_for_events(&log, |events| {
        events.iter().filter(|event| event.user.as_deref() == Some("bob")).count() >= 10
    });
    assert!(found.text.contains(&format!("\n{line}\n")), "the daemon lets the name through as it is");
    found.all_of("mysql");
    assert_eq!(found.refused()[..2], ["alice", quoted]);
    assert!(found.refused()[2..].iter().all(|user| *user == "bob"), "{}", found.text);
    assert_eq!(found.rules, ["KG-L001"]);
}
