//! Databases, panels and applications that write logs of their own. Each form begins as its program's line does after the
//! stamp: a form that could begin anywhere could be forged by whoever gets a line of text into a log.

use super::row::{Row, row};
use crate::logins::event::Kind::{LoginFailed, LoginOk, Probe};

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
        "2026-11-24  8:10:02 31 [Warning] Access denied for user 'root'@'192.0.2.7' (using password: YES)",
    )
    .service("mysql"),
    row(
        LoginFailed,
        "{any} [Note] Access denied for user '{user>}'@'{address}' (using password: {detail})",
        "2026-11-24T08:10:02.123456Z 12 [Note] Access denied for user 'root'@'192.0.2.7' (using password: YES)",
    )
    .service("mysql"),
];

/// The address is there where `log_line_prefix` has `%h` or `%r`.
pub(super) static POSTGRESQL: &[Row] = &[
    row(
        LoginFailed,
        "[{any}] {any}@{any} {address}({port}) FATAL:  password authentication failed for user \"{user}\"",
        "2026-11-24 08:10:02.123 UTC [42] alice@shop 192.0.2.7(51234) FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any}@{any} FATAL:  password authentication failed for user \"{user}\"",
        "2026-11-24 08:10:02.123 UTC [42] alice@shop FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] FATAL:  password authentication failed for user \"{user}\"",
        "2026-11-24 08:10:02.123 UTC [42] FATAL:  password authentication failed for user \"alice\"",
    )
    .service("postgresql"),
    row(
        LoginFailed,
        "[{any}] {any}FATAL:  no pg_hba.conf entry for host \"{address}\", user \"{user>}\", database \"{any}\", {detail}",
        "2026-11-24 08:10:02.123 UTC [42] alice@shop FATAL:  no pg_hba.conf entry for host \"192.0.2.7\", user \"alice\", database \"shop\", no encryption",
    )
    .service("postgresql"),
];

pub(super) static PROXMOX: &[Row] = &[
    row(
        LoginFailed,
        "authentication failure; rhost={address} user={user>} msg={detail}",
        "Nov 24 08:10:02 edge pvedaemon[42]: authentication failure; rhost=::ffff:192.0.2.7 user=root@pam msg=Authentication failure",
    )
    .service("proxmox"),
    row(
        LoginOk,
        "<{any}> successful auth for user '{user}'",
        "Nov 24 08:10:02 edge pvedaemon[42]: <root@pam> successful auth for user 'root@pam'",
    )
    .service("proxmox"),
];

pub(super) static WEBMIN: &[Row] = &[
    row(
        LoginFailed,
        "Invalid login as {user>} from {address}",
        "Nov 24 08:10:02 edge webmin[42]: Invalid login as root from 192.0.2.7",
    ),
    row(
        LoginFailed,
        "Non-existent login as {user>} from {address}",
        "Nov 24 08:10:02 edge webmin[42]: Non-existent login as admin from 192.0.2.7",
    ),
    row(
        LoginOk,
        "Successful login as {user>} from {address}",
        "Nov 24 08:10:02 edge webmin[42]: Successful login as root from 192.0.2.7",
    ),
];

pub(super) static PHPMYADMIN: &[Row] = &[
    row(
        LoginFailed,
        "user denied: {user>} ({detail}) from {address}",
        "Nov 24 08:10:02 edge phpMyAdmin[42]: user denied: root (mysql-denied) from 192.0.2.7",
    ),
    row(
        LoginOk,
        "user authenticated: {user>} from {address}",
        "Nov 24 08:10:02 edge phpMyAdmin[42]: user authenticated: root from 192.0.2.7",
    ),
];

