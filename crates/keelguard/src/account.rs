//! The accounts that the commands below `keelguard iam` speak of: from files, or from AWS itself.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use keelguard_iam::collect::{Limits, Options};
use keelguard_iam::facts::{Facts, Input};
use keelguard_iam::trail::{self, Trail};

use crate::cli::AccountSource;
use crate::commands::progress::Progress;
use crate::settings::Settings;

/// What the source tells of accounts.
///
/// # Errors
/// No source is named, a file cannot be read, or nobody is let in.
pub(crate) fn load(source: &AccountSource, settings: &Settings) -> Result<Facts> {
    Ok(load_with_trail(source, settings)?.0)
}

/// The same, with what CloudTrail's logs tell where any are named.
pub(crate) fn load_with_trail(source: &AccountSource, settings: &Settings) -> Result<(Facts, Option<Trail>)> {
    let mut facts = if source.live { ask(source, settings)? } else { read_all(source, settings)? };
    if source.trail.is_empty() {
        return Ok((facts, None));
    }
    let _progress = Progress::begin(settings, "Reading CloudTrail's logs");
    let trail = Trail::read(&source.trail, &trail::Limits::default());
    trail.fill(&mut facts);
    Ok((facts, Some(trail)))
}

fn read_all(source: &AccountSource, settings: &Settings) -> Result<Facts> {
    if source.facts.is_empty() {
        bail!("tell which account is meant; type --live to ask AWS, or --facts FILE for what the AWS CLI has printed");
    }
    let most = settings.number("max_facts_bytes");
    let mut texts = Vec::new();
    for given in &source.facts {
        let (about, file) = about(given);
        let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
        let text = read(file, most).with_context(|| format!("read {name}"))?;
        texts.push((name, about, text));
    }
    let inputs: Vec<Input<'_>> = texts
        .iter()
        .map(|(name, about, text)| {
            let input = Input::new(name.clone(), text);
            match about {
                Some(about) => input.about(*about),
                None => input,
            }
        })
        .collect();
    Ok(Facts::read(&inputs)?)
}

/// Asks AWS.
fn ask(source: &AccountSource, settings: &Settings) -> Result<Facts> {
    let limits = Limits { whole: settings.seconds("aws_timeout"), ..Limits::default() };
    let options = Options {
        endpoint: source.endpoint_url.clone(),
        profiles: source.profile.clone(),
        regions: source.region.clone(),
        last_accessed: source.last_accessed,
        limits,
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("ask AWS")?;
    let _progress = Progress::begin(settings, "Asking AWS");
    Ok(runtime.block_on(keelguard_iam::collect::collect(&options))?)
}

/// `ARN=FILE` and `ACCOUNT=FILE`; a file may have such a name, too.
fn about(given: &Path) -> (Option<&str>, &Path) {
    let text = given.to_str().filter(|_| !given.exists());
    let parts = text.and_then(|text| text.split_once('='));
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.filter(|(about, _)| about.starts_with("arn:") || is_account(about)) {
        Some((about, file)) => (Some(about), Path::new(file)),
        None => (None, given),
    }
}

fn read(file: &Path, most: u64) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most + 1).read_to_end(&mut text)?;
    } else {
        if std::fs::metadata(file)?.is_dir() {
            bail!("it is a folder");
        }
        std::fs::File::open(file)?.take(most + 1).read_to_end(&mut text)?;
    }
    if text.len() as u64 > most {
        bail!("it is larger than {most} bytes, which max_facts_bytes allows");
    }
    Ok(text)
}
