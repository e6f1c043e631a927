//! RPM: one header for each package, kept in one of three forms of database ([`bdb`], [`ndb`], [`sqlite`]). The forms
//! hand their headers to [`Headers`]; none is read as a whole.

mod bdb;
mod bytes;
mod header;
mod log;
mod manifest;
mod names;
mod ndb;
mod sqlite;

pub(super) use log::LOG;
pub(super) use manifest::MANIFEST;

use keelguard_model::image::PackageKind;

use self::header::Header;
use self::names::{SourceRpm, evr};
use super::collector::Collector;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, FoundPackage, Pattern, Scope};
use crate::content::Content;

/// Installed packages and their files.
pub(super) const DATABASE: Analyser = Analyser {
    name: "rpm-database",
    version: 1,
    wants: &[
        Pattern::Path("var/lib/rpm/Packages"),
        Pattern::Path("var/lib/rpm/Packages.db"),
        Pattern::Path("var/lib/rpm/rpmdb.sqlite"),
        Pattern::Path("usr/lib/sysimage/rpm/Packages"),
        Pattern::Path("usr/lib/sysimage/rpm/Packages.db"),
        Pattern::Path("usr/lib/sysimage/rpm/rpmdb.sqlite"),
        Pattern::Path("usr/share/rpm/Packages"),
        Pattern::Path("usr/share/rpm/Packages.db"),
        Pattern::Path("usr/share/rpm/rpmdb.sqlite"),
    ],
    scope: Scope::Installed,
    analyse: database,
};

/// Largest header that is read, bytes. A package of 100,000 files has about 15 MB.
const MAX_HEADER: usize = 64 << 20;

/// Keys that signatures are checked with are kept like packages of this name.
const KEYS: &str = "gpg-pubkey";

/// What goes wrong with the database as a whole, or with one record of it.
type Broken = String;

fn database(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let size = file.content.size();
    if size > limits.max_file {
        return Err(AnalyseError::malformed(format!("{size} bytes, and at most {} are looked at", limits.max_file)));
    }
    let mut start = [0; 16];
    read_exact(file.content, 0, &mut start).map_err(AnalyseError::Malformed)?;
    let mut headers = Headers::new(size, limits);
    let done = if start.starts_with(sqlite::MAGIC) {
        sqlite::headers(file.content, &mut headers)
    } else if start.starts_with(ndb::MAGIC) {
        ndb::headers(file.content, &mut headers)
    } else if bdb::is_hash(&start) {
        bdb::headers(file.content, &mut headers)
    } else {
        Err("it is no database of rpm: neither Berkeley DB hash, nor ndb, nor SQLite".to_owned())
    };
    let (mut found, any) = headers.finish();
    match done {
        Ok(()) => Ok(found),
        // What was read before it broke is worth having.
        Err(why) if any => {
            found.incomplete.push(why);
            Ok(found)
        }
        Err(why) => Err(AnalyseError::Malformed(why)),
    }
}

/// Fills the buffer from `offset` on.
fn read_exact(content: &dyn Content, offset: u64, buffer: &mut [u8]) -> Result<(), Broken> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match content.read_at(offset.saturating_add(filled as u64), rest) {
            Ok(0) => return Err(format!("it ends at {} where it should go on", content.size())),
            Ok(count) => filled += count,
            Err(error) => return Err(format!("it cannot be read at {offset}: {error}")),
        }
    }
    Ok(())
}

/// Whether a form goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    Stop,
}

/// Turns headers into packages.
struct Headers {
    packages: Collector,
    /// The source of each package, to find its epoch in the end.
    sources: Vec<Option<SourceRpm>>,
    /// Bytes that may still come: a database cannot hold more than its size, unless its records overlap.
    budget: u64,
    any: bool,
}

impl Headers {
    fn new(size: u64, limits: &Limits) -> Self {
        Self { packages: Collector::new(limits), sources: Vec::new(), budget: size, any: false }
    }

    /// To be asked before `size` bytes of a record are read.
    fn admit(&mut self, size: u64) -> Result<usize, Broken> {
        self.budget = self.budget.checked_sub(size).ok_or("its records are longer than it is itself")?;
        usize::try_from(size)
            .ok()
            .filter(|size| *size <= MAX_HEADER)
            .ok_or_else(|| format!("a record has {size} bytes, and at most {MAX_HEADER} are read"))
    }

    /// A record that could not be read.
    fn broken(&mut self, why: Broken) {
        self.packages.broken(|| why);
    }

    /// A record.
    fn header(&mut self, blob: &[u8]) -> Flow {
        let header = match Header::parse(blob) {
            Ok(header) => header,
            Err(why) => {
                self.broken(why);
                return Flow::On;
            }
        };
        self.any = true;
        let name = header.string(header::NAME).unwrap_or_default();
        if name == KEYS {
            return Flow::On;
        }
        let version = evr(
            header.number(header::EPOCH),
            &header.string(header::VERSION).unwrap_or_default(),
            &header.string(header::RELEASE).unwrap_or_default(),
        );
        let source = header.string(header::SOURCE_RPM).and_then(|file| SourceRpm::parse(&file));
        let before = self.packages.packages().len();
        let mut package = FoundPackage::new(PackageKind::Rpm, name.as_ref(), version);
        package.arch = header.string(header::ARCH).map(std::borrow::Cow::into_owned);
        if !self.packages.add(package) {
            return Flow::Stop;
        }
        if self.packages.packages().len() > before {
            self.sources.push(source);
            let cut = self.packages.own_each(&name, |own| header.paths(own));
            if let Err(why) = cut {
                self.packages.broken(|| format!("package {name}: {why}"));
            }
        }
        Flow::On
    }

    /// Everything, and whether there was any header at all.
    fn finish(mut self) -> (Found, bool) {
        names::fill_in_sources(self.packages.packages(), &self.sources);
        (self.packages.finish(), self.any)
    }
}

#[cfg(test)]
mod tests;
