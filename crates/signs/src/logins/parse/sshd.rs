//! OpenSSH's server, from 5 to 10; since 9.8 its lines come from `sshd-session` and `sshd-auth`.
//!
//! Names are the attacker's: `{user>}` is read from the line's end. An accepted name is an account that exists, and what
//! follows may hold the text of a certificate: it is read from the front.

use super::row::{Row, row};
use crate::logins::event::Channel::{Key, Library};
use crate::logins::event::Kind::{LoginFailed, LoginOk, Logout, Probe};

pub(super) static ROWS: &[Row] = &[
    row(
        LoginOk,
        "Accepted {method} for {user} from {address} port {port} ssh2: {detail}",
        "Nov 24 08:10:02 edge sshd[42]: Accepted publickey for deploy from 192.0.2.7 port 51234 ssh2: ED25519 SHA256:AbC/+w",
    ),
    row(
        LoginOk,
        "Accepted {method} for {user} from {address} port {port} ssh2",
        "Dec 10 09:32:20 LabSZ sshd[24680]: Accepted password for fztu from 119.137.62.142 port 49116 ssh2",
    ),
    row(
        Probe,
        "Failed none for invalid user {user>} from {address} port {port} ssh2",
        "Dec 10 08:24:43 LabSZ sshd[24369]: Failed none for invalid user 0 from 181.214.87.4 port 55136 ssh2",
    )
    .method("none"),
    row(
        Probe,
        "Failed none for {user>} from {address} port {port} ssh2",
        "Nov 24 08:10:02 edge sshd[42]: Failed none for root from 192.0.2.7 port 51234 ssh2",
    )
    .method("none"),
    row(
        LoginFailed,
        "Failed publickey for invalid user {user=} from {address} port {port} ssh2: {detail}",
        "Nov 24 08:10:02 edge sshd[42]: Failed publickey for invalid user bob from 192.0.2.7 port 51234 ssh2: RSA SHA256:x",
    )
    .method("publickey")
    .channel(Key),
    row(
        LoginFailed,
        "Failed publickey for invalid user {user} from {any} port {any} ssh2: {any}",
        "Nov 24 08:10:02 edge sshd[42]: Failed publickey for invalid user a from 1.2.3.4 port 1 ssh2: b from 5.6.7.8 port 2 ssh2: RSA-CERT SHA256:x ID c",
    )
    .method("publickey")
    .channel(Key),
    row(
        LoginFailed,
        "Failed publickey for {user=} from {address} port {port} ssh2: {detail}",
        "Nov 24 08:10:02 edge sshd[42]: Failed publickey for root from 192.0.2.7 port 51234 ssh2: RSA SHA256:x",
    )
    .method("publickey")
    .channel(Key),
    row(
        LoginFailed,
        "Failed publickey for {user} from {any} port {any} ssh2: {any}",
        "Nov 24 08:10:02 edge sshd[42]: Failed publickey for a from 1.2.3.4 port 1 ssh2: b from 5.6.7.8 port 2 ssh2: RSA-CERT SHA256:x ID c",
    )
    .method("publickey")
    .channel(Key),
    row(
        LoginFailed,
        "Failed {method} for invalid user {user>} from {address} port {port} ssh2",
        "Dec 10 06:55:48 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2",
    ),
    row(
        LoginFailed,
        "Failed {method} for illegal user {user>} from {address} port {port} ssh2",
        "Jun 14 15:16:02 combo sshd[19937]: Failed password for illegal user test from 218.188.2.4 port 4711 ssh2",
    ),
    row(
        LoginFailed,
        "Failed {method} for {user>} from {address} port {port} ssh2",
        "Dec 10 07:13:43 LabSZ sshd[24227]: Failed password for root from 5.36.59.76 port 42393 ssh2",
    ),
    row(
        LoginFailed,
        "error: PAM: {detail} for illegal user {user>} from {address}",
        "Nov 24 08:10:02 edge sshd[42]: error: PAM: User not known to the underlying authentication module for illegal user bob from 192.0.2.7",
    )
    .method("keyboard-interactive")
    .channel(Library),
    row(
        LoginFailed,
        "error: PAM: {detail} for {user>} from {address}",
        "Nov 24 08:10:02 edge sshd[42]: error: PAM: Authentication failure for root from 192.0.2.7",
    )
    .method("keyboard-interactive")
    .channel(Library),
    row(
        LoginFailed,
        "ROOT LOGIN REFUSED FROM {address} port {port}",
        "Nov 24 08:10:02 edge sshd[42]: ROOT LOGIN REFUSED FROM 192.0.2.7 port 51234",
    )
    .user("root"),
    row(
        LoginFailed,
        "ROOT LOGIN REFUSED FROM {address}",
        "Nov 24 08:10:02 edge sshd[42]: ROOT LOGIN REFUSED FROM 192.0.2.7",
    )
    .user("root"),
    row(
        Probe,
        "Invalid user {user>} from {address} port {port}",
        "Nov 24 08:10:02 edge sshd[42]: Invalid user admin from 192.0.2.7 port 51234",
    ),
    row(
        Probe,
        "Invalid user {user>} from {address}",
        "Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186",
    ),
    row(
        Probe,
        "Illegal user {user>} from {address}",
        "Jun 14 15:16:02 combo sshd[19937]: Illegal user test from 218.188.2.4",
    ),
    row(
        Probe,
        "User {user>} from {address} not allowed because {detail}",
        "Nov 24 08:10:02 edge sshd[42]: User backup from 192.0.2.7 not allowed because not listed in AllowUsers",
    ),
    row(
        Probe,
        "Connection closed by invalid user {user>} {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Connection closed by invalid user oracle 192.0.2.7 port 51234 [preauth]",
    ),
    row(
        Probe,
        "Connection closed by authenticating user {user>} {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Connection closed by authenticating user root 192.0.2.7 port 51234 [preauth]",
    ),
    row(
        Probe,
        "Connection reset by invalid user {user>} {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Connection reset by invalid user pi 192.0.2.7 port 51234 [preauth]",
    ),
    row(
        Probe,
        "Connection reset by authenticating user {user>} {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Connection reset by authenticating user root 192.0.2.7 port 51234 [preauth]",
    ),
    row(
        Probe,
        "Connection closed by {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Connection closed by 192.0.2.7 port 51234 [preauth]",
    )
    .method("connection"),
    row(
        Probe,
        "Connection closed by {address} [preauth]",
        "Dec 10 06:55:48 LabSZ sshd[24200]: Connection closed by 173.234.31.186 [preauth]",
    )
    .method("connection"),
    row(
        Probe,
        "Connection reset by {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Connection reset by 192.0.2.7 port 51234 [preauth]",
    )
    .method("connection"),
    row(
        Probe,
        "Disconnected from invalid user {user>} {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Disconnected from invalid user test 192.0.2.7 port 51234 [preauth]",
    ),
    row(
        Probe,
        "Disconnected from authenticating user {user>} {address} port {port} [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Disconnected from authenticating user root 192.0.2.7 port 51234 [preauth]",
    ),
    row(
        Logout,
        "Disconnected from user {user>} {address} port {port}",
        "Nov 24 08:10:02 edge sshd[42]: Disconnected from user deploy 192.0.2.7 port 51234",
    ),
    row(
        Probe,
        "error: maximum authentication attempts exceeded for invalid user {user>} from {address} port {port} ssh2 [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: error: maximum authentication attempts exceeded for invalid user bob from 192.0.2.7 port 51234 ssh2 [preauth]",
    ),
    row(
        Probe,
        "error: maximum authentication attempts exceeded for {user>} from {address} port {port} ssh2 [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: error: maximum authentication attempts exceeded for root from 192.0.2.7 port 51234 ssh2 [preauth]",
    ),
    row(
        Probe,
        "Did not receive identification string from {address} port {port}",
        "Nov 24 08:10:02 edge sshd[42]: Did not receive identification string from 192.0.2.7 port 51234",
    )
    .method("connection"),
    row(
        Probe,
        "Did not receive identification string from {address}",
        "Dec 10 07:28:03 LabSZ sshd[24245]: Did not receive identification string from 112.95.230.3",
    )
    .method("connection"),
    row(
        Probe,
        "banner exchange: Connection from {address} port {port}: {detail}",
        "Nov 24 08:10:02 edge sshd[42]: banner exchange: Connection from 192.0.2.7 port 51234: invalid format",
    )
    .method("connection"),
    row(
        Probe,
        "Bad protocol version identification '{any>}' from {address} port {port}",
        "Nov 24 08:10:02 edge sshd[42]: Bad protocol version identification 'GET / HTTP/1.1' from 192.0.2.7 port 51234",
    )
    .method("connection"),
    row(
        Probe,
        "Unable to negotiate with {address} port {port}: {detail}",
        "Nov 24 08:10:02 edge sshd[42]: Unable to negotiate with 192.0.2.7 port 51234: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1 [preauth]",
    )
    .method("connection"),
    row(
        Probe,
        "Timeout before authentication for connection from {address} to {any}, pid = {any}",
        "Nov 24 08:10:02 edge sshd[42]: Timeout before authentication for connection from 192.0.2.7 to 198.51.100.1, pid = 4711",
    )
    .method("connection"),
    row(
        Probe,
        "fatal: Timeout before authentication for {address} port {port}",
        "Nov 24 08:10:02 edge sshd[42]: fatal: Timeout before authentication for 192.0.2.7 port 51234",
    )
    .method("connection"),
    row(
        Probe,
        "drop connection #{any} from [{address}]:{port} on {any} {detail}",
        "Nov 24 08:10:02 edge sshd[42]: drop connection #11 from [192.0.2.7]:51234 on [198.51.100.1]:22 past MaxStartups",
    )
    .method("connection"),
];
