//! A container as a service of a compose file.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::secret::is_redacted;
use serde_json::{Map, Value, json};

use super::environment::own_environment;
use super::run_line::{
    aliases, binds, bytes, cgroupns, command, cpus, duration, exposed, hostname, image_config, image_name, labels,
    link, log_driver, mode, name_of, networks, ports, runtime, security_options,
};
use super::yaml::{self, Lines};

/// The fragment for `container`.
pub(super) fn render(facts: &Facts, container: &Container) -> String {
    let service = container.label("com.docker.compose.service").unwrap_or(&container.name);
    let project = container.label("com.docker.compose.project");
    let (body, volumes, nets) = service_body(facts, container, project);
    let mut text = String::with_capacity(512);
    text.push_str("services:\n  ");
    yaml::key_word(service, &mut text);
    text.push(':');
    body.end(&mut text);
    // What compose did not make itself is there already.
    for (key, names) in [("networks", nets), ("volumes", volumes)] {
        let entries: Map<String, Value> = names
            .into_iter()
            .map(|(name, own)| (name, if own { json!({}) } else { json!({ "external": true }) }))
            .collect();
        if !entries.is_empty() {
            yaml::entry(key, &Value::Object(entries), 0, &mut text);
        }
    }
    text
}

/// Names of networks or volumes and whether they are the project's own.
type Names = Vec<(String, bool)>;

