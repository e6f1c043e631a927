//! Containers as they should be. What a judge finds on one of these is a false alarm.

use super::Scenario;
use crate::images::KEPT;

/// The options that all share, then each one's own.
macro_rules! kept {
    ($own:literal) => {
        concat!(
            "--user=1000:1000 --cap-drop=ALL --security-opt=no-new-privileges --read-only --cgroupns=private ",
            "--ipc=private --tmpfs=/tmp:size=8m,noexec,nosuid,nodev --memory=64m --memory-swap=64m --cpus=0.25 ",
            "--pids-limit=32 --ulimit=nofile=256:256 --ulimit=nproc=64:64 --shm-size=8m --log-driver=json-file ",
            "--log-opt=max-size=1m --log-opt=max-file=3 --restart=on-failure:5 ",
            $own
        )
    };
}

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("kept-web", &[], kept!("--network=kept-web --publish=127.0.0.1:8443:8080"))
        .image(KEPT)
        .prepare("network create kept-web")
        .command("httpd -f -p 8080 -h /www"),
    Scenario::new("kept-worker", &[], kept!("--network=kept-worker"))
        .image(KEPT)
        .prepare("network create --internal kept-worker"),
    Scenario::new("kept-db", &[], kept!("--network=kept-db --volume=kept-db:/data"))
        .image(KEPT)
        .prepare("network create --internal kept-db"),
    Scenario::new("kept-job", &[], kept!("--network=none"))
        .image(KEPT)
        .never_started("a job that waits for its hour: created containers count too"),
];
