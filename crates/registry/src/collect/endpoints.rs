//! Answers that are for operators: Go's profiles and variables, and metrics, on the registry's own port and on those that its
//! documentation gives to them. What they say is looked at and not kept.

use std::time::Duration;

use keelguard_distribution::{Access, host_of};
use keelguard_model::registry::OpenEndpoint;

use super::ask::{Answer, Asker};

/// Paths, kinds, and words by which an answer is told from a page that says hello.
const PATHS: &[(&str, &str, &[&str])] = &[
    ("/debug/pprof/", "profiles", &["goroutine", "heap"]),
    ("/debug/vars", "variables", &["\"memstats\""]),
    ("/metrics", "metrics", &["# HELP ", "# TYPE "]),
];

/// `http.debug.addr` in the documentation's examples.
const DEBUG_PORT: u16 = 5001;

/// Nobody who answers takes longer.
const SILENCE: Duration = Duration::from_secs(3);

/// Those that answer on the registry's port and on the one for debugging.
pub(crate) async fn open(asker: &Asker, access: &Access) -> Vec<OpenEndpoint> {
    let access = Access { silence: access.silence.min(SILENCE), ..access.clone() };
    let own = asker.base.port_or_known_default().unwrap_or_default();
    let host = asker.base.host_str().unwrap_or_default();
    let mut ports: Vec<u16> = vec![DEBUG_PORT, own.saturating_add(1)];
    ports.retain(|port| *port != own);
    ports.sort_unstable();
    ports.dedup();
    let own_host = host_of(host);
    let others = ports.iter().filter_map(|port| Asker::new(&format!("{own_host}:{port}"), "http", &access).ok());
    let mut found = on(asker).await;
    for other in others {
        found.extend(on(&other).await);
    }
    found
}

async fn on(asker: &Asker) -> Vec<OpenEndpoint> {
    let mut found = Vec::new();
    for (path, kind, words) in PATHS {
        match asker.get(path, None).await {
            Ok(answer) if is_kind(&answer, words) => {
                let address = asker.base.join(path).map(|url| url.to_string()).unwrap_or_default();
                found.push(OpenEndpoint { address, kind: (*kind).to_owned() });
            }
            Ok(_) => {}
            // Where nobody listens, nobody listens at the other paths.
            Err(_) => return found,
        }
    }
    found
}

fn is_kind(answer: &Answer, words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(&answer.body);
    answer.status == 200 && words.iter().all(|word| text.contains(word))
}
