//! Whoever opens far more files than they ever do: one login and one program, as the audit log knows them. Backups and
//! indexers do it every night, and are compared with themselves.

use std::hash::{DefaultHasher, Hasher as _};

use keelguard_model::{Finding, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::Limits;
use super::attack::At as _;
use crate::bounded::Bounded;
use crate::logins::event::{Kind, Seen, lossy};
use crate::words::{many, span, when};

const DAY: i64 = 86_400;
/// Seconds that are looked at together.
const WINDOW: i64 = 600;
/// Files that are told apart in a window; more read as "at least".
const DISTINCT: usize = 4096;
/// How many times more than ever before.
const TIMES: usize = 4;
/// Logins and programs that are remembered: each may hold a window's files.
const READERS: usize = 256;
const NEWS: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reader {
    begins: i64,
    /// Hashes of the names in this window, sorted.
    files: Vec<u64>,
    /// The most of all windows before.
    habit: usize,
    /// The news of this window, once it is some.
    told: Option<usize>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct News {
    from: i64,
    to: i64,
    who: String,
    program: String,
    files: usize,
    habit: usize,
    first: String,
    last: String,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Files {
    since: Option<i64>,
    readers: Bounded<(String, String), Reader>,
    news: Vec<News>,
    dropped: u64,
}

impl Files {
    pub(super) fn new(limits: &Limits) -> Self {
        let readers = limits.users.min(READERS);
        Self { since: None, readers: Bounded::new(readers), news: Vec::new(), dropped: 0 }
    }

    pub(super) fn see(&mut self, seen: &Seen<'_>, now: i64, limits: &Limits) {
        let (Kind::FileAccess, Some(path)) = (seen.kind, seen.detail) else { return };
        if seen.method == Some(b"command") {
            return;
        }
        let compares = now - *self.since.get_or_insert(now) >= limits.history_days * DAY;
        let who = seen.by.map_or_else(String::new, |by| lossy(by).into_owned());
        let program: String = seen.service.chars().take(128).collect();
        let new = || Reader { begins: now, files: Vec::new(), habit: 0, told: None };
        let reader = self.readers.entry((who.clone(), program.clone()), now, new);
        reader.turn(now);
        reader.add(path);
        let files = reader.files.len();
        if !compares || files < limits.files || files <= reader.habit.saturating_mul(TIMES) {
            return;
        }
        let last = lossy(path).into_owned();
        if let Some(news) = reader.told.and_then(|index| self.news.get_mut(index)) {
            (news.to, news.files, news.last) = (now, files, last);
        } else if self.news.len() < NEWS {
            reader.told = Some(self.news.len());
            let (from, habit) = (reader.begins, reader.habit);
            self.news.push(News { from, to: now, who, program, files, habit, first: last.clone(), last });
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        self.news.iter().map(News::finding).collect()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.readers.forgotten + self.dropped
    }
}

impl Reader {
    /// Begins a new window where the last one is over.
    fn turn(&mut self, now: i64) {
        if (0..WINDOW).contains(&(now - self.begins)) {
            return;
        }
        self.habit = self.habit.max(self.files.len());
        self.files.clear();
        self.begins = now;
        self.told = None;
    }

    fn add(&mut self, path: &[u8]) {
        let mut hasher = DefaultHasher::new();
        hasher.write(path);
        let hash = hasher.finish();
        if let Err(place) = self.files.binary_search(&hash)
            && self.files.len() < DISTINCT
        {
            self.files.insert(place, hash);
        }
    }
}

impl News {
    fn finding(&self) -> Finding {
        let Self { who, program, files, habit, .. } = self;
        let whom = if who.is_empty() { "A service".to_owned() } else { who.clone() };
        let at_least = if *files >= DISTINCT { "at least " } else { "" };
        let before = match habit {
            0 => "which never opened any before".to_owned(),
            habit => format!("which never opened more than {habit} in ten minutes before"),
        };
        let count = many(*files as u64, "file");
        let lasted = span((self.to - self.from).max(1));
        let title = format!("{whom} went through {at_least}{count} within {lasted} with {program}, {before}");
        let (kind, name) = if who.is_empty() { (SubjectKind::Service, program) } else { (SubjectKind::User, who) };
        rule::MASS_FILE_ACCESS
            .on(Subject::new(kind, name.clone()))
            .about(program)
            .title(title)
            .evidence("program", program.clone())
            .evidence("files", format!("{at_least}{files}"))
            .evidence("most before", habit.to_string())
            .evidence("one of them", self.first.clone())
            .evidence("the last", self.last.clone())
            .evidence("first", when(self.from))
            .evidence("last", when(self.to))
            .time(self.to)
    }
}
