//! What an attacker may write into any of these files: cut anywhere, changed anywhere, nested and repeated without end.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use keelguard_image::Limits;
use keelguard_image::analyse::{File, table};
use proptest::prelude::*;

/// Paths that every analyser is wanted for, with a file of `tests/data/lang` or a text to start from.
const SEEDS: &[(&str, &str)] = &[
    ("node_modules/debug/package.json", "npm/debug.package.json"),
    ("package-lock.json", "npm/package-lock-v1.json"),
    ("package-lock.json", "npm/package-lock-v2.json"),
    ("yarn.lock", "npm/yarn-v1.lock"),
    ("yarn.lock", "npm/yarn-berry.lock"),
    ("pnpm-lock.yaml", "npm/pnpm-7-lock.yaml"),
    ("pnpm-lock.yaml", "npm/pnpm-9-lock.yaml"),
    ("bun.lock", "npm/bun.lock"),
    ("six.dist-info/METADATA", "python/six.METADATA"),
    ("x.egg", "python/shop_tool.egg"),
    ("requirements.txt", "python/requirements.txt"),
    ("Pipfile.lock", "python/Pipfile.lock"),
    ("poetry.lock", "python/uv.lock"),
    ("pylock.toml", "python/pylock.toml"),
    ("uv.lock", "python/uv.lock"),
    ("conda-meta/x.json", "={\"name\": \"zlib\", \"version\": \"1.2.13\", \"depends\": [\"a >=1\"]}"),
    ("environment.yml", "=dependencies:\n  - python=3.11.5=h955ad1f_0\n  - pip:\n    - Flask==3.0.0\n"),
    (
        "go.mod",
        "=module x\ngo 1.20\nrequire (\n\ta.b/c v1.0.0\n)\nreplace a.b/c v1.0.0 => \"d.e/f\" v2.0.0\nexclude x v1\n",
    ),
    ("Cargo.lock", "rust/Cargo.lock"),
    (
        "pom.xml",
        "=<project><parent><groupId>g</groupId></parent><artifactId>a</artifactId><version>${v}</version><properties><v>${w}${w}</v><w>1</w></properties><dependencies><dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>[1]</version></dependency></dependencies></project>",
    ),
    ("gradle.lockfile", "=g:a:1.0=compileClasspath,testRuntimeClasspath\nempty=\n"),
    ("specifications/x.gemspec", "ruby/bigdecimal-3.1.1.gemspec"),
    ("Gemfile.lock", "=GEM\n  remote: x\n  specs:\n    rack (1.0-java)\n      a (~> 1)\n\nPLATFORMS\n  ruby\n"),
    ("vendor/composer/installed.json", "={\"packages\":[{\"name\":\"A/b\",\"version\":\"v1\"}]}"),
    (
        "x.deps.json",
        "={\"runtimeTarget\":{\"name\":\"t\"},\"targets\":{\"t\":{\"a/1\":{\"runtime\":{}}}},\"libraries\":{\"a/1\":{\"type\":\"package\"}}}",
    ),
    ("packages.lock.json", "={\"dependencies\":{\"net8.0\":{\"A\":{\"type\":\"Direct\",\"resolved\":\"1.0\"}}}}"),
    ("packages.config", "=<packages><package id=\"A\" version=\"1.0\" x='&amp;'/></packages>"),
    (
        "x.csproj",
        "=<Project><ItemGroup><PackageReference Include=\"A\"><Version>1</Version></PackageReference></ItemGroup></Project>",
    ),
    ("ebin/jiffy.app", "erlang/jiffy.app"),
    ("mix.lock", "=%{\n  \"a\": {:hex, :a, \"1.0\", \"h\", [:mix], [], \"hexpm\", \"h\"},\n}\n"),
    ("rebar.lock", "={\"1.2.0\",[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1.0\">>},0}]}.\n"),
    ("pubspec.lock", "=packages:\n  http:\n    dependency: transitive\n    source: hosted\n    version: \"1.0\"\n"),
    (
        "Package.resolved",
        "={\"pins\":[{\"identity\":\"a\",\"location\":\"git@h:a/b.git\",\"state\":{\"version\":\"1\"}}]}",
    ),
    ("Podfile.lock", "=PODS:\n  - A/B (1.0):\n    - C\n  - C (2.0)\nEXTERNAL SOURCES:\n  C:\n    :path: x\n"),
    ("library/magrittr/DESCRIPTION", "r/magrittr.DESCRIPTION"),
    ("renv.lock", "={\"Packages\":{\"a\":{\"Version\":\"1.0\"}}}"),
    ("conan.lock", "={\"graph_lock\":{\"nodes\":{\"1\":{\"ref\":\"a/1#r\"}}},\"requires\":[\"b/2@u/c\"]}"),
    ("packages/JSON/x/Project.toml", "=name = \"JSON\"\nuuid = \"1\"\nversion = \"0.21\"\n"),
    ("Manifest.toml", "=[[deps.A]]\nversion = \"1\"\n[[deps.B]]\npath = \"b\"\n"),
    ("stack.yaml.lock", "=packages:\n- completed:\n    hackage: a-1@sha256:0,1\n"),
    ("cabal.project.freeze", "=constraints: any.a ==1,\n  b +x\n"),
    (".meta/a-1/MYMETA.json", "={\"name\":\"a\",\"version\":\"1\"}"),
    ("cpanfile.snapshot", "=DISTRIBUTIONS\n  A-1\n    pathname: x\n"),
    ("bun.lockb", "=#!/usr/bin/env bun"),
];

