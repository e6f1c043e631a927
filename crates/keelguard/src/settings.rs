//! Settings: flag over `KEELGUARD_*` variable over `keelguard.toml` over default, each value with where it came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use keelguard_model::{Area, Severity};
use keelguard_signs::data::backup::Backup;
use keelguard_signs::logins::{Form as LoginForm, add_forms};
use toml::{Table, Value};

use crate::exceptions::Exception;

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    List,
    Switch,
    Number,
    Severity,
    Areas,
    Colour,
}

/// A setting: name, form, default, meaning. The variable is `KEELGUARD_` and the name in capitals.
struct Key(&'static str, Form, &'static str, &'static str);

const KEYS: &[Key] = &[
    Key("engine", Form::Text, "", "the engine's address"),
    Key("docker_root", Form::Text, "/var/lib/docker", "where the engine keeps images, to read them in place"),
    Key("containerd_root", Form::Text, "/var/lib/containerd", "where containerd keeps images, to read them in place"),
    Key("podman_root", Form::Text, "", "where Podman or CRI-O keep images, if that is not where they usually do"),
    Key("format", Form::Text, "table", "the format of reports"),
    Key("only", Form::Areas, "", "areas to judge, all where empty"),
    Key("min_severity", Form::Severity, "", "findings below it are not shown"),
    Key("fail_on", Form::Severity, "", "a finding at least this severe makes the exit code 1"),
    Key("color", Form::Colour, "auto", "auto, always or never"),
    Key("quiet", Form::Switch, "false", "no progress and no hints"),
    Key("request_timeout", Form::Number, "10", "seconds for one answer of the engine"),
    Key("engine_timeout", Form::Number, "60", "seconds for all answers of the engine"),
    Key("max_answer_bytes", Form::Number, "67108864", "the largest single answer of the engine"),
    Key("max_items", Form::Number, "20000", "containers, images, networks and volumes, each"),
    Key("max_facts_bytes", Form::Number, "536870912", "the largest facts file or report that is read"),
    Key("cache_dir", Form::Text, "", "where what can be fetched again is kept"),
    Key("max_cache_bytes", Form::Number, "1073741824", "what the cache of images may take"),
    Key("max_advisory_days", Form::Number, "7", "advisories older than this are said to be too old"),
    Key(
        "advisories_url",
        Form::Text,
        "https://osv-vulnerabilities.storage.googleapis.com",
        "OSV's export or a mirror of it: an address or a folder",
    ),
    Key(
        "kev_url",
        Form::Text,
        "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "CISA's catalogue of exploited vulnerabilities, or none",
    ),
    Key(
        "epss_url",
        Form::Text,
        "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        "FIRST's scores of exploitation, or none",
    ),
    Key("advisories_ca_file", Form::Text, "", "authorities that sign the mirror's certificate, beside the system's"),
    Key(
        "offline",
        Form::Switch,
        "false",
        "while an image is looked at, missing advisories are not fetched, and no registry is asked",
    ),
    Key("registry_mirrors", Form::List, "", "addresses that are asked first for images of Docker's hub"),
    Key("insecure_registries", Form::List, "", "registries without a certificate, or with one that nobody has signed"),
    Key("registry_ca_file", Form::Text, "", "authorities that sign certificates of registries, beside the system's"),
    Key("registry_allow_private", Form::Switch, "false", "registries may redirect to private addresses"),
    Key("registry_timeout", Form::Number, "30", "seconds for which a registry may send next to nothing"),
    Key("max_download_bytes", Form::Number, "17179869184", "the layers of one image that are fetched"),
    Key("iam_facts", Form::List, "", "files with facts of AWS accounts, which check, paths and iam judge"),
    Key("iam_live", Form::Switch, "false", "check and iam ask AWS about the account"),
    Key("own_log", Form::Switch, "true", "whether what Keelguard does is recorded in its own log"),
    Key("log_days", Form::Number, "30", "days of logs that check and facts read, all where 0"),
    Key("aws_timeout", Form::Number, "1200", "seconds for everything that AWS is asked"),
    Key("sigma_rules", Form::Text, "", "a folder of Sigma rules against which logs are held"),
    Key("incident_window", Form::Number, "24", "hours between findings of one incident"),
    Key("victim_name", Form::Text, "", "for VERIS: what it happened to"),
    Key("victim_country", Form::Text, "", "for VERIS: where, such as DE; unknown where empty"),
    Key("victim_industry", Form::Text, "", "for VERIS: the NAICS code, such as 519190; unknown where empty"),
    Key("victim_employees", Form::Text, "", "for VERIS: how many, such as '11 to 100'; unknown where empty"),
    Key(
        "maintenance",
        Form::List,
        "",
        "times at which outages are planned, such as Sun 03:00-04:00 or 2026-11-24T01:00/02:00",
    ),
    Key("prometheus_user", Form::Text, "", "who we are to a Prometheus server, with prometheus_password_file"),
    Key("prometheus_password_file", Form::Text, "", "a file with the password for that, and nothing else"),
    Key("prometheus_token_file", Form::Text, "", "a file with a token (bearer) for a Prometheus server"),
    Key("prometheus_ca_file", Form::Text, "", "authorities that sign its certificate, beside the system's"),
    Key("prometheus_timeout", Form::Number, "30", "seconds for which a Prometheus server may send next to nothing"),
    Key("geo_database", Form::Text, "", "an .mmdb of cities or countries, to know from where logins come"),
    Key(
        "data_trees",
        Form::List,
        "",
        "folders, volume:NAME and container:NAME whose files are held against their baseline; the system's own where empty",
    ),
    Key("data_exclude", Form::List, "", "patterns of files that are in no baseline: /etc/lvm/archive, *.swp"),
    Key("data_pin", Form::Text, "", "where the baseline's public key is pinned; in ~/.config/keelguard where empty"),
    Key("data_timeout", Form::Number, "30", "seconds for which a filesystem may be silent while its files are read"),
    Key(
        "backup_places",
        Form::List,
        "/backup,/backups,/srv,/mnt,/media,/var/backups,/var/lib",
        "folders in which backups are looked for, three folders deep; nowhere where empty",
    ),
    Key("backup_timeout", Form::Number, "60", "seconds for which a backup may keep whoever asks it waiting"),
    Key(
        "backup_check_timeout",
        Form::Number,
        "3600",
        "seconds for the check of a repository, or for a file that is restored",
    ),
    Key("data_dir", Form::Text, "", "where findings and state are kept"),
];

/// Settings that are written as `[[name]]`, as often as one likes.
const LISTS: [&str; 3] = ["backups", "exceptions", "login_forms"];

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced {
    pub(crate) value: String,
    pub(crate) from: String,
}

/// All settings.
#[derive(Debug)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Sourced>,
    /// Accepted risks.
    pub(crate) exceptions: Vec<Exception>,
    /// Messages of logins that the tables do not know.
    pub(crate) login_forms: Vec<LoginForm>,
    /// Backups that there should be.
    pub(crate) backups: Vec<Backup>,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
}

