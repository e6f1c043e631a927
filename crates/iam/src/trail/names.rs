//! From the names of events to those of actions. Most are the same; these are not. Sources: the service authorization
//! reference, and each service's page on its events in CloudTrail.

use std::borrow::Cow;

/// Sources of events whose service has another name in policies.
const SERVICES: &[(&str, &str)] = &[
    ("monitoring", "cloudwatch"),
    ("email", "ses"),
    ("tagging", "tag"),
    ("streams.dynamodb", "dynamodb"),
    ("catalog.marketplace", "aws-marketplace"),
    ("metering-marketplace", "aws-marketplace"),
    ("cassandra", "cassandra"),
    ("elasticmapreduce", "elasticmapreduce"),
    ("autoscaling-plans", "autoscaling-plans"),
    ("runtime.lex", "lex"),
    ("models.lex", "lex"),
    ("api.sagemaker", "sagemaker"),
    ("runtime.sagemaker", "sagemaker"),
    ("api.ecr", "ecr"),
    ("ce", "ce"),
    ("sso.oidc", "sso-oauth"),
    ("cloudcontrolapi", "cloudformation"),
    ("es", "es"),
    ("waf-regional", "waf-regional"),
];

/// Events of S3 and others, and the actions that they need.
const EVENTS: &[(&str, &str, &[&str])] = &[
    ("s3", "ListBuckets", &["ListAllMyBuckets"]),
    ("s3", "ListObjects", &["ListBucket"]),
    ("s3", "ListObjectsV2", &["ListBucket"]),
    ("s3", "ListObjectVersions", &["ListBucketVersions"]),
    ("s3", "HeadBucket", &["ListBucket"]),
    ("s3", "HeadObject", &["GetObject"]),
    ("s3", "SelectObjectContent", &["GetObject"]),
    ("s3", "DeleteObjects", &["DeleteObject"]),
    ("s3", "CopyObject", &["PutObject"]),
    ("s3", "CreateMultipartUpload", &["PutObject"]),
    ("s3", "UploadPart", &["PutObject"]),
    ("s3", "UploadPartCopy", &["PutObject"]),
    ("s3", "CompleteMultipartUpload", &["PutObject"]),
    ("s3", "ListMultipartUploads", &["ListBucketMultipartUploads"]),
    ("s3", "ListParts", &["ListMultipartUploadParts"]),
    ("s3", "GetBucketEncryption", &["GetEncryptionConfiguration"]),
    ("s3", "PutBucketEncryption", &["PutEncryptionConfiguration"]),
    ("s3", "DeleteBucketEncryption", &["PutEncryptionConfiguration"]),
    ("s3", "GetBucketLifecycle", &["GetLifecycleConfiguration"]),
    ("s3", "GetBucketLifecycleConfiguration", &["GetLifecycleConfiguration"]),
    ("s3", "PutBucketLifecycle", &["PutLifecycleConfiguration"]),
    ("s3", "PutBucketLifecycleConfiguration", &["PutLifecycleConfiguration"]),
    ("s3", "DeleteBucketLifecycle", &["PutLifecycleConfiguration"]),
    ("s3", "GetBucketReplication", &["GetReplicationConfiguration"]),
    ("s3", "PutBucketReplication", &["PutReplicationConfiguration"]),
    ("s3", "DeleteBucketReplication", &["PutReplicationConfiguration"]),
    ("s3", "GetBucketNotificationConfiguration", &["GetBucketNotification"]),
    ("s3", "PutBucketNotificationConfiguration", &["PutBucketNotification"]),
    ("s3", "GetBucketCors", &["GetBucketCORS"]),
    ("s3", "PutBucketCors", &["PutBucketCORS"]),
    ("s3", "DeleteBucketCors", &["PutBucketCORS"]),
    ("s3", "DeleteBucketTagging", &["PutBucketTagging"]),
    ("s3", "GetBucketAccelerateConfiguration", &["GetAccelerateConfiguration"]),
    ("s3", "PutBucketAccelerateConfiguration", &["PutAccelerateConfiguration"]),
    ("s3", "GetPublicAccessBlock", &["GetBucketPublicAccessBlock"]),
    ("s3", "GetBucketPublicAccessBlock", &["GetBucketPublicAccessBlock"]),
    ("s3", "PutPublicAccessBlock", &["PutBucketPublicAccessBlock"]),
    ("s3", "DeletePublicAccessBlock", &["PutBucketPublicAccessBlock"]),
    ("s3", "DeleteBucketPublicAccessBlock", &["PutBucketPublicAccessBlock"]),
    ("s3", "GetObjectLockConfiguration", &["GetBucketObjectLockConfiguration"]),
    ("s3", "PutObjectLockConfiguration", &["PutBucketObjectLockConfiguration"]),
    ("s3", "DeleteBucketOwnershipControls", &["PutBucketOwnershipControls"]),
    ("s3", "GetBucketInventoryConfiguration", &["GetInventoryConfiguration"]),
    ("s3", "PutBucketInventoryConfiguration", &["PutInventoryConfiguration"]),
    ("s3", "GetBucketAnalyticsConfiguration", &["GetAnalyticsConfiguration"]),
    ("s3", "PutBucketAnalyticsConfiguration", &["PutAnalyticsConfiguration"]),
    ("s3", "GetBucketMetricsConfiguration", &["GetMetricsConfiguration"]),
    ("s3", "PutBucketMetricsConfiguration", &["PutMetricsConfiguration"]),
    ("s3", "GetBucketIntelligentTieringConfiguration", &["GetIntelligentTieringConfiguration"]),
    ("s3", "PutBucketIntelligentTieringConfiguration", &["PutIntelligentTieringConfiguration"]),
    ("lambda", "Invoke", &["InvokeFunction"]),
    ("lambda", "InvokeWithResponseStream", &["InvokeFunction"]),
    ("kms", "ReEncrypt", &["ReEncryptFrom", "ReEncryptTo"]),
    ("bedrock", "Converse", &["InvokeModel"]),
    ("bedrock", "ConverseStream", &["InvokeModelWithResponseStream"]),
    ("dynamodb", "ExecuteStatement", &["PartiQLSelect"]),
    ("dynamodb", "TransactGetItems", &["GetItem"]),
    ("dynamodb", "TransactWriteItems", &["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"]),
    ("ec2", "CreateDefaultSubnet", &["CreateDefaultSubnet"]),
    ("ssm", "OpenDataChannel", &[]),
    ("ssm", "OpenControlChannel", &[]),
    // Nobody needs to be allowed these.
    ("sts", "GetCallerIdentity", &[]),
    ("sts", "GetSessionToken", &[]),
    ("signin", "", &[]),
    ("sso", "Federate", &[]),
    ("sso", "Authenticate", &[]),
];

