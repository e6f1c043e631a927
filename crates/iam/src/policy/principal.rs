//! Whom a `Principal` element names.

/// Whom a `Principal` element names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalPattern {
    /// `"*"` or `{"AWS": "*"}`: everybody, also without credentials.
    Everybody,
    /// An account, as twelve digits or as `arn:…:root`: whoever that account lets.
    Account(String),
    /// A user, role, role session or federated user, by its ARN.
    Arn(String),
    /// A service, such as `ec2.amazonaws.com`.
    Service(String),
    /// An identity provider: its ARN or its host name.
    Federated(String),
    /// A canonical user of S3.
    Canonical(String),
    /// The unique id into which AWS turns the ARN of a principal that was deleted (`AIDA…`, `AROA…`): nobody any more,
    /// unless the id is the caller's.
    UniqueId(String),
}

impl PrincipalPattern {
    /// What stands under `"AWS"`.
    pub(super) fn aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everybody;
        }
        if is_account(text) {
            return Self::Account(text.to_owned());
        }
        let mut parts = text.splitn(6, ':');
        let (arn, _, service) = (parts.next(), parts.next(), parts.next());
        let (_, account, name) = (parts.next(), parts.next(), parts.next());
        match (arn, service, account, name) {
            (Some("arn"), Some("iam"), Some(account), Some("root")) if is_account(account) => {
                Self::Account(account.to_owned())
            }
            (Some("arn"), ..) => Self::Arn(text.to_owned()),
            // Whatever else stands here names nobody, just as an id of somebody deleted.
            _ => Self::UniqueId(text.to_owned()),
        }
    }

    /// As a policy writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everybody => "*",
            Self::Account(text)
            | Self::Arn(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::Canonical(text)
            | Self::UniqueId(text) => text,
        }
    }
}

/// Whether `text` is an account's number.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::PrincipalPattern as P;

    #[test]
    fn an_account_is_the_same_by_its_number_and_by_its_root() {
        for (text, meant) in [
            ("*", P::Everybody),
            ("111122223333", P::Account("111122223333".into())),
            ("arn:aws:iam::111122223333:root", P::Account("111122223333".into())),
            ("arn:aws-cn:iam::111122223333:root", P::Account("111122223333".into())),
            ("arn:aws:iam::111122223333:user/root", P::Arn("arn:aws:iam::111122223333:user/root".into())),
            ("AROAJQABLZS4A3QDU576Q", P::UniqueId("AROAJQABLZS4A3QDU576Q".into())),
        ] {
            assert_eq!(P::aws(text), meant, "{text}");
        }
    }
}
