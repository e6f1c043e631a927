//! The lab's images, made of one static program and the mistakes that images come with.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::refusal;
use crate::tar::Archive;
use crate::{Lab, LabError};

/// Runs as root, checks nothing: what most images look like.
pub const PLAIN: &str = "keelguard-lab/plain:1.0";
/// Own user, health check, nothing setuid.
pub const KEPT: &str = "keelguard-lab/kept:1.0";
/// A password in the environment, files fetched by address, an update of its own, setuid files, port 22.
pub const CARELESS: &str = "keelguard-lab/careless:latest";
/// Starts something that calls itself sshd.
pub const SSHD: &str = "keelguard-lab/sshd:1.0";
/// Working directory in the runtime's open files (CVE-2024-21626).
pub const WORKDIR_TRAP: &str = "keelguard-lab/workdir-trap:1.0";
/// A library for every program that starts, the runtime's hooks included (CVE-2025-23266).
pub const PRELOAD_TRAP: &str = "keelguard-lab/preload-trap:1.0";
/// A symbolic link where the runtime mounts a device (CVE-2025-52565).
pub const LINK_TRAP: &str = "keelguard-lab/link-trap:1.0";

/// A volume over a device that the runtime itself uses (CVE-2025-31133).
pub const VOLUME_TRAP: &str = "keelguard-lab/volume-trap:1.0";

/// Applets that scenarios and health checks call.
const APPLETS: [&str; 12] = ["cat", "false", "httpd", "id", "ls", "ps", "sh", "sleep", "test", "touch", "true", "wget"];

struct Image {
    name: &'static str,
    /// Indexes of layers, lowest first.
    layers: &'static [usize],
    config: Value,
    /// Steps of the build that made no layer of their own.
    steps: &'static [&'static str],
}

fn layers(busybox: &[u8]) -> Vec<Vec<u8>> {
    let mut base = Archive::default();
    for (folder, mode) in [("bin/", 0o755), ("etc/", 0o755), ("www/", 0o755), ("data/", 0o755), ("tmp/", 0o1777)] {
        base.folder(folder, mode);
    }
    base.file("bin/busybox", 0o755, busybox);
    for applet in APPLETS {
        base.link(&format!("bin/{applet}"), "busybox");
    }
    base.file("etc/passwd", 0o644, b"root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/false\n");
    base.file("etc/group", 0o644, b"root:x:0:\napp:x:1000:\n");
    base.file("www/index.html", 0o644, b"<!doctype html><title>Lab</title><p>A page of the lab.</p>\n");

    let mut setuid = Archive::default();
    setuid.folder("usr/", 0o755).folder("usr/bin/", 0o755);
    setuid.file("usr/bin/su", 0o4755, b"#!/bin/sh\n").file("usr/bin/wall", 0o2755, b"#!/bin/sh\n");

    // The kernel names a script's process after the script.
    let mut sshd = Archive::default();
    sshd.folder("usr/", 0o755).folder("usr/sbin/", 0o755);
    sshd.file("usr/sbin/sshd", 0o755, b"#!/bin/sh\nwhile :; do sleep 3600; done\n");

    let mut link = Archive::default();
    link.folder("dev/", 0o755).link("dev/pts", "/proc/self");

    [base, setuid, sshd, link].into_iter().map(Archive::finish).collect()
}