fn seed(text: &str) -> Vec<u8> {
    match text.strip_prefix('=') {
        Some(text) => text.as_bytes().to_vec(),
        None => fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lang").join(text)).unwrap(),
    }
}

/// Runs every row that wants the path. Whatever the answer is, what it says stays small.
fn survive(path: &str, content: &[u8]) {
    let content = content.to_vec();
    for row in table().wants(path) {
        match (row.analyse)(&File { path, mode: 0o644, content: &content }, &Limits::default()) {
            Ok(found) => {
                assert!(found.packages.len() <= content.len());
                assert!(found.packages.iter().all(|p| p.name.len() <= 1024 && p.version.len() <= 1024));
                assert!(found.incomplete.iter().all(|why| why.len() < 500));
            }
            Err(error) => assert!(error.to_string().len() < 2000, "{error}"),
        }
    }
}

#[test]
fn every_seed_is_wanted_and_whole_it_is_understood() {
    for (path, text) in SEEDS {
        let content = seed(text);
        let rows = table().wants(path);
        assert!(!rows.is_empty(), "{path}");
        for row in rows {
            let found = (row.analyse)(&File { path, mode: 0o644, content: &content }, &Limits::default());
            assert!(found.is_ok(), "{path}: {found:?}");
        }
    }
}

#[test]
fn files_cut_at_any_length_are_survived() {
    for (path, text) in SEEDS {
        let whole = seed(text);
        for length in 0..whole.len() {
            survive(path, &whole[..length]);
        }
    }
}

#[test]
fn nesting_repetition_and_length_are_bounded_in_time() {
    let big = 1 << 16;
    let texts = [
        "[".repeat(big),
        "{\"a\":".repeat(big / 5),
        "{\"dependencies\":{\"a\":".repeat(big / 20),
        "{\"packages\":{\"a\":[".repeat(big / 16),
        "- ".repeat(big / 2),
        "? ".repeat(big / 2),
        "a: {".repeat(big / 4),
        "a:\n ".repeat(big / 4),
        "&a ".repeat(big / 3),
        "*a ".repeat(big / 3),
        "!a ".repeat(big / 3),
        "\"".repeat(big),
        "'".repeat(big),
        "${".repeat(big / 2),
        "<a>".repeat(big / 3),
        format!("<a {}>", "b='c' ".repeat(big / 6)),
        format!("<project><version>{}</version></project>", "${x}".repeat(big / 4)),
        "a==".repeat(big / 3),
        "{pkg,<<\"".repeat(big / 8),
        "{:hex,".repeat(big / 6),
        "a.".repeat(big / 2),
        format!("[{}]", "a.".repeat(big / 2)),
        "a = [".repeat(big / 5),
        "a = {b=".repeat(big / 7),
        "[[package]]\n".repeat(big / 12),
        "\n".repeat(big),
        " ".repeat(big),
        "(".repeat(big),
        "@".repeat(big),
        "\\\n".repeat(big / 2),
        "/*".repeat(big / 2),
        "x ".repeat(big / 2),
        "replace a => b v1\n".repeat(big / 18),
        format!("Name: {}\nVersion: 1\n", "a".repeat(big)),
        format!("{{\"name\":\"{}\",\"version\":\"1\"}}", "a".repeat(big)),
        format!("lockfileVersion: {}", "9".repeat(big)),
        format!("lockfileVersion: '9.0'\npackages:\n{}", "  a@1: {}\n".repeat(big / 10)),
    ];
    for text in &texts {
        for (path, _) in SEEDS {
            let start = Instant::now();
            survive(path, text.as_bytes());
            let took = start.elapsed();
            assert!(took < Duration::from_secs(2), "{path} took {took:?} for {text:.40}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn files_changed_anywhere_are_survived(
        which in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8, 0..64usize), 1..8),
    ) {
        let (path, text) = SEEDS[which];
        let mut bytes = seed(text);
        for (at, byte, how, length) in changes {
            let at = at.index(bytes.len().max(1));
            let end = (at + length).min(bytes.len());
            match how {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at.min(bytes.len()), byte),
                2 if at < end => drop(bytes.drain(at..end)),
                _ if at < end => bytes.extend_from_within(at..end),
                _ => {}
            }
        }
        survive(path, &bytes);
    }

    #[test]
    fn any_text_is_survived(which in 0..SEEDS.len(), text in "\\PC{0,200}") {
        survive(SEEDS[which].0, text.as_bytes());
    }
}
