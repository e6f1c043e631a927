//! Privileges, capabilities and security options.

use super::{After, Scenario};

const NO_SYS_RESOURCE: &str = "root here may lack a capability, CAP_SYS_RESOURCE mostly";

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("c01-privileged", &["C01"], "--privileged").may_be_refused(NO_SYS_RESOURCE),
    Scenario::new("c02-privileged-exec", &["C02"], "").after(After::PrivilegedExec),
    Scenario::new("c03-sys-admin", &["C03"], "--cap-add=SYS_ADMIN"),
    Scenario::new("c03-all", &["C03"], "--cap-add=ALL").may_be_refused(NO_SYS_RESOURCE),
    Scenario::new("c04-ptrace-host-pid", &["C04", "N01"], "--cap-add=SYS_PTRACE --pid=host"),
    Scenario::new("c05-sys-module", &["C05"], "--cap-add=SYS_MODULE"),
    Scenario::new("c06-dac-read-search", &["C06"], "--cap-add=DAC_READ_SEARCH"),
    Scenario::new("c07-override-host-mount", &["C07"], "--user=0 --volume={dir}/host/app:/app"),
    Scenario::new("c08-sys-rawio", &["C08"], "--cap-add=SYS_RAWIO"),
    Scenario::new("c08-device-mem", &["C08", "M10"], "--cap-add=SYS_RAWIO --device=/dev/mem")
        .never_started("the memory of the host would be open to it")
        .may_be_refused("not every machine has /dev/mem"),
    Scenario::new("c09-device-rule", &["C09"], "--device-cgroup-rule={all-block-devices}"),
    Scenario::new("c10-net-admin", &["C10"], "--cap-add=NET_ADMIN"),
    Scenario::new("c11-defaults", &["C11", "C12", "C13", "C14", "C15", "C23", "C24"], ""),
    Scenario::new("c16-bpf", &["C16"], "--cap-add=BPF --cap-add=PERFMON")
        .may_be_refused("engines and runtimes before 2021 do not know these names"),
    Scenario::new("c17-syslog", &["C17"], "--cap-add=SYSLOG"),
    Scenario::new(
        "c18-clock-boot-priority",
        &["C18"],
        "--cap-add=SYS_TIME --cap-add=SYS_BOOT --cap-add=SYS_NICE --cap-add=IPC_LOCK --cap-add=WAKE_ALARM",
    ),
    Scenario::new(
        "c18-audit-mac",
        &["C18"],
        "--cap-add=AUDIT_CONTROL --cap-add=MAC_ADMIN --cap-add=LINUX_IMMUTABLE --cap-add=CHECKPOINT_RESTORE",
    )
    .may_be_refused("engines and runtimes before 2021 do not know CHECKPOINT_RESTORE"),
    Scenario::new("c18-sys-resource", &["C18"], "--cap-add=SYS_RESOURCE").may_be_refused(NO_SYS_RESOURCE),
    Scenario::new("c19-no-seccomp", &["C19"], "--security-opt=seccomp=unconfined"),
    Scenario::new("c20-no-apparmor", &["C20"], "--security-opt=apparmor=unconfined"),
    Scenario::new("c21-no-label", &["C21"], "--security-opt=label=disable"),
    Scenario::new("c22-system-paths", &["C22"], "--security-opt=systempaths=unconfined"),
    Scenario::new("c25-host-users", &["C25"], "--userns=host"),
];
