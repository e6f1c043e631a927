//! How the engine isolates every container: as whom it runs, user namespaces, seccomp, SELinux, runtimes (D05, D07).

use keelguard_host::Facts;
use keelguard_host::facts::Engine;
use keelguard_model::{Finding, Subject, rule};
use serde_json::Value;

use super::{is_rootless, plugins, security_option, set, settings_known};
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::USERNS_REMAP_OFF,
        change: Change::Daemon("{\n  \"userns-remap\": \"default\"\n}", |facts, _| {
            set(facts, "userns-remap", "default");
            add_option(facts, "name=userns");
        }),
    },
    Remedy {
        rule: &rule::SECCOMP_OFF,
        change: Change::Daemon("{\n  \"seccomp-profile\": \"builtin\"\n}", |facts, _| {
            set(facts, "seccomp-profile", "builtin");
            if let Some(engine) = &mut facts.engine {
                engine.info.security_options.retain(|option| !option.starts_with("name=seccomp"));
            }
            add_option(facts, "name=seccomp,profile=builtin");
        }),
    },
    Remedy {
        rule: &rule::NNP_OFF,
        change: Change::Daemon("{\n  \"no-new-privileges\": true\n}", |facts, _| {
            set(facts, "no-new-privileges", true);
            add_option(facts, "name=no-new-privileges");
        }),
    },
    Remedy {
        rule: &rule::SELINUX_OFF,
        change: Change::Daemon("{\n  \"selinux-enabled\": true\n}", |facts, _| {
            set(facts, "selinux-enabled", true);
            add_option(facts, "name=selinux");
        }),
    },
];

fn add_option(facts: &mut Facts, option: &str) {
    facts.engine.iter_mut().for_each(|engine| engine.info.security_options.push(option.to_owned()));
}

/// What the names of runtimes that put a kernel, or a watcher, between container and host have in common.
const GUARDS: &[&str] = &["runsc", "gvisor", "kata", "sysbox", "krun", "firecracker", "edera", "guard"];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let mut found = Vec::new();
    // An engine whose own settings could not be read says nothing at all; that is a gap, not a weakness.
    if engine.info.security_options.is_empty() && engine.info.server_version.is_empty() {
        return found;
    }
    found.extend(seccomp(engine));
    found.extend(second_runtime(facts, engine));
    if !is_rootless(facts) {
        found.push(rule::ROOT_DAEMON.on(Subject::engine()).evidence("SecurityOptions", "no name=rootless"));
        if !security_option(facts, "userns") {
            found.push(rule::USERNS_REMAP_OFF.on(Subject::engine()).evidence("SecurityOptions", "no name=userns"));
        }
    }
    let nnp =
        security_option(facts, "no-new-privileges") || facts.host.daemon.switch("no-new-privileges") == Some(true);
    if settings_known(facts) && !nnp {
        found.push(rule::NNP_OFF.on(Subject::engine()).evidence("no-new-privileges", "not set (false)"));
    }
    if facts.engine_is_local()
        && facts.host.selinux.as_deref() == Some("enforcing")
        && !security_option(facts, "selinux")
    {
        found.push(
            rule::SELINUX_OFF
                .on(Subject::engine())
                .evidence("SELinux", "enforcing")
                .evidence("SecurityOptions", "no name=selinux"),
        );
    }
    found
}

fn seccomp(engine: &Engine) -> Option<Finding> {
    let option =
        engine.info.security_options.iter().find(|option| option.split(',').any(|part| part == "name=seccomp"));
    match option {
        None => Some(rule::SECCOMP_OFF.on(Subject::engine()).evidence("SecurityOptions", "no name=seccomp")),
        Some(option) if option.split(',').any(|part| part == "profile=unconfined") => {
            Some(rule::SECCOMP_OFF.on(Subject::engine()).evidence("SecurityOptions", option))
        }
        Some(_) => None,
    }
}

/// An authorization plugin can refuse the plain runtime; that it does cannot be seen, but whoever has one was told.
fn second_runtime(facts: &Facts, engine: &Engine) -> Option<Finding> {
    let info = &engine.info;
    let guards = |name: &str| {
        let told = info.runtimes.get(name).map(Value::to_string).unwrap_or_default();
        let text = format!("{name} {told}").to_ascii_lowercase();
        GUARDS.iter().any(|guard| text.contains(guard))
    };
    if info.default_runtime.is_empty() || !guards(&info.default_runtime) || plugins::has_authorization(facts) {
        return None;
    }
    let plain: Vec<_> = info.runtimes.keys().filter(|name| !guards(name)).take(8).cloned().collect();
    (!plain.is_empty()).then(|| {
        rule::SECOND_RUNTIME
            .on(Subject::engine())
            .evidence("DefaultRuntime", &info.default_runtime)
            .evidence("Runtimes", plain.join(", "))
    })
}
