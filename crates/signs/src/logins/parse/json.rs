//! Lines that are JSON: `journalctl -o json`, and logs of Docker's json-file driver, Nextcloud, AWS CloudTrail, and a registry.

use std::net::SocketAddr;

use serde_json::Value;

use super::{bare, of_program};
use crate::logins::event::{Kind, Seen};
use crate::read::{Clock, stamp};

/// Hands on the event of one line, if it has one.
pub(super) fn read(line: &[u8], clock: &mut Clock, take: &mut dyn FnMut(&Seen<'_>)) {
    let Ok(Value::Object(fields)) = serde_json::from_slice(line) else { return };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if let Some(micros) = text("__REALTIME_TIMESTAMP") {
        let bytes;
        let message = match fields.get("MESSAGE") {
            Some(Value::String(message)) => message.as_bytes(),
            // What is no UTF-8 comes as numbers.
            Some(Value::Array(numbers)) => {
                bytes = numbers.iter().filter_map(|number| u8::try_from(number.as_u64()?).ok()).collect::<Vec<_>>();
                &bytes
            }
            _ => return,
        };
        let program = text("SYSLOG_IDENTIFIER").or_else(|| text("_COMM")).unwrap_or_default();
        if let Some(seen) = of_program(program.as_bytes(), message) {
            take(&Seen { time: micros.parse().ok(), host: text("_HOSTNAME").map(str::as_bytes), ..seen });
        }
    } else if let (Some(log), Some(time)) = (text("log"), text("time")) {
        // A container's output; what it writes may have a stamp of its own before it.
        let line = log.as_bytes().trim_ascii_end();
        if line.first() == Some(&b'{') {
            if let Ok(Value::Object(inner)) = serde_json::from_slice(line) {
                own(&inner, take);
            }
            return;
        }
        let message = stamp::take(line, clock).map_or(line, |(_, rest)| rest);
        if let Some(seen) = bare(message) {
            take(&Seen { time: at(time), ..seen });
        }
    } else {
        own(&fields, take);
    }
}

/// What programs write themselves.
fn own(fields: &serde_json::Map<String, Value>, take: &mut dyn FnMut(&Seen<'_>)) {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if let Some(Value::Object(request)) = fields.get("request") {
        caddy(fields, request, take);
    } else if let (Some(message), Some(address)) = (text("msg"), text("http.request.remoteaddr")) {
        registry(message, address, text("time").and_then(at), take);
    } else if let (Some(failed), Some(address)) =
        (text("message").and_then(gitlab), text("remote_ip").or_else(|| text("ip")))
    {
        take(&Seen {
            time: text("time").and_then(at),
            user: failed,
            address: super::read_address(address.as_bytes()),
            ..Seen::new(Kind::LoginFailed, "gitlab")
        });
    } else if fields.contains_key("Actor") {
        super::engine::event(fields, take);
    } else if text("eventName") == Some("ConsoleLogin") {
        console_login(fields, take);
    } else if let Some((message, address)) = text("message").zip(text("remoteAddr")) {
        // Nextcloud and ownCloud: the name is in the message, between fixed words.
        let user = message.strip_prefix("Login failed: ").and_then(|rest| rest.rsplit_once(" (Remote IP: "));
        if let Some((user, _)) = user {
            take(&Seen {
                time: text("time").and_then(at),
                user: Some(user.trim_matches('\'').as_bytes()),
                address: super::read_address(address.as_bytes()),
                ..Seen::new(Kind::LoginFailed, "nextcloud")
            });
        }
    }
}

/// A registry of images. What it takes from `X-Forwarded-For`, whoever sends that, has no port, and is no address.
fn registry(message: &str, address: &str, time: Option<i64>, take: &mut dyn FnMut(&Seen<'_>)) {
    let rest = message.strip_prefix("error authenticating user \"");
    let Some(user) = rest.and_then(|rest| rest.strip_suffix("\": authentication failure")) else { return };
    let endpoint = address.parse::<SocketAddr>().ok();
    let claimed = format!("http.request.remoteaddr={address}");
    take(&Seen {
        time,
        user: Some(user.as_bytes()),
        address: endpoint.map(|endpoint| endpoint.ip().to_canonical()),
        port: endpoint.map(|endpoint| endpoint.port()),
        peer: Some(claimed.as_bytes()).filter(|_| endpoint.is_none()),
        ..Seen::new(Kind::LoginFailed, "docker-registry")
    });
}

/// GitLab's `application_json.log`: the name that failed.
fn gitlab(message: &str) -> Option<Option<&[u8]>> {
    let rest = message.strip_prefix("Failed Login: username=")?;
    Some(rest.rsplit_once(" ip=").map(|(user, _)| user.as_bytes()))
}

/// Caddy's access log: a refusal of a name.
fn caddy(
    fields: &serde_json::Map<String, Value>,
    request: &serde_json::Map<String, Value>,
    take: &mut dyn FnMut(&Seen<'_>),
) {
    let user = fields.get("user_id").and_then(Value::as_str).filter(|user| !user.is_empty());
    let address = request.get("client_ip").or_else(|| request.get("remote_ip")).and_then(Value::as_str);
    let (Some(401), Some(user), Some(address)) = (fields.get("status").and_then(Value::as_u64), user, address) else {
        return;
    };
    // Seconds with a fraction; what a float cannot hold of it is no loss.
    #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
    let time = fields.get("ts").and_then(Value::as_f64).map(|seconds| (seconds * 1e6) as i64);
    take(&Seen {
        time,
        user: Some(user.as_bytes()),
        address: super::read_address(address.as_bytes()),
        ..Seen::new(Kind::LoginFailed, "http")
    });
}

/// AWS: a sign-in at the console.
fn console_login(fields: &serde_json::Map<String, Value>, take: &mut dyn FnMut(&Seen<'_>)) {
    let inner = |outer: &str, name: &str| fields.get(outer).and_then(|value| value.get(name)).and_then(Value::as_str);
    let kind = match inner("responseElements", "ConsoleLogin") {
        Some("Success") => Kind::LoginOk,
        Some("Failure") => Kind::LoginFailed,
        _ => return,
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    // An unknown name is hidden by AWS, and the root user has none.
    let root = (inner("userIdentity", "type") == Some("Root")).then_some("root");
    let user = inner("userIdentity", "userName").or(root);
    let method = match inner("additionalEventData", "MFAUsed") {
        Some("Yes") => "password+mfa",
        _ => "password",
    };
    take(&Seen {
        time: text("eventTime").and_then(at),
        user: user.map(str::as_bytes),
        address: text("sourceIPAddress").and_then(|address| super::read_address(address.as_bytes())),
        method: Some(method.as_bytes()),
        detail: text("errorMessage").map(str::as_bytes),
        ..Seen::new(kind, "aws-console")
    });
}

fn at(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}
