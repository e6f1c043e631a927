//! PAM, beneath whatever daemon: `pam_unix` and its relatives. The daemon mostly tells of the same attempt in its own words,
//! so failures are of the channel `library`.

use super::row::{Row, row};
use crate::logins::event::Channel::Library;
use crate::logins::event::Kind::{AccountChange, Lockout, LoginFailed, Logout, Session};

pub(super) static ROWS: &[Row] = &[
    row(
        LoginFailed,
        "pam_{any}({service}:auth): authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}  user={user}",
        "Dec 10 07:07:38 LabSZ sshd[24206]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=5.36.59.76  user=root",
    )
    .channel(Library),
    row(
        LoginFailed,
        "pam_{any}({service}:auth): authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address} user={user}",
        "Nov 24 08:10:02 edge login[7]: pam_sss(login:auth): authentication failure; logname=LOGIN uid=0 euid=0 tty=/dev/tty1 ruser= rhost= user=alice",
    )
    .channel(Library),
    row(
        LoginFailed,
        "pam_{any}({service}:auth): authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}",
        "Dec 10 06:55:46 LabSZ sshd[24200]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=173.234.31.186 ",
    )
    .channel(Library),
    row(
        LoginFailed,
        "PAM {count} more authentication failures; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}  user={user}",
        "Dec 10 07:13:56 LabSZ sshd[24227]: PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=5.36.59.76.dynamic-dsl-ip.omantel.net.om  user=root",
    )
    .channel(Library),
    row(
        LoginFailed,
        "PAM {count} more authentication failures; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}",
        "Dec 10 08:39:59 LabSZ sshd[24408]: PAM 4 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=183.62.140.253 ",
    )
    .channel(Library),
    row(
        LoginFailed,
        "PAM {count} more authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}  user={user}",
        "Dec 10 09:12:20 LabSZ sshd[24492]: PAM 1 more authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=187.141.143.180  user=root",
    )
    .channel(Library),
    row(
        LoginFailed,
        "PAM {count} more authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}",
        "Dec 10 09:12:20 LabSZ sshd[24492]: PAM 1 more authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=187.141.143.180 ",
    )
    .channel(Library),
    row(
        Lockout,
        "pam_faillock({service}:auth): Consecutive login failures for user {user} account temporarily locked",
        "Nov 24 08:10:02 edge sshd[42]: pam_faillock(sshd:auth): Consecutive login failures for user alice account temporarily locked",
    )
    .channel(Library),
    row(
        Session,
        "pam_{any}({service}:session): session opened for user {user}(uid={any}) by {by}(uid={any})",
        "Nov 24 08:10:02 edge sudo: pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)",
    )
    .channel(Library),
    row(
        Session,
        "pam_{any}({service}:session): session opened for user {user} by {by}(uid={any})",
        "Dec 10 09:32:20 LabSZ sshd[24680]: pam_unix(sshd:session): session opened for user fztu by (uid=0)",
    )
    .channel(Library),
    row(
        Logout,
        "pam_{any}({service}:session): session closed for user {user}",
        "Dec 10 09:32:20 LabSZ sshd[24680]: pam_unix(sshd:session): session closed for user fztu",
    )
    .channel(Library),
    row(
        AccountChange,
        "pam_{any}({service}:chauthtok): password changed for {user}",
        "Nov 24 08:10:02 edge passwd[42]: pam_unix(passwd:chauthtok): password changed for alice",
    )
    .method("password"),
];

/// Before 2008 the service stood in the program's name: `sshd(pam_unix)[42]: …`
pub(super) static OLD_ROWS: &[Row] = &[
    row(
        LoginFailed,
        "authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}  user={user}",
        "Jun 15 02:04:59 combo sshd(pam_unix)[20882]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=220-135-151-1.hinet-ip.hinet.net  user=root",
    )
    .channel(Library),
    row(
        LoginFailed,
        "authentication failure; logname={any} uid={any} euid={any} tty={any} ruser={by>} rhost={address}",
        "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=218.188.2.4 ",
    )
    .channel(Library),
    row(
        Session,
        "session opened for user {user} by {by}(uid={any})",
        "Jun 15 04:06:18 combo su(pam_unix)[21416]: session opened for user cyrus by (uid=0)",
    )
    .channel(Library),
    row(
        Logout,
        "session closed for user {user}",
        "Jun 15 04:06:19 combo su(pam_unix)[21416]: session closed for user cyrus",
    )
    .channel(Library),
];
