//! Credential helpers: `docker-credential-NAME get` reads a registry's name and writes a login, if it has one.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::Access;
use crate::credentials::Login;
use crate::fault::shown;

/// Longest answer that is read, bytes.
const MAX_ANSWER: u64 = 64 << 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// The login that the helper `name` keeps for `server`; none where it keeps none.
pub async fn get(name: &str, server: &str, access: &Access) -> Result<Option<Login>, String> {
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return Err(format!("{name:?} is no name of a credential helper"));
    }
    let program = format!("docker-credential-{name}");
    let path = access.helpers.as_ref().map_or_else(|| PathBuf::from(&program), |folder| folder.join(&program));
    match tokio::time::timeout(access.silence, run(&path, server)).await {
        Err(_) => Err(format!("{program} did not answer within {} s", access.silence.as_secs_f32())),
        Ok(Err(error)) => Err(format!("{program} cannot be run: {error}")),
        Ok(Ok((true, answer))) => {
            let answer: Answer =
                serde_json::from_slice(&answer).map_err(|_| format!("what {program} answers is not understood"))?;
            Ok(match answer {
                Answer { secret, .. } if secret.is_empty() => None,
                Answer { username, secret } if username == "<token>" => Some(Login::Identity(secret)),
                Answer { username, secret } => Some(Login::Password(username, secret)),
            })
        }
        Ok(Ok((false, answer))) => {
            let said = String::from_utf8_lossy(&answer);
            if said.contains("not found") { Ok(None) } else { Err(format!("{program} failed: {}", shown(&said))) }
        }
    }
}

/// Whether it went well, and what it wrote. It is ended where nobody waits for it any more.
async fn run(program: &Path, server: &str) -> std::io::Result<(bool, Vec<u8>)> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not read says so by how it ends.
        let _ = input.write_all(format!("{server}\n").as_bytes()).await;
    }
    let mut answer = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    }
    Ok((child.wait().await?.success(), answer))
}