fn images() -> Vec<Image> {
    // Killed at once when stopped: nothing in the lab has anything to save.
    let plain = json!({ "Env": ["PATH=/bin:/usr/bin:/usr/sbin"], "Cmd": ["sleep", "86400"], "StopSignal": "SIGKILL" });
    let with = |more: Value| {
        let mut config = plain.clone();
        if let (Some(config), Value::Object(more)) = (config.as_object_mut(), more) {
            config.extend(more);
        }
        config
    };
    let nanoseconds = |seconds: u64| seconds * 1_000_000_000;
    let check =
        json!({ "Test": ["CMD", "true"], "Interval": nanoseconds(30), "Timeout": nanoseconds(5), "Retries": 3 });
    vec![
        Image { name: PLAIN, layers: &[0], config: plain.clone(), steps: &["CMD [\"sleep\" \"86400\"]"] },
        Image {
            name: KEPT,
            layers: &[0],
            config: with(json!({ "User": "1000:1000", "Healthcheck": check, "ExposedPorts": { "8080/tcp": {} } })),
            steps: &["USER 1000:1000", "EXPOSE 8080", "HEALTHCHECK CMD [\"true\"]", "CMD [\"sleep\" \"86400\"]"],
        },
        Image {
            name: CARELESS,
            layers: &[0, 1],
            config: with(json!({
                "Env": ["PATH=/bin:/usr/bin", "DB_PASSWORD=correct-horse-battery-staple"],
                "ExposedPorts": { "22/tcp": {} },
            })),
            steps: &[
                "/bin/sh -c apt-get update",
                "ADD https://example.com/install.sh /install.sh # buildkit",
                "ENV DB_PASSWORD=correct-horse-battery-staple",
                "EXPOSE 22",
            ],
        },
        Image { name: SSHD, layers: &[0, 2], config: with(json!({ "Cmd": ["/usr/sbin/sshd", "-D"] })), steps: &[] },
        Image {
            name: WORKDIR_TRAP,
            layers: &[0],
            config: with(json!({ "WorkingDir": "/proc/self/fd/8" })),
            steps: &["WORKDIR /proc/self/fd/8"],
        },
        Image {
            name: PRELOAD_TRAP,
            layers: &[0],
            config: with(json!({ "Env": ["PATH=/bin", "LD_PRELOAD=/proc/self/cwd/hook.so"] })),
            steps: &["ENV LD_PRELOAD=/proc/self/cwd/hook.so"],
        },
        Image {
            name: VOLUME_TRAP,
            layers: &[0],
            config: with(json!({ "Volumes": { "/dev/null": {} } })),
            steps: &["VOLUME [/dev/null]"],
        },
        Image { name: LINK_TRAP, layers: &[0, 3], config: plain, steps: &[] },
    ]
}

/// All images as one archive of the kind that `docker load` reads, each layer in it once.
fn archive(busybox: &[u8]) -> Vec<u8> {
    let layers = layers(busybox);
    let digests: Vec<String> = layers.iter().map(|layer| hex(layer)).collect();
    let mut archive = Archive::default();
    for (layer, digest) in layers.iter().zip(&digests) {
        archive.file(&format!("{digest}.tar"), 0o644, layer);
    }
    let mut manifest = Vec::new();
    for image in images() {
        let own: Vec<&String> = image.layers.iter().filter_map(|index| digests.get(*index)).collect();
        let copies = own.iter().map(|_| step("COPY files / # buildkit", false));
        let history: Vec<Value> = copies.chain(image.steps.iter().map(|text| step(text, true))).collect();
        let config = json!({
            "architecture": architecture(),
            "os": "linux",
            "created": "2024-01-01T00:00:00Z",
            "config": image.config,
            "rootfs": { "type": "layers", "diff_ids": own.iter().map(|d| format!("sha256:{d}")).collect::<Vec<_>>() },
            "history": history,
        });
        let config = config.to_string();
        let name = format!("{}.json", hex(config.as_bytes()));
        archive.file(&name, 0o644, config.as_bytes());
        let files: Vec<String> = own.iter().map(|digest| format!("{digest}.tar")).collect();
        manifest.push(json!({ "Config": name, "RepoTags": [image.name], "Layers": files }));
    }
    archive.file("manifest.json", 0o644, Value::Array(manifest).to_string().as_bytes());
    archive.finish()
}

fn step(text: &str, empty: bool) -> Value {
    json!({ "created": "2024-01-01T00:00:00Z", "created_by": text, "empty_layer": empty })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The engine's names differ from the compiler's.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Makes the images and gives them to the engine.
pub(crate) fn load(lab: &Lab) -> Result<(), LabError> {
    let path = lab.busybox();
    let busybox = std::fs::read(path).map_err(LabError::io(format!("read {}", path.display())))?;
    let loading = "load the lab's images into the engine";
    let mut command = lab.command("timeout");
    command.args(["60", "docker", "load", "--quiet"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(LabError::io(loading))?;
    // When the engine refuses half-way, its own words say more than a broken pipe.
    let sent = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(&archive(&busybox)));
    let output = child.wait_with_output().map_err(LabError::io(loading))?;
    if !output.status.success() {
        return Err(LabError::Docker { command: "load".to_owned(), why: refusal(&output) });
    }
    sent.map_err(LabError::io(loading))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_names_layers_that_exist_and_a_tag_of_the_labs_own() {
        let layers = layers(b"program").len();
        for image in images() {
            assert!(image.layers.iter().all(|index| *index < layers), "{}", image.name);
            assert!(image.name.starts_with("keelguard-lab/") && image.name.contains(':'));
        }
    }

    #[test]
    fn the_same_program_makes_the_same_images() {
        assert_eq!(hex(&archive(b"program")), hex(&archive(b"program")));
    }
}
