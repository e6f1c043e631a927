//! The key that signs generations: Ed25519, in a file that its owner alone may read, sealed with a passphrase where there is one.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::num::NonZeroU32;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{Error, hex};

/// See the module.
#[derive(Debug)]
pub struct Key {
    pair: Ed25519KeyPair,
}

const FORM: &str = "keelguard-key-1";
/// What OWASP asks of PBKDF2 with SHA-256.
const ROUNDS: u32 = 600_000;
/// Nobody waits longer than this for a passphrase to be tried.
const MOST_ROUNDS: u32 = 10_000_000;
/// The longest file that can be a key.
const LONGEST: u64 = 4096;

impl Key {
    /// Makes a new key and keeps it in `path`, which must not exist.
    pub fn make(path: &Path, passphrase: Option<&str>) -> Result<Self, Error> {
        let wrong = |why: &str| Error::Key { path: path.to_path_buf(), why: why.to_owned() };
        let random = || wrong("the system has no random numbers to give");
        let mut bytes = [0u8; 32 + 16 + 12];
        SystemRandom::new().fill(&mut bytes).map_err(|_| random())?;
        let (seed, rest) = bytes.split_at(32);
        let (salt, nonce) = rest.split_at(16);
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| random())?;
        let text = match passphrase {
            None => format!("{FORM}\nplain {}\n", hex::encode(seed)),
            Some(passphrase) => {
                let key = sealing(passphrase, salt, ROUNDS).ok_or_else(random)?;
                let mut sealed = seed.to_vec();
                let nonce_of = Nonce::try_assume_unique_for_key(nonce).map_err(|_| random())?;
                key.seal_in_place_append_tag(nonce_of, Aad::empty(), &mut sealed).map_err(|_| random())?;
                format!(
                    "{FORM}\nsealed {ROUNDS} {} {} {}\n",
                    hex::encode(salt),
                    hex::encode(nonce),
                    hex::encode(&sealed)
                )
            }
        };
        let failed = || Error::system("write the key", path);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed())?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // Half a key is none, and would be in the way.
            let _ = std::fs::remove_file(path);
            return Err(failed()(error));
        }
        Ok(Self { pair })
    }

    /// Reads a key. One that others may read is refused.
    pub fn open(path: &Path, passphrase: Option<&str>) -> Result<Self, Error> {
        let failed = || Error::system("read the key", path);
        let wrong = |why: String| Error::Key { path: path.to_path_buf(), why };
        let file = File::open(path).map_err(failed())?;
        let meta = file.metadata().map_err(failed())?;
        if meta.is_file() && meta.mode() & 0o077 != 0 {
            return Err(wrong(format!("others may read it, too; chmod 600 {}", path.display())));
        }
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(failed())?;
        Self::parse(&text, passphrase).map_err(wrong)
    }

    /// Whether the key in this text asks for a passphrase.
    pub fn is_sealed(text: &str) -> bool {
        text.lines().nth(1).is_some_and(|line| line.starts_with("sealed "))
    }

    pub(super) fn parse(text: &str, passphrase: Option<&str>) -> Result<Self, String> {
        let no_key = || "it is no key of keelguard".to_owned();
        let mut lines = text.lines();
        if lines.next() != Some(FORM) {
            return Err(no_key());
        }
        let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let seed = match words.as_slice() {
            ["plain", seed] => hex::decode(seed).ok_or_else(no_key)?,
            ["sealed", rounds, salt, nonce, sealed] => {
                let rounds: u32 = rounds.parse().ok().filter(|rounds| *rounds <= MOST_ROUNDS).ok_or_else(no_key)?;
                let parts = (hex::decode(salt), hex::decode(nonce), hex::decode(sealed));
                let (Some(salt), Some(nonce), Some(mut sealed)) = parts else { return Err(no_key()) };
                let Some(passphrase) = passphrase else {
                    return Err("it has a passphrase; name a file that holds it with --passphrase-file".to_owned());
                };
                let key = sealing(passphrase, &salt, rounds).ok_or_else(no_key)?;
                let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| no_key())?;
                let seed = key.open_in_place(nonce, Aad::empty(), &mut sealed);
                seed.map_err(|_| "the passphrase is another one".to_owned())?.to_vec()
            }
            _ => return Err(no_key()),
        };
        Ok(Self { pair: Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| no_key())? })
    }

    /// The public key: 64 hexadecimal digits.
    pub fn public(&self) -> String {
        hex::encode(self.pair.public_key().as_ref())
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }
}

/// Whether the owner of the public key has signed this.
pub(super) fn has_signed(public: &str, bytes: &[u8], signature: &[u8]) -> bool {
    hex::decode(public).is_some_and(|key| UnparsedPublicKey::new(&ED25519, key).verify(bytes, signature).is_ok())
}

fn sealing(passphrase: &str, salt: &[u8], rounds: u32) -> Option<LessSafeKey> {
    let mut key = [0u8; 32];
    derive(PBKDF2_HMAC_SHA256, NonZeroU32::new(rounds)?, salt, passphrase.as_bytes(), &mut key);
    Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).ok()?))
}

/// Whether `file` lies, or would lie, in `tree`, on the filesystem of the tree: whoever may write there may then read or replace
/// both what is hashed and what vouches for it.
pub fn is_within(file: &Path, tree: &Path) -> bool {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (Ok(folder), Ok(tree)) = (folder.canonicalize(), tree.canonicalize()) else { return false };
    let place = file.file_name().map_or_else(|| folder.clone(), |name| folder.join(name));
    let place = place.canonicalize().unwrap_or(place);
    let device = |path: &Path| std::fs::metadata(path).map(|meta| meta.dev()).ok();
    let above = place.parent().unwrap_or(&folder);
    place.starts_with(&tree) && (device(above) == device(&tree) || !tree.is_dir())
}
