//! A Prometheus server, asked for what it has recorded. Its answers are taken for what they are: somebody else's.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use keelguard_distribution::{Access, Fault, Request, Transport};
use keelguard_model::{Area, Incomplete};
use keelguard_signs::performance::read::Gathered;
use keelguard_signs::performance::read::prometheus::{Answers, DEFAULTS};
use reqwest::Url;
use reqwest::header::HeaderValue;

use super::super::since;
use crate::cli::Performance;
use crate::settings::Settings;

/// The most that one answer may have.
const LARGEST: u64 = 64 << 20;
/// Points of one answer: Prometheus itself refuses more than 11,000.
const POINTS: i64 = 10_000;
/// Answers of one query.
const PIECES: i64 = 60;
/// Queries that are asked.
const QUERIES: usize = 200;

/// Asks everything, and has it judged.
pub(super) fn gather(server: &str, arguments: &Performance, now: Timestamp, settings: &Settings) -> Result<Gathered> {
    let base = address(server)?;
    let from = match &arguments.since {
        Some(text) => since(text, now)?,
        None => now.checked_sub(SignedDuration::from_hours(7 * 24))?,
    };
    let step = arguments.step.as_deref().map_or(Ok(60), seconds)?;
    let (from, to) = (from.as_second(), now.as_second());
    if from >= to {
        bail!("use --since {:?}: it lies ahead", arguments.since.as_deref().unwrap_or_default());
    }
    if (to - from) / step > POINTS * PIECES {
        bail!("ask for so many values: give a longer --step, or a later --since");
    }
    if arguments.query.len() > QUERIES {
        bail!("ask more than {QUERIES} queries at once");
    }
    let own: Vec<(&str, &str)> = arguments.query.iter().map(|query| (query.as_str(), query.as_str())).collect();
    let queries = if own.is_empty() { DEFAULTS } else { &own };
    let transport = transport(&base, settings);
    let login = login(settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let (mut answers, mut incomplete, mut series) = (Answers::default(), Vec::new(), 0);
    for (name, query) in queries {
        let mut begin = from;
        while begin < to {
            let end = to.min(begin + step * (POINTS - 1));
            let url = range(&base, query, begin, end, step);
            let asked = runtime.block_on(ask(&transport, &url, login.as_ref()));
            let taken = asked.and_then(|bytes| answers.take(name, &bytes).map_err(|error| error.to_string()));
            match taken {
                Ok(count) => series += count,
                // One query that it does not like says nothing of the others; a server that is not there says all.
                Err(why) if own.is_empty() && series == 0 && *name == DEFAULTS[0].0 => bail!("ask {server}: {why}"),
                Err(why) => {
                    incomplete.push(Incomplete::new(Area::Performance, format!("{server} {name}"), why));
                    break;
                }
            }
            begin = end + step;
        }
    }
    if series == 0 && incomplete.is_empty() {
        let why = "it has no values of any of these queries; ask for what it has: --query EXPR";
        incomplete.push(Incomplete::new(Area::Performance, server, why));
    }
    if answers.refused > 0 {
        let why = format!("{} series beyond as many as are taken", answers.refused);
        incomplete.push(Incomplete::new(Area::Performance, server, why));
    }
    let mut gathered = answers.judge();
    gathered.incomplete.extend(incomplete);
    Ok(gathered)
}

fn address(server: &str) -> Result<Url> {
    let wrong = || format!("use --prometheus {server:?}: give its address, such as http://127.0.0.1:9090");
    let url = Url::parse(server).with_context(wrong)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        bail!("{}", wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!(
            "use --prometheus with a password in the address, where every user of this host can read it; use the \
               settings prometheus_user and prometheus_password_file"
        );
    }
    Ok(url)
}

fn transport(base: &Url, settings: &Settings) -> Transport {
    let access = Access {
        ca_file: settings.text("prometheus_ca_file").map(PathBuf::from),
        certificates: PathBuf::new(),
        silence: Duration::from_secs(settings.number("prometheus_timeout").max(1)),
        ..Access::default()
    };
    let host = base.host_str().unwrap_or_default();
    let authority = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Transport::new(&authority, &access)
}

/// Who we are, by the settings.
fn login(settings: &Settings) -> Result<Option<HeaderValue>> {
    let secret = |key: &'static str| -> Result<Option<String>> {
        let Some(path) = settings.text(key) else { return Ok(None) };
        let size = std::fs::metadata(path).with_context(|| format!("read {path}"))?.len();
        if size > 64 << 10 {
            bail!("read {path}: it is too large for a secret");
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("read {path}"))?;
        Ok(Some(text.trim().to_owned()))
    };
    let token = secret("prometheus_token_file")?.map(|token| format!("Bearer {token}"));
    let login = match (token, settings.text("prometheus_user")) {
        (Some(token), _) => token,
        (None, Some(user)) => {
            let password = secret("prometheus_password_file")?.unwrap_or_default();
            format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
        }
        (None, None) => return Ok(None),
    };
    let mut value = HeaderValue::from_str(&login).context("use the secret for the Prometheus server: it is no text")?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn range(base: &Url, query: &str, from: i64, to: i64, step: i64) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/api/v1/query_range", base.path().trim_end_matches('/')));
    let pairs =
        [("query", query.to_owned()), ("start", from.to_string()), ("end", to.to_string()), ("step", step.to_string())];
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// The answer, whatever its status: Prometheus says in it what is wrong.
async fn ask(transport: &Transport, url: &Url, login: Option<&HeaderValue>) -> Result<Vec<u8>, String> {
    let request = Request { accept: "application/json", login, ..Request::default() };
    let response = transport.ask(url, &request).await.map_err(Fault::why)?;
    let status = response.status();
    let bytes = transport.bytes(response, LARGEST).await.map_err(Fault::why)?;
    if !status.is_success() && !bytes.trim_ascii_start().starts_with(b"{") {
        let hint = if matches!(status.as_u16(), 401 | 403) {
            "; give it prometheus_token_file, or prometheus_user and prometheus_password_file"
        } else {
            ""
        };
        return Err(format!("it answers {status}{hint}"));
    }
    Ok(bytes)
}

/// `30s`, `1m`, `1h`, `15`
fn seconds(text: &str) -> Result<i64> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, text.chars().last()),
        None => (text, None),
    };
    let unit = match unit {
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => 1,
    };
    let seconds = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
    seconds.filter(|seconds| (1..=86_400).contains(seconds)).with_context(|| {
        format!("use --step {text:?}: give seconds, minutes or hours up to a day, such as 30s, 1m, 1h")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_seconds_minutes_or_hours() {
        assert_eq!(["30s", "1m", "1h", "15"].map(|text| seconds(text).unwrap()), [30, 60, 3600, 15]);
        for wrong in ["", "m", "0", "-1m", "99d", "ß", "9999999999999999999h"] {
            assert!(seconds(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_server_may_stand_below_a_path_and_has_no_password_in_its_address() {
        let base = address("https://example.test/prometheus/").unwrap();
        let url = range(&base, "up{a=\"b\"}", 1, 2, 60);
        assert_eq!(
            url.as_str(),
            "https://example.test/prometheus/api/v1/query_range?query=up%7Ba%3D%22b%22%7D&start=1&end=2&step=60"
        );
        for wrong in ["127.0.0.1:9090", "ftp://x", "http://u:p@x:9090", ""] {
            assert!(address(wrong).is_err(), "{wrong:?}");
        }
    }
}