/// Flags that override settings: name and value.
pub(crate) type Flags = Vec<(&'static str, String)>;

impl Settings {
    /// Reads file and environment, and lays `flags` over them.
    pub(crate) fn load(named: Option<&Path>, flags: Flags) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let file =
            named.map(Path::to_path_buf).or_else(|| variable("KEELGUARD_CONFIG").map(PathBuf::from)).or_else(find_file);
        let table = file.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let shown = file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
        Self::layer(&table, &shown, &variable, flags)
            .and_then(|settings| {
                add_forms(&settings.login_forms)
                    .map_err(|(number, error)| anyhow::Error::new(error).context(format!("use login form {number}")))?;
                Ok(Self { file: file.clone(), ..settings })
            })
            .with_context(|| {
                if shown.is_empty() { "read the settings".to_owned() } else { format!("read the settings in {shown}") }
            })
    }

    fn layer(table: &Table, file: &str, variable: &dyn Fn(&str) -> Option<String>, flags: Flags) -> Result<Self> {
        let mut values = BTreeMap::new();
        for Key(name, form, default, _) in KEYS {
            let default = match *name {
                "cache_dir" => home_folder("XDG_CACHE_HOME", ".cache"),
                "data_dir" => home_folder("XDG_DATA_HOME", ".local/share"),
                _ => (*default).to_owned(),
            };
            let mut found = Sourced { value: default, from: "default".into() };
            if let Some(value) = table.get(*name) {
                found = Sourced { value: from_toml(name, *form, value)?, from: file.to_owned() };
            }
            let in_environment = format!("KEELGUARD_{}", name.to_uppercase());
            if let Some(value) = variable(&in_environment) {
                found = Sourced { value, from: in_environment };
            }
            check(name, *form, &found)?;
            values.insert(*name, found);
        }
        for (name, value) in flags {
            values.insert(name, Sourced { value, from: format!("--{}", name.replace('_', "-")) });
        }
        for key in table.keys().filter(|key| !LISTS.contains(&key.as_str())) {
            if !KEYS.iter().any(|Key(name, ..)| name == key) {
                bail!(
                    "there is no setting {key:?}{}",
                    did_you_mean(key, KEYS.iter().map(|Key(name, ..)| *name).chain(LISTS))
                );
            }
        }
        Ok(Self {
            values,
            exceptions: exceptions(table)?,
            login_forms: login_forms(table)?,
            backups: backups(table)?,
            file: None,
        })
    }

    /// A setting's value, where it is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|sourced| sourced.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Names with commas between them.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let names = self.text(name).unwrap_or_default().split(',').map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// A number; the form was checked when the settings were read.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.text(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// A time in seconds.
    pub(crate) fn seconds(&self, name: &str) -> Duration {
        Duration::from_secs(self.number(name).max(1))
    }

    /// A switch.
    pub(crate) fn switch(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// A severity.
    pub(crate) fn severity(&self, name: &str) -> Option<Severity> {
        self.text(name)?.parse().ok()
    }

    /// The areas to judge; all nine where none are named.
    pub(crate) fn areas(&self) -> Vec<Area> {
        let named: Vec<Area> =
            self.text("only").unwrap_or_default().split(',').filter_map(|name| name.trim().parse().ok()).collect();
        if named.is_empty() { Area::ALL.to_vec() } else { named }
    }

    /// Every setting: name, value and source, meaning.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &Sourced, &'static str)> {
        KEYS.iter().filter_map(|Key(name, _, _, meaning)| Some((*name, self.values.get(name)?, *meaning)))
    }
}

