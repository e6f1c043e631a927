//! The Docker engine's own words: its debug log, which has a line for each request, and its events, which have one for each
//! command in a container. Health checks run as commands, too, and only their rhythm tells them apart.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::logins::event::{Kind, Seen};

/// The event of a line that dockerd has written with all its fields: `time="…" level=debug msg="Calling POST /v1.41/…"`.
pub(super) fn read(message: &[u8]) -> Option<Seen<'_>> {
    if !message.starts_with(b"time=\"") {
        return None;
    }
    let (mut time, mut text, mut method, mut url, mut form) = (None, None, None, None, None);
    for (name, value) in Fields(message) {
        // What comes first counts: what users choose stands behind what the engine says.
        let place = match name {
            b"time" => &mut time,
            b"msg" => &mut text,
            b"method" => &mut method,
            b"request-url" => &mut url,
            b"form-data" => &mut form,
            _ => continue,
        };
        place.get_or_insert(value);
    }
    let time = time.and_then(|time| std::str::from_utf8(time).ok()?.parse::<jiff::Timestamp>().ok());
    let time = time.map(jiff::Timestamp::as_microsecond);
    let text = text?;
    let seen = if let Some(request) = text.strip_prefix(b"Calling ") {
        // Up to Docker 25; the form follows in a line of its own.
        let blank = memchr::memchr(b' ', request)?;
        request_of(request.get(..blank)?, request.get(blank + 1..)?)?
    } else if let Some(form) = text.strip_prefix(b"form data: ") {
        exec_form(form)?
    } else if text.starts_with(b"handling ") && text.ends_with(b" request") {
        let seen = request_of(method?, url?)?;
        match form.and_then(exec_form).filter(|_| seen.kind == Kind::Exec) {
            Some(form) => Seen { detail: form.detail, method: form.method, ..seen },
            None => seen,
        }
    } else {
        return None;
    };
    Some(Seen { time, ..seen })
}

/// What a request asks for. Whether the engine is there is asked all the time.
fn request_of<'a>(method: &'a [u8], url: &'a [u8]) -> Option<Seen<'a>> {
    let path = url.split(|byte| *byte == b'?').next()?;
    let mut parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty());
    let mut first = parts.next()?;
    if matches!(first, [b'v', b'0'..=b'9', ..]) {
        first = parts.next()?;
    }
    if first == b"_ping" {
        return None;
    }
    let container =
        parts.next().filter(|name| first == b"containers" && !matches!(*name, b"json" | b"create" | b"prune"));
    if method == b"POST" && container.is_some() && parts.next() == Some(b"exec") {
        return Some(Seen { container, ..Seen::new(Kind::Exec, "dockerd") });
    }
    Some(Seen { container, method: Some(method), detail: Some(url), ..Seen::new(Kind::EngineApi, "dockerd") })
}

