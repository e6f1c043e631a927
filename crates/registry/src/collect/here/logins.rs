//! Files with logins: what `docker login`, `podman login` and their like keep for each user, and what of it was left in volumes.
//! Names of registries are kept, and which kind of secret there is; nothing else.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use keelguard_distribution::credentials::Login;
use keelguard_distribution::logins::{Auth, Logins, MAX_FILE};
use keelguard_host::Facts;
use keelguard_host::facts::Volume;
use keelguard_model::registry::LoginFile;
use keelguard_model::text::printable;
use keelguard_model::{Area, Incomplete};

use super::{Here, files};

/// Registries that are kept of one file.
const MAX_LOGINS: usize = 100;
/// Homes, and volumes, that are looked at.
const MAX_HOLDERS: usize = 500;

/// Below a home.
const IN_HOME: &[&str] = &[
    ".docker/config.json",
    ".dockercfg",
    ".config/containers/auth.json",
    ".config/docker/config.json",
    "snap/docker/current/.docker/config.json",
];

/// Of the whole machine; `UID` is that of a user.
const OF_USER: &[&str] = &["run/user/UID/containers/auth.json", "run/containers/UID/auth.json"];
const OF_HOST: &[&str] = &[
    "var/lib/kubelet/config.json",
    "var/lib/kubelet/.dockercfg",
    "etc/containers/auth.json",
    "etc/docker/config.json",
];

/// Below a volume, whose root may be any folder of a container.
const IN_VOLUME: &[&str] = &[
    "config.json",
    "auth.json",
    ".dockercfg",
    ".dockerconfigjson",
    ".docker/config.json",
    "root/.docker/config.json",
    "containers/auth.json",
    ".config/containers/auth.json",
];

/// A user of this host.
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) home: PathBuf,
}

/// Root and ordinary users, whoever else has a folder below `/home`, and whoever runs this.
pub(super) fn users(here: &Here) -> Vec<User> {
    let text =
        files::read(&here.root, Path::new("etc/passwd"), 4 << 20).map(|content| content.text()).unwrap_or_default();
    let parse = |line: &str| {
        let mut fields = line.split(':');
        let (name, uid, home) = (fields.next()?, fields.nth(1)?.parse().ok()?, fields.nth(2)?);
        Some(User { name: name.to_owned(), uid, home: home.into() })
    };
    let is_person = |user: &User| user.uid == 0 || (1000..65_534).contains(&user.uid);
    let mut users: Vec<User> = text.lines().filter_map(parse).filter(is_person).collect();
    let unlisted = files::names(&here.root, Path::new("home")).into_iter().map(|name| Path::new("/home").join(name));
    let own = here.home.iter().cloned();
    for home in unlisted.chain(own).chain([PathBuf::from("/root")]) {
        if !users.iter().any(|user| user.home == home) {
            let name = home.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            users.push(User { name, uid: u32::MAX, home });
        }
    }
    users.truncate(MAX_HOLDERS);
    users
}

/// All of them on this host.
pub(super) fn collect(here: &Here, facts: &Facts, gaps: &mut Vec<Incomplete>) -> Vec<LoginFile> {
    let mut found: Vec<LoginFile> = Vec::new();
    let mut denied = Vec::new();
    let mut look =
        |root: &Path, path: PathBuf, shown: PathBuf, holder: &str| match one(here, root, &path, &shown, holder) {
            Ok(Some(file)) if !found.iter().any(|known| known.path == file.path) => found.push(file),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => denied.push(shown.display().to_string()),
            Err(error) => {
                gaps.push(Incomplete::new(Area::Iam, format!("logins in {}", shown.display()), error.to_string()));
            }
        };
    for user in users(here) {
        let holder = format!("user {}", user.name);
        for name in IN_HOME {
            let path = user.home.join(name);
            look(&here.root, path.clone(), path, &holder);
        }
        for pattern in OF_USER.iter().filter(|_| user.uid != u32::MAX) {
            let path = Path::new("/").join(pattern.replace("UID", &user.uid.to_string()));
            look(&here.root, path.clone(), path, &holder);
        }
    }
    for name in OF_HOST {
        let path = Path::new("/").join(name);
        look(&here.root, path.clone(), path, "this host");
    }
    for path in &here.named {
        look(Path::new("/"), path.clone(), path.clone(), "whoever runs this");
    }
    if facts.engine_is_local()
        && let Some(engine) = &facts.engine
    {
        for volume in engine.volumes.iter().filter(|volume| is_folder(volume)).take(MAX_HOLDERS) {
            let holder = format!("volume {}", volume.name);
            let root = here.below(&volume.mountpoint);
            for name in in_volume(&root) {
                look(&root, name.clone(), Path::new(&volume.mountpoint).join(name), &holder);
            }
        }
    }
    if !denied.is_empty() {
        denied.sort();
        let more = denied.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let what = format!("logins in {}{more}", denied.iter().take(3).cloned().collect::<Vec<_>>().join(", "));
        gaps.push(Incomplete::new(Area::Iam, what, "that needs root; run keelguard with sudo"));
    }
    found
}

