//! What sysstat recorded, file after file in the order of time, as values of the node that it recorded.

use std::path::{Path, PathBuf};

use keelguard_model::Area;

use super::Gathered;
use crate::read::sysstat::{Metric, Reader, Record};
use crate::read::{Gaps, Opened, Reading, logs_in, open, refused, shown, written};

/// Files that are read at once.
const FILES: usize = 1000;
/// What a machine without a name is called.
const NAMELESS: &str = "this host";

/// The daily files of this host.
pub fn default_files(root: &Path) -> Vec<PathBuf> {
    let is_daily = |name: &str| {
        let digits = name.strip_prefix("sa").map(|rest| rest.split('.').next().unwrap_or(rest));
        digits.is_some_and(|digits| {
            (digits.len() == 2 || digits.len() == 8) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    ["var/log/sysstat", "var/log/sa"]
        .iter()
        .map(|folder| root.join(folder))
        .flat_map(|folder| {
            logs_in(&folder).into_iter().filter(|name| is_daily(name)).map(move |name| folder.join(name))
        })
        .collect()
}

/// Reads `files` and has all their values judged.
pub fn read(files: &[PathBuf], reading: &Reading) -> Gathered {
    let mut gathered = Gathered::default();
    let mut gaps = Gaps::of(Area::Performance);
    if files.len() > FILES {
        gaps.add(format!("{} files", files.len() - FILES), format!("no more than {FILES} are read at once"));
    }
    let mut begun: Vec<(Record, PathBuf, Reader)> = Vec::new();
    for path in files.iter().take(FILES) {
        if let Some((mut reader, path)) = begin(path, reading, &mut gaps).zip(Some(path.clone())) {
            match reader.next_record() {
                Ok(Some(first)) => begun.push((first, path, reader)),
                Ok(None) => gaps.add(shown(&path), "there is not one record in it"),
                Err(error) => gaps.add(shown(&path), format!("could not {error}")),
            }
        }
    }
    // Names go round with the month; what the files hold does not.
    begun.sort_by_key(|(first, ..)| first.time);
    for (first, path, mut reader) in begun {
        let host = reader.host().unwrap_or(NAMELESS).to_owned();
        let mut next = Ok(Some(first));
        let mut count = 0_u64;
        loop {
            match next {
                Ok(Some(record)) => {
                    count += 1;
                    judge(&host, &record, &mut gathered);
                }
                Ok(None) => break,
                Err(error) => {
                    gaps.add(shown(&path), format!("could not {error}; it was read up to record {count}"));
                    break;
                }
            }
            next = reader.next_record();
        }
        gathered.records += count;
    }
    gathered.incomplete = gaps.into_list();
    gathered
}

fn begin(path: &Path, reading: &Reading, gaps: &mut Gaps) -> Option<Reader> {
    match open(path, reading) {
        Ok((Opened::Samples(reader), meta)) => Reader::new(reader, &reading.zone, written(meta.as_ref(), reading.now))
            .map_err(|error| gaps.add(shown(path), format!("could not {error}")))
            .ok(),
        Ok(_) => {
            let why = "it is not of sysstat; a series of values is read with --series FILE.csv";
            gaps.add(shown(path), why);
            None
        }
        Err(error) => {
            gaps.add(shown(path), refused(&error));
            None
        }
    }
}

fn judge(host: &str, record: &Record, gathered: &mut Gathered) {
    for sample in record.samples() {
        // What is idle is what nothing else uses: the same again.
        if !matches!(sample.metric, Metric::CpuIdle | Metric::Processors) {
            gathered.see(host, sample.metric.name(), sample.time.as_second(), sample.value);
        }
    }
}
