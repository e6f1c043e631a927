//! Kernel vulnerabilities that lead out of a container.
//!
//! Source: the CVE records of the kernel's own numbering authority (2026), the kernel CVE tracker's list of stable fixes
//! (2021, 2022), the record of CVE-2024-1086 and the changelog of Debian's linux 6.1.187-1; read 2026-11-23. Where the
//! fix of a stable branch is not named here, a kernel of that branch is not judged, and the report says so.
//! CVE-2023-2640 and CVE-2023-32629 are Ubuntu's alone; Ubuntu's kernels are judged by their changelog only.

/// What the flaw's exploit needs of the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// System calls that every container has.
    Any,
    /// Sockets of family AF_ALG, which Docker's seccomp profile denies since 29.4.3.
    AlgSocket,
    /// `CAP_NET_RAW`, which Docker gives by default.
    NetRaw,
    /// `CAP_NET_ADMIN` in some user namespace.
    NetAdmin,
    /// `CAP_SYS_ADMIN` in some user namespace.
    SysAdmin,
    /// The same, and cgroups of version 1, without AppArmor or SELinux.
    CgroupV1,
    /// Calls for the kernel's key rings, which Docker's seccomp profile denies.
    Keyrings,
}

/// One vulnerability.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) cve: &'static str,
    pub(super) name: &'static str,
    /// The first kernel with the flaw.
    pub(super) introduced: &'static str,
    /// The first release without it.
    pub(super) mainline: &'static str,
    /// Stable branches: the first version without it.
    pub(super) stable: &'static [&'static str],
    /// `stable` names every branch that got the fix.
    pub(super) complete: bool,
    /// Options of the configuration: of each group one is needed.
    pub(super) options: &'static [&'static [&'static str]],
    pub(super) from: From,
    /// 5 where a reliable exploit is public, else 8.
    pub(super) cost: u32,
}

const ESP: &[&[&str]] = &[&["INET_ESP", "INET6_ESP"]];

/// Every row.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row { cve: "CVE-2016-5195", name: "Dirty COW", introduced: "2.6.22", mainline: "4.9", stable: &[], complete: false,
        options: &[], from: From::Any, cost: 5 },
    Row { cve: "CVE-2017-7308", name: "packet ring overflow", introduced: "3.2", mainline: "4.11", stable: &[],
        complete: false, options: &[&["PACKET"]], from: From::NetRaw, cost: 5 },
    Row { cve: "CVE-2020-14386", name: "packet ring underflow", introduced: "4.6", mainline: "5.9", stable: &[],
        complete: false, options: &[&["PACKET"]], from: From::NetRaw, cost: 8 },
    Row { cve: "CVE-2021-22555", name: "netfilter compatibility overflow", introduced: "2.6.19", mainline: "5.12",
        stable: &["4.4.267", "4.9.267", "4.14.231", "4.19.188", "5.4.113", "5.10.31", "5.11.15"], complete: true,
        options: &[&["NETFILTER_XTABLES"], &["IP_NF_IPTABLES", "IP6_NF_IPTABLES"]], from: From::NetAdmin, cost: 5 },
    Row { cve: "CVE-2022-0185", name: "filesystem context overflow", introduced: "5.1", mainline: "5.17",
        stable: &["5.4.173", "5.10.93", "5.15.16", "5.16.2"], complete: true,
        options: &[], from: From::SysAdmin, cost: 5 },
    Row { cve: "CVE-2022-0492", name: "release_agent without a capability check", introduced: "2.6.24", mainline: "5.17",
        stable: &["4.9.301", "4.14.266", "4.19.229", "5.4.177", "5.10.97", "5.15.20", "5.16.6"], complete: true,
        options: &[&["CGROUPS"], &["USER_NS"]], from: From::CgroupV1, cost: 5 },
    Row { cve: "CVE-2022-0847", name: "Dirty Pipe", introduced: "5.8", mainline: "5.17",
        stable: &["5.10.102", "5.15.25", "5.16.11"], complete: true, options: &[], from: From::Any, cost: 5 },
    Row { cve: "CVE-2023-0386", name: "overlayfs setuid copy-up", introduced: "5.11", mainline: "6.2",
        stable: &["6.1.9"], complete: false, options: &[&["OVERLAY_FS"]], from: From::SysAdmin, cost: 5 },
    Row { cve: "CVE-2023-32233", name: "nf_tables anonymous sets", introduced: "3.13", mainline: "6.4",
        stable: &[], complete: false, options: &[&["NF_TABLES"]], from: From::NetAdmin, cost: 5 },
    Row { cve: "CVE-2024-1086", name: "nf_tables verdicts", introduced: "3.15", mainline: "6.8",
        stable: &["6.1.76"], complete: false, options: &[&["NF_TABLES"]], from: From::NetAdmin, cost: 5 },
    Row { cve: "CVE-2026-31431", name: "Copy Fail", introduced: "4.14", mainline: "7.0",
        stable: &["5.10.254", "5.15.204", "6.1.170", "6.6.137", "6.12.85", "6.18.22", "6.19.12"], complete: true,
        options: &[&["CRYPTO_USER_API_AEAD"]], from: From::AlgSocket, cost: 5 },
    // 5.15 and 6.1 needed two releases; the later one is what counts.
    Row { cve: "CVE-2026-43284", name: "Dirty Frag (ESP)", introduced: "4.11", mainline: "7.1",
        stable: &["5.10.255", "5.15.206", "6.1.172", "6.6.138", "6.12.87", "6.18.28", "7.0.5"], complete: true,
        options: ESP, from: From::NetAdmin, cost: 5 },
    Row { cve: "CVE-2026-43500", name: "Dirty Frag (rxrpc)", introduced: "5.3", mainline: "7.1",
        stable: &["6.18.29", "7.0.6"], complete: false, options: &[&["AF_RXRPC"]], from: From::Keyrings, cost: 5 },
    // The record names no mainline release; stable fixes come from mainline first, and 7.1 was next after 7.0.10.
    Row { cve: "CVE-2026-46300", name: "Fragnesia", introduced: "3.9", mainline: "7.1",
        stable: &["5.10.257", "5.15.208", "6.1.174", "6.6.141", "6.12.91", "6.18.33", "7.0.10"], complete: true,
        options: ESP, from: From::NetAdmin, cost: 5 },
];

#[cfg(test)]
mod tests {
    use keelguard_host::kernel_options::OPTIONS;

    use super::*;
    use crate::rules::versions::upstream::Version;

    #[test]
    fn every_option_that_a_row_asks_for_is_collected() {
        for row in ROWS {
            for option in row.options.iter().flat_map(|group| group.iter()) {
                assert!(OPTIONS.contains(option), "{}: {option} is not read", row.cve);
            }
        }
    }

    #[test]
    fn every_row_names_versions_that_stand_in_order() {
        for row in ROWS {
            assert!(row.cve.starts_with("CVE-") && !row.name.is_empty() && matches!(row.cost, 5 | 8), "{}", row.cve);
            let introduced = Version::parse(row.introduced);
            let bounds: Vec<_> = row.stable.iter().chain([&row.mainline]).map(|text| Version::parse(text)).collect();
            assert!(introduced.is_some() && !bounds.is_empty() && bounds.iter().all(Option::is_some), "{}", row.cve);
            assert!(bounds.is_sorted(), "{}: {bounds:?}", row.cve);
        }
    }
}
