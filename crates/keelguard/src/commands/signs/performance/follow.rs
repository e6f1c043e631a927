//! `keelguard signs performance --follow`: measured again and again, judged, and kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use keelguard_report::SignFormat;
use keelguard_store::{Bounds, Point, Store};

use crate::cli::Performance;
use crate::commands::progress::say;
use crate::commands::signs::told::Said;
use crate::exit::Exit;
use crate::output;
use crate::performance::{NODE, Tick, Watcher};
use crate::settings::Settings;

/// Under this name the state of all that is learnt is kept.
const STATE: &str = "performance";
/// Seconds for which measurements are drawn together before they are kept.
const KEEP_EVERY: i64 = 60;
/// Between two times at which what is learnt is kept.
const SAVE_EVERY: Duration = Duration::from_mins(1);
/// Between two times at which what is learnt of machines and containers is kept.
const LEARN_EVERY: Duration = Duration::from_mins(15);
/// What is learnt of a container that is gone for so long is forgotten.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Between two times at which what is old is let go.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// What goes on is said again after so many seconds.
const AGAIN: i64 = 3600;

/// Goes on until somebody stops it.
pub(super) fn run(format: SignFormat, arguments: &Performance, settings: &Settings) -> Result<Exit> {
    if !matches!(format, SignFormat::Table | SignFormat::Jsonl) {
        bail!("follow measurements as {format}: a document has an end; use --format table or jsonl");
    }
    let pause = Duration::from_secs(arguments.every.unwrap_or(10).clamp(1, 3600));
    let mut keeper = Keeper::open(settings);
    let mut watcher = Watcher::new();
    if let Some(state) = keeper.state() {
        watcher.restore(&state);
    }
    say(settings, &format!("keelguard: measuring every {} seconds; stop with Ctrl-C", pause.as_secs()));
    output::write(None, |out| {
        let mut said = Said::again_after(AGAIN);
        let mut left = arguments.ticks;
        loop {
            let began = Instant::now();
            let now = Timestamp::now();
            let Tick { findings, rates } = watcher.tick(now, keeper.store.as_ref(), settings);
            said.say(findings, format == SignFormat::Jsonl, settings, out)?;
            out.flush()?;
            keeper.keep(now, rates, &watcher, settings);
            if let Some(count) = &mut left {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    keeper.close(now, &watcher, settings);
                    return Ok(());
                }
            }
            std::thread::sleep(pause.saturating_sub(began.elapsed()));
        }
    })?;
    Ok(if keeper.failed { Exit::Partial } else { Exit::Done })
}

/// Keeps what is measured; where it cannot, what happens is still said.
struct Keeper {
    store: Option<Store>,
    failed: bool,
    /// Sum and count of each series within the running minute.
    drawn: BTreeMap<(String, &'static str), (f64, u32)>,
    minute: Option<i64>,
    saved: Instant,
    learnt: Instant,
    pruned: Option<Instant>,
}

impl Keeper {
    fn open(settings: &Settings) -> Self {
        let folder = settings.text("data_dir").map(Path::new).context("keep measurements: there is no data_dir");
        let opened = folder.and_then(|folder| Ok(Store::open(folder)?));
        let mut keeper = Self {
            store: None,
            failed: false,
            drawn: BTreeMap::new(),
            minute: None,
            saved: Instant::now(),
            learnt: Instant::now(),
            pruned: None,
        };
        match opened {
            Ok(store) => keeper.store = Some(store),
            Err(error) => keeper.give_up(&error, settings),
        }
        keeper
    }

    fn state(&self) -> Option<Vec<u8>> {
        self.store.as_ref()?.saved(STATE).ok().flatten().map(|(_, state)| state)
    }

    /// Says once that nothing is kept.
    fn give_up(&mut self, error: &anyhow::Error, settings: &Settings) {
        if !self.failed {
            say(settings, &format!("keelguard: warning: nothing is kept of what is measured: could not {error:#}"));
        }
        self.failed = true;
    }

    fn keep(
        &mut self,
        now: Timestamp,
        rates: Vec<(String, keelguard_host::measure::rates::Rate)>,
        watcher: &Watcher,
        settings: &Settings,
    ) {
        let minute = now.as_second().div_euclid(KEEP_EVERY) * KEEP_EVERY;
        if self.minute.is_some_and(|known| known != minute) {
            self.write(settings);
        }
        self.minute = Some(minute);
        for (subject, rate) in rates {
            let (sum, count) = self.drawn.entry((subject, rate.metric)).or_default();
            *sum += rate.value;
            *count += 1;
        }
        if self.saved.elapsed() >= SAVE_EVERY {
            self.save(now, watcher, settings);
        }
        if self.learnt.elapsed() >= LEARN_EVERY {
            self.save_nodes(now, watcher, settings);
        }
        if self.pruned.is_none_or(|pruned| pruned.elapsed() >= PRUNE_EVERY) {
            self.pruned = Some(Instant::now());
            let done = self.store.as_mut().map(|store| store.prune(now, Bounds::default()));
            if let Some(Err(error)) = done {
                self.give_up(&error.into(), settings);
            }
        }
    }

    fn write(&mut self, settings: &Settings) {
        let Some(time) = self.minute else { return };
        let drawn = std::mem::take(&mut self.drawn);
        let points: Vec<Point> = drawn
            .into_iter()
            .map(|((subject, metric), (sum, count))| Point {
                subject,
                metric: metric.to_owned(),
                time,
                value: sum / f64::from(count.max(1)),
            })
            .collect();
        let done = self.store.as_mut().map(|store| store.append(&points));
        match done {
            Some(Err(error)) => self.give_up(&error.into(), settings),
            // A disk that was full may have room again.
            Some(Ok(())) => self.failed = false,
            None => {}
        }
    }

    /// What was learnt of machines and containers is more, and changes slowly.
    fn save_nodes(&mut self, now: Timestamp, watcher: &Watcher, settings: &Settings) {
        self.learnt = Instant::now();
        let Some(store) = &mut self.store else { return };
        for (name, bytes) in watcher.nodes() {
            let done = bytes.and_then(|bytes| Ok(store.save(&format!("{NODE}{name}"), now, &bytes)?));
            if let Err(error) = done {
                self.give_up(&error, settings);
                return;
            }
        }
        let done = now.checked_sub(FORGET_AFTER).map(|before| store.forget(NODE, before));
        if let Ok(Err(error)) = done {
            self.give_up(&error.into(), settings);
        }
    }

    fn save(&mut self, now: Timestamp, watcher: &Watcher, settings: &Settings) {
        self.saved = Instant::now();
        let Some(store) = &mut self.store else { return };
        let done = watcher.state().and_then(|state| Ok(store.save(STATE, now, &state)?));
        if let Err(error) = done {
            self.give_up(&error, settings);
        }
    }

    fn close(&mut self, now: Timestamp, watcher: &Watcher, settings: &Settings) {
        self.write(settings);
        self.save(now, watcher, settings);
        self.save_nodes(now, watcher, settings);
    }
}
