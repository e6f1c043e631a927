//! What sysstat itself wrote, in all its forms; and files that nobody wrote so.

use std::io::Cursor;
use std::process::Command;

use super::*;

const SADC: &str = "/usr/lib/sysstat/sadc";

fn open(bytes: &[u8]) -> Result<Reader, Error> {
    Reader::new(Box::new(Cursor::new(bytes.to_vec())), &TimeZone::UTC, Timestamp::now())
}

/// All records, and what ended them.
fn all(bytes: &[u8]) -> (Vec<Record>, Option<Error>) {
    let mut reader = match open(bytes) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut records = Vec::new();
    loop {
        match reader.next_record() {
            Ok(Some(record)) => records.push(record),
            Ok(None) => return (records, None),
            Err(error) => return (records, Some(error)),
        }
    }
}

fn said(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).env("TZ", "UTC").env("LC_ALL", "C").output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A file that the real `sadc` made while something ran; none where it is not installed.
fn real() -> Option<(tempfile::TempDir, String)> {
    if !std::path::Path::new(SADC).exists() {
        eprintln!("skipped: sysstat is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sa24").display().to_string();
    let busy = std::thread::spawn(|| {
        let begun = std::time::Instant::now();
        let mut sum = 0_u64;
        while begun.elapsed() < std::time::Duration::from_secs(3) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        sum
    });
    said(SADC, &["-S", "XALL", "1", "5", &file]);
    busy.join().unwrap();
    Some((folder, file))
}

/// The options under which everything that is read is printed.
const EVERYTHING: [&str; 10] = ["--", "-u", "-r", "-S", "-q", "ALL", "-B", "-W", "-P", "ALL"];

#[test]
fn what_sadc_writes_is_read_as_sadf_reads_it() {
    let Some((_folder, file)) = real() else { return };
    let (records, ended) = all(&std::fs::read(&file).unwrap());
    assert!(ended.is_none(), "{ended:?}");
    assert!(records.len() >= 4, "{records:?}");
    let json: serde_json::Value =
        serde_json::from_slice(&said("sadf", &[&["-j", &file][..], &EVERYTHING].concat())).unwrap();
    let host = &json["sysstat"]["hosts"][0];
    assert_eq!(open(&std::fs::read(&file).unwrap()).unwrap().host(), host["nodename"].as_str());
    // The very first has nothing before it, so that sadf shows nothing.
    let shown = host["statistics"].as_array().unwrap();
    let mut compared = 0;
    for (record, shown) in records.iter().skip(1).zip(shown) {
        let stamp = format!(
            "{}T{}Z",
            shown["timestamp"]["date"].as_str().unwrap(),
            shown["timestamp"]["time"].as_str().unwrap()
        );
        assert_eq!(record.time.to_string(), stamp);
        let places = [
            (Metric::CpuUser, "/cpu-load/0/user"),
            (Metric::CpuNice, "/cpu-load/0/nice"),
            (Metric::CpuSystem, "/cpu-load/0/system"),
            (Metric::CpuIowait, "/cpu-load/0/iowait"),
            (Metric::CpuSteal, "/cpu-load/0/steal"),
            (Metric::CpuIdle, "/cpu-load/0/idle"),
            (Metric::MemoryUsed, "/memory/memused-percent"),
            (Metric::MemoryAvailable, "/memory/avail"),
            (Metric::Load1, "/queue/ldavg-1"),
            (Metric::Load5, "/queue/ldavg-5"),
            (Metric::Load15, "/queue/ldavg-15"),
            (Metric::Runnable, "/queue/runq-sz"),
            (Metric::Blocked, "/queue/blocked"),
            (Metric::Tasks, "/queue/plist-sz"),
            (Metric::PagedIn, "/paging/pgpgin"),
            (Metric::PagedOut, "/paging/pgpgout"),
            (Metric::MajorFaults, "/paging/majflt"),
            (Metric::SwappedIn, "/swap-pages/pswpin"),
            (Metric::SwappedOut, "/swap-pages/pswpout"),
            (Metric::PressureCpu, "/psi/psi-cpu/some_avg"),
            (Metric::PressureIo, "/psi/psi-io/some_avg"),
            (Metric::PressureIoFull, "/psi/psi-io/full_avg"),
            (Metric::PressureMemory, "/psi/psi-mem/some_avg"),
            (Metric::PressureMemoryFull, "/psi/psi-mem/full_avg"),
        ];
        for (metric, place) in places {
            // A kernel may keep no account of pressure.
            let Some(expected) = shown.pointer(place).and_then(serde_json::Value::as_f64) else { continue };
            let value = record.values.iter().find(|(known, _)| *known == metric).map(|(_, value)| *value);
            let value = value.unwrap_or_else(|| panic!("{} is missing", metric.name()));
            assert!((value - expected).abs() <= 0.011, "{}: {value}, sadf says {expected}", metric.name());
            compared += 1;
        }
        assert_eq!(
            record.values.iter().find(|(metric, _)| *metric == Metric::Processors).map(|(_, count)| *count),
            host["number-of-cpus"].as_f64()
        );
    }
    assert!(compared >= 3 * 19, "{compared}");
}

#[test]
fn the_text_forms_say_the_same_as_the_file() {
    let Some((_folder, file)) = real() else { return };
    let (mut binary, _) = all(&std::fs::read(&file).unwrap());
    binary.remove(0);
    let sar: Vec<&str> = [&["-f", file.as_str()][..], &EVERYTHING[1..]].concat();
    let texts = [
        said("sadf", &[&["-j", &file][..], &EVERYTHING].concat()),
        said("sadf", &[&["-d", &file][..], &EVERYTHING].concat()),
        said("sadf", &[&["-d", "-U", &file][..], &EVERYTHING].concat()),
        said("sar.sysstat", &sar),
    ];
    for text in texts {
        let (records, ended) = all(&text);
        let first: String = String::from_utf8_lossy(&text).chars().take(60).collect();
        assert!(ended.is_none(), "{first}: {ended:?}");
        assert_eq!(records.len(), binary.len(), "{first}");
        for (read, known) in records.iter().zip(&binary) {
            assert_eq!(read.time, known.time, "{first}");
            for (metric, value) in &known.values {
                let told = read.values.iter().find(|(other, _)| other == metric).map(|(_, value)| *value);
                // Rows of sadf -d do not say how many processors there are; no swap space is printed as none of it used.
                let Some(told) = told else {
                    assert_eq!(*metric, Metric::Processors, "{first}");
                    continue;
                };
                let rounding = if metric.unit() == "KiB" { 1.0 } else { 0.011 };
                assert!((told - value).abs() <= rounding, "{first} {}: {told} {value}", metric.name());
            }
        }
    }
}

#[test]
fn a_report_of_a_night_goes_over_midnight_and_over_a_restart() {
    let report = "Linux 6.1.0-28-amd64 (edge) \t11/24/2026 \t_x86_64_\t(2 CPU)\n\
        \n11:50:00 PM     CPU     %user     %nice   %system   %iowait    %steal     %idle\n\
        11:55:00 PM     all      1.00      0.00      1.00      0.50      0.00     97.50\n\
        11:55:00 PM       0     91.00      0.00      1.00      0.50      0.00      7.50\n\
        12:00:01 AM     all      2.00      0.00      1.00      0.50      0.00     96.50\n\
        Average:        all      1.50      0.00      1.00      0.50      0.00     97.00\n\
        \n12:03:00 AM  LINUX RESTART\t(2 CPU)\n\
        \n11:50:00 PM   runq-sz  plist-sz   ldavg-1   ldavg-5  ldavg-15   blocked\n\
        11:55:00 PM         0       150      0,25      0.20      0.10         0\n";
    let (records, ended) = all(report.as_bytes());
    assert!(ended.is_none());
    let shown: Vec<_> = records.iter().map(|record| (record.time.to_string(), record.values.len())).collect();
    assert_eq!(shown, [("2026-11-24T23:55:00Z".to_owned(), 13), ("2026-11-25T00:00:01Z".to_owned(), 6)]);
    let of = |metric| records[0].samples().find(|sample| sample.metric == metric).map(|sample| sample.value);
    assert_eq!((of(Metric::CpuUser), of(Metric::Load1), of(Metric::Processors)), (Some(1.0), Some(0.25), Some(2.0)));
}

#[test]
fn a_file_that_is_cut_anywhere_gives_what_it_holds_and_says_so() {
    let Some((_folder, file)) = real() else { return };
    let bytes = std::fs::read(&file).unwrap();
    let (whole, _) = all(&bytes);
    for length in (0..bytes.len()).step_by(41) {
        let (records, ended) = all(&bytes[..length]);
        assert!(whole.starts_with(&records), "{length}");
        // Between two records nobody can see that one is missing.
        assert!(ended.is_some() || records.len() < whole.len(), "{length}");
    }
}

#[test]
fn what_is_damaged_or_of_another_format_is_an_error_with_advice() {
    let old = [0x96, 0xd5, 0x71, 0x21].into_iter().chain([0; 200]).collect::<Vec<u8>>();
    assert!(open(&old).err().unwrap().to_string().contains("sadf -c"));
    let long =
        [0x96, 0xd5, 0x75, 0x21, 12, 6, 1, 0, 0xff, 0xff, 0xff, 0x7f].into_iter().chain([0; 200]).collect::<Vec<u8>>();
    assert!(matches!(open(&long).err().unwrap(), Error::Damaged(_)));
    assert!(matches!(open(b"something else").err().unwrap(), Error::Damaged(_)));
    let (records, ended) =
        all(b"{\"sysstat\": {\"hosts\": [{\"nodename\": \"edge\", \"statistics\": [{\"timestamp\": ");
    assert!(records.is_empty() && matches!(ended, Some(Error::Json(_))));
    assert!(matches!(open(b"Linux 6.1 (edge) \tgestern \t_x86_64_\t(2 CPU)\n").err().unwrap(), Error::Date(_)));
}

#[test]
fn bytes_turned_over_neither_crash_nor_grow() {
    let Some((_folder, file)) = real() else { return };
    let bytes = std::fs::read(&file).unwrap();
    for at in 0..600.min(bytes.len()) {
        for with in [0x00, 0x7f, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = with;
            let (records, _) = all(&damaged);
            assert!(records.len() <= bytes.len() / 100, "{at} {with}");
        }
    }
}