fn is_folder(volume: &Volume) -> bool {
    volume.driver == "local" && volume.mountpoint.starts_with('/')
}

/// What may hold logins in a volume: at its root, and in homes one folder deeper.
fn in_volume(root: &Path) -> Vec<PathBuf> {
    let homes = files::names(root, Path::new(".")).into_iter().map(|name| name.join(".docker/config.json"));
    IN_VOLUME.iter().map(PathBuf::from).chain(homes).collect()
}

/// Which kind of secret a login is; none where there is none.
fn kind(auth: &Auth) -> Option<&'static str> {
    match auth.login()? {
        Login::Identity(_) => Some("identity token"),
        Login::Token(_) => Some("registry token"),
        Login::Password(_, password) if password.is_empty() => None,
        // What Amazon and Google give for a few hours.
        Login::Password(name, _) if matches!(name.as_str(), "AWS" | "oauth2accesstoken") => Some("short-lived token"),
        Login::Password(..) => Some("password"),
    }
}

/// What the file at `path` below `root` holds; none where it is not there or holds no logins.
fn one(here: &Here, root: &Path, path: &Path, shown: &Path, holder: &str) -> io::Result<Option<LoginFile>> {
    let content = match files::read(root, path, MAX_FILE) {
        Ok(content) => content,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let in_volume = holder.starts_with("volume ");
    let config = if path.file_name().is_some_and(|name| name == ".dockercfg") {
        Logins::parse_first_form(&content.bytes).unwrap_or_default()
    } else {
        match Logins::parse(&content.bytes) {
            Ok(config) => config,
            // A volume may hold any config.json.
            Err(_) if in_volume => return Ok(None),
            Err(why) => return Err(io::Error::other(why)),
        }
    };
    let kept = |name: &str| printable(name).into_owned();
    let logins: BTreeMap<String, String> = config
        .auths
        .iter()
        .filter_map(|(registry, auth)| Some((kept(registry), kind(auth)?.to_owned())))
        .take(MAX_LOGINS)
        .collect();
    let helpers: BTreeMap<String, String> =
        config.cred_helpers.iter().take(MAX_LOGINS).map(|(registry, helper)| (kept(registry), kept(helper))).collect();
    let store = Some(kept(&config.creds_store)).filter(|store| !store.is_empty());
    if logins.is_empty() && helpers.is_empty() && store.is_none() {
        return Ok(None);
    }
    let mut programs: Vec<String> = store.iter().chain(helpers.values()).cloned().collect();
    programs.sort();
    programs.dedup();
    programs.retain(|name| !in_volume && !here.has_helper(name));
    Ok(Some(LoginFile {
        path: shown.display().to_string(),
        holder: holder.to_owned(),
        mode: content.mode,
        uid: content.uid,
        closed_above: files::is_closed_above(root, path),
        logins,
        store,
        helpers,
        missing: programs,
    }))
}

/// Gives `bytes` to every parser: see [`crate::fuzzing`].
pub(super) fn every_parser(bytes: &[u8]) {
    for config in [Logins::parse(bytes), Logins::parse_first_form(bytes)].into_iter().flatten() {
        config.auths.values().filter_map(kind).for_each(drop);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use keelguard_host::sample;

    use super::*;

    fn write(root: &Path, path: &str, text: &str, mode: u32) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn collected(root: &Path, facts: &Facts) -> (Vec<LoginFile>, Vec<Incomplete>) {
        let here = Here { root: root.to_path_buf(), home: None, named: Vec::new(), path: Vec::new() };
        let mut gaps = Vec::new();
        let found = collect(&here, facts, &mut gaps);
        (found, gaps)
    }

    #[test]
    fn logins_of_every_user_are_found_with_their_kind_and_without_their_secret() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(
            root,
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\nd:x:2:2::/usr:/x\n",
            0o644,
        );
        // `bot:hunter2`, and `AWS:x`.
        let config = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "Ym90Omh1bnRlcjI="}, "1.dkr.ecr.x.amazonaws.com": {"auth": "QVdTOng="},
            "az.example": {"auth": "bWU6", "identitytoken": "t0ken"}, "kept.example": {}}, "credHelpers": {"gcr.io": "gcloud", "x.example": "pass"}}"#;
        write(root, "root/.docker/config.json", config, 0o644);
        write(root, "usr/bin/docker-credential-pass", "", 0o755);
        write(root, "home/other/.dockercfg", r#"{"old.example": {"auth": "Ym90Omh1bnRlcjI="}}"#, 0o600);
        write(root, "run/containers/1000/auth.json", r#"{"auths": {"quay.io": {"auth": "Ym90Omh1bnRlcjI="}}}"#, 0o600);
        write(root, "usr/.docker/config.json", config, 0o644);
        let (found, gaps) = collected(root, &Facts::empty());
        assert_eq!(gaps, []);
        let paths: Vec<_> = found.iter().map(|file| (file.path.as_str(), file.holder.as_str())).collect();
        assert_eq!(
            paths,
            [
                ("/root/.docker/config.json", "user root"),
                ("/run/containers/1000/auth.json", "user me"),
                ("/home/other/.dockercfg", "user other")
            ]
        );
        let kinds: Vec<_> = found[0].logins.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("1.dkr.ecr.x.amazonaws.com", "short-lived token"),
                ("az.example", "identity token"),
                ("https://index.docker.io/v1/", "password")
            ]
        );
        assert_eq!((found[0].mode, found[0].missing.as_slice()), (0o644, &["gcloud".to_owned()][..]));
        let said = serde_json::to_string(&found).unwrap();
        assert!(!said.contains("hunter2") && !said.contains("Ym90") && !said.contains("t0ken"));
    }

    #[test]
    fn logins_left_in_a_volume_are_found_and_another_config_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let login = r#"{"auths": {"shop.example": {"auth": "Ym90Omh1bnRlcjI="}}}"#;
        write(root, "v/builds/_data/jenkins/.docker/config.json", login, 0o600);
        write(root, "v/app/_data/config.json", "# no JSON", 0o644);
        write(root, "v/json/_data/config.json", r#"{"port": 80, "auths": 7}"#, 0o644);
        let volume = |name: &str| Volume {
            name: name.into(),
            driver: "local".into(),
            mountpoint: format!("/v/{name}/_data"),
            ..Volume::default()
        };
        let facts = sample::host()
            .with(|facts| {
                let volumes = ["builds", "app", "json", "gone"].map(volume).to_vec();
                facts.engine.as_mut().unwrap().volumes = volumes;
            })
            .facts();
        let (found, gaps) = collected(root, &facts);
        let shown: Vec<_> = found.iter().map(|file| (file.path.as_str(), file.holder.as_str())).collect();
        assert_eq!(shown, [("/v/builds/_data/jenkins/.docker/config.json", "volume builds")]);
        assert_eq!(gaps, []);
    }

    #[test]
    fn a_file_that_is_broken_or_large_is_a_gap_that_shows_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "root/.docker/config.json", "{\"auths\": hunter2", 0o600);
        write(folder.path(), "home/me/.docker/config.json", &" ".repeat(2 << 20), 0o600);
        let (found, gaps) = collected(folder.path(), &Facts::empty());
        assert_eq!((found.len(), gaps.len()), (0, 2));
        assert!(gaps.iter().all(|gap| !gap.why.contains("hunter2")), "{gaps:?}");
    }
}
