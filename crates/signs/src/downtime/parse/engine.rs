//! The container engine's own log: `time="…" level=info msg="…" container=…`. Quotes inside a quoted value are escaped, so
//! that nothing in it can pass for the next field.

use super::row::{Row, row};
use crate::downtime::event::Kind::{Failed, GaveUp, Ordered, Started, Stopped};
use crate::downtime::event::Scope::{Container, Engine};

pub(super) static DOCKERD: &[Row] = &[
    row(
        Started,
        Engine,
        "{any}msg=\"Daemon has completed initialization\"{any}",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=info msg=\"Daemon has completed initialization\"",
    ),
    row(
        Stopped,
        Engine,
        "{any}msg=\"Processing signal '{detail}'\"{any}",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=info msg=\"Processing signal 'terminated'\"",
    ),
    row(
        Stopped,
        Engine,
        "{any}msg=\"Daemon shutdown complete\"{any}",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=info msg=\"Daemon shutdown complete\"",
    ),
    row(
        Failed,
        Engine,
        "{any}level=fatal msg=\"{detail}\"",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=fatal msg=\"Error starting daemon: error while opening volume store metadata database: timeout\"",
    ),
    row(
        Failed,
        Engine,
        "failed to start daemon: {detail}",
        "Nov 24 03:02:11 edge dockerd[712]: failed to start daemon: Error initializing network controller: Error creating default \"bridge\" network",
    ),
    row(
        Failed,
        Container,
        "{any}msg=\"ignoring event\" container={subject} module=libcontainerd {any}topic=/tasks/delete {any}",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=info msg=\"ignoring event\" container=7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809 module=libcontainerd namespace=moby topic=/tasks/delete type=\"*events.TaskDelete\"",
    ),
    row(
        Ordered,
        Container,
        "{any}msg=\"Container failed to exit within {any} of signal {any}\" container={subject}",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=info msg=\"Container failed to exit within 10s of signal 15 - using the force\" container=7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809",
    ),
    row(
        GaveUp,
        Container,
        "{any}msg=\"ShouldRestart failed, container will not be restarted\" container={subject} {any}",
        "Nov 24 03:02:11 edge dockerd[712]: time=\"2026-11-24T03:02:11.123456789Z\" level=warning msg=\"ShouldRestart failed, container will not be restarted\" container=7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809 daemonShuttingDown=true error=\"restart canceled\" execDuration=4.2s exitStatus=\"{137 2026-11-24 03:02:11.1 +0000 UTC}\" hasBeenManuallyStopped=false restartCount=0",
    ),
];
