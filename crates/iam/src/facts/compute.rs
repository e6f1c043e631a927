//! Instances, and what decides who reaches their metadata: options, addresses, security groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::lenient::{list, or_default};
use super::principal::Tag;

/// An EC2 instance (`aws ec2 describe-instances`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Instance {
    /// `i-…`
    #[serde(rename = "InstanceId", deserialize_with = "or_default")]
    pub id: String,
    /// The region, taken from the zone where it is not given.
    #[serde(deserialize_with = "or_default")]
    pub region: String,
    /// The number of its account.
    #[serde(rename = "OwnerId", deserialize_with = "or_default")]
    pub account: String,
    /// Running, stopped, …
    #[serde(deserialize_with = "or_default")]
    pub state: InstanceState,
    /// The instance profile by which it gets a role.
    #[serde(rename = "IamInstanceProfile", skip_serializing_if = "Option::is_none")]
    pub profile: Option<InstanceProfileSpec>,
    /// Who gets at the metadata service; none where nobody knows.
    #[serde(rename = "MetadataOptions", skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataOptions>,
    /// A public IPv4 address.
    #[serde(rename = "PublicIpAddress", skip_serializing_if = "Option::is_none")]
    pub public_address: Option<String>,
    /// Its address within the network.
    #[serde(rename = "PrivateIpAddress", skip_serializing_if = "Option::is_none")]
    pub private_address: Option<String>,
    /// Its security groups.
    #[serde(deserialize_with = "list")]
    pub security_groups: Vec<GroupReference>,
    /// Tags.
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Tag>,
    /// Its zone.
    #[serde(deserialize_with = "or_default", skip_serializing)]
    pub placement: Placement,
}

impl Instance {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let partition = if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        };
        format!("arn:{partition}:ec2:{}:{}:instance/{}", self.region, self.account, self.id)
    }

    /// Whether it exists no more.
    pub fn is_terminated(&self) -> bool {
        matches!(self.state.name.as_str(), "terminated" | "shutting-down")
    }
}

/// Running, stopped, …
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct InstanceState {
    /// `running`
    #[serde(deserialize_with = "or_default")]
    pub name: String,
}

/// The zone of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Placement {
    /// `eu-central-1a`
    #[serde(deserialize_with = "or_default")]
    pub availability_zone: String,
}

/// A security group by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupReference {
    /// `sg-…`
    #[serde(rename = "GroupId", deserialize_with = "or_default")]
    pub id: String,
}

/// An instance profile as instances and launch templates name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct InstanceProfileSpec {
    /// Its ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its name, where there is no ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl InstanceProfileSpec {
    /// Its name, from the ARN where there is one.
    pub fn short_name(&self) -> Option<&str> {
        let from_arn = self.arn.as_deref().and_then(|arn| arn.rsplit('/').next());
        from_arn.or(self.name.as_deref())
    }
}

/// Who gets at the metadata service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct MetadataOptions {
    /// `required`: only with a session token (IMDSv2); `optional`: also without (IMDSv1).
    #[serde(deserialize_with = "or_default")]
    pub http_tokens: String,
    /// How many hops a token may go; from a container on a bridge it takes two.
    #[serde(rename = "HttpPutResponseHopLimit", skip_serializing_if = "Option::is_none")]
    pub hop_limit: Option<u32>,
    /// `enabled` or `disabled`.
    #[serde(deserialize_with = "or_default")]
    pub http_endpoint: String,
}

/// A security group: what it lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct SecurityGroup {
    /// `sg-…`
    #[serde(rename = "GroupId", deserialize_with = "or_default")]
    pub id: String,
    /// The number of its account.
    #[serde(rename = "OwnerId", deserialize_with = "or_default")]
    pub account: String,
    /// What it lets in.
    #[serde(rename = "IpPermissions", deserialize_with = "list")]
    pub lets_in: Vec<IpPermission>,
}

impl SecurityGroup {
    /// Whether it lets the whole internet in, on this TCP port.
    pub fn is_open_to_the_world(&self, port: u16) -> bool {
        let port = i32::from(port);
        self.lets_in.iter().any(|rule| {
            let protocol = matches!(rule.protocol.as_str(), "tcp" | "6" | "-1");
            let covers = rule.protocol == "-1"
                || (rule.from_port.is_none_or(|from| from <= port) && rule.to_port.is_none_or(|to| to >= port));
            let world = rule.ranges.iter().any(|range| range.cidr == "0.0.0.0/0")
                || rule.ranges_v6.iter().any(|range| range.cidr == "::/0");
            protocol && covers && world
        })
    }
}

/// One rule of a security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct IpPermission {
    /// `tcp`, `udp`, `-1` for all.
    #[serde(rename = "IpProtocol", deserialize_with = "or_default")]
    pub protocol: String,
    /// The first port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// The last port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// From these networks.
    #[serde(rename = "IpRanges", deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<IpRange>,
    /// From these networks of IPv6.
    #[serde(rename = "Ipv6Ranges", deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub ranges_v6: Vec<IpRange>,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IpRange {
    /// `0.0.0.0/0`
    #[serde(rename = "CidrIp", alias = "CidrIpv6", deserialize_with = "or_default")]
    pub cidr: String,
}

/// A version of a launch template, without its user data (`aws ec2 describe-launch-template-versions`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LaunchTemplateVersion {
    /// `lt-…`
    #[serde(rename = "LaunchTemplateId", deserialize_with = "or_default")]
    pub id: String,
    /// Its name.
    #[serde(rename = "LaunchTemplateName", deserialize_with = "or_default")]
    pub name: String,
    /// Its number.
    #[serde(rename = "VersionNumber", deserialize_with = "or_default")]
    pub version: u64,
    /// Whether instances get it where none is named.
    #[serde(rename = "DefaultVersion", deserialize_with = "or_default")]
    pub is_default: bool,
    /// The region.
    #[serde(deserialize_with = "or_default")]
    pub region: String,
    /// What it launches.
    #[serde(rename = "LaunchTemplateData", deserialize_with = "or_default")]
    pub data: LaunchTemplateData,
}

/// What a launch template launches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LaunchTemplateData {
    /// With which instance profile.
    #[serde(rename = "IamInstanceProfile", skip_serializing_if = "Option::is_none")]
    pub profile: Option<InstanceProfileSpec>,
    /// Who gets at the metadata service.
    #[serde(rename = "MetadataOptions", skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataOptions>,
}

/// A VPC endpoint, whose policy has a say in requests that come through it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct VpcEndpoint {
    /// `vpce-…`
    #[serde(rename = "VpcEndpointId", deserialize_with = "or_default")]
    pub id: String,
    /// The network in which it is.
    #[serde(rename = "VpcId", deserialize_with = "or_default")]
    pub vpc: String,
    /// `com.amazonaws.eu-central-1.s3`
    #[serde(rename = "ServiceName", deserialize_with = "or_default")]
    pub service: String,
    /// The number of its account.
    #[serde(rename = "OwnerId", deserialize_with = "or_default")]
    pub account: String,
    /// Its policy.
    #[serde(rename = "PolicyDocument", skip_serializing_if = "Option::is_none")]
    pub policy: Option<Document>,
}