/// `; did you mean "x"?`, where something is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.map(|name| (strsim::jaro_winkler(word, name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest
        .filter(|(likeness, _)| *likeness > 0.75)
        .map(|(_, name)| format!("; did you mean {name:?}?"))
        .unwrap_or_default()
}

fn find_file() -> Option<PathBuf> {
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    let places = [
        Some(PathBuf::from("keelguard.toml")),
        home.map(|folder| folder.join("keelguard/keelguard.toml")),
        Some(PathBuf::from("/etc/keelguard/keelguard.toml")),
    ];
    places.into_iter().flatten().find(|place| place.is_file())
}

fn read_file(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read the settings in {}", path.display()))?;
    text.parse().with_context(|| format!("understand the settings in {}", path.display()))
}

fn home_folder(variable: &str, below_home: &str) -> String {
    let base = std::env::var_os(variable)
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(below_home)));
    base.map(|base| base.join("keelguard").display().to_string()).unwrap_or_default()
}

fn from_toml(name: &str, form: Form, value: &Value) -> Result<String> {
    match (form, value) {
        (Form::Switch, Value::Boolean(on)) => Ok(on.to_string()),
        (Form::Number, Value::Integer(number)) => Ok(number.to_string()),
        (Form::Areas | Form::List, Value::Array(list)) => {
            let names: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            names.map(|names| names.join(",")).with_context(|| format!("use {name}: it is a list of names"))
        }
        (Form::Text | Form::List | Form::Severity | Form::Colour | Form::Areas, Value::String(text)) => {
            Ok(text.clone())
        }
        _ => bail!("{name} = {value} is of the wrong type"),
    }
}

