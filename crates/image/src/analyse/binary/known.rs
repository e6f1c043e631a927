//! The table of well-known programs. The package is Bitnami's component where OSV's Bitnami ecosystem has records of
//! it, so that it is looked up there; else a generic one, which is listed only.

use keelguard_model::image::PackageKind::{self, Bitnami, Generic};

/// A program or library.
pub(super) struct Program {
    /// The package's kind.
    pub(super) kind: PackageKind,
    /// The package's name.
    pub(super) name: &'static str,
    /// What its files are called, as a regular expression for the whole name.
    pub(super) files: &'static str,
    /// What stands in it, as a regular expression for bytes that captures the version. At most 500 bytes long.
    pub(super) text: &'static str,
    /// Whether the version must continue that in the file's name.
    pub(super) like_name: bool,
    /// What stands in it, as a regular expression that captures the first two numbers of its version: they count where the
    /// file's name does not have both of them.
    pub(super) branch: Option<&'static str>,
}

const fn row(kind: PackageKind, name: &'static str, files: &'static str, text: &'static str) -> Program {
    Program { kind, name, files, text, like_name: false, branch: None }
}

/// All rows.
pub(super) const PROGRAMS: &[Program] = &[
    row(Bitnami, "apache", "httpd|apache2", r"Apache/(\d+\.\d+\.\d+)"),
    row(Generic, "bash", "bash", r"Bash version (\d+\.\d+\.\d+)"),
    row(Generic, "busybox", "busybox(?:\\.[a-z]+)?", r"BusyBox v(\d+\.\d+\.\d+)"),
    row(Generic, "curl", r"curl|libcurl(?:-gnutls|-nss)?\.so\.[\d.]+", r"curl/(\d+\.\d+\.\d+)"),
    row(Bitnami, "git", "git", r"git/(\d+\.\d+\.\d+)"),
    row(
        Generic,
        "glibc",
        r"libc\.so\.6|libc-2\.\d+\.so",
        r"GNU C Library [^\x00\n]{0,100}release version (\d+\.\d+(?:\.\d+)?)",
    ),
    row(Generic, "gnutls", r"libgnutls\.so\.[\d.]+", r"Enabled GnuTLS (\d+\.\d+\.\d+)"),
    row(Bitnami, "haproxy", "haproxy", r" version (\d+\.\d+\.\d+)[^,\x00]{0,60}, released "),
    // Java 8 and earlier number their virtual machine otherwise; the `release` file names them.
    row(Bitnami, "java", r"libjvm\.so", r"64-Bit Server VM \((\d+(?:\.\d+){0,4})\+\d"),
    row(Generic, "libressl", r"openssl|lib(?:crypto|ssl)\.so\.[\d.]+", r"LibreSSL (\d+\.\d+\.\d+)"),
    row(Bitnami, "lua", r"lua(?:5\.\d)?|liblua[\d.-]*\.so[\d.]*", r"Lua (5\.\d\.\d+)"),
    row(Bitnami, "mariadb", "mariadbd|mariadb|mysqld|mysql", r"(\d+\.\d+\.\d+)-MariaDB"),
    row(Bitnami, "memcached", "memcached", r"memcached (\d+\.\d+\.\d+)"),
    row(Generic, "musl", r"ld-musl-[\w-]+\.so\.1|libc\.musl-[\w-]+\.so\.1", r"\x00(1\.\d\.\d{1,2})\x00"),
    // Paths of the sources in messages.
    row(Bitnami, "mysql", "mysqld", r"/mysql-(\d+\.\d+\.\d+)"),
    row(Bitnami, "nginx", "nginx(?:-debug)?", r"nginx/(\d+\.\d+\.\d+)"),
    row(Bitnami, "node", r"node|nodejs|libnode\.so\.\d+", r"node\.js/v(\d+\.\d+\.\d+)"),
    row(Bitnami, "openldap", "slapd", r"OpenLDAP: slapd (2\.\d+\.\d+)"),
    row(Bitnami, "openresty", "nginx|openresty", r"openresty/(\d+\.\d+\.\d+(?:\.\d+)?)"),
    row(Generic, "openssh", "sshd?", r"OpenSSH_(\d+\.\d+p\d+)"),
    row(
        Generic,
        "openssl",
        r"openssl|lib(?:crypto|ssl)\.so\.[\d.]+",
        r"OpenSSL (\d+\.\d+\.\d+[a-z]{0,2})(?:[-+][0-9A-Za-z.+-]{1,40})? +\d{1,2} [A-Z][a-z]{2} 20\d\d",
    ),
    row(Generic, "perl", r"perl(?:5[\d.]*)?|libperl\.so\.5[\d.]*", r"\x00v(5\.\d{1,2}\.\d{1,2})\x00"),
    row(Bitnami, "pgbouncer", "pgbouncer", r"PgBouncer (\d+\.\d+\.\d+)"),
    row(
        Bitnami,
        "php",
        r"php(?:-cgi|-fpm|-cli)?[\d.]*|php[\d.]+-(?:cgi|fpm|cli)|libphp[\d.]*\.so",
        r"PHP/(\d+\.\d+\.\d+)",
    ),
    row(Bitnami, "postgresql", "postgres", r"postgres \(PostgreSQL\) (\d+(?:\.\d+){1,2})"),
    row(Generic, "proftpd", "proftpd", r"ProFTPD (?:Version )?(\d+\.\d+\.\d+[a-z]?)"),
    // Linkers let a text share the end of a longer one: a prefix such as `/opt/python/3.11.7`.
    // `python3` is mostly a link; where it was copied, the tag of its compiled files says which one it is.
    Program {
        like_name: true,
        branch: Some(r"\x00cpython-(3)(\d{1,2})\x00"),
        ..row(
            Bitnami,
            "python",
            r"python(?:[23](?:\.\d+[a-z]?)?)?|libpython[23]\.\d+[a-z]*\.so[\d.]*",
            r"[\x00/]([23]\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?)\+?\x00",
        )
    },
    // Its help names dozens of versions. Its own is followed by what it reports next: compiler and kind of atomics.
    row(
        Bitnami,
        "redis",
        "redis-(?:server|sentinel|check-rdb|check-aof)",
        r"\x00(\d{1,2}\.\d{1,2}\.\d{1,3})\x00(?:\d{1,2}\.\d{1,2}\.\d{1,2}\x00)?(?:c11|atomic|sync)-builtin\x00",
    ),
    row(Bitnami, "ruby", r"ruby[\d.]*|libruby[\d.-]*\.so[\d.]*", r"ruby (\d+\.\d+\.\d+)[a-z0-9]{0,12} \(20\d\d-"),
    row(Bitnami, "sqlite", r"sqlite3|libsqlite3\.so[\d.]*", r"\x00(3\.\d{1,2}\.\d{1,2}(?:\.\d)?)\x00"),
    row(Generic, "squid", "squid", r"squid/(\d+\.\d+(?:\.\d+)?)"),
    row(Bitnami, "varnish", "varnishd", r"varnish-(\d+\.\d+\.\d+) revision "),
    row(Generic, "zlib", r"libz\.so\.[\d.]+", r"deflate (\d+\.\d+\.\d+(?:\.\d+)?) Copyright"),
];
