//! The kernel: release, configuration, modules, sysctls.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use super::read;
use crate::facts::Kernel;
use crate::kernel_options::{OPTIONS, SYSCTLS};

/// The largest configuration that is read, unpacked.
const CONFIG_BOUND: u64 = 8 << 20;

pub(super) fn collect() -> Kernel {
    let uname = rustix::system::uname();
    let release = uname.release().to_string_lossy().into_owned();
    let (config, config_source) = configuration(&release);
    let lockdown = read::word("/sys/kernel/security/lockdown")
        .and_then(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned()));
    Kernel {
        version: uname.version().to_string_lossy().into_owned(),
        machine: uname.machine().to_string_lossy().into_owned(),
        signature: read::word("/proc/version_signature"),
        config,
        config_source,
        modules: modules(),
        lockdown,
        release,
    }
}

pub(super) fn sysctls() -> BTreeMap<String, String> {
    let value = |name: &&str| {
        let path = Path::new("/proc/sys").join(name.replace('.', "/"));
        Some(((*name).to_owned(), read::word(path)?))
    };
    SYSCTLS.iter().filter_map(value).collect()
}

fn configuration(release: &str) -> (BTreeMap<String, String>, Option<String>) {
    let packed = || {
        let bytes = read::bytes("/proc/config.gz".as_ref(), CONFIG_BOUND).ok()?;
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).take(CONFIG_BOUND).read_to_string(&mut text).ok()?;
        Some(("/proc/config.gz".to_owned(), text))
    };
    let plain = |path: String| read::text(path.as_ref(), CONFIG_BOUND).ok().map(|text| (path, text));
    let found = packed()
        .or_else(|| plain(format!("/boot/config-{release}")))
        .or_else(|| plain(format!("/usr/lib/modules/{release}/config")))
        .or_else(|| plain(format!("/lib/modules/{release}/build/.config")));
    match found {
        Some((source, text)) if text.contains("CONFIG_") => (options(&text), Some(source)),
        _ => (BTreeMap::new(), None),
    }
}

pub(super) fn options(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("CONFIG_")?.split_once('='))
        .filter(|(name, _)| OPTIONS.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn modules() -> Vec<String> {
    let text = read::text("/proc/modules".as_ref(), 1 << 20).unwrap_or_default();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_is_not_set_is_absent() {
        let text = "CONFIG_USER_NS=y\n# CONFIG_AF_RXRPC is not set\nCONFIG_IO_URING=m\nCONFIG_SOMETHING_ELSE=y\n";
        let found = options(text);
        assert_eq!(found.get("USER_NS").map(String::as_str), Some("y"));
        assert_eq!(found.get("IO_URING").map(String::as_str), Some("m"));
        assert_eq!(found.len(), 2);
    }
}
