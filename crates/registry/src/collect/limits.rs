//! How many requests a registry allows, as its headers say.

use keelguard_distribution::HUB;
use keelguard_model::registry::Limit;
use reqwest::Method;

use super::ask::{Answer, Asker};
use super::token::Giver;

/// `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`, with or without an `x-` in front.
pub(crate) fn of(answer: &Answer) -> Vec<Limit> {
    let header = |name: &str| answer.header(name).or_else(|| answer.header(&format!("x-{name}")));
    let Some((most, seconds)) = header("ratelimit-limit").and_then(number) else { return Vec::new() };
    let left = header("ratelimit-remaining").and_then(number).map(|(left, _)| left);
    vec![Limit { of: "requests".into(), most, seconds, left }]
}

fn number(text: &str) -> Option<(u64, Option<u64>)> {
    let mut parts = text.split(';');
    let number = parts.next()?.split(',').next()?.trim().parse().ok()?;
    let window = parts.find_map(|part| part.trim().strip_prefix("w=")?.parse().ok());
    Some((number, window))
}

/// What is left of this address's pulls at Docker's hub. Asking for it uses none up:
/// <https://docs.docker.com/docker-hub/usage/pulls/>.
pub(crate) async fn of_hub(asker: &Asker, giver: Option<&Giver>, address: &str) -> Vec<Limit> {
    let (Some(giver), true) = (giver, address == HUB) else { return Vec::new() };
    let Ok(Some(header)) = giver.header(asker, "repository:ratelimitpreview/test:pull", None).await else {
        return Vec::new();
    };
    let path = "/v2/ratelimitpreview/test/manifests/latest";
    let Ok(answer) = asker.with(Method::HEAD, path, Some(&header)).await else { return Vec::new() };
    of(&answer).into_iter().map(|limit| Limit { of: "pulls".into(), ..limit }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_in_each_form_in_which_they_are_written() {
        let answer = |headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| {
                (reqwest::header::HeaderName::from_static(name), reqwest::header::HeaderValue::from_str(value).unwrap())
            });
            Answer { status: 200, headers: headers.collect(), body: Vec::new() }
        };
        let hub = of(&answer(&[("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "76;w=21600")]));
        assert_eq!(hub, [Limit { of: "requests".into(), most: 100, seconds: Some(21600), left: Some(76) }]);
        assert_eq!(of(&answer(&[("x-ratelimit-limit", "500")]))[0].most, 500);
        for odd in ["", "many", "-1", "99999999999999999999999"] {
            assert!(of(&answer(&[("ratelimit-limit", odd)])).is_empty(), "{odd}");
        }
    }
}
