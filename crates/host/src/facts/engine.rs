//! The engine: what it says about itself, its images, networks, volumes, plugins and swarm.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Config, Container};

/// Everything the engine told in one pass.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Engine {
    /// Where it was reached: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`.
    pub endpoint: String,
    /// How that address was found: `--engine`, `DOCKER_HOST`, `context staging`, `usual socket`.
    pub found_by: String,
    /// Whether it runs on this host, so that paths and pids mean the same to it and to Keelguard.
    pub local: bool,
    /// The API version that was spoken.
    pub api_version: String,
    /// `GET /version`.
    pub version: Version,
    /// `GET /info`.
    pub info: Info,
    /// Every container in every state.
    pub containers: Vec<Container>,
    /// Images with history and configuration.
    pub images: Vec<Image>,
    /// Networks.
    pub networks: Vec<Network>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// Managed plugins.
    pub plugins: Vec<Plugin>,
    /// Where this engine is part of a swarm and a manager of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swarm: Option<Swarm>,
}

/// `GET /version`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Version {
    /// The engine's version.
    pub version: String,
    /// The newest API it speaks.
    pub api_version: String,
    /// The oldest.
    #[serde(rename = "MinAPIVersion")]
    pub min_api_version: String,
    /// `Engine`, `containerd`, `runc`, `docker-init`.
    pub components: Vec<Component>,
}

/// `Version.Components[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Component {
    /// `Engine`, `containerd`, `runc`, `docker-init`; `Podman Engine` when it is Podman that answers.
    pub name: String,
    /// As the component says, distribution suffix included: `1.1.5+ds1`.
    pub version: String,
}

/// `GET /info`, the fields that rules read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Info {
    /// The host's name, as the engine knows it.
    pub name: String,
    /// The engine's version.
    pub server_version: String,
    /// The kernel's release.
    pub kernel_version: String,
    /// As it names itself.
    pub operating_system: String,
    /// `linux` or `windows`.
    #[serde(rename = "OSType")]
    pub os_type: String,
    /// CPUs.
    #[serde(rename = "NCPU")]
    pub ncpu: i64,
    /// Bytes.
    pub mem_total: i64,
    /// The storage driver.
    pub driver: String,
    /// Pairs of words.
    pub driver_status: Vec<Vec<String>>,
    /// `cgroupfs`, `systemd`, `none`.
    pub cgroup_driver: String,
    /// `1` or `2`.
    pub cgroup_version: String,
    /// The default log driver.
    pub logging_driver: String,
    /// `name=seccomp,profile=default`, `name=apparmor`, `name=userns`, `name=rootless`, `name=selinux`.
    pub security_options: Vec<String>,
    /// Registries and how they are reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_config: Option<RegistryConfig>,
    /// Containers outlive the daemon.
    pub live_restore_enabled: bool,
    /// Experimental features.
    pub experimental_build: bool,
    /// Where images and containers lie.
    pub docker_root_dir: String,
    /// OCI runtimes by name.
    pub runtimes: BTreeMap<String, Value>,
    /// The default one.
    pub default_runtime: String,
    /// Names of the plugins of each kind: `Volume`, `Network`, `Authorization`, `Log`.
    pub plugins: BTreeMap<String, Option<Vec<String>>>,
    /// This node's part in a swarm.
    pub swarm: SwarmInfo,
    /// Containers on one bridge are filtered.
    pub bridge_nf_iptables: bool,
    /// The kernel can bound memory.
    pub memory_limit: bool,
    /// The kernel can bound swap.
    pub swap_limit: bool,
    /// The kernel can bound processes.
    pub pids_limit: bool,
    /// What the engine itself complains about.
    pub warnings: Vec<String>,
    /// Directories with CDI device specifications.
    #[serde(rename = "CDISpecDirs")]
    pub cdi_spec_dirs: Vec<String>,
}

/// `RegistryConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RegistryConfig {
    /// `127.0.0.0/8` is always in it.
    #[serde(rename = "InsecureRegistryCIDRs")]
    pub insecure_registry_cidrs: Vec<String>,
    /// By name; `Secure` false is plain HTTP or an unverified certificate.
    pub index_configs: BTreeMap<String, IndexConfig>,
    /// Mirrors of Docker Hub.
    pub mirrors: Vec<String>,
}

/// `RegistryConfig.IndexConfigs[…]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IndexConfig {
    /// Its name.
    pub name: String,
    /// TLS with a verified certificate.
    pub secure: bool,
}

/// `Info.Swarm`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmInfo {
    /// `inactive`, `pending`, `active`, `error`, `locked`.
    pub local_node_state: String,
    /// This node can change the swarm.
    pub control_available: bool,
    /// How many can.
    pub managers: i64,
    /// All nodes.
    pub nodes: i64,
    /// This node's address.
    pub node_addr: String,
}

