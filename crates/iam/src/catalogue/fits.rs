//! Whether a resource that a policy names can be one of a type that an action takes.

/// The form of a type's ARNs as a pattern: each placeholder becomes `*`.
pub fn arn_pattern(form: &str) -> String {
    let mut pattern = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        if !pattern.ends_with('*') {
            pattern.push('*');
        }
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    pattern.push_str(rest);
    pattern
}

/// Whether some text fits both patterns (`*` any run, `?` one character). Time and memory grow with the product of the
/// lengths; patterns too long for that are said to overlap.
pub fn overlap(left: &str, right: &str) -> bool {
    const MOST: usize = 4_000_000;
    let Some((left, right)) = without_ends(left, right) else { return false };
    if left == "*" || right == "*" {
        return true;
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().saturating_mul(right.len()) > MOST {
        return true;
    }
    // Row by row of `left`: whether the first i of left and the first j of right can stand for the same text.
    let mut fits: Vec<bool> = Vec::with_capacity(right.len() + 1);
    fits.push(true);
    for letter in &right {
        let so_far = fits.last().is_some_and(|fits| *fits);
        fits.push(so_far && *letter == '*');
    }
    for one in &left {
        let mut row = fits.iter_mut();
        let Some(first) = row.next() else { return false };
        // Across is what stood in the row above, one place before.
        let mut across = *first;
        *first = across && *one == '*';
        let mut beside = *first;
        for (other, place) in right.iter().zip(row) {
            let up = *place;
            *place = match (one, other) {
                ('*', _) | (_, '*') => up || beside || across,
                ('?', _) | (_, '?') => across,
                _ => across && one == other,
            };
            (across, beside) = (up, *place);
        }
    }
    fits.last().is_some_and(|fits| *fits)
}

/// Two patterns without what they begin and end with before there is a star; none: there they differ already.
fn without_ends<'a>(left: &'a str, right: &'a str) -> Option<(&'a str, &'a str)> {
    let (mut left, mut right) = (left.chars(), right.chars());
    let alike = |one: char, other: char| one == other || one == '?' || other == '?';
    while let (Some(one), Some(other)) = (left.clone().next(), right.clone().next())
        && one != '*'
        && other != '*'
    {
        if !alike(one, other) {
            return None;
        }
        left.next();
        right.next();
    }
    while let (Some(one), Some(other)) = (left.clone().next_back(), right.clone().next_back())
        && one != '*'
        && other != '*'
    {
        if !alike(one, other) {
            return None;
        }
        left.next_back();
        right.next_back();
    }
    Some((left.as_str(), right.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern;
    use proptest::prelude::*;

    #[test]
    fn placeholders_become_stars() {
        assert_eq!(arn_pattern("arn:${Partition}:s3:::${BucketName}/${ObjectName}"), "arn:*:s3:::*/*");
    }

    proptest! {
        #[test]
        fn two_patterns_overlap_exactly_when_a_text_fits_both(left in "[ab*?]{0,5}", right in "[ab*?]{0,5}") {
            // Ten letters are enough for a text that fits both, if there is one.
            let mut texts = vec![String::new()];
            let mut all = texts.clone();
            for _ in 0..10 {
                texts = texts.iter().flat_map(|text| ["a", "b"].map(|letter| format!("{text}{letter}"))).collect();
                all.extend(texts.iter().cloned());
            }
            let found = all.iter().any(|text| pattern::matches(&left, text) && pattern::matches(&right, text));
            prop_assert_eq!(overlap(&left, &right), found);
        }
    }
}