fn check(name: &str, form: Form, found: &Sourced) -> Result<()> {
    let value = &found.value;
    let wrong = |what: String| anyhow::anyhow!("{name} = {value:?} (from {}) cannot be used: {what}", found.from);
    match form {
        _ if value.is_empty() => Ok(()),
        Form::Severity => value.parse::<Severity>().map(drop).map_err(wrong),
        Form::Areas => value.split(',').try_for_each(|area| area.trim().parse::<Area>().map(drop).map_err(wrong)),
        Form::Number => value.parse::<u64>().map(drop).map_err(|_| wrong("it is no number".into())),
        Form::Switch if !matches!(value.as_str(), "true" | "false") => Err(wrong("write true or false".into())),
        Form::Colour if !matches!(value.as_str(), "auto" | "always" | "never") => {
            Err(wrong("write auto, always or never".into()))
        }
        Form::Text | Form::List | Form::Switch | Form::Colour => Ok(()),
    }
}

fn login_forms(table: &Table) -> Result<Vec<LoginForm>> {
    let Some(value) = table.get("login_forms") else { return Ok(Vec::new()) };
    let Some(list) = value.as_array() else { bail!("forms of logins are written as [[login_forms]]") };
    let one = |(index, entry): (usize, &Value)| {
        entry.clone().try_into().with_context(|| format!("use login form {}", index + 1))
    };
    list.iter().enumerate().map(one).collect()
}

fn backups(table: &Table) -> Result<Vec<Backup>> {
    let Some(value) = table.get("backups") else { return Ok(Vec::new()) };
    let Some(list) = value.as_array() else { bail!("backups are written as [[backups]]") };
    let one = |(index, entry): (usize, &Value)| {
        let backup: Result<Backup> = entry.clone().try_into().map_err(anyhow::Error::from);
        let backup = backup.and_then(|backup| Ok(backup.check().map(|()| backup)?));
        backup.with_context(|| format!("use backup {}", index + 1))
    };
    let backups: Vec<Backup> = list.iter().enumerate().map(one).collect::<Result<_>>()?;
    let mut names = std::collections::HashSet::new();
    match backups.iter().find(|backup| !names.insert(backup.name.as_str())) {
        Some(twice) => bail!("use the backup {}: two have this name", twice.name),
        None => Ok(backups),
    }
}

