//! A host for the lab's engine whose files may be changed. It has a mount namespace of its own, in which changes to
//! `/etc`, `/usr` and `/root` go to memory, and the network namespace of the lab. So the commands of a fix are run as
//! printed, on the paths that they name, and the machine that runs the tests stays as it was.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use keelguard_lab::Lab;
use keelguard_model::{Finding, Report};
use serde_json::{Map, Value};

/// `$1` is the folder for what changes. The last line keeps the namespace until standard input ends.
const SETUP: &str = r#"
set -e
mkdir -p "$1"
mount -t tmpfs -o mode=755 tmpfs "$1"
for folder in etc usr root; do
    mkdir "$1/$folder" "$1/$folder.work"
    mount -t overlay -o "lowerdir=/$folder,upperdir=$1/$folder,workdir=$1/$folder.work" overlay "/$folder"
done
# Not part of any namespace: what sysctl writes goes to a file, not to this machine's kernel.
if [ -e /proc/sys/kernel/io_uring_disabled ]; then
    echo 0 >"$1/io_uring_disabled"
    mount --bind "$1/io_uring_disabled" /proc/sys/kernel/io_uring_disabled
fi
# What a machine in the cloud says of itself.
mkdir -p "$1/class/dmi/id"
echo 'Amazon EC2' >"$1/class/dmi/id/sys_vendor"
mount --bind "$1/class" /sys/class
# No init runs here: what it is asked is noted, and the lab does it.
mkdir "$1/bin"
printf '#!/bin/sh\necho "$*" >>"%s/asked"\n' "$1" >"$1/bin/systemctl"
chmod 755 "$1/bin/systemctl"
echo ready
exec cat
"#;

/// The namespaces, as long as this lives.
pub struct PrivateHost {
    keeper: Child,
    folder: PathBuf,
}

impl PrivateHost {
    /// Around the engine of `lab`, or why not.
    pub fn around(lab: &Lab) -> Result<Self, String> {
        let engine = lab.engine_pid().ok_or("the engine does not run")?;
        let folder = lab.dir().join("private");
        let mut keeper = Command::new("nsenter")
            .arg(format!("--net=/proc/{engine}/ns/net"))
            .args(["unshare", "--mount", "--propagation", "private", "sh", "-c", SETUP, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("nsenter could not be started: {error}"))?;
        let mut said = String::new();
        BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        if said.trim() == "ready" {
            return Ok(Self { keeper, folder });
        }
        let output = keeper.wait_with_output().unwrap();
        Err(format!("no private host can be made here: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }

    /// A shell script as root of this host would type it.
    pub fn shell(&self, lab: &Lab, script: &str) -> Output {
        let mut command = lab.command("nsenter");
        // Whoever types a printed command has no configuration of the lab's.
        command.env_remove("DOCKER_CONFIG").env("HOME", "/root");
        let script = format!("PATH={}/bin:$PATH\nset -e\n{script}", self.folder.display());
        command.args(["--target", &self.keeper.id().to_string(), "--net", "--mount", "--", "sh", "-c", &script]);
        command.output().unwrap()
    }

    /// As [`Self::shell`]; it must succeed.
    pub fn shell_ok(&self, lab: &Lab, script: &str) -> String {
        let output = self.shell(lab, script);
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What `keelguard check` says here, to somebody who logs in now.
    pub fn findings(&self, lab: &Lab) -> Vec<Finding> {
        let check = format!(
            "exec sh -l -c 'exec {} check --quiet --format json --engine {}'",
            env!("CARGO_BIN_EXE_keelguard"),
            lab.endpoint()
        );
        let output = self.shell(lab, &check);
        let report: Report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
        });
        report.findings
    }

    /// Follows a finding's fix to the letter: its snippets into their files, then its commands, then what the init
    /// system was asked for. Returns why a command failed, if one did.
    pub fn follow(&self, lab: &mut Lab, finding: &Finding) -> Result<(), String> {
        for snippet in &finding.fix.snippets {
            self.put(lab, &snippet.file, &snippet.text);
        }
        let ran = self.shell(lab, &finding.fix.commands.join("\n"));
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            return Err(format!("{} on {}: {:?}: {said}", finding.rule, finding.subject, finding.fix.commands));
        }
        let asked = self.shell_ok(lab, &format!("cd {}; touch asked; cat asked; rm asked", self.folder.display()));
        if asked.lines().any(|line| line.starts_with("restart") && line.contains("docker")) {
            lab.restart().map_err(|error| format!("{} on {}: {error}", finding.rule, finding.subject))?;
        }
        Ok(())
    }

    /// A snippet into its file: settings of the engine beside those that are there, anything else in place of it.
    fn put(&self, lab: &Lab, file: &str, text: &str) {
        let settings = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let text = if file.ends_with("daemon.json") {
            let before = self.shell_ok(lab, &format!("cat {file} 2>/dev/null || echo '{{}}'"));
            let mut all = settings(&before);
            all.extend(settings(text));
            Value::Object(all).to_string()
        } else {
            text.to_owned()
        };
        assert!(!text.contains("\nKEELGUARD_END\n"));
        self.shell_ok(
            lab,
            &format!("mkdir -p $(dirname {file})\ncat >{file} <<'KEELGUARD_END'\n{text}\nKEELGUARD_END\n"),
        );
    }
}

impl Drop for PrivateHost {
    fn drop(&mut self) {
        // Its standard input ends, and with it the last process in the namespace.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
