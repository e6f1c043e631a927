//! A container as the `docker run` line that would make it: everything that differs from its image and from Docker's
//! defaults. Names, paths and values come from outside, so every one of them is one shell word.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use keelguard_host::Facts;
use keelguard_host::facts::{Config, Container, DeviceRequest, MountSpec, PortBinding, ThrottleDevice};
use keelguard_model::secret::is_redacted;
use keelguard_model::text::shell_word;

use super::environment::{can_be_carried, environment_file, own_environment, redacted};

/// The commands that make `container`: one `docker run`, or `docker create` where it was not running; where it is in
/// several networks, joining them comes between creating and starting.
pub(super) fn render(facts: &Facts, container: &Container) -> Vec<String> {
    let (first, further) = networks(container);
    let runs = container.is_running();
    let verb = if runs && further.is_empty() { "docker run -d" } else { "docker create" };
    let name = shell_word(&container.name);
    let mut commands = vec![format!("{verb} --name {name}{}", arguments(facts, container, first.as_deref()))];
    for (network, aliases) in &further {
        let mut connect = Line::default();
        connect.all("--alias", aliases);
        addresses(&mut connect, container, network);
        commands.push(format!("docker network connect{} {} {name}", connect.0, shell_word(network)));
    }
    if runs && !further.is_empty() {
        commands.push(format!("docker start {name}"));
    }
    commands
}

/// The image's own configuration; the default one where the image is not known.
pub(super) fn image_config<'f>(facts: &'f Facts, container: &Container) -> &'f Config {
    static NONE: LazyLock<Config> = LazyLock::new(Config::default);
    let mut images = facts.engine.iter().flat_map(|engine| &engine.images);
    images.find(|image| image.id == container.image).map_or(&*NONE, |image| &image.config)
}

/// The reference to make it from.
pub(super) fn image_name(container: &Container) -> &str {
    if container.config.image.is_empty() { &container.image } else { &container.config.image }
}

/// The name of the container with this id or name, as `container:ID` and `--volumes-from` mean it.
pub(super) fn name_of<'f>(facts: &'f Facts, id: &'f str) -> &'f str {
    let found =
        facts.containers().iter().find(|c| !id.is_empty() && (c.id == id || (id.len() >= 12 && c.id.starts_with(id))));
    found.map_or(id, |c| &c.name)
}

/// A mode of a namespace with `container:ID` by name.
pub(super) fn mode(facts: &Facts, mode: &str) -> String {
    match mode.strip_prefix("container:") {
        Some(id) => format!("container:{}", name_of(facts, id)),
        None => mode.to_owned(),
    }
}

/// The network to start in (none where it is the default), and the others with the container's names in them.
pub(super) fn networks(container: &Container) -> (Option<String>, Vec<(String, Vec<String>)>) {
    let mode = &container.host_config.network_mode;
    let is_default = matches!(mode.as_str(), "" | "default" | "bridge");
    let first = if is_default { "bridge" } else { mode };
    let shared = first == "host" || first == "none" || first.starts_with("container:");
    let further = container
        .network_settings
        .networks
        .iter()
        .filter(|(name, endpoint)| !shared && *name != first && endpoint.network_id != first);
    let further = further.map(|(name, endpoint)| (name.clone(), aliases(container, &endpoint.aliases))).collect();
    ((!is_default).then(|| first.to_owned()), further)
}

/// Aliases that somebody chose: the engine adds the id's beginning itself.
pub(super) fn aliases(container: &Container, aliases: &[String]) -> Vec<String> {
    aliases.iter().filter(|alias| !alias.is_empty() && !container.id.starts_with(alias.as_str())).cloned().collect()
}

