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

/// What it prints on standard output, whatever its exit status, for those who may block. At most as much as the bound,
/// and no longer than its time: `rpm` waits for whoever holds its database.
pub(crate) fn start(program: &str, arguments: &[&str]) -> Result<String, String> {
    use std::io::Read as _;
    let mut child = std::process::Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program} could not be run: {error}"))?;
    let stdout = child.stdout.take();
    let (done, result) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut out = Vec::new();
        let read = stdout.map(|stdout| stdout.take(OUTPUT).read_to_end(&mut out));
        let _ = done.send(read.and_then(Result::ok).map(|_| out));
    });
    let out = result.recv_timeout(TIMEOUT);
    // After all was read it has ended, or it goes on about what nobody reads.
    if out.is_err() || matches!(&out, Ok(Some(text)) if text.len() as u64 >= OUTPUT) {
        let _ = child.kill();
    }
    let _ = child.wait();
    match out {
        Ok(Some(text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Ok(None) => Err(format!("what {program} prints could not be read")),
        Err(_) => Err(format!("{program} did not end within {} s", TIMEOUT.as_secs())),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_counts_whatever_the_exit_status() {
        let shell = find("sh").unwrap();
        assert_eq!(start(&shell, &["-c", "echo found; exit 3"]).unwrap(), "found\n");
        assert!(start("/nonexistent", &[]).is_err());
    }

    #[test]
    fn a_program_that_prints_without_end_is_cut_off() {
        let shell = find("sh").unwrap();
        let text = start(&shell, &["-c", "while :; do echo 0123456789012345678901234567890123456789; done"]);
        assert!(text.is_err() || text.is_ok_and(|text| text.len() as u64 == OUTPUT));
    }
}
