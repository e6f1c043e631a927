//! The services that are asked: how they are spoken to, and where they are.

use super::Environment;
use super::profile::Section;

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// A form, answered in XML; the version of the interface.
    Query(&'static str),
    /// The same, with lists and names as EC2 has them.
    Ec2(&'static str),
    /// JSON with the operation in a header: `1.0` or `1.1`, and what stands before the operation.
    Json(&'static str, &'static str),
    /// Paths, answered in JSON.
    RestJson,
    /// Paths, answered in XML.
    RestXml,
}

/// A service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// As messages call it.
    pub(super) name: &'static str,
    /// As signatures call it.
    pub(super) signing: &'static str,
    /// Before the region in its address.
    host: &'static str,
    /// `AWS_ENDPOINT_URL_…`
    variable: &'static str,
    pub(super) protocol: Protocol,
    /// One place for all regions.
    global: bool,
    /// Whether every region has it, so that a name nobody knows is a fault and not an absence.
    pub(super) everywhere: bool,
}

const fn service(name: &'static str, variable: &'static str, protocol: Protocol) -> Service {
    Service { name, signing: name, host: name, variable, protocol, global: false, everywhere: false }
}

impl Service {
    const fn at(self, host: &'static str, signing: &'static str) -> Self {
        Self { signing, host, ..self }
    }

    const fn global(self) -> Self {
        Self { global: true, everywhere: true, ..self }
    }

    const fn everywhere(self) -> Self {
        Self { everywhere: true, ..self }
    }

    /// The address, and the region for the signature.
    pub(super) fn place(&self, region: &str, custom: Option<&str>) -> (String, String) {
        let (suffix, home) = match region {
            region if region.starts_with("cn-") => ("amazonaws.com.cn", "cn-north-1"),
            region if region.starts_with("us-gov-") => ("amazonaws.com", "us-gov-west-1"),
            _ => ("amazonaws.com", "us-east-1"),
        };
        let region = if self.global { home } else { region };
        if let Some(custom) = custom {
            return (custom.trim_end_matches('/').to_owned(), region.to_owned());
        }
        let host = match (self.name, home) {
            ("iam", "us-east-1") => format!("iam.{suffix}"),
            ("iam", "us-gov-west-1") => format!("iam.us-gov.{suffix}"),
            ("organizations", "cn-north-1") => {
                return (format!("https://organizations.cn-northwest-1.{suffix}"), "cn-northwest-1".into());
            }
            _ => format!("{}.{region}.{suffix}", self.host),
        };
        (format!("https://{host}"), region.to_owned())
    }

    /// An address of the user's own: named for all, or for this service, by variable or profile.
    pub(super) fn custom(&self, flag: Option<&str>, environment: &Environment, profile: &Section) -> Option<String> {
        if let Some(flag) = flag {
            return Some(flag.to_owned());
        }
        let ignored = |value: &str| value.eq_ignore_ascii_case("true");
        if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(ignored)
            || profile.get("ignore_configured_endpoint_urls").is_some_and(|value| ignored(value))
        {
            return None;
        }
        let of_service = format!("services.{}.endpoint_url", self.variable.to_ascii_lowercase());
        environment
            .get(&format!("AWS_ENDPOINT_URL_{}", self.variable))
            .or_else(|| environment.get("AWS_ENDPOINT_URL"))
            .or_else(|| profile.get(&of_service).map(String::as_str))
            .or_else(|| profile.get("endpoint_url").map(String::as_str))
            .map(str::to_owned)
    }
}

use Protocol::{Ec2, Json, Query, RestJson, RestXml};

pub(super) static IAM: Service = service("iam", "IAM", Query("2010-05-08")).global();
pub(super) static STS: Service = service("sts", "STS", Query("2011-06-15")).everywhere();
pub(super) static ORGANIZATIONS: Service =
    service("organizations", "ORGANIZATIONS", Json("1.1", "AWSOrganizationsV20161128")).global();
pub(super) static EC2: Service = service("ec2", "EC2", Ec2("2016-11-15")).everywhere();
pub(super) static ECS: Service = service("ecs", "ECS", Json("1.1", "AmazonEC2ContainerServiceV20141113")).everywhere();
pub(super) static LAMBDA: Service = service("lambda", "LAMBDA", RestJson).everywhere();
pub(super) static S3: Service = service("s3", "S3", RestXml).everywhere();
pub(super) static KMS: Service = service("kms", "KMS", Json("1.1", "TrentService")).everywhere();
pub(super) static SQS: Service = service("sqs", "SQS", Json("1.0", "AmazonSQS")).everywhere();
pub(super) static SNS: Service = service("sns", "SNS", Query("2010-03-31")).everywhere();
pub(super) static SECRETS: Service =
    service("secretsmanager", "SECRETS_MANAGER", Json("1.1", "secretsmanager")).everywhere();