/// `address:outside:inside/protocol` for each published port.
pub(super) fn ports(container: &Container) -> Vec<String> {
    let mut ports = Vec::new();
    for (inside, bindings) in &container.host_config.port_bindings {
        let inside = inside.strip_suffix("/tcp").unwrap_or(inside);
        let any = [PortBinding::default()];
        let bindings = bindings.as_deref().filter(|bindings| !bindings.is_empty()).unwrap_or(&any);
        for PortBinding { host_ip, host_port } in bindings {
            let address = match host_ip.contains(':') {
                _ if host_ip.is_empty() => String::new(),
                true => format!("[{host_ip}]:"),
                false => format!("{host_ip}:"),
            };
            ports.push(match host_port.as_str() {
                "" | "0" if address.is_empty() => inside.to_owned(),
                "" | "0" => format!("{address}:{inside}"),
                outside => format!("{address}{outside}:{inside}"),
            });
        }
    }
    ports
}

/// Ports that it exposes beside those of its image and those it publishes.
pub(super) fn exposed<'c>(container: &'c Container, image: &Config) -> Vec<&'c str> {
    let known =
        |port: &str| image.exposed_ports.contains_key(port) || container.host_config.port_bindings.contains_key(port);
    container.config.exposed_ports.keys().map(String::as_str).filter(|port| !known(port)).collect()
}

/// `source:destination[:options]` of binds, and of volumes that no option names: anonymous ones keep their data only
/// when they are named.
pub(super) fn binds(container: &Container) -> Vec<String> {
    let host_config = &container.host_config;
    let volumes = container.mounts.iter().filter(|mount| {
        let inside = mount.destination.as_str();
        mount.kind == "volume"
            && !mount.name.is_empty()
            && host_config.volumes_from.is_empty()
            && host_config.mounts.iter().all(|spec| spec.target != inside)
            && host_config.binds.iter().all(|bind| {
                let mut parts = bind.split(':').skip(1);
                parts.next().is_none_or(|path| path.trim_end_matches('/') != inside)
            })
    });
    let spelled = volumes.map(|m| format!("{}:{}{}", m.name, m.destination, if m.rw { "" } else { ":ro" }));
    // An anonymous volume (a destination alone) is spelled out by its name above.
    let named = host_config.binds.iter().filter(|bind| bind.contains(':'));
    named.cloned().chain(spelled).collect()
}

/// The seccomp profile that was given inline, which a command line cannot do.
pub(super) fn security_options(container: &Container) -> Vec<String> {
    let host_config = &container.host_config;
    let option = |option: &String| match option.split_once(['=', ':']) {
        Some(("seccomp", profile)) if profile.trim_start().starts_with('{') => "seccomp=profile.json".to_owned(),
        _ => option.clone(),
    };
    let mut options: Vec<_> = host_config.security_opt.iter().map(option).collect();
    let open = |paths: &Option<Vec<String>>| paths.as_ref().is_some_and(Vec::is_empty);
    if !host_config.privileged
        && open(&host_config.masked_paths)
        && open(&host_config.readonly_paths)
        && container.security_opt("systempaths").next().is_none()
    {
        options.push("systempaths=unconfined".to_owned());
    }
    options
}

/// Entrypoint (none where it is the image's) and the words after the image's name (none where they are the image's).
pub(super) fn command<'c>(container: &'c Container, image: &Config) -> (Option<&'c [String]>, Option<&'c [String]>) {
    let config = &container.config;
    let entrypoint = (config.entrypoint != image.entrypoint).then_some(config.entrypoint.as_slice());
    let command = (entrypoint.is_some() || config.cmd != image.cmd).then_some(config.cmd.as_slice());
    (entrypoint, command)
}

/// The host name where somebody chose one.
pub(super) fn hostname(container: &Container) -> Option<&str> {
    let name = container.config.hostname.as_str();
    let own = !name.is_empty() && !container.id.starts_with(name);
    let mode = &container.host_config.network_mode;
    (own && mode != "host" && !mode.starts_with("container:") && container.host_config.uts_mode != "host")
        .then_some(name)
}

