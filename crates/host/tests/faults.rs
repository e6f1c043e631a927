//! An engine that is broken, slow, dead or hostile costs a gap with a sentence, never the run, and never reads as clean.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may end in a panic, and says why it is skipped")]

mod common;

use common::{Connection, Fake, ID, facts, gap, healthy, reply, stall};

/// An engine that is healthy but for what `fault` answers itself.
fn but(fault: impl Fn(&str, &mut dyn Connection) -> bool + Send + Sync + 'static) -> Fake {
    Fake::start(move |path, stream| {
        if !fault(path, stream) {
            let (status, body) = healthy(path);
            reply(stream, status, &body);
        }
    })
}

fn raw(stream: &mut dyn Connection, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// Every way of not being an engine at all: no facts of it, and a gap that says which and why.
async fn is_no_engine(answer: impl Fn(&str, &mut dyn Connection) + Send + Sync + 'static, expected: &str) {
    let fake = Fake::start(answer);
    let facts = fake.facts().await;
    assert!(facts.engine.is_none());
    let why = gap(&facts, "the engine");
    assert!(why.contains("engine.sock (--engine)") && why.contains(expected), "{why}");
}

#[tokio::test]
async fn what_is_not_http_is_no_engine() {
    is_no_engine(|_, stream| raw(stream, b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "not what the engine's API describes").await;
}

#[tokio::test]
async fn what_is_no_json_or_of_other_types_is_no_engine() {
    is_no_engine(|_, stream| reply(stream, 200, "<html>\u{1b}[2J"), "not what the engine's API describes").await;
    is_no_engine(|_, stream| reply(stream, 200, r#"{"ApiVersion":7}"#), "invalid type").await;
    is_no_engine(|_, stream| reply(stream, 200, "{}"), "names no API version").await;
    is_no_engine(|_, stream| reply(stream, 200, &"[".repeat(20_000)), "recursion limit").await;
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    is_no_engine(|_, stream| reply(stream, 200, &" ".repeat(1 << 20)), "larger than 65536 bytes").await;
    let endless = |_: &str, stream: &mut dyn Connection| {
        raw(stream, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(b"8\r\n        \r\n").is_ok() {}
    };
    is_no_engine(endless, "larger than 65536 bytes").await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_named_so() {
    is_no_engine(|_, stream| raw(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "broke off").await;
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"Api";
    is_no_engine(|_, stream| raw(stream, chunked), "broke off").await;
    is_no_engine(|_, _| {}, "broke off").await;
}

#[tokio::test]
async fn an_engine_that_stalls_is_not_waited_for() {
    is_no_engine(|_, stream| stall(stream), "did not answer within 0.4 s").await;
    let after_headers = |_: &str, stream: &mut dyn Connection| {
        raw(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        stall(stream);
    };
    is_no_engine(after_headers, "did not answer within 0.4 s").await;
}

#[tokio::test]
async fn a_refusal_is_quoted_without_its_control_characters() {
    let refuse = |_: &str, stream: &mut dyn Connection| reply(stream, 403, r#"{"message":"no\u001b[2J\nway"}"#);
    is_no_engine(refuse, "it refused: 403 Forbidden no [2J way").await;
    is_no_engine(|_, stream| reply(stream, 500, "boom"), "it refused: 500").await;
}

#[tokio::test]
async fn an_engine_that_is_too_old_is_named_so() {
    is_no_engine(|_, stream| reply(stream, 200, r#"{"ApiVersion":"1.40"}"#), "speaks API 1.40, Keelguard needs 1.41")
        .await;
}

#[tokio::test]
async fn a_newer_engine_is_asked_in_the_newest_known_version() {
    let fake = Fake::start(|path, stream| {
        if path == "/version" {
            return reply(stream, 200, r#"{"ApiVersion":"1.99","MinAPIVersion":"1.44"}"#);
        }
        let (status, body) = healthy(path.trim_start_matches("/v1.52"));
        reply(stream, status, &body);
    });
    let facts = fake.facts().await;
    let engine = facts.engine.as_ref().unwrap();
    assert_eq!((engine.api_version.as_str(), engine.containers.len()), ("1.52", 1));
}

#[tokio::test]
async fn a_healthy_engine_leaves_no_gap_in_what_it_said() {
    let facts = but(|_, _| false).facts().await;
    assert_eq!(facts.containers()[0].name, "web");
    let others: Vec<_> = facts
        .incomplete
        .iter()
        .filter(|gap| gap.what != "the engine's host: files, processes, kernel, firewall")
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn one_container_that_stalls_costs_itself_only() {
    let other = "cd".repeat(32);
    let listed = format!(r#"[{{"Id":"{ID}"}},{{"Id":"{other}"}}]"#);
    let short = "cdcdcdcdcdcd";
    let facts = but(move |path, stream| {
        if path.ends_with("?all=1") {
            reply(stream, 200, &listed);
        } else if path.contains(&other) {
            stall(stream);
        } else {
            return false;
        }
        true
    })
    .facts()
    .await;
    assert_eq!(facts.containers().iter().map(|container| container.name.as_str()).collect::<Vec<_>>(), ["web"]);
    assert!(gap(&facts, &format!("container {short}")).contains("did not answer within"));
}

#[tokio::test]
async fn what_was_told_before_the_deadline_is_kept() {
    let stalling: Vec<String> = (0..49).map(|number| format!("{number:02x}").repeat(32)).collect();
    let listed: Vec<String> = stalling.iter().map(|id| format!(r#"{{"Id":"{id}"}}"#)).collect();
    let listed = format!(r#"[{{"Id":"{ID}"}},{}]"#, listed.join(","));
    let fake = but(move |path, stream| {
        if path.ends_with("?all=1") {
            reply(stream, 200, &listed);
        } else if stalling.iter().any(|id| path.contains(id.as_str())) {
            stall(stream);
        } else {
            return false;
        }
        true
    });
    let mut options = common::options(&fake.path().display().to_string());
    options.engine_timeout = std::time::Duration::from_millis(700);
    let facts = keelguard_host::collect(&options).await.unwrap();
    let unread = facts.incomplete.iter().filter(|gap| gap.what.starts_with("container ")).count();
    assert!(unread >= 2 * 49, "{unread}: {:?}", facts.incomplete);
}

#[tokio::test]
async fn a_container_that_went_away_is_no_gap_and_one_that_is_only_denied_is() {
    let denied = but(|path, stream| {
        let inspect = path.contains(ID);
        if inspect {
            reply(stream, 404, r#"{"message":"No such container"}"#);
        }
        inspect
    });
    assert!(gap(&denied.facts().await, "some of the containers").contains("says that they do not exist"));
    let asked = std::sync::atomic::AtomicBool::new(false);
    let gone = but(move |path, stream| {
        if path.ends_with("?all=1") && asked.swap(true, std::sync::atomic::Ordering::SeqCst) {
            reply(stream, 200, "[]");
        } else if path.contains(ID) {
            reply(stream, 404, "{}");
        } else {
            return false;
        }
        true
    });
    let facts = gone.facts().await;
    assert!(facts.containers().is_empty() && !facts.incomplete.iter().any(|gap| gap.what.contains("containers")));
}

#[tokio::test]
async fn an_id_that_would_change_the_path_is_never_asked_for_and_named() {
    let facts = but(|path, stream| {
        assert!(!path.contains(".."), "{path}");
        let list = path.ends_with("?all=1");
        if list {
            reply(stream, 200, r#"[{"Id":"../../x"},{"Id":7},{}]"#);
        }
        list
    })
    .facts()
    .await;
    assert!(gap(&facts, "some of the containers").contains("3 of them"));
}

#[tokio::test]
async fn another_container_than_the_one_asked_for_is_refused() {
    let facts = but(|path, stream| {
        let inspect = path.contains(ID);
        if inspect {
            reply(stream, 200, &format!(r#"{{"Id":"{}","Name":"/innocent"}}"#, "0".repeat(64)));
        }
        inspect
    })
    .facts()
    .await;
    assert!(facts.containers().is_empty());
    assert!(gap(&facts, "container abababababab").contains("another container"));
}

#[tokio::test]
async fn each_part_that_fails_is_named() {
    for (part, what) in [
        ("/info", "the engine's own settings (info)"),
        ("?all=1", "containers"),
        ("/images/json", "images"),
        ("/networks", "networks"),
        ("/volumes", "volumes"),
    ] {
        let facts = but(move |path, stream| {
            let hit = path.ends_with(part);
            if hit {
                reply(stream, 500, r#"{"message":"broken"}"#);
            }
            hit
        })
        .facts()
        .await;
        assert!(facts.engine.is_some());
        assert!(gap(&facts, what).contains("500 Internal Server Error broken"), "{what}");
    }
}

#[tokio::test]
async fn an_engine_that_vanishes_while_it_is_read_leaves_gaps() {
    let gone = std::sync::atomic::AtomicBool::new(false);
    let facts = but(move |path, _| {
        if path == "/version" {
            return false;
        }
        gone.store(true, std::sync::atomic::Ordering::SeqCst);
        true
    })
    .facts()
    .await;
    assert!(facts.containers().is_empty());
    for what in ["the engine's own settings (info)", "containers", "images", "networks", "volumes", "plugins"] {
        assert!(gap(&facts, what).contains("broke off"), "{what}");
    }
}

#[tokio::test]
async fn more_than_the_bound_is_named() {
    let rows: Vec<String> = (0..60).map(|number| format!(r#"{{"Name":"n{number}"}}"#)).collect();
    let listed = format!("[{}]", rows.join(","));
    let facts = but(move |path, stream| {
        let hit = path.ends_with("/networks");
        if hit {
            reply(stream, 200, &listed);
        }
        hit
    })
    .facts()
    .await;
    assert_eq!(facts.engine.as_ref().unwrap().networks.len(), 50);
    assert!(gap(&facts, "networks").contains("there are 60, the bound is 50"));
}

#[tokio::test]
async fn a_socket_that_nobody_listens_on_and_one_that_is_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let dead = folder.path().join("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
    assert!(gap(&facts(&dead.display().to_string()).await, "the engine").contains("refused"));
    assert!(gap(&facts("/nonexistent/docker.sock").await, "the engine").contains("No such file"));
}

/// A healthy engine under another name, and where its socket is expected.
fn named(id: &'static str, place: &std::path::Path) -> Fake {
    let fake = but(move |path, stream| {
        let hit = path.ends_with("/info");
        if hit {
            reply(stream, 200, &format!(r#"{{"ID":"{id}","Name":"fake","KernelVersion":"0.0-fake"}}"#));
        }
        hit
    });
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(fake.path(), place).unwrap();
    fake
}

#[tokio::test]
async fn a_second_engine_that_answers_is_a_gap_that_says_how_to_judge_it() {
    let home = tempfile::tempdir().unwrap();
    let (first, second) = (home.path().join("runtime/docker.sock"), home.path().join(".docker/run/docker.sock"));
    let _engines = [named("one", &first), named("two", &second)];
    let mut options = common::options("");
    options.engine = None;
    options.environment.home = Some(home.path().to_owned());
    options.environment.uid = 4_000_000;
    options.environment.vars.insert("XDG_RUNTIME_DIR".into(), home.path().join("runtime").display().to_string());
    let facts = keelguard_host::collect(&options).await.unwrap();
    let address = format!("unix://{}", second.display());
    let why = gap(&facts, &format!("the engine at {address}"));
    assert!(why.contains("it answers too, and is not judged here"), "{why}");
    assert!(why.contains(&format!("--engine {address}")), "{why}");
    // The same engine by another socket is no second one. (A machine with an engine of its own is asked for that first.)
    std::fs::remove_file(&second).unwrap();
    let _same = named("one", &second);
    let facts = keelguard_host::collect(&options).await.unwrap();
    if facts.engine.as_ref().is_some_and(|engine| engine.endpoint.contains("runtime/docker.sock")) {
        assert!(!facts.incomplete.iter().any(|gap| gap.what.contains(".docker/run")), "{:?}", facts.incomplete);
    }
}

/// The bounds of permission mean nothing to root, so this runs itself again as nobody.
#[tokio::test]
async fn a_socket_without_permission_is_named_so() {
    const SOCKET: &str = "KEELGUARD_TEST_SOCKET";
    if let Ok(socket) = std::env::var(SOCKET) {
        let why = gap(&facts(&socket).await, "the engine");
        assert!(why.contains("Permission denied"), "{why}");
        return;
    }
    let fake = but(|_, _| false);
    std::fs::set_permissions(fake.path(), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    std::fs::set_permissions(fake.path().parent().unwrap(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    // A copy, because nobody may not enter the folders that the build lies in.
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let program = folder.path().join("again");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let child = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program)
        .args(["--exact", "a_socket_without_permission_is_named_so"])
        .env(SOCKET, fake.path())
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .output();
    match child {
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("setpriv:") => {
            eprintln!("skipped: only root can become nobody");
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && said.contains("1 passed"), "{said}");
        }
        Err(error) => eprintln!("skipped: setpriv is not here ({error})"),
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_an_error_with_advice_and_no_gap() {
    for (address, advice) in [
        ("ssh://ops@build", "ssh is not supported"),
        ("npipe:////./pipe/docker", "only unix:// and tcp:// are supported"),
        ("docker.sock", "write unix:///PATH or tcp://HOST:PORT"),
    ] {
        let mut options = common::options("");
        options.engine = None;
        options.environment.vars.insert("DOCKER_HOST".into(), address.into());
        let error = keelguard_host::collect(&options).await.unwrap_err().to_string();
        assert!(error.contains("(from DOCKER_HOST)") && error.contains(advice), "{error}");
    }
}
