//! Trains the weights of the spam classifier: `cargo xtask train-spam --data FOLDER`. The same data gives the same bytes, on whichever
//! machine. The folder holds `mail/train.tar.zst` (files below `ham/` and `spam/`) and `sms/train.tsv` (`label<TAB>text`).

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use keelguard_signs::spam::classify::bag::{Bag, Group};
use keelguard_signs::spam::classify::train::{Example, Figures, Plan, across, train};
use keelguard_signs::spam::classify::weights::{About, write};
use keelguard_signs::spam::classify::{of_mail, of_text};
use keelguard_signs::spam::mail::Message;

/// A message's name (for its fold), its bytes, and whether it is spam.
type Labelled = (String, Vec<u8>, bool);

/// Runs the task with what is behind its name on the command line.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let mut data = std::env::var_os("KEELGUARD_TEST_DATA").map(PathBuf::from);
    let mut day = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = || rest.clone().next().cloned().with_context(|| format!("use {argument}: it needs a value"));
        match argument.as_str() {
            "--data" => data = Some(PathBuf::from(value()?)),
            "--date" => day = Some(value()?),
            other => bail!("understand {other:?}: use --data FOLDER and --date DAY"),
        }
        rest.next();
    }
    let data = data.context("find the messages: name their folder with --data or KEELGUARD_TEST_DATA")?;
    // The day of the data's release, unless another is named: the same data must give the same bytes.
    let day = day.unwrap_or_else(|| "2026-11-24".to_owned());
    mail(root, &data, &day)?;
    text(root, &data, &day)
}

fn mail(root: &Path, data: &Path, day: &str) -> Result<()> {
    let messages = archive(&data.join("mail/train.tar.zst"))?;
    let (mut bag, mut space) = (Bag::new(&of_mail::GROUPS), of_mail::Room::default());
    let example = |(_, bytes, is_spam): &Labelled| {
        bag.clear();
        of_mail::features(&Message::parse(bytes), &mut space, &mut bag);
        Example::of(&bag, of_mail::GROUPS.len(), *is_spam)
    };
    let examples: Vec<Example> = messages.iter().map(example).collect();
    let about = "half of the SpamAssassin public corpus";
    finish(root, "spam-mail.zst", &of_mail::GROUPS, &messages, &examples, &Plan::MAIL, about, day)
}

fn text(root: &Path, data: &Path, day: &str) -> Result<()> {
    let path = data.join("sms/train.tsv");
    let table = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let mut messages: Vec<Labelled> = Vec::new();
    for (number, line) in table.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let (label, text) = line
            .iter()
            .position(|byte| *byte == b'\t')
            .map(|tab| (&line[..tab], &line[tab + 1..]))
            .with_context(|| format!("understand line {} of {}", number + 1, path.display()))?;
        messages.push((String::from_utf8_lossy(text).into_owned(), text.to_vec(), label == b"spam"));
    }
    let (mut bag, mut space) = (Bag::new(&of_text::GROUPS), of_text::Room::default());
    let example = |(_, bytes, is_spam): &Labelled| {
        bag.clear();
        of_text::features(bytes, &mut space, &mut bag);
        Example::of(&bag, of_text::GROUPS.len(), *is_spam)
    };
    let examples: Vec<Example> = messages.iter().map(example).collect();
    let about = "half of the SMS Spam Collection";
    finish(root, "spam-text.zst", &of_text::GROUPS, &messages, &examples, &Plan::TEXT, about, day)
}

/// Cross-validates, trains on everything, and writes the weights.
#[expect(clippy::too_many_arguments, reason = "one call for mail and one for texts")]
fn finish(
    root: &Path,
    name: &str,
    layout: &'static [Group],
    messages: &[Labelled],
    examples: &[Example],
    plan: &Plan,
    about: &str,
    date: &str,
) -> Result<()> {
    let names: Vec<&str> = messages.iter().map(|(name, ..)| name.as_str()).collect();
    let across = across(layout, &names, examples, plan, 10);
    let all: Vec<&Example> = examples.iter().collect();
    let mut model = train(layout, &all, plan);
    (model.slope, model.offset, model.spam_from) = (across.slope, across.offset, across.spam_from);
    let Figures { auc, ham_lost, recall } = across.figures;
    let spam = examples.iter().filter(|example| example.is_spam).count();
    let about = About {
        date: date.to_owned(),
        data: format!("{about}: {} ham, {spam} spam", examples.len() - spam),
        figures: vec![
            ("auc".to_owned(), auc),
            ("ham_lost_at_97_percent_recall".to_owned(), ham_lost),
            ("recall_at_0.1_percent_ham_lost".to_owned(), recall),
        ],
    };
    let bytes = write(&model, layout, &about)?;
    let path = root.join("crates/signs/data").join(name);
    fs::create_dir_all(root.join("crates/signs/data"))?;
    fs::write(&path, &bytes).with_context(|| format!("write {}", path.display()))?;
    println!("{name}: {} bytes, {}", bytes.len(), about.data);
    println!(
        "  ten folds: AUC {auc:.5}, ham lost at 97 % recall {:.3} %, recall at 0.1 % ham lost {:.2} %; spam from {:.3}",
        ham_lost * 100.0,
        recall * 100.0,
        model.spam_from
    );
    Ok(())
}

/// The messages of a packed archive, by name.
fn archive(path: &Path) -> Result<Vec<Labelled>> {
    let reading = || format!("read {}", path.display());
    let file = fs::File::open(path).with_context(reading)?;
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).with_context(reading)?);
    let mut messages = Vec::new();
    for entry in archive.entries().with_context(reading)? {
        let mut entry = entry.with_context(reading)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path().with_context(reading)?.to_string_lossy().into_owned();
        let folder = name.rsplit('/').nth(1).unwrap_or_default();
        let is_spam = match folder {
            "ham" => false,
            "spam" => true,
            other => bail!("use {name} of {}: it lies in {other:?}, neither in ham nor in spam", path.display()),
        };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).with_context(reading)?;
        messages.push((name, bytes, is_spam));
    }
    messages.sort();
    Ok(messages)
}
