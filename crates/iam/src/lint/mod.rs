//! What is wrong with a policy: its grammar, what it names that does not exist, what does not do what it says, what allows
//! more than is meant. Every finding has its place in the text and a stable code ([`CODES`]).
//!
//! ```
//! use keelguard_iam::lint::lint;
//! let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}}"#;
//! let linted = lint("policy.json", text, None);
//! let finding = &linted.policies[0].findings[0];
//! assert_eq!((finding.code.as_str(), finding.column), ("unknown-action", 70));
//! assert_eq!(finding.instead.as_deref(), Some("\"s3:GetObject\""));
//! ```

mod actions;
mod broad;
mod codes;
mod conditions;
mod cover;
mod documents;
mod kind;
mod letters;
mod place;
mod principals;
mod redundant;
mod report;
mod resources;
mod sarif;
mod show;
mod sink;
mod statement;
mod tree;
mod values;
mod variables;

use keelguard_model::{Area, Incomplete};

pub use codes::{CODES, Class, Code};
pub use kind::Kind;
pub use report::{CatalogueAge, LINT_SCHEMA, LintFinding, LintReport, LintedPolicy};
pub use sarif::sarif;
pub use show::table;
pub use tree::{Fault, Lines, Member, Node, Value};

use documents::{Body, Document};
use sink::{Found, Sink};

/// Larger files are refused, in bytes.
pub const LARGEST: usize = 64 << 20;

/// What was found in one file.
#[derive(Debug, Default)]
pub struct Linted {
    /// Each policy in it.
    pub policies: Vec<LintedPolicy>,
    /// How many policies were left alone: AWS's own, and versions that are not in force.
    pub skipped: usize,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}

/// Looks at every policy in `text`, which is called `file`. Their kind is `kind`, or what their place and content tell.
pub fn lint(file: &str, text: &str, kind: Option<Kind>) -> Linted {
    let mut linted = Linted::default();
    if text.len() > LARGEST {
        linted.incomplete.push(Incomplete::new(
            Area::Iam,
            file,
            "it is larger than 64 MiB; give its policies one by one",
        ));
        return linted;
    }
    let lines = Lines::of(text);
    let tree = match Node::parse(text) {
        Ok(tree) => tree,
        Err(fault) => {
            let found = no_json(fault);
            linted.policies.push(bare(file, kind, placed(&lines, None, found)));
            return linted;
        }
    };
    let (documents, cut) = documents::find(&tree, &mut linted.skipped);
    if cut {
        linted.incomplete.push(Incomplete::new(
            Area::Iam,
            file,
            "it holds more than 20,000 policies; the rest was not looked at",
        ));
    }
    if documents.is_empty() && linted.skipped == 0 {
        let found = no_policy(&tree);
        linted.policies.push(bare(file, kind, placed(&lines, None, found)));
    }
    for document in documents {
        one(file, text, &lines, &document, kind, &mut linted);
    }
    linted
}

fn no_json(fault: Fault) -> Found {
    Found { code: &codes::NOT_JSON, at: fault.at, says: fault.says, instead: fault.instead }
}

fn no_policy(tree: &Node<'_>) -> Found {
    let statement =
        |node: &Node<'_>| node.members().iter().any(|member| member.key == "Effect" || member.key == "Action");
    let bare = statement(tree) || (matches!(tree.value, Value::List(_)) && tree.items().iter().any(statement));
    let instead = bare.then(|| "{\"Version\": \"2012-10-17\", \"Statement\": …} around it".to_owned());
    let says =
        if bare { "this is a statement, not a policy" } else { "there is no policy in it: nothing has a Statement" };
    Found { code: &codes::NOT_A_POLICY, at: tree.at, says: says.to_owned(), instead }
}

fn bare(file: &str, kind: Option<Kind>, finding: LintFinding) -> LintedPolicy {
    let (kind, guessed) = (kind.unwrap_or(Kind::Identity), kind.is_none());
    LintedPolicy { file: file.to_owned(), place: None, kind, guessed, findings: vec![finding] }
}