pub(super) static OPENVPN: &[Row] = &[
    row(
        LoginFailed,
        "{address} TLS Auth Error: Auth Username/Password verification failed for peer",
        "Nov 24 08:10:02 edge ovpn-server[42]: 192.0.2.7:51234 TLS Auth Error: Auth Username/Password verification failed for peer",
    )
    .service("openvpn"),
    row(
        LoginFailed,
        "{address} VERIFY ERROR: {detail}",
        "Nov 24 08:10:02 edge ovpn-server[42]: 192.0.2.7:51234 VERIFY ERROR: depth=0, error=certificate has expired: CN=alice",
    )
    .service("openvpn")
    .method("certificate"),
    row(
        LoginOk,
        "{address} [{user}] Peer Connection Initiated with {any}",
        "Nov 24 08:10:02 edge ovpn-server[42]: 192.0.2.7:51234 [alice] Peer Connection Initiated with [AF_INET]192.0.2.7:51234",
    )
    .service("openvpn")
    .method("certificate"),
];

pub(super) static HOME_ASSISTANT: &[Row] = &[row(
    LoginFailed,
    "WARNING ({any}) [homeassistant.components.http.ban] Login attempt or request with invalid authentication from {any} ({address}). {any}",
    "2026-11-24 08:10:02.123 WARNING (MainThread) [homeassistant.components.http.ban] Login attempt or request with invalid authentication from pc.lan (192.0.2.7). Requested URL: '/auth/login_flow/1'. (Mozilla/5.0)",
)
.service("home-assistant")];

pub(super) static ASTERISK: &[Row] = &[row(
    LoginFailed,
    "NOTICE[{any}] {any}: Request '{method}' from '{user>}' failed for '{address}' (callid: {any}) - {detail}",
    "[2026-11-24 08:10:02] NOTICE[42] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '\"100\" <sip:100@198.51.100.1>' failed for '192.0.2.7:5060' (callid: a1b2) - No matching endpoint found",
)
.service("asterisk")];

pub(super) static FREESWITCH: &[Row] = &[row(
    LoginFailed,
    "[WARNING] sofia_reg.c:{any} SIP auth failure ({method}) on sofia profile '{any}' for [{user>}] from ip {address}",
    "2026-11-24 08:10:02.123456 [WARNING] sofia_reg.c:1842 SIP auth failure (REGISTER) on sofia profile 'internal' for [100@198.51.100.1] from ip 192.0.2.7",
)
.service("freeswitch")];

/// Since its ninth version. All in front of the address is Grafana's own.
pub(super) static GRAFANA: &[Row] = &[row(
    LoginFailed,
    "logger=context userId=0 orgId=0 uname= t={time} level=info msg=\"Request Completed\" method=POST path=/login status=401 remote_addr={address} {any}",
    "logger=context userId=0 orgId=0 uname= t=2026-11-24T08:10:02.123456789Z level=info msg=\"Request Completed\" method=POST path=/login status=401 remote_addr=192.0.2.7 time_ms=42 duration=42ms size=67 referer=https://edge/login handler=/login",
)
.service("grafana")];

pub(super) static DOCKERD: &[Row] = &[
    row(
        Probe,
        "http: TLS handshake error from {address}: {detail}",
        "Nov 24 08:10:02 edge dockerd[42]: http: TLS handshake error from 192.0.2.7:51234: tls: client didn't provide a certificate",
    )
    .service("dockerd")
    .method("connection"),
    row(
        Probe,
        "{any} http: TLS handshake error from {address}: {detail}",
        "Nov 24 08:10:02 edge dockerd[42]: 2026/11/24 08:10:02 http: TLS handshake error from 192.0.2.7:51234: remote error: tls: bad certificate",
    )
    .service("dockerd")
    .method("connection"),
];

pub(super) static VAULTWARDEN: &[Row] = &[row(
    LoginFailed,
    "[vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: {address}. Username: {user>}.",
    "[2026-11-24 08:10:02.123][vaultwarden::api::identity][ERROR] Username or password is incorrect. Try again. IP: 192.0.2.7. Username: alice@example.org.",
)
.service("vaultwarden")];

pub(super) static GITEA: &[Row] = &[row(
    LoginFailed,
    "{any} Failed authentication attempt for {user=} from {address}: {any}",
    "2026/11/24 08:10:02 ...ers/web/auth/auth.go:211:SignInPost() [I] Failed authentication attempt for alice from 192.0.2.7:51234: user's password is invalid [uid: 1, name: alice]",
)
.service("gitea")];