pub(super) static ECR: Service =
    service("ecr", "ECR", Json("1.1", "AmazonEC2ContainerRegistry_V20150921")).at("api.ecr", "ecr").everywhere();
pub(super) static CLOUDFORMATION: Service =
    service("cloudformation", "CLOUDFORMATION", Query("2010-05-15")).everywhere();
pub(super) static CODEBUILD: Service = service("codebuild", "CODEBUILD", Json("1.1", "CodeBuild_20161006"));
pub(super) static GLUE: Service = service("glue", "GLUE", Json("1.1", "AWSGlue"));
pub(super) static SAGEMAKER: Service =
    service("sagemaker", "SAGEMAKER", Json("1.1", "SageMaker")).at("api.sagemaker", "sagemaker");
pub(super) static STATES: Service = service("states", "SFN", Json("1.0", "AWSStepFunctions"));
pub(super) static BATCH: Service = service("batch", "BATCH", RestJson);
pub(super) static EKS: Service = service("eks", "EKS", RestJson);
pub(super) static APPRUNNER: Service = service("apprunner", "APPRUNNER", Json("1.0", "AppRunner"));
pub(super) static ANALYZER: Service = service("access-analyzer", "ACCESSANALYZER", RestJson);
pub(super) static COGNITO: Service =
    service("cognito-identity", "COGNITO_IDENTITY", Json("1.1", "AWSCognitoIdentityService"));
pub(super) static EMR: Service =
    service("emr", "EMR", Json("1.1", "ElasticMapReduce")).at("elasticmapreduce", "elasticmapreduce").everywhere();
pub(super) static SCHEDULER: Service = service("scheduler", "SCHEDULER", RestJson);
pub(super) static PIPES: Service = service("pipes", "PIPES", RestJson);
pub(super) static CODEDEPLOY: Service = service("codedeploy", "CODEDEPLOY", Json("1.1", "CodeDeploy_20141006"));
pub(super) static CODEPIPELINE: Service = service("codepipeline", "CODEPIPELINE", Json("1.1", "CodePipeline_20150709"));
pub(super) static AGENTS: Service = service("bedrock-agent", "BEDROCK_AGENT", RestJson).at("bedrock-agent", "bedrock");
pub(super) static AGENTCORE: Service = service("bedrock-agentcore", "BEDROCK_AGENTCORE_CONTROL", RestJson)
    .at("bedrock-agentcore-control", "bedrock-agentcore");
pub(super) static ACM: Service = service("acm", "ACM", Json("1.1", "CertificateManager")).everywhere();
pub(super) static S3_CONTROL: Service =
    service("s3-control", "S3_CONTROL", RestXml).at("s3-control", "s3").everywhere();
pub(super) static SSO_ADMIN: Service =
    service("sso-admin", "SSO_ADMIN", Json("1.1", "SWBExternalService")).at("sso", "sso");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_where_each_partition_has_them() {
        for (service, region, address, signed) in [
            (&IAM, "eu-west-1", "https://iam.amazonaws.com", "us-east-1"),
            (&IAM, "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (&IAM, "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
            (&EC2, "eu-west-1", "https://ec2.eu-west-1.amazonaws.com", "eu-west-1"),
            (&ECR, "eu-west-1", "https://api.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
            (&ORGANIZATIONS, "cn-north-1", "https://organizations.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"),
        ] {
            assert_eq!(service.place(region, None), (address.to_owned(), signed.to_owned()));
        }
        assert_eq!(IAM.place("eu-west-1", Some("http://127.0.0.1:5000/")).0, "http://127.0.0.1:5000");
    }

    #[test]
    fn the_flag_counts_more_than_the_service_s_variable_and_that_more_than_the_one_for_all() {
        let environment = Environment::of([("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_IAM", "http://iam")]);
        let profile = Section::from([("endpoint_url".into(), "http://profile".into())]);
        assert_eq!(IAM.custom(Some("http://flag"), &environment, &profile).as_deref(), Some("http://flag"));
        assert_eq!(IAM.custom(None, &environment, &profile).as_deref(), Some("http://iam"));
        assert_eq!(EC2.custom(None, &environment, &profile).as_deref(), Some("http://all"));
        assert_eq!(EC2.custom(None, &Environment::default(), &profile).as_deref(), Some("http://profile"));
        let ignored = Environment::of([("AWS_ENDPOINT_URL", "x"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]);
        assert_eq!(EC2.custom(None, &ignored, &profile), None);
    }
}
