//! Places that decide who gets in, what runs and what the kernel loads. A table: a pattern of whole paths, the rule, how bad a
//! change is. The first row that fits counts.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::LazyLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use keelguard_model::{Rule, Severity, rule};

/// A row.
pub(super) struct Place {
    pattern: &'static str,
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    /// What it is, in a title: `sudo's rules`.
    pub(super) what: &'static str,
}

const fn place(pattern: &'static str, rule: &'static Rule, severity: Severity, what: &'static str) -> Place {
    Place { pattern, rule, severity, what }
}

use Severity::{Critical, High, Low, Medium};

/// See the module.
static PLACES: &[Place] = &[
    place("/etc/ld.so.preload", &rule::PRELOAD_CHANGED, Critical, "the list of libraries that every program loads"),
    place("/etc/ld.so.conf", &rule::PRELOAD_CHANGED, High, "where libraries are looked for"),
    place("/etc/ld.so.conf.d/**", &rule::PRELOAD_CHANGED, High, "where libraries are looked for"),
    place("/etc/{passwd,shadow,group,gshadow}", &rule::ACCOUNTS_CHANGED, High, "the list of accounts"),
    place("/etc/{subuid,subgid}", &rule::ACCOUNTS_CHANGED, Medium, "the numbers of accounts in containers"),
    place("/etc/sudoers", &rule::ACCOUNTS_CHANGED, High, "sudo's rules"),
    place("/etc/sudoers.d/**", &rule::ACCOUNTS_CHANGED, High, "sudo's rules"),
    place("/etc/{doas.conf,polkit-1/**}", &rule::ACCOUNTS_CHANGED, High, "who may become root"),
    place("/etc/ssh/**", &rule::DOORS_CHANGED, High, "the configuration of sshd, or its keys"),
    place(
        "/**/.ssh/{authorized_keys,authorized_keys2,rc,environment}",
        &rule::DOORS_CHANGED,
        High,
        "keys that may log in",
    ),
    place("/etc/{pam.d,security}/**", &rule::DOORS_CHANGED, High, "PAM, which decides who logs in"),
    place("/etc/pam.conf", &rule::DOORS_CHANGED, High, "PAM, which decides who logs in"),
    place("/**/security/pam_*.so", &rule::DOORS_CHANGED, Critical, "a module of PAM"),
    place(
        "/etc/{nsswitch.conf,login.defs,securetty,krb5.conf,hosts.allow,hosts.deny}",
        &rule::DOORS_CHANGED,
        Medium,
        "how accounts are looked up",
    ),
    place("/etc/docker/**", &rule::DOORS_CHANGED, High, "the engine's configuration"),
    place("/etc/containerd/**", &rule::DOORS_CHANGED, Medium, "containerd's configuration"),
    place("/etc/ssl/certs/**", &rule::DOORS_CHANGED, Medium, "the authorities that this host trusts"),
    place("/usr/local/share/ca-certificates/**", &rule::DOORS_CHANGED, Medium, "the authorities that this host trusts"),
    place(
        "/etc/apt/{trusted.gpg,trusted.gpg.d/**,keyrings/**,sources.list,sources.list.d/**}",
        &rule::DOORS_CHANGED,
        Medium,
        "whose packages this host installs",
    ),
    place("/etc/{yum.repos.d,pki/rpm-gpg,apk}/**", &rule::DOORS_CHANGED, Medium, "whose packages this host installs"),
    place("/etc/{crontab,anacrontab}", &rule::AUTOSTART_CHANGED, High, "timed jobs"),
    place("/etc/cron.*/**", &rule::AUTOSTART_CHANGED, High, "timed jobs"),
    place("/var/spool/{cron,at}/**", &rule::AUTOSTART_CHANGED, High, "timed jobs"),
    place("/etc/systemd/**", &rule::AUTOSTART_CHANGED, High, "units of systemd"),
    place(
        "/{usr/lib,lib,usr/local/lib}/systemd/**/*.{service,timer,socket,path,conf}",
        &rule::AUTOSTART_CHANGED,
        High,
        "units of systemd",
    ),
    place("/etc/{init.d,rc?.d,rc.d,init,local.d,runlevels}/**", &rule::AUTOSTART_CHANGED, High, "start-up scripts"),
    place("/etc/{rc.local,inittab}", &rule::AUTOSTART_CHANGED, High, "start-up scripts"),
    place(
        "/etc/{profile,bash.bashrc,bashrc,environment,zsh/**,profile.d/**}",
        &rule::AUTOSTART_CHANGED,
        High,
        "what every shell runs first",
    ),
    place(
        "/{root,home/*}/.{bashrc,profile,bash_profile,bash_login,bash_logout,zshrc,zshenv,zprofile}",
        &rule::AUTOSTART_CHANGED,
        High,
        "what a user's shell runs first",
    ),
    place(
        "/etc/{udev,update-motd.d,network/if-up.d,network/if-pre-up.d,NetworkManager/dispatcher.d,dhcp,kernel,logrotate.d,xdg/autostart}/**",
        &rule::AUTOSTART_CHANGED,
        Medium,
        "what is run when something happens",
    ),
    place("/etc/apt/apt.conf.d/**", &rule::AUTOSTART_CHANGED, Medium, "what runs when packages are installed"),
    place("/{usr/lib,lib}/udev/rules.d/**", &rule::AUTOSTART_CHANGED, Medium, "what is run when something happens"),
    place("/{usr/lib,lib}/modules/**", &rule::KERNEL_CHANGED, High, "modules of the kernel"),
    place(
        "/etc/{modules,modules-load.d/**,modprobe.d/**,sysctl.conf,sysctl.d/**,default/grub,default/grub.d/**,grub.d/**}",
        &rule::KERNEL_CHANGED,
        Medium,
        "how the kernel is set up",
    ),
    place("/boot/**", &rule::KERNEL_CHANGED, High, "the kernel or the boot loader"),
    place(
        "/{bin,sbin,usr/bin,usr/sbin,usr/local/bin,usr/local/sbin,usr/libexec}/**",
        &rule::PROGRAM_CHANGED,
        High,
        "a program",
    ),
    place("/**/*.so", &rule::PROGRAM_CHANGED, High, "a library"),
    place("/**/*.so.*", &rule::PROGRAM_CHANGED, High, "a library"),
    place("/etc/**", &rule::FILES_CHANGED, Low, "a configuration file"),
];

