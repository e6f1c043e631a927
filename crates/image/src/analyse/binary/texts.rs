//! Programs that say their version in a text file of theirs: PHP applications, Java's and Erlang's runtimes.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::elf::read;
use super::programs::package;
use super::scan::text;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, Pattern, Scope};

/// Bytes of such a file that are read.
const READ: u64 = 256 << 10;

struct Row {
    name: &'static str,
    /// How its path ends.
    path: &'static str,
    text: &'static str,
    /// What must stand in it, too: other programs have files of the same name.
    marks: &'static str,
}

const fn row(name: &'static str, path: &'static str, text: &'static str, marks: &'static str) -> Row {
    Row { name, path, text, marks }
}

const ROWS: &[Row] = &[
    row("drupal", "core/lib/Drupal.php", r"const VERSION = '(\d+\.\d+\.\d+)'", r"class Drupal"),
    row("erlang", "OTP_VERSION", r"^(\d+(?:\.\d+)+)\s*$", ""),
    // Java 8 writes 1.8.0_392, and everybody else calls that 8.0.392.
    row("java", "release", r#"(?m)^JAVA_VERSION="(?:1\.)?(\d+(?:[._]\d+)*)""#, ""),
    row("moodle", "version.php", r"\$release\s*=\s*'(\d+\.\d+(?:\.\d+)?)\b", r"MOODLE_INTERNAL"),
    row("nextcloud", "version.php", r"\$OC_VersionString\s*=\s*'(\d+\.\d+\.\d+)'", r"\$vendor\s*=\s*'nextcloud'"),
    row("rabbitmq", "ebin/rabbit.app", r#"\{vsn,\s*"(\d+\.\d+\.\d+)"\}"#, ""),
    row("wordpress", "wp-includes/version.php", r"\$wp_version\s*=\s*'(\d+\.\d+(?:\.\d+)?)'", ""),
];

/// The analyser of these files.
pub(super) const ANALYSER: Analyser = Analyser {
    name: "program-version",
    version: 2,
    wants: &[
        Pattern::Name("Drupal.php"),
        Pattern::Name("OTP_VERSION"),
        Pattern::Name("rabbit.app"),
        Pattern::Name("release"),
        Pattern::Name("version.php"),
    ],
    scope: Scope::Installed,
    analyse,
};

static TEXTS: LazyLock<Vec<Option<(Regex, Regex)>>> =
    LazyLock::new(|| ROWS.iter().map(|row| Some((text(row.text)?, text(row.marks)?))).collect());

fn analyse(file: &File<'_>, _: &Limits) -> Result<Found, AnalyseError> {
    let is_at = |row: &Row| file.path.strip_suffix(row.path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    if !ROWS.iter().any(is_at) {
        return Ok(Found::default());
    }
    let bytes = read(file.content, 0, READ)?;
    let packages = ROWS.iter().zip(TEXTS.iter()).filter(|(row, _)| is_at(row)).filter_map(|(row, texts)| {
        let (regex, marks) = texts.as_ref()?;
        let version = regex.captures(&bytes).filter(|_| marks.is_match(&bytes))?.get(1)?;
        let version = String::from_utf8_lossy(version.as_bytes()).replace('_', ".");
        Some(package(file.path, row.name, version))
    });
    Ok(Found::packages(packages))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(path: &str, text: &str) -> Vec<String> {
        let found =
            analyse(&File { path, mode: 0o644, content: &text.as_bytes().to_vec() }, &Limits::default()).unwrap();
        found.packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
    }

    #[test]
    fn each_row_is_found_in_its_file_and_not_in_others_of_the_name() {
        let cases = [
            ("var/www/html/wp-includes/version.php", "<?php\n$wp_version = '6.4';\n", "wordpress 6.4"),
            ("opt/drupal/web/core/lib/Drupal.php", "class Drupal {\n  const VERSION = '10.1.5';\n", "drupal 10.1.5"),
            ("var/www/version.php", "$OC_VersionString = '27.1.2';\n$vendor = 'nextcloud';\n", "nextcloud 27.1.2"),
            (
                "moodle/version.php",
                "defined('MOODLE_INTERNAL') || die();\n$release  = '4.3.1+ (Build: 20231222)';",
                "moodle 4.3.1",
            ),
            ("opt/java/release", "IMPLEMENTOR=\"Eclipse\"\nJAVA_VERSION=\"17.0.9\"\n", "java 17.0.9"),
            ("opt/java/release", "JAVA_VERSION=\"1.8.0_392\"\n", "java 8.0.392"),
            ("opt/java/release", "JAVA_VERSION=\"21\"\n", "java 21"),
            ("usr/lib/erlang/releases/25/OTP_VERSION", "25.2.3\n", "erlang 25.2.3"),
            (
                "opt/rabbitmq/plugins/rabbit-3.12.1/ebin/rabbit.app",
                "{application,rabbit,[{vsn,\"3.12.1\"},",
                "rabbitmq 3.12.1",
            ),
        ];
        for (path, text, expected) in cases {
            assert_eq!(look(path, text), [expected], "{path}");
        }
        for (path, text) in [
            ("app/version.php", "$wp_version = '6.4';"),
            ("app/version.php", "$release = '1.0.0';"),
            ("debian/release", "12\n"),
            ("x/Drupal.php", "class Drupal { const VERSION = '10.1.5';"),
        ] {
            assert_eq!(look(path, text), Vec::<String>::new(), "{path}");
        }
    }
}