/// Labels of its own, without those that compose and swarm write themselves.
pub(super) fn labels<'c>(container: &'c Container, image: &Config) -> Vec<(&'c str, &'c str)> {
    let own = |(key, value): &(&String, &String)| {
        image.labels.get(*key) != Some(*value)
            && !key.starts_with("com.docker.compose.")
            && !key.starts_with("com.docker.swarm.")
            && !key.starts_with("com.docker.stack.")
    };
    container.config.labels.iter().filter(own).map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Bytes in the largest unit that holds them exactly.
pub(super) fn bytes(amount: i64) -> String {
    for (shift, unit) in [(30, "g"), (20, "m"), (10, "k")] {
        if amount > 0 && amount % (1 << shift) == 0 {
            return format!("{}{unit}", amount >> shift);
        }
    }
    if amount > 0 { format!("{amount}b") } else { amount.to_string() }
}

/// 10⁻⁹ CPUs as a decimal number.
pub(super) fn cpus(nano: i64) -> String {
    let fraction = format!("{:09}", nano % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let whole = nano / 1_000_000_000;
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

/// Nanoseconds as Go writes a duration.
pub(super) fn duration(nano: i64) -> String {
    match nano {
        _ if nano % 1_000_000_000 == 0 => format!("{}s", nano / 1_000_000_000),
        _ if nano % 1_000_000 == 0 => format!("{}ms", nano / 1_000_000),
        _ => format!("{nano}ns"),
    }
}

/// A health check's command as one shell line.
pub(super) fn health_command(test: &[String]) -> Option<String> {
    match test.split_first() {
        Some((kind, words)) if kind == "CMD" => {
            Some(words.iter().map(|word| shell_word(word).into_owned()).collect::<Vec<_>>().join(" "))
        }
        Some((kind, words)) if kind == "CMD-SHELL" => Some(words.join(" ")),
        _ => None,
    }
}

/// Whether the IPC mode is one that somebody asked for.
pub(super) fn is_own_ipc(mode: &str) -> bool {
    !matches!(mode, "" | "private")
}

/// The cgroup namespace mode where it is not what this engine would choose.
pub(super) fn cgroupns<'c>(facts: &Facts, container: &'c Container) -> Option<&'c str> {
    let version = facts.engine.as_ref().map_or("", |engine| engine.info.cgroup_version.as_str());
    let default = if container.host_config.privileged || version == "1" { "host" } else { "private" };
    let mode = container.host_config.cgroupns_mode.as_str();
    (!mode.is_empty() && mode != default).then_some(mode)
}

/// The OCI runtime where it is not the engine's default.
pub(super) fn runtime<'c>(facts: &Facts, container: &'c Container) -> Option<&'c str> {
    let default = facts.engine.as_ref().map_or("", |engine| engine.info.default_runtime.as_str());
    let runtime = container.host_config.runtime.as_str();
    (!runtime.is_empty() && runtime != default).then_some(runtime)
}

/// The log driver where it is not the engine's default.
pub(super) fn log_driver<'c>(facts: &Facts, container: &'c Container) -> Option<&'c str> {
    let default = facts.engine.as_ref().map_or("", |engine| engine.info.logging_driver.as_str());
    let driver = container.host_config.log_config.kind.as_str();
    (!driver.is_empty() && driver != default).then_some(driver)
}

/// `/db:/web/database` as the engine keeps it, `db:database` as it is typed.
pub(super) fn link(link: &str) -> String {
    let (container, alias) = link.split_once(':').unwrap_or((link, ""));
    let alias = alias.rsplit('/').next().unwrap_or_default();
    let container = container.trim_start_matches('/');
    if alias.is_empty() { container.to_owned() } else { format!("{container}:{alias}") }
}

/// A line in the making: flags, each value one word.
#[derive(Default)]
struct Line(String);

impl Line {
    fn bare(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(word);
    }

    fn flag(&mut self, flag: &str, value: &str) {
        self.bare(flag);
        self.bare(&shell_word(value));
    }

    fn some(&mut self, flag: &str, value: &str) {
        if !value.is_empty() {
            self.flag(flag, value);
        }
    }

    fn number(&mut self, flag: &str, value: i64) {
        if value != 0 {
            self.flag(flag, &value.to_string());
        }
    }

    fn size(&mut self, flag: &str, value: i64) {
        if value != 0 {
            self.flag(flag, &bytes(value));
        }
    }

    fn all<S: AsRef<str>>(&mut self, flag: &str, values: impl IntoIterator<Item = S>) {
        for value in values {
            self.flag(flag, value.as_ref());
        }
    }
}