/// An image: `GET /images/{id}/json` and `/history`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Image {
    /// `sha256:…`.
    pub id: String,
    /// Its names; empty where it is dangling.
    pub repo_tags: Vec<String>,
    /// Its names by digest.
    pub repo_digests: Vec<String>,
    /// RFC 3339.
    pub created: String,
    /// Bytes.
    pub size: i64,
    /// What it asks for.
    pub config: Config,
    /// How it was made, newest first. Values that look like secrets are redacted.
    pub history: Vec<HistoryEntry>,
    /// Symbolic links where the runtime mounts things (`/dev`, `/proc`, `/sys`, `/dev/null`, `/dev/pts`, `/dev/console`),
    /// as found in the layers on disk: (path, target). `None` where the layers could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap_links: Option<Vec<(String, String)>>,
}

/// `GET /images/{id}/history` entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HistoryEntry {
    /// The step: `RUN /bin/sh -c apt-get update`, `/bin/sh -c #(nop) ADD file:…`.
    pub created_by: String,
    /// Bytes it added.
    pub size: i64,
    /// `buildkit.dockerfile.v0` and the like.
    pub comment: String,
}

/// `GET /networks/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Network {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `bridge`, `host`, `null`, `overlay`, `macvlan`, `ipvlan`, a plugin.
    pub driver: String,
    /// `local`, `swarm`, `global`.
    pub scope: String,
    /// No way out.
    pub internal: bool,
    /// Containers may join a swarm network.
    pub attachable: bool,
    /// The routing mesh of a swarm.
    pub ingress: bool,
    /// IPv6.
    #[serde(rename = "EnableIPv6")]
    pub enable_ipv6: bool,
    /// `com.docker.network.bridge.enable_icc`, `encrypted`, `parent`, …
    pub options: BTreeMap<String, String>,
    /// Addresses.
    #[serde(rename = "IPAM")]
    pub ipam: Ipam,
}

/// `IPAM`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipam {
    /// Subnets.
    pub config: Vec<IpamConfig>,
}

/// `IPAM.Config[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IpamConfig {
    /// `172.17.0.0/16`.
    pub subnet: String,
    /// The host's own address in it.
    pub gateway: String,
}

/// `GET /volumes` entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// `local` or a plugin.
    pub driver: String,
    /// Where it lies on the host.
    pub mountpoint: String,
    /// The local driver's `type`, `o`, `device`: a bind of any host path hides here. Passwords are redacted.
    pub options: BTreeMap<String, String>,
    /// Labels of compose.
    pub labels: BTreeMap<String, String>,
}

impl Volume {
    /// The host path that this volume stands for, where the local driver was told to bind one.
    pub fn bound_path(&self) -> Option<&str> {
        let binds = self.options.get("o").is_some_and(|o| o.split(',').any(|o| o == "bind" || o == "rbind"));
        binds.then(|| self.options.get("device").map(String::as_str)).flatten()
    }
}

/// `GET /plugins` entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// In use.
    pub enabled: bool,
    /// What it may do.
    pub config: PluginConfig,
}

/// `Config` of a plugin: what it was granted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PluginConfig {
    /// `Linux.Capabilities`, `Linux.AllowAllDevices`.
    pub linux: PluginLinux,
    /// `Network.Type`.
    pub network: Value,
    /// Host paths it mounts.
    pub mounts: Vec<Value>,
    /// The host's processes.
    pub pid_host: bool,
    /// The host's IPC.
    pub ipc_host: bool,
}

/// `Config.Linux` of a plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PluginLinux {
    /// Capabilities.
    pub capabilities: Vec<String>,
    /// All devices.
    pub allow_all_devices: bool,
}

/// A swarm as its manager sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Swarm {
    /// `Spec.EncryptionConfig.AutoLockManagers`.
    pub auto_lock_managers: bool,
    /// `Spec.CAConfig.NodeCertExpiry`, nanoseconds.
    pub node_cert_expiry: i64,
    /// `DataPathPort`; 0 is 4789.
    pub data_path_port: i64,
    /// Services: names, published ports, secrets in their environment.
    pub services: Vec<SwarmService>,
    /// How many secrets the swarm keeps.
    pub secrets: usize,
}

/// A swarm service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmService {
    /// Its name.
    pub name: String,
    /// `published:target/protocol mode`.
    pub ports: Vec<String>,
    /// Names of environment variables.
    pub env: Vec<String>,
    /// How many secrets it is given.
    pub secrets: usize,
}
