//! The organisation's part of an object.

use serde::Deserialize;

use super::absorb::Field;
use super::items;
use super::scope::{Reader, Scope};
use crate::facts::lenient::{list, or_default};
use crate::facts::{Document, MemberAccount, OrgPolicy, OrgPolicySummary, OrgTarget, OrganisationUnit};

/// `aws organizations list-policies` has the same key as IAM's policies; the first ARN tells them apart.
pub(super) fn is_list_of_policies(field: &Field<'_, '_>) -> bool {
    let text = field.raw.get();
    let arn = text.find("\"arn:").and_then(|begin| text.get(begin..)).unwrap_or_default();
    arn.split(':').nth(2) == Some("organizations")
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Head {
    #[serde(deserialize_with = "or_default")]
    id: String,
    #[serde(alias = "ManagementAccountId", deserialize_with = "or_default")]
    master_account_id: String,
}

/// What `describe-policy` answers with.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Described {
    #[serde(deserialize_with = "or_default")]
    policy_summary: OrgPolicySummary,
    content: Option<Document>,
    #[serde(deserialize_with = "list")]
    targets: Vec<OrgTarget>,
}

pub(super) fn absorb(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    let (name, gaps) = (&scope.name, &mut reader.gaps);
    let organisation = &mut reader.organisation;
    match field.key {
        "Organization" => {
            if let Some(head) = items::item::<Head>(field.key, field.raw, name, gaps) {
                let organisation = organisation.get_or_insert_default();
                organisation.id = head.id;
                organisation.management_account = head.master_account_id;
            }
        }
        "Roots" | "OrganizationalUnits" => {
            let mut units: Vec<OrganisationUnit> = items::items(field.key, field.raw, name, gaps);
            // list-organizational-units-for-parent does not say whose they are; whoever puts it beside them does.
            let parent = field.object.text("ParentId").filter(|_| field.key != "Roots");
            units.iter_mut().filter(|unit| unit.parent.is_none()).for_each(|unit| unit.parent.clone_from(&parent));
            organisation.get_or_insert_default().units.extend(units);
        }
        "Accounts" if field.raw.get().contains(":organizations:") || field.raw.get().len() < 3 => {
            let mut accounts: Vec<MemberAccount> = items::items(field.key, field.raw, name, gaps);
            let parent = field.object.text("ParentId");
            accounts.iter_mut().filter(|one| one.parent.is_none()).for_each(|one| one.parent.clone_from(&parent));
            organisation.get_or_insert_default().accounts.extend(accounts);
        }
        "Policies" if is_list_of_policies(field) => {
            let policies: Vec<OrgPolicySummary> = items::items(field.key, field.raw, name, gaps);
            let policies = policies.into_iter().map(|summary| OrgPolicy { summary, ..OrgPolicy::default() });
            organisation.get_or_insert_default().policies.extend(policies);
        }
        "OrganizationPolicies" => {
            let policies: Vec<OrgPolicy> = items::items(field.key, field.raw, name, gaps);
            organisation.get_or_insert_default().policies.extend(policies);
        }
        "Policy" if field.raw.get().contains("PolicySummary") => {
            if let Some(described) = items::item::<Described>(field.key, field.raw, name, gaps) {
                let beside = field.object.get("Targets");
                let beside: Vec<OrgTarget> =
                    beside.map(|raw| items::items("Targets", raw, name, gaps)).unwrap_or_default();
                let targets = described.targets.into_iter().chain(beside).collect();
                let policy = OrgPolicy { summary: described.policy_summary, content: described.content, targets };
                organisation.get_or_insert_default().policies.push(policy);
            }
        }
        "Targets" if field.object.get("Policy").is_none() && field.raw.get().contains("TargetId") => {
            gaps.add(
                format!("{name}: Targets"),
                "it does not say of which policy; put it beside the policy: {\"Policy\": …, \"Targets\": …}",
            );
        }
        "Targets" | "ParentId" => {}
        _ => return false,
    }
    true
}
