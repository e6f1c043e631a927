//! Where in a file the policies are: the file itself, or a part of what the AWS command line printed; as an object, as a
//! string, as a string in the encoding of URLs.

use std::fmt::Write as _;

use super::kind::Kind;
use super::tree::{Node, Value};

/// A policy in a file.
#[derive(Debug)]
pub(super) struct Document<'t> {
    /// The way to it; empty: the file itself.
    pub(super) path: String,
    /// Its kind, where its place tells.
    pub(super) kind: Option<Kind>,
    /// Itself.
    pub(super) body: Body<'t>,
}

#[derive(Debug)]
pub(super) enum Body<'t> {
    /// An object of the file.
    Object(&'t Node<'t>),
    /// A string of the file, decoded, and where it stands.
    Text(String, usize),
}

/// More in one file are not looked at.
const MOST: usize = 20_000;

/// The policies in a file; `skipped` counts those that are not the reader's to change: AWS's own, and older versions.
pub(super) fn find<'t>(root: &'t Node<'t>, skipped: &mut usize) -> (Vec<Document<'t>>, bool) {
    let mut found = Vec::new();
    walk(root, &mut String::new(), None, &mut found, skipped);
    let cut = found.len() > MOST;
    found.truncate(MOST);
    (found, cut)
}

fn is_policy(node: &Node<'_>) -> bool {
    let has = |name: &str| node.members().iter().any(|member| member.key.eq_ignore_ascii_case(name));
    let version = node
        .members()
        .iter()
        .any(|member| member.key == "Version" && member.value.text().is_some_and(|text| text.starts_with("20")));
    (has("Statement") || has("Statements") || (version && node.members().len() <= 3)) && !has("Resources")
}

fn walk<'t>(
    node: &'t Node<'t>,
    path: &mut String,
    kind: Option<Kind>,
    found: &mut Vec<Document<'t>>,
    skipped: &mut usize,
) {
    if found.len() > MOST {
        return;
    }
    if is_policy(node) {
        found.push(Document { path: path.clone(), kind, body: Body::Object(node) });
        return;
    }
    match &node.value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let length = path.len();
                let _ = write!(path, "[{index}]");
                walk(item, path, kind, found, skipped);
                path.truncate(length);
            }
        }
        Value::Object(members) => {
            // Of a managed policy the version in force is looked at; AWS's own are AWS's affair.
            let old = node.get("IsDefaultVersion").is_some_and(|found| matches!(found.value, Value::Bool(false)));
            let of_aws = node.get("Arn").and_then(Node::text).is_some_and(|arn| arn.contains(":iam::aws:policy/"));
            if old || of_aws {
                *skipped += 1;
                return;
            }
            let organisation = node.get("PolicySummary").and_then(|found| found.get("Type")).and_then(Node::text);
            for member in members {
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&member.key);
                let kind = match (member.key.as_ref(), organisation) {
                    ("AssumeRolePolicyDocument", _) => Some(Kind::Trust),
                    ("PolicyDocument" | "Document", _) => kind.or(Some(Kind::Identity)),
                    ("Content", Some("RESOURCE_CONTROL_POLICY")) => Some(Kind::Rcp),
                    ("Content", Some("SERVICE_CONTROL_POLICY")) => Some(Kind::Scp),
                    ("ResourcePolicy" | "BucketPolicy" | "RepositoryPolicy" | "KeyPolicy", _) => Some(Kind::Resource),
                    _ => None,
                };
                match &member.value.value {
                    Value::Text(text) => {
                        if let Some(decoded) = embedded(text) {
                            let body = Body::Text(decoded, member.value.at);
                            found.push(Document { path: path.clone(), kind, body });
                        }
                    }
                    _ => walk(&member.value, path, kind, found, skipped),
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// The policy that a string holds, if it holds one.
fn embedded(text: &str) -> Option<String> {
    let start = text.trim_start();
    let decoded = if start.starts_with('{') {
        text.to_owned()
    } else if start.starts_with("%7B") || start.starts_with("%7b") {
        decode(text)?
    } else {
        return None;
    };
    decoded.contains("\"Statement\"").then_some(decoded)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let code = digit()? * 16 + digit()?;
                bytes.push(u8::try_from(code).ok()?);
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}
