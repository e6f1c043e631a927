//! Panels, VPNs and applications that write logs of their own. Each form begins as its program's line does after the
//! stamp: a form that could begin anywhere could be forged by whoever gets a line of text into a log.

use super::row::{Row, row};
use crate::logins::event::Kind::{LoginFailed, LoginOk, Probe, Session};

/// The registry that images are pushed to, with names in a file. What it says first to every client, that a password is
/// wanted, is no failure. It believes `X-Forwarded-For` whoever sends it: an address from there has no port behind it, and
/// stays text with the field's name before it, so that nobody gets another blocked.
pub(super) static REGISTRY: &[Row] = &[
    row(
        LoginFailed,
        r#"time="{time}" level=error msg="error authenticating user \"{user}\": authentication failure" {any} http.request.remoteaddr="[{ip}]:{port}" http.request.uri={any}"#,
        r#"time="2026-11-24T11:38:33.633811075Z" level=error msg="error authenticating user \"alice\": authentication failure" go.version=go1.19.8 http.request.host="[::1]:15000" http.request.id=5721864b-a4e9-4874-a14f-c3429e60c4e7 http.request.method=GET http.request.remoteaddr="[::1]:33240" http.request.uri=/v2/ http.request.useragent=curl/7.88.1"#,
    )
    .service("docker-registry"),
    row(
        LoginFailed,
        r#"time="{time}" level=error msg="error authenticating user \"{user}\": authentication failure" {any} http.request.remoteaddr="{ip}:{port}" http.request.uri={any}"#,
        r#"time="2026-11-24T11:12:23.692606847Z" level=error msg="error authenticating user \"alice\": authentication failure" go.version=go1.19.8 http.request.host="127.0.0.1:15000" http.request.id=03caa31c-8d55-4ae3-a5c0-e5c4c69e3148 http.request.method=GET http.request.remoteaddr="127.0.0.1:41232" http.request.uri=/v2/ http.request.useragent=curl/7.88.1"#,
    )
    .service("docker-registry"),
    row(
        LoginFailed,
        r#"time="{time}" level=error msg="error authenticating user \"{user}\": authentication failure" {any} http.request.method={any} {address} http.request.uri={any}"#,
        r#"time="2026-11-24T11:12:23.737310352Z" level=error msg="error authenticating user \"alice\": authentication failure" go.version=go1.19.8 http.request.host="127.0.0.1:15000" http.request.id=512b8e49-3c5c-4a55-a074-89522522f1eb http.request.method=GET http.request.remoteaddr=192.0.2.66 http.request.uri=/v2/ http.request.useragent=curl/7.88.1"#,
    )
    .service("docker-registry"),
];

/// WireGuard in the kernel, where its messages are switched on (`module wireguard +p`). A key cannot be guessed: what has a
/// wrong one is a scan, or a peer that was taken out.
pub(super) static WIREGUARD: &[Row] = &[
    row(
        Session,
        "wireguard: {any}: Receiving handshake initiation from {detail} ({endpoint})",
        "Nov 24 08:10:02 edge kernel: [12345.678901] wireguard: wg0: Receiving handshake initiation from peer 3 (192.0.2.7:51820)",
    )
    .method("handshake"),
    row(
        Probe,
        "wireguard: {any}: Invalid handshake initiation from {endpoint}",
        "Nov 24 08:10:02 edge kernel: wireguard: wg0: Invalid handshake initiation from 192.0.2.7:51820",
    )
    .method("handshake"),
    row(
        Probe,
        "wireguard: {any}: Invalid MAC of handshake, dropping packet from {endpoint}",
        "Nov 24 08:10:02 edge kernel: [12345.678901] wireguard: wg0: Invalid MAC of handshake, dropping packet from [2001:db8::7]:51820",
    )
    .method("handshake"),
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

/// Through syslog, and in a file of its own behind a stamp. What follows a failure, `Peer Connection Initiated` without a name
/// before it, is no login.
pub(super) static OPENVPN: &[Row] = &[
    row(
        LoginFailed,
        "{endpoint} TLS Auth Error: Auth Username/Password verification failed for peer",
        "2026-11-24 11:58:07 127.0.0.1:45906 TLS Auth Error: Auth Username/Password verification failed for peer",
    )
    .service("openvpn"),
    row(
        LoginFailed,
        "{endpoint} VERIFY ERROR: {detail}",
        "Nov 24 08:10:02 edge ovpn-server[42]: 192.0.2.7:51234 VERIFY ERROR: depth=0, error=certificate has expired: CN=alice",
    )
    .service("openvpn")
    .method("certificate"),
    row(
        LoginOk,
        "{endpoint} [{user}] Peer Connection Initiated with {any}",
        "2026-11-24 11:58:07 127.0.0.1:43312 [alice] Peer Connection Initiated with [AF_INET]127.0.0.1:43312",
    )
    .service("openvpn"),
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
