//! "Did you mean": the nearest known name.

use super::{Catalogue, GLOBAL_KEYS, Service};

/// The name that is nearest to `wrong`, where one is near enough to be what was meant.
pub(crate) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: String = wrong.chars().take(128).collect::<String>().to_ascii_lowercase();
    let room = (wrong.chars().count() / 3).clamp(1, 4);
    // Each step changes the number of two letters at the most: nearly all names need not be compared at all.
    let has = letters(&wrong);
    let in_reach = |name: &&str| {
        name.len().abs_diff(wrong.len()) <= room
            && has.iter().zip(letters(name)).map(|(one, other)| usize::from(one.abs_diff(other))).sum::<usize>()
                <= 2 * room
    };
    names
        .filter(in_reach)
        .map(|name| (strsim::osa_distance(&wrong, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= room)
        .min()
        .map(|(_, name)| name)
}

/// How often each letter is in a text, without regard to case.
fn letters(text: &str) -> [u8; 32] {
    let mut counts = [0_u8; 32];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte & 31)) {
            *count = count.saturating_add(1);
        }
    }
    counts
}

impl Catalogue {
    /// The service whose prefix is nearest to `wrong`.
    pub fn nearest_service(&self, wrong: &str) -> Option<&'static str> {
        nearest(wrong, self.prefixes())
    }

    /// The key that is nearest to `wrong`, among those of all services and of the one it names.
    pub fn nearest_key(&self, wrong: &str) -> Option<&'static str> {
        let prefix = wrong.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let own = self.service(&prefix).map(|service| service.keys.as_slice()).unwrap_or_default();
        let with_aws = (!wrong.contains(':')).then(|| format!("aws:{wrong}"));
        let wrong = with_aws.as_deref().unwrap_or(wrong);
        nearest(wrong, own.iter().map(|key| key.name).chain(GLOBAL_KEYS.iter().map(|key| key.name)))
    }
}

impl<'a> Service<'a> {
    /// The action whose name is nearest to `wrong`.
    pub fn nearest_action(&self, wrong: &str) -> Option<&'a str> {
        nearest(wrong, self.actions.iter().map(|action| action.name))
    }
}
