//! Ransomware under `keelguard signs data --follow`: programs that really encrypt copies in a scratch tree, and how many files
//! they get before the alarm; and a day's honest work, which must stay silent. Takes root, as fanotify does.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests may panic, and say why skipped"
)]

#[path = "ransom/scene.rs"]
mod scene;

use scene::{Scene, has};

/// The most that may be lost before the alarm.
const MOST: usize = 5;

/// Who rewrites in place waits for the disk after each file: fanotify tells afterwards, and a program that writes four kilobytes a file
/// into memory only is through with forty of them before anybody is told (docs/ransomware.md).
///
/// Encrypts as much of a string as there is; a key stream of SHA-256, as even as any cipher's.
const CIPHER: &str = r"use Digest::SHA 'sha256'; my $n = 0;
sub cipher { my $t = shift; my $k = ''; $k .= sha256('key', $n++) while length $k < length $t; $t ^ substr($k, 0, length $t) }
sub slurp { open my $f, '<:raw', shift or die; local $/; my $t = <$f>; $t }
sub put { my ($p, $t) = @_; open my $f, '>:raw', $p or die; print $f $t; close $f }
";

/// A simulation must raise an alarm of one of the rules, with no more lost by then than may be.
fn alarms(name: &str, program: &str, rules: &[&str]) {
    let Some(mut scene) = Scene::begin(name) else { return };
    let (rule, lost) = scene.attack(program);
    println!("{name}: {lost} files lost at the alarm ({rule})");
    assert!(rules.contains(&rule.as_str()), "{name}: {rule}");
    assert!(lost <= MOST, "{name}: {lost} files lost at the alarm");
}

fn perl(each: &str) -> String {
    format!(
        "exec perl -e '{}for my $p (@ARGV) {{ {each} }}' \"$@\"",
        CIPHER.replace('\'', "'\\''"),
        each = each.replace('\'', "'\\''")
    )
}

const LOST: &[&str] = &["KG-D020"];

#[test]
fn rewritten_in_place() {
    alarms(
        "in place",
        &perl("my $t = cipher(slurp($p)); open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f;"),
        LOST,
    );
}

#[test]
fn written_anew_beside_the_original_which_is_deleted() {
    alarms("new file, old one deleted", &perl("put(\"$p.locked\", cipher(slurp($p))); unlink $p;"), LOST);
}

#[test]
fn written_under_a_random_name() {
    alarms(
        "random name, old one deleted",
        &perl("put($p =~ s{[^/]+$}{unpack('H*', sha256($p))}er, cipher(slurp($p))); unlink $p;"),
        LOST,
    );
}

#[test]
fn renamed_first_and_rewritten_then() {
    alarms(
        "renamed, then in place",
        &perl(
            "my $q = \"$p.crypt\"; rename $p, $q; my $t = cipher(slurp($q)); open my $f, '+<:raw', $q; print $f $t; close $f;",
        ),
        LOST,
    );
}

#[test]
fn a_new_file_renamed_over_the_old_one() {
    alarms("renamed over", &perl("put(\"$p~\", cipher(slurp($p))); rename \"$p~\", $p;"), LOST);
}

#[test]
fn every_third_block() {
    alarms(
        "every third block",
        &perl(
            "my $t = slurp($p); for (my $i = 0; $i < length $t; $i += 3 * 4096) { substr($t, $i, 4096) = cipher(substr($t, $i, 4096)) } open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f;",
        ),
        LOST,
    );
}

#[test]
fn the_beginning_only() {
    alarms(
        "beginning only",
        &perl(
            "my $t = slurp($p); substr($t, 0, 4096) = cipher(substr($t, 0, 4096)); open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f;",
        ),
        LOST,
    );
}

#[test]
fn all_but_the_beginning() {
    alarms(
        "all but the beginning",
        &perl(
            "my $t = slurp($p); substr($t, 4096) = cipher(substr($t, 4096)); open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f;",
        ),
        LOST,
    );
}

#[test]
fn written_as_base64() {
    alarms(
        "as base64",
        &format!(
            "exec perl -MMIME::Base64 {}",
            perl("my $t = encode_base64(cipher(slurp($p))); open my $f, '>:raw', $p; print $f $t; close $f;")
                .strip_prefix("exec perl ")
                .unwrap()
        ),
        LOST,
    );
}

