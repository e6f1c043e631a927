//! Just enough of the tar format to make images: regular files, folders and symbolic links with short names.

/// An archive in the making.
#[derive(Default)]
pub(crate) struct Archive {
    bytes: Vec<u8>,
}

impl Archive {
    pub(crate) fn file(&mut self, name: &str, mode: u32, content: &[u8]) -> &mut Self {
        self.entry(name, mode, b'0', "", content)
    }

    pub(crate) fn folder(&mut self, name: &str, mode: u32) -> &mut Self {
        self.entry(name, mode, b'5', "", &[])
    }

    pub(crate) fn link(&mut self, name: &str, target: &str) -> &mut Self {
        self.entry(name, 0o777, b'2', target, &[])
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend([0; 1024]);
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, kind: u8, target: &str, content: &[u8]) -> &mut Self {
        // Fields in the order of the format: name 100, mode 8, owner 8, group 8, size 12, time 12, sum 8, kind 1,
        // target 100, magic and version 8. Time zero makes the image's id depend on its content alone.
        let mut head = Vec::with_capacity(512);
        head.extend(field(name, 100));
        head.extend(field(&format!("{mode:07o}"), 8));
        head.extend(field("0000000", 8));
        head.extend(field("0000000", 8));
        head.extend(field(&format!("{:011o}", content.len()), 12));
        head.extend(field("00000000000", 12));
        head.extend([b' '; 8]);
        head.push(kind);
        head.extend(field(target, 100));
        head.extend(b"ustar\x0000");
        head.resize(512, 0);
        let sum: u32 = head.iter().copied().map(u32::from).sum();
        let sum = field(&format!("{sum:06o}\0 "), 8);
        head.splice(148..156, sum);
        self.bytes.extend(head);
        self.bytes.extend(content);
        let padding = content.len().next_multiple_of(512) - content.len();
        self.bytes.extend(std::iter::repeat_n(0, padding));
        self
    }
}

/// Names come from the tables of this crate and are short.
fn field(text: &str, width: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(width, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_tar_reads_it() {
        let mut archive = Archive::default();
        archive.folder("bin/", 0o755).file("bin/tool", 0o4755, b"hello").link("bin/sh", "tool");
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.tar"), archive.finish()).unwrap();
        let output =
            std::process::Command::new("tar").args(["-tvf", "a.tar"]).current_dir(dir.path()).output().unwrap();
        let listing = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        let lines: Vec<_> = listing.lines().collect();
        assert!(lines[0].starts_with("drwxr-xr-x") && lines[0].ends_with("bin/"));
        assert!(lines[1].starts_with("-rwsr-xr-x") && lines[1].contains(" 5 "));
        assert!(lines[2].ends_with("bin/sh -> tool"));
    }
}
