//! Which files of an image are odd by their name and mode alone.

use super::inventory::Oddity;
use crate::source::{Entry, EntryKind};

/// Where the runtime mounts or masks: a symbolic link there leads its mounts astray.
const MOUNTED: &[&str] =
    &["dev", "proc", "sys", "dev/null", "dev/pts", "dev/shm", "dev/mqueue", "dev/console", "dev/ptmx"];

/// Folders in which package managers leave what they downloaded, and files in them that mean nothing.
const CACHES: &[(&str, &[&str])] = &[
    ("var/cache/apt/archives/", &["lock", "partial"]),
    ("var/lib/apt/lists/", &["lock", "partial", "auxfiles"]),
    ("var/cache/apk/", &[]),
    ("etc/apk/cache/", &[]),
    ("var/cache/yum/", &[]),
    ("var/cache/dnf/", &[]),
    ("var/cache/zypp/packages/", &[]),
    ("var/cache/pacman/pkg/", &[]),
    ("root/.cache/pip/", &[]),
    ("root/.npm/_cacache/", &[]),
    ("usr/local/share/.cache/yarn/", &[]),
    ("root/.cache/composer/", &[]),
];

/// Names of files that hold credentials and nothing else.
const CREDENTIALS: &[&str] =
    &["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".git-credentials", ".netrc", ".pypirc", ".dockercfg"];

/// Ends of paths of files that hold credentials.
const CREDENTIAL_PATHS: &[&str] =
    &[".aws/credentials", ".docker/config.json", "containers/auth.json", ".kube/config", ".azure/accessTokens.json"];

/// What is odd about an entry.
pub(super) fn oddity(entry: &Entry<'_>) -> Option<Oddity> {
    match entry.kind {
        EntryKind::Symlink(target) if MOUNTED.contains(&entry.path) => {
            // `/dev/fd` and its like are what systems put there themselves.
            let usual = target.starts_with("/proc/self/") || target == "pts/ptmx";
            (!usual).then_some(Oddity::LinkTrap)
        }
        EntryKind::File => {
            if entry.mode & 0o6000 != 0 && entry.mode & 0o111 != 0 {
                return Some(Oddity::Setuid);
            }
            if is_cache(entry.path) {
                return Some(Oddity::PackageCache);
            }
            if is_credential(entry.path) && entry.size > 0 {
                return Some(Oddity::Credentials);
            }
            (entry.mode & 0o002 != 0).then_some(Oddity::WorldWritable)
        }
        EntryKind::Folder => (entry.mode & 0o1002 == 0o002).then_some(Oddity::WorldWritable),
        _ => None,
    }
}

fn is_cache(path: &str) -> bool {
    // Nearly every path is out with its first letters.
    CACHES.iter().any(|(folder, harmless)| {
        path.strip_prefix(folder).is_some_and(|rest| !harmless.contains(&rest.split('/').next().unwrap_or_default()))
    })
}

fn is_credential(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CREDENTIALS.contains(&name)
        || CREDENTIAL_PATHS
            .iter()
            .any(|end| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/')))
}