/// What is made anew whenever packages come and go: no package has a checksum of it.
const GENERATED: &[&str] = &[
    "/etc/ld.so.cache",
    "/etc/alternatives/**",
    "/etc/ssl/certs/**",
    "/etc/ca-certificates.conf",
    "/etc/{passwd,group,shadow,gshadow,subuid,subgid,passwd-,group-,shadow-,gshadow-}",
    "/etc/rc?.d/**",
    "/etc/systemd/system/*.wants/**",
    "/boot/{initrd,initramfs}*",
    "/boot/grub*/**",
    "/{usr/lib,lib}/modules/*/modules.*",
    "/usr/lib/locale/**",
    "/{usr/lib,lib}/udev/hwdb.bin",
    "/usr/lib/x86_64-linux-gnu/**/*.cache",
];

fn set(patterns: impl Iterator<Item = &'static str>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // A test walks the tables: each of them is a pattern.
        if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}

static SET: LazyLock<GlobSet> = LazyLock::new(|| set(PLACES.iter().map(|place| place.pattern)));
static MADE: LazyLock<GlobSet> = LazyLock::new(|| set(GENERATED.iter().copied()));

/// What lies at this whole path.
pub(super) fn of(path: &[u8]) -> Option<&'static Place> {
    let first = SET.matches(Path::new(OsStr::from_bytes(path))).into_iter().min()?;
    PLACES.get(first)
}

/// Whether this is made anew when packages change.
pub(super) fn is_generated(path: &[u8]) -> bool {
    MADE.is_match(Path::new(OsStr::from_bytes(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one_and_the_first_that_fits_counts() {
        for pattern in PLACES.iter().map(|place| place.pattern).chain(GENERATED.iter().copied()) {
            assert!(GlobBuilder::new(pattern).literal_separator(true).build().is_ok(), "{pattern}");
        }
        for (path, id) in [
            ("/etc/ld.so.preload", "KG-D006"),
            ("/etc/shadow", "KG-D003"),
            ("/etc/sudoers.d/backdoor", "KG-D003"),
            ("/home/alice/.ssh/authorized_keys", "KG-D004"),
            ("/lib/x86_64-linux-gnu/security/pam_unix.so", "KG-D004"),
            ("/etc/cron.d/x", "KG-D005"),
            ("/usr/lib/systemd/system/ssh.service", "KG-D005"),
            ("/usr/lib/modules/6.1.0/kernel/net/x.ko.xz", "KG-D007"),
            ("/boot/vmlinuz-6.1.0", "KG-D007"),
            ("/usr/bin/ls", "KG-D008"),
            ("/usr/lib/x86_64-linux-gnu/libc.so.6", "KG-D008"),
            ("/etc/hosts", "KG-D011"),
        ] {
            assert_eq!(of(path.as_bytes()).map(|place| place.rule.id), Some(id), "{path}");
        }
        assert!(of(b"/srv/data/table.csv").is_none());
    }
}
