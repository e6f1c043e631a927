//! Kernels. A source package of a kernel builds headers, documents and tools as well; whoever has those has no kernel, and
//! thousands of kernel problems on `linux-libc-dev` are what makes people stop reading reports.

use keelguard_model::image::{Package, PackageKind};

/// Whether the package comes from a kernel's source and is no kernel itself.
pub(super) fn is_accessory(package: &Package) -> bool {
    let source = package.source.as_ref().map_or(package.name.as_str(), |source| source.name.as_str());
    let name = package.name.as_str();
    match package.kind {
        PackageKind::Deb => {
            let known = ["linux-libc-dev", "linux-headers", "linux-doc", "linux-kbuild", "linux-source"];
            let is_kernel = name.starts_with("linux-image") || name.starts_with("linux-modules");
            known.iter().any(|start| name.starts_with(start)) || is_kernel_source(source) && !is_kernel
        }
        PackageKind::Rpm => {
            let marks = ["-headers", "-devel", "-doc", "-abi", "-tools", "-macros", "-selftests"];
            let of_kernel = name.starts_with("kernel-") || source == "kernel" || source.starts_with("kernel-");
            of_kernel && marks.iter().any(|mark| name.contains(mark))
        }
        PackageKind::Apk => {
            let of_kernel = source.starts_with("linux-") && !source.starts_with("linux-pam");
            of_kernel && (name == "linux-headers" || ["-dev", "-doc"].iter().any(|end| name.ends_with(end)))
        }
        _ => false,
    }
}

/// Debian's `linux` and Ubuntu's flavours (`linux-aws`, `linux-hwe-6.8`). Other sources begin with `linux-` too.
fn is_kernel_source(source: &str) -> bool {
    const FLAVOURS: &[&str] = &[
        "aws",
        "azure",
        "gcp",
        "gke",
        "gkeop",
        "hwe",
        "ibm",
        "intel",
        "kvm",
        "lowlatency",
        "nvidia",
        "oem",
        "oracle",
        "raspi",
        "realtime",
        "riscv",
        "signed",
        "bluefield",
        "xilinx",
        "starfive",
        "fips",
    ];
    let flavour =
        |rest: &str| rest.split('-').next().is_some_and(|first| FLAVOURS.contains(&first)) || is_release(rest);
    source == "linux" || source.strip_prefix("linux-").is_some_and(flavour)
}

/// `linux-6.1`: a second kernel of a Debian release.
fn is_release(rest: &str) -> bool {
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Debian signs its kernel in a source package of its own, whose version writes `+` for the `-` of the kernel's:
/// `linux-signed-amd64 6.1.90+1` is `linux 6.1.90-1`.
pub(super) fn of_signed(source: &str, version: &str) -> Option<(&'static str, String)> {
    let _architecture = source.strip_prefix("linux-signed")?;
    let version = match version.rsplit_once('+') {
        Some((upstream, revision)) => format!("{upstream}-{revision}"),
        None => version.to_owned(),
    };
    Some(("linux", version))
}

#[cfg(test)]
mod tests {
    use keelguard_model::image::SourcePackage;

    use super::*;

    fn package(kind: PackageKind, name: &str, source: &str) -> Package {
        let version = "1".to_owned();
        Package {
            purl: String::new(),
            name: name.into(),
            version: version.clone(),
            kind,
            source: Some(SourcePackage { name: source.into(), version }),
            paths: Vec::new(),
            layer: None,
            owner: None,
        }
    }

    #[test]
    fn headers_documents_and_tools_of_a_kernel_are_no_kernel() {
        use PackageKind::{Apk, Deb, Rpm};
        for (kind, name, source) in [
            (Deb, "linux-libc-dev", "linux"),
            (Deb, "linux-libc-dev", "linux-libc-dev"),
            (Deb, "linux-headers-6.1.0-18-amd64", "linux-signed-amd64"),
            (Deb, "linux-doc-6.1", "linux"),
            (Deb, "linux-aws-headers-6.8.0-1", "linux-aws"),
            (Rpm, "kernel-headers", "kernel"),
            (Rpm, "kernel-debug-devel", "kernel"),
            (Apk, "linux-headers", "linux-headers"),
        ] {
            assert!(is_accessory(&package(kind, name, source)), "{name}");
        }
    }

    #[test]
    fn a_kernel_is_one_and_so_is_nothing_else_that_is_called_linux() {
        use PackageKind::{Apk, Deb, Rpm};
        for (kind, name, source) in [
            (Deb, "linux-image-6.1.0-18-amd64", "linux-signed-amd64"),
            (Deb, "linux-modules-6.8.0-31-generic", "linux"),
            (Deb, "util-linux", "util-linux"),
            (Deb, "linux-base", "linux-base"),
            (Deb, "libpam-doc", "pam"),
            (Rpm, "kernel-core", "kernel"),
            (Rpm, "glibc-headers", "glibc"),
            (Apk, "linux-virt", "linux-lts"),
            (Apk, "linux-pam-dev", "linux-pam"),
        ] {
            assert!(!is_accessory(&package(kind, name, source)), "{name}");
        }
    }

    #[test]
    fn a_signed_kernel_has_the_version_of_the_kernel_that_was_signed() {
        assert_eq!(of_signed("linux-signed-amd64", "6.1.90+1"), Some(("linux", "6.1.90-1".into())));
        assert_eq!(of_signed("linux", "6.1.90-1"), None);
    }
}