fn arguments(facts: &Facts, container: &Container, network: Option<&str>) -> String {
    let image = image_config(facts, container);
    let mut line = Line::default();
    identity(&mut line, facts, container, image, network);
    confinement(&mut line, facts, container);
    storage(&mut line, facts, container);
    resources(&mut line, facts, container);
    let (entrypoint, command) = command(container, image);
    let mut words: Vec<&String> = Vec::new();
    if let Some(entrypoint) = entrypoint {
        line.flag("--entrypoint", entrypoint.first().map_or("", String::as_str));
        words.extend(entrypoint.iter().skip(1));
    }
    words.extend(command.into_iter().flatten());
    let name = image_name(container);
    if name.starts_with('-') {
        line.bare("--");
    }
    line.bare(&shell_word(name));
    for word in words {
        line.bare(&shell_word(word));
    }
    line.0
}

/// Who it is and who can talk to it.
fn identity(line: &mut Line, facts: &Facts, container: &Container, image: &Config, network: Option<&str>) {
    let (config, host_config) = (&container.config, &container.host_config);
    if config.open_stdin {
        line.bare("--interactive");
    }
    if config.tty {
        line.bare("--tty");
    }
    if let Some(name) = hostname(container) {
        line.flag("--hostname", name);
    }
    line.some("--domainname", &config.domainname);
    if config.user != image.user {
        // A user that was taken away is root, and has to be asked for by number.
        line.flag("--user", if config.user.is_empty() { "0" } else { &config.user });
    }
    if config.working_dir != image.working_dir {
        line.some("--workdir", &config.working_dir);
    }
    for entry in own_environment(container, image) {
        match entry.split_once('=') {
            // The value is not in the facts: it comes from a file that the container itself filled. What such a file
            // cannot hold is shown as it stands in the facts, for whoever knows the value.
            Some((name, value)) if is_redacted(value) && can_be_carried(name) => {}
            _ => line.flag("--env", entry),
        }
    }
    if !redacted(container, image).is_empty() {
        line.flag("--env-file", &environment_file(container));
    }
    line.all("--label", labels(container, image).iter().map(|(key, value)| format!("{key}={value}")));
    if config.stop_signal != image.stop_signal {
        line.some("--stop-signal", &config.stop_signal);
    }
    if config.healthcheck != image.healthcheck
        && let Some(check) = &config.healthcheck
    {
        if check.test.first().is_some_and(|kind| kind == "NONE") {
            line.bare("--no-healthcheck");
        }
        line.all("--health-cmd", health_command(&check.test));
        for (flag, nano) in [("--health-interval", check.interval), ("--health-timeout", check.timeout)] {
            if nano > 0 {
                line.flag(flag, &duration(nano));
            }
        }
        line.number("--health-retries", check.retries);
    }
    if let Some(network) = network {
        line.flag("--network", &mode(facts, network));
        let endpoint = container.network_settings.networks.get(network);
        line.all("--network-alias", endpoint.map(|e| aliases(container, &e.aliases)).unwrap_or_default());
        addresses(line, container, network);
    }
    line.some("--mac-address", &config.mac_address);
    line.all("--dns", &host_config.dns);
    line.all("--dns-option", &host_config.dns_options);
    line.all("--dns-search", &host_config.dns_search);
    line.all("--link", host_config.links.iter().map(String::as_str).map(link));
    line.all("--add-host", &host_config.extra_hosts);
    line.all("--publish", ports(container));
    line.all("--expose", exposed(container, image));
    if host_config.publish_all_ports {
        line.bare("--publish-all");
    }
    match (host_config.restart_policy.name.as_str(), host_config.restart_policy.maximum_retry_count) {
        ("" | "no", _) => {}
        ("on-failure", count) if count > 0 => line.flag("--restart", &format!("on-failure:{count}")),
        (policy, _) => line.flag("--restart", policy),
    }
    if host_config.auto_remove {
        line.bare("--rm");
    }
    match host_config.init {
        Some(true) => line.bare("--init"),
        Some(false) => line.bare("--init=false"),
        None => {}
    }
}

