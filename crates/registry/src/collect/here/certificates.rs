//! Folders of certificates, one a registry: `/etc/docker/certs.d/HOST:PORT` and their like.

use std::path::{Path, PathBuf};

use keelguard_model::registry::{CertificateFile, CertificateFolder};
use keelguard_model::text::printable;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::super::certificate;
use super::{Here, files, logins};

/// Larger files hold something else.
const MAX_FILE: u64 = 1 << 20;

const FOLDERS: &[&str] = &["/etc/docker/certs.d", "/etc/containers/certs.d"];
const IN_HOME: &[&str] = &[".config/docker/certs.d", ".config/containers/certs.d"];

pub(super) fn collect(here: &Here) -> Vec<CertificateFolder> {
    let homes = logins::users(here);
    let own = homes.iter().flat_map(|user| IN_HOME.iter().map(|name| user.home.join(name)));
    let folders = FOLDERS.iter().map(PathBuf::from).chain(own);
    folders.flat_map(|folder| of_registries(here, &folder)).collect()
}

fn of_registries(here: &Here, folder: &Path) -> Vec<CertificateFolder> {
    let of_one = |name: PathBuf| {
        let path = folder.join(&name);
        let files: Vec<CertificateFile> =
            files::names(&here.root, &path).into_iter().filter_map(|file| one(here, &path.join(file))).collect();
        (!files.is_empty()).then(|| CertificateFolder {
            path: path.display().to_string(),
            registry: printable(&name.to_string_lossy()).into_owned(),
            files,
        })
    };
    files::names(&here.root, folder).into_iter().filter_map(of_one).collect()
}

fn one(here: &Here, path: &Path) -> Option<CertificateFile> {
    let ending = path.extension()?.to_str()?;
    if !matches!(ending, "crt" | "cert" | "key" | "pem") {
        return None;
    }
    let content = files::read(&here.root, path, MAX_FILE).ok()?;
    // Of a key nothing is read but its permissions.
    let certificate = if ending == "key" { None } else { CertificateDer::from_pem_slice(&content.bytes).ok() };
    let not_after = certificate.and_then(|der| certificate::read(&der)).map(|found| found.not_after);
    let name = path.file_name()?.to_string_lossy();
    Some(CertificateFile { name: printable(&name).into_owned(), mode: content.mode, uid: content.uid, not_after })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn keys_and_authorities_are_found_with_who_may_read_them() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("etc/docker/certs.d/registry.example:5000");
        std::fs::create_dir_all(&own).unwrap();
        for (name, mode) in [("ca.crt", 0o666), ("client.key", 0o644), ("notes.txt", 0o644)] {
            std::fs::write(own.join(name), "-----BEGIN NOTHING-----").unwrap();
            std::fs::set_permissions(own.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let here = Here { root: folder.path().into(), home: None, named: Vec::new(), path: Vec::new() };
        let found = collect(&here);
        assert_eq!((found.len(), found[0].registry.as_str()), (1, "registry.example:5000"));
        let files: Vec<_> = found[0].files.iter().map(|file| (file.name.as_str(), file.mode)).collect();
        assert_eq!(files, [("ca.crt", 0o666), ("client.key", 0o644)]);
    }
}
