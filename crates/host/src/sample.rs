//! Facts to build tests, benches and examples on: a well-kept host with an engine, and containers as `docker run IMAGE`
//! makes them.

use keelguard_model::Area;

use crate::Facts;
use crate::facts::{
    Container, Engine, Ident, Image, Info, LogConfig, Mount, Network, PathFact, PortBinding, RegistryConfig,
};

/// A host in the making.
#[derive(Clone, Debug)]
pub struct Sample {
    facts: Facts,
}

/// A Debian host with AppArmor, seccomp, cgroup v2, a current kernel and an engine without containers.
pub fn host() -> Sample {
    let mut facts = Facts::empty();
    let host = &mut facts.host;
    host.hostname = "sample".into();
    host.os.id = "debian".into();
    host.os.version_id = "13".into();
    host.os.pretty_name = "Debian GNU/Linux 13 (trixie)".into();
    host.kernel.release = "6.18.44".into();
    host.kernel.machine = "x86_64".into();
    host.lsm = Some(["lockdown", "capability", "yama", "apparmor"].map(String::from).into());
    host.apparmor = Some(true);
    host.cgroup.version = "v2".into();
    host.cgroup.controllers = ["cpu", "io", "memory", "pids"].map(String::from).into();
    host.capacity.memory = 24 << 30;
    host.capacity.cpus = 8;
    host.capacity.pids = 32_768;
    host.capacity.files = 1 << 20;
    facts.engine = Some(Engine {
        endpoint: "unix:///var/run/docker.sock".into(),
        found_by: "usual socket".into(),
        local: true,
        api_version: "1.51".into(),
        info: Info {
            name: "sample".into(),
            server_version: "29.5.1".into(),
            kernel_version: "6.18.44".into(),
            os_type: "linux".into(),
            ncpu: 8,
            mem_total: 24 << 30,
            driver: "overlay2".into(),
            cgroup_driver: "systemd".into(),
            cgroup_version: "2".into(),
            logging_driver: "json-file".into(),
            security_options: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"]
                .map(String::from)
                .into(),
            registry_config: Some(RegistryConfig {
                insecure_registry_cidrs: vec!["::1/128".into(), "127.0.0.0/8".into()],
                ..RegistryConfig::default()
            }),
            docker_root_dir: "/var/lib/docker".into(),
            default_runtime: "runc".into(),
            memory_limit: true,
            swap_limit: true,
            pids_limit: true,
            bridge_nf_iptables: true,
            ..Info::default()
        },
        networks: vec![
            Network {
                id: "n0".into(),
                name: "bridge".into(),
                driver: "bridge".into(),
                scope: "local".into(),
                ..Network::default()
            },
            Network {
                id: "n1".into(),
                name: "host".into(),
                driver: "host".into(),
                scope: "local".into(),
                ..Network::default()
            },
            Network {
                id: "n2".into(),
                name: "none".into(),
                driver: "null".into(),
                scope: "local".into(),
                ..Network::default()
            },
        ],
        images: vec![Image { id: "sha256:11".into(), repo_tags: vec!["app:1.0".into()], ..Image::default() }],
        ..Engine::default()
    });
    Sample { facts }
}

impl Sample {
    /// One more container, as `docker run --name NAME app:1.0` would make it, changed by `change`. It runs, without the
    /// kernel's word.
    #[must_use]
    pub fn container(mut self, name: &str, change: impl FnOnce(&mut Container)) -> Self {
        let mut container = Container { name: name.into(), image: "sha256:11".into(), ..Container::default() };
        if let Some(engine) = &mut self.facts.engine {
            container.id = format!("{:064x}", engine.containers.len() + 1);
            container.state.status = "running".into();
            container.config.image = "app:1.0".into();
            container.driver = "overlay2".into();
            container.app_armor_profile = "docker-default".into();
            let host_config = &mut container.host_config;
            host_config.network_mode = "default".into();
            host_config.ipc_mode = "private".into();
            host_config.cgroupns_mode = "private".into();
            host_config.restart_policy.name = "no".into();
            host_config.masked_paths = Some(vec!["/proc/kcore".into()]);
            host_config.readonly_paths = Some(vec!["/proc/sys".into()]);
            host_config.shm_size = 64 << 20;
            host_config.log_config = LogConfig { kind: "json-file".into(), ..LogConfig::default() };
            container.network_settings.networks.insert("bridge".into(), crate::facts::Endpoint::default());
            change(&mut container);
            engine.containers.push(container);
        }
        self
    }

    /// Changes the facts themselves.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.facts);
        self
    }

    /// A host path with its identity: device 1, and an inode made of the path, so that the same resolved path has the same
    /// identity wherever it is mentioned. `kind` is that of [`PathFact`]. `resolved` is where links lead.
    #[must_use]
    pub fn path(mut self, path: &str, resolved: &str, kind: &str) -> Self {
        self.facts.host.paths.insert(path.into(), path_fact(resolved, kind));
        self
    }

    /// The same for a path of [`crate::sensitive::PATHS`].
    #[must_use]
    pub fn sensitive(mut self, path: &str, kind: &str) -> Self {
        self.facts.host.sensitive.insert(path.into(), path_fact(path, kind));
        self
    }

    /// Something could not be read.
    #[must_use]
    pub fn blind(mut self, area: Area, what: &str) -> Self {
        self.facts.incomplete.push(keelguard_model::Incomplete::new(area, what, "sample"));
        self
    }

    /// The facts.
    pub fn facts(self) -> Facts {
        self.facts
    }
}

/// What lies at `resolved`, with a made-up identity that is the same for the same path.
pub fn path_fact(resolved: &str, kind: &str) -> PathFact {
    let mut chain = Vec::new();
    let mut rest = Some(std::path::Path::new(resolved));
    while let Some(path) = rest {
        let ino = path
            .to_string_lossy()
            .bytes()
            .fold(1469u64, |hash, byte| hash.wrapping_mul(1_099_511).wrapping_add(u64::from(byte)));
        chain.push((path.to_string_lossy().into_owned(), Ident { dev: 1, ino }));
        rest = path.parent();
    }
    PathFact { resolved: resolved.into(), kind: kind.into(), chain, ..PathFact::default() }
}

impl Container {
    /// A bind mount of `source` at `destination`, as the engine lists it.
    pub fn bind(&mut self, source: &str, destination: &str) {
        self.host_config.binds.push(format!("{source}:{destination}"));
        self.mounts.push(Mount {
            kind: "bind".into(),
            source: source.into(),
            destination: destination.into(),
            rw: true,
            propagation: "rprivate".into(),
            ..Mount::default()
        });
    }

    /// The same, read-only.
    pub fn bind_ro(&mut self, source: &str, destination: &str) {
        self.bind(source, destination);
        if let (Some(bind), Some(mount)) = (self.host_config.binds.last_mut(), self.mounts.last_mut()) {
            bind.push_str(":ro");
            mount.mode = "ro".into();
            mount.rw = false;
        }
    }

    /// Publishes TCP port `inside` at `address:outside`.
    pub fn publish(&mut self, address: &str, outside: u16, inside: u16) {
        let binding = PortBinding { host_ip: address.into(), host_port: outside.to_string() };
        let port = format!("{inside}/tcp");
        self.host_config.port_bindings.insert(port.clone(), Some(vec![binding.clone()]));
        self.network_settings.ports.insert(port, Some(vec![binding]));
    }
}
