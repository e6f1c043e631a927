use keelguard_image::Limits;
use keelguard_image::analyse::Scope;

use crate::{data, declared, lines, refused, run};

/// What the project of `tests/data/lang` needs to run: `is-odd` and what it needs serve development, `tool` is its own.
const RUN: [&str; 4] = ["npm @sindresorhus/is 4.6.0", "npm debug 2.6.8", "npm left-pad 1.3.0", "npm ms 2.0.0"];
/// And with what serves development, where the lock file does not tell.
const ALL: [&str; 6] = [
    "npm @sindresorhus/is 4.6.0",
    "npm debug 2.6.8",
    "npm is-number 6.0.0",
    "npm is-odd 3.0.1",
    "npm left-pad 1.3.0",
    "npm ms 2.0.0",
];

#[test]
fn every_version_of_npms_lock_names_the_same_packages() {
    for version in ["v1", "v2", "v3"] {
        let lock = data(&format!("npm/package-lock-{version}.json"));
        assert_eq!(declared("shop/package-lock.json", &lock), RUN, "{version}");
        assert_eq!(declared("npm-shrinkwrap.json", &lock), RUN, "{version}");
    }
}

#[test]
fn nested_copies_of_a_package_count_once_for_each_version() {
    let lock = r#"{"lockfileVersion":3,"packages":{"":{"name":"shop","version":"1.0.0"},
        "node_modules/ms":{"version":"2.0.0"},"node_modules/a/node_modules/ms":{"version":"2.1.3"},
        "node_modules/b/node_modules/ms":{"version":"2.1.3"},"packages/own":{"name":"own","version":"1.0.0"}}}"#;
    assert_eq!(declared("package-lock.json", lock), ["npm ms 2.0.0", "npm ms 2.1.3"]);
    let lock = r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"ms":{"version":"2.1.3"}}},
        "g":{"version":"git+ssh://git@host/g.git#0123"}}}"#;
    assert_eq!(declared("package-lock.json", lock), ["npm a 1.0.0", "npm ms 2.1.3"]);
}

#[test]
fn both_generations_of_yarns_lock_are_read() {
    assert_eq!(declared("yarn.lock", data("npm/yarn-v1.lock")), ALL);
    assert_eq!(declared("yarn.lock", data("npm/yarn-berry.lock")), ALL);
}

#[test]
fn a_block_of_yarns_lock_may_answer_several_ranges() {
    let lock = "# yarn lockfile v1\n\n\n\"@s/x@^1.0.0\", \"@s/x@^1.1.0\":\r\n  version \"1.2.0\"\r\n\nb@git+https://host/b.git:\n  version \"0.1.0\"\n";
    assert_eq!(declared("yarn.lock", lock), ["npm @s/x 1.2.0", "npm b 0.1.0"]);
    let patched = "__metadata:\n  version: 8\n\n\"typescript@patch:typescript@npm%3A^5.0.0#optional!builtin<compat/typescript>\":\n  version: 5.4.5\n  resolution: \"typescript@patch:typescript@npm%3A5.4.5#optional!builtin<compat/typescript>::version=5.4.5&hash=5adc0c\"\n  languageName: node\n  linkType: hard\n";
    assert_eq!(declared("yarn.lock", patched), ["npm typescript 5.4.5"]);
}

#[test]
fn every_version_of_pnpms_lock_names_the_same_packages() {
    for pnpm in [7, 8, 9] {
        assert_eq!(declared("pnpm-lock.yaml", data(&format!("npm/pnpm-{pnpm}-lock.yaml"))), RUN, "pnpm {pnpm}");
    }
}

#[test]
fn peers_and_hosts_in_pnpms_keys_are_no_part_of_the_version() {
    let lock = "lockfileVersion: 5.3\npackages:\n  /@s/x/1.0.0_react@17.0.2:\n    dev: false\n  registry.host/y/2.0.0:\n    dev: false\n  /z/3.0.0/react@17.0.2:\n    dev: false\n";
    assert_eq!(declared("pnpm-lock.yaml", lock), ["npm @s/x 1.0.0", "npm y 2.0.0", "npm z 3.0.0"]);
    let lock = "lockfileVersion: '6.1'\npackages:\n  /@s/x@1.0.0(react@17.0.2)(@t/y@1.0.0):\n    dev: false\n  github.com/a/b/0123abcd:\n    name: b\n    version: 1.1.0\n";
    assert_eq!(declared("pnpm-lock.yaml", lock), ["npm @s/x 1.0.0", "npm b 1.1.0"]);
}

