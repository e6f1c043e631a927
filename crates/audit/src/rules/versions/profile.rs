//! What the engine's default seccomp profile of its version lets through: io_uring before 25, AF_ALG before 29.4.3.
//! Both matter only where the kernel has the code and nothing else switches it off.

use keelguard_host::Facts;
use keelguard_model::{Finding, Subject, rule};

use super::engine_table::Part;
use super::upstream::Version;
use super::{build, kernel, parts};

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    [io_uring(facts), alg_sockets(facts)].into_iter().flatten().collect()
}

/// The engine's version, where its own profile is in force.
fn with_own_profile(facts: &Facts) -> Option<(String, Version)> {
    let engine = facts.engine.as_ref().filter(|engine| engine.local)?;
    let options = &engine.info.security_options;
    let own = options.iter().any(|option| {
        option.starts_with("name=seccomp")
            && ["profile=default", "profile=builtin"].iter().any(|word| option.contains(word))
    });
    let text = build::reported(facts, Part::Engine).filter(|_| own && !engine.containers.is_empty())?;
    let version = Version::parse(&text)?;
    Some((text, version))
}

fn io_uring(facts: &Facts) -> Option<Finding> {
    let (text, version) = with_own_profile(facts)?;
    let kernel = &facts.host.kernel;
    let switch = facts.host.sysctls.get("kernel.io_uring_disabled").map(|value| value.trim());
    if version >= Version::parse("25")?
        || matches!(switch, Some("1" | "2"))
        || Version::parse(&kernel.release)? < Version::parse("5.1")?
        || (kernel.config_source.is_some() && !kernel::usable(facts, kernel, "IO_URING"))
    {
        return None;
    }
    let finding = rule::IO_URING_ALLOWED
        .on(Subject::engine())
        .evidence("ServerVersion", text)
        .evidence("kernel.io_uring_disabled", switch.unwrap_or("not there"));
    Some(if switch.is_some() {
        finding
            .fix("Switch io_uring off for the machine, or upgrade the engine to 25 or later.")
            .command("echo kernel.io_uring_disabled=2 > /etc/sysctl.d/60-io-uring.conf")
            .command("sysctl -p /etc/sysctl.d/60-io-uring.conf")
    } else {
        finding
    })
}

fn alg_sockets(facts: &Facts) -> Option<Finding> {
    let (text, _) = with_own_profile(facts)?;
    let kernel = &facts.host.kernel;
    let options = ["CRYPTO_USER_API_AEAD", "CRYPTO_USER_API_SKCIPHER", "CRYPTO_USER_API_HASH", "CRYPTO_USER_API"];
    // Without a configuration to read, this alone would be a guess.
    let option = options.into_iter().find(|option| kernel::usable(facts, kernel, option))?;
    kernel.config_source.as_ref()?;
    if kernel::denies_alg_sockets(facts) {
        return None;
    }
    let value = kernel.config.get(option).cloned().unwrap_or_default();
    Some(
        rule::ALG_SOCKETS_ALLOWED
            .on(Subject::engine())
            .evidence("ServerVersion", text)
            .evidence(format!("CONFIG_{option}"), value),
    )
}

pub(super) fn repair_io_uring(facts: &mut Facts, _: &Finding) {
    match facts.host.sysctls.get_mut("kernel.io_uring_disabled") {
        Some(value) => "2".clone_into(value),
        None => parts::upgrade(facts, Part::Engine, "25.0.6", &[]),
    }
}

pub(super) fn repair_alg_sockets(facts: &mut Facts, _: &Finding) {
    parts::upgrade(facts, Part::Engine, "29.5.1", &[]);
}