/// The form with which a command is made ready in a container, as it stands in the log: its quotes are escaped.
fn exec_form(form: &[u8]) -> Option<Seen<'_>> {
    let has = |what: &[u8]| memchr::memmem::find(form, what);
    // Containers that are made have a command, too.
    if has(br#"\"DetachKeys\""#).is_none() || has(br#"\"HostConfig\""#).is_some() {
        return None;
    }
    let begin = br#"\"Cmd\":[\""#;
    let command = form.get(has(begin)? + begin.len()..)?;
    let command = command.get(..memchr::memmem::find(command, br#"\"],\""#)?)?;
    let terminal = has(br#"\"Tty\":true"#).is_some() && has(br#"\"AttachStdin\":true"#).is_some();
    Some(Seen { detail: Some(command), method: terminal.then_some(b"tty"), ..Seen::new(Kind::Exec, "dockerd") })
}

/// A command as somebody would type it: words that a form holds as a list have blanks between them.
pub(crate) fn command(raw: &[u8]) -> Cow<'_, str> {
    let text = crate::logins::event::lossy(raw);
    if text.contains('\\') { text.replace(r#"\",\""#, " ").replace(r#"\\\""#, "\"").into() } else { text }
}

/// Fields as logrus writes them: `name=value`, in quotes where the value has anything odd.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_ascii_start();
        let equals = memchr::memchr(b'=', text)?;
        let (name, value) = (text.get(..equals)?, text.get(equals + 1..)?);
        let Some(quoted) = value.strip_prefix(b"\"") else {
            let end = memchr::memchr(b' ', value).unwrap_or(value.len());
            self.0 = value.get(end..)?;
            return Some((name, value.get(..end)?));
        };
        let mut escaped = false;
        let end = quoted.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        self.0 = quoted.get(end + 1..)?;
        Some((name, quoted.get(..end)?))
    }
}

/// What only somebody who uses the engine brings about; the rest happens by itself, too.
const DONE_BY_SOMEBODY: &[&str] = &[
    "archive-path",
    "attach",
    "commit",
    "copy",
    "create",
    "delete",
    "destroy",
    "export",
    "extract-to-dir",
    "import",
    "kill",
    "load",
    "mount",
    "pause",
    "prune",
    "pull",
    "push",
    "remove",
    "rename",
    "restart",
    "save",
    "stop",
    "tag",
    "top",
    "unpause",
    "untag",
    "update",
];

/// Hands on one of the engine's events: `docker events --format '{{json .}}'`, or an answer of `/events`.
pub(super) fn event(fields: &Map<String, Value>, take: &mut dyn FnMut(&Seen<'_>)) -> Option<()> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (action, kind, actor) = (text("Action")?, text("Type")?, fields.get("Actor")?);
    let attribute = |name: &str| actor.get("Attributes")?.get(name)?.as_str();
    let nanos = fields.get("timeNano").and_then(Value::as_i64);
    let time = nanos.map(|nanos| nanos / 1000).or_else(|| fields.get("time")?.as_i64()?.checked_mul(1_000_000));
    let name = attribute("name").or_else(|| actor.get("ID")?.as_str()).map(str::as_bytes);
    let container = name.filter(|_| kind == "container");
    let seen = match action.split_once(": ") {
        Some(("exec_start", command)) => {
            Seen { container, detail: Some(command.trim_end().as_bytes()), ..Seen::new(Kind::Exec, "dockerd") }
        }
        _ if DONE_BY_SOMEBODY.contains(&action) => Seen {
            container,
            method: Some(action.as_bytes()),
            detail: name.filter(|_| container.is_none()),
            ..Seen::new(Kind::EngineApi, "dockerd")
        },
        _ => return None,
    };
    take(&Seen { time, ..seen });
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::logins::event::Login;
    use crate::logins::{Clock, parse_json, parse_line};

    fn clock() -> Clock {
        Clock::utc("2026-12-31T00:00:00Z".parse().unwrap())
    }

    fn line(line: &str) -> Option<Login> {
        parse_line(line.as_bytes(), &mut clock()).map(|seen| seen.owned(line.as_bytes()))
    }

    fn json(line: &str) -> Vec<Login> {
        let mut events = Vec::new();
        parse_json(line.as_bytes(), &mut clock(), &mut |seen| events.push(seen.owned(b"")));
        events
    }

    /// Kind, container, command and method.
    fn shown(event: Option<&Login>) -> Option<(&'static str, &str, &str, &str)> {
        let text = |text: &'_ Option<String>| text.clone().unwrap_or_default().leak() as &str;
        event.map(|event| (event.kind.name(), text(&event.container), text(&event.detail), text(&event.method)))
    }

    #[test]
    fn requests_stand_in_the_debug_log_of_docker_20() {
        let exec = line(
            r#"Nov 24 11:17:57 edge dockerd[42]: time="2026-11-24T11:17:57.114219367Z" level=debug msg="Calling POST /v1.41/containers/web/exec""#,
        );
        assert_eq!(shown(exec.as_ref()), Some(("exec", "web", "", "")));
        assert_eq!(exec.and_then(|event| event.host).as_deref(), Some("edge"));
        let form = line(
            r#"time="2026-11-24T11:17:57.114656439Z" level=debug msg="form data: {\"AttachStderr\":true,\"AttachStdin\":true,\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"echo tty\"],\"Detach\":false,\"DetachKeys\":\"\",\"Env\":null,\"Privileged\":false,\"Tty\":true,\"User\":\"\",\"WorkingDir\":\"\"}""#,
        );
        assert_eq!(shown(form.as_ref()), Some(("exec", "", "sh -c echo tty", "tty")));
        assert_eq!(form.and_then(|event| event.time).map(jiff::Timestamp::as_second), Some(1_795_519_077));
        let delete = line(
            r#"time="2026-11-24T11:18:00.651786228Z" level=debug msg="Calling DELETE /v1.41/containers/web?force=1""#,
        );
        assert_eq!(shown(delete.as_ref()), Some(("engine_api", "web", "/v1.41/containers/web?force=1", "DELETE")));
    }

    #[test]
    fn requests_stand_in_one_line_with_their_form_in_newer_ones_and_nothing_in_a_form_moves_them() {
        let exec = line(
            r#"time="2026-11-24T11:17:57.114219367Z" level=debug msg="handling POST request" form-data="{\"AttachStdin\":true,\"Cmd\":[\"bash\"],\"Detach\":false,\"DetachKeys\":\" request-url=/v1.47/containers/other/exec\",\"Tty\":true}" method=POST module=api request-url=/v1.47/containers/web/exec spanID=7fd5eb011140f546 traceID=80ff vars="map[name:web version:1.47]""#,
        );
        assert_eq!(shown(exec.as_ref()), Some(("exec", "web", "bash", "tty")));
    }

    #[test]
    fn what_the_engine_does_by_itself_is_no_use_of_it() {
        for own in [
            r#"time="2026-11-24T11:17:34.904434991Z" level=info msg="Reloaded configuration: {\"debug\":true}""#,
            r#"time="2026-11-24T11:17:35.977848135Z" level=debug msg="Calling HEAD /_ping""#,
            r#"time="2026-11-24T11:17:53.653372706Z" level=debug msg="Running health check for container 19e997df ...""#,
            r#"time="2026-11-24T11:17:49.706212160Z" level=debug msg="form data: {\"AttachStdin\":false,\"Cmd\":[\"sleep\",\"300\"],\"DetachKeys\":\"\",\"HostConfig\":{\"AutoRemove\":false}}""#,
            r#"time="2026-11-24T11:17:56.754893156Z" level=debug msg="form data: {\"Detach\":false,\"Tty\":false}""#,
            r#"time="never" level="#,
        ] {
            assert_eq!(line(own), None, "{own}");
        }
    }

    #[test]
    fn events_of_the_engine_say_what_was_run_in_which_container() {
        let started = json(
            r#"{"status":"exec_start: sh ","id":"19e997df154b","from":"keelguard-lab/plain:1.0","Type":"container","Action":"exec_start: sh ","Actor":{"ID":"19e997df154b","Attributes":{"execID":"a02e62ce","image":"keelguard-lab/plain:1.0","name":"web"}},"scope":"local","time":1795519077,"timeNano":1795519077116641009}"#,
        );
        assert_eq!(shown(started.first()), Some(("exec", "web", "sh", "")));
        assert_eq!(started[0].time.map(jiff::Timestamp::as_microsecond), Some(1_795_519_077_116_641));
        let created = json(
            r#"{"status":"create","id":"19e9","from":"plain","Type":"container","Action":"create","Actor":{"ID":"19e9","Attributes":{"image":"plain","name":"web"}},"scope":"local","time":1795519070,"timeNano":1795519070514662514}"#,
        );
        assert_eq!(shown(created.first()), Some(("engine_api", "web", "", "create")));
        for own in [
            r#"{"Type":"container","Action":"die","Actor":{"ID":"19e9","Attributes":{"name":"web"}},"time":1795519070}"#,
            r#"{"Type":"container","Action":"exec_create: sh","Actor":{"ID":"19e9"},"time":1795519070}"#,
            r#"{"Type":"network","Action":"connect","Actor":{"ID":"5ac5"},"time":1795519070}"#,
            r#"{"Type":1,"Action":null,"Actor":"x"}"#,
        ] {
            assert_eq!(json(own), [], "{own}");
        }
    }
}
