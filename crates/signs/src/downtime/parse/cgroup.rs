//! Whose a control group is: a container's or a service's.

use crate::downtime::event::Scope;

/// The owner of the group with this path; none where it is nobody's that has a name.
pub(super) fn owner(path: &[u8]) -> Option<(Scope, &[u8])> {
    let mut service = None;
    for part in path.split(|byte| *byte == b'/') {
        // docker-ID.scope with systemd, docker/ID without, libpod-ID.scope of Podman, cri-containerd-ID.scope of Kubernetes.
        let bare = part.strip_suffix(b".scope").unwrap_or(part);
        let id = bare.rsplit(|byte| *byte == b'-').next().unwrap_or(bare);
        if id.len() == 64 && id.iter().all(u8::is_ascii_hexdigit) {
            return Some((Scope::Container, id));
        }
        if part.ends_with(b".service") {
            service = Some((Scope::Service, part));
        }
    }
    service
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_belongs_to_a_container_or_to_a_service() {
        let id = "7f3c9a1be02d4c55a8f1b5d2c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809";
        for path in [
            format!("/system.slice/docker-{id}.scope"),
            format!("/docker/{id}"),
            format!("/machine.slice/libpod-{id}.scope/container"),
            format!("/kubepods.slice/kubepods-burstable.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"),
            format!("/system.slice/docker.service/docker/{id}"),
        ] {
            assert_eq!(owner(path.as_bytes()), Some((Scope::Container, id.as_bytes())), "{path}");
        }
        assert_eq!(owner(b"/system.slice/shop.service"), Some((Scope::Service, &b"shop.service"[..])));
        assert_eq!(owner(b"/user.slice/user-1000.slice/session-3.scope"), None);
        assert_eq!(owner(b""), None);
    }
}
