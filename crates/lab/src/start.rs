//! Starting containerd and dockerd: own sockets, own data, own cgroup, own network namespace.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::parts::Parts;
use crate::{LabError, Options, api};

/// A slow machine with a cold disk needs a few seconds; one that needs more is stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sockets below the directory must fit into 107 bytes; the longest name that the engine puts there has 40.
pub(crate) const LONGEST_DIRECTORY: usize = 60;

/// Starts containerd in a fresh network namespace, which lives as long as it does: nothing to clean up after a crash.
pub(crate) fn containerd(parts: &Parts, dir: &Path, procs: &Path) -> Result<Child, LabError> {
    let show = dir.display();
    // The Kubernetes plug-in would look for a network configuration of the host's.
    let config = format!(
        "version = 2\nroot = \"{show}/containerd\"\nstate = \"{show}/containerd-state\"\n\
         disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
         [grpc]\naddress = \"{show}/c.sock\"\n[ttrpc]\naddress = \"{show}/c.sock.ttrpc\"\n"
    );
    let file = dir.join("containerd.toml");
    fs::write(&file, config).map_err(LabError::io(format!("write {}", file.display())))?;
    let script = "echo $$ >\"$1\" && exec unshare --net -- sh -c 'ip link set lo up; exec \"$@\"' sh \"$2\" -c \"$3\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(procs).arg(&parts.containerd).arg(&file);
    let mut child = spawn(command, dir, "containerd.log")?;
    await_socket(&mut child, dir, "containerd", "containerd.log", || dir.join("c.sock").exists())?;
    Ok(child)
}

/// Starts dockerd in the network namespace of `containerd`, a process id.
pub(crate) fn dockerd(parts: &Parts, dir: &Path, procs: &Path, containerd: u32) -> Result<Child, LabError> {
    let script = "echo $$ >\"$1\" && exec nsenter --net=\"/proc/$2/ns/net\" -- \"$3\" --config-file \"$4\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(procs).arg(containerd.to_string());
    command.arg(&parts.dockerd).arg(dir.join("daemon.json"));
    // A proxy of the user's is no use in a namespace without a way out.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "DOCKER_HOST", "NOTIFY_SOCKET"] {
        command.env_remove(name);
    }
    let _ = fs::remove_file(dir.join("docker.pid"));
    let mut child = spawn(command, dir, "dockerd.log")?;
    let socket = dir.join("docker.sock");
    await_socket(&mut child, dir, "dockerd", "dockerd.log", || api::answers(&socket))?;
    Ok(child)
}

/// The engine's configuration: what makes it private, with what was asked for on top.
pub(crate) fn configuration(dir: &Path, cgroup: &str, options: &Options, parts: &Parts) -> Value {
    let below = |name: &str| dir.join(name).display().to_string();
    let hosts: Vec<String> =
        std::iter::once(format!("unix://{}", below("docker.sock"))).chain(options.listen.iter().cloned()).collect();
    let mut config = json!({
        "hosts": hosts,
        "containerd": below("c.sock"),
        "data-root": below("data"),
        "exec-root": below("exec"),
        "pidfile": below("docker.pid"),
        "cgroup-parent": format!("/{cgroup}"),
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
    });
    if let Some(config) = config.as_object_mut() {
        // Engines before 23 write an identity key to /etc/docker, and newer ones refuse the setting.
        if old_engine(&parts.dockerd) {
            config.insert("deprecated-key-path".to_owned(), json!(below("key.json")));
        }
        config.extend(options.daemon.clone());
    }
    config
}

/// `Docker version 20.10.24+dfsg1, build 5d6db84`
fn old_engine(dockerd: &Path) -> bool {
    let version = Command::new(dockerd).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version).into_owned();
    let major = version.split_whitespace().nth(2).and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major < 23)
}

fn spawn(mut command: Command, dir: &Path, log: &str) -> Result<Child, LabError> {
    let path = dir.join(log);
    let open = || {
        let out = File::options().create(true).append(true).open(&path)?;
        Ok::<_, std::io::Error>((out.try_clone()?, out))
    };
    let (out, err) = open().map_err(LabError::io(format!("write {}", path.display())))?;
    // A process group of its own: Ctrl-C at the terminal is for us, who then take the engine down in order.
    command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
    command.current_dir(dir).spawn().map_err(LabError::io(format!("start what logs to {}", path.display())))
}

fn await_socket(
    child: &mut Child,
    dir: &Path,
    program: &'static str,
    log: &str,
    up: impl Fn() -> bool,
) -> Result<(), LabError> {
    let start = Instant::now();
    while !up() {
        let ended = child.try_wait().is_ok_and(|status| status.is_some());
        if ended || start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            let log = last_words(&dir.join(log));
            return Err(LabError::Start { program, seconds: start.elapsed().as_secs(), log });
        }
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn last_words(log: &Path) -> String {
    let tail = || {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = tail().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().rev().take(3).collect();
    if lines.is_empty() { "none".to_owned() } else { lines.into_iter().rev().collect::<Vec<_>>().join(" | ") }
}
