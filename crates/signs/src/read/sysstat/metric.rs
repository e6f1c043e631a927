//! What is measured, in which unit, and under which names sysstat prints it.

use serde::{Deserialize, Serialize};

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Programs of users, of the time of all processors. This and the next five make up the whole.
    CpuUser,
    /// The same with a lower priority.
    CpuNice,
    /// The kernel, interrupts among it.
    CpuSystem,
    /// Idle, while a disk was waited for.
    CpuIowait,
    /// Wanted, but taken by other machines on the same hardware.
    CpuSteal,
    /// Idle.
    CpuIdle,
    /// Processors that are switched on.
    Processors,
    /// Memory that is neither free nor a cache.
    MemoryUsed,
    /// Memory that can be had without swapping.
    MemoryAvailable,
    /// Swap space.
    SwapUsed,
    /// Tasks that run or wait, in the mean of a minute.
    Load1,
    /// In the mean of five minutes.
    Load5,
    /// In the mean of fifteen minutes.
    Load15,
    /// Tasks that are ready to run.
    Runnable,
    /// Tasks that wait for a disk.
    Blocked,
    /// Tasks that there are.
    Tasks,
    /// Of the time, in how much some task waited for a processor.
    PressureCpu,
    /// Some task waited for a disk.
    PressureIo,
    /// All tasks waited for a disk.
    PressureIoFull,
    /// Some task waited for memory.
    PressureMemory,
    /// All tasks waited for memory.
    PressureMemoryFull,
    /// Read from disks.
    PagedIn,
    /// Written to disks.
    PagedOut,
    /// Pages that had to be read from a disk before a program could go on.
    MajorFaults,
    /// Read back from swap space.
    SwappedIn,
    /// Written to swap space.
    SwappedOut,
}

/// How a metric is called.
struct Row {
    metric: Metric,
    name: &'static str,
    unit: &'static str,
    /// Columns of `sar` and `sadf -d`; where several are there, they add up.
    columns: &'static [&'static str],
    /// Where it stands in `sadf -j`, below the record.
    section: &'static str,
    keys: &'static [&'static str],
}

const fn row(
    metric: Metric,
    name: &'static str,
    unit: &'static str,
    columns: &'static [&'static str],
    section: &'static str,
    keys: &'static [&'static str],
) -> Row {
    Row { metric, name, unit, columns, section, keys }
}

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row(Metric::CpuUser, "cpu_user", "%", &["%user", "%usr", "%guest"], "cpu-load", &["user", "usr", "guest"]),
    row(Metric::CpuNice, "cpu_nice", "%", &["%nice", "%gnice"], "cpu-load", &["nice", "gnice"]),
    row(Metric::CpuSystem, "cpu_system", "%", &["%system", "%sys", "%irq", "%soft"], "cpu-load", &["system", "sys", "irq", "soft"]),
    row(Metric::CpuIowait, "cpu_iowait", "%", &["%iowait"], "cpu-load", &["iowait"]),
    row(Metric::CpuSteal, "cpu_steal", "%", &["%steal"], "cpu-load", &["steal"]),
    row(Metric::CpuIdle, "cpu_idle", "%", &["%idle"], "cpu-load", &["idle"]),
    row(Metric::Processors, "processors", "", &[], "", &[]),
    row(Metric::MemoryUsed, "memory_used", "%", &["%memused"], "memory", &["memused-percent"]),
    row(Metric::MemoryAvailable, "memory_available", "KiB", &["kbavail"], "memory", &["avail"]),
    row(Metric::SwapUsed, "swap_used", "%", &["%swpused"], "memory", &["swpused-percent"]),
    row(Metric::Load1, "load1", "", &["ldavg-1"], "queue", &["ldavg-1"]),
    row(Metric::Load5, "load5", "", &["ldavg-5"], "queue", &["ldavg-5"]),
    row(Metric::Load15, "load15", "", &["ldavg-15"], "queue", &["ldavg-15"]),
    row(Metric::Runnable, "runnable", "tasks", &["runq-sz"], "queue", &["runq-sz"]),
    row(Metric::Blocked, "blocked", "tasks", &["blocked"], "queue", &["blocked"]),
    row(Metric::Tasks, "tasks", "tasks", &["plist-sz"], "queue", &["plist-sz"]),
    row(Metric::PressureCpu, "pressure_cpu", "%", &["%scpu"], "psi-cpu", &["some_avg"]),
    row(Metric::PressureIo, "pressure_io", "%", &["%sio"], "psi-io", &["some_avg"]),
    row(Metric::PressureIoFull, "pressure_io_full", "%", &["%fio"], "psi-io", &["full_avg"]),
    row(Metric::PressureMemory, "pressure_memory", "%", &["%smem"], "psi-mem", &["some_avg"]),
    row(Metric::PressureMemoryFull, "pressure_memory_full", "%", &["%fmem"], "psi-mem", &["full_avg"]),
    row(Metric::PagedIn, "paged_in", "KiB/s", &["pgpgin/s"], "paging", &["pgpgin"]),
    row(Metric::PagedOut, "paged_out", "KiB/s", &["pgpgout/s"], "paging", &["pgpgout"]),
    row(Metric::MajorFaults, "major_faults", "pages/s", &["majflt/s"], "paging", &["majflt"]),
    row(Metric::SwappedIn, "swapped_in", "pages/s", &["pswpin/s"], "swap-pages", &["pswpin"]),
    row(Metric::SwappedOut, "swapped_out", "pages/s", &["pswpout/s"], "swap-pages", &["pswpout"]),
];

impl Metric {
    /// All, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.metric)
    }

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// The unit of its values: `%`, `KiB`, `KiB/s`, `pages/s`, `tasks`; empty where it has none.
    pub fn unit(self) -> &'static str {
        self.row().map_or("", |row| row.unit)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.metric == self)
    }

    /// The metric of a column of `sar` or `sadf -d`.
    pub(super) fn of_column(column: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.columns.contains(&column)).map(|row| row.metric)
    }

    /// The metric at a place of `sadf -j`.
    pub(super) fn of_key(section: &str, key: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.section == section && row.keys.contains(&key)).map(|row| row.metric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_has_one_row_one_name_and_columns_of_its_own() {
        for row in ROWS {
            assert_eq!(serde_json::to_value(row.metric).unwrap(), row.name, "{}", row.name);
            assert_eq!(ROWS.iter().filter(|other| other.metric == row.metric).count(), 1, "{}", row.name);
            assert!(row.columns.iter().all(|column| Metric::of_column(column) == Some(row.metric)));
            assert!(row.keys.iter().all(|key| Metric::of_key(row.section, key) == Some(row.metric)));
        }
    }
}
