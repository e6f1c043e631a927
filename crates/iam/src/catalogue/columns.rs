//! A service in columns: names with names, levels with levels. Texts are lines; everything else is what postcard makes of it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::format::{Action, Entry, Key, KeyType, Level, On, ResourceType, Service};
use super::without_case;

/// How many columns there are.
pub const COLUMNS: usize = 11;

/// What stands of `service` in each column.
pub fn encode(service: &Service<'_>) -> Result<[Vec<u8>; COLUMNS], postcard::Error> {
    let Service { actions, resource_types: types, keys, key_lists, resource_lists, .. } = service;
    Ok([
        lines(actions.iter().map(|action| action.name)),
        column(actions, |action| action.level)?,
        column(actions, |action| action.keys)?,
        column(actions, |action| action.resources)?,
        postcard::to_stdvec(key_lists)?,
        postcard::to_stdvec(resource_lists)?,
        lines(types.iter().map(|found| found.name)),
        lines(types.iter().map(|found| found.arn)),
        column(types, |found| found.keys)?,
        lines(keys.iter().map(|key| key.name)),
        column(keys, |key| key.kind)?,
    ])
}

fn lines<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<u8> {
    texts.flat_map(|text| text.bytes().chain([b'\n'])).collect()
}

fn column<T, V: Serialize>(rows: &[T], of: impl Fn(&T) -> V) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_stdvec(&rows.iter().map(of).collect::<Vec<_>>())
}

/// Puts a service together again. Nothing in it points outside of it, and its actions are in order.
pub(super) fn decode<'a>(entry: &Entry<'a>, parts: &[&'a [u8]; COLUMNS]) -> Result<Service<'a>, String> {
    let [names, levels, action_keys, action_resources, key_lists, resource_lists, types, arns, type_keys, keys, kinds] =
        parts;
    let levels: Vec<Level> = rows(levels)?;
    let (action_keys, action_resources): (Vec<u16>, Vec<u16>) = (rows(action_keys)?, rows(action_resources)?);
    let names = texts(names, levels.len())?;
    let type_keys: Vec<u16> = rows(type_keys)?;
    let (types, arns) = (texts(types, type_keys.len())?, texts(arns, type_keys.len())?);
    let kinds: Vec<KeyType> = rows(kinds)?;
    let keys = texts(keys, kinds.len())?;
    if action_keys.len() != levels.len() || action_resources.len() != levels.len() {
        return Err(format!("the columns of {} are not of one length", entry.prefix));
    }
    let numbers = action_keys.into_iter().zip(action_resources);
    let service = Service {
        prefix: entry.prefix,
        title: entry.title,
        rcp: entry.rcp,
        actions: names
            .zip(levels)
            .zip(numbers)
            .map(|((name, level), (keys, resources))| Action { name, level, resources, keys })
            .collect(),
        resource_types: types
            .zip(arns)
            .zip(type_keys)
            .map(|((name, arn), keys)| ResourceType { name, arn, keys })
            .collect(),
        keys: keys.zip(kinds).map(|(name, kind)| Key { name, kind }).collect(),
        key_lists: rows(key_lists)?,
        resource_lists: rows(resource_lists)?,
    };
    sound(&service)?;
    Ok(service)
}

fn rows<T: DeserializeOwned>(part: &[u8]) -> Result<Vec<T>, String> {
    postcard::from_bytes(part).map_err(|error| error.to_string())
}

/// The lines of a part, of which there must be `count`.
fn texts(part: &[u8], count: usize) -> Result<std::str::SplitTerminator<'_, char>, String> {
    let text = std::str::from_utf8(part).map_err(|error| error.to_string())?;
    let lines = text.split_terminator('\n');
    if lines.clone().count() == count {
        Ok(lines)
    } else {
        Err("a column has more or fewer lines than it should".to_owned())
    }
}

fn sound(service: &Service<'_>) -> Result<(), String> {
    let Service { actions, resource_types: types, keys, key_lists, resource_lists, .. } = service;
    let within = |place: u16, length: usize| usize::from(place) < length;
    let on = |on: &On| within(on.resource_type, types.len()) && within(on.keys, key_lists.len());
    let whole = actions
        .iter()
        .all(|action| within(action.keys, key_lists.len()) && within(action.resources, resource_lists.len()))
        && types.iter().all(|found| within(found.keys, key_lists.len()))
        && key_lists.iter().flatten().all(|key| within(*key, keys.len()))
        && resource_lists.iter().flatten().all(on);
    if !whole {
        return Err(format!("{} refers to what it does not have", service.prefix));
    }
    if !actions.is_sorted_by(|left, right| without_case(left.name, right.name).is_lt()) {
        return Err(format!("the actions of {} are out of order", service.prefix));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn services() -> impl Strategy<Value = (Vec<String>, Vec<(u16, u16)>)> {
        (1_usize..40).prop_flat_map(|count| {
            let names =
                prop::collection::btree_set("[A-Z][a-z]{0,9}", count).prop_map(|names| names.into_iter().collect());
            (names, prop::collection::vec((0_u16..3, 0_u16..2), count))
        })
    }

    proptest! {
        #[test]
        fn what_is_put_into_columns_comes_out_the_same((names, numbers) in services()) {
            let mut service = Service {
                prefix: "x",
                title: "X",
                key_lists: vec![vec![], vec![0], vec![1, 0]],
                resource_lists: vec![vec![], vec![On { resource_type: 0, required: true, keys: 2 }]],
                resource_types: vec![ResourceType { name: "t", arn: "arn:${Partition}:x:::t/${Name}", keys: 1 }],
                keys: vec![Key { name: "x:a", kind: KeyType::Bool }, Key { name: "x:b", kind: KeyType::Date }],
                ..Service::default()
            };
            service.actions = names.iter().zip(&numbers)
                .map(|(name, (keys, resources))| Action { name, level: Level::Tagging, keys: *keys, resources: *resources })
                .collect();
            let columns = encode(&service).unwrap();
            let entry = Entry { prefix: "x", title: "X", rcp: false, lengths: [0; COLUMNS] };
            prop_assert_eq!(decode(&entry, &columns.each_ref().map(Vec::as_slice)).unwrap(), service);
        }
    }
}
