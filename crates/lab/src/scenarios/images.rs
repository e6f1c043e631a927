//! What images and restarts bring along.

use super::{After, Scenario};
use crate::images::{CARELESS, LINK_TRAP, PRELOAD_TRAP, SSHD, VOLUME_TRAP, WORKDIR_TRAP};

const TRAP: &str = "an engine that falls for it would show it the host";

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("d11-restarts-always", &["D11", "X08"], "--restart=always"),
    Scenario::new("d12-preload", &["D12"], "").image(PRELOAD_TRAP),
    Scenario::new("d12-preload-option", &["D12"], "--env=LD_LIBRARY_PATH=/data"),
    Scenario::new("d13-workdir", &["D13"], "").image(WORKDIR_TRAP).never_started(TRAP),
    Scenario::new("d13-workdir-option", &["D13"], "--workdir=/proc/self/fd/7").never_started(TRAP),
    Scenario::new("d14-links", &["D14"], "").image(LINK_TRAP).never_started(TRAP),
    Scenario::new("d14-volume-over-device", &["D14"], "--volume=d14-null:/dev/null").never_started(TRAP),
    Scenario::new("d14-volume-of-image", &["D14"], "").image(VOLUME_TRAP).never_started(TRAP),
    Scenario::new("i-careless-image", &[], "").image(CARELESS),
    Scenario::new("i-sshd", &[], "").image(SSHD),
    Scenario::new("i-exec", &[], "").after(After::Exec("sleep 86400")),
];