/// The addresses that somebody chose for it in `network`.
fn addresses(line: &mut Line, container: &Container, network: &str) {
    let endpoint = container.network_settings.networks.get(network);
    if let Some(own) = endpoint.and_then(|endpoint| endpoint.ipam_config.as_ref()) {
        line.some("--ip", &own.ipv4_address);
        line.some("--ip6", &own.ipv6_address);
        line.all("--link-local-ip", &own.link_local);
    }
}

/// What keeps it apart from the host.
fn confinement(line: &mut Line, facts: &Facts, container: &Container) {
    let host_config = &container.host_config;
    if host_config.privileged {
        line.bare("--privileged");
    }
    line.all("--cap-drop", &host_config.cap_drop);
    line.all("--cap-add", &host_config.cap_add);
    line.all("--security-opt", security_options(container));
    if host_config.readonly_rootfs {
        line.bare("--read-only");
    }
    line.some("--pid", &mode(facts, &host_config.pid_mode));
    if is_own_ipc(&host_config.ipc_mode) {
        line.flag("--ipc", &mode(facts, &host_config.ipc_mode));
    }
    line.some("--uts", &host_config.uts_mode);
    line.some("--userns", &host_config.userns_mode);
    line.all("--cgroupns", cgroupns(facts, container));
    line.some("--cgroup-parent", &host_config.cgroup_parent);
    line.all("--runtime", runtime(facts, container));
    line.all("--sysctl", host_config.sysctls.iter().map(|(key, value)| format!("{key}={value}")));
    line.all("--group-add", &host_config.group_add);
    for device in &host_config.devices {
        let inside = if device.path_in_container.is_empty() { &device.path_on_host } else { &device.path_in_container };
        let access = if device.cgroup_permissions.is_empty() { "rwm" } else { &device.cgroup_permissions };
        line.flag("--device", &format!("{}:{inside}:{access}", device.path_on_host));
    }
    line.all("--device-cgroup-rule", &host_config.device_cgroup_rules);
    for request in &host_config.device_requests {
        line.flag("--gpus", &gpus(request));
    }
}

fn gpus(request: &DeviceRequest) -> String {
    let mut fields = BTreeSet::new();
    let capabilities: Vec<_> =
        request.capabilities.iter().flatten().filter(|c| *c != "gpu").map(String::as_str).collect();
    if !capabilities.is_empty() {
        fields.insert(field("capabilities", &capabilities.join(",")));
    }
    if !matches!(request.driver.as_str(), "" | "nvidia") {
        fields.insert(field("driver", &request.driver));
    }
    if !request.options.is_empty() {
        let options: Vec<_> = request.options.iter().map(|(key, value)| field(key, value)).collect();
        fields.insert(field("options", &options.join(",")));
    }
    if request.device_ids.is_empty() {
        let count = if request.count < 0 { "all".to_owned() } else { request.count.to_string() };
        if fields.is_empty() {
            return count;
        }
        fields.insert(field("count", &count));
    } else {
        fields.insert(field("device", &request.device_ids.join(",")));
    }
    fields.into_iter().collect::<Vec<_>>().join(",")
}

/// Binds, volumes, tmpfs.
fn storage(line: &mut Line, facts: &Facts, container: &Container) {
    let host_config = &container.host_config;
    line.all("--volume", binds(container));
    line.all("--mount", host_config.mounts.iter().map(mount));
    for from in &host_config.volumes_from {
        let (id, options) = from.split_once(':').unwrap_or((from, ""));
        let name = name_of(facts, id);
        line.flag("--volumes-from", &if options.is_empty() { name.to_owned() } else { format!("{name}:{options}") });
    }
    for (inside, options) in &host_config.tmpfs {
        line.flag("--tmpfs", &if options.is_empty() { inside.clone() } else { format!("{inside}:{options}") });
    }
    line.some("--volume-driver", &host_config.volume_driver);
    line.all("--storage-opt", host_config.storage_opt.iter().map(|(key, value)| format!("{key}={value}")));
}

