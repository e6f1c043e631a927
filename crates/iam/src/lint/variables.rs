//! Policy variables where the version of the language knows none.

use super::codes;
use super::sink::Sink;
use super::statement::{Read, Said};
use crate::policy::Version;

/// Finds them.
pub(super) fn check(policy: &Read<'_>, sink: &mut Sink) {
    if policy.version == Version::Current {
        return;
    }
    for statement in &policy.statements {
        let resources = statement.resources.iter().flat_map(|element| &element.items);
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        for said in resources.chain(values).filter(|said| has_variable(said)) {
            let says = format!("{} is plain text in a policy of 2008: it matches nothing that is meant", said.text);
            sink.advise(&codes::VARIABLE_IN_OLD_VERSION, said.at, says, "\"Version\": \"2012-10-17\"");
        }
    }
}

fn has_variable(said: &Said<'_>) -> bool {
    said.text.split_once("${").is_some_and(|(_, rest)| rest.contains('}'))
}
