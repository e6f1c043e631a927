//! The kernel's own words: it starts, stumbles, stops, kills for want of memory, throttles what is too hot.

use super::row::{Row, row};
use crate::downtime::event::Kind::{
    Context, Hung, Lockup, Oops, OutOfMemory, Panic, Resumed, Started, Stopped, Suspended, Thermal,
};
use crate::downtime::event::Scope::{Container, Host};

pub(super) static KERNEL: &[Row] = &[
    row(
        Started,
        Host,
        "Linux version {detail}",
        "Nov 24 03:02:11 edge kernel: [    0.000000] Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
    ),
    row(
        Panic,
        Host,
        "Kernel panic - not syncing: {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] Kernel panic - not syncing: Fatal exception in interrupt",
    ),
    row(
        Panic,
        Host,
        "Kernel panic: {detail}",
        "Nov 24 03:02:11 edge kernel: Kernel panic: Attempted to kill init!",
    ),
    row(
        Oops,
        Host,
        "BUG: unable to handle {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] BUG: unable to handle page fault for address: ffffb0a5c0a3f000",
    ),
    row(
        Oops,
        Host,
        "BUG: kernel NULL pointer dereference, {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] BUG: kernel NULL pointer dereference, address: 0000000000000008",
    ),
    row(
        Oops,
        Host,
        "kernel BUG at {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] kernel BUG at fs/ext4/inode.c:2721!",
    ),
    row(
        Oops,
        Host,
        "general protection fault, {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] general protection fault, probably for non-canonical address 0xdead000000000110: 0000 [#1] PREEMPT SMP NOPTI",
    ),
    row(Oops, Host, "Oops: {detail}", "Nov 24 03:02:11 edge kernel: [ 4711.123456] Oops: 0002 [#1] PREEMPT SMP PTI"),
    row(
        Lockup,
        Host,
        "watchdog: BUG: soft lockup - {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] watchdog: BUG: soft lockup - CPU#2 stuck for 22s! [kworker/2:1:121]",
    ),
    row(
        Lockup,
        Host,
        "NMI watchdog: BUG: soft lockup - {detail}",
        "Nov 24 03:02:11 edge kernel: NMI watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [java:2314]",
    ),
    row(
        Lockup,
        Host,
        "BUG: soft lockup - {detail}",
        "Nov 24 03:02:11 edge kernel: BUG: soft lockup - CPU#1 stuck for 67s! [migration/1:12]",
    ),
    row(
        Lockup,
        Host,
        "{any}atchdog detected hard LOCKUP on cpu {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] NMI watchdog: Watchdog detected hard LOCKUP on cpu 3",
    ),
    row(
        Lockup,
        Host,
        "rcu: INFO: {any} self-detected stall on {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] rcu: INFO: rcu_preempt self-detected stall on CPU",
    ),
    row(
        Lockup,
        Host,
        "rcu: INFO: {any} detected stalls on {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
    ),
    row(
        Lockup,
        Host,
        "softdog: {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] softdog: Initiating system reboot",
    )
    .because("the watchdog reset the machine"),
    row(
        Hung,
        Host,
        "INFO: task {detail} blocked for more than {count} seconds.",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] INFO: task jbd2/sda1-8:231 blocked for more than 120 seconds.",
    ),
    row(
        Context,
        Host,
        "{detail}: page allocation failure: {any}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] kworker/u8:2: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)",
    )
    .because("the kernel found no memory for a process"),
    row(
        Context,
        Host,
        "{any}TCP: request_sock_TCP: Possible SYN flooding on port {detail}. {any}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.  Check SNMP counters.",
    )
    .because("more connections than can be taken, on port"),
    row(
        Context,
        Host,
        "nf_conntrack: {any}table full, dropping packet{detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] nf_conntrack: nf_conntrack: table full, dropping packet",
    )
    .because("the firewall's table of connections is full"),
    row(
        Context,
        Host,
        "VFS: file-max limit {detail} reached",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] VFS: file-max limit 9223372 reached",
    )
    .because("as many files are open as may be"),
    row(
        Context,
        Host,
        "cgroup: fork rejected by pids controller in {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] cgroup: fork rejected by pids controller in /system.slice/docker-7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809.scope",
    )
    .because("a group has as many processes as it may"),
    row(
        Context,
        Host,
        "sched: RT throttling activated{detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] sched: RT throttling activated",
    )
    .because("a task in real time left no processor to others"),
    row(
        Context,
        Host,
        "workqueue: {detail} hogged CPU for {any}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] workqueue: drm_fb_helper_damage_work hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND",
    )
    .because("the kernel's own work held a processor"),
    row(
        OutOfMemory,
        Container,
        "oom-kill:constraint={any},task_memcg={subject},task={detail},pid={any}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=docker-7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809.scope,mems_allowed=0,oom_memcg=/system.slice/docker-7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809.scope,task_memcg=/system.slice/docker-7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809.scope,task=python3,pid=4242,uid=0",
    ),
    row(
        OutOfMemory,
        Container,
        "Task in {subject} killed as a result of limit of {detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] Task in /docker/7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809 killed as a result of limit of /docker/7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809",
    ),
    row(
        OutOfMemory,
        Host,
        "Memory cgroup out of memory: Kill{any} process {any} ({detail}) {any}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] Memory cgroup out of memory: Killed process 4242 (python3) total-vm:524288kB, anon-rss:130048kB, file-rss:4096kB, shmem-rss:0kB, UID:0 pgtables:320kB oom_score_adj:0",
    )
    .because("a group's memory limit"),
    row(
        OutOfMemory,
        Host,
        "Out of memory: Kill{any} process {any} ({detail}) {any}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] Out of memory: Killed process 4242 (mysqld) total-vm:8388608kB, anon-rss:7340032kB, file-rss:0kB, shmem-rss:0kB, UID:999 pgtables:15000kB oom_score_adj:0",
    )
    .because("the machine's memory ran out"),
    row(
        Thermal,
        Host,
        "{any}: Core temperature above threshold, cpu clock throttled (total events = {count})",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] mce: CPU3: Core temperature above threshold, cpu clock throttled (total events = 1)",
    )
    .because("a processor was too hot and was slowed down"),
    row(
        Thermal,
        Host,
        "{any}: Package temperature above threshold, cpu clock throttled (total events = {count})",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] mce: CPU0: Package temperature above threshold, cpu clock throttled (total events = 12)",
    )
    .because("a processor was too hot and was slowed down"),
    row(
        Thermal,
        Host,
        "thermal {any}ritical temperature reached{detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] thermal thermal_zone0: acpitz: critical temperature reached, shutting down",
    )
    .because("the critical temperature was reached"),
    row(
        Thermal,
        Host,
        "Critical temperature reached{detail}",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] Critical temperature reached (105 C), shutting down",
    )
    .because("the critical temperature was reached"),
    row(
        Suspended,
        Host,
        "PM: suspend entry ({detail})",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] PM: suspend entry (deep)",
    ),
    row(Resumed, Host, "PM: suspend exit", "Nov 24 03:02:11 edge kernel: [ 4711.123456] PM: suspend exit"),
    row(
        Suspended,
        Host,
        "PM: hibernation: hibernation entry",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] PM: hibernation: hibernation entry",
    )
    .because("hibernation"),
    row(
        Resumed,
        Host,
        "PM: hibernation: hibernation exit",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] PM: hibernation: hibernation exit",
    ),
    row(
        Suspended,
        Host,
        "PM: hibernation entry",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] PM: hibernation entry",
    )
    .because("hibernation"),
    row(Resumed, Host, "PM: hibernation exit", "Nov 24 03:02:11 edge kernel: [ 4711.123456] PM: hibernation exit"),
    row(Stopped, Host, "reboot: {detail}", "Nov 24 03:02:11 edge kernel: [ 4711.123456] reboot: Restarting system"),
    row(
        Stopped,
        Host,
        "ACPI: {any}reparing to enter {any} state S5",
        "Nov 24 03:02:11 edge kernel: [ 4711.123456] ACPI: PM: Preparing to enter system sleep state S5",
    )
    .because("power off"),
];
