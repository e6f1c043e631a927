//! Components of CycloneDX, those inside of others among them.

use serde::Deserialize;
use serde::de::{DeserializeSeed as _, Deserializer, MapAccess};

use super::collect::Collector;
use super::entry::{Entry, Role};
use super::walk::{Each, Element, Fill, Object, skip, text, value};

/// A component, and whom it is handed to when it is read.
pub(super) struct Component<'c> {
    entry: Entry,
    collector: &'c mut Collector,
}

impl Element<Collector> for Component<'_> {
    fn read<'de, D: Deserializer<'de>>(collector: &mut Collector, deserializer: D) -> Result<(), D::Error> {
        let mut component = Component { entry: Entry::default(), collector: &mut *collector };
        Fill(&mut component).deserialize(deserializer)?;
        let entry = component.entry;
        collector.add(entry);
        Ok(())
    }
}

impl Object for Component<'_> {
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.entry.role = role(&text(map)?),
            "bom-ref" => self.entry.id = text(map)?,
            "group" => self.entry.group = text(map)?,
            "name" => self.entry.name = text(map)?,
            "version" => self.entry.version = text(map)?,
            "purl" => self.entry.purl = text(map)?,
            "properties" => map.next_value_seed(Each::<_, Property>::into(&mut self.entry))?,
            "evidence" => map.next_value_seed(Fill(&mut Evidence(&mut self.entry)))?,
            "components" => map.next_value_seed(Each::<_, Component<'_>>::into(self.collector))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

fn role(name: &str) -> Role {
    match name {
        "operating-system" => Role::System,
        "application" => Role::Holder,
        "file" | "container" | "data" | "cryptographic-asset" => Role::Thing,
        _ => Role::Package,
    }
}

/// `metadata`: the component that the whole document is about.
pub(super) struct Metadata<'c>(pub(super) &'c mut Collector);

impl Object for Metadata<'_> {
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key != "component" {
            return skip(map);
        }
        let mut component = Component { entry: Entry::default(), collector: &mut *self.0 };
        map.next_value_seed(Fill(&mut component))?;
        let entry = component.entry;
        self.0.set_root(entry);
        Ok(())
    }
}

#[derive(Deserialize)]
struct NameValue {
    name: Option<String>,
    value: Option<String>,
}

struct Property;

impl Element<Entry> for Property {
    fn read<'de, D: Deserializer<'de>>(entry: &mut Entry, deserializer: D) -> Result<(), D::Error> {
        let pair: NameValue = value(deserializer)?;
        if let (Some(name), Some(value)) = (pair.name, pair.value) {
            entry.property(&name, value);
        }
        Ok(())
    }
}

struct Evidence<'e>(&'e mut Entry);

impl Object for Evidence<'_> {
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "occurrences" => map.next_value_seed(Each::<_, Occurrence>::into(self.0)),
            _ => skip(map),
        }
    }
}

struct Occurrence;

#[derive(Deserialize)]
struct Located {
    location: Option<String>,
}

impl Element<Entry> for Occurrence {
    fn read<'de, D: Deserializer<'de>>(entry: &mut Entry, deserializer: D) -> Result<(), D::Error> {
        if let Some(location) = value::<Located, D>(deserializer)?.location {
            entry.path(location);
        }
        Ok(())
    }
}

/// `compositions`: whether the document says that it is not the whole.
pub(super) struct Composition;

#[derive(Deserialize)]
struct Aggregate {
    aggregate: Option<String>,
}

impl Element<Collector> for Composition {
    fn read<'de, D: Deserializer<'de>>(collector: &mut Collector, deserializer: D) -> Result<(), D::Error> {
        let aggregate = value::<Aggregate, D>(deserializer)?.aggregate.unwrap_or_default();
        if aggregate.starts_with("incomplete") {
            collector.is_partial = true;
        }
        Ok(())
    }
}
