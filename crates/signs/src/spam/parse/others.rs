//! sendmail, OpenSMTPD and rspamd.

use super::event::Kind::{Bounced, Deferred, Queued, Received, Rejected, Sent};
use super::row::{Row, row};

pub(super) static SENDMAIL: &[Row] = &[
    row(
        Queued,
        "{subject}: from=<{by}>, size={code}, {any}nrcpts={count}, {any}relay={any}[{address}]{any}",
        "Nov 24 08:10:02 mx sendmail[42]: 4AO8A2xx000042: from=<x@example.org>, size=2345, class=0, nrcpts=1, msgid=<1@example.org>, proto=ESMTP, daemon=MTA, relay=mail.example.org [192.0.2.7]",
    ),
    row(
        Queued,
        "{subject}: from={method}, size={code}, {any}nrcpts={count}, {any}relay={any}@localhost",
        "Nov 24 08:10:02 mx sendmail[42]: 4AO8A2xx000043: from=www-data, size=812, class=0, nrcpts=1, msgid=<2@mx>, relay=www-data@localhost",
    ),
    row(
        Received,
        "{subject}: AUTH=server, relay={any}[{address}], authid={user}, mech={any}",
        "Nov 24 08:10:02 mx sendmail[42]: 4AO8A2xx000042: AUTH=server, relay=laptop.example.org [192.0.2.7], authid=ann, mech=PLAIN, bits=0",
    ),
    row(
        Sent,
        "{subject}: to={detail}, {any}mailer=local{any}stat=Sent{any}",
        "Nov 24 08:10:03 mx sendmail[43]: 4AO8A2xx000042: to=<ann@shop.example>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=30000, dsn=2.0.0, stat=Sent",
    ),
    row(
        Sent,
        "{subject}: to={detail}, {any}relay={service}, dsn=2.{any}, stat=Sent{any}",
        "Nov 24 08:10:03 mx sendmail[43]: 4AO8A2xx000042: to=<bob@example.org>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=30000, relay=mx.example.org. [198.51.100.9], dsn=2.0.0, stat=Sent (Ok)",
    )
    .outbound(),
    row(
        Deferred,
        "{subject}: to={detail}, {any}dsn=4.{any}, stat=Deferred{any}",
        "Nov 24 08:10:03 mx sendmail[43]: 4AO8A2xx000042: to=<bob@example.org>, delay=00:00:30, xdelay=00:00:30, mailer=esmtp, pri=30000, relay=mx.example.org. [198.51.100.9], dsn=4.0.0, stat=Deferred: Connection timed out with mx.example.org.",
    )
    .outbound(),
    row(
        Bounced,
        "{subject}: to={detail}, {any}dsn=5.{any}, stat={any}",
        "Nov 24 08:10:03 mx sendmail[43]: 4AO8A2xx000042: to=<nobody@example.org>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=30000, relay=mx.example.org. [198.51.100.9], dsn=5.1.1, stat=User unknown",
    )
    .outbound(),
    row(
        Rejected,
        "{subject}: ruleset=check_{any}, arg1=<{any}>, relay={any}[{address}], reject={any}",
        "Nov 24 08:10:03 mx sendmail[43]: 4AO8A2xx000044: ruleset=check_rcpt, arg1=<bob@other.example>, relay=unknown [192.0.2.7], reject=550 5.7.1 <bob@other.example>... Relaying denied",
    ),
];

