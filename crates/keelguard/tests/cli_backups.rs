//! `keelguard signs data backups` on real repositories: everyday ones are silent, and damaged, stale, hanging and locked ones are
//! told. Skipped, and said so, where restic or borg is not installed (scripts/install-deps --test).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "a test may end in a panic")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::{Home, code, stderr};

fn is_missing(tool: &str) -> bool {
    let missing =
        Command::new(tool).arg("--version").output().is_err() && Command::new(tool).arg("version").output().is_err();
    if missing {
        eprintln!("skipped: {tool} is not installed; type: scripts/install-deps --test");
    }
    missing
}

/// A file system of its own: live data, and a settings file that names one backup.
struct Scene {
    home: Home,
    root: tempfile::TempDir,
}

impl Scene {
    fn new(settings: &str) -> Self {
        let (home, root) = (Home::new(), tempfile::tempdir().unwrap());
        let scene = Self { home, root };
        for number in 0..20_u8 {
            // Not alike: restic and borg keep what is alike only once.
            let lines: Vec<String> =
                (0..20_000).map(|line| format!("{number} {line} {}\n", line * 7919 % (97 + line))).collect();
            let text = lines.concat();
            scene.write(&format!("live/folder {}/file-{number}", number % 3), &text);
        }
        scene.write("password", "only this test knows\n");
        let settings = settings.replace("ROOT", &scene.root.path().display().to_string());
        scene.write("keelguard.toml", &format!("backup_places = []\n{settings}"));
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn tool(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.root.path())
            .env("RESTIC_REPOSITORY", self.path("repo"))
            .env("RESTIC_PASSWORD_FILE", self.path("password"))
            .env("BORG_PASSPHRASE", "only this test knows")
            .env("BORG_BASE_DIR", self.path("borg-home"))
            .env("TZ", "UTC")
            .output()
            .unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn run(&self, more: &[&str]) -> Output {
        let config = self.path("keelguard.toml").display().to_string();
        let mut arguments = vec!["--config", &config, "signs", "data", "backups"];
        arguments.extend(more);
        self.home.command(&arguments).env("BORG_BASE_DIR", self.path("borg-home")).output().unwrap()
    }

    /// The rules that are found, what is incomplete, and the whole answer.
    fn told(&self, more: &[&str]) -> (Vec<String>, String, Value) {
        let output = self.run(&[more, &["--format", "json"]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
        let rules = report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned());
        let whole = format!("{report}{}", stderr(&output));
        assert!(!whole.contains("only this test knows"), "the password is shown: {whole}");
        (rules.collect(), report["incomplete"].to_string(), report)
    }
}

/// Every file below a folder, with its size and time.
fn state(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let meta = entry.metadata().unwrap();
        if meta.is_dir() {
            all.extend(state(&entry.path()));
        } else {
            all.push((entry.path(), meta.len(), meta.modified().unwrap()));
        }
    }
    all.sort();
    all
}

fn largest(folder: &Path) -> PathBuf {
    state(folder).into_iter().max_by_key(|(_, size, _)| *size).unwrap().0
}

const RESTIC: &str = "[[backups]]\nname = 'shop'\nkind = 'restic'\nwhere = 'ROOT/repo'\npassword_file = 'ROOT/password'\nmax_age = '26h'\nlive = 'ROOT/live'\n";
const BORG: &str = "[[backups]]\nname = 'shop'\nkind = 'borg'\nwhere = 'ROOT/repo'\npassword_file = 'ROOT/password'\nmax_age = '26h'\nlive = 'ROOT/live'\n";

fn restic(scene: &Scene, hours_ago: &[i64]) {
    scene.tool("restic", &["init"]);
    for hours in hours_ago {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(*hours);
        let at = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let live = scene.path("live").display().to_string();
        scene.tool("restic", &["backup", "--host", "edge", "--time", &at, &live]);
    }
}

fn borg(scene: &Scene, hours_ago: &[i64]) {
    scene.tool("borg", &["init", "--encryption", "repokey", "repo"]);
    for hours in hours_ago {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(*hours);
        let at = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let live = scene.path("live").display().to_string();
        scene.tool("borg", &["create", "--timestamp", &at, &format!("repo::shop-{at}"), &live]);
    }
}

#[test]
fn an_everyday_restic_repository_is_silent_and_nothing_is_written_to_it() {
    if is_missing("restic") {
        return;
    }
    let scene = Scene::new(RESTIC);
    restic(&scene, &[96, 72, 48, 24, 1]);
    let before = state(scene.root.path());
    let (rules, incomplete, report) = scene.told(&["--drill", "6"]);
    assert_eq!((rules.len(), incomplete.as_str()), (0, "[]"), "{report}");
    assert_eq!(report["lines"], 11, "5 snapshots and 6 restored files");
    assert_eq!(state(scene.root.path()), before);
}

#[test]
fn a_restic_repository_without_one_of_its_packs_is_damaged_and_its_files_cannot_be_restored() {
    if is_missing("restic") {
        return;
    }
    let scene = Scene::new(RESTIC);
    restic(&scene, &[48, 24, 1]);
    fs::remove_file(largest(&scene.path("repo/data"))).unwrap();
    let (rules, _, report) = scene.told(&["--drill", "20"]);
    assert!(rules.contains(&"KG-D044".to_owned()) && rules.contains(&"KG-D046".to_owned()), "{report}");
}

#[test]
fn a_restic_repository_that_got_nothing_for_days_is_stale_with_and_without_an_age() {
    if is_missing("restic") {
        return;
    }
    let scene = Scene::new(RESTIC);
    restic(&scene, &[192, 168, 144, 120, 96]);
    assert_eq!(scene.told(&["--quick"]).0, ["KG-D041"]);
    let unsaid = fs::read_to_string(scene.path("keelguard.toml")).unwrap().replace("max_age = '26h'\n", "");
    scene.write("keelguard.toml", &unsaid);
    assert_eq!(scene.told(&["--quick"]).0, ["KG-D041"]);
}

#[test]
fn without_its_password_or_its_repository_nothing_is_called_fresh() {
    if is_missing("restic") {
        return;
    }
    let scene = Scene::new(RESTIC);
    let (rules, _, report) = scene.told(&[]);
    assert_eq!(rules, ["KG-D040"], "there is no repository: {report}");
    restic(&scene, &[1]);
    scene.write("password", "wrong\n");
    let (rules, incomplete, report) = scene.told(&[]);
    assert_eq!(rules.len(), 0, "{report}");
    assert!(incomplete.contains("password_file"), "{incomplete}");
    assert_eq!(code(&scene.run(&[])), 3);
}

#[test]
fn a_live_file_that_was_changed_and_set_back_in_time_is_found_by_the_drill_and_an_edited_one_is_not() {
    if is_missing("restic") {
        return;
    }
    let scene = Scene::new(RESTIC);
    restic(&scene, &[1]);
    scene.write("live/folder 0/file-0", "somebody goes on working");
    let path = scene.path("live/folder 1/file-1");
    let (mut bytes, modified) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let (rules, _, report) = scene.told(&["--drill", "20"]);
    assert_eq!(rules, ["KG-D047"], "{report}");
    assert!(report["findings"][0]["title"].as_str().unwrap().contains("file-1"), "{report}");
}

#[test]
fn an_everyday_borg_repository_is_silent_and_a_damaged_one_is_not() {
    if is_missing("borg") {
        return;
    }
    let scene = Scene::new(BORG);
    borg(&scene, &[96, 72, 48, 24, 1]);
    // Of its own accord `borg check` writes the repository's config anew, with the same content.
    let kept = || {
        let mut all = state(&scene.path("repo"));
        all.retain(|(path, ..)| !path.ends_with("config"));
        (all, fs::read(scene.path("repo/config")).unwrap())
    };
    let before = kept();
    let (rules, incomplete, report) = scene.told(&["--drill", "6"]);
    assert_eq!((rules.len(), incomplete.as_str()), (0, "[]"), "{report}");
    assert_eq!(report["lines"], 11, "5 archives and 6 restored files");
    assert!(kept() == before, "the repository was written to");
    fs::remove_file(largest(&scene.path("repo/data"))).unwrap();
    let (rules, _, report) = scene.told(&[]);
    assert!(rules.contains(&"KG-D044".to_owned()), "{report}");
}

#[test]
fn a_stale_borg_repository_and_one_that_is_gone_are_told() {
    if is_missing("borg") {
        return;
    }
    let scene = Scene::new(BORG);
    borg(&scene, &[192, 168, 144, 120, 96]);
    assert_eq!(scene.told(&["--quick"]).0, ["KG-D041"]);
    fs::remove_dir_all(scene.path("repo")).unwrap();
    assert_eq!(scene.told(&["--quick"]).0, ["KG-D040"]);
}

#[test]
fn a_command_that_hangs_is_a_finding_and_one_that_answers_is_judged_by_its_lines() {
    let scene = Scene::new("[[backups]]\nname = 'tape'\nkind = 'command'\ncommand = 'sleep 1000'\ntimeout = 1\n");
    assert_eq!(scene.told(&[]).0, ["KG-D045"]);
    let lines = |lines: &str| {
        let command = format!("printf \"{lines}\"");
        scene.write("keelguard.toml", &format!("backup_places = []\n[[backups]]\nname = 'tape'\nkind = 'command'\ncommand = '''{command}'''\nmax_age = '2d'\ncheck = 'true'\n"));
        scene.told(&[])
    };
    let now = jiff::Timestamp::now();
    assert_eq!(lines(&format!("{now} 100 a-1.tar")).0.len(), 0);
    assert_eq!(lines("2026-01-01T00:00:00Z 100 a-1.tar").0, ["KG-D041"]);
    assert_eq!(lines("").0, ["KG-D040"]);
    let (rules, incomplete, _) = lines("yesterday");
    assert!(rules.is_empty() && incomplete.contains("TIME"), "{incomplete}");
}

#[test]
fn a_dump_that_broke_off_is_damaged_and_one_that_shrank_is_told() {
    let scene = Scene::new("[[backups]]\nname = 'database'\nkind = 'dump'\nwhere = 'ROOT/dumps'\nmax_age = '26h'\n");
    assert_eq!(scene.told(&[]).0, ["KG-D040"]);
    let rows = "INSERT INTO `orders` VALUES (1);\n".repeat(100_000);
    let dump =
        |rows: &str| format!("-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n{rows}-- Dump completed on 2026-11-24\n");
    let now = std::time::SystemTime::now();
    for (day, text) in [(21, dump(&rows)), (22, dump(&rows)), (23, dump(&rows))] {
        scene.write(&format!("dumps/shop-2026-11-{day}.sql"), &text);
        let file = fs::File::options().write(true).open(scene.path(&format!("dumps/shop-2026-11-{day}.sql"))).unwrap();
        file.set_modified(now - std::time::Duration::from_secs(86400 * (24 - day))).unwrap();
    }
    assert_eq!(scene.told(&[]).0.len(), 0);
    scene.write("dumps/shop-2026-11-24.sql", &dump(&rows)[..1_000_000]);
    let (mut rules, _, report) = scene.told(&[]);
    rules.sort();
    assert_eq!(rules, ["KG-D042", "KG-D044"], "{report}");
}

#[test]
fn what_nobody_has_named_is_found_and_settings_that_cannot_be_meant_are_refused() {
    let scene = Scene::new("");
    let unset = scene.run(&[]);
    assert_eq!(code(&unset), 3, "nothing was looked at");
    assert!(String::from_utf8_lossy(&unset.stdout).contains("[[backups]]"));
    let now = std::time::SystemTime::now();
    for day in 1..9_u64 {
        let name = format!("dumps/shop-2026-11-0{day}.tar");
        scene.write(&name, "x");
        let file = fs::File::options().write(true).open(scene.path(&name)).unwrap();
        file.set_modified(now - std::time::Duration::from_secs(86400 * (20 - day))).unwrap();
    }
    let place = scene.path("dumps").display().to_string();
    assert_eq!(scene.told(&[&place]).0, ["KG-D041"]);
    for (wrong, said) in [
        ("name = 'a'\nkind = 'restic'", "where"),
        ("name = 'a'\nkind = 'folder'\nwhere = '/srv'\nmax_age = 'soon'", "26h"),
        ("name = 'a'\nkind = 'tape'\nwhere = '/srv'", "tape"),
        ("name = 'a'\nkind = 'folder'\nwhere = '/srv'\nplace = 'x'", "place"),
    ] {
        scene.write("keelguard.toml", &format!("[[backups]]\n{wrong}\n"));
        let output = scene.run(&[]);
        assert!(code(&output) == 2 && stderr(&output).contains(said), "{wrong}: {}", stderr(&output));
    }
}
