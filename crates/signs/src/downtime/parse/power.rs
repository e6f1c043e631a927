//! Clocks, power supplies and temperatures, as their daemons tell of them.

use super::row::{Row, row};
use crate::downtime::event::Kind::{ClockSet, Power, Stopped, Thermal};
use crate::downtime::event::Scope::Host;

pub(super) static CHRONYD: &[Row] = &[
    row(
        ClockSet,
        Host,
        "System clock was stepped by {detail} seconds",
        "Nov 24 03:02:11 edge chronyd[501]: System clock was stepped by 7201.481930 seconds",
    ),
    row(
        ClockSet,
        Host,
        "System clock wrong by {detail} seconds",
        "Nov 24 03:02:11 edge chronyd[501]: System clock wrong by -3.052112 seconds",
    ),
    row(
        ClockSet,
        Host,
        "System clock wrong by {detail} seconds, adjustment started",
        "Nov 24 03:02:11 edge chronyd[501]: System clock wrong by 1.318270 seconds, adjustment started",
    ),
    row(
        ClockSet,
        Host,
        "Forward time jump detected!",
        "Nov 24 03:02:11 edge chronyd[501]: Forward time jump detected!",
    )
    .because("forward"),
    row(
        ClockSet,
        Host,
        "Backward time jump detected!",
        "Nov 24 03:02:11 edge chronyd[501]: Backward time jump detected!",
    )
    .because("backward"),
];

pub(super) static NTPD: &[Row] = &[
    row(ClockSet, Host, "time reset {detail} s", "Nov 24 03:02:11 edge ntpd[501]: time reset +7200.012345 s"),
    row(
        ClockSet,
        Host,
        "{any}step time server {any} offset {detail} sec",
        "Nov 24 03:02:11 edge ntpdate[501]: step time server 192.0.2.123 offset 7201.481930 sec",
    ),
    row(
        ClockSet,
        Host,
        "CLOCK: time stepped by {detail}",
        "Nov 24 03:02:11 edge ntpd[501]: CLOCK: time stepped by 7201.481930",
    ),
];

pub(super) static TIMESYNCD: &[Row] = &[row(
    ClockSet,
    Host,
    "System clock time unset or jumped backwards, restored from recorded timestamp: {any}",
    "Nov 24 03:02:11 edge systemd-timesyncd[488]: System clock time unset or jumped backwards, restored from recorded timestamp: Mon 2026-11-23 22:17:01 UTC",
)
.because("backward")];

pub(super) static APCUPSD: &[Row] = &[
    row(Power, Host, "Power failure.", "Nov 24 03:02:11 edge apcupsd[820]: Power failure.")
        .because("mains power failed"),
    row(Power, Host, "Running on UPS batteries.", "Nov 24 03:02:11 edge apcupsd[820]: Running on UPS batteries.")
        .because("running on the battery"),
    row(
        Power,
        Host,
        "Mains returned. No longer on UPS batteries.",
        "Nov 24 03:02:11 edge apcupsd[820]: Mains returned. No longer on UPS batteries.",
    )
    .because("mains power is back"),
    row(Power, Host, "Battery power exhausted.", "Nov 24 03:02:11 edge apcupsd[820]: Battery power exhausted.")
        .because("the battery is empty"),
    row(Stopped, Host, "Initiating system shutdown!", "Nov 24 03:02:11 edge apcupsd[820]: Initiating system shutdown!")
        .because("the power supply ordered it"),
];

pub(super) static UPSMON: &[Row] = &[
    row(Power, Host, "UPS {detail} on battery", "Nov 24 03:02:11 edge upsmon[901]: UPS apc@localhost on battery")
        .because("running on the battery"),
    row(Power, Host, "UPS {detail} on line power", "Nov 24 03:02:11 edge upsmon[901]: UPS apc@localhost on line power")
        .because("mains power is back"),
    row(
        Power,
        Host,
        "UPS {detail} battery is low",
        "Nov 24 03:02:11 edge upsmon[901]: UPS apc@localhost battery is low",
    )
    .because("the battery is low"),
    row(
        Power,
        Host,
        "UPS {detail} battery needs to be replaced",
        "Nov 24 03:02:11 edge upsmon[901]: UPS apc@localhost battery needs to be replaced",
    )
    .because("the battery needs to be replaced"),
    row(
        Stopped,
        Host,
        "Executing automatic power-fail shutdown",
        "Nov 24 03:02:11 edge upsmon[901]: Executing automatic power-fail shutdown",
    )
    .because("the power supply ordered it"),
];

pub(super) static MCELOG: &[Row] = &[row(
    Thermal,
    Host,
    "Processor {detail} heated above trip temperature. Throttling enabled.",
    "Nov 24 03:02:11 edge mcelog[600]: Processor 0 heated above trip temperature. Throttling enabled.",
)
.because("a processor was too hot and was slowed down")];
