//! Go programs: made by the real linker where it is here, by hand in the old form and for other machines.

use std::path::Path;
use std::process::Command;

use super::build::BASE;
use super::*;

/// Made by Go 1.19.8 of the program that [`a_program_that_go_built`] builds, reduced with
/// `objcopy --only-section=.go.buildinfo`.
const REDUCED: &[u8] = include_bytes!("hello-go1.19.elf");

const EXPECTED: [&str; 3] = ["golang stdlib 1.19.8", "golang example.org/dep v1.2.3", "golang example.org/new v1.0.1"];

/// The list of modules as it stands between its marks.
fn wrapped(modules: &str) -> Vec<u8> {
    [&[7; 16], modules.as_bytes(), &[9; 16]].concat()
}

const MODULES: &str = "path\tex.org/app\nmod\tex.org/app\tv1.0.0\th1:x=\ndep\tex.org/dep\tv2.0.0\th1:y=\n";
const FOUND: [&str; 3] = ["golang stdlib 1.15.2", "golang ex.org/app v1.0.0", "golang ex.org/dep v2.0.0"];

/// A program before Go 1.18: the frame points to string headers, and they to the strings.
fn old_form(is_64: bool, is_big: bool) -> Build {
    let (version, modules) = (b"go1.15.2".to_vec(), wrapped(MODULES));
    let (word, data) = (if is_64 { 8 } else { 4 }, Build::new(is_64, is_big).section("x", [0; 32]));
    let headers_at = BASE + data.offset(1);
    let strings_at = headers_at + 4 * word;
    let mut frame = b"\xff Go buildinf:".to_vec();
    frame.extend([u8::try_from(word).unwrap(), u8::from(is_big)]);
    data.word(&mut frame, headers_at);
    data.word(&mut frame, headers_at + 2 * word);
    frame.resize(32, 0);
    let mut strings = Vec::new();
    for value in [strings_at, version.len() as u64, strings_at + version.len() as u64, modules.len() as u64] {
        data.word(&mut strings, value);
    }
    strings.extend(version);
    strings.extend(modules);
    Build::new(is_64, is_big).section(".go.buildinfo", frame).section(".data", strings)
}

/// A program since Go 1.18: lengths and strings follow the frame.
fn in_line(version: &str, modules: &str) -> Vec<u8> {
    let mut bytes = b"\xff Go buildinf:".to_vec();
    bytes.extend([8, 2]);
    bytes.resize(32, 0);
    for string in [version.as_bytes().to_vec(), wrapped(modules)] {
        let mut length = string.len();
        while length >= 0x80 {
            bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap());
        bytes.extend(string);
    }
    bytes
}

#[test]
fn the_reduced_program_of_the_real_linker_names_its_modules() {
    assert_eq!(words(&look("hello", REDUCED)), EXPECTED);
}

#[test]
fn the_old_form_is_read_in_every_width_and_order() {
    for (is_64, is_big) in [(true, false), (true, true), (false, false), (false, true)] {
        let program = old_form(is_64, is_big);
        assert_eq!(words(&look("app", &program.bytes())), FOUND, "64: {is_64}, big: {is_big}");
        assert_eq!(
            words(&look("app", &program.without_headers().bytes())),
            FOUND,
            "stripped, 64: {is_64}, big: {is_big}"
        );
    }
}

#[test]
fn the_new_form_is_read_in_every_width_and_order_and_without_section_headers() {
    for (is_64, is_big) in [(true, false), (true, true), (false, false), (false, true)] {
        let build = || Build::new(is_64, is_big).section(".text", vec![0xff; 300_000]);
        let program = build().section(".go.buildinfo", in_line("go1.15.2", MODULES));
        assert_eq!(words(&look("app", &program.bytes())), FOUND);
        assert_eq!(words(&look("app", &program.without_headers().bytes())), FOUND);
    }
}

#[test]
fn a_program_without_modules_has_the_standard_library() {
    let program = Build::new(true, false).section(".go.buildinfo", in_line("go1.22.3", ""));
    assert_eq!(words(&look("app", &program.bytes())), ["golang stdlib 1.22.3"]);
}

