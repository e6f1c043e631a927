//! "Did you mean": the nearest known name.

use super::{Catalogue, GLOBAL_KEYS, Service};

/// The name that is nearest to `wrong`, where one is near enough to be what was meant.
pub(crate) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: String = wrong.chars().take(128).collect::<String>().to_ascii_lowercase();
    let room = (wrong.chars().count() / 3).clamp(1, 4);
    let has = letters(&wrong);
    // A letter that only one of the two has takes a step of its own: most names need not be compared at all.
    let in_reach = |name: &&str| {
        let other = letters(name);
        let alone = (has & !other).count_ones().max((other & !has).count_ones());
        name.len().abs_diff(wrong.len()) <= room && usize::try_from(alone).is_ok_and(|alone| alone <= room)
    };
    names
        .filter(in_reach)
        .map(|name| (strsim::osa_distance(&wrong, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= room)
        .min()
        .map(|(_, name)| name)
}

/// Which letters are in a text, without regard to case or order: a bit each. Others share bits.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |bits, byte| bits | 1 << (byte.to_ascii_lowercase() & 63))
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
