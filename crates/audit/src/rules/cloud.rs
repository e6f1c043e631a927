//! Credentials of cloud accounts that lie in containers: in variables, in folders of the host that are mounted, in the
//! image. Whose they are, only the account's own facts tell.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::contents::Oddity;
use keelguard_model::{Finding, Subject, SubjectKind, rule};

/// Variables that hold a lasting secret of a cloud account.
const VARIABLES: [&str; 12] = [
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ARM_CLIENT_SECRET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_KEY",
    "DIGITALOCEAN_ACCESS_TOKEN",
    "GOOGLE_CREDENTIALS",
    "HCLOUD_TOKEN",
    "OCI_CLI_KEY_CONTENT",
    "SCW_SECRET_KEY",
    "TENCENTCLOUD_SECRET_KEY",
];

/// Folders and files in homes that hold credentials.
const PLACES: [&str; 6] = ["/.aws", "/.azure", "/.config/gcloud", "/.config/doctl", "/.config/hcloud", "/.oci"];

/// A cloud account of which nothing is known but that its credentials lie in this container.
fn account_behind(container: &Container) -> Subject {
    Subject::new(SubjectKind::Cloud, format!("credentials in {}", container.name))
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    facts.containers().iter().filter_map(|container| in_container(facts, container)).collect()
}

fn in_container(facts: &Facts, container: &Container) -> Option<Finding> {
    let mut finding = rule::CLOUD_CREDENTIALS_IN_CONTAINER.on(container.subject());
    let before = finding.evidence.len();
    for (name, value) in container.config.env.iter().filter_map(|entry| entry.split_once('=')) {
        if VARIABLES.contains(&name) && !value.is_empty() {
            finding = finding.evidence("Config.Env", format!("{name}={value}"));
        }
    }
    for mount in &container.mounts {
        let source = mount.source.trim_end_matches('/');
        let holds = |place: &&str| source.ends_with(*place) || source.contains(&format!("{place}/"));
        if PLACES.iter().any(holds) {
            finding = finding.evidence("Mounts[].Source", &mount.source);
        }
    }
    let contents = facts.contents.iter().find(|contents| contents.image == container.image);
    for file in contents.iter().flat_map(|contents| &contents.odd) {
        let path = format!("/{}", file.path);
        let known = PLACES.iter().any(|place| path.contains(&format!("{place}/")));
        if file.oddity == Oddity::Credentials && known {
            finding = finding.evidence("file of the image", path);
        }
    }
    if finding.evidence.len() == before {
        return None;
    }
    Some(finding.reaches(account_behind(container), 1, "reads credentials that lie in the container"))
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::*;

    fn of(env: &[&str], mount: Option<&str>) -> Vec<Finding> {
        let env: Vec<String> = env.iter().map(ToString::to_string).collect();
        let sample = sample::host().container("web", |c| {
            c.config.env = env;
            if let Some(source) = mount {
                c.mounts.push(keelguard_host::facts::Mount { source: source.to_owned(), ..Default::default() });
            }
        });
        findings(&sample.facts())
    }

    #[test]
    fn keys_in_variables_and_mounted_folders_are_credentials_of_a_cloud_account() {
        let found = of(&["AWS_ACCESS_KEY_ID=AKIAQRSTUVWXYZ234567", "AWS_SECRET_ACCESS_KEY=<redacted>"], None);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rule.as_str(), found[0].evidence.len()), ("KG-A014", 2));
        assert_eq!(found[0].reaches[0].to.kind, SubjectKind::Cloud);
        assert_eq!(of(&[], Some("/home/ana/.aws")).len(), 1);
        assert_eq!(of(&[], Some("/root/.aws/credentials")).len(), 1);
    }

    #[test]
    fn a_region_a_passing_role_and_an_empty_variable_are_none() {
        let env = ["AWS_REGION=eu-central-1", "AWS_SECRET_ACCESS_KEY=", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/x"];
        assert!(of(&env, Some("/srv/data/aws")).is_empty());
    }
}
