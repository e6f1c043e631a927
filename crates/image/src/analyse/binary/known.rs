//! The table of well-known programs. Their names are those under which OSV's Bitnami ecosystem keeps records, where it
//! does; that is who keeps advisories for programs without a package manager.

/// A program or library.
pub(super) struct Program {
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

const fn row(name: &'static str, files: &'static str, text: &'static str) -> Program {
    Program { name, files, text, like_name: false, branch: None }
}

/// All rows.
pub(super) const PROGRAMS: &[Program] = &[
    row("apache", "httpd|apache2", r"Apache/(\d+\.\d+\.\d+)"),
    row("bash", "bash", r"Bash version (\d+\.\d+\.\d+)"),
    row("busybox", "busybox(?:\\.[a-z]+)?", r"BusyBox v(\d+\.\d+\.\d+)"),
    row("curl", r"curl|libcurl(?:-gnutls|-nss)?\.so\.[\d.]+", r"curl/(\d+\.\d+\.\d+)"),
    row("git", "git", r"git/(\d+\.\d+\.\d+)"),
    row("glibc", r"libc\.so\.6|libc-2\.\d+\.so", r"GNU C Library [^\x00\n]{0,100}release version (\d+\.\d+(?:\.\d+)?)"),
    row("gnutls", r"libgnutls\.so\.[\d.]+", r"Enabled GnuTLS (\d+\.\d+\.\d+)"),
    row("haproxy", "haproxy", r" version (\d+\.\d+\.\d+)[^,\x00]{0,60}, released "),
    // Java 8 and earlier number their virtual machine otherwise; the `release` file names them.
    row("java", r"libjvm\.so", r"64-Bit Server VM \((\d+(?:\.\d+){0,4})\+\d"),
    row("libressl", r"openssl|lib(?:crypto|ssl)\.so\.[\d.]+", r"LibreSSL (\d+\.\d+\.\d+)"),
    row("lua", r"lua(?:5\.\d)?|liblua[\d.-]*\.so[\d.]*", r"Lua (5\.\d\.\d+)"),
    row("mariadb", "mariadbd|mariadb|mysqld|mysql", r"(\d+\.\d+\.\d+)-MariaDB"),
    row("memcached", "memcached", r"memcached (\d+\.\d+\.\d+)"),
    row("musl", r"ld-musl-[\w-]+\.so\.1|libc\.musl-[\w-]+\.so\.1", r"\x00(1\.\d\.\d{1,2})\x00"),
    // Paths of the sources in messages.
    row("mysql", "mysqld", r"/mysql-(\d+\.\d+\.\d+)"),
    row("nginx", "nginx(?:-debug)?", r"nginx/(\d+\.\d+\.\d+)"),
    row("node", r"node|nodejs|libnode\.so\.\d+", r"node\.js/v(\d+\.\d+\.\d+)"),
    row("openldap", "slapd", r"OpenLDAP: slapd (2\.\d+\.\d+)"),
    row("openresty", "nginx|openresty", r"openresty/(\d+\.\d+\.\d+(?:\.\d+)?)"),
    row("openssh", "sshd?", r"OpenSSH_(\d+\.\d+p\d+)"),
    row(
        "openssl",
        r"openssl|lib(?:crypto|ssl)\.so\.[\d.]+",
        r"OpenSSL (\d+\.\d+\.\d+[a-z]{0,2})(?:[-+][0-9A-Za-z.+-]{1,40})? +\d{1,2} [A-Z][a-z]{2} 20\d\d",
    ),
    row("perl", r"perl(?:5[\d.]*)?|libperl\.so\.5[\d.]*", r"\x00v(5\.\d{1,2}\.\d{1,2})\x00"),
    row("pgbouncer", "pgbouncer", r"PgBouncer (\d+\.\d+\.\d+)"),
    row("php", r"php(?:-cgi|-fpm|-cli)?[\d.]*|php[\d.]+-(?:cgi|fpm|cli)|libphp[\d.]*\.so", r"PHP/(\d+\.\d+\.\d+)"),
    row("postgresql", "postgres", r"postgres \(PostgreSQL\) (\d+(?:\.\d+){1,2})"),
    row("proftpd", "proftpd", r"ProFTPD (?:Version )?(\d+\.\d+\.\d+[a-z]?)"),
    // Linkers let a text share the end of a longer one: a prefix such as `/opt/python/3.11.7`.
    // `python3` is mostly a link; where it was copied, the tag of its compiled files says which one it is.
    Program {
        like_name: true,
        branch: Some(r"\x00cpython-(3)(\d{1,2})\x00"),
        ..row(
            "python",
            r"python(?:[23](?:\.\d+[a-z]?)?)?|libpython[23]\.\d+[a-z]*\.so[\d.]*",
            r"[\x00/]([23]\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?)\+?\x00",
        )
    },
    // Its help names dozens of versions. Its own is followed by what it reports next: compiler and kind of atomics.
    row(
        "redis",
        "redis-(?:server|sentinel|check-rdb|check-aof)",
        r"\x00(\d{1,2}\.\d{1,2}\.\d{1,3})\x00(?:\d{1,2}\.\d{1,2}\.\d{1,2}\x00)?(?:c11|atomic|sync)-builtin\x00",
    ),
    row("ruby", r"ruby[\d.]*|libruby[\d.-]*\.so[\d.]*", r"ruby (\d+\.\d+\.\d+)[a-z0-9]{0,12} \(20\d\d-"),
    row("sqlite", r"sqlite3|libsqlite3\.so[\d.]*", r"\x00(3\.\d{1,2}\.\d{1,2}(?:\.\d)?)\x00"),
    row("squid", "squid", r"squid/(\d+\.\d+(?:\.\d+)?)"),
    row("varnish", "varnishd", r"varnish-(\d+\.\d+\.\d+) revision "),
    row("zlib", r"libz\.so\.[\d.]+", r"deflate (\d+\.\d+\.\d+(?:\.\d+)?) Copyright"),
];
