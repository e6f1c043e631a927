//! Why a call came to nothing, in sentences. What servers say is foreign text, and may repeat what was sent to them.

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// We may not.
    Denied(String),
    /// There is no such thing: the error's code.
    Missing(String),
    /// The credentials are of no use here.
    Credentials(String),
    /// The service is not in this region.
    Absent,
    /// Anything else, in words.
    Other(String),
}

/// What becomes of an error's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Denied,
    Missing,
    Credentials,
    Throttled,
    Passing,
    Other,
}

/// Codes that ask for fewer requests.
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "EC2ThrottledException",
];

/// Codes that find fault with the credentials, and what helps.
const CREDENTIALS: &[(&str, &str)] = &[
    ("ExpiredToken", "the credentials have expired; take new ones, with aws sso login for instance"),
    ("ExpiredTokenException", "the credentials have expired; take new ones, with aws sso login for instance"),
    ("RequestExpired", "the credentials have expired, or the clock of this machine is wrong"),
    ("RequestTimeTooSkewed", "the clock of this machine is wrong; set it and try again"),
    ("InvalidClientTokenId", "nobody has such an access key there: it was deleted, or belongs to another partition"),
    ("InvalidAccessKeyId", "nobody has such an access key there: it was deleted, or belongs to another partition"),
    ("UnrecognizedClientException", "nobody has such an access key there, or its session token is wrong"),
    ("AuthFailure", "the credentials are not valid there, or the region is switched off for the account"),
    (
        "SignatureDoesNotMatch",
        "the secret key does not belong to the access key, or the clock of this machine is wrong",
    ),
    ("InvalidSignatureException", "the secret key does not belong to the access key, or the clock is wrong"),
    ("IncompleteSignature", "the credentials are damaged; look for spaces or line breaks in them"),
    ("MissingAuthenticationToken", "the credentials did not arrive"),
    ("MissingAuthenticationTokenException", "the credentials did not arrive"),
    ("OptInRequired", "the account has not been activated for this service"),
    ("InvalidToken", "the session token is damaged"),
];

pub(super) fn class(code: &str, status: u16) -> Class {
    if THROTTLED.contains(&code) || status == 429 {
        return Class::Throttled;
    }
    if CREDENTIALS.iter().any(|(known, _)| *known == code) {
        return Class::Credentials;
    }
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "NotAuthorized"
        | "UnauthorizedException"
        | "AuthorizationErrorException"
        | "ForbiddenException" => Class::Denied,
        "NoSuchEntity"
        | "ResourceNotFoundException"
        | "NoSuchBucketPolicy"
        | "NoSuchPublicAccessBlockConfiguration"
        | "AWSOrganizationsNotInUseException"
        | "RepositoryPolicyNotFoundException"
        | "NoSuchBucket"
        | "ReportNotPresent"
        | "ReportExpired"
        | "ReportInProgress"
        | "CredentialReportNotPresentException"
        | "CredentialReportExpiredException"
        | "CredentialReportNotReadyException"
        | "NoSuchEntityException"
        | "NotFoundException"
        | "QueueDoesNotExist"
        | "NotFound"
        | "PolicyNotFoundException"
        | "ClusterNotFoundException" => Class::Missing,
        "RequestTimeout"
        | "RequestTimeoutException"
        | "InternalError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Class::Passing,
        _ if status >= 500 => Class::Passing,
        _ if status == 401 || status == 403 => Class::Denied,
        _ if status == 404 => Class::Missing,
        _ => Class::Other,
    }
}

/// What helps against this fault in the credentials.
pub(super) fn advice(code: &str) -> String {
    let known = CREDENTIALS.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| format!("AWS answers {code}"), |(_, advice)| format!("{advice} ({code})"))
}

impl Failure {
    /// In words, for what is incomplete.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Denied(why) => format!("it is not allowed: {why}; docs/iam.md has the policy that Keelguard needs"),
            Self::Missing(code) => format!("there is no such thing ({code})"),
            Self::Absent => "the service is not in this region".to_owned(),
            Self::Credentials(why) | Self::Other(why) => why.clone(),
        }
    }
}

/// Foreign text that is fit to be shown: one short line, no control characters, none of these secrets.
pub(super) fn shown(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.lines().next().unwrap_or_default().to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        clean = clean.replace(secret, keelguard_model::secret::REDACTED);
    }
    let mut short: String =
        clean.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect();
    if clean.chars().nth(300).is_some() {
        short.push('…');
    }
    short.trim().to_owned()
}
