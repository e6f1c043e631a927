//! Databases: MySQL and MariaDB, PostgreSQL, Redis. Each form begins as its program's line does after the stamp.

use super::row::{Row, row};
use crate::logins::event::Kind::{LoginFailed, Probe};

/// Names are written as they are, and may hold ends of lines; what follows one that does is looked at with suspicion
/// ([`cuts_a_name`]).
pub(super) static MYSQL: &[Row] = &[
    row(
        LoginFailed,
        "{any} [Note] [MY-010926] [Server] Access denied for user '{user>}'@'{address}' (using password: {detail})",
        "2026-11-24T08:10:02.123456Z 12 [Note] [MY-010926] [Server] Access denied for user 'root'@'192.0.2.7' (using password: YES)",
    )
    .service("mysql"),
    row(
        LoginFailed,
        "{any} [Warning] Access denied for user '{user>}'@'{address}' (using password: {detail})",
        "2026-11-24 11:12:18 5 [Warning] Access denied for user 'alice'@'127.0.0.1' (using password: YES)",
    )
    .service("mysql"),
    row(
        Probe,
        "{any} [Warning] Aborted connection {any} to db: 'unconnected' user: 'unauthenticated' host: '{address}' ({detail})",
        "2026-11-24 11:12:18 11 [Warning] Aborted connection 11 to db: 'unconnected' user: 'unauthenticated' host: '127.0.0.1' (This connection closed normally without authentication)",
    )
    .service("mysql")
    .method("connection"),
    row(
        LoginFailed,
        "{any} [Note] Access denied for user '{user>}'@'{address}' (using password: {detail})",
        "2026-11-24T08:10:02.123456Z 12 [Note] Access denied for user 'root'@'192.0.2.7' (using password: YES)",
    )
    .service("mysql"),
];

/// The address is there where `log_line_prefix` has `%h` or `%r`; Debian's has neither. Names of users and databases are the
/// client's and stand in the prefix as they are: with the address before them (`%m [%p] %h %q%u@%d `), nothing that a client
/// writes can be taken for it. With the address behind them, a line whose names hold such text is read without it.
pub(super) static POSTGRESQL: &[Row] = &[
    row(
        LoginFailed,
        "[{any}] {ip}({port}) {any>}FATAL:  password authentication failed for user \"{name}\"",
        "2026-11-24 11:35:31.311 UTC [24367] 127.0.0.1(50826) alice@shop FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {ip} {any>}FATAL:  password authentication failed for user \"{name}\"",
        "2026-11-24 11:35:31.008 UTC [24313] 127.0.0.1 alice@shop FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any}@{any} {ip}({port}) FATAL:  password authentication failed for user \"{user}\"",
        "2026-11-24 11:10:49.862 UTC [2995] alice@shop 127.0.0.1(47872) FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any}@{any} {ip} FATAL:  password authentication failed for user \"{user}\"",
        "2026-11-24 11:10:51.170 UTC [3335] alice@shop 127.0.0.1 FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any>}FATAL:  password authentication failed for user \"{name}\"",
        "2026-11-24 11:10:47.490 UTC [2682] alice@shop FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any=}FATAL:  no pg_hba.conf entry for host \"{address}\", user \"{user>}\", database \"{any}\", {detail}",
        "2026-11-24 11:10:47.654 UTC [2688] carl@shop FATAL:  no pg_hba.conf entry for host \"127.0.0.1\", user \"carl\", database \"shop\", no encryption",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any=}FATAL:  pg_hba.conf rejects connection for host \"{address}\", user \"{user>}\", database \"{any}\", {detail}",
        "2026-11-24 11:35:04.271 UTC [23194] outcast@shop FATAL:  pg_hba.conf rejects connection for host \"127.0.0.1\", user \"outcast\", database \"shop\", no encryption",
    )
    .service("postgresql"),
];

/// Redis says nothing of wrong passwords (`ACL LOG` does). A web browser's request that was sent to it comes from somebody
/// who looks for a way in through another program; from 7.2 on with the address.
pub(super) static REDIS: &[Row] = &[
    row(
        Probe,
        "# Possible SECURITY ATTACK detected. It looks like somebody is sending {any} Connection from {endpoint} aborted.",
        "1:M 03 Feb 2026 13:35:56.726 # Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from 172.22.0.4:55738 aborted.",
    )
    .service("redis")
    .method("cross-protocol"),
    row(
        Probe,
        "# Possible SECURITY ATTACK detected. It looks like somebody is sending {any} Connection aborted.",
        "9892:M 24 Nov 2026 11:12:19.760 # Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection aborted.",
    )
    .service("redis")
    .method("cross-protocol"),
];

/// How far behind a line that ends within a name a forged one can begin, in bytes: names have at most 128 letters, a line of
/// this kind has 88, and a letter has at most four bytes.
pub(super) const LONGEST_NAME: usize = 160;

/// Whether a line that means nothing ends within a name, so that what follows may be part of it: one of MySQL's, or one of
/// PostgreSQL's that ends before its level.
pub(super) fn cuts_a_name(message: &[u8]) -> bool {
    let of_postgresql = || {
        let rest = message.strip_prefix(b"[")?;
        let process = rest.get(..memchr::memchr(b']', rest.get(..12).unwrap_or(rest))?)?;
        (process.iter().all(u8::is_ascii_digit) && memchr::memmem::find(message, b":  ").is_none()).then_some(())
    };
    memchr::memmem::find(message.get(..80).unwrap_or(message), b"] Access denied for user '").is_some()
        || of_postgresql().is_some()
}
