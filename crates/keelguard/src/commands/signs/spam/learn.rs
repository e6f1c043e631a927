//! `keelguard signs spam learn`: from messages whose kind somebody knows. What was learnt lies in `data_dir`, and is replaced as a
//! whole, so that an end in the middle leaves what was there.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use keelguard_signs::spam::collect::Walk;
use keelguard_signs::spam::learn::{Learnt, MOST_LESSONS, Outcome};
use keelguard_signs::spam::{Classifier, Workroom};

use super::warn;
use crate::cli::{Global, SpamLearn};
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(global: &Global, arguments: &SpamLearn) -> Result<Exit> {
    let settings = crate::commands::settings(global, Vec::new())?;
    let path = place(&settings).context("keep what is learnt: set KEELGUARD_DATA_DIR")?;
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    // Two who learn at once would each forget what the other has learnt.
    let lock = folder.join("learnt.lock");
    let lock = File::create(&lock).with_context(|| format!("open {}", lock.display()))?;
    lock.lock().with_context(|| format!("lock {}", folder.display()))?;
    let mut learnt = load(&settings)?;
    let classifier = Classifier::built_in().context("use the classifier")?;
    let mut room = Workroom::default();
    let mut walk = Walk::new(&arguments.paths, super::form(arguments.kind));
    let (mut new, mut turned, mut known, mut bytes) = (0u64, 0u64, 0u64, Vec::new());
    while let Some(found) = walk.next() {
        if let Err(error) = found.read(&mut bytes) {
            walk.gaps.note(found.path.display().to_string(), error.to_string());
            continue;
        }
        if arguments.forget {
            *if learnt.forget(&bytes) { &mut new } else { &mut known } += 1;
            continue;
        }
        match classifier.learn(found.form, &bytes, arguments.spam, &mut learnt, &mut room) {
            Outcome::New => new += 1,
            Outcome::Turned => turned += 1,
            Outcome::Known => known += 1,
        }
    }
    let incomplete = std::mem::take(&mut walk.gaps).into_list();
    if new + turned + known == 0 && incomplete.is_empty() {
        bail!("learn: there are no messages in what was named");
    }
    store(&learnt, &path)?;
    let (spam, ham) = learnt.counts();
    output::write(None, |out| {
        if arguments.forget {
            writeln!(out, "Forgot {new} messages; {known} were not known.")?;
        } else {
            let kind = if arguments.spam { "spam" } else { "ham" };
            writeln!(
                out,
                "Learnt {new} messages as {kind}, {turned} that were known as the opposite; {known} were known."
            )?;
        }
        writeln!(out, "Known by now: {spam} spam, {ham} ham, of at most {MOST_LESSONS}.")?;
        if learnt.dropped > 0 {
            writeln!(out, "{} older ones made room and count no more.", learnt.dropped)?;
        }
        Ok(())
    })?;
    warn(&incomplete, &settings);
    Ok(if incomplete.is_empty() { Exit::Done } else { Exit::Partial })
}

/// Where it lies.
fn place(settings: &Settings) -> Option<PathBuf> {
    settings.text("data_dir").map(|folder| Path::new(folder).join("spam/learnt"))
}

/// What was learnt here so far.
pub(super) fn load(settings: &Settings) -> Result<Learnt> {
    let Some(path) = place(settings) else { return Ok(Learnt::default()) };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Learnt::default()),
        Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
    };
    Learnt::from_bytes(&bytes).with_context(|| format!("use what was learnt: remove {} to begin anew", path.display()))
}

fn store(learnt: &Learnt, path: &Path) -> Result<()> {
    let writing = || format!("write {}", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(writing)?;
    file.write_all(&learnt.to_bytes()?).with_context(writing)?;
    file.as_file().sync_all().with_context(writing)?;
    file.persist(path).map_err(|error| error.error).with_context(writing)?;
    Ok(())
}
