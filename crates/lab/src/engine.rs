//! The lab itself: up, used, down.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value};

use crate::parts::{self, Install, Parts};
use crate::state::{Process, State};
use crate::{LabError, api, cgroup, images, start, teardown};

const DIRECTORY_PREFIX: &str = "kg-lab-";

/// How long one call of the engine's command line may take, in seconds.
const CALL_SECONDS: u64 = 120;

/// How to bring a lab up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether missing programs may be installed.
    pub install: Install,
    /// Where everything goes; must not exist yet. By default `KEELGUARD_LAB_DIR`, else a fresh directory for temporary
    /// files.
    pub dir: Option<PathBuf>,
    /// More keys for the engine's `daemon.json`.
    pub daemon: Map<String, Value>,
    /// More addresses for the engine to listen on (`tcp://127.0.0.1:2376`), in the lab's own network namespace: only what
    /// runs in there reaches them, see [`Lab::inside`], and no port is ever taken.
    pub listen: Vec<String>,
}

/// A private engine. Dropping it takes it down, unless it was attached to or told to stay.
#[derive(Debug)]
pub struct Lab {
    dir: PathBuf,
    socket: PathBuf,
    state: State,
    parts: Parts,
    children: Vec<Child>,
    owned: bool,
}

impl Lab {
    /// Brings a lab up: an engine with the lab's images and no container.
    ///
    /// # Errors
    /// Each says what is missing: root, cgroups, programs; or why the engine did not come up. Nothing is left behind.
    pub fn up(options: &Options) -> Result<Self, LabError> {
        let parts = parts::obtain(options.install)?;
        cgroup::writable()?;
        let dir = match options.dir.clone().or_else(|| std::env::var_os("KEELGUARD_LAB_DIR").map(PathBuf::from)) {
            Some(dir) => directory(&dir)?,
            None => fresh_directory()?,
        };
        let name = format!("{}{}", cgroup::PREFIX, unique());
        let state = State::new(name, Process::of(std::process::id()));
        if let Err(error) = state.write(&dir) {
            let _ = fs::remove_dir_all(&dir);
            return Err(error);
        }
        // From here on, dropping it cleans up.
        let mut lab = Self { socket: dir.join("docker.sock"), dir, state, parts, children: Vec::new(), owned: true };
        lab.start(options)?;
        images::load(&lab)?;
        lab.fixtures()?;
        Ok(lab)
    }

    /// A lab that somebody else brought up. Dropping this does not take it down; [`Lab::down`] does.
    ///
    /// # Errors
    /// The directory holds no lab, or the engine's command line is missing.
    pub fn attach(dir: &Path) -> Result<Self, LabError> {
        let dir = dir.canonicalize().map_err(|_| LabError::NotALab { dir: dir.to_owned() })?;
        let state = State::read(&dir)?;
        let parts = parts::obtain(Install::Never)?;
        Ok(Self { socket: dir.join("docker.sock"), dir, state, parts, children: Vec::new(), owned: false })
    }

    fn start(&mut self, options: &Options) -> Result<(), LabError> {
        let procs = cgroup::create(&self.state.cgroup)?;
        let config = start::configuration(&self.dir, &self.state.cgroup, options, &self.parts);
        let file = self.dir.join("daemon.json");
        fs::write(&file, format!("{config:#}\n")).map_err(LabError::io(format!("write {}", file.display())))?;
        let containerd = start::containerd(&self.parts, &self.dir, &procs)?;
        let namespace = containerd.id();
        self.state.containerd = Process::of(namespace);
        self.children.push(containerd);
        let dockerd = start::dockerd(&self.parts, &self.dir, &procs, namespace)?;
        self.state.dockerd = Process::of(dockerd.id());
        self.children.push(dockerd);
        self.state.write(&self.dir)
    }

    /// Folders on the host's side for the containers to mount, so that no scenario needs one of the host's own.
    fn fixtures(&self) -> Result<(), LabError> {
        let app = self.dir.join("host/app");
        let make = || {
            fs::create_dir_all(&app)?;
            fs::write(app.join("settings.ini"), "colour = green\n")?;
            // The socket by another name: only its inode tells.
            fs::hard_link(&self.socket, app.join("control"))?;
            std::os::unix::fs::symlink("/etc", self.dir.join("host/configuration"))
        };
        make().map_err(LabError::io(format!("make folders below {}", self.dir.display())))
    }

