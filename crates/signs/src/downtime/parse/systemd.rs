//! systemd and its daemons: the machine is told to stop, services start, fail, are started again and given up.

use super::row::{Row, row};
use crate::downtime::event::Kind::{
    ClockSet, Failed, GaveUp, Ordered, OutOfMemory, Power, Restarting, Resumed, Started, Stopped, Suspended,
};
use crate::downtime::event::Scope::{Container, Host, Service};

/// The first process; the instances that users have say the same of their own sessions.
pub(super) static MANAGER: &[Row] = &[
    row(
        Failed,
        Service,
        "{subject}: Main process exited, code={any}, status={code}/{detail}",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE",
    ),
    row(
        Failed,
        Service,
        "{subject}: Failed with result '{detail}'.",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Failed with result 'exit-code'.",
    ),
    row(
        Failed,
        Service,
        "{subject}: Unit entered failed state.",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Unit entered failed state.",
    ),
    row(
        Failed,
        Service,
        "{subject}: Watchdog timeout (limit {detail})!",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Watchdog timeout (limit 30s)!",
    )
    .because("it did not answer its watchdog"),
    row(
        OutOfMemory,
        Service,
        "{subject}: A process of this unit has been killed by the OOM killer.",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: A process of this unit has been killed by the OOM killer.",
    ),
    row(
        Restarting,
        Service,
        "{subject}: Scheduled restart job, restart counter is at {count}.",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Scheduled restart job, restart counter is at 4.",
    ),
    row(
        GaveUp,
        Service,
        "{subject}: Start request repeated too quickly.",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Start request repeated too quickly.",
    ),
    row(
        Stopped,
        Service,
        "{subject}: Deactivated successfully.",
        "Nov 24 03:02:11 edge systemd[1]: shop.service: Deactivated successfully.",
    ),
    row(Stopped, Service, "{subject}: Succeeded.", "Nov 24 03:02:11 edge systemd[1]: shop.service: Succeeded."),
    row(
        Ordered,
        Service,
        "Stopping {subject} - {any}",
        "Nov 24 03:02:11 edge systemd[1]: Stopping shop.service - The shop...",
    ),
    row(
        Started,
        Service,
        "Started {subject} - {any}",
        "Nov 24 03:02:11 edge systemd[1]: Started shop.service - The shop.",
    ),
    row(Started, Service, "Started {subject>}.", "Nov 24 03:02:11 edge systemd[1]: Started shop.service."),
    row(
        Stopped,
        Service,
        "Stopped {subject} - {any}",
        "Nov 24 03:02:11 edge systemd[1]: Stopped shop.service - The shop.",
    ),
    row(
        Stopped,
        Host,
        "Reached target {any}ower{any}ff{detail}",
        "Nov 24 03:02:11 edge systemd[1]: Reached target poweroff.target - System Power Off.",
    )
    .because("power off"),
    row(
        Stopped,
        Host,
        "Reached target {any}eboot{detail}",
        "Nov 24 03:02:11 edge systemd[1]: Reached target reboot.target - System Reboot.",
    )
    .because("reboot"),
    row(
        Stopped,
        Host,
        "Reached target {any}hutdown{detail}",
        "Nov 24 03:02:11 edge systemd[1]: Reached target shutdown.target - System Shutdown.",
    )
    .because("shutdown"),
    row(Stopped, Host, "Shutting down.", "Nov 24 03:02:11 edge systemd[1]: Shutting down.").because("shutdown"),
    row(ClockSet, Host, "Time has been changed", "Nov 24 03:02:11 edge systemd[1]: Time has been changed"),
];

