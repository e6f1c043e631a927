//! Where an engine keeps the files of a volume, and the layers of a container.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::client::{ClientError, EngineClient};
use super::{Options, endpoint, image_traps};
use crate::Error;

/// Longest name.
const MAX_NAME: usize = 256;

/// The folder of a volume; in words why there is none.
///
/// # Errors
/// The engine's address is wrong.
pub async fn volume_folder(options: &Options, name: &str) -> Result<Result<PathBuf, String>, Error> {
    let answer = inspect(options, &format!("/volumes/{name}"), name, "volume").await?;
    Ok(answer.and_then(|value| {
        let folder = value.get("Mountpoint").and_then(Value::as_str).filter(|folder| folder.starts_with('/'));
        folder.map(PathBuf::from).ok_or_else(|| "the engine does not say where it lies".to_owned())
    }))
}

/// The layers of a container, what it wrote itself first, whose part is empty: `("", …)`, `("/layer-1", …)`. Where the engine
/// names no layers, the root of a container that runs.
///
/// # Errors
/// The engine's address is wrong.
pub async fn container_folders(options: &Options, name: &str) -> Result<Result<Vec<(String, PathBuf)>, String>, Error> {
    let answer = inspect(options, &format!("/containers/{name}/json"), name, "container").await?;
    Ok(answer.and_then(|value| {
        if let Some(layers) = image_traps::layer_folders(&value) {
            let layer = |(number, path): (usize, PathBuf)| {
                let part = if number == 0 { String::new() } else { format!("/layer-{number}") };
                (part, path)
            };
            return Ok(layers.into_iter().enumerate().map(layer).collect());
        }
        let pid = value.pointer("/State/Pid").and_then(Value::as_u64).filter(|pid| *pid > 0);
        let root = pid.map(|pid| Path::new("/proc").join(pid.to_string()).join("root"));
        let why = "the engine names no folders of its layers, and it does not run; start it, and try again";
        root.map(|root| vec![("/root".to_owned(), root)]).ok_or_else(|| why.to_owned())
    }))
}

async fn inspect(options: &Options, path: &str, name: &str, what: &str) -> Result<Result<Value, String>, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(plain) || name.contains("..") {
        return Ok(Err(format!("no engine has a {what} of that name")));
    }
    let mut failures = Vec::new();
    for endpoint in endpoint::candidates(options.engine.as_deref(), &options.environment)? {
        let answer =
            async { EngineClient::new(&endpoint, options.request_timeout, options.max_answer)?.get_one(path).await };
        let answer: Result<Value, ClientError> = answer.await;
        match answer {
            Ok(value) => return Ok(Ok(value)),
            Err(error) if error.is_gone() => {
                return Ok(Err(format!("the engine at {} has no such {what}", endpoint.url)));
            }
            Err(error) => failures.push(format!("the engine at {}: {error}", endpoint.url)),
        }
    }
    Ok(Err(if failures.is_empty() { "no engine answers here".into() } else { failures.join("; ") }))
}
