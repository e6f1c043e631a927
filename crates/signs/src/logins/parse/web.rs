//! Web servers, and what stands before them: what they say of passwords, and refusals in access logs.

use super::row::{Row, row};
use crate::logins::event::Channel::Library;
use crate::logins::event::Kind::{LoginFailed, Probe};

/// A name cannot hold a colon: HTTP ends it there. What has one behind the name is the daemon's own, and where it stands
/// first it is no forgery, whatever the request, the referrer or the host holds.
pub(super) static ERRORS: &[Row] = &[
    row(
        LoginFailed,
        "[error] {any}: *{any} user \"{user}\": password mismatch, client: {address}, server: {any}",
        "2026/11/24 11:10:43 [error] 2223#2223: *3 user \"alice\": password mismatch, client: 127.0.0.1, server: , request: \"GET /htpasswd HTTP/1.1\", host: \"127.0.0.1:18080\"",
    )
    .service("nginx"),
    row(
        LoginFailed,
        "[error] {any}: *{any} user \"{user}\" was not found in \"{any}\", client: {address}, server: {any}",
        "2026/11/24 11:10:43 [error] 2223#2223: *4 user \"bob\" was not found in \"/etc/nginx/htpasswd\", client: 127.0.0.1, server: , request: \"GET /htpasswd HTTP/1.1\", host: \"127.0.0.1:18080\"",
    )
    .service("nginx"),
    row(
        LoginFailed,
        "[auth_basic:error] [{any}] [client {address}] AH01617: user {user}: authentication failure for \"{any}",
        "[Tue Nov 24 11:10:44.680059 2026] [auth_basic:error] [pid 2289:tid 2317] [client 127.0.0.1:32864] AH01617: user alice: authentication failure for \"/a\"b\": Password Mismatch, referer: http://x/",
    )
    .service("apache"),
    row(
        LoginFailed,
        "[auth_basic:error] [{any}] [client {address}] AH01618: user {user} not found: {any}",
        "[Tue Nov 24 11:10:44.574054 2026] [auth_basic:error] [pid 2288:tid 2296] [client 127.0.0.1:32822] AH01618: user bob not found: /htpasswd",
    )
    .service("apache"),
];

/// The common and the combined form, of nginx, Apache and Traefik. Quotes in a request are escaped by all three. The same
/// attempt may stand in the error log, too: both together are one.
pub(super) static ACCESS: &[Row] = &[row(
    LoginFailed,
    "{address} {any} {user} [{detail}] \"{any}\" 401 {any}",
    "192.0.2.7 - alice [24/Nov/2026:08:10:02 +0000] \"GET /admin HTTP/1.1\" 401 381 \"-\" \"curl/8.5.0\"",
)
.service("http")
.channel(Library)];

/// HAProxy asks for a password itself where no server is behind the answer. Whether one was shown stands in its log only
/// where the rule captures it: `http-request capture http_auth_type len 8`, and behind it, if wanted, `http_auth_user len 64`.
/// Blanks, braces and bars in names are escaped. Without that, a refusal may be the first that every browser gets.
pub(super) static HAPROXY: &[Row] = &[
    row(
        LoginFailed,
        "{endpoint} [{any}] {any} {any}/<NOSRV> {any} 401 {any}R-- {any} {Basic|{user}} \"{any}",
        "<134>Nov 24 11:13:58 haproxy[19771]: 127.0.0.1:53502 [24/Nov/2026:11:13:58.858] web2 web2/<NOSRV> 0/-1/-1/-1/0 401 248 - - LR-- 1/1/0/0/0 0/0 {Basic|alice} \"GET / HTTP/1.1\"",
    ),
    row(
        Probe,
        "{endpoint} [{any}] {any} {any}/<NOSRV> {any} 401 {any}R-- {any} \"{any}",
        "<134>Nov 24 11:12:25 haproxy[10932]: 127.0.0.1:42668 [24/Nov/2026:11:12:25.437] web web/<NOSRV> 0/-1/-1/-1/0 401 248 - - LR-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"",
    )
    .method("challenge"),
];
