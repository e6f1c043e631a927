//! The documents of a file as rules: `action: global`, `reset` and `repeat` of Sigma's first form are worked in.

use super::error::Flaw;
use super::yaml::{Kind, Node, documents};

/// Values of all rules of a file after parts were worked in: a large global part times many documents.
const MAX_VALUES: usize = 500_000;

/// The rules of a file, each a mapping.
pub(crate) fn rules(text: &str) -> Vec<Result<Node, Flaw>> {
    let mut rules = Vec::new();
    let mut global: Option<Node> = None;
    let mut previous: Option<Node> = None;
    let mut values = 0;
    for document in documents(text) {
        let mut document = match document {
            Ok(Node { kind: Kind::Null, .. }) => continue,
            Ok(node) => node,
            Err(flaw) => {
                rules.push(Err(flaw));
                continue;
            }
        };
        let line = document.line;
        let Kind::Map(entries) = &mut document.kind else {
            rules.push(Err(Flaw::at(line, "it is no mapping of keys to values")));
            continue;
        };
        let action = entries.iter().position(|(key, _)| key == "action").map(|at| entries.remove(at).1);
        let base = match action.as_ref().map(|action| action.text().unwrap_or_default()) {
            None => global.as_ref(),
            Some("global") => {
                global = Some(match &global {
                    Some(global) => merged(global, &document),
                    None => document,
                });
                continue;
            }
            Some("reset") => {
                global = None;
                // A reset that is a rule of its own stands for itself.
                if document.entries().is_empty() {
                    continue;
                }
                None
            }
            Some("repeat") => previous.as_ref(),
            Some(other) => {
                rules.push(Err(Flaw::at(line, format!("its action {other:?} is none of global, reset and repeat"))));
                continue;
            }
        };
        let rule = base.map_or_else(|| document.clone(), |base| merged(base, &document));
        values += rule.size();
        if values > MAX_VALUES {
            rules.push(Err(Flaw::at(line, format!("the file's rules have more than {MAX_VALUES} values"))));
            return rules;
        }
        previous = Some(rule.clone());
        rules.push(Ok(rule));
    }
    rules
}

/// `over` worked into `base`: mappings key by key, everything else replaced.
fn merged(base: &Node, over: &Node) -> Node {
    let (Kind::Map(below), Kind::Map(above)) = (&base.kind, &over.kind) else { return over.clone() };
    let mut entries = below.clone();
    for (key, value) in above {
        match entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, kept)) => *kept = merged(kept, value),
            None => entries.push((key.clone(), value.clone())),
        }
    }
    Node { line: over.line, kind: Kind::Map(entries) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str) -> Vec<String> {
        let name = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or("-").to_owned();
        rules(text)
            .into_iter()
            .map(|rule| rule.map(|rule| name(&rule, "title") + "/" + &name(&rule, "level")).unwrap())
            .collect()
    }

    #[test]
    fn a_global_part_goes_into_every_rule_until_it_is_reset() {
        let text = "action: global\nlevel: high\n---\ntitle: a\n---\ntitle: b\nlevel: low\n---\naction: reset\n---\ntitle: c\n";
        assert_eq!(titles(text), ["a/high", "b/low", "c/-"]);
    }

    #[test]
    fn a_repeat_is_the_rule_before_it_with_changes() {
        assert_eq!(titles("title: a\nlevel: low\n---\naction: repeat\ntitle: b\n"), ["a/low", "b/low"]);
    }

    #[test]
    fn a_large_global_part_times_many_documents_is_bounded() {
        let text = format!("action: global\nx: [{}]\n{}", "1,".repeat(5000), "---\ntitle: a\n".repeat(5000));
        assert!(rules(&text).pop().unwrap().unwrap_err().what.contains("more than 500000"));
    }
}
