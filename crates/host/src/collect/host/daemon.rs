//! The daemon's configuration from all its sources (file, command line, unit), and which of them wins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keelguard_model::{Area, Incomplete};
use serde_json::{Map, Value};

use super::read;
use crate::collect::redact;
use crate::facts::{Daemon, Setting};

/// How a flag's value becomes that of its `daemon.json` key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `--icc=false`, `--icc`.
    Switch,
    /// `--log-level debug`.
    Word,
    /// `--insecure-registry a --insecure-registry b`.
    List,
    /// `--log-opt max-size=10m`.
    Pairs,
}

/// Flag, `daemon.json` key, form. From `dockerd --help` of 20.10 to 29.
const FLAGS: &[(&str, &str, Form)] = &[
    ("add-runtime", "runtimes", Form::Pairs),
    ("authorization-plugin", "authorization-plugins", Form::List),
    ("bip", "bip", Form::Word),
    ("bridge", "bridge", Form::Word),
    ("cgroup-parent", "cgroup-parent", Form::Word),
    ("config-file", "config-file", Form::Word),
    ("containerd", "containerd", Form::Word),
    ("data-root", "data-root", Form::Word),
    ("graph", "data-root", Form::Word),
    ("debug", "debug", Form::Switch),
    ("default-cgroupns-mode", "default-cgroupns-mode", Form::Word),
    ("default-ipc-mode", "default-ipc-mode", Form::Word),
    ("default-runtime", "default-runtime", Form::Word),
    ("default-shm-size", "default-shm-size", Form::Word),
    ("default-ulimit", "default-ulimits", Form::Pairs),
    ("exec-opt", "exec-opts", Form::List),
    ("exec-root", "exec-root", Form::Word),
    ("experimental", "experimental", Form::Switch),
    ("group", "group", Form::Word),
    ("host", "hosts", Form::List),
    ("icc", "icc", Form::Switch),
    ("init", "init", Form::Switch),
    ("insecure-registry", "insecure-registries", Form::List),
    ("ip", "ip", Form::Word),
    ("ip-forward", "ip-forward", Form::Switch),
    ("ip-masq", "ip-masq", Form::Switch),
    ("iptables", "iptables", Form::Switch),
    ("ip6tables", "ip6tables", Form::Switch),
    ("ipv6", "ipv6", Form::Switch),
    ("live-restore", "live-restore", Form::Switch),
    ("log-driver", "log-driver", Form::Word),
    ("log-level", "log-level", Form::Word),
    ("log-opt", "log-opts", Form::Pairs),
    ("metrics-addr", "metrics-addr", Form::Word),
    ("no-new-privileges", "no-new-privileges", Form::Switch),
    ("oom-score-adjust", "oom-score-adjust", Form::Word),
    ("pidfile", "pidfile", Form::Word),
    ("registry-mirror", "registry-mirrors", Form::List),
    ("rootless", "rootless", Form::Switch),
    ("seccomp-profile", "seccomp-profile", Form::Word),
    ("selinux-enabled", "selinux-enabled", Form::Switch),
    ("storage-driver", "storage-driver", Form::Word),
    ("storage-opt", "storage-opts", Form::List),
    ("tls", "tls", Form::Switch),
    ("tlscacert", "tlscacert", Form::Word),
    ("tlscert", "tlscert", Form::Word),
    ("tlskey", "tlskey", Form::Word),
    ("tlsverify", "tlsverify", Form::Switch),
    ("userland-proxy", "userland-proxy", Form::Switch),
    ("userns-remap", "userns-remap", Form::Word),
    ("validate", "validate", Form::Switch),
];

/// Short flags.
const SHORT: &[(&str, &str)] = &[
    ("H", "host"),
    ("D", "debug"),
    ("l", "log-level"),
    ("s", "storage-driver"),
    ("b", "bridge"),
    ("g", "graph"),
    ("G", "group"),
];

