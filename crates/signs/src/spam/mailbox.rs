//! What a mailbox shows as a whole: spam that goes out, or an inbox that holds little else. Spam that comes in and is caught is
//! everyday, and no finding.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use keelguard_model::{Finding, Kind, Subject, SubjectKind, rule};

use super::Opinion;

/// So many folders are kept apart.
const MOST_FOLDERS: usize = 10_000;
/// So many accounts of one folder.
const MOST_ACCOUNTS: usize = 100;

/// What was seen of the messages of each folder.
#[derive(Clone, Debug, Default)]
pub struct Mailboxes {
    folders: BTreeMap<String, Folder>,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    messages: u64,
    spam: u64,
    subject: String,
    accounts: BTreeMap<String, u64>,
}

/// Which way the messages of a folder go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    In,
    Out,
    /// Where spam belongs.
    Junk,
}

const OUT: [&str; 6] = ["sent", "outbox", "outgoing", "gesendet", "envoy", "enviado"];
const JUNK: [&str; 5] = ["junk", "spam", "trash", "quarantine", "deleted"];

fn way(folder: &str) -> Way {
    let names: Vec<String> =
        folder.rsplit('/').take(2).map(|name| name.trim_start_matches('.').to_lowercase()).collect();
    let is = |known: &[&str]| names.iter().any(|name| known.iter().any(|start| name.starts_with(start)));
    if is(&JUNK) {
        Way::Junk
    } else if is(&OUT) {
        Way::Out
    } else {
        Way::In
    }
}

/// Whether a message lies where spam belongs.
pub fn is_junk(path: &Path) -> bool {
    way(&folder(path, false)) == Way::Junk
}

/// The folder of a message: of a Maildir the one above `cur` and `new`; an mbox is a folder by itself.
fn folder(path: &Path, is_in_mbox: bool) -> String {
    if is_in_mbox {
        return path.display().to_string();
    }
    let parent = path.parent().unwrap_or(path);
    let is_inner = parent.file_name().is_some_and(|name| name == "cur" || name == "new");
    let folder = if is_inner { parent.parent().unwrap_or(parent) } else { parent };
    folder.display().to_string()
}

impl Mailboxes {
    /// Takes a mail: where it lies, what is thought of it, its subject, and as whom its sender had logged in.
    pub fn take(&mut self, path: &Path, is_in_mbox: bool, opinion: Opinion, subject: &str, account: Option<&str>) {
        let name = folder(path, is_in_mbox);
        if self.folders.len() >= MOST_FOLDERS && !self.folders.contains_key(&name) {
            return;
        }
        let folder = self.folders.entry(name).or_default();
        folder.messages += 1;
        if opinion != Opinion::Spam {
            return;
        }
        folder.spam += 1;
        if folder.subject.is_empty() {
            subject.clone_into(&mut folder.subject);
        }
        if let Some(account) = account
            && (folder.accounts.len() < MOST_ACCOUNTS || folder.accounts.contains_key(account))
        {
            *folder.accounts.entry(account.to_owned()).or_default() += 1;
        }
    }

    /// What is found.
    pub fn findings(&self, now: Timestamp) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, folder) in &self.folders {
            let rule = match way(name) {
                Way::Out if folder.spam >= 5 && folder.spam * 5 >= folder.messages => &rule::SPAM_GOES_OUT,
                Way::In if folder.messages >= 100 && folder.spam * 2 >= folder.messages => &rule::SPAM_FILLS_MAILBOX,
                _ => continue,
            };
            let mut finding = rule
                .on(Subject::new(SubjectKind::File, name.clone()))
                .title(format!("{} ({} of {} messages in {name})", rule.title, folder.spam, folder.messages))
                .evidence("spam", folder.spam.to_string())
                .evidence("messages", folder.messages.to_string())
                .evidence("subject", folder.subject.clone());
            let account = folder.accounts.iter().max_by_key(|(_, count)| **count);
            if let Some((account, count)) = account {
                finding = finding.evidence("user", account.clone()).evidence("spam of this user", count.to_string());
            }
            finding.kind = Kind::Detection;
            finding.time = now;
            findings.push(finding);
        }
        findings
    }
}

/// As whom the sender of a mail had logged in, where its own server says so in `Received` (`Authenticated sender: ann`).
pub fn account(received: &[u8]) -> Option<String> {
    let mark = b"(Authenticated sender: ";
    let at = memchr::memmem::find(received, mark)? + mark.len();
    let rest = received.get(at..)?;
    let end = rest.iter().take(100).position(|byte| *byte == b')')?;
    Some(super::mail::shown::text(rest.get(..end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &str, spam: u64, ham: u64) -> Vec<String> {
        let mut boxes = Mailboxes::default();
        for number in 0..spam + ham {
            let opinion = if number < spam { Opinion::Spam } else { Opinion::Ham };
            boxes.take(&Path::new(folder).join(number.to_string()), false, opinion, "Win", Some("ann"));
        }
        boxes.findings(Timestamp::UNIX_EPOCH).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn spam_that_goes_out_is_a_finding_and_spam_that_comes_in_is_everyday() {
        assert_eq!(found("/home/ann/Maildir/.Sent/cur", 8, 10), ["KG-S001"]);
        assert!(found("/home/ann/Maildir/.Sent/cur", 4, 0).is_empty(), "a few may be mistakes");
        assert!(found("/home/ann/Maildir/cur", 40, 100).is_empty());
        assert_eq!(found("/home/ann/Maildir/cur", 80, 70), ["KG-S002"]);
        assert!(found("/home/ann/Maildir/.Junk/cur", 200, 0).is_empty(), "there it belongs");
    }

    #[test]
    fn the_account_is_the_one_that_the_server_noted() {
        let received =
            b" from laptop (host [192.0.2.7])\n\t(Authenticated sender: ann@shop.example)\n\tby mx.shop.example";
        assert_eq!(account(received).as_deref(), Some("ann@shop.example"));
        assert_eq!(account(b"(Authenticated sender: without end"), None);
    }
}
