//! Whether a message is from whom it says: what the receiving server wrote into `Authentication-Results` (RFC 8601). Only the first
//! such field counts, which is the one that was put in last, by the server nearest to the reader.

use crate::spam::mail::Message;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Proof {
    spf: Outcome,
    dkim: Outcome,
    dmarc: Outcome,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Outcome {
    #[default]
    Unsaid,
    Pass,
    Fail,
    Other,
}

impl Proof {
    /// What stands in the header.
    pub(super) fn of(message: &Message<'_>) -> Self {
        let value = message.field("authentication-results").unwrap_or_default();
        let value = String::from_utf8_lossy(value.get(..value.len().min(4096)).unwrap_or_default()).to_lowercase();
        let mut proof = Self::default();
        for part in value.split(';').skip(1) {
            let Some((method, result)) = part.trim().split_once('=') else { continue };
            let result = result.trim_start();
            let end = result.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(result.len());
            let outcome = match result.get(..end).unwrap_or_default() {
                "pass" => Outcome::Pass,
                "fail" | "hardfail" => Outcome::Fail,
                _ => Outcome::Other,
            };
            match method.trim() {
                "spf" => proof.spf = outcome,
                // One good signature is enough.
                "dkim" if proof.dkim != Outcome::Pass => proof.dkim = outcome,
                "dmarc" => proof.dmarc = outcome,
                _ => {}
            }
        }
        if proof.spf == Outcome::Unsaid {
            let spf = message.field("received-spf").unwrap_or_default().trim_ascii();
            proof.spf = match spf.get(..4).unwrap_or_default().to_ascii_lowercase().as_slice() {
                b"pass" => Outcome::Pass,
                b"fail" => Outcome::Fail,
                b"" => Outcome::Unsaid,
                _ => Outcome::Other,
            };
        }
        proof
    }

    /// The sender's domain stands for it.
    pub(super) fn is_proven(self) -> bool {
        self.dmarc == Outcome::Pass || self.dmarc != Outcome::Fail && self.dkim == Outcome::Pass
    }

    /// Why it is not from whom it says.
    pub(super) fn failed(self) -> Option<&'static str> {
        if self.dmarc == Outcome::Fail {
            return Some("it fails DMARC: neither the server nor a signature of the sender's domain stands for it");
        }
        let is_unsigned = matches!(self.dkim, Outcome::Fail | Outcome::Other | Outcome::Unsaid);
        (self.spf == Outcome::Fail && is_unsigned && self.dmarc != Outcome::Pass)
            .then_some("it fails SPF and has no good signature: its server may not send for this domain")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(header: &str) -> Proof {
        let raw = format!("{header}From: x@example.org\r\n\r\nhello\r\n");
        Proof::of(&Message::parse(raw.as_bytes()))
    }

    #[test]
    fn what_the_nearest_server_says_counts() {
        let failed = "Authentication-Results: mx.shop.example; dkim=none; spf=fail smtp.mailfrom=x@example.org; dmarc=fail (p=reject)\r\n";
        let passed = "Authentication-Results: mx.other.example; dkim=pass; spf=pass; dmarc=pass\r\n";
        assert!(proof(failed).failed().is_some() && !proof(failed).is_proven());
        assert!(proof(passed).failed().is_none() && proof(passed).is_proven());
        assert!(proof(&format!("{failed}{passed}")).failed().is_some(), "the lower one may be forged");
        assert!(proof("Received-SPF: Fail (x)\r\n").failed().is_some());
    }

    #[test]
    fn what_is_everyday_is_no_failure() {
        for header in [
            "",
            "Authentication-Results: mx; spf=softfail; dkim=pass\r\n",
            "Authentication-Results: mx; spf=fail; dkim=pass; dmarc=pass\r\n",
            "Authentication-Results: mx; spf=none; dkim=none; dmarc=none\r\n",
            "Authentication-Results: mx; spf=temperror\r\n",
            "Authentication-Results: ;;;==;\r\n",
        ] {
            assert_eq!(proof(header).failed(), None, "{header}");
        }
    }
}