#[test]
fn a_well_known_project_built_with_trimmed_paths_has_the_one_version_that_its_linker_set() {
    let program = |data: &[u8]| {
        let info = in_line("go1.22.3", "mod\tgithub.com/hashicorp/vault\t(devel)\t\n");
        words(&look("vault", &Build::new(true, false).section(".go.buildinfo", info).section(".data", data).bytes()))
    };
    let expected = ["golang stdlib 1.22.3", "golang github.com/hashicorp/vault v1.15.2"];
    assert_eq!(program(b"\x001.15.2\x00\x00abc\x001.15.2\x00"), expected);
    assert_eq!(program(b"\x001.15.2\x001.15.3\x00"), expected[..1]);
    assert_eq!(program(b"go1.22.3"), expected[..1]);
}

#[test]
fn build_information_that_points_outside_is_an_error_and_not_silence() {
    let mut frame = b"\xff Go buildinf:".to_vec();
    frame.extend([8, 2]);
    frame.resize(32, 0);
    frame.extend([0xff, 0xff, 0xff, 0xff, 0x7f]);
    let program = Build::new(true, false).section(".go.buildinfo", frame).bytes();
    let found = look("app", &program);
    assert_eq!(words(&found), Vec::<String>::new());
    assert_eq!(found.incomplete, ["its Go build information points outside of the file"]);
}

/// A program with a dependency, a replaced dependency and one replaced by a folder, without a network.
fn write_program(folder: &Path) {
    let files = [
        (
            "go.mod",
            "module example.org/hello\n\ngo 1.17\n\nrequire (\n\texample.org/dep v1.2.3\n\texample.org/local v0.0.0\n\texample.org/old v1.0.0\n)\n\n\
             replace example.org/old v1.0.0 => example.org/new v1.0.1\n\nreplace example.org/local => ./local\n",
        ),
        (
            "vendor/modules.txt",
            "# example.org/dep v1.2.3\n## explicit\nexample.org/dep\n\
             # example.org/local v0.0.0 => ./local\n## explicit\nexample.org/local\n\
             # example.org/old v1.0.0 => example.org/new v1.0.1\n## explicit\nexample.org/old\n\
             # example.org/local => ./local\n",
        ),
        ("vendor/example.org/dep/dep.go", "package dep\n\nconst Word = \"a\"\n"),
        ("vendor/example.org/local/local.go", "package local\n\nconst Word = \"b\"\n"),
        ("vendor/example.org/old/old.go", "package old\n\nconst Word = \"c\"\n"),
        (
            "main.go",
            "package main\n\nimport (\n\t\"example.org/dep\"\n\t\"example.org/local\"\n\t\"example.org/old\"\n)\n\n\
             func main() { println(dep.Word + local.Word + old.Word) }\n",
        ),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn a_program_that_go_built_names_its_modules_stripped_or_not() {
    let Ok(version) = Command::new("go").arg("version").output() else {
        println!("skipped: there is no go here");
        return;
    };
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let version = version.split_whitespace().nth(2).unwrap().strip_prefix("go").unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    write_program(folder.path());
    let build = |arguments: &[&str]| {
        let output = Command::new("go")
            .args(["build", "-mod=vendor", "-o", "hello"])
            .args(arguments)
            .current_dir(folder.path())
            .envs([("GOPROXY", "off"), ("GOFLAGS", ""), ("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        look("usr/bin/hello", &std::fs::read(folder.path().join("hello")).unwrap())
    };
    let mut expected = EXPECTED.map(str::to_owned).to_vec();
    expected[0] = format!("golang stdlib {version}");
    assert_eq!(words(&build(&[])), expected);
    assert_eq!(words(&build(&["-ldflags=-s -w", "-buildmode=pie"])), expected);
    expected.insert(1, "golang example.org/hello v2.5.0".to_owned());
    assert_eq!(words(&build(&["-ldflags=-s -w -X main.version=2.5.0"])), expected);
}