#[test]
fn files_that_are_never_closed() {
    alarms(
        "never closed",
        &perl(
            "my $t = cipher(slurp($p)); open $f{$p}, '+<:raw', $p; syswrite $f{$p}, $t; select undef, undef, undef, 0.6;",
        ),
        LOST,
    );
}

#[test]
fn one_after_the_other_with_pauses() {
    alarms(
        "slowly",
        &perl(
            "my $t = cipher(slurp($p)); open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f; select undef, undef, undef, 0.7;",
        ),
        LOST,
    );
}

#[test]
fn a_process_a_file_four_at_a_time() {
    let each = perl("put(\"$p.locked\", cipher(slurp($p))); unlink $p;");
    let each = each.replace('\'', "'\\''");
    alarms("many processes", &format!("printf '%s\\0' \"$@\" | xargs -0 -n1 -P4 sh -c '{each}' sh"), LOST);
}

#[test]
fn a_shell_with_openssl() {
    if has("openssl") {
        alarms(
            "openssl in a shell",
            "for p; do openssl enc -aes-256-ctr -pbkdf2 -iter 1000 -k x -in \"$p\" -out \"$p.enc\" && rm \"$p\"; done",
            &["KG-D020", "KG-D021"],
        );
    }
}

#[test]
fn an_archive_under_a_password_that_takes_the_originals_in() {
    if has("zip") {
        alarms(
            "zip under a password, a file each",
            "for p; do zip -q -m -P secret \"$p.zip\" \"$p\"; done",
            &["KG-D021"],
        );
    }
}

#[test]
fn a_wiper_that_empties_files() {
    alarms("emptied", "for p; do truncate -s 0 \"$p\"; done", &["KG-D022"]);
}

#[test]
fn decoys_are_met_first_by_whoever_goes_in_order() {
    let Some(mut scene) = Scene::begin_with_decoys("decoys") else { return };
    let all = format!(
        "cd \"$(dirname \"$1\")/..\"; set -- $(find . -type f | LC_ALL=C sort); {}",
        perl("my $t = cipher(slurp($p)); open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f;")
    );
    let (rule, lost) = scene.attack(&all);
    println!("decoys: {lost} files lost at the alarm ({rule})");
    assert_eq!(rule, "KG-D024");
    assert!(lost <= MOST, "{lost}");
}

/// Work that must stay silent: it is done, then three files are encrypted, and that must be the first that is said.
fn silent(name: &str, needs: &[&str], program: &str) {
    if let Some(missing) = needs.iter().find(|need| !has(need)) {
        println!("{name}: not tried, there is no {missing} here");
        return;
    }
    let Some(mut scene) = Scene::begin(name) else { return };
    scene.work(program);
    let (rule, _) = scene.attack(&perl(
        "my $t = cipher(slurp($p)); open my $f, '+<:raw', $p; print $f $t; $f->flush; $f->sync; close $f;",
    ));
    assert_eq!((rule.as_str(), scene.said()), ("KG-D020", 1), "{name}");
    println!("{name}: silent");
}

#[test]
fn packing_a_tree_and_unpacking_it() {
    silent(
        "tar, gzip",
        &["tar", "gzip"],
        "mkdir ../out; tar czf ../out/all.tar.gz . && tar xzf ../out/all.tar.gz -C ../out && cp -r . work && gzip -r work && gunzip -r work && xz -r work/* 2>/dev/null; rm -r work",
    );
}

#[test]
fn a_repository_that_is_committed_switched_and_cleaned() {
    silent(
        "git",
        &["git"],
        "mkdir repo && cp -r a b repo && cd repo && git init -q . && git config user.email a@b && git config user.name a && git add . && git commit -qm 1 && git checkout -qb x && git rm -qr a && git commit -qm 2 && git checkout -q - && git checkout -q x && git gc -q --prune=now && git checkout -q -",
    );
}

#[test]
fn a_backup_that_reads_everything_and_writes_sealed_packs() {
    silent(
        "restic",
        &["restic"],
        "export RESTIC_PASSWORD=x RESTIC_CACHE_DIR=$PWD/cache; restic -q -r repo init && restic -q -r repo backup a b && rm -r b/0.* && restic -q -r repo backup a && restic -q -r repo forget --keep-last 1 --prune",
    );
    silent(
        "borg",
        &["borg"],
        "export BORG_PASSPHRASE=x BORG_BASE_DIR=$PWD/base; borg init -e repokey repo && borg create repo::1 a b && borg create repo::2 a b && borg delete repo::1 && borg compact repo",
    );
}