fn service_body(facts: &Facts, container: &Container, project: Option<&str>) -> (Lines, Names, Names) {
    let (config, host_config) = (&container.config, &container.host_config);
    let image = image_config(facts, container);
    let mut body = Lines::at(2);
    let local = |name: &str| -> (String, bool) {
        let own = project.and_then(|project| name.strip_prefix(project)?.strip_prefix('_'));
        own.map_or_else(|| (name.to_owned(), false), |own| (own.to_owned(), true))
    };
    body.text("image", image_name(container));
    if project.is_none() {
        body.text("container_name", &container.name);
    }
    let (entrypoint, command) = command(container, image);
    body.set("entrypoint", entrypoint.map(|words| json!(words)));
    body.set("command", command.filter(|words| !words.is_empty()).map(|words| json!(words)));
    if config.user != image.user {
        body.text("user", if config.user.is_empty() { "0" } else { &config.user });
    }
    if config.working_dir != image.working_dir {
        body.text("working_dir", &config.working_dir);
    }
    body.text("hostname", hostname(container).unwrap_or_default());
    body.text("domainname", &config.domainname);
    body.on("tty", config.tty);
    body.on("stdin_open", config.open_stdin);
    if config.stop_signal != image.stop_signal {
        body.text("stop_signal", &config.stop_signal);
    }
    let environment = own_environment(container, image);
    body.list(
        "environment",
        environment.iter().map(|entry| match entry.split_once('=') {
            Some((name, value)) if is_redacted(value) => name.to_owned(),
            _ => (*entry).to_owned(),
        }),
    );
    body.list("labels", labels(container, image).iter().map(|(key, value)| format!("{key}={value}")));
    if config.healthcheck != image.healthcheck
        && let Some(check) = &config.healthcheck
    {
        let mut health = Body::default();
        health.list("test", check.test.iter().cloned());
        for (key, nano) in [("interval", check.interval), ("timeout", check.timeout)] {
            if nano > 0 {
                health.text(key, &duration(nano));
            }
        }
        health.set("retries", (check.retries > 0).then(|| json!(check.retries)));
        body.set("healthcheck", Some(Value::Object(health.0)));
    }

    let (first, further) = networks(container);
    let mut nets = Names::new();
    match first.as_deref() {
        Some(first) if matches!(first, "host" | "none") || first.starts_with("container:") => {
            body.text("network_mode", &mode(facts, first));
        }
        None if further.is_empty() && project.is_none() => body.text("network_mode", "bridge"),
        _ => {
            let mut joined = Map::new();
            let of_first = first.iter().map(|name| {
                let endpoint = container.network_settings.networks.get(name);
                (name.clone(), endpoint.map(|e| aliases(container, &e.aliases)).unwrap_or_default())
            });
            for (name, names) in of_first.chain(further) {
                let endpoint = container.network_settings.networks.get(&name);
                let own_addresses = endpoint.and_then(|endpoint| endpoint.ipam_config.as_ref());
                let (name, own) = local(&name);
                let mut entry = Body::default();
                entry.list("aliases", names);
                if let Some(own) = own_addresses {
                    entry.text("ipv4_address", &own.ipv4_address);
                    entry.text("ipv6_address", &own.ipv6_address);
                    entry.list("link_local_ips", own.link_local.iter().cloned());
                }
                joined.insert(name.clone(), Value::Object(entry.0));
                if name != "default" {
                    nets.push((name, own));
                }
            }
            body.set("networks", (!joined.is_empty()).then_some(Value::Object(joined)));
        }
    }
    body.list("external_links", host_config.links.iter().map(String::as_str).map(link));
    body.list("extra_hosts", host_config.extra_hosts.iter().cloned());
    body.list("dns", host_config.dns.iter().cloned());
    body.list("dns_opt", host_config.dns_options.iter().cloned());
    body.list("dns_search", host_config.dns_search.iter().cloned());
    body.text("mac_address", &config.mac_address);
    body.list("ports", ports(container));
    body.list("expose", exposed(container, image).into_iter().map(str::to_owned));
    match (host_config.restart_policy.name.as_str(), host_config.restart_policy.maximum_retry_count) {
        ("" | "no", _) => {}
        ("on-failure", count) if count > 0 => body.text("restart", &format!("on-failure:{count}")),
        (policy, _) => body.text("restart", policy),
    }
    body.set("init", host_config.init.map(Value::Bool));

    body.on("privileged", host_config.privileged);
    body.list("cap_drop", host_config.cap_drop.iter().cloned());
    body.list("cap_add", host_config.cap_add.iter().cloned());
    body.list("security_opt", security_options(container));
    body.on("read_only", host_config.readonly_rootfs);
    body.text("pid", &mode(facts, &host_config.pid_mode));
    if super::run_line::is_own_ipc(&host_config.ipc_mode) {
        body.text("ipc", &mode(facts, &host_config.ipc_mode));
    }
    body.text("uts", &host_config.uts_mode);
    body.text("userns_mode", &host_config.userns_mode);
    body.text("cgroup", cgroupns(facts, container).unwrap_or_default());
    body.text("cgroup_parent", &host_config.cgroup_parent);
    body.text("runtime", runtime(facts, container).unwrap_or_default());
    body.list("sysctls", host_config.sysctls.iter().map(|(key, value)| format!("{key}={value}")));
    body.list("group_add", host_config.group_add.iter().cloned());
    body.list(
        "devices",
        host_config.devices.iter().map(|device| {
            let inside =
                if device.path_in_container.is_empty() { &device.path_on_host } else { &device.path_in_container };
            let access = if device.cgroup_permissions.is_empty() { "rwm" } else { &device.cgroup_permissions };
            format!("{}:{inside}:{access}", device.path_on_host)
        }),
    );
    body.list("device_cgroup_rules", host_config.device_cgroup_rules.iter().cloned());
    let gpus: Vec<_> = host_config
        .device_requests
        .iter()
        .map(|request| {
            let driver = if request.driver.is_empty() { "nvidia" } else { &request.driver };
            let capabilities: Vec<_> = request.capabilities.iter().flatten().collect();
            let mut device = Body::default();
            device.text("driver", driver);
            device.set("capabilities", Some(json!(capabilities)));
            if request.device_ids.is_empty() {
                device.set("count", Some(if request.count < 0 { json!("all") } else { json!(request.count) }));
            } else {
                device.list("device_ids", request.device_ids.iter().cloned());
            }
            device.pairs("options", request.options.iter());
            Value::Object(device.0)
        })
        .collect();
    if !gpus.is_empty() {
        body.set("deploy", Some(json!({ "resources": { "reservations": { "devices": gpus } } })));
    }

    let mut volumes = Names::new();
    let mut mounts: Vec<Value> = Vec::new();
    for bind in binds(container) {
        let (source, rest) = bind.split_once(':').unwrap_or((&bind, ""));
        if source.starts_with('/') {
            mounts.push(json!(bind));
        } else {
            let (name, own) = local(source);
            mounts.push(json!(format!("{name}:{rest}")));
            volumes.push((name, own));
        }
    }
    for spec in &host_config.mounts {
        let mut entry = Map::new();
        entry.insert("type".to_owned(), json!(if spec.kind.is_empty() { "volume" } else { &spec.kind }));
        if !spec.source.is_empty() {
            let (source, own) = if spec.kind == "volume" { local(&spec.source) } else { (spec.source.clone(), true) };
            if spec.kind == "volume" {
                volumes.push((source.clone(), own));
            }
            entry.insert("source".to_owned(), json!(source));
        }
        entry.insert("target".to_owned(), json!(spec.target));
        if spec.read_only {
            entry.insert("read_only".to_owned(), json!(true));
        }
        if let Some(propagation) = spec.bind_options.as_ref().map(|o| &o.propagation).filter(|p| !p.is_empty()) {
            entry.insert("bind".to_owned(), json!({ "propagation": propagation }));
        }
        if let Some(options) = spec.tmpfs_options.as_ref().filter(|options| options.size_bytes > 0) {
            entry.insert("tmpfs".to_owned(), json!({ "size": options.size_bytes }));
        }
        mounts.push(Value::Object(entry));
    }
    body.set("volumes", (!mounts.is_empty()).then_some(Value::Array(mounts)));
    body.list(
        "volumes_from",
        host_config.volumes_from.iter().map(|from| {
            let (id, options) = from.split_once(':').unwrap_or((from, ""));
            let name = name_of(facts, id);
            if options.is_empty() { format!("container:{name}") } else { format!("container:{name}:{options}") }
        }),
    );
    body.list(
        "tmpfs",
        host_config.tmpfs.iter().map(
            |(inside, options)| {
                if options.is_empty() { inside.clone() } else { format!("{inside}:{options}") }
            },
        ),
    );
    body.pairs("storage_opt", host_config.storage_opt.iter());
    resources(&mut body, facts, container);
    (body, volumes, nets)
}

