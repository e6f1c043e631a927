//! The parts of an ARN.

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, borrowed from its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// `iam`, `s3`, …
    pub service: &'a str,
    /// Empty where there is none.
    pub region: &'a str,
    /// Twelve digits; empty where there is none, `aws` for what AWS itself manages.
    pub account: &'a str,
    /// All that follows.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of `text`, where it is an ARN.
    ///
    /// ```
    /// let arn = keelguard_iam::facts::Arn::parse("arn:aws:iam::111122223333:role/service-role/web").unwrap();
    /// assert_eq!((arn.account, arn.kind(), arn.name()), ("111122223333", "role", "web"));
    /// ```
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }

    /// What stands before the first `/` or `:` of the resource: `role`, `user`, `function`.
    pub fn kind(&self) -> &'a str {
        self.resource.split(['/', ':']).next().unwrap_or_default()
    }

    /// What stands after the last `/` or `:` of the resource.
    pub fn name(&self) -> &'a str {
        self.resource.rsplit(['/', ':']).next().unwrap_or_default()
    }
}

/// Whether the text is the number of an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of the account in an ARN, where there is one.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.account).filter(|account| is_account(account))
}
