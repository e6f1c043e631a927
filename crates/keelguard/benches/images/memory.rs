//! Memory by what is in the image: one file of two gigabytes, few packages and many.

use std::fmt::Write as _;
use std::path::Path;

use crate::Bench;
use crate::measure::{Case, compare, median, say};

/// A Debian of so many packages in `folder`.
fn debian(folder: &Path, packages: usize) {
    for below in ["etc", "var/lib/dpkg"] {
        std::fs::create_dir_all(folder.join(below)).unwrap();
    }
    std::fs::write(folder.join("etc/os-release"), "ID=debian\nVERSION_ID=12\n").unwrap();
    let mut status = String::new();
    for at in 0..packages {
        let _ = write!(
            status,
            "Package: package-{at}\nStatus: install ok installed\nVersion: 1.{at}-1\nArchitecture: all\n\
             Maintainer: Nobody <nobody@example.com>\nDescription: one of many\n\n"
        );
    }
    std::fs::write(folder.join("var/lib/dpkg/status"), status).unwrap();
}

/// An image with a file of 2 GB, saved and packed, beside the same image without it.
pub(crate) fn large(bench: &Bench) {
    for (title, size) in [("without a large file", 0_u64), ("with a file of 2 GB", 2_000_000_000)] {
        let folder = tempfile::tempdir_in(bench.forms.folder()).unwrap();
        let tree = folder.path().join("tree");
        debian(&tree, 100);
        std::fs::File::create(tree.join("data.bin")).and_then(|file| file.set_len(size)).unwrap();
        let script = format!(
            "set -e\ncd {}\ntar -C tree -cf - . | docker import - keelguard-bench/data:1 >/dev/null\n\
             docker save -o saved.tar keelguard-bench/data:1\n\
             skopeo --insecure-policy copy --quiet --dest-compress-format gzip docker-archive:saved.tar oci:packed:1",
            folder.path().display()
        );
        let made = bench.image.lab.shell(&script).unwrap();
        if !made.status.success() {
            say(&format!("large: not made: {}", String::from_utf8_lossy(&made.stderr).trim()));
            return;
        }
        for (form, name) in [("docker archive", "saved.tar"), ("OCI gzip", "packed")] {
            let path = folder.path().join(name);
            let text = path.to_str().unwrap();
            compare(
                &format!("{form}, {title}"),
                1,
                &[
                    Case::new("keelguard", || bench.keelguard(text, false)),
                    Case::new("trivy", || bench.trivy(&["--input", text])).after(|| bench.forget()),
                ],
            );
        }
    }
}

/// A root filesystem of few packages and of many.
pub(crate) fn packages(bench: &Bench) {
    say("\nroot filesystem by its number of packages:");
    for count in [100, 1_000, 10_000, 50_000] {
        let folder = tempfile::tempdir_in(bench.forms.folder()).unwrap();
        debian(folder.path(), count);
        let target = format!("dir:{}", folder.path().display());
        let run = median(3, || bench.keelguard(&target, false));
        say(&format!("  {count:>6} packages: {:.3} s, {:.1} MB", run.wall, run.memory));
    }
}
