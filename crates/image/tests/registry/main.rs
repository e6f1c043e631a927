//! Images of registries: an honest one shows what the same image shows as a folder, and a hostile one gets nowhere.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]
#![allow(clippy::format_push_string, reason = "headers are short")]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]

mod hostile;
mod logins;
#[path = "../made/mod.rs"]
mod made;
mod server;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keelguard_image::cache::Cache;
use keelguard_image::source::registry::{self, Access};
use keelguard_image::source::{Image, Options, SourceError};
use keelguard_image::{Examined, Limits, examine};
use made::{by_layer, digest, dpkg, gzip, layer, looked_at, oci_folder, oci_parts, packages, tree, zstd};
use server::{Answer, Request, Server, nobody};

/// Asks as a user does, but without patience, and with no logins.
fn access() -> Access {
    Access {
        credentials: Vec::new(),
        certificates: PathBuf::from("/nonexistent"),
        silence: Duration::from_secs(20),
        retries: 2,
        pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        ..Access::default()
    }
}

fn opened(name: &str, access: &Access) -> Result<Image, SourceError> {
    registry::open(&name.parse().unwrap(), access, &Options::default())
}

/// Why an image could not be opened.
fn refused(name: &str, access: &Access) -> String {
    opened(name, access).err().map_or_else(|| panic!("{name} was opened"), |error| error.to_string())
}

fn examined(name: &str, access: &Access) -> Examined {
    examine(&opened(name, access).unwrap(), None, &Limits::default())
}

/// What could not be looked at, in one text.
fn gaps(examined: &Examined) -> String {
    examined.incomplete.iter().map(|gap| format!("{}: {}\n", gap.what, gap.why)).collect()
}

/// An image in a registry: paths and what lies there.
#[derive(Clone)]
struct Content {
    parts: Arc<BTreeMap<String, Vec<u8>>>,
    layers: Vec<String>,
    manifest: String,
}

impl Content {
    /// `web:1`, of these layers.
    fn of(layers: &[Vec<u8>]) -> Self {
        let parts = oci_parts(layers);
        let index: serde_json::Value = serde_json::from_slice(&parts["index.json"]).unwrap();
        let manifest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
        let mut served = BTreeMap::new();
        for (name, bytes) in parts {
            if let Some(digits) = name.strip_prefix("blobs/sha256/") {
                let kind = if manifest.ends_with(digits) { "manifests" } else { "blobs" };
                served.insert(format!("/v2/web/{kind}/sha256:{digits}"), bytes);
            }
        }
        served.insert("/v2/web/manifests/1".into(), served[&format!("/v2/web/manifests/{manifest}")].clone());
        served.insert("/v2/".into(), b"{}".to_vec());
        let layers = layers.iter().map(|layer| format!("/v2/web/blobs/sha256:{}", digest(layer))).collect();
        Self { parts: Arc::new(served), layers, manifest }
    }

    /// What an honest registry answers, ranges included.
    fn answer(&self, request: &Request) -> Answer {
        let Some(bytes) = self.parts.get(&request.path) else {
            return Answer::of(404, r#"{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}"#);
        };
        match request.from() {
            0 => Answer::of(200, bytes.clone()),
            from => {
                let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
                Answer::of(206, &bytes[from..]).with("Content-Range", range)
            }
        }
    }

    fn honest(self) -> Server {
        Server::plain(move |request| self.answer(request))
    }
}

fn two_layers() -> Vec<Vec<u8>> {
    let upper = vec![("var/lib/dpkg/status".to_owned(), made::Node::File(dpkg(&[("alpha", "1.1-1")])))];
    vec![gzip(&layer(&tree(usize::MAX))), zstd(&layer(&upper))]
}

#[test]
fn an_image_shows_the_same_packages_as_in_a_layout() {
    let folder = tempfile::tempdir().unwrap();
    oci_folder(&two_layers(), folder.path());
    let layout = looked_at(&format!("oci:{}", folder.path().display()));
    let content = Content::of(&two_layers());
    let manifest = content.manifest.clone();
    let server = content.honest();
    for name in [server.image("web:1"), server.image(&format!("web@{manifest}"))] {
        let found = examined(&name, &access());
        assert_eq!(found.incomplete, [], "{name}");
        assert_eq!((packages(&found), by_layer(&found)), (packages(&layout), by_layer(&layout)), "{name}");
        assert_eq!(found.target.kind, "registry");
        assert_eq!(found.target.reference.as_deref(), Some(&*name));
        assert_eq!(found.target.digest.as_deref(), Some(&*manifest));
        let layers = |examined: &Examined| {
            let layers = examined.target.layers.iter();
            layers.map(|one| (one.digest.clone(), one.diff_id.clone(), one.size)).collect::<Vec<_>>()
        };
        assert_eq!(layers(&found), layers(&layout));
    }
}

#[test]
fn layers_of_an_image_that_is_known_are_not_fetched() {
    let content = Content::of(&two_layers());
    let (layers, server) = (content.layers.clone(), content.honest());
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().into(), 1 << 20);
    let look = || examine(&opened(&server.image("web:1"), &access()).unwrap(), Some(&cache), &Limits::default());
    let fetched = || layers.iter().map(|layer| server.asked(layer).len()).collect::<Vec<_>>();
    let first = look();
    assert_eq!(fetched(), [1, 1]);
    assert_eq!(packages(&look()), packages(&first));
    assert_eq!(fetched(), [1, 1], "the second look knows the image by its digest");
}