/// The actions, such as `s3:ListBucket`, that an event of this source (`s3.amazonaws.com`) and name needs. None where an
/// event is no call that policies decide about.
///
/// ```
/// use keelguard_iam::trail::actions;
/// assert_eq!(actions("s3.amazonaws.com", "ListObjects"), ["s3:ListBucket"]);
/// assert_eq!(actions("lambda.amazonaws.com", "UpdateFunctionCode20150331v2"), ["lambda:UpdateFunctionCode"]);
/// ```
pub fn actions<'a>(source: &str, name: &'a str) -> Vec<Cow<'a, str>> {
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let service = SERVICES.iter().find(|(from, _)| *from == service).map_or(service, |(_, to)| to);
    if service.is_empty() || name.is_empty() {
        return Vec::new();
    }
    // API Gateway knows no actions but those of HTTP.
    if service == "apigateway" {
        let verb = [("Get", "GET"), ("Create", "POST"), ("Update", "PATCH"), ("Delete", "DELETE"), ("Put", "PUT")];
        let verb = verb.iter().find(|(begin, _)| name.starts_with(begin)).map_or("POST", |(_, verb)| verb);
        return vec![Cow::Owned(format!("apigateway:{verb}"))];
    }
    let name = without_date(name);
    match EVENTS.iter().find(|(of, event, _)| *of == service && (event.is_empty() || *event == name)) {
        Some((_, _, actions)) => actions.iter().map(|action| Cow::Owned(format!("{service}:{action}"))).collect(),
        None => vec![Cow::Owned(format!("{service}:{name}"))],
    }
}

/// `ListFunctions20150331` and `GetFunction20150331v2` of Lambda, `CreateDistribution2020_05_31` of CloudFront.
fn without_date(name: &str) -> &str {
    let base = name.strip_suffix("v2").unwrap_or(name);
    let short = base.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '_');
    // Eight digits, with or without underscores; a name such as `PutItemV2` or `Route53` keeps its own.
    if base.len() - short.len() >= 8 { short } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_become_the_actions_that_policies_know() {
        for (source, event, wanted) in [
            ("s3", "ListObjectsV2", "s3:ListBucket"),
            ("s3", "HeadObject", "s3:GetObject"),
            ("s3", "GetObject", "s3:GetObject"),
            ("s3", "PutBucketPolicy", "s3:PutBucketPolicy"),
            ("lambda", "ListFunctions20150331", "lambda:ListFunctions"),
            ("lambda", "GetFunction20150331v2", "lambda:GetFunction"),
            ("lambda", "Invoke", "lambda:InvokeFunction"),
            ("cloudfront", "CreateDistribution2020_05_31", "cloudfront:CreateDistribution"),
            ("monitoring", "PutMetricData", "cloudwatch:PutMetricData"),
            ("apigateway", "GetRestApis", "apigateway:GET"),
            ("kms", "ReEncrypt", "kms:ReEncryptFrom kms:ReEncryptTo"),
            ("route53", "ListHostedZones", "route53:ListHostedZones"),
            ("signin", "ConsoleLogin", ""),
            ("sts", "GetCallerIdentity", ""),
        ] {
            assert_eq!(actions(&format!("{source}.amazonaws.com"), event).join(" "), wanted, "{source} {event}");
        }
    }
}
