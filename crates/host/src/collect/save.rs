//! An image or a container as the engine itself packs it up: for whoever may ask the engine and not read its files.

use std::io::Write;

use reqwest::StatusCode;

use super::client::{ClientError, EngineClient};
use super::{Options, endpoint};
use crate::Error;

/// What is to be packed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// An image: what `docker save` writes.
    Image,
    /// A container's root filesystem: what `docker export` writes.
    Container,
}

/// An engine that has what was asked for.
#[derive(Debug)]
pub struct Holder {
    client: EngineClient,
    base: String,
    packed: Packed,
    /// The id of the image or container, `sha256:…` for an image.
    pub id: String,
    /// The engine's address.
    pub url: String,
}

/// Longest name of an image or container.
const MAX_NAME: usize = 512;

/// Asks the engines that [`super::collect`] would ask for the image or container of this name or id. The first that
/// answers decides; in words why there is none.
pub async fn holder(options: &Options, name: &str, packed: Packed) -> Result<Result<Holder, String>, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME || name.contains("..") || !name.bytes().all(plain) {
        return Ok(Err("no engine has anything of that name".into()));
    }
    let mut failures = Vec::new();
    for endpoint in endpoint::candidates(options.engine.as_deref(), &options.environment)? {
        let answer = async {
            let client = EngineClient::new(&endpoint, options.request_timeout, options.max_answer)?;
            let (folder, what) = match packed {
                Packed::Image => ("images", "image"),
                Packed::Container => ("containers", "container"),
            };
            let base = format!("/{folder}/{name}");
            let value = client.get_one(&format!("{base}/json")).await;
            match value {
                Ok(value) => match value.get("Id").and_then(|id| id.as_str()) {
                    Some(id) => {
                        let (id, url) = (id.to_owned(), endpoint.url.clone());
                        Ok(Ok(Holder { client, base, packed, id, url }))
                    }
                    None => Err(ClientError::Garbage("it names no id".into())),
                },
                Err(error) if error.is_gone() => Ok(Err(format!("the engine at {} has no such {what}", endpoint.url))),
                Err(error) => Err(error),
            }
        };
        match answer.await {
            Ok(found) => return Ok(found),
            Err(error) => failures.push(format!("the engine at {}: {error}", endpoint.url)),
        }
    }
    Ok(Err(if failures.is_empty() { "no engine answers here".into() } else { failures.join("; ") }))
}

impl Holder {
    /// Has it packed up, and writes it to `out`, at most `bound` bytes. Ends where the engine is silent for too long.
    ///
    /// # Errors
    /// In words what the engine or the writing failed at.
    pub async fn pack(&self, out: &mut (dyn Write + Send), bound: u64) -> Result<u64, String> {
        let verb = if self.packed == Packed::Image { "get" } else { "export" };
        let mut response =
            self.client.stream(&format!("{}/{verb}", self.base)).await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("it refused with {}", response.status()));
        }
        let mut count = 0_u64;
        while let Some(chunk) = self.client.chunk(&mut response).await.map_err(|error| error.to_string())? {
            count = count.saturating_add(chunk.len() as u64);
            if count > bound {
                return Err(format!("it has more than {bound} bytes"));
            }
            out.write_all(&chunk).map_err(|error| format!("it cannot be put down: {error}"))?;
        }
        Ok(count)
    }
}
