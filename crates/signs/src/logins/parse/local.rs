//! Those who are on the machine already: sudo, su, login, systemd-logind, polkit.

use super::row::{Row, row};
use crate::logins::event::Channel::Library;
use crate::logins::event::Kind::{LoginFailed, LoginOk, Session, Sudo, SudoDenied};

pub(super) static SUDO: &[Row] = &[
    row(
        SudoDenied,
        "{by} : user NOT in sudoers ; {any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:  mallory : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/mallory ; USER=root ; COMMAND=/bin/bash",
    ),
    row(
        SudoDenied,
        "{by} : user NOT authorized on host ; {any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:  mallory : user NOT authorized on host ; TTY=pts/1 ; PWD=/home/mallory ; USER=root ; COMMAND=/bin/bash",
    ),
    row(
        SudoDenied,
        "{by} : command not allowed ; {any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:    alice : command not allowed ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/visudo",
    ),
    row(
        LoginFailed,
        "{by} : {count} incorrect password attempts ; {any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:    alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh",
    )
    .method("password"),
    row(
        LoginFailed,
        "{by} : {count} incorrect password attempt ; {any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:    alice : 1 incorrect password attempt ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh",
    )
    .method("password"),
    row(
        LoginFailed,
        "{by} : a password is required ; {any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:   backup : a password is required ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
    )
    .method("none"),
    row(
        Sudo,
        "{by} : TTY={any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/apt update",
    ),
    row(
        Sudo,
        "{by} : PWD={any}USER={user} ; {any}COMMAND={detail}",
        "Nov 24 08:10:02 edge sudo:     root : PWD=/root ; USER=postgres ; COMMAND=/usr/bin/psql",
    ),
];

pub(super) static SU: &[Row] = &[
    row(
        LoginFailed,
        "FAILED SU (to {user}) {by} on {detail}",
        "Nov 24 08:10:02 edge su[42]: FAILED SU (to root) mallory on pts/1",
    ),
    row(LoginFailed, "FAILED su for {user} by {by}", "Nov 24 08:10:02 edge su[42]: FAILED su for root by mallory"),
    row(LoginOk, "Successful su for {user} by {by}", "Nov 24 08:10:02 edge su[42]: Successful su for root by alice"),
    row(LoginOk, "(to {user}) {by} on {detail}", "Nov 24 08:10:02 edge su[42]: (to root) alice on pts/0"),
    row(LoginFailed, "- {detail} {by}:{user}", "Nov 24 08:10:02 edge su[42]: - /dev/pts/1 mallory:root"),
];

pub(super) static LOGIN: &[Row] = &[
    row(
        LoginFailed,
        "FAILED LOGIN ({count}) on '{detail}' from '{address}' FOR '{user>}', {any}",
        "Nov 24 08:10:02 edge login[42]: FAILED LOGIN (2) on '/dev/pts/1' from '192.0.2.7' FOR 'root', Authentication failure",
    ),
    row(
        LoginFailed,
        "FAILED LOGIN ({count}) on '{detail}' FOR '{user>}', {any}",
        "Nov 24 08:10:02 edge login[42]: FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure",
    ),
    row(
        LoginFailed,
        "FAILED LOGIN {count} FROM {address} FOR {user>}, {any}",
        "Nov 24 08:10:02 edge login[42]: FAILED LOGIN 1 FROM 192.0.2.7 FOR root, Authentication failure",
    ),
    row(LoginOk, "ROOT LOGIN  on '{detail}'", "Nov 24 08:10:02 edge login[42]: ROOT LOGIN  on '/dev/tty1'")
        .user("root"),
    row(LoginOk, "ROOT LOGIN ON {detail}", "Nov 24 08:10:02 edge login[42]: ROOT LOGIN ON tty1").user("root"),
    row(LoginOk, "LOGIN ON {detail} BY {user}", "Nov 24 08:10:02 edge login[42]: LOGIN ON tty1 BY alice"),
];

pub(super) static LOGIND: &[Row] = &[
    row(
        Session,
        "New session '{detail}' of user '{user}' with {any}",
        "Nov 24 08:10:02 edge systemd-logind[7]: New session '5' of user 'alice' with class 'user' and type 'tty'.",
    )
    .channel(Library),
    row(
        Session,
        "New session {detail} of user {user}.",
        "Nov 24 08:10:02 edge systemd-logind[7]: New session 5 of user alice.",
    )
    .channel(Library),
];

pub(super) static POLKIT: &[Row] = &[
    row(
        LoginFailed,
        "Operator of {detail} FAILED to authenticate {any} [{any}] (owned by unix-user:{by})",
        "Nov 24 08:10:02 edge polkitd[7]: Operator of unix-process:42:1 FAILED to authenticate to gain authorization for action org.freedesktop.policykit.exec for unix-process:42:1 [bash] (owned by unix-user:mallory)",
    )
    .user("root"),
    row(
        Sudo,
        "Operator of {detail} successfully authenticated as unix-user:{user} to {any} (owned by unix-user:{by})",
        "Nov 24 08:10:02 edge polkitd[7]: Operator of unix-process:42:1 successfully authenticated as unix-user:root to gain TEMPORARY authorization for action org.freedesktop.policykit.exec for unix-process:42:1 [pkexec id] (owned by unix-user:alice)",
    ),
];
