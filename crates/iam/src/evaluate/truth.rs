//! Yes, no, or nobody knows: what is known of a whole account leaves out the circumstances of requests.

/// Whether something holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// It hangs on these condition keys (in lower case, sorted), of which nothing is known.
    Depends(Vec<String>),
}

impl Truth {
    /// Hangs on one key.
    pub fn on(key: &str) -> Self {
        Self::Depends(vec![key.to_owned()])
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) | (other, Self::Yes) => other,
            (Self::Depends(a), Self::Depends(b)) => Self::Depends(joined(a, b)),
        }
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) | (other, Self::No) => other,
            (Self::Depends(a), Self::Depends(b)) => Self::Depends(joined(a, b)),
        }
    }

    /// All hold; true of none.
    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::Yes;
        for truth in truths {
            whole = whole.and(truth);
            if whole == Self::No {
                break;
            }
        }
        whole
    }

    /// One holds; false of none.
    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::No;
        for truth in truths {
            whole = whole.or(truth);
            if whole == Self::Yes {
                break;
            }
        }
        whole
    }

    /// It holds for certain.
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    /// It does not hold for certain.
    pub fn is_no(&self) -> bool {
        *self == Self::No
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            depends @ Self::Depends(_) => depends,
        }
    }
}

fn joined(mut a: Vec<String>, b: Vec<String>) -> Vec<String> {
    a.extend(b);
    a.sort_unstable();
    a.dedup();
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_decides_nothing_that_is_decided_already() {
        let unknown = || Truth::on("k");
        assert_eq!(unknown().and(Truth::No), Truth::No);
        assert_eq!(unknown().or(Truth::Yes), Truth::Yes);
        assert_eq!(unknown().and(Truth::Yes), unknown());
        assert_eq!(!unknown(), unknown());
        assert_eq!(Truth::on("b").or(Truth::on("a")), Truth::Depends(vec!["a".into(), "b".into()]));
        assert_eq!(Truth::all([]), Truth::Yes);
        assert_eq!(Truth::any([]), Truth::No);
    }
}
