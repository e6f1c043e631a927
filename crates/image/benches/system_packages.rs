//! The package databases of a well-filled image: 400 packages of Debian with 8 MB of file lists. The
//! yardstick is one look at every byte: counting the lines.

use std::fmt::Write;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use keelguard_image::Limits;
use keelguard_image::analyse::{File, Found, table};

fn main() {
    divan::main();
}

/// Path and content of each file.
type Files = Vec<(String, Vec<u8>)>;

/// 400 packages, 250 files each.
fn dpkg() -> Files {
    let mut status = String::new();
    let mut files = Files::new();
    for package in 0..400 {
        write!(
            status,
            "Package: libexample-part{package}-dev\nStatus: install ok installed\nPriority: optional\nSection: libs\n\
             Installed-Size: 1234\nMaintainer: Example <example@example.org>\nArchitecture: amd64\nMulti-Arch: same\n\
             Source: example ({package}.2-1)\nVersion: 1:{package}.2-1+deb12u3\nDepends: libc6 (>= 2.34), libgcc-s1\n\
             Description: part of an example\n This package has {package} in its name, and says so at length, as\n \
             packages do.\n .\n It has a second paragraph.\nHomepage: https://example.org/{package}\n\n"
        )
        .unwrap_or_default();
        let mut list = "/.\n/usr\n/usr/share\n/usr/share/example\n".to_owned();
        for file in 0..250 {
            let folder = format_args!("/usr/share/example/libexample-part{package}-dev/documentation");
            writeln!(list, "{folder}/chapter-{file:03}.html").unwrap_or_default();
        }
        files.push((format!("var/lib/dpkg/info/libexample-part{package}-dev.list"), list.into_bytes()));
    }
    files.push(("var/lib/dpkg/status".to_owned(), status.into_bytes()));
    files
}

/// Bytes of all files.
fn size(files: &Files) -> BytesCount {
    BytesCount::new(files.iter().map(|(_, content)| content.len()).sum::<usize>())
}

fn analyse(files: &Files) -> Vec<Found> {
    let limits = Limits::default();
    let found = files.iter().flat_map(|(path, content)| {
        let file = File { path, mode: 0o644, content };
        table().wants(path).into_iter().filter_map(move |row| (row.analyse)(&file, &limits).ok())
    });
    found.collect()
}

#[divan::bench]
fn read_dpkg(bencher: Bencher<'_, '_>) {
    let files = dpkg();
    bencher.counter(size(&files)).bench_local(|| analyse(black_box(&files)));
}

#[divan::bench]
fn yardstick_count_lines(bencher: Bencher<'_, '_>) {
    let files = dpkg();
    let lines = |content: &[u8]| content.split(|byte| *byte == b'\n').count();
    bencher
        .counter(size(&files))
        .bench_local(|| black_box(&files).iter().map(|(_, content)| lines(content)).sum::<usize>());
}
