//! What package managers changed: evidence for what went down shortly afterwards.

use super::row::{Row, row};
use crate::downtime::event::Kind::Context;
use crate::downtime::event::Scope::Host;

pub(super) static PACKAGES: &[Row] = &[
    row(
        Context,
        Host,
        "upgrade {detail}",
        "2026-11-24 03:02:11 upgrade docker.io:amd64 20.10.24+dfsg1-1+deb12u1 20.10.24+dfsg1-1+deb12u2",
    )
    .because("package upgraded"),
    row(Context, Host, "install {detail}", "2026-11-24 03:02:11 install htop:amd64 <none> 3.2.2-2")
        .because("package installed"),
    row(Context, Host, "remove {detail}", "2026-11-24 03:02:11 remove htop:amd64 3.2.2-2 <none>")
        .because("package removed"),
    row(
        Context,
        Host,
        "SUBDEBUG Upgrade: {detail}",
        "2026-11-24T03:02:11+0000 SUBDEBUG Upgrade: kernel-core-6.11.5-300.fc41.x86_64",
    )
    .because("package upgraded"),
    row(
        Context,
        Host,
        "SUBDEBUG Installed: {detail}",
        "2026-11-24T03:02:11+0000 SUBDEBUG Installed: htop-3.3.0-4.fc41.x86_64",
    )
    .because("package installed"),
    row(Context, Host, "SUBDEBUG Erase: {detail}", "2026-11-24T03:02:11+0000 SUBDEBUG Erase: htop-3.3.0-4.fc41.x86_64")
        .because("package removed"),
];
