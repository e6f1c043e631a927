//! Registries that stall, lie, cut off and send elsewhere.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use keelguard_image::source::registry::Access;

use super::made::{by_layer, digest, gzip, layer, tree};
use super::server::{Answer, End, Pki, Server, was_visited};
use super::{Content, access, examined, gaps, opened, refused, two_layers};

/// Bytes that do not compress, so that a layer has a size worth cutting.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    (0..length).map(|_| next()).collect()
}

/// A layer of some three megabytes, compressed.
fn large() -> Vec<u8> {
    let mut files = tree(usize::MAX);
    files.push(("noise".into(), super::made::Node::File(noise(3 << 20))));
    gzip(&layer(&files))
}

fn impatient() -> Access {
    Access { silence: Duration::from_millis(200), retries: 1, ..access() }
}

#[test]
fn a_registry_that_stalls_is_given_up_and_said_to_stall() {
    let begun = Instant::now();
    let silent = Server::plain(|_| Answer::of(200, "{").saying(100).ending(End::Stall));
    assert!(refused(&silent.image("web:1"), &impatient()).contains("it stalls"), "a document");
    let content = Content::of(&[large(), two_layers().remove(1)]);
    let (stalled, other) = (content.layers[0].clone(), content.layers[1].clone());
    let server = Server::plain(move |request| {
        let answer = content.answer(request);
        if request.path != stalled {
            return answer;
        }
        let length = answer.body.len();
        Answer { body: answer.body[..100].to_vec(), ..answer }.saying(length).ending(End::Stall)
    });
    let found = examined(&server.image("web:1"), &impatient());
    assert!(gaps(&found).contains("it stalls: next to nothing came for 0.2 s"), "{}", gaps(&found));
    assert_eq!(by_layer(&found), [("alpha 1.1-1".to_owned(), Some(1))], "the other layer is looked at");
    assert_eq!(server.asked(&other).len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_registry_that_gives_no_layer_is_not_asked_for_each_of_a_thousand() {
    let content = Content::of(&(0..40).map(|number| format!("layer {number}").into_bytes()).collect::<Vec<_>>());
    let layers = content.layers.clone();
    let server =
        Server::plain(
            move |request| {
                if layers.contains(&request.path) { Answer::of(503, "") } else { content.answer(request) }
            },
        );
    let found = examined(&server.image("web:1"), &access());
    assert_eq!(found.incomplete.len(), 40, "each of them is missed");
    assert!(gaps(&found).contains("it was not asked any more, after 3 layers"), "{}", gaps(&found));
    let asked = server.log().iter().filter(|request| request.path.contains("/blobs/")).count();
    assert!(asked < 40, "{asked}");
}

#[test]
fn a_layer_that_is_cut_off_is_gone_on_with() {
    let content = Content::of(&[large()]);
    let (path, whole) = (content.layers[0].clone(), content.parts[&content.layers[0]].len());
    let cut = path.clone();
    let server = Server::plain(move |request| {
        let answer = content.answer(request);
        if request.path != cut || request.before >= 4 {
            return answer;
        }
        let length = answer.body.len();
        Answer { body: answer.body[..(1 << 19).min(length)].to_vec(), ..answer }.saying(length)
    });
    // It is cut off more often than a registry that makes no headway would be forgiven.
    let found = examined(&server.image("web:1"), &Access { retries: 3, ..access() });
    assert_eq!(gaps(&found), "");
    let begun: Vec<usize> = server.asked(&path).iter().map(super::Request::from).collect();
    assert_eq!(begun.len(), 5);
    assert!(begun.windows(2).all(|pair| pair[0] < pair[1]), "{begun:?}");
    assert!(*begun.last().unwrap() < whole);
}

#[test]
fn a_layer_is_begun_anew_where_it_cannot_be_gone_on_with() {
    let content = Content::of(&[large()]);
    let (path, layers) = (content.layers[0].clone(), content.layers.clone());
    let server = Server::plain(move |request| {
        let anew = super::Request { headers: std::collections::BTreeMap::default(), ..request.clone() };
        let answer = content.answer(&anew);
        match (layers.contains(&request.path), request.before) {
            (true, 0) => Answer { body: answer.body[..1000].to_vec(), ..answer }.saying(answer.length.unwrap()),
            // A part, but not the one that was asked for.
            (true, 1) => Answer::of(206, &answer.body[1..]).with("Content-Range", "bytes 1-2/3"),
            _ => answer,
        }
    });
    let found = examined(&server.image("web:1"), &access());
    assert_eq!(gaps(&found), "");
    assert_eq!(server.asked(&path).len(), 3);
}

#[test]
fn a_registry_that_always_begins_anew_and_cuts_off_is_given_up() {
    let content = Content::of(&[large()]);
    let path = content.layers[0].clone();
    let cut = path.clone();
    let server = Server::plain(move |request| {
        let answer = content.answer(&super::Request { path: request.path.clone(), ..Default::default() });
        if request.path != cut {
            return answer;
        }
        let length = answer.body.len();
        Answer { body: answer.body[..2 << 20].to_vec(), ..answer }.saying(length)
    });
    let found = examined(&server.image("web:1"), &access());
    assert!(gaps(&found).contains("cut off"), "{}", gaps(&found));
    assert!(server.asked(&path).len() <= 6, "{}", server.asked(&path).len());
}

#[test]
fn content_that_is_not_what_its_digest_promises_is_not_trusted() {
    let content = Content::of(&two_layers());
    let (manifest, layers) = (content.manifest.clone(), content.layers.clone());
    let other = Content::of(&two_layers()[..1]);
    // Another manifest under the digest of the first.
    let name = format!("/v2/web/manifests/{manifest}");
    let (honest, swapped) = (content.clone(), other.parts["/v2/web/manifests/1"].clone());
    let server =
        Server::plain(
            move |request| {
                if request.path == name { Answer::of(200, swapped.clone()) } else { honest.answer(request) }
            },
        );
    let error = refused(&server.image(&format!("web@{manifest}")), &access());
    assert!(error.contains("its manifest cannot be trusted") && error.contains(&manifest), "{error}");
    // Another configuration, and another layer, of the right length.
    let config: serde_json::Value = serde_json::from_slice(&content.parts["/v2/web/manifests/1"]).unwrap();
    let config = format!("/v2/web/blobs/{}", config["config"]["digest"].as_str().unwrap());
    for (path, sentence) in [(config, "its configuration cannot be trusted"), (layers[0].clone(), "trust the layer")] {
        let (honest, swapped) = (content.clone(), path.clone());
        let server = Server::plain(move |request| {
            let mut answer = honest.answer(request);
            if request.path == swapped {
                *answer.body.last_mut().unwrap() ^= 1;
            }
            answer
        });
        let said = match opened(&server.image("web:1"), &access()) {
            Err(error) => error.to_string(),
            Ok(image) => gaps(&keelguard_image::examine(&image, None, &keelguard_image::Limits::default())),
        };
        assert!(said.contains(sentence), "{path}: {said}");
    }
    // A server that contradicts itself.
    let server = Server::plain(move |request| {
        content.answer(request).with("Docker-Content-Digest", format!("sha256:{}", digest(b"")))
    });
    assert!(refused(&server.image("web:1"), &access()).contains("its manifest cannot be trusted"));
}

/// What is made of an honest answer, and of its length.
type Lie = fn(Answer, usize) -> Answer;

#[test]
fn lengths_that_are_lies_and_bodies_without_end_are_refused() {
    let content = Content::of(&[large()]);
    let length = content.parts[&content.layers[0]].len();
    let lies: [(&str, Lie); 4] = [
        ("or more, and the manifest promises", |answer, length| answer.saying(length + 1)),
        ("or more, and the manifest promises", |answer, length| answer.saying(length - 1)),
        ("or more, and the manifest promises", |answer, _| Answer { length: None, ..answer }.ending(End::Endless)),
        ("it was cut off", |answer, _| Answer { length: None, body: answer.body[..9].to_vec(), ..answer }),
    ];
    for (index, (sentence, lie)) in lies.into_iter().enumerate() {
        let content = content.clone();
        let server = Server::plain(move |request| {
            let answer = content.answer(&super::Request { path: request.path.clone(), ..Default::default() });
            if request.path == content.layers[0] { lie(answer, length) } else { answer }
        });
        let found = examined(&server.image("web:1"), &access());
        assert!(gaps(&found).contains(sentence), "lie {index}: {}", gaps(&found));
        assert_eq!(found.packages, []);
    }
}

#[test]
fn documents_are_bounded_whatever_length_they_promise() {
    let giant = Server::plain(|_| Answer::of(200, "x").saying(1 << 40));
    assert!(refused(&giant.image("web:1"), &access()).contains("is larger than 8388608 bytes"));
    let endless =
        Server::plain(|_| Answer { length: None, ..Answer::of(200, vec![b' '; 1 << 16]) }.ending(End::Endless));
    assert!(refused(&endless.image("web:1"), &access()).contains("is larger than 8388608 bytes"));
    let deep = Server::plain(|_| Answer::of(200, "[".repeat(1 << 20)));
    assert!(refused(&deep.image("web:1"), &access()).contains("it is no manifest"));
}

#[test]
fn no_more_is_fetched_than_is_allowed() {
    let content = Content::of(&[large()]);
    let (path, server) = (content.layers[0].clone(), content.honest());
    let found = examined(&server.image("web:1"), &Access { max_download: 1 << 20, ..access() });
    assert!(gaps(&found).contains("set max_download_bytes"), "{}", gaps(&found));
    assert!(server.asked(&path).is_empty());
}

#[test]
fn a_busy_registry_is_given_the_time_it_asks_for_and_no_more() {
    let content = Content::of(&two_layers());
    let server = Server::plain(move |request| match request.before {
        0 => Answer::of(429, "").with("Retry-After", "0"),
        1 => Answer::of(503, ""),
        _ => content.answer(request),
    });
    assert_eq!(gaps(&examined(&server.image("web:1"), &access())), "");
    let busy = Server::plain(|request| match request.path.as_str() {
        "/v2/" => Answer::of(200, ""),
        _ => Answer::of(429, r#"{"errors": [{"message": "slow\u001b[2J down"}]}"#).with("Retry-After", "3600"),
    });
    let error = refused(&busy.image("web:1"), &access());
    assert!(error.contains("wants fewer requests (429)") && error.contains("docker login"), "{error}");
    assert!(error.contains("to come back in 3600 s") && !error.contains('\u{1b}'), "{error}");
    assert_eq!(busy.asked("/manifests/1").len(), 1);
}

#[test]
fn nobody_is_sent_to_private_addresses_by_a_registry_that_is_elsewhere() {
    let content = Content::of(&two_layers());
    let layers = content.layers.clone();
    for target in
        ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[fd00::1]/", "http://0x0a000001/"]
    {
        let content = content.clone();
        let layer = layers[0].clone();
        let server =
            Server::plain(
                move |request| {
                    if request.path == layer { Answer::redirect(target) } else { content.answer(request) }
                },
            );
        let found = examined(&server.image("web:1"), &access());
        assert!(gaps(&found).contains("registry_allow_private"), "{target}: {}", gaps(&found));
        let all = Server::plain(move |_| Answer::redirect(target));
        assert!(refused(&all.image("web:1"), &access()).contains("registry_allow_private"), "{target}");
    }
}

#[test]
fn redirects_are_followed_for_a_while_and_never_out_of_encryption() {
    let content = Content::of(&two_layers());
    let storage = content.clone().honest();
    let (layers, address) = (content.layers.clone(), storage.address);
    let server = Server::plain(move |request| {
        if layers.contains(&request.path) {
            Answer::redirect(&format!("http://{address}{}", request.path))
        } else {
            content.answer(request)
        }
    });
    assert_eq!(gaps(&examined(&server.image("web:1"), &access())), "");
    let circle = Server::plain(|request| Answer::redirect(&request.path));
    assert!(refused(&circle.image("web:1"), &access()).contains("it redirects more than 5 times"));
    let odd = Server::plain(|_| Answer::redirect("file:///etc/passwd"));
    assert!(refused(&odd.image("web:1"), &access()).contains("no address of a registry"));

    let Some(pki) = Pki::new() else {
        eprintln!("skipped: openssl is not installed");
        return;
    };
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/", plain.local_addr().unwrap());
    let server = Server::encrypted(&pki, move |_| Answer::redirect(&target));
    let error = refused(&server.image("web:1"), &access());
    assert!(error.contains("without encryption, which is refused"), "{error}");
    assert!(!was_visited(&plain));
}

#[test]
fn a_certificate_counts_where_an_authority_is_named_for_it() {
    let (Some(pki), Some(other)) = (Pki::new(), Pki::new()) else {
        eprintln!("skipped: openssl is not installed");
        return;
    };
    let content = Content::of(&two_layers());
    let server = Server::encrypted(&pki, move |request| content.answer(request));
    let name = server.image("web:1");
    let by = |file: std::path::PathBuf| Access { ca_file: Some(file), ..access() };
    assert!(opened(&name, &by(pki.path("ca.pem"))).is_ok());
    let error = refused(&name, &by(other.path("ca.pem")));
    assert!(error.contains("its certificate is not trusted") && error.contains("--registry-ca-file"), "{error}");
    assert!(opened(&name, &access()).is_ok(), "on this machine none is asked for, as with docker");
    let insecure = vec![server.address.to_string()];
    assert!(opened(&name, &Access { insecure, ..by(other.path("ca.pem")) }).is_ok());
    // The folder that docker reads.
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join(server.address.to_string());
    std::fs::create_dir(&own).unwrap();
    let certificates = folder.path().to_path_buf();
    std::fs::copy(other.path("ca.pem"), own.join("ca.crt")).unwrap();
    assert!(refused(&name, &Access { certificates: certificates.clone(), ..access() }).contains("is not trusted"));
    std::fs::copy(pki.path("ca.pem"), own.join("ca.crt")).unwrap();
    assert!(opened(&name, &Access { certificates, ..access() }).is_ok());
}
