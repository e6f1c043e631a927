//! What is known of AWS accounts: principals, policies, the organisation, and what runs with which role. The types have
//! the names of the AWS CLI's own outputs, so that these can be read as they are, and `keelguard iam facts` writes the
//! same form again. Nothing here decides anything.
//!
//! ```
//! use keelguard_iam::facts::{Facts, Input};
//! let text = r#"{"RoleDetailList": [{"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/web",
//!     "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}]}"#;
//! let facts = Facts::read(&[Input::new("facts.json", text.as_bytes())]).unwrap();
//! assert_eq!(facts.accounts[0].roles[0].name, "web");
//! ```

mod account;
mod arn;
mod compute;
mod container;
mod credentials;
mod document;
mod lenient;
mod organisation;
mod principal;
mod read;
mod resource;
mod settings;
mod usage;
mod workload;
mod write;

pub use account::{Account, Part};
pub use arn::Arn;
pub(crate) use arn::is_account;
pub use compute::{
    Instance, InstanceProfileSpec, InstanceState, LaunchTemplateVersion, MetadataOptions, SecurityGroup, VpcEndpoint,
};
pub use container::{
    ContainerDefinition, ContainerInstance, EcsCluster, EcsService, EcsTask, SecretReference, TaskDefinition, Variable,
};
pub use credentials::{AccessKey, CredentialRow, MfaDevice, ReportedKey};
pub use document::Document;
pub use organisation::{
    MemberAccount, OrgPolicy, OrgPolicyKind, OrgPolicySummary, OrgTarget, Organisation, OrganisationUnit,
};
pub use principal::{
    AttachedPolicy, Boundary, Group, InlinePolicy, InstanceProfile, LastUsed, ManagedPolicy, PolicyVersion, Role,
    RoleName, Tag, User,
};
pub use read::{Input, MAX_INPUT};
pub use resource::{PublicAccessBlock, ResourcePolicy};
pub use settings::{Analyzer, Certificate, IdentityProvider, PasswordPolicy, ServerCertificate};
pub use usage::{Logged, ServiceUsage, TrackedAction, Usage};
pub use workload::{
    EnvironmentVariables, Function, IdentityPool, InstanceChoice, PermissionSet, RoleUse, Workload, WorkloadKind,
    WorkloadRole,
};

pub use write::{FACTS_SCHEMA, FactsObject};

use std::collections::HashMap;

use jiff::Timestamp;
use keelguard_model::Incomplete;

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The accounts, by number.
    pub accounts: Vec<Account>,
    /// Managed policies of AWS itself (`arn:aws:iam::aws:policy/…`), the same for all accounts.
    pub aws_policies: Vec<ManagedPolicy>,
    /// The organisation to which they belong, as far as it is known.
    pub organisation: Option<Organisation>,
    /// When it was collected, where that is known.
    pub collected: Option<Timestamp>,
    /// What could not be read, and why.
    pub incomplete: Vec<Incomplete>,
}

impl Facts {
    /// The account of this number.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Every managed policy, by its ARN: the accounts' own and those of AWS.
    pub fn managed_policies(&self) -> HashMap<&str, &ManagedPolicy> {
        let all = self.accounts.iter().flat_map(|account| &account.policies).chain(&self.aws_policies);
        all.map(|policy| (policy.arn.as_str(), policy)).collect()
    }
}