/// Where systemd keeps units, the first wins.
const UNIT_FOLDERS: &[&str] =
    &["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

pub(crate) async fn collect(socket: Option<&Path>, gaps: &mut Vec<Incomplete>) -> Daemon {
    let pid = process_behind(socket).await;
    let mut daemon = Daemon { pid, uid: pid.and_then(uid_of), unit: unit_command(), ..Daemon::default() };
    daemon.cmdline = pid.map(command_line).unwrap_or_default();
    let flags = flags(daemon.cmdline.get(1..).unwrap_or_default());
    let named = flags.get("config-file").and_then(Value::as_str).map(PathBuf::from);
    let file = named.or_else(|| default_file(daemon.uid));
    let mut settings: BTreeMap<String, Setting> = BTreeMap::new();
    if let Some(file) = file.filter(|file| file.exists()) {
        match parse_file(&file) {
            Ok(map) => {
                for (key, value) in map {
                    settings.insert(key, Setting { value, from: "file".into() });
                }
                daemon.conflicts.extend(changed_since_start(&file, pid));
            }
            Err(error) => {
                gaps.push(Incomplete::new(
                    Area::Breakout,
                    format!("the engine's configuration {}", file.display()),
                    error.clone(),
                ));
                daemon.file_error = Some(error);
            }
        }
        daemon.file = Some(file.display().to_string());
    }
    for (key, value) in flags {
        if settings.contains_key(&key) {
            daemon
                .conflicts
                .push(format!("{key} is set in the file and as a flag; dockerd refuses to start with both"));
        }
        settings.insert(key, Setting { value, from: "flag".into() });
    }
    if let (Some(unit), Some(_)) = (&daemon.unit, pid)
        && daemon.cmdline.iter().any(|word| word.contains("dockerd"))
        && runs_from_unit(pid)
    {
        let words: Vec<String> = unit.split_whitespace().map(str::to_owned).collect();
        // What systemd fills in or unquotes, and what was redacted, cannot be compared word by word.
        let plain = !unit.contains(['$', '%', '"', '\'', '\\']) && !unit.contains(redact::REDACTED);
        if plain && words.get(1..).map(self::flags) != daemon.cmdline.get(1..).map(self::flags) {
            daemon
                .conflicts
                .push("the unit's ExecStart differs from the running command line; the next restart changes it".into());
        }
    }
    redact::arguments(&mut daemon.cmdline);
    for (key, setting) in &mut settings {
        let mut whole = Value::Object(Map::from_iter([(key.clone(), setting.value.take())]));
        redact::json(&mut whole);
        setting.value = whole.get_mut(key).map(Value::take).unwrap_or_default();
    }
    daemon.settings = settings;
    if pid.is_none() {
        gaps.push(Incomplete::new(
            Area::Breakout,
            "the engine's command line",
            "no dockerd process was found; its settings are judged from its configuration file and its own answers",
        ));
    }
    daemon
}

/// Entitlements of BuildKit beyond an ordinary build: `security.insecure`, `network.host`.
pub(super) fn build_entitlements() -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(text) = read::text("/etc/buildkit/buildkitd.toml".as_ref(), 1 << 20) {
        let list = text.lines().map(str::trim).find_map(|line| line.strip_prefix("insecure-entitlements"));
        let names = list.and_then(|rest| rest.trim_start().strip_prefix('=')).unwrap_or_default();
        found.extend(
            ["network.host", "security.insecure"].iter().filter(|name| names.contains(**name)).map(ToString::to_string),
        );
    }
    if let Ok(map) = parse_file(Path::new("/etc/docker/daemon.json")) {
        let builder =
            map.get("builder").and_then(|builder| builder.get("Entitlements").or_else(|| builder.get("entitlements")));
        for (key, name) in [("network-host", "network.host"), ("security-insecure", "security.insecure")] {
            if builder.and_then(|all| all.get(key)).and_then(Value::as_bool) == Some(true) {
                found.push(name.to_owned());
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The process at the other end of `socket`: who called `listen`.
pub(crate) async fn peer(socket: &Path) -> Option<i32> {
    let connect = tokio::net::UnixStream::connect(socket);
    let stream = tokio::time::timeout(std::time::Duration::from_secs(2), connect).await.ok()?.ok()?;
    stream.peer_cred().ok()?.pid().filter(|pid| *pid > 0)
}

/// The process that answers on `socket`, where it is a `dockerd`; else the only `dockerd` there is, or the one that was
/// started with that socket. Systemd's socket activation makes systemd the one who listens.
async fn process_behind(socket: Option<&Path>) -> Option<i32> {
    if let Some(socket) = socket
        && let Some(pid) = peer(socket).await
        && is_dockerd(pid)
    {
        return Some(pid);
    }
    let all: Vec<i32> = crate::collect::process::pids().filter(|pid| is_dockerd(*pid)).collect();
    let with_socket = |pid: &&i32| {
        let words = command_line(**pid);
        socket.is_some_and(|socket| words.iter().any(|word| word.ends_with(&*socket.to_string_lossy())))
    };
    match all.as_slice() {
        [] => None,
        [only] => Some(*only),
        several => several.iter().find(with_socket).copied(),
    }
}

pub(crate) fn is_dockerd(pid: i32) -> bool {
    read::word(format!("/proc/{pid}/comm")).is_some_and(|comm| comm == "dockerd")
}

fn uid_of(pid: i32) -> Option<u32> {
    let status = read::text(format!("/proc/{pid}/status").as_ref(), 64 << 10).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next()?.parse().ok())
}

fn command_line(pid: i32) -> Vec<String> {
    let text = read::text(format!("/proc/{pid}/cmdline").as_ref(), 256 << 10).unwrap_or_default();
    text.split('\0').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn runs_from_unit(pid: Option<i32>) -> bool {
    pid.and_then(|pid| read::word(format!("/proc/{pid}/cgroup"))).is_some_and(|text| text.contains("docker.service"))
}

fn default_file(uid: Option<u32>) -> Option<PathBuf> {
    match uid {
        None | Some(0) => Some("/etc/docker/daemon.json".into()),
        // A rootless engine's file lies in its own user's home, which is not that of whoever runs Keelguard with sudo.
        Some(uid) => super::accounts::home_of(uid).map(|home| home.join(".config/docker/daemon.json")),
    }
}

fn parse_file(path: &Path) -> Result<Map<String, Value>, String> {
    let text = read::text(path, 4 << 20).map_err(|error| format!("it cannot be read: {error}"))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("it is no JSON object".into()),
        Err(_) if text.trim().is_empty() => Ok(Map::new()),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

/// A file newer than the daemon may say something that is not in force yet.
fn changed_since_start(file: &Path, pid: Option<i32>) -> Option<String> {
    let started = started(pid?)?;
    let changed = std::fs::metadata(file).ok()?.modified().ok()?;
    (changed > started)
        .then(|| format!("{} changed after the daemon started; restart it to have the file in force", file.display()))
}

/// When a process started. The times of `/proc/PID` itself are those of the first look at it.
fn started(pid: i32) -> Option<std::time::SystemTime> {
    let stat = read::text(format!("/proc/{pid}/stat").as_ref(), 4096).ok()?;
    let boot = read::text("/proc/stat".as_ref(), 4 << 20).ok()?;
    started_at(&stat, &boot)
}

/// Field 22 of `/proc/PID/stat`, in hundredths of a second (`USER_HZ` on every architecture that runs Docker) after the
/// boot. The program's name, in parentheses, may hold spaces and parentheses itself.
pub(super) fn started_at(stat: &str, boot: &str) -> Option<std::time::SystemTime> {
    let ticks: u64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let boot: u64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    std::time::UNIX_EPOCH
        .checked_add(std::time::Duration::from_millis(boot.checked_mul(1000)?.checked_add(ticks.checked_mul(10)?)?))
}

/// `ExecStart` of docker.service, with its drop-ins, as systemd puts it together.
fn unit_command() -> Option<String> {
    let unit =
        UNIT_FOLDERS.iter().find_map(|folder| read::text(format!("{folder}/docker.service").as_ref(), 1 << 20).ok())?;
    let mut texts = vec![unit];
    let mut drop_ins = Vec::new();
    for folder in UNIT_FOLDERS.iter().rev() {
        if let Ok(entries) = std::fs::read_dir(format!("{folder}/docker.service.d")) {
            drop_ins.extend(
                entries
                    .flatten()
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|e| e == "conf")),
            );
        }
    }
    // Of drop-ins of one name only the one in the first folder counts.
    let mut by_name = BTreeMap::new();
    for path in drop_ins {
        by_name.insert(path.file_name().map(std::ffi::OsStr::to_os_string), path);
    }
    let drop_ins: Vec<PathBuf> = by_name.into_values().collect();
    texts.extend(drop_ins.iter().filter_map(|path| read::text(path, 1 << 20).ok()));
    exec_start(&texts)
}

pub(super) fn exec_start(texts: &[String]) -> Option<String> {
    let mut command = None;
    for text in texts {
        let joined = text.replace("\\\n", " ");
        let start = |line: &'_ str| -> Option<String> {
            Some(line.trim().strip_prefix("ExecStart")?.trim_start().strip_prefix('=')?.to_owned())
        };
        for value in joined.lines().filter_map(start) {
            command = (!value.trim().is_empty()).then(|| value.trim().to_owned());
        }
    }
    command.map(|command| redact::line(&command))
}

/// Flags of a command line as `daemon.json` settings. Unknown ones are passed over.
pub(super) fn flags(words: &[String]) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
        let (name, mut value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        let mut name = name.to_owned();
        if !word.starts_with("--") {
            // -Hunix:///x is -H unix:///x.
            if let Some((short, long)) = SHORT.iter().find(|(short, _)| name.starts_with(short)) {
                let rest = word.get(1 + short.len()..).unwrap_or_default().trim_start_matches('=');
                if !rest.is_empty() {
                    value = Some(rest.to_owned());
                }
                (*long).clone_into(&mut name);
            }
        }
        let Some((_, key, form)) = FLAGS.iter().find(|(flag, _, _)| *flag == name) else { continue };
        if *form != Form::Switch && value.is_none() {
            value = words.next().cloned();
        }
        add(&mut found, key, *form, value.as_deref());
    }
    found
}

fn add(found: &mut BTreeMap<String, Value>, key: &str, form: Form, value: Option<&str>) {
    let text = value.unwrap_or_default();
    match form {
        Form::Switch => {
            // As Go reads it.
            let on = value.is_none_or(|word| matches!(word, "1" | "t" | "T" | "true" | "TRUE" | "True"));
            found.insert(key.to_owned(), Value::Bool(on));
        }
        Form::Word => {
            found.insert(key.to_owned(), text.into());
        }
        Form::List => {
            if let Value::Array(list) = found.entry(key.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
                list.push(text.into());
            }
        }
        Form::Pairs => {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            if let Value::Object(map) = found.entry(key.to_owned()).or_insert_with(|| Value::Object(Map::new())) {
                map.insert(name.to_owned(), value.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(line: &str) -> BTreeMap<String, Value> {
        flags(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn flags_become_settings_in_every_spelling() {
        let found =
            of("-H fd:// --host=tcp://0.0.0.0:2375 -Hunix:///x --icc=false --live-restore --log-opt max-size=10m \
                        --log-opt max-file=3 -l debug --unknown x --tlsverify=true --insecure-registry r:5000");
        assert_eq!(found["hosts"], json!(["fd://", "tcp://0.0.0.0:2375", "unix:///x"]));
        assert_eq!(found["icc"], json!(false));
        assert_eq!(found["live-restore"], json!(true));
        assert_eq!(found["log-opts"], json!({"max-size": "10m", "max-file": "3"}));
        assert_eq!(found["log-level"], json!("debug"));
        assert_eq!(found["insecure-registries"], json!(["r:5000"]));
        assert_eq!(found.len(), 7);
    }

    #[test]
    fn a_drop_in_replaces_the_units_command() {
        let unit = "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n".to_owned();
        let drop_in = "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd \\\n  -H tcp://0.0.0.0:2375\n".to_owned();
        assert!(exec_start(&[unit, drop_in]).unwrap().contains("tcp://0.0.0.0:2375"));
    }

    #[test]
    fn a_switch_is_read_as_go_reads_it_and_nonsense_is_off() {
        assert_eq!(of("--icc=perhaps")["icc"], json!(false));
        for on in ["1", "t", "True", "TRUE"] {
            assert_eq!(of(&format!("--tlsverify={on}"))["tlsverify"], json!(true), "{on}");
        }
    }

    #[test]
    fn a_process_started_when_its_stat_says_whatever_its_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 12345 100 200";
        let found = started_at(stat, "cpu 1\nbtime 1700000000\n").unwrap();
        assert_eq!(found.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis(), 1_700_000_123_450);
        assert_eq!(started_at("42 (x", "btime 1"), None);
    }
}