/// One message is one session here: its id joins the lines.
pub(super) static OPENSMTPD: &[Row] = &[
    row(
        Received,
        "{subject} smtp connected address={address} host={any}",
        "Nov 24 08:10:02 mx smtpd[42]: 9c52f3a1b2c3d4e5 smtp connected address=192.0.2.7 host=laptop.example.org",
    ),
    row(
        Received,
        "{subject} smtp authentication user={user} result=ok",
        "Nov 24 08:10:02 mx smtpd[42]: 9c52f3a1b2c3d4e5 smtp authentication user=ann result=ok",
    ),
    row(
        Queued,
        "{subject} smtp message msgid={any} size={code} nrcpt={count} proto={any}",
        "Nov 24 08:10:02 mx smtpd[42]: 9c52f3a1b2c3d4e5 smtp message msgid=8f2b1c3d size=2345 nrcpt=3 proto=ESMTP",
    ),
    row(
        Sent,
        "{subject} mta delivery evpid={any} from=<{by}> to=<{detail}> {any}relay=\"{service}\" {any}result=\"Ok\" {any}",
        "Nov 24 08:10:03 mx smtpd[42]: 9c52f3a6d7e8f901 mta delivery evpid=8f2b1c3d00000001 from=<ann@shop.example> to=<bob@example.org> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.9 (mx.example.org)\" delay=1s result=\"Ok\" stat=\"250 2.0.0 Ok\"",
    )
    .outbound(),
    row(
        Bounced,
        "{subject} mta delivery evpid={any} from=<{by}> to=<{detail}> {any}result=\"PermFail\" {any}",
        "Nov 24 08:10:03 mx smtpd[42]: 9c52f3a6d7e8f901 mta delivery evpid=8f2b1c3d00000001 from=<ann@shop.example> to=<nobody@example.org> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.9 (mx.example.org)\" delay=1s result=\"PermFail\" stat=\"550 no such user\"",
    )
    .outbound(),
    row(
        Deferred,
        "{subject} mta delivery evpid={any} from=<{by}> to=<{detail}> {any}result=\"TempFail\" {any}",
        "Nov 24 08:10:03 mx smtpd[42]: 0000000000000000 mta delivery evpid=8f2b1c3d00000001 from=<ann@shop.example> to=<bob@example.org> rcpt=<-> source=\"-\" relay=\"mx.example.org\" delay=1s result=\"TempFail\" stat=\"Network error on destination MXs\"",
    )
    .outbound(),
    row(
        Rejected,
        "{subject} smtp failed-command command=\"RCPT TO:<{detail}>{any}\" result=\"{any}\"",
        "Nov 24 08:10:03 mx smtpd[42]: 9c52f3a1b2c3d4e5 smtp failed-command command=\"RCPT TO:<bob@other.example>\" result=\"550 Invalid recipient: <bob@other.example>\"",
    ),
];

/// What rspamd turns away. What it lets through, the server tells of itself.
pub(super) static RSPAMD: &[Row] = &[
    row(
        Rejected,
        "{any}rspamd_task_write_log: id: {any}, qid: <{subject}>, ip: {address}, user: {user}, {any}from: <{by}>, (default: T (reject): {any}",
        "2026-11-24 08:10:03 #42(normal) <a1b2c3>; task; rspamd_task_write_log: id: <1@x>, qid: <4F1C2A3B>, ip: 192.0.2.7, user: ann, from: <ann@shop.example>, (default: T (reject): [18.20/15.00] [BAYES_SPAM(5.10){99.99%;}]), len: 2345, time: 120.1ms, dns req: 12, digest: <d1>, rcpts: <bob@example.org>, mime_rcpts: <bob@example.org>",
    ),
    row(
        Rejected,
        "{any}rspamd_task_write_log: id: {any}, qid: <{subject}>, ip: {address}, {any}from: <{by}>, (default: T (reject): {any}",
        "2026-11-24 08:10:03 #42(normal) <a1b2c3>; task; rspamd_task_write_log: id: <1@x>, qid: <4F1C2A3C>, ip: 192.0.2.7, from: <x@spam.example>, (default: T (reject): [18.20/15.00] [BAYES_SPAM(5.10){99.99%;}]), len: 2345, time: 120.1ms, dns req: 12, digest: <d1>, rcpts: <ann@shop.example>, mime_rcpts: <ann@shop.example>",
    ),
];
