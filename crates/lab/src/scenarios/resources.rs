//! Bounds that are missing, or so wide that they bound nothing.

use super::Scenario;

const LIMITS: &str = "raising a limit above the engine's own takes CAP_SYS_RESOURCE";

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("x01-unbounded", &["X01", "X02", "X03", "X04", "X05", "X06", "X09", "X11"], ""),
    Scenario::new("x01-pids-unlimited", &["X01"], "--pids-limit=-1"),
    Scenario::new("x02-no-oom-kill", &["X02"], "--oom-kill-disable")
        .may_be_refused("cgroups of version 2 cannot do that"),
    Scenario::new("x02-oom-score", &["X02"], "--oom-score-adj=-900").may_be_refused(LIMITS),
    Scenario::new("x02-huge", &["X02", "X03"], "--memory=512g --memory-swap=512g --cpu-shares=262144"),
    Scenario::new("x04-tmpfs", &["X04"], "--tmpfs=/scratch"),
    Scenario::new("x04-shm", &["X04"], "--shm-size=64g"),
    Scenario::new("x04-endless-log", &["X04", "X11"], "--log-driver=json-file --memory=64m"),
    Scenario::new("x04-no-log", &["X04"], "--log-driver=none"),
    Scenario::new("x05-open-files", &["X05"], "--ulimit=nofile=1048576:1048576 --ulimit=nproc=-1:-1")
        .may_be_refused(LIMITS),
    Scenario::new("x09-swap", &["X09"], "--memory=64m --memory-swap=-1"),
    Scenario::new("x10-realtime", &["X10"], "--cap-add=SYS_NICE --ulimit=rtprio=99:99").may_be_refused(LIMITS),
];