#[test]
fn a_mirror_that_is_brought_up_to_date() {
    silent(
        "rsync",
        &["rsync"],
        "rsync -a a b mirror/ && cp a/* b/ && rsync -a --delete a mirror/ && rm mirror/a/1.* && rsync -a --delete a b mirror/",
    );
}

#[test]
fn logs_that_are_rotated_and_packed() {
    silent(
        "logrotate",
        &["logrotate"],
        "chmod go-w .; mkdir log && chmod 755 log && printf '%s/log/*.log {\\n rotate 3\\n compress\\n su root root\\n}\\n' \"$PWD\" > rotate.conf && chmod 644 rotate.conf && for n in 1 2 3 4 5 6; do for l in x y z; do seq 20000 > log/$l.log; done; logrotate -f -s state rotate.conf; done",
    );
}

#[test]
fn pictures_that_are_imported_and_named_anew() {
    silent(
        "mmv",
        &["mmv"],
        "mkdir import && cp a/*.jpg import && chmod 600 import/* && touch import/* && mmv 'import/*.jpg' 'import/holiday-#1.jpeg' && for f in import/*; do mv \"$f\" \"${f%.jpeg}.jpg\"; done",
    );
}

#[test]
fn a_database_that_is_written_to() {
    silent(
        "sqlite",
        &["sqlite3"],
        "for n in 1 2 3 4; do sqlite3 $n.sqlite 'create table t (a, b); with recursive c(x) as (select 1 union all select x+1 from c limit 3000) insert into t select x, randomblob(300) from c; update t set b = randomblob(200) where a % 3 = 0; delete from t where a % 5 = 0; vacuum'; done",
    );
}

#[test]
fn a_package_that_is_unpacked_and_installed() {
    silent(
        "npm-like, dpkg",
        &["dpkg-deb"],
        "mkdir -p p/DEBIAN p/usr/share/x && cp a/* b/* p/usr/share/x && printf 'Package: x\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b>\\nDescription: x\\n' > p/DEBIAN/control && dpkg-deb -b p x.deb >/dev/null && mkdir root && mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates && : > root/var/lib/dpkg/status && for n in 1 2 3; do dpkg --root=$PWD/root --force-all -i x.deb >/dev/null 2>&1; done; mkdir node_modules && for n in $(seq 300); do mkdir node_modules/$n && echo \"module.exports = $n\" > node_modules/$n/index.js && head -c 3000 /dev/urandom > node_modules/$n/blob.bin; done && rm -r node_modules",
    );
}

#[test]
fn caches_that_are_emptied() {
    silent(
        "caches",
        &["find"],
        "mkdir -p .cache/thumbnails && for n in $(seq 200); do cp a/2.jpg .cache/thumbnails/$n.jpg; head -c 20000 /dev/urandom > .cache/$n; done && find .cache -type f -delete",
    );
}

#[test]
fn an_encrypted_volume_in_a_file() {
    silent(
        "LUKS",
        &["cryptsetup"],
        "truncate -s 20M v1 v2 v3 v4; for v in v1 v2 v3 v4; do echo pass | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 $v - ; head -c 2000000 /dev/urandom | dd of=$v bs=4096 seek=4200 conv=notrunc 2>/dev/null; done",
    );
}

#[test]
fn a_build() {
    silent(
        "cc, ar",
        &["cc", "ar"],
        "mkdir src && cd src && for n in $(seq 30); do echo \"int f$n(void) { return $n; }\" > $n.c; done && for r in 1 2; do for n in $(seq 30); do cc -c -o $n.o $n.c; done; ar rc lib.a *.o; rm *.o; done",
    );
}

#[test]
fn it_ends_when_it_is_told_to_and_says_why_where_it_may_not_watch() {
    let Some(scene) = Scene::begin("end") else { return };
    assert!(scene.ends_cleanly());
    let answer = std::process::Command::new(env!("CARGO_BIN_EXE_keelguard"))
        .args(["signs", "data", "--follow", "/nowhere"])
        .output()
        .unwrap();
    assert_eq!(answer.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&answer.stderr).contains("/nowhere"));
}