fn resources(body: &mut Lines, facts: &Facts, container: &Container) {
    let host_config = &container.host_config;
    let mut size = |key: &str, value: i64| {
        if value != 0 {
            body.set(key, Some(if value < 0 { json!(value) } else { json!(bytes(value)) }));
        }
    };
    size("mem_limit", host_config.memory);
    size("memswap_limit", host_config.memory_swap);
    size("mem_reservation", host_config.memory_reservation);
    let shares_ipc = host_config.ipc_mode == "host" || host_config.ipc_mode.starts_with("container:");
    if !matches!(host_config.shm_size, 0 | 67_108_864) && !shares_ipc {
        size("shm_size", host_config.shm_size);
    }
    body.set("mem_swappiness", host_config.memory_swappiness.filter(|value| *value >= 0).map(|value| json!(value)));
    body.on("oom_kill_disable", host_config.oom_kill_disable == Some(true));
    if host_config.nano_cpus > 0 {
        body.text("cpus", &cpus(host_config.nano_cpus));
    }
    for (key, value) in [
        ("oom_score_adj", host_config.oom_score_adj),
        ("cpu_shares", host_config.cpu_shares),
        ("cpu_quota", host_config.cpu_quota),
        ("cpu_period", host_config.cpu_period),
        ("cpu_rt_runtime", host_config.cpu_realtime_runtime),
        ("cpu_rt_period", host_config.cpu_realtime_period),
        ("pids_limit", host_config.pids_limit.unwrap_or_default()),
    ] {
        body.set(key, (value != 0).then(|| json!(value)));
    }
    body.text("cpuset", &host_config.cpuset_cpus);
    let mut blkio = Map::new();
    if host_config.blkio_weight != 0 {
        blkio.insert("weight".to_owned(), json!(host_config.blkio_weight));
    }
    for (key, devices) in [
        ("device_read_bps", &host_config.blkio_device_read_bps),
        ("device_write_bps", &host_config.blkio_device_write_bps),
        ("device_read_iops", &host_config.blkio_device_read_iops),
        ("device_write_iops", &host_config.blkio_device_write_iops),
    ] {
        let devices: Vec<_> =
            devices.iter().map(|device| json!({ "path": device.path, "rate": device.rate })).collect();
        if !devices.is_empty() {
            blkio.insert(key.to_owned(), Value::Array(devices));
        }
    }
    body.set("blkio_config", (!blkio.is_empty()).then_some(Value::Object(blkio)));
    let ulimits: Map<String, Value> =
        host_config.ulimits.iter().map(|u| (u.name.clone(), json!({ "soft": u.soft, "hard": u.hard }))).collect();
    body.set("ulimits", (!ulimits.is_empty()).then_some(Value::Object(ulimits)));
    let mut logging = Body::default();
    logging.text("driver", log_driver(facts, container).unwrap_or_default());
    logging.pairs("options", host_config.log_config.config.iter());
    body.set("logging", (!logging.0.is_empty()).then_some(Value::Object(logging.0)));
}

/// A part of it in the making: what is empty is left out.
#[derive(Default)]
struct Body(Map<String, Value>);

impl Body {
    fn set(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value);
        }
    }

    fn text(&mut self, key: &str, value: &str) {
        self.set(key, (!value.is_empty()).then(|| json!(value)));
    }

    fn list(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let values: Vec<_> = values.into_iter().collect();
        self.set(key, (!values.is_empty()).then(|| json!(values)));
    }

    fn pairs<'a>(&mut self, key: &str, values: impl Iterator<Item = (&'a String, &'a String)>) {
        let values: Map<String, Value> = values.map(|(key, value)| (key.clone(), json!(value))).collect();
        self.set(key, (!values.is_empty()).then_some(Value::Object(values)));
    }
}
