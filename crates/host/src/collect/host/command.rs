//! The few commands that know what no file tells: `auditctl`, `iptables`, `rpm`. By absolute path, without a shell, with
//! an empty environment, bounded in time and output.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

/// How long one may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How much one may print.
const OUTPUT: u64 = 4 << 20;

/// Where programs of the system lie. The search path of whoever runs Keelguard does not count.
const FOLDERS: &[&str] = &["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The program's path, where it is installed.
pub(crate) fn find(name: &str) -> Option<String> {
    FOLDERS.iter().map(|folder| format!("{folder}/{name}")).find(|path| Path::new(path).is_file())
}

/// What it prints on standard output, or why there is nothing.
pub(crate) async fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{program} could not be run: {error}");
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read = async {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        if let (Some(stdout), Some(stderr)) = (stdout, stderr) {
            let (mut stdout, mut stderr) = (stdout.take(OUTPUT), stderr.take(64 << 10));
            let (first, second) = tokio::join!(stdout.read_to_end(&mut out), stderr.read_to_end(&mut err));
            first.and(second)?;
        }
        Ok::<_, std::io::Error>((out, err, child.wait().await?))
    };
    let (out, err, status) = tokio::time::timeout(TIMEOUT, read)
        .await
        .map_err(|_| format!("{program} did not end within {} s", TIMEOUT.as_secs()))?
        .map_err(failed)?;
    if !status.success() {
        let message = String::from_utf8_lossy(&err);
        return Err(format!("{program} failed: {}", message.lines().next().unwrap_or("without a word")));
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}
