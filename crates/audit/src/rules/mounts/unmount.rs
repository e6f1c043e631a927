//! The changes that close findings about mounts: take one away, make it read-only, stop its propagation. A mount is
//! spelled in up to four places of a container's options; all of them change together.

use keelguard_host::facts::{Container, Mount};
use keelguard_model::Finding;

/// The destination that the finding names.
fn destination(finding: &Finding) -> Option<&str> {
    let is_it = |what: &str| what.starts_with("Mounts[") && what.ends_with("].Destination");
    finding.evidence.iter().find(|evidence| is_it(&evidence.what)).map(|evidence| evidence.value.as_str())
}

/// `source:destination[:options]` in its parts; an anonymous volume has a destination only.
fn parts(bind: &str) -> (&str, &str, &str) {
    let mut parts = bind.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(source), Some(destination), options) => (source, destination, options.unwrap_or_default()),
        (Some(destination), None, _) => ("", destination, ""),
        _ => ("", "", ""),
    }
}

fn same(a: &str, b: &str) -> bool {
    let plain =
        |path: &str| -> String { path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/") };
    plain(a) == plain(b)
}

fn is_spelled_out(container: &Container, mount: &Mount) -> bool {
    container.host_config.binds.iter().any(|bind| same(parts(bind).1, &mount.destination))
        || container.host_config.mounts.iter().any(|spec| same(&spec.target, &mount.destination))
}

/// A mount as `-v` would spell it.
fn spelled(mount: &Mount) -> String {
    let source = if mount.kind == "volume" { &mount.name } else { &mount.source };
    format!("{source}:{}{}", mount.destination, if mount.rw { "" } else { ":ro" })
}

/// Takes `--volumes-from` apart where the mount in question came that way: the others are then spelled out.
fn spell_out_inherited(container: &mut Container, destination: &str) {
    let inherited = |container: &Container, mount: &Mount| mount.kind != "tmpfs" && !is_spelled_out(container, mount);
    let comes_from_others = !container.host_config.volumes_from.is_empty()
        && container.mounts.iter().any(|m| same(&m.destination, destination) && inherited(container, m));
    if comes_from_others {
        let spelled: Vec<_> = container.mounts.iter().filter(|m| inherited(container, m)).map(spelled).collect();
        container.host_config.binds.extend(spelled);
        container.host_config.volumes_from.clear();
    }
}

pub(crate) fn unmount(container: &mut Container, finding: &Finding) {
    let Some(destination) = destination(finding) else { return };
    spell_out_inherited(container, destination);
    container.mounts.retain(|mount| !same(&mount.destination, destination));
    container.host_config.binds.retain(|bind| !same(parts(bind).1, destination));
    container.host_config.mounts.retain(|spec| !same(&spec.target, destination));
    container.config.volumes.retain(|path, _| !same(path, destination));
}

pub(super) fn make_read_only(container: &mut Container, finding: &Finding) {
    let Some(destination) = destination(finding) else { return };
    spell_out_inherited(container, destination);
    let mut spelled_out = false;
    for bind in &mut container.host_config.binds {
        let (source, inside, options) = parts(bind);
        if same(inside, destination) && !source.is_empty() {
            let kept = options.split(',').filter(|option| !matches!(*option, "" | "rw" | "ro"));
            let options = kept.chain(["ro"]).collect::<Vec<_>>().join(",");
            *bind = format!("{source}:{inside}:{options}");
            spelled_out = true;
        }
    }
    for spec in container.host_config.mounts.iter_mut().filter(|spec| same(&spec.target, destination)) {
        spec.read_only = true;
        spelled_out = true;
    }
    for mount in container.mounts.iter_mut().filter(|mount| same(&mount.destination, destination)) {
        mount.rw = false;
        if !spelled_out {
            // A volume that the image asks for: only spelling it out can make it read-only.
            container.host_config.binds.retain(|bind| !same(parts(bind).1, destination));
            container.host_config.binds.push(spelled(mount));
        }
    }
}

pub(super) fn make_private(container: &mut Container, finding: &Finding) {
    let Some(destination) = destination(finding) else { return };
    spell_out_inherited(container, destination);
    for bind in &mut container.host_config.binds {
        let (source, inside, options) = parts(bind);
        if same(inside, destination) && !source.is_empty() {
            let kept = options.split(',').filter(|option| !matches!(*option, "" | "shared" | "rshared"));
            let options = kept.collect::<Vec<_>>().join(",");
            *bind =
                if options.is_empty() { format!("{source}:{inside}") } else { format!("{source}:{inside}:{options}") };
        }
    }
    for spec in container.host_config.mounts.iter_mut().filter(|spec| same(&spec.target, destination)) {
        if let Some(options) = &mut spec.bind_options {
            "rprivate".clone_into(&mut options.propagation);
        }
    }
    for mount in container.mounts.iter_mut().filter(|mount| same(&mount.destination, destination)) {
        "rprivate".clone_into(&mut mount.propagation);
    }
}