fn placed(lines: &Lines<'_>, policy: Option<&Node<'_>>, found: Found) -> LintFinding {
    let (line, column) = lines.place(found.at);
    LintFinding {
        code: found.code.name.to_owned(),
        class: found.code.class,
        severity: found.code.severity,
        line,
        column,
        path: policy.map(|policy| policy.path_to(found.at)).unwrap_or_default(),
        says: found.says,
        instead: found.instead,
    }
}

fn one(file: &str, text: &str, lines: &Lines<'_>, document: &Document<'_>, kind: Option<Kind>, linted: &mut Linted) {
    let given = kind.or(document.kind);
    let (kind, sink, findings) = match &document.body {
        Body::Object(node) => {
            let (kind, mut sink) = policy(node, text, given);
            let findings = in_order(&mut sink).map(|found| placed(lines, Some(node), found)).collect::<Vec<_>>();
            (kind, sink, findings)
        }
        // Inside a string nothing has a line of its own in the file: the path says where it is.
        Body::Text(inner, at) => match Node::parse(inner) {
            Ok(node) => {
                let (kind, mut sink) = policy(&node, inner, given);
                let findings = in_order(&mut sink)
                    .map(|found| {
                        let path = node.path_to(found.at);
                        LintFinding { path, ..placed(lines, None, Found { at: *at, ..found }) }
                    })
                    .collect::<Vec<_>>();
                (kind, sink, findings)
            }
            Err(fault) => {
                let found = Found { at: *at, ..no_json(fault) };
                (given.unwrap_or(Kind::Identity), Sink::default(), vec![placed(lines, None, found)])
            }
        },
    };
    let place = (!document.path.is_empty()).then(|| document.path.clone());
    let called = place.as_ref().map_or_else(|| file.to_owned(), |place| format!("{file} at {place}"));
    if sink.more > 0 {
        let why = format!("it has {} more findings than are kept", sink.more);
        linted.incomplete.push(Incomplete::new(Area::Iam, called.as_str(), why));
    }
    linted.incomplete.extend(sink.unseen.into_iter().map(|why| Incomplete::new(Area::Iam, called.as_str(), why)));
    linted.policies.push(LintedPolicy { file: file.to_owned(), place, kind, guessed: given.is_none(), findings });
}

fn in_order(sink: &mut Sink) -> impl Iterator<Item = Found> + use<> {
    let mut found = std::mem::take(&mut sink.found);
    found.sort_by_key(|found| found.at);
    found.into_iter()
}

/// All rules over one policy.
fn policy(node: &Node<'_>, text: &str, kind: Option<Kind>) -> (Kind, Sink) {
    let mut sink = Sink::default();
    let read = statement::policy(node, &mut sink);
    let kind = kind.unwrap_or_else(|| Kind::guess(&read));
    letters::check(node, &mut sink);
    place::check(&read, kind, text.get(node.at..node.end).unwrap_or(text), &mut sink);
    variables::check(&read, &mut sink);
    for statement in &read.statements {
        let meant = actions::check(statement, &mut sink);
        resources::check(statement, &meant, &mut sink);
        principals::check(statement, kind, &mut sink);
        conditions::check(statement, &meant, &mut sink);
        broad::check(statement, &meant, kind, &mut sink);
    }
    redundant::check(&read, &mut sink);
    (kind, sink)
}

/// The age of the table of actions, as of `now`.
pub fn catalogue_age(now: jiff::Timestamp) -> CatalogueAge {
    let Some(header) = crate::catalogue::header() else {
        return CatalogueAge { version: String::new(), date: String::new(), old: true };
    };
    let made = format!("{}T00:00:00Z", header.date).parse::<jiff::Timestamp>();
    let old = made.is_ok_and(|made| now.duration_since(made) > jiff::SignedDuration::from_hours(366 * 24));
    CatalogueAge { version: header.version, date: header.date, old }
}

#[cfg(test)]
mod tests;