#[test]
fn a_layer_that_is_known_from_another_image_is_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().into(), 1 << 20);
    let look = |server: &Server| {
        let found = examine(&opened(&server.image("web:1"), &access()).unwrap(), Some(&cache), &Limits::default());
        assert_eq!(found.incomplete, []);
        found
    };
    let base = Content::of(&two_layers()[..1]).honest();
    look(&base);
    let content = Content::of(&two_layers());
    let (layers, server) = (content.layers.clone(), content.honest());
    let with_cache = look(&server);
    let fetched: Vec<usize> = layers.iter().map(|layer| server.asked(layer).len()).collect();
    assert_eq!(fetched, [0, 1]);
    assert_eq!(by_layer(&with_cache), by_layer(&examined(&server.image("web:1"), &access())));
}

#[test]
fn of_several_platforms_the_one_that_was_asked_for_is_opened() {
    let (arm, amd) = (Content::of(&two_layers()), Content::of(&two_layers()[..1]));
    let index = serde_json::json!({"schemaVersion": 2, "manifests": [
        {"digest": amd.manifest, "size": 1, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": arm.manifest, "size": 1, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
    ]});
    let (first, second) = (arm.clone(), amd.clone());
    let server = Server::plain(move |request| match request.path.as_str() {
        "/v2/web/manifests/many" => Answer::of(200, index.to_string()),
        path if first.parts.contains_key(path) => first.answer(request),
        _ => second.answer(request),
    });
    let open = |platform: &str| {
        let options = Options { platform: platform.parse().unwrap(), ..Options::default() };
        registry::open(&server.image("web:many").parse().unwrap(), &access(), &options)
    };
    assert_eq!(open("linux/arm64").unwrap().target.digest, Some(arm.manifest));
    assert_eq!(open("amd64").unwrap().target.digest, Some(amd.manifest));
    let error = open("linux/s390x").err().unwrap().to_string();
    assert!(error.contains("there are linux/amd64, linux/arm64/v8"), "{error}");
}

#[test]
fn mirrors_are_asked_first_and_for_dockers_hub_alone() {
    let hub = |content: Content| {
        Server::plain(move |request| {
            content.answer(&Request { path: request.path.replace("/library/web/", "/web/"), ..request.clone() })
        })
    };
    let mirror = hub(Content::of(&two_layers()));
    let broken = Server::plain(|_| Answer::of(500, ""));
    let addresses = [nobody(), broken.address, mirror.address];
    let mirrors = addresses.iter().map(|address| format!("http://{address}")).collect();
    let access = Access { mirrors, ..access() };
    let found = examined("web:1", &access);
    assert_eq!(found.incomplete, []);
    assert_eq!(found.target.reference.as_deref(), Some("web:1"));
    assert_eq!(broken.asked("/v2/library/web/manifests/1").len(), 3, "once, and two times more");
    let asked = mirror.log().len();
    let other = Content::of(&two_layers()).honest();
    assert!(opened(&other.image("web:1"), &access).is_ok());
    assert_eq!(mirror.log().len(), asked);
    let wrong = Access { mirrors: vec!["mirror.example".into()], ..access };
    assert!(refused("web:1", &wrong).contains("is no address such as"));
}

#[test]
fn layers_that_a_mirror_does_not_have_come_from_the_next_place() {
    let content = Content::of(&two_layers());
    let all = content.clone();
    let path = |request: &Request| request.path.replace("/library/web/", "/web/");
    let layers = content.layers.clone();
    let poor = Server::plain(move |request| {
        let path = path(request);
        if layers.contains(&path) { Answer::of(404, "") } else { content.answer(&Request { path, ..request.clone() }) }
    });
    let rich = Server::plain(move |request| all.answer(&Request { path: path(request), ..request.clone() }));
    let mirrors = [poor.address, rich.address].map(|address| format!("http://{address}")).to_vec();
    let found = examined("web:1", &Access { mirrors, ..access() });
    assert_eq!(gaps(&found), "");
    assert_eq!(rich.log().len(), 2, "the layers alone");
}

#[test]
fn what_is_not_there_is_said_so() {
    let server = Content::of(&two_layers()).honest();
    let error = refused(&server.image("web:2"), &access());
    assert_eq!(error, format!("find {0}/web:2: {0}: there is no such thing: manifest unknown", server.address));
    assert_eq!(server.asked("/manifests/2").len(), 1, "that would not change");
    let error = refused(&format!("{}/web:1", nobody()), &access());
    assert!(error.contains("refused"), "{error}");
}