fn exceptions(table: &Table) -> Result<Vec<Exception>> {
    const KNOWN: [&str; 5] = ["rule", "subject", "vulnerability", "reason", "until"];
    let Some(value) = table.get("exceptions") else { return Ok(Vec::new()) };
    let Some(list) = value.as_array() else { bail!("exceptions are written as [[exceptions]]") };
    let one = |(index, entry): (usize, &Value)| {
        let number = index + 1;
        let Some(entry) = entry.as_table() else { bail!("exception {number} is not a table") };
        for key in entry.keys() {
            if !KNOWN.contains(&key.as_str()) {
                bail!("exception {number} has no key {key:?}{}", did_you_mean(key, KNOWN.into_iter()));
            }
        }
        // TOML has dates of its own; both `until = 2027-01-31` and the quoted form are what people write.
        let text =
            |key: &str| entry.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let (rule, subject, vulnerability) = (text("rule"), text("subject"), text("vulnerability"));
        let (reason, until) = (text("reason"), text("until"));
        Exception::parse(
            rule.as_deref(),
            subject.as_deref(),
            vulnerability.as_deref(),
            reason.as_deref(),
            until.as_deref(),
        )
        .with_context(|| format!("use exception {number}"))
    };
    list.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(file: &str, vars: &[(&str, &str)], flags: Flags) -> Result<Settings> {
        let vars: BTreeMap<String, String> = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::layer(&file.parse().unwrap(), "keelguard.toml", &|name| vars.get(name).cloned(), flags)
    }

    #[test]
    fn flag_over_variable_over_file_over_default_and_each_says_so() {
        let file = "fail_on = 'low'\nformat = 'json'\nquiet = true\n";
        let settings = layer(
            file,
            &[("KEELGUARD_FAIL_ON", "medium"), ("KEELGUARD_FORMAT", "sarif")],
            vec![("fail_on", "high".into())],
        )
        .unwrap();
        let found: Vec<_> = settings
            .all()
            .filter(|(name, ..)| ["fail_on", "format", "quiet", "color"].contains(name))
            .map(|(name, sourced, _)| format!("{name}={} from {}", sourced.value, sourced.from))
            .collect();
        assert_eq!(
            found,
            [
                "format=sarif from KEELGUARD_FORMAT",
                "fail_on=high from --fail-on",
                "color=auto from default",
                "quiet=true from keelguard.toml"
            ]
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_with_the_nearest_known_one() {
        let message = format!("{:#}", layer("fail_onn = 'low'", &[], vec![]).unwrap_err());
        assert!(message.contains("did you mean \"fail_on\""), "{message}");
        let message = format!("{:#}", layer("[[exceptions]]\nrules='x'\nreason='y'", &[], vec![]).unwrap_err());
        assert!(message.contains("did you mean \"rule\""), "{message}");
    }

    #[test]
    fn a_value_that_cannot_be_used_names_its_source() {
        let message = format!("{:#}", layer("", &[("KEELGUARD_FAIL_ON", "severe")], vec![]).unwrap_err());
        assert!(message.contains("KEELGUARD_FAIL_ON") && message.contains("severe"), "{message}");
        assert!(layer("request_timeout = 'soon'", &[], vec![]).is_err());
        assert!(layer("only = ['breakout', 'nothing']", &[], vec![]).is_err());
    }

    #[test]
    fn a_date_may_be_quoted_or_not() {
        let file = "[[exceptions]]\nrule='KG-B003'\nreason='x'\nuntil=2027-01-31\n[[exceptions]]\nrule='KG-B003'\nreason='x'\nuntil='2027-01-31'\n";
        assert_eq!(layer(file, &[], vec![]).unwrap().exceptions.len(), 2);
    }

    #[test]
    fn the_example_holds_every_setting_and_can_be_used() {
        let example = include_str!("../../../examples/keelguard.toml");
        for Key(name, ..) in KEYS {
            let line = format!("{name} = ");
            let has = |row: &str| row.trim_start_matches("# ").starts_with(&line);
            assert!(example.lines().any(has), "{name} is not in the example");
        }
        assert!(layer(example, &[], vec![]).is_ok());
        let uncommented = example.replace("# [[exc", "[[exc").replace("# rule", "rule").replace("# subject", "subject");
        let uncommented = uncommented.replace("# reason", "reason").replace("# until", "until");
        let uncommented = uncommented.replace("# vulnerability", "vulnerability");
        let uncommented = uncommented.replace("# [[login", "[[login").replace("# program", "program");
        let uncommented =
            uncommented.replace("# form", "form").replace("# kind =", "kind =").replace("# sample", "sample");
        let uncommented = uncommented.replace("# [[backups", "[[backups").replace("# name =", "name =");
        let uncommented =
            uncommented.replace("# kind =", "kind =").replace("# where =", "where =").replace("# live =", "live =");
        let uncommented = uncommented.replace("# max_age =", "max_age =").replace("# password_file", "password_file");
        let uncommented = uncommented.replace("# check =", "check =");
        let settings = layer(&uncommented, &[], vec![]).unwrap();
        assert_eq!(settings.backups.len(), 2);
        assert_eq!((settings.exceptions.len(), settings.login_forms.len()), (2, 1));
        assert_eq!(add_forms(&settings.login_forms), Ok(()));
    }
}
