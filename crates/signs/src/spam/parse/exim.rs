//! Exim's mainlog: `ID <= sender …` for what came, `=>` for what went, `**` for what came back, `==` for what waits.

use super::event::Kind::{Bounced, Deferred, Queued, Rejected, Removed, Sent};
use super::row::{Row, row};

pub(super) static EXIM: &[Row] = &[
    row(
        Queued,
        "{subject} <= {by} H={any} [{address}] {any}A={any}:{user} S={code} {any}",
        "2026-11-24 08:10:02 1tF0aB-000123-4X <= ann@shop.example H=laptop.example.org (laptop) [192.0.2.7] P=esmtpsa X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no A=plain_login:ann S=2345 id=1@laptop",
    ),
    row(
        Queued,
        "{subject} <= {by} H={any} [{address}] {any}S={code}",
        "2026-11-24 08:10:02 1tF0aB-000123-4X <= x@example.org H=mail.example.org [192.0.2.7] P=esmtp S=2345",
    ),
    row(
        Queued,
        "{subject} <= {by} H={any} [{address}] {any}S={code} {any}",
        "2026-11-24 08:10:02 1tF0aB-000123-4X <= x@example.org H=mail.example.org [192.0.2.7] P=esmtp S=2345 id=1@example.org",
    ),
    row(
        Queued,
        "{subject} <= {by} U={method} P=local S={code}",
        "2026-11-24 08:10:02 1tF0aB-000123-4X <= www-data@web U=www-data P=local S=812",
    ),
    row(
        Queued,
        "{subject} <= {by} U={method} P=local S={code} {any}",
        "2026-11-24 08:10:02 1tF0aB-000123-4X <= www-data@web U=www-data P=local S=812 T=\"hello\"",
    ),
    row(
        Queued,
        "{subject} <= <> R={any} U={any} P=local S={code}",
        "2026-11-24 08:10:02 1tF0aC-000124-4Y <= <> R=1tF0aB-000123-4X U=Debian-exim P=local S=1812",
    ),
    row(
        Queued,
        "{subject} <= <> R={any} U={any} P=local S={code} {any}",
        "2026-11-24 08:10:02 1tF0aC-000124-4Y <= <> R=1tF0aB-000123-4X U=Debian-exim P=local S=1812 T=\"failed\"",
    ),
    row(
        Sent,
        "{subject} => {detail} R={any} T={any} H={service} [{any}] {any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X => bob@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.9] X=TLS1.3:x:256 CV=yes C=\"250 OK\"",
    )
    .outbound(),
    row(
        Sent,
        "{subject} -> {detail} R={any} T={any} H={service} [{any}] {any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X -> eve@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.9] C=\"250 OK\"",
    )
    .outbound(),
    row(
        Sent,
        "{subject} => {detail} R={any} T={any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X => ann <ann@shop.example> R=local_user T=maildir_home",
    ),
    row(
        Bounced,
        "{subject} ** {detail} R={any} T={any}: {any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X ** nobody@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.9]: SMTP error from remote mail server after RCPT TO:<nobody@example.org>: 550 no such user",
    )
    .outbound(),
    row(
        Bounced,
        "{subject} ** {detail}: {any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X ** nobody@nowhere.example: Unrouteable address",
    )
    .outbound(),
    row(
        Deferred,
        "{subject} == {detail} R={any} T={any} defer ({any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X == bob@example.org R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.example.org [198.51.100.9]",
    )
    .outbound(),
    row(Removed, "{subject} Completed", "2026-11-24 08:10:03 1tF0aB-000123-4X Completed"),
    row(
        Rejected,
        "H={any} [{address}] {any}F=<{by}> rejected RCPT <{detail}>: {any}",
        "2026-11-24 08:10:03 H=(x) [192.0.2.7] F=<x@spam.example> rejected RCPT <ann@shop.example>: found in zen.spamhaus.org",
    ),
    row(
        Rejected,
        "{subject} H={any} [{address}] {any}F=<{by}> rejected after DATA: {any}",
        "2026-11-24 08:10:03 1tF0aB-000123-4X H=(x) [192.0.2.7] F=<x@spam.example> rejected after DATA: this is spam",
    ),
];
