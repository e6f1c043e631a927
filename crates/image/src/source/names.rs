//! Which of several stored names is meant by one that somebody has typed: stores keep full names, people type short ones.

use super::reference::Reference;

/// How well a stored name fits what was typed, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Letter for letter.
    Written,
    /// With registry, folder and tag filled in as Docker does.
    Full,
    /// Built here: Podman calls that `localhost/NAME`.
    Local,
    /// From some registry, under this name.
    Somewhere,
}

/// How the stored name fits; `digest` is that of the stored image's manifest.
pub fn fit(stored: &str, digest: Option<&str>, typed: &str) -> Option<Fit> {
    if stored == typed {
        return Some(Fit::Written);
    }
    let wanted = typed.parse::<Reference>().ok()?;
    let have = stored.parse::<Reference>().ok()?;
    let same_version = match &wanted.digest {
        Some(wanted) => digest == Some(wanted.as_str()) || have.digest.as_ref() == Some(wanted),
        None => have.tag == wanted.tag && have.digest.is_none(),
    };
    if !same_version {
        return None;
    }
    if (&have.host, &have.repository) == (&wanted.host, &wanted.repository) {
        return Some(Fit::Full);
    }
    // What was typed without a registry may be of any.
    let short = typed.split(['@']).next().unwrap_or(typed);
    let path = wanted.repository.strip_prefix("library/").unwrap_or(&wanted.repository);
    if !short.starts_with(path) {
        return None;
    }
    if have.host == "localhost" && have.repository == path {
        return Some(Fit::Local);
    }
    have.repository
        .strip_suffix(path)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        .then_some(Fit::Somewhere)
}

/// Those that fit best; several where the name does not say which.
pub fn best<T>(candidates: impl IntoIterator<Item = (Fit, T)>) -> Vec<T> {
    let mut best: Option<Fit> = None;
    let mut found = Vec::new();
    for (fit, one) in candidates {
        if best.is_none_or(|best| fit < best) {
            found.clear();
            best = Some(fit);
        }
        if best == Some(fit) {
            found.push(one);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_fit_full_ones_and_the_nearest_comes_first() {
        let stored =
            ["quay.io/team/shop:1", "localhost/shop:1", "docker.io/library/shop:1", "docker.io/library/shop:2"];
        let fits = |typed: &str| -> Vec<&str> {
            best(stored.iter().filter_map(|name| Some((fit(name, None, typed)?, *name))))
        };
        assert_eq!(fits("shop:1"), ["docker.io/library/shop:1"]);
        assert_eq!(fits("localhost/shop:1"), ["localhost/shop:1"]);
        assert_eq!(fits("team/shop:1"), ["quay.io/team/shop:1"]);
        assert_eq!(fits("quay.io/shop:1"), Vec::<&str>::new());
        assert_eq!(fits("hop:1"), Vec::<&str>::new());
        assert_eq!(fits("shop"), Vec::<&str>::new(), "there is no shop:latest");
        assert_eq!(fit("localhost/shop:1", None, "shop:1"), Some(Fit::Local));
        assert_eq!(fit("quay.io/team/shop:1", None, "shop:1"), Some(Fit::Somewhere));
        let digest = format!("sha256:{}", "a".repeat(64));
        assert_eq!(fit("quay.io/team/shop:1", Some(&digest), &format!("quay.io/team/shop@{digest}")), Some(Fit::Full));
        assert_eq!(fit("quay.io/team/shop:1", None, &format!("quay.io/team/shop@{digest}")), None);
    }
}