    /// Stops the engine and starts it again, with whatever `daemon.json` says by then: for fixes that change it.
    ///
    /// # Errors
    /// The engine does not come up with that configuration.
    pub fn restart(&mut self) -> Result<(), LabError> {
        let end = Instant::now() + Duration::from_secs(20);
        if let Some(process) = self.state.dockerd.filter(|process| process.alive()) {
            let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
            while process.alive() {
                let signal = if Instant::now() > end { Signal::KILL } else { Signal::TERM };
                let _ = pid.map(|pid| kill_process(pid, signal));
                self.reap();
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        let procs = cgroup::create(&self.state.cgroup)?;
        let namespace = self.state.containerd.map_or(0, |process| process.pid);
        let dockerd = start::dockerd(&self.parts, &self.dir, &procs, namespace)?;
        self.state.dockerd = Process::of(dockerd.id());
        self.children.push(dockerd);
        // The restarted engine has made its socket anew; so must the other name for it be.
        let other = self.dir.join("host/app/control");
        fs::remove_file(&other)
            .and_then(|()| fs::hard_link(&self.socket, &other))
            .map_err(LabError::io(format!("link {}", other.display())))?;
        self.state.write(&self.dir)
    }

    /// The engine's socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What to put into `DOCKER_HOST`: `unix:///tmp/kg-lab-x/docker.sock`.
    pub fn endpoint(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Everything of the lab lies here.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The engine's configuration file.
    pub fn daemon_json(&self) -> PathBuf {
        self.dir.join("daemon.json")
    }

    /// The engine's process id, while it runs. It is in the lab's network namespace.
    pub fn engine_pid(&self) -> Option<u32> {
        self.state.dockerd.filter(|process| process.alive()).map(|process| process.pid)
    }

    /// The cgroup below which engine and containers run, the same name in every hierarchy.
    pub fn cgroup(&self) -> &str {
        &self.state.cgroup
    }

    /// Whether the engine answers.
    pub fn answers(&self) -> bool {
        api::answers(&self.socket)
    }

    pub(crate) fn busybox(&self) -> &Path {
        &self.parts.busybox
    }

    /// The engine's command line against this engine, whatever it says. A call that does not end is ended.
    ///
    /// # Errors
    /// The call could not be made, or did not end in time.
    pub fn docker<S: AsRef<str>>(&self, arguments: &[S]) -> Result<Output, LabError> {
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        let mut command = self.command("timeout");
        command.arg("--kill-after=1").arg(CALL_SECONDS.to_string()).arg(&self.parts.docker).args(&arguments);
        let output = command.output().map_err(LabError::io(format!("run {}", self.parts.docker.display())))?;
        if output.status.code() == Some(124) {
            return Err(LabError::Timeout { command: arguments.join(" "), seconds: CALL_SECONDS });
        }
        Ok(output)
    }

    /// As [`Lab::docker`], where a refusal is an error. Returns what was printed, trimmed.
    ///
    /// # Errors
    /// Also when the engine refuses.
    pub fn docker_ok<S: AsRef<str>>(&self, arguments: &[S]) -> Result<String, LabError> {
        let output = self.docker(arguments)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        Err(LabError::Docker { command: arguments.join(" "), why: refusal(&output) })
    }

    /// Runs a shell command with the environment in which plain `docker` means this engine: for the commands of fixes.
    ///
    /// # Errors
    /// No shell could be started.
    pub fn shell(&self, script: &str) -> Result<Output, LabError> {
        self.command("sh").args(["-c", script]).output().map_err(LabError::io("run a shell"))
    }

    /// A program in the environment in which plain `docker` means this engine, and no context or credential of the
    /// user's gets in the way.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DOCKER_HOST", self.endpoint()).env("DOCKER_CONFIG", self.dir.join("client"));
        for name in ["DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION"] {
            command.env_remove(name);
        }
        if let Some(folder) = self.parts.docker.parent() {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
            if let Ok(path) = std::env::join_paths(folders) {
                command.env("PATH", path);
            }
        }
        command
    }

    /// A program in the lab's network namespace, where the engine's addresses of [`Options::listen`] are; none where the
    /// engine does not run. The environment is the caller's.
    pub fn inside(&self, program: &Path) -> Option<Command> {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.engine_pid()?)).arg("--").arg(program);
        Some(command)
    }

