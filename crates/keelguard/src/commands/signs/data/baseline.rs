//! `keelguard signs data baseline`: what files look like now, signed.

use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use keelguard_model::text::printable;
use keelguard_model::{Area, Incomplete};
use keelguard_signs::data::baseline::{self, Key, Plan, is_within};
use keelguard_signs::data::tree::Contents;
use keelguard_signs::data::verify::packages;

use crate::cli::{DataBaseline, Global};
use crate::commands::progress::Progress;
use crate::data::trees;
use crate::exit::Exit;
use crate::output;

pub(super) fn run(global: &Global, arguments: &DataBaseline) -> Result<Exit> {
    let settings = crate::commands::settings(global, Vec::new())?;
    let places = trees::places(arguments.places.baseline.as_deref(), arguments.places.pin.as_deref(), &settings)?;
    let named = trees::named(&arguments.trees, arguments.across, &settings)?;
    if named.is_empty() {
        bail!(
            "make a baseline: there is none of the system's own folders here; name some: keelguard signs data baseline --key FILE FOLDER…"
        );
    }
    if places.pin.starts_with(&places.store.folder) {
        bail!(
            "pin the baseline in {}: that is the baseline's own folder; give a place apart with --pin",
            places.pin.display()
        );
    }
    // Said before a key is made there.
    if let Some(tree) = named.iter().find(|tree| is_within(&arguments.key, &tree.path)) {
        bail!(
            "use the key {}: it lies within {}, where whoever changes files could take or replace it; keep it elsewhere, best off this host",
            arguments.key.display(),
            tree.name
        );
    }
    let passphrase = arguments.passphrase_file.as_deref().map(passphrase).transpose()?;
    let is_new = !arguments.key.exists();
    let key = if is_new && !arguments.update {
        Key::make(&arguments.key, passphrase.as_deref())?
    } else {
        Key::open(&arguments.key, passphrase.as_deref())?
    };
    let plan = Plan {
        trees: named,
        excluded: trees::excluded(&arguments.exclude, &settings),
        options: trees::options(Contents::Hash, &settings),
        key: &key,
        key_file: &arguments.key,
        pin_file: &places.pin,
        host: trees::host(),
        tool: format!("keelguard {}", env!("CARGO_PKG_VERSION")),
        packages: packages::inventory(Path::new("/")),
        is_update: arguments.update,
        now: &Timestamp::now,
    };
    let made = {
        let _progress = Progress::begin(&settings, "Reading files");
        baseline::make(&places.store, &plan)?
    };
    let gap = |(tree, gap): (String, keelguard_signs::data::tree::Gap)| {
        let path = String::from_utf8_lossy(&gap.path).into_owned();
        Incomplete::new(Area::Data, printable(&format!("{tree}/{path}")).into_owned(), gap.why)
    };
    let incomplete: Vec<Incomplete> = made.gaps.into_iter().map(gap).collect();
    let seal = &made.seal;
    output::write(None, |out| {
        for tree in &seal.trees {
            writeln!(out, "{:>10} files  {:>8.1} MB  {}", tree.files, megabytes(tree.bytes), tree.name)?;
        }
        if let Some((added, removed, changed)) = made.differences {
            writeln!(
                out,
                "since generation {}: {added} new, {removed} gone, {changed} different",
                seal.generation - 1
            )?;
        }
        writeln!(out, "generation  {}, in {}", seal.generation, made.path.display())?;
        writeln!(out, "key         {}, pinned in {}", seal.key, places.pin.display())?;
        writeln!(out, "root        {}", seal.root)?;
        writeln!(out, "Write the root down where nobody on this host can change it, and check with it:")?;
        Ok(writeln!(out, "  keelguard signs data verify --expect {}", seal.root)?)
    })?;
    if is_new {
        let key = arguments.key.display();
        crate::commands::progress::say(
            &settings,
            &format!("keelguard: the private key is new, in {key}: take it off this host, and bring it for --update"),
        );
    }
    super::super::warn(&incomplete, &settings);
    Ok(if made.gap_count == 0 { Exit::Done } else { Exit::Partial })
}

#[expect(clippy::cast_precision_loss, reason = "to one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn passphrase(file: &Path) -> Result<String> {
    let failed = || format!("read the passphrase in {}", file.display());
    let input = std::fs::File::open(file).with_context(failed)?;
    let mut line = String::new();
    std::io::BufReader::new(std::io::Read::take(input, 4096)).read_line(&mut line).with_context(failed)?;
    let line = line.trim_end_matches(['\n', '\r']);
    if line.is_empty() {
        bail!("use the passphrase in {}: its first line is empty", file.display());
    }
    Ok(line.to_owned())
}