#[test]
fn what_pnpm_9_needs_through_peers_and_workspaces_is_followed() {
    let lock = "\
lockfileVersion: '9.0'
importers:
  packages/a:
    dependencies:
      x: {specifier: ^1.0.0, version: '1.0.0(@t/y@2.0.0)'}
      b: {specifier: 'workspace:*', version: link:../b}
    devDependencies:
      d: {specifier: 1.0.0, version: 1.0.0}
packages:
  x@1.0.0: {}
  '@t/y@2.0.0': {}
  d@1.0.0: {}
  opt@1.0.0: {}
snapshots:
  x@1.0.0(@t/y@2.0.0):
    dependencies: {'@t/y': 2.0.0}
    optionalDependencies: {opt: 1.0.0}
  '@t/y@2.0.0': {}
  opt@1.0.0: {}
  d@1.0.0:
    dependencies: {x: '1.0.0(@t/y@2.0.0)'}
";
    assert_eq!(declared("pnpm-lock.yaml", lock), ["npm @t/y 2.0.0", "npm opt 1.0.0", "npm x 1.0.0"]);
}

#[test]
fn buns_lock_is_read_and_its_binary_one_is_named() {
    assert_eq!(declared("bun.lock", data("npm/bun.lock")), RUN);
    let nested = r#"{ // comment, with "quotes"
        "workspaces": {"": {"name": "r", "dependencies": {"a": "1"}}, "w": {"name": "w", "dependencies": {"c": "2"},},},
        "packages": {
            "a": ["a@1.0.0", "", {"dependencies": {"b": "2", "c": "1"}, "bin": {"a": "//x"}}, "h"], /* , */
            "a/b": ["b@2.0.0", "", {}, "h"], "b": ["b@1.0.0", "", {}, "h"], "c": ["c@1.0.0", "", {}, "h",],
            "w": ["w@workspace:w"], "w/c": ["c@2.0.0", "", {}, "h"],
        },
    }"#;
    assert_eq!(declared("bun.lock", nested), ["npm a 1.0.0", "npm b 2.0.0", "npm c 1.0.0", "npm c 2.0.0"]);
    let found = declared("bun.lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\x02\0\0\0");
    assert!(found[0].starts_with("incomplete: bun's binary lock file is not read"), "{found:?}");
}

#[test]
fn broken_locks_are_refused_with_the_place() {
    let why = refused(Scope::Declared, "package-lock.json", "{\"packages\": [").unwrap();
    assert_eq!(why, "understand it: invalid type: sequence, expected a map at line 1 column 13");
    assert!(refused(Scope::Declared, "pnpm-lock.yaml", "a: [b\nc: d").is_some());
    assert!(refused(Scope::Declared, "bun.lock", "{\"packages\": {\"a\": 1}}").is_some());
}

#[test]
fn nesting_without_end_and_aliases_are_bounded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for name in ["package-lock.json", "bun.lock", "pnpm-lock.yaml"] {
        assert!(refused(Scope::Declared, name, &deep).is_some(), "{name}");
    }
    let bomb = "lockfileVersion: 5.4\na: &a [x, x]\nb: &b [*a, *a]\npackages:\n  /x/1.0.0: {dev: false}\n";
    let found = declared("pnpm-lock.yaml", bomb);
    assert_eq!(found, ["npm x 1.0.0", "incomplete: it uses YAML aliases, which are not followed"]);
}

#[test]
fn more_packages_than_the_bound_are_counted() {
    let limits = Limits { max_packages: 2, ..Limits::default() };
    let lock = data("npm/package-lock-v3.json");
    let found = lines(run(Scope::Declared, "package-lock.json", &lock, &limits));
    assert_eq!(found[2], "incomplete: it names 2 more packages than the 2 that are read");
}
