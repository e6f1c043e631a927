//! FTP servers.

use super::row::{Row, row};
use crate::logins::event::Channel::Library;
use crate::logins::event::Kind::{LoginFailed, LoginOk, Probe};

/// In its own file; through syslog vsftpd speaks by PAM.
pub(super) static VSFTPD: &[Row] = &[
    row(
        LoginFailed,
        "[pid {any}] [{user>}] FAIL LOGIN: Client \"{address}\"",
        "Tue Nov 24 08:10:02 2026 [pid 4242] [alice] FAIL LOGIN: Client \"192.0.2.7\"",
    )
    .service("vsftpd"),
    row(
        LoginOk,
        "[pid {any}] [{user>}] OK LOGIN: Client \"{address}\"",
        "Tue Nov 24 08:10:02 2026 [pid 4242] [alice] OK LOGIN: Client \"::ffff:192.0.2.7\"",
    )
    .service("vsftpd"),
];

pub(super) static PROFTPD: &[Row] = &[
    row(
        LoginFailed,
        "{any} ({any}[{address}]) - USER {user>}: no such user found from {any} [{any}] to {any}",
        "Nov 24 08:10:02 edge proftpd[42]: edge (192.0.2.7[192.0.2.7]) - USER bob: no such user found from 192.0.2.7 [192.0.2.7] to ::ffff:198.51.100.1:21",
    ),
    row(
        LoginFailed,
        "{any} ({any}[{address}]) - USER {user>} (Login failed): {detail}",
        "Nov 24 08:10:02 edge proftpd[42]: edge (192.0.2.7[192.0.2.7]) - USER alice (Login failed): Incorrect password",
    ),
    row(
        LoginOk,
        "{any} ({any}[{address}]) - USER {user>}: Login successful.",
        "Nov 24 08:10:02 edge proftpd[42]: edge (192.0.2.7[192.0.2.7]) - USER alice: Login successful.",
    ),
    row(
        LoginOk,
        "{any} ({any}[{address}]) - ANON {user>}: Login successful.",
        "Nov 24 08:10:02 edge proftpd[42]: edge (192.0.2.7[192.0.2.7]) - ANON anonymous: Login successful.",
    )
    .method("anonymous"),
];

/// The same in the file that Debian has it write; successes stand in it from `SyslogLevel info` on.
pub(super) static PROFTPD_FILE: &[Row] = &[
    row(
        LoginFailed,
        "{any} proftpd[{any}] {any} ({any}[{address}]): USER {user>}: no such user found from {any} [{any}] to {any}",
        "2026-11-24 11:15:49,196 vm proftpd[30096] 127.0.0.1 (127.0.0.1[127.0.0.1]): USER bob: no such user found from 127.0.0.1 [127.0.0.1] to 127.0.0.1:12121",
    )
    .service("proftpd"),
    row(
        LoginFailed,
        "{any} proftpd[{any}] {any} ({any}[{address}]): USER {user>} (Login failed): {detail}",
        "2026-11-24 11:15:49,196 vm proftpd[30096] 127.0.0.1 (127.0.0.1[127.0.0.1]): USER alice (Login failed): Incorrect password",
    )
    .service("proftpd"),
    row(
        LoginOk,
        "{any} proftpd[{any}] {any} ({any}[{address}]): USER {user>}: Login successful.",
        "2026-11-24 11:15:49,186 vm proftpd[30095] 127.0.0.1 (127.0.0.1[127.0.0.1]): USER alice: Login successful.",
    )
    .service("proftpd"),
    row(
        LoginOk,
        "{any} proftpd[{any}] {any} ({any}[{address}]): ANON {user>}: Login successful.",
        "2026-11-24 11:15:49,186 vm proftpd[30095] 127.0.0.1 (127.0.0.1[127.0.0.1]): ANON anonymous: Login successful.",
    )
    .service("proftpd")
    .method("anonymous"),
];

pub(super) static PURE_FTPD: &[Row] = &[
    row(
        LoginFailed,
        "({any}@{address}) [WARNING] Authentication failed for user [{user>}]",
        "Nov 24 08:10:02 edge pure-ftpd: (?@192.0.2.7) [WARNING] Authentication failed for user [alice]",
    ),
    row(
        LoginOk,
        "({any}@{address}) [INFO] {user>} is now logged in",
        "Nov 24 08:10:02 edge pure-ftpd: (?@192.0.2.7) [INFO] alice is now logged in",
    ),
];

pub(super) static FTPD: &[Row] = &[
    row(
        Probe,
        "connection from {address} ({any}) at {any}",
        "Jun 17 07:07:00 combo ftpd[29504]: connection from 24.54.76.216 (24-54-76-216.bflony.adelphia.net) at Fri Jun 17 07:07:00 2005",
    )
    .method("connection"),
    row(
        LoginFailed,
        "FTP LOGIN FAILED FROM {address}, {user}",
        "Nov 24 08:10:02 edge ftpd[42]: FTP LOGIN FAILED FROM 192.0.2.7, alice",
    ),
    row(LoginOk, "FTP LOGIN FROM {address} as {user}", "Nov 24 08:10:02 edge ftpd[42]: FTP LOGIN FROM 192.0.2.7 as alice"),
    row(
        LoginOk,
        "ANONYMOUS FTP LOGIN FROM {address},  ({user})",
        "Jul 17 23:21:54 combo ftpd[25217]: ANONYMOUS FTP LOGIN FROM 83.116.207.11,  (anonymous)",
    )
    .method("anonymous"),
];

pub(super) static KLOGIND: &[Row] = &[row(
    LoginFailed,
    "Authentication failed from {address} ({any}): {detail}",
    "Jun 19 04:08:55 combo klogind[30999]: Authentication failed from 163.27.187.39 (163.27.187.39): Permission denied in replay cache code",
)
.channel(Library)];
