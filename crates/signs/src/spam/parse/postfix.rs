//! Postfix: each of its programs says its part of a message, and the queue's id joins them.

use super::event::Kind::{Bounced, Deferred, Queued, Received, Rejected, Removed, Sent};
use super::row::{Row, row};

pub(super) static SMTPD: &[Row] = &[
    row(
        Received,
        "{subject}: client={any}[{address}], sasl_method={any}, sasl_username={user}, sasl_sender={any}",
        "Nov 24 08:10:02 mx postfix/submission/smtpd[42]: 4F1C2A3B: client=laptop.example.org[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@shop.example, sasl_sender=ann@shop.example",
    ),
    row(
        Received,
        "{subject}: client={any}[{address}], sasl_method={any}, sasl_username={user}",
        "Nov 24 08:10:02 mx postfix/submission/smtpd[42]: 4F1C2A3B: client=laptop.example.org[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@shop.example",
    ),
    row(
        Received,
        "{subject}: client={any}[{address}], orig_client={any}",
        "Nov 24 08:10:02 mx postfix/smtpd[42]: 4F1C2A3B: client=localhost[127.0.0.1], orig_client=mail.example.org[192.0.2.7]",
    ),
    row(
        Received,
        "{subject}: client={any}[{address}]",
        "Nov 24 08:10:02 mx postfix/smtpd[42]: 4F1C2A3B: client=mail.example.org[192.0.2.7]",
    ),
    row(
        Rejected,
        "NOQUEUE: reject: {any} from {any}[{address}]: {any}; from=<{by}> to=<{detail}> proto={any}",
        "Nov 24 08:10:02 mx postfix/smtpd[42]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; from=<x@spam.example> to=<ann@shop.example> proto=ESMTP helo=<x>",
    ),
    row(
        Rejected,
        "NOQUEUE: reject: {any} from {any}[{address}]: {any}",
        "Nov 24 08:10:02 mx postfix/smtpd[42]: NOQUEUE: reject: CONNECT from unknown[192.0.2.7]: 554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied; proto=SMTP",
    ),
    row(
        Rejected,
        "{subject}: reject: {any} from {any}[{address}]: {any}; from=<{by}> to=<{detail}> proto={any}",
        "Nov 24 08:10:02 mx postfix/smtpd[42]: 4F1C2A3B: reject: RCPT from mail.example.org[192.0.2.7]: 452 4.1.1 <bob@shop.example>: Recipient address rejected: over quota; from=<x@example.org> to=<bob@shop.example> proto=ESMTP helo=<mail.example.org>",
    ),
];

pub(super) static CLEANUP: &[Row] = &[
    row(
        Rejected,
        "{subject}: milter-reject: {any} from {any}[{address}]: {any}; from=<{by}> to=<{detail}> proto={any}",
        "Nov 24 08:10:02 mx postfix/cleanup[43]: 4F1C2A3B: milter-reject: END-OF-MESSAGE from unknown[192.0.2.7]: 5.7.1 Spam message rejected; from=<x@spam.example> to=<ann@shop.example> proto=ESMTP helo=<x>",
    ),
    row(
        Rejected,
        "{subject}: reject: {any} from {any}[{address}]; from=<{by}> to=<{detail}> proto={any}",
        "Nov 24 08:10:02 mx postfix/cleanup[43]: 4F1C2A3B: reject: header Subject: win a prize from unknown[192.0.2.7]; from=<x@spam.example> to=<ann@shop.example> proto=ESMTP helo=<x>: 5.7.1 no",
    ),
];

pub(super) static PICKUP: &[Row] = &[row(
    Received,
    "{subject}: uid={method} from=<{by}>",
    "Nov 24 08:10:02 mx postfix/pickup[44]: 4F1C2A3B: uid=33 from=<www-data>",
)];

pub(super) static QMGR: &[Row] = &[
    row(
        Queued,
        "{subject}: from=<{by}>, size={code}, nrcpt={count} (queue active)",
        "Nov 24 08:10:02 mx postfix/qmgr[45]: 4F1C2A3B: from=<ann@shop.example>, size=2345, nrcpt=3 (queue active)",
    ),
    row(Removed, "{subject}: removed", "Nov 24 08:10:03 mx postfix/qmgr[45]: 4F1C2A3B: removed"),
    row(
        Bounced,
        "{subject}: from=<{by}>, status=expired, returned to sender",
        "Nov 24 08:10:03 mx postfix/qmgr[45]: 4F1C2A3B: from=<ann@shop.example>, status=expired, returned to sender",
    )
    .outbound(),
];

pub(super) static SMTP: &[Row] = &[
    row(
        Sent,
        "{subject}: to=<{detail}>, {any}relay={service}, delay={any}, status=sent ({any}",
        "Nov 24 08:10:03 mx postfix/smtp[46]: 4F1C2A3B: to=<bob@example.org>, relay=mx.example.org[198.51.100.9]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
    )
    .outbound(),
    row(
        Bounced,
        "{subject}: to=<{detail}>, {any}relay={service}, delay={any}, status=bounced ({any}",
        "Nov 24 08:10:03 mx postfix/smtp[46]: 4F1C2A3B: to=<nobody@example.org>, relay=mx.example.org[198.51.100.9]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=5.1.1, status=bounced (host mx.example.org[198.51.100.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
    )
    .outbound(),
    row(
        Deferred,
        "{subject}: to=<{detail}>, {any}relay={service}, delay={any}, status=deferred ({any}",
        "Nov 24 08:10:03 mx postfix/smtp[46]: 4F1C2A3B: to=<bob@example.org>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.org[198.51.100.9]:25: Connection timed out)",
    )
    .outbound(),
];

/// What stays on this host: its mailboxes and filters.
pub(super) static LOCAL: &[Row] = &[
    row(
        Sent,
        "{subject}: to=<{detail}>, {any}relay={service}, delay={any}, status=sent ({any}",
        "Nov 24 08:10:03 mx postfix/local[46]: 4F1C2A3B: to=<ann@shop.example>, relay=local, delay=0.05, delays=0.03/0/0/0.02, dsn=2.0.0, status=sent (delivered to mailbox)",
    ),
    row(
        Bounced,
        "{subject}: to=<{detail}>, {any}relay={service}, delay={any}, status=bounced ({any}",
        "Nov 24 08:10:03 mx postfix/error[46]: 4F1C2A3B: to=<x@shop.example>, relay=none, delay=0.05, delays=0.03/0/0/0.02, dsn=5.1.1, status=bounced (User unknown)",
    ),
    row(
        Deferred,
        "{subject}: to=<{detail}>, {any}relay={service}, delay={any}, status=deferred ({any}",
        "Nov 24 08:10:03 mx postfix/lmtp[46]: 4F1C2A3B: to=<ann@shop.example>, relay=mx[private/dovecot-lmtp], delay=0.05, delays=0.03/0/0/0.02, dsn=4.2.2, status=deferred (over quota)",
    ),
];
