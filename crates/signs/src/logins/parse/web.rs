//! Web servers: what they say of passwords, and refusals in access logs.

use super::row::{Row, row};
use crate::logins::event::Kind::LoginFailed;

pub(super) static ERRORS: &[Row] = &[
    row(
        LoginFailed,
        "[error] {any}: *{any} user \"{user=}\": password mismatch, client: {address}, server: {any}",
        "2026/11/24 08:10:02 [error] 42#42: *7 user \"alice\": password mismatch, client: 192.0.2.7, server: _, request: \"GET / HTTP/1.1\", host: \"edge\"",
    )
    .service("nginx"),
    row(
        LoginFailed,
        "[error] {any}: *{any} user \"{user=}\" was not found in \"{any}\", client: {address}, server: {any}",
        "2026/11/24 08:10:02 [error] 42#42: *7 user \"bob\" was not found in \"/etc/nginx/htpasswd\", client: 192.0.2.7, server: _, request: \"GET / HTTP/1.1\", host: \"edge\"",
    )
    .service("nginx"),
    // Both the name and the request are the client's: where they could pass for one another, the address stays open.
    row(
        LoginFailed,
        "[error] {any}: *{any} user \"{user}\": password mismatch, client: {any}",
        "2026/11/24 08:10:02 [error] 42#42: *7 user \"a\": password mismatch, client: 1.2.3.4, server: x\": password mismatch, client: 192.0.2.7, server: _, request: \"GET / HTTP/1.1\", host: \"edge\"",
    )
    .service("nginx"),
    row(
        LoginFailed,
        "[auth_basic:error] [{any}] [client {address}] AH01617: user {user>}: authentication failure for \"{any}\": Password Mismatch",
        "[Tue Nov 24 08:10:02.123456 2026] [auth_basic:error] [pid 42:tid 43] [client 192.0.2.7:51234] AH01617: user alice: authentication failure for \"/\": Password Mismatch",
    )
    .service("apache"),
    row(
        LoginFailed,
        "[auth_basic:error] [{any}] [client {address}] AH01618: user {user>} not found: {any}",
        "[Tue Nov 24 08:10:02.123456 2026] [auth_basic:error] [pid 42:tid 43] [client 192.0.2.7:51234] AH01618: user bob not found: /",
    )
    .service("apache"),
];

/// The common and the combined form, of nginx, Apache and Traefik. Quotes in a request are escaped by all three.
pub(super) static ACCESS: &[Row] = &[row(
    LoginFailed,
    "{address} {any} {user} [{detail}] \"{any}\" 401 {any}",
    "192.0.2.7 - alice [24/Nov/2026:08:10:02 +0000] \"GET /admin HTTP/1.1\" 401 381 \"-\" \"curl/8.5.0\"",
)
.service("http")];
