//! Well-known programs, built by hand where the real ones are not here (`real` asks those that are).

use super::*;

fn with(name: &str, text: &[u8]) -> Vec<String> {
    words(&look(name, &Build::new(true, false).section(".rodata", text).bytes()))
}

#[test]
fn each_row_is_found_by_its_name_and_its_text() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("usr/local/apache2/bin/httpd", b"Apache/2.4.58 (Unix)\0", "generic apache 2.4.58"),
        (
            "usr/local/bin/redis-server",
            b"cjson\x002.1.0\x006.2.0\x00b5d43ceb\x007.2.4\x0014.2.1\x00c11-builtin\0",
            "generic redis 7.2.4",
        ),
        ("usr/sbin/mysqld", b"/build/mysql-8.0.36/sql/mysqld.cc\0", "generic mysql 8.0.36"),
        ("usr/sbin/mysqld", b"-log\x0010.11.6-MariaDB\0", "generic mariadb 10.11.6"),
        ("lib/ld-musl-x86_64.so.1", b"/proc/self/fd/\x001.2.4\x00Unsupported\0", "generic musl 1.2.4"),
        ("usr/lib/libcrypto.so.1.1", b"OpenSSL 1.1.1w  11 Sep 2023\0", "generic openssl 1.1.1w"),
        ("usr/lib/libcrypto.so.10", b"OpenSSL 1.0.2k-fips  26 Jan 2017\0", "generic openssl 1.0.2k"),
        ("usr/lib/libssl.so.53", b"LibreSSL 3.8.2\0", "generic libressl 3.8.2"),
        ("usr/local/openresty/nginx/sbin/nginx", b"nginx version: openresty/1.21.4.1\0", "generic openresty 1.21.4.1"),
        ("usr/local/lib/libpython3.12.so.1.0", b"/opt/python/3.12.1\0", "generic python 3.12.1"),
        ("usr/local/bin/ruby", b"ruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]\0", "generic ruby 3.2.2"),
        ("usr/local/sbin/php-fpm", b"X-Powered-By: PHP/8.2.13\0", "generic php 8.2.13"),
        ("usr/lib/postgresql/16/bin/postgres", b"postgres (PostgreSQL) 16.1\0", "generic postgresql 16.1"),
    ];
    for (path, text, expected) in cases {
        assert_eq!(with(path, text), [*expected], "{path}");
        assert_eq!(with("usr/bin/other", text), Vec::<String>::new(), "by another name");
    }
}

#[test]
fn the_version_of_an_interpreter_is_that_of_its_tag_where_its_name_says_less() {
    let text = b"\x003.45.1\x003.1.2\x003.12.4\x00cpython-312\x00";
    for path in ["usr/bin/python3", "usr/bin/python", "usr/bin/python3.12"] {
        assert_eq!(with(path, text), ["generic python 3.12.4"], "{path}");
    }
    assert_eq!(with("usr/bin/python3", b"\x003.45.1\x00"), Vec::<String>::new(), "it may be the version of anything");
    assert_eq!(with("usr/bin/python2", text), Vec::<String>::new());
}

#[test]
fn a_version_at_the_border_of_two_windows_is_found() {
    let text = b"\0nginx/1.25.3\0";
    for before in (256 << 10) - 700..(256 << 10) + 20 {
        let mut bytes = vec![b'-'; before];
        bytes.extend(text);
        bytes.extend([b'-'; 100]);
        assert_eq!(with("nginx", &bytes), ["generic nginx 1.25.3"], "{before} bytes before it");
    }
}

#[test]
fn without_section_headers_the_whole_file_is_searched() {
    let program = Build::new(true, false).section(".rodata", *b"nginx/1.25.3\0").without_headers().bytes();
    assert_eq!(words(&look("nginx", &program)), ["generic nginx 1.25.3"]);
}

#[test]
fn ten_thousand_sections_over_the_same_bytes_are_searched_once() {
    let mut build = Build::new(true, false).section(".rodata", vec![b'-'; 1 << 20]);
    for _ in 0..5_000 {
        build = build.section(".rodata.more", Vec::new());
    }
    let mut bytes = build.bytes();
    // Every section says that it is all of the file.
    let table = usize::try_from(u64::from_le_bytes(bytes[40..48].try_into().unwrap())).unwrap();
    let size = bytes.len() as u64;
    for index in 1..5_001 {
        let at = table + index * 64;
        bytes[at + 24..at + 32].fill(0);
        bytes[at + 32..at + 40].copy_from_slice(&size.to_le_bytes());
    }
    let start = std::time::Instant::now();
    assert_eq!(words(&look("nginx", &bytes)), Vec::<String>::new());
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
