//! Module streams of Red Hat's descendants. One errata lists a package once for each stream in which it was rebuilt
//! (`nodejs` 10, 12 and 14), without the stream's name; compared blindly, nodejs 10 is "older than the fix in 14".

/// Packages whose streams are told apart by the first, or the first two numbers of the version.
const STREAMS: &[(&str, usize)] = &[
    ("nodejs", 1),
    ("npm", 1),
    ("postgresql", 1),
    ("redis", 1),
    ("varnish", 1),
    ("squid", 1),
    ("php", 2),
    ("perl", 2),
    ("ruby", 2),
    ("mariadb", 2),
    ("mysql", 2),
    ("nginx", 2),
    ("python36", 2),
    ("python38", 2),
    ("python39", 2),
    ("maven", 2),
    ("subversion", 2),
    ("swig", 2),
];

/// Whether a fix can be for the stream of the installed version.
pub(super) fn same_stream(name: &str, installed: &str, fixed: &str) -> bool {
    if is_modular(installed) != is_modular(fixed) {
        return false;
    }
    if !is_modular(fixed) {
        return true;
    }
    let Some((_, depth)) = STREAMS.iter().find(|(package, _)| belongs(name, package)) else { return true };
    numbers(installed, *depth).eq(numbers(fixed, *depth))
}

/// `10.24.0-1.module_el8.3.0+2047+b07ac28e`.
fn is_modular(version: &str) -> bool {
    version.contains(".module_") || version.contains(".module+")
}

/// `postgresql-server` belongs to `postgresql`; `perl-JSON` has versions of its own.
fn belongs(name: &str, package: &str) -> bool {
    const WITH_OWN_VERSIONS: &[&str] = &["perl", "php", "ruby"];
    const PARTS: &[&str] = &["libs", "common", "cli", "fpm", "devel", "interpreter", "irb", "doc", "default-gems"];
    match name.strip_prefix(package) {
        Some("") => true,
        Some(rest) => {
            rest.strip_prefix('-').is_some_and(|part| !WITH_OWN_VERSIONS.contains(&package) || PARTS.contains(&part))
        }
        None => false,
    }
}

/// The first numbers of the upstream version.
fn numbers(version: &str, depth: usize) -> impl Iterator<Item = &str> {
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    upstream.split('-').next().unwrap_or_default().split('.').take(depth)
}

#[cfg(test)]
mod tests {
    use super::same_stream;

    #[test]
    fn a_fix_of_another_stream_is_no_fix_of_this_one() {
        let node = "1:10.19.0-1.module_el8.3.0+2023+d2377ea3";
        assert!(same_stream("nodejs", node, "1:10.24.0-1.module_el8.3.0+2047+b07ac28e"));
        assert!(!same_stream("nodejs", node, "1:14.16.0-2.module_el8.4.0+2210+f3dd2a51"));
        assert!(!same_stream("php-cli", "7.2.11-2.module_el8.1.0+1", "7.4.6-4.module_el8.5.0+2"));
    }

    #[test]
    fn a_plain_package_is_not_fixed_by_a_module_nor_the_other_way_round() {
        assert!(!same_stream("redis", "6.0.9-1.el8", "6.2.7-1.module_el8.7.0+3286+2fbc1a8a"));
        assert!(same_stream("bash", "5.1.8-4.el9", "5.1.8-6.el9_1"));
    }

    #[test]
    fn a_stream_without_numbers_of_its_own_is_compared_as_it_is() {
        assert!(same_stream("podman", "3.3.1-9.module_el8.5.0+2", "4.0.2-5.module_el8.6.0+3"));
    }
}
