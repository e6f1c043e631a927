//! Changes to who may get in: shadow's tools, crontab.

use super::row::{Row, row};
use crate::logins::event::Kind::{AccountChange, SudoDenied};

pub(super) static ROWS: &[Row] = &[
    row(
        AccountChange,
        "new user: name={user}, UID={detail}, GID={any}",
        "Nov 24 08:10:02 edge useradd[42]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=/dev/pts/0",
    )
    .method("new user"),
    row(
        AccountChange,
        "new group: name={user}, GID={detail}",
        "Nov 24 08:10:02 edge groupadd[42]: new group: name=eve, GID=1001",
    )
    .method("new group"),
    row(
        AccountChange,
        "add '{user}' to group '{detail}'",
        "Nov 24 08:10:02 edge usermod[42]: add 'eve' to group 'sudo'",
    )
    .method("group"),
    row(
        AccountChange,
        "user {user} added by {by} to group {detail}",
        "Nov 24 08:10:02 edge gpasswd[42]: user eve added by root to group docker",
    )
    .method("group"),
    row(
        AccountChange,
        "change user '{user}' password",
        "Nov 24 08:10:02 edge usermod[42]: change user 'eve' password",
    )
    .method("password"),
    row(
        AccountChange,
        "change user '{user}' shell from '{any}' to '{detail}'",
        "Nov 24 08:10:02 edge usermod[42]: change user 'www-data' shell from '/usr/sbin/nologin' to '/bin/bash'",
    )
    .method("shell"),
    row(
        AccountChange,
        "changed user '{user}' shell to '{detail}'",
        "Nov 24 08:10:02 edge chsh[42]: changed user 'www-data' shell to '/bin/bash'",
    )
    .method("shell"),
    row(
        AccountChange,
        "change user '{user}' UID from '{any}' to '{detail}'",
        "Nov 24 08:10:02 edge usermod[42]: change user 'eve' UID from '1001' to '0'",
    )
    .method("uid"),
    row(AccountChange, "lock user '{user}' password", "Nov 24 08:10:02 edge usermod[42]: lock user 'eve' password")
        .method("lock"),
    row(AccountChange, "unlock user '{user}' password", "Nov 24 08:10:02 edge usermod[42]: unlock user 'eve' password")
        .method("unlock"),
    row(AccountChange, "delete user '{user}'", "Nov 24 08:10:02 edge userdel[42]: delete user 'eve'").method("delete"),
    row(
        AccountChange,
        "password for '{user}' changed by '{by}'",
        "Nov 24 08:10:02 edge passwd[42]: password for 'eve' changed by 'root'",
    )
    .method("password"),
];

pub(super) static CRONTAB: &[Row] = &[
    row(AccountChange, "({by}) REPLACE ({user})", "Nov 24 08:10:02 edge crontab[42]: (www-data) REPLACE (www-data)")
        .method("crontab"),
    row(
        SudoDenied,
        "({by}) AUTH (crontab command not allowed)",
        "Nov 24 08:10:02 edge crontab[42]: (www-data) AUTH (crontab command not allowed)",
    )
    .method("crontab"),
];
