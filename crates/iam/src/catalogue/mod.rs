//! Which services, actions, resource types and condition keys AWS has, as of a day. The table is embedded; its content is
//! decompressed at the first question (about 2 ms), and a service is decoded when somebody asks about it.
//!
//! ```
//! use keelguard_iam::catalogue::{catalogue, Known};
//! assert!(matches!(catalogue().action("s3", "getobject"), Known::Action(_, action) if action.name == "GetObject"));
//! assert!(matches!(catalogue().action("s3", "fetchobject"), Known::NotInService(_)));
//! assert!(matches!(catalogue().action("s4", "getobject"), Known::NoService));
//! ```

mod columns;
mod fits;
mod format;
mod globals;
mod keys;
mod read;
mod suggest;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::OnceLock;

pub use columns::COLUMNS;
pub use fits::{arn_pattern, overlap};
pub use format::{Action, Entry, FORMAT, Header, Key, KeyType, Level, On, ResourceType, Service};
pub use globals::{GLOBAL_KEYS, GlobalKey};
pub use keys::KnownKey;
pub use read::write;
pub(crate) use suggest::nearest;

use read::Row;

static FILE: &[u8] = include_bytes!("../../data/catalogue.zst");

/// What is known of an action.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// This one.
    Action(&'a Service<'static>, &'a Action<'static>),
    /// The service is known, the action is not.
    NotInService(&'a Service<'static>),
    /// Not even the service is known.
    NoService,
}

/// The table.
#[derive(Debug)]
pub struct Catalogue {
    header: Header,
    services: Vec<(Row, OnceLock<Service<'static>>)>,
    /// The services that have an action of this name, in lower case; made when somebody leaves the service out.
    by_name: OnceLock<HashMap<String, Vec<(&'static str, &'static str)>>>,
}

/// The embedded table.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    // That the committed file can be read is shown by a test and by `cargo xtask check`; an empty table would still
    // know no action instead of ending the program.
    CATALOGUE.get_or_init(|| Catalogue::read(FILE).unwrap_or_else(|_| Catalogue::empty()))
}

/// Of when the embedded table is and from where, without decompressing it.
pub fn header() -> Option<Header> {
    read::header(FILE).ok().map(|(header, _)| header)
}

/// Reads all of the catalogue in `file` and holds it against its first line.
pub fn verify(file: &[u8]) -> Result<Header, String> {
    let catalogue = Catalogue::read(file)?;
    let (mut actions, mut resource_types, mut keys) = (0, 0, 0);
    for (row, _) in &catalogue.services {
        let service = columns::decode(&row.entry, &row.parts).map_err(|why| format!("{}: {why}", row.entry.prefix))?;
        actions += service.actions.len();
        resource_types += service.resource_types.len();
        keys += service.keys.len();
    }
    let found = (catalogue.services.len(), actions, resource_types, keys);
    let header = catalogue.header;
    if found != (header.services, header.actions, header.resource_types, header.keys) {
        return Err(format!("its first line counts other services, actions, resource types and keys than {found:?}"));
    }
    Ok(header)
}

impl Catalogue {
    fn read(file: &[u8]) -> Result<Self, String> {
        let contents = read::contents(file)?;
        let services = contents.services.into_iter().map(|row| (row, OnceLock::new())).collect();
        Ok(Self { header: contents.header, services, by_name: OnceLock::new() })
    }

    fn empty() -> Self {
        let none = String::new;
        let header = Header {
            format: none(),
            source: none(),
            version: none(),
            date: none(),
            licence: none(),
            services: 0,
            actions: 0,
            resource_types: 0,
            keys: 0,
            length: 0,
        };
        Self { header, services: Vec::new(), by_name: OnceLock::new() }
    }

    /// Of when it is, and from where.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The prefixes of all services, in order.
    pub fn prefixes(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().map(|(row, _)| row.entry.prefix)
    }

    /// The service with this prefix, in lower case.
    pub fn service(&self, prefix: &str) -> Option<&Service<'static>> {
        let at = self.services.binary_search_by(|(row, _)| row.entry.prefix.cmp(prefix)).ok()?;
        self.decoded(at)
    }

    /// All services.
    pub fn services(&self) -> impl Iterator<Item = &Service<'static>> {
        (0..self.services.len()).filter_map(|at| self.decoded(at))
    }

    fn decoded(&self, at: usize) -> Option<&Service<'static>> {
        let (row, slot) = self.services.get(at)?;
        let empty = |_| Service { prefix: row.entry.prefix, title: row.entry.title, ..Service::default() };
        Some(slot.get_or_init(|| columns::decode(&row.entry, &row.parts).unwrap_or_else(empty)))
    }

    /// The services that have an action of this name, in any case, with the name as it is written.
    pub fn with_action(&self, name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<(&'static str, &'static str)>> = HashMap::new();
            for service in self.services() {
                for action in &service.actions {
                    by_name.entry(action.name.to_ascii_lowercase()).or_default().push((service.prefix, action.name));
                }
            }
            by_name
        });
        by_name.get(&name.to_ascii_lowercase()).into_iter().flatten().copied()
    }

    /// What is known of `action` (without its service, any case) of the service with the prefix `service` (lower case).
    pub fn action(&self, service: &str, action: &str) -> Known<'_> {
        let Some(service) = self.service(service) else { return Known::NoService };
        service.action(action).map_or(Known::NotInService(service), |action| Known::Action(service, action))
    }
}

impl<'a> Service<'a> {
    /// The action of this name, in any case.
    pub fn action(&self, name: &str) -> Option<&Action<'a>> {
        let at = self.actions.binary_search_by(|action| without_case(action.name, name)).ok()?;
        self.actions.get(at)
    }

    /// On what an action of this service works; nothing: it knows no resource, and only `*` fits.
    pub fn resources_of(&self, action: &Action<'a>) -> &[On] {
        self.resource_lists.get(usize::from(action.resources)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The types of resources on which an action of this service works, and whether a policy must name one of these.
    pub fn types_of<'s>(
        &'s self,
        action: &Action<'a>,
    ) -> impl Iterator<Item = (&'s ResourceType<'a>, bool)> + use<'s, 'a> {
        self.resources_of(action)
            .iter()
            .filter_map(|on| Some((self.resource_types.get(usize::from(on.resource_type))?, on.required)))
    }

    /// The names of the condition keys which an action of this service knows.
    pub fn keys_of<'s>(&'s self, action: &Action<'a>) -> impl Iterator<Item = &'s Key<'a>> + use<'s, 'a> {
        let list = |place: u16| self.key_lists.get(usize::from(place)).map(Vec::as_slice).unwrap_or_default();
        let of_types = self.resources_of(action).iter().flat_map(move |on| {
            let of_type =
                self.resource_types.get(usize::from(on.resource_type)).map_or(&[][..], |found| list(found.keys));
            list(on.keys).iter().chain(of_type)
        });
        list(action.keys).iter().chain(of_types).filter_map(|key| self.keys.get(usize::from(*key)))
    }
}

fn without_case(left: &str, right: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(lower).cmp(right.bytes().map(lower))
}

#[cfg(test)]
mod tests;