/// A field of `--mount`, which the client reads as one line of CSV.
fn field(key: &str, value: &str) -> String {
    let text = format!("{key}={value}");
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn mount(spec: &MountSpec) -> String {
    let kind = if spec.kind.is_empty() { "volume" } else { &spec.kind };
    let mut fields = vec![field("type", kind)];
    if !spec.source.is_empty() {
        fields.push(field("source", &spec.source));
    }
    fields.push(field("target", &spec.target));
    if spec.read_only {
        fields.push("readonly".to_owned());
    }
    if let Some(options) = &spec.bind_options {
        if !options.propagation.is_empty() {
            fields.push(field("bind-propagation", &options.propagation));
        }
        if options.non_recursive {
            fields.push("bind-recursive=disabled".to_owned());
        }
    }
    if let Some(options) = spec.tmpfs_options.as_ref().filter(|options| options.size_bytes > 0) {
        fields.push(format!("tmpfs-size={}", options.size_bytes));
    }
    if let Some(options) = &spec.volume_options {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        if options.get("NoCopy").and_then(serde_json::Value::as_bool) == Some(true) {
            fields.push("volume-nocopy".to_owned());
        }
        fields.extend(options.get("Subpath").map(|path| field("volume-subpath", &text(path))));
        let labels = options.get("Labels").and_then(|labels| labels.as_object());
        fields.extend(
            labels.into_iter().flatten().map(|(key, value)| field("volume-label", &format!("{key}={}", text(value)))),
        );
        if let Some(driver) = options.get("DriverConfig") {
            fields.extend(driver.get("Name").map(|name| field("volume-driver", &text(name))));
            let options = driver.get("Options").and_then(|options| options.as_object());
            fields.extend(
                options
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| field("volume-opt", &format!("{key}={}", text(value)))),
            );
        }
    }
    fields.join(",")
}

fn resources(line: &mut Line, facts: &Facts, container: &Container) {
    let host_config = &container.host_config;
    line.size("--memory", host_config.memory);
    line.size("--memory-swap", host_config.memory_swap);
    line.size("--memory-reservation", host_config.memory_reservation);
    if let Some(swappiness) = host_config.memory_swappiness.filter(|value| *value >= 0) {
        line.flag("--memory-swappiness", &swappiness.to_string());
    }
    if host_config.oom_kill_disable == Some(true) {
        line.bare("--oom-kill-disable");
    }
    line.number("--oom-score-adj", host_config.oom_score_adj);
    if host_config.nano_cpus > 0 {
        line.flag("--cpus", &cpus(host_config.nano_cpus));
    }
    line.number("--cpu-shares", host_config.cpu_shares);
    line.number("--cpu-quota", host_config.cpu_quota);
    line.number("--cpu-period", host_config.cpu_period);
    line.number("--cpu-rt-runtime", host_config.cpu_realtime_runtime);
    line.number("--cpu-rt-period", host_config.cpu_realtime_period);
    line.some("--cpuset-cpus", &host_config.cpuset_cpus);
    line.number("--pids-limit", host_config.pids_limit.unwrap_or_default());
    line.number("--blkio-weight", host_config.blkio_weight);
    let throttle = |devices: &[ThrottleDevice]| -> Vec<String> {
        devices.iter().map(|device| format!("{}:{}", device.path, device.rate)).collect()
    };
    line.all("--device-read-bps", throttle(&host_config.blkio_device_read_bps));
    line.all("--device-write-bps", throttle(&host_config.blkio_device_write_bps));
    line.all("--device-read-iops", throttle(&host_config.blkio_device_read_iops));
    line.all("--device-write-iops", throttle(&host_config.blkio_device_write_iops));
    line.all("--ulimit", host_config.ulimits.iter().map(|u| format!("{}={}:{}", u.name, u.soft, u.hard)));
    let shares_ipc = host_config.ipc_mode == "host" || host_config.ipc_mode.starts_with("container:");
    if !matches!(host_config.shm_size, 0 | 67_108_864) && !shares_ipc {
        line.flag("--shm-size", &bytes(host_config.shm_size));
    }
    line.all("--log-driver", log_driver(facts, container));
    line.all("--log-opt", host_config.log_config.config.iter().map(|(key, value)| format!("{key}={value}")));
}
