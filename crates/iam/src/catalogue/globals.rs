//! The condition keys that exist for (nearly) every service. From "AWS global condition context keys" in the IAM user
//! guide; the package from which the catalogue is made does not hold them.

use super::format::KeyType;

/// A key of all services.
#[derive(Clone, Copy, Debug)]
pub struct GlobalKey {
    /// As AWS writes it; `${TagKey}` stands for anything.
    pub name: &'static str,
    /// What its values are.
    pub kind: KeyType,
    /// Whether every request carries it.
    pub always: bool,
}

const fn key(name: &'static str, kind: KeyType) -> GlobalKey {
    GlobalKey { name, kind, always: false }
}

const fn always(name: &'static str, kind: KeyType) -> GlobalKey {
    GlobalKey { name, kind, always: true }
}

/// All of them.
pub const GLOBAL_KEYS: &[GlobalKey] = &[
    key("aws:AssumedRoot", KeyType::String),
    key("aws:CalledVia", KeyType::Strings),
    key("aws:CalledViaAWSMCP", KeyType::String),
    key("aws:CalledViaFirst", KeyType::String),
    key("aws:CalledViaLast", KeyType::String),
    key("aws:ChatbotSourceArn", KeyType::Arn),
    always("aws:CurrentTime", KeyType::Date),
    key("aws:Ec2InstanceSourcePrivateIPv4", KeyType::Ip),
    key("aws:Ec2InstanceSourceVpc", KeyType::String),
    always("aws:EpochTime", KeyType::Date),
    key("aws:FederatedProvider", KeyType::String),
    key("aws:IsMcpServiceAction", KeyType::Bool),
    key("aws:MultiFactorAuthAge", KeyType::Numeric),
    key("aws:MultiFactorAuthPresent", KeyType::Bool),
    always("aws:PrincipalAccount", KeyType::String),
    always("aws:PrincipalArn", KeyType::Arn),
    always("aws:PrincipalIsAWSService", KeyType::Bool),
    key("aws:PrincipalOrgID", KeyType::String),
    key("aws:PrincipalOrgPaths", KeyType::Strings),
    key("aws:PrincipalServiceName", KeyType::String),
    key("aws:PrincipalServiceNamesList", KeyType::Strings),
    key("aws:PrincipalTag/${TagKey}", KeyType::String),
    always("aws:PrincipalType", KeyType::String),
    key("aws:referer", KeyType::String),
    key("aws:RequestedRegion", KeyType::String),
    key("aws:RequestTag/${TagKey}", KeyType::String),
    key("aws:ResourceAccount", KeyType::String),
    key("aws:ResourceOrgID", KeyType::String),
    key("aws:ResourceOrgPaths", KeyType::Strings),
    key("aws:ResourceTag/${TagKey}", KeyType::String),
    always("aws:SecureTransport", KeyType::Bool),
    key("aws:SignInSessionArn", KeyType::Arn),
    key("aws:SourceAccount", KeyType::String),
    key("aws:SourceArn", KeyType::Arn),
    key("aws:SourceIdentity", KeyType::String),
    key("aws:SourceIp", KeyType::Ip),
    key("aws:SourceOrgID", KeyType::String),
    key("aws:SourceOrgPaths", KeyType::Strings),
    // Of Amazon SNS, from before aws:SourceAccount.
    key("aws:SourceOwner", KeyType::String),
    key("aws:SourceVpc", KeyType::String),
    key("aws:SourceVpcArn", KeyType::Arn),
    key("aws:SourceVpce", KeyType::String),
    key("aws:TagKeys", KeyType::Strings),
    key("aws:TokenIssueTime", KeyType::Date),
    key("aws:UserAgent", KeyType::String),
    key("aws:userid", KeyType::String),
    key("aws:username", KeyType::String),
    always("aws:ViaAWSService", KeyType::Bool),
    key("aws:ViaAWSMCPService", KeyType::Bool),
    key("aws:VpceAccount", KeyType::String),
    key("aws:VpceOrgID", KeyType::String),
    key("aws:VpceOrgPaths", KeyType::Strings),
    key("aws:VpcSourceIp", KeyType::Ip),
    // Set by the services whose credentials are asked for.
    key("ec2:RoleDelivery", KeyType::Numeric),
    key("ec2:SourceInstanceARN", KeyType::Arn),
    key("ecs:ExecutionRoleCredentials", KeyType::Bool),
    key("glue:CredentialIssuingService", KeyType::String),
    key("glue:RoleAssumedBy", KeyType::String),
    key("identitystore:UserId", KeyType::String),
    key("lambda:SourceFunctionArn", KeyType::Arn),
    key("ssm:SourceInstanceARN", KeyType::Arn),
];