pub(super) static LOGIND: &[Row] = &[
    row(Stopped, Host, "System is rebooting.", "Nov 24 03:02:11 edge systemd-logind[512]: System is rebooting.")
        .because("reboot"),
    row(
        Stopped,
        Host,
        "System is rebooting ({detail}).",
        "Nov 24 03:02:11 edge systemd-logind[512]: System is rebooting (kernel update).",
    )
    .because("reboot"),
    row(
        Stopped,
        Host,
        "System is powering down.",
        "Nov 24 03:02:11 edge systemd-logind[512]: System is powering down.",
    )
    .because("power off"),
    row(
        Stopped,
        Host,
        "System is powering down ({detail}).",
        "Nov 24 03:02:11 edge systemd-logind[512]: System is powering down (maintenance).",
    )
    .because("power off"),
    row(Stopped, Host, "System is halting.", "Nov 24 03:02:11 edge systemd-logind[512]: System is halting.")
        .because("halt"),
    row(
        Stopped,
        Host,
        "The system will reboot now!",
        "Nov 24 03:02:11 edge systemd-logind[512]: The system will reboot now!",
    )
    .because("reboot"),
    row(
        Stopped,
        Host,
        "The system will power off now!",
        "Nov 24 03:02:11 edge systemd-logind[512]: The system will power off now!",
    )
    .because("power off"),
    row(
        Stopped,
        Host,
        "The system will halt now!",
        "Nov 24 03:02:11 edge systemd-logind[512]: The system will halt now!",
    )
    .because("halt"),
    row(
        Suspended,
        Host,
        "The system will suspend now!",
        "Nov 24 03:02:11 edge systemd-logind[512]: The system will suspend now!",
    ),
    row(
        Suspended,
        Host,
        "The system will hibernate now!",
        "Nov 24 03:02:11 edge systemd-logind[512]: The system will hibernate now!",
    )
    .because("hibernation"),
    row(
        Suspended,
        Host,
        "The system will suspend and later hibernate now!",
        "Nov 24 03:02:11 edge systemd-logind[512]: The system will suspend and later hibernate now!",
    ),
    row(
        Resumed,
        Host,
        "Operation '{any}' finished.",
        "Nov 24 03:02:11 edge systemd-logind[512]: Operation 'suspend' finished.",
    ),
    row(Power, Host, "Power key pressed{detail}", "Nov 24 03:02:11 edge systemd-logind[512]: Power key pressed short.")
        .because("the power key was pressed"),
];

/// What puts a machine to sleep, and is there when it wakes.
pub(super) static SLEEP: &[Row] = &[
    row(
        Suspended,
        Host,
        "Entering sleep state '{detail}'...",
        "Nov 24 03:02:11 edge systemd-sleep[4242]: Entering sleep state 'suspend'...",
    ),
    row(
        Suspended,
        Host,
        "Performing sleep operation '{detail}'...",
        "Nov 24 03:02:11 edge systemd-sleep[4242]: Performing sleep operation 'suspend'...",
    ),
    row(Suspended, Host, "Suspending system...", "Nov 24 03:02:11 edge systemd-sleep[4242]: Suspending system..."),
    row(Suspended, Host, "Hibernating system...", "Nov 24 03:02:11 edge systemd-sleep[4242]: Hibernating system...")
        .because("hibernation"),
    row(
        Resumed,
        Host,
        "System returned from sleep {any}",
        "Nov 24 03:02:11 edge systemd-sleep[4242]: System returned from sleep state.",
    ),
    row(Resumed, Host, "System resumed.", "Nov 24 03:02:11 edge systemd-sleep[4242]: System resumed."),
];

pub(super) static SHUTDOWN: &[Row] = &[
    row(
        Stopped,
        Host,
        "Sending SIGTERM to remaining processes...",
        "Nov 24 03:02:11 edge systemd-shutdown[1]: Sending SIGTERM to remaining processes...",
    )
    .because("shutdown"),
    row(
        Stopped,
        Host,
        "shutting down for system {detail}",
        "Nov 24 03:02:11 edge shutdown[4242]: shutting down for system reboot",
    ),
];

pub(super) static OOMD: &[Row] = &[row(
    OutOfMemory,
    Container,
    "Killed {subject} due to {detail}",
    "Nov 24 03:02:11 edge systemd-oomd[490]: Killed /system.slice/docker-7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809.scope due to memory pressure for /system.slice being 62.52% > 60.00% for > 20s with reclaim activity",
)];
