//! A database of addresses in the MaxMind DB format, which the user supplies. It is read once and bounded; what is damaged
//! in it is an unknown place, and counted.

use std::cell::Cell;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use keelguard_model::{Area, Incomplete};
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

use crate::logins::event::{Kind, Seen};
use crate::logins::place::{Place, Point, Whence, bounded_name, is_public};

/// The largest database: the largest there are have half of it.
const LARGEST: u64 = 2 << 30;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// See the text.
    #[error("read the database of addresses {shown}", shown = .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// See the text.
    #[error(
        "use {shown} as a database of addresses: it is larger than {LARGEST} bytes; name an .mmdb of cities or countries, such as GeoLite2-City.mmdb",
        shown = .0.display()
    )]
    TooLarge(PathBuf),
    /// See the text.
    #[error(
        "use {shown} as a database of addresses: it is not in the MaxMind DB format ({why}); download an .mmdb of cities or countries \
         again, such as GeoLite2-City.mmdb or DB-IP's dbip-city-lite.mmdb, and unpack it",
        shown = .0.display(),
        why = .1
    )]
    NoDatabase(PathBuf, String),
    /// See the text.
    #[error(
        "use {shown} as a database of addresses: it is a {why:?} and knows no places; name one of cities or countries, such as GeoLite2-City.mmdb",
        shown = .0.display(),
        why = .1
    )]
    NoPlaces(PathBuf, String),
}

/// See the module.
#[derive(Debug)]
pub struct GeoDatabase {
    path: PathBuf,
    reader: Reader<Vec<u8>>,
    /// Look-ups that met damage.
    damaged: Cell<u64>,
}

#[derive(Deserialize)]
struct Names<'a> {
    #[serde(borrow, default)]
    en: Option<&'a str>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    iso_code: Option<&'a str>,
    #[serde(borrow, default)]
    names: Option<Names<'a>>,
}

#[derive(Deserialize)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
    accuracy_radius: Option<u16>,
}

/// The fields of a record that are looked at; the rest is passed over without being unpacked.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default)]
    country: Option<Named<'a>>,
    #[serde(borrow, default)]
    city: Option<Named<'a>>,
    #[serde(default)]
    location: Option<Location>,
}

impl GeoDatabase {
    /// Reads a database into memory.
    ///
    /// # Errors
    /// It cannot be read, is none, or knows no places; each says what to do.
    pub fn open(path: &Path) -> Result<Self, GeoError> {
        let failed = |error| GeoError::Read(path.to_owned(), error);
        let file = std::fs::File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(GeoError::NoDatabase(path.to_owned(), "it is no file".to_owned()));
        }
        let mut content = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut content).map_err(failed)?;
        if content.len() as u64 > LARGEST {
            return Err(GeoError::TooLarge(path.to_owned()));
        }
        Self::from_bytes(path.to_owned(), content)
    }

    /// The same of what was read already; `path` is where from.
    ///
    /// # Errors
    /// It is no database, or knows no places.
    pub fn from_bytes(path: PathBuf, content: Vec<u8>) -> Result<Self, GeoError> {
        let reader = Reader::from_source(content).map_err(|error| {
            GeoError::NoDatabase(path.clone(), bounded_name(&error.to_string()).unwrap_or_default())
        })?;
        let kind = &reader.metadata().database_type;
        // A database of providers or of connection types is of the format, and says nothing of places.
        if ["ASN", "ISP", "Domain", "Connection", "Anonymous"].iter().any(|other| kind.contains(other)) {
            let kind = bounded_name(kind).unwrap_or_default();
            return Err(GeoError::NoPlaces(path.clone(), kind));
        }
        Ok(Self { path, reader, damaged: Cell::new(0) })
    }

    /// Where an address is. Private addresses are nowhere.
    pub fn place(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        if !is_public(address) {
            return None;
        }
        let record = self.reader.lookup(address).and_then(|found| found.decode::<Record<'_>>());
        let record = match record {
            Ok(record) => record?,
            // A database of IPv4 alone.
            Err(MaxMindDbError::InvalidInput { .. }) => return None,
            Err(_) => {
                self.damaged.set(self.damaged.get().saturating_add(1));
                return None;
            }
        };
        let english = |named: Option<&Named<'_>>| named?.names.as_ref()?.en.and_then(bounded_name);
        let country_name = english(record.country.as_ref());
        let code = record.country.as_ref().and_then(|country| country.iso_code).and_then(bounded_name);
        let point = record.location.and_then(|location| {
            Point::new(location.latitude?, location.longitude?, f64::from(location.accuracy_radius?))
        });
        let place = Place {
            country: code.or_else(|| country_name.clone()),
            country_name,
            city: english(record.city.as_ref()),
            point,
        };
        (place.country.is_some() || place.point.is_some()).then_some(place)
    }

    /// Hands on from where an event came, where that matters: of those who got in.
    pub fn with_place(&self, seen: &Seen<'_>, take: impl FnOnce(Whence<'_>)) {
        let looked_up = matches!(seen.kind, Kind::LoginOk | Kind::Session);
        let place = seen.address.filter(|_| looked_up).and_then(|address| self.place(address));
        take(place.as_ref().map_or(Whence::Unknown, Whence::At));
    }

    /// What could not be looked up.
    pub fn incomplete(&self) -> Option<Incomplete> {
        let damaged = self.damaged.get();
        let why = format!("the database of addresses is damaged; look-ups that failed: {damaged}. Download it again");
        (damaged > 0).then(|| Incomplete::new(Area::Logins, self.path.display().to_string(), why))
    }
}
