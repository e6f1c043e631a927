//! Lists of things, each of which may be wrong without the others being so.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Gaps;

/// The things in a list; one that cannot be read is told of and left out.
pub(super) fn items<'a, T: Deserialize<'a>>(key: &str, raw: &'a RawValue, name: &str, gaps: &mut Gaps) -> Vec<T> {
    // Nearly always all is well, and one look suffices.
    if let Ok(list) = serde_json::from_str::<Option<Vec<Option<T>>>>(raw.get()) {
        return list.into_iter().flatten().flatten().collect();
    }
    let list = match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(list) => list,
        // One thing without brackets.
        Err(_) if raw.get().starts_with('{') => vec![raw],
        Err(_) => {
            gaps.add(format!("{name}: {key}"), "there is no list in it");
            return Vec::new();
        }
    };
    let mut found = Vec::with_capacity(list.len());
    for (number, item) in list.into_iter().enumerate() {
        match serde_json::from_str::<Option<T>>(item.get()) {
            Ok(item) => found.extend(item),
            Err(error) => {
                let which = called(item).unwrap_or_else(|| format!("number {}", number + 1));
                gaps.add(format!("{name}: {key}, {which}"), format!("it cannot be understood: {}", told(&error)));
            }
        }
    }
    found
}

/// One thing; null is none.
pub(super) fn item<'a, T: Deserialize<'a>>(key: &str, raw: &'a RawValue, name: &str, gaps: &mut Gaps) -> Option<T> {
    match serde_json::from_str::<Option<T>>(raw.get()) {
        Ok(item) => item,
        Err(error) => {
            gaps.add(format!("{name}: {key}"), format!("it cannot be understood: {}", told(&error)));
            None
        }
    }
}

/// Its own name, where it has one that can be read.
fn called(item: &RawValue) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(item.get()).ok()?;
    let keys =
        ["Arn", "arn", "RoleName", "UserName", "GroupName", "PolicyName", "FunctionName", "InstanceId", "Name", "name"];
    keys.iter().find_map(|key| object.get(*key)?.as_str()).map(|name| name.chars().take(200).collect())
}

/// The place within a single thing is of no use to anybody who has a file of thousands.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).to_owned()
}
