//! Where output goes: standard output, or a file that appears whole or not at all.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Writes what `print` prints to `file`, or to standard output. A file is written beside its place and renamed, so that a
/// full disk or an error leaves what was there before.
pub(crate) fn write(file: Option<&Path>, print: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let Some(file) = file else {
        let mut out = BufWriter::new(io::stdout().lock());
        let failed = || "write to standard output".to_owned();
        print(&mut out).map_err(|error| told(error, failed))?;
        return out.flush().with_context(failed);
    };
    let failed = || format!("write {}", file.display());
    // A device or a pipe (/dev/stdout, /dev/full) cannot be replaced by a file.
    if std::fs::metadata(file).is_ok_and(|meta| !meta.is_file()) {
        let opened = std::fs::OpenOptions::new().write(true).open(file);
        let mut out = BufWriter::new(opened.with_context(failed)?);
        print(&mut out).map_err(|error| told(error, failed))?;
        return out.flush().with_context(failed);
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.exists() {
        bail!("write {}: there is no folder {}; make it first", file.display(), folder.display());
    }
    // The permissions that any program's output has, under the user's umask.
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    let temporary = tempfile::Builder::new()
        .prefix(".keelguard-")
        .permissions(permissions)
        .tempfile_in(folder)
        // Its own message names the temporary file, of which the user knows nothing.
        .map_err(|error| error.raw_os_error().map_or(error, io::Error::from_raw_os_error))
        .with_context(failed)?;
    let mut out = BufWriter::new(temporary);
    print(&mut out).map_err(|error| told(error, failed))?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error).with_context(failed)?;
    temporary.as_file().sync_all().with_context(failed)?;
    temporary.persist(file).map_err(|error| error.error).with_context(failed)?;
    Ok(())
}

/// What failed while printing. Where it was the writing, that is said once, with the place, and with the system's own
/// error as its cause, whoever has wrapped that; anything else has its own words already.
fn told(error: anyhow::Error, place: impl FnOnce() -> String) -> anyhow::Error {
    let cause = match error.downcast::<keelguard_report::Error>() {
        Ok(keelguard_report::Error::Write(cause)) => cause,
        Ok(other) => return other.into(),
        Err(error) => match error.downcast::<serde_json::Error>() {
            Ok(error) if error.is_io() => error.into(),
            Ok(other) => return other.into(),
            Err(error) => match error.downcast::<io::Error>() {
                Ok(cause) => cause,
                Err(other) => return other,
            },
        },
    };
    anyhow::Error::from(cause).context(place())
}

/// Whether to colour what goes to standard output.
pub(crate) fn colour(setting: &str, to_file: bool) -> bool {
    match setting {
        "always" => true,
        "never" => false,
        _ => {
            !to_file && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && io::stdout().is_terminal()
        }
    }
}

/// How many columns a table may take.
pub(crate) fn width() -> usize {
    let from_environment = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    };
    from_environment.or_else(terminal).unwrap_or(100).clamp(60, 160)
}