    /// Lets the lab stay after this process ends, for `scripts/lab up`.
    ///
    /// # Errors
    /// The state could not be written.
    pub fn stay(mut self) -> Result<(), LabError> {
        self.state.owner = None;
        self.state.write(&self.dir)?;
        self.owned = false;
        Ok(())
    }

    /// Takes the lab down: processes, mounts, cgroups and directory. Doing it again is fine.
    ///
    /// # Errors
    /// Something could not be removed, and what.
    pub fn down(&mut self) -> Result<(), LabError> {
        self.owned = false;
        if !self.dir.exists() {
            return Ok(());
        }
        let result = teardown::remove(&self.dir, &self.state);
        self.reap();
        result
    }

    /// Ended children stay zombies until somebody asks.
    fn reap(&mut self) {
        self.children.retain_mut(|child| child.try_wait().is_ok_and(|status| status.is_none()));
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.owned {
            // Nobody is left to hear of an error; the state on disk lets the next lab try again.
            let _ = self.down();
        }
    }
}

/// What the engine said; the line after it often only says that something failed.
pub(crate) fn refusal(output: &Output) -> String {
    const FROM_THE_ENGINE: &str = "Error response from daemon: ";
    let words = String::from_utf8_lossy(&output.stderr);
    let reason = words.lines().find_map(|line| line.split_once(FROM_THE_ENGINE)).map(|(_, reason)| reason);
    let last = || words.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.contains("--help"));
    reason.or_else(last).unwrap_or("no reason given").to_owned()
}

fn directory(dir: &Path) -> Result<PathBuf, LabError> {
    let taken = |_| LabError::DirectoryTaken { dir: dir.to_owned() };
    // Something left of an earlier lab may be in the way only when it is no lab any more: an empty directory.
    if dir.exists() {
        fs::remove_dir(dir).map_err(taken)?;
    }
    fs::create_dir_all(dir).map_err(LabError::io(format!("create {}", dir.display())))?;
    private(dir)
}

fn fresh_directory() -> Result<PathBuf, LabError> {
    let parent = std::env::temp_dir();
    reap_abandoned(&parent);
    let dir = tempfile::Builder::new().prefix(DIRECTORY_PREFIX).tempdir_in(&parent);
    let dir = dir.map_err(LabError::io(format!("create a directory in {}", parent.display())))?;
    private(&dir.keep())
}

/// Only root may enter, so that nobody else gets at the socket; and the kernel's name for it, to compare mounts with.
fn private(dir: &Path) -> Result<PathBuf, LabError> {
    use std::os::unix::fs::PermissionsExt;
    let tight = || {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
        dir.canonicalize()
    };
    let found = tight().map_err(LabError::io(format!("make {} private", dir.display())))?;
    // A quotation mark or a backslash would change the meaning of the configuration files.
    let plain = found.to_str().is_some_and(|path| !path.contains(['"', '\\', '\n']));
    if found.as_os_str().len() > start::LONGEST_DIRECTORY || !plain {
        let _ = fs::remove_dir(&found);
        return Err(LabError::PathTooLong { dir: found, limit: start::LONGEST_DIRECTORY });
    }
    Ok(found)
}

/// Labs whose owner was killed before it could take them down.
fn reap_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let dir = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(DIRECTORY_PREFIX) || !ours(&dir) {
            continue;
        }
        let Ok(state) = State::read(&dir) else { continue };
        if state.owner.is_some_and(|owner| !owner.alive()) {
            let _ = dir.canonicalize().map(|dir| teardown::remove(&dir, &state));
        }
    }
}

/// A state file in a folder for temporary files might be anybody's; only root's own is believed.
fn ours(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(dir).is_ok_and(|meta| meta.is_dir() && meta.uid() == 0 && meta.mode().trailing_zeros() >= 6)
}

fn unique() -> String {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.subsec_nanos());
    format!("{}-{nanos:x}", std::process::id())
}
