//! Mail: dovecot, postfix, exim. Names in greetings and logins are the attacker's.

use super::row::{Row, row};
use crate::logins::event::Channel::Library;
use crate::logins::event::Kind::{LoginFailed, LoginOk, Probe};

pub(super) static DOVECOT: &[Row] = &[
    row(
        LoginOk,
        "{any}-login: Login: user=<{user>}>, method={method}, rip={address}, lip={any}",
        "Nov 24 08:10:02 edge dovecot: imap-login: Login: user=<alice>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.1, mpid=4242, TLS, session=<a1b2>",
    ),
    row(
        LoginOk,
        "{any}-login: Logged in: user=<{user>}>, method={method}, rip={address}, lip={any}",
        "Nov 24 08:10:02 edge dovecot[7]: imap-login: Logged in: user=<alice>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.1, mpid=4242, TLS, session=<a1b2>",
    ),
    row(
        LoginFailed,
        "{any}-login: {any}(auth failed, {count} attempts{any}: user=<{user>}>, method={method}, rip={address}, lip={any}",
        "Nov 24 08:10:02 edge dovecot: imap-login: Disconnected (auth failed, 3 attempts in 12 secs): user=<alice>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.1, TLS, session=<a1b2>",
    ),
    row(
        LoginFailed,
        "{any}-login: {any}(auth failed, {count} attempts{any}: user=<{user>}>, rip={address}, lip={any}",
        "Nov 24 08:10:02 edge dovecot: pop3-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<>, rip=192.0.2.7, lip=198.51.100.1, session=<a1b2>",
    ),
    row(
        Probe,
        "{any}-login: {any}(no auth attempts in {any} secs): user=<>, rip={address}, lip={any}",
        "Nov 24 08:10:02 edge dovecot: imap-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=192.0.2.7, lip=198.51.100.1, TLS handshaking: Connection closed, session=<a1b2>",
    )
    .method("connection"),
    row(
        LoginFailed,
        "auth-worker({any}): conn unix:{any}): auth-worker<{any}>: {any}({user},{address},{any}): {detail}",
        "Nov 24 08:10:02 edge dovecot: auth-worker(42): conn unix:auth-worker (pid=7,uid=109): auth-worker<1>: pam(alice,192.0.2.7,<a1b2>): pam_authenticate() failed: Authentication failure",
    )
    .channel(Library),
    row(
        LoginFailed,
        "auth-worker({any}): {any}({user},{address}): {detail}",
        "Nov 24 08:10:02 edge dovecot: auth-worker(42): pam(alice,192.0.2.7): unknown user",
    )
    .channel(Library),
    row(
        LoginFailed,
        "auth: {any}({user},{address},{any}): {detail}",
        "Nov 24 08:55:22 edge dovecot: auth: static(alice,127.0.0.1,<pcTb3gFhAK5/AAAB>): Password mismatch",
    )
    .channel(Library),
];

/// The same where Dovecot writes a file of its own: its processes are the programs, and each line has a level.
pub(super) static DOVECOT_FILE: &[Row] = &[
    row(
        LoginOk,
        "Info: Login: user=<{user>}>, method={method}, rip={address}, lip={any}",
        "Nov 24 08:55:38 imap-login: Info: Login: user=<alice>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, mpid=21667, secured, session=<jgxa3wFhMo1/AAAB>",
    ),
    row(
        LoginFailed,
        "Info: {any}(auth failed, {count} attempts{any}: user=<{user>}>, method={method}, rip={address}, lip={any}",
        "Nov 24 08:55:24 imap-login: Info: Disconnected: Aborted login by logging out (auth failed, 1 attempts in 2 secs): user=<alice>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, secured, session=<pcTb3gFhAK5/AAAB>",
    ),
    row(
        Probe,
        "Info: {any}(no auth attempts in {any} secs): user=<>, rip={address}, lip={any}",
        "Nov 24 08:55:38 imap-login: Info: Disconnected: Connection closed: read(size=1026) failed: Connection reset by peer (no auth attempts in 0 secs): user=<>, rip=127.0.0.1, lip=127.0.0.1, secured, session=<iHvU3wFhPI1/AAAB>",
    )
    .method("connection"),
    row(
        LoginFailed,
        "Info: {any}({user},{address},{any}): {detail}",
        "Nov 24 08:55:22 auth: Info: static(alice,127.0.0.1,<pcTb3gFhAK5/AAAB>): Password mismatch",
    )
    .channel(Library),
];

pub(super) static POSTFIX: &[Row] = &[
    // No password was looked at: whom it asks was not there, or nobody could have been asked.
    row(
        Probe,
        "warning: {any}[{address}]: SASL {method} authentication failed: Connection lost to authentication server{any}",
        "Nov 24 11:15:34 lab postfix/smtpd[24976]: warning: localhost[127.0.0.1]: SASL PLAIN authentication failed: Connection lost to authentication server, sasl_username=(unavailable)",
    ),
    row(
        Probe,
        "warning: {any}[{address}]: SASL {method} authentication failed: Invalid authentication mechanism{any}",
        "Nov 24 11:15:44 lab postfix/smtpd[24976]: warning: localhost[127.0.0.1]: SASL FOO authentication failed: Invalid authentication mechanism, sasl_username=(unavailable)",
    ),
    row(
        LoginFailed,
        "warning: {any}[{address}]: SASL {method} authentication failed: {detail}, sasl_username=(unavailable)",
        "Nov 24 11:15:44 lab postfix/smtpd[24976]: warning: localhost[127.0.0.1]: SASL PLAIN authentication failed: Invalid base64 data in initial response, sasl_username=(unavailable)",
    ),
    row(
        LoginFailed,
        "warning: {any}[{address}]: SASL {method} authentication failed: {detail}, sasl_username={user}",
        "Nov 24 08:10:02 edge postfix/smtpd[42]: warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=info@example.org",
    ),
    row(
        LoginFailed,
        "warning: {any}[{address}]: SASL {method} authentication failed: {detail}",
        "Nov 24 08:10:02 edge postfix/smtpd[42]: warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
    ),
    row(
        LoginOk,
        "{any}: client={any}[{address}], sasl_method={method}, sasl_username={user}",
        "Nov 24 08:10:02 edge postfix/submission/smtpd[42]: 4F1C2A3B: client=mail.example.org[192.0.2.7], sasl_method=PLAIN, sasl_username=alice",
    ),
    row(
        Probe,
        "lost connection after AUTH from {any}[{address}]",
        "Nov 24 08:10:02 edge postfix/smtpd[42]: lost connection after AUTH from unknown[192.0.2.7]",
    )
    .method("connection"),
    row(
        Probe,
        "too many errors after AUTH from {any}[{address}]",
        "Nov 24 08:10:02 edge postfix/smtpd[42]: too many errors after AUTH from unknown[192.0.2.7]",
    )
    .method("connection"),
];

/// Exim names the authenticator first; the greeting before the address is the client's.
pub(super) static EXIM: &[Row] = &[
    row(
        LoginFailed,
        "{method} authenticator failed for {any>} [{address}]: 535 Incorrect authentication data (set_id={user})",
        "2026-11-24 08:10:02 login authenticator failed for (ylmf-pc) [192.0.2.7]: 535 Incorrect authentication data (set_id=info)",
    )
    .service("exim"),
    row(
        LoginFailed,
        "{method} authenticator failed for {any>} [{address}]: 535 Incorrect authentication data",
        "2026-11-24 08:10:02 plain authenticator failed for (ylmf-pc) [192.0.2.7]: 535 Incorrect authentication data",
    )
    .service("exim"),
];
