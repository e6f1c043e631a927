//! Every action that is ever called, as policies name them: the least that Keelguard needs.

/// The actions. `docs/iam.md` shows them as a policy.
pub const CALLS: &[&str] = &[
    "access-analyzer:ListAnalyzers",
    "acm:ListCertificates",
    "apprunner:DescribeService",
    "apprunner:ListServices",
    "batch:DescribeComputeEnvironments",
    "batch:DescribeJobDefinitions",
    "bedrock-agentcore:GetCodeInterpreter",
    "bedrock-agentcore:ListCodeInterpreters",
    "bedrock:GetAgent",
    "bedrock:ListAgents",
    "cloudformation:DescribeStackSet",
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackSets",
    "codebuild:BatchGetProjects",
    "codebuild:ListProjects",
    "codedeploy:GetDeploymentGroup",
    "codedeploy:ListApplications",
    "codedeploy:ListDeploymentGroups",
    "codepipeline:GetPipeline",
    "codepipeline:ListPipelines",
    "cognito-identity:DescribeIdentityPool",
    "cognito-identity:GetIdentityPoolRoles",
    "cognito-identity:ListIdentityPools",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeRegions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpoints",
    "ecr:DescribeRepositories",
    "ecr:GetRepositoryPolicy",
    "ecs:DescribeClusters",
    "ecs:DescribeContainerInstances",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListClusters",
    "ecs:ListContainerInstances",
    "ecs:ListServices",
    "ecs:ListTaskDefinitions",
    "ecs:ListTasks",
    "eks:DescribeCluster",
    "eks:DescribeNodegroup",
    "eks:DescribePodIdentityAssociation",
    "eks:ListClusters",
    "eks:ListNodegroups",
    "eks:ListPodIdentityAssociations",
    "elasticmapreduce:DescribeCluster",
    "elasticmapreduce:ListClusters",
    "glue:GetDevEndpoints",
    "glue:GetJobs",
    "glue:ListSessions",
    "iam:GenerateCredentialReport",
    "iam:GenerateServiceLastAccessedDetails",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:GetLoginProfile",
    "iam:GetOpenIDConnectProvider",
    "iam:GetServiceLastAccessedDetails",
    "iam:ListAccessKeys",
    "iam:ListAccountAliases",
    "iam:ListGroups",
    "iam:ListMFADevices",
    "iam:ListOpenIDConnectProviders",
    "iam:ListRoles",
    "iam:ListSAMLProviders",
    "iam:ListServerCertificates",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
    "kms:GetKeyPolicy",
    "kms:ListKeys",
    "lambda:GetPolicy",
    "lambda:ListFunctions",
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
    "pipes:DescribePipe",
    "pipes:ListPipes",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:ListAllMyBuckets",
    "sagemaker:DescribeNotebookInstance",
    "sagemaker:DescribeProcessingJob",
    "sagemaker:DescribeTrainingJob",
    "sagemaker:ListNotebookInstances",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTrainingJobs",
    "scheduler:GetSchedule",
    "scheduler:ListSchedules",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecrets",
    "sns:GetTopicAttributes",
    "sns:ListTopics",
    "sqs:GetQueueAttributes",
    "sqs:ListQueues",
    "sso:DescribePermissionSet",
    "sso:GetInlinePolicyForPermissionSet",
    "sso:ListAccountsForProvisionedPermissionSet",
    "sso:ListInstances",
    "sso:ListManagedPoliciesInPermissionSet",
    "sso:ListPermissionSets",
    "states:DescribeStateMachine",
    "states:ListStateMachines",
    "sts:GetCallerIdentity",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_only_reads() {
        for call in CALLS {
            let (_, action) = call.split_once(':').unwrap();
            let reads = ["Get", "List", "Describe", "BatchGet"].iter().any(|begin| action.starts_with(begin));
            // These make AWS write a report about the account, and change nothing in it.
            assert!(reads || action.starts_with("Generate"), "{call}");
        }
    }

    #[test]
    fn every_call_is_an_action_that_policies_know() {
        for call in CALLS {
            assert_eq!(crate::ask::doubt(call), None);
        }
    }

    #[test]
    fn the_guide_shows_every_call() {
        let guide = include_str!("../../../../../docs/iam.md");
        for call in CALLS {
            assert!(guide.contains(&format!("\"{call}\"")), "docs/iam.md does not name {call}");
        }
    }
}
