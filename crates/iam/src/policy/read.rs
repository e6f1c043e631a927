//! From JSON to a [`Policy`]: what AWS takes is taken, in all its short forms; what AWS refuses is refused with where and
//! why.

use super::{Clause, Condition, Effect, Operator, Over, Policy, PrincipalPattern, Statement, Template, Version};
use crate::Error;
use crate::json::Json;
use crate::pattern::Pattern;

/// The longest document, in bytes. AWS takes 32 KiB at most (key policies), white space aside.
const LONGEST: usize = 512 * 1024;

/// How much text all strings of one document may have together: it bounds the time that matching takes.
const MOST_TEXT: usize = 128 * 1024;

type Read<T> = Result<T, String>;

impl Policy {
    /// Reads a policy document.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refused = |what| Error::Policy { name: String::new(), what };
        if text.len() > LONGEST {
            return Err(refused("it is longer than 512 KiB; AWS takes 32 KiB at most".to_owned()));
        }
        let json = Json::parse(text.as_bytes()).map_err(refused)?;
        Self::from_json(&json)
    }

    /// Reads a policy that is part of a larger document: an object, or a string that holds one.
    pub fn from_json(json: &Json) -> Result<Self, Error> {
        if let Json::Text(text) = json {
            return Self::parse(text);
        }
        policy(json).map_err(|what| Error::Policy { name: String::new(), what })
    }
}

fn policy(json: &Json) -> Read<Policy> {
    if text_in(json) > MOST_TEXT {
        return Err("its strings are longer than 128 KiB together; AWS takes 32 KiB at most".to_owned());
    }
    let members = object(json, "a policy")?;
    known(members, &["Version", "Id", "Statement"])?;
    let version = match json.get("Version") {
        None => Version::Old,
        Some(Json::Text(text)) if text == "2012-10-17" => Version::Current,
        Some(Json::Text(text)) if text == "2008-10-17" => Version::Old,
        Some(Json::Text(text)) => {
            return Err(format!("Version is {text:?}; there are \"2012-10-17\" and \"2008-10-17\""));
        }
        Some(other) => return Err(format!("Version is {}, not a string", other.kind())),
    };
    let id = optional_text(json, "Id")?;
    let statements = match json.get("Statement") {
        Some(Json::List(list)) => list.as_slice(),
        Some(one @ Json::Object(_)) => std::slice::from_ref(one),
        Some(other) => return Err(format!("Statement is {}, not an object or an array of them", other.kind())),
        None => return Err("it has no Statement".to_owned()),
    };
    let numbered = statements.iter().enumerate();
    let statements = numbered
        .map(|(index, json)| {
            statement(json, version).map_err(|what| match json.get("Sid").and_then(Json::text) {
                Some(sid) if !sid.is_empty() => format!("statement {} ({sid}): {what}", index + 1),
                _ => format!("statement {}: {what}", index + 1),
            })
        })
        .collect::<Read<Vec<_>>>()?;
    Ok(Policy { version, id, statements })
}

fn statement(json: &Json, version: Version) -> Read<Statement> {
    let members = object(json, "a statement")?;
    known(
        members,
        &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"],
    )?;
    let effect = match json.get("Effect") {
        Some(Json::Text(text)) if text == "Allow" => Effect::Allow,
        Some(Json::Text(text)) if text == "Deny" => Effect::Deny,
        Some(Json::Text(text)) => return Err(format!("Effect is {text:?}; it is \"Allow\" or \"Deny\"")),
        Some(other) => return Err(format!("Effect is {}, not \"Allow\" or \"Deny\"", other.kind())),
        None => return Err("Effect is missing".to_owned()),
    };
    let actions = either(json, "Action", "NotAction", |json, element| {
        texts(json, element)?.into_iter().map(|text| action(text, element)).collect()
    })?
    .ok_or("Action or NotAction is missing")?;
    let resources = either(json, "Resource", "NotResource", |json, element| {
        texts(json, element)?.into_iter().map(|text| resource(text, element, version)).collect()
    })?;
    Ok(Statement {
        sid: optional_text(json, "Sid")?,
        effect,
        principals: either(json, "Principal", "NotPrincipal", principals)?,
        actions,
        resources,
        conditions: json.get("Condition").map_or_else(|| Ok(Vec::new()), |json| conditions(json, version))?,
    })
}

/// An element in its plain or its negated form; both at once are refused.
fn either<T>(
    json: &Json,
    plain: &'static str,
    negated: &'static str,
    read: impl Fn(&Json, &'static str) -> Read<Vec<T>>,
) -> Read<Option<Clause<T>>> {
    match (json.get(plain), json.get(negated)) {
        (Some(_), Some(_)) => Err(format!("it has both {plain} and {negated}")),
        (Some(json), None) => Ok(Some(Clause { negated: false, any: read(json, plain)? })),
        (None, Some(json)) => Ok(Some(Clause { negated: true, any: read(json, negated)? })),
        (None, None) => Ok(None),
    }
}

fn action(text: &str, element: &str) -> Read<Pattern> {
    if text != "*" {
        let Some((service, name)) = text.split_once(':') else {
            return Err(format!("{element} {text:?} names no service; it should look like s3:GetObject, or be \"*\""));
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-*?".contains(&byte);
        if service.is_empty() || name.is_empty() || !service.bytes().all(plain) {
            return Err(format!("{element} {text:?} is not an action; it should look like s3:GetObject"));
        }
    }
    Ok(Pattern::new(&text.to_ascii_lowercase()))
}

fn resource(text: &str, element: &str, version: Version) -> Read<Template> {
    if text.is_empty() {
        return Err(format!("{element} has an empty string in it"));
    }
    Ok(template(text, version))
}

fn template(text: &str, version: Version) -> Template {
    match version {
        Version::Current => Template::parse(text),
        Version::Old => Template::plain(text),
    }
}

fn principals(json: &Json, element: &'static str) -> Read<Vec<PrincipalPattern>> {
    let members = match json {
        Json::Text(text) if text == "*" => return Ok(vec![PrincipalPattern::Everybody]),
        Json::Text(text) => {
            return Err(format!("{element} is {text:?}; write {{\"AWS\": {text:?}}} or \"*\""));
        }
        Json::Object(members) => members,
        other => return Err(format!("{element} is {}, not an object or \"*\"", other.kind())),
    };
    let mut all = Vec::new();
    for (kind, json) in members {
        let make: fn(&str) -> PrincipalPattern = match kind.as_str() {
            "AWS" => PrincipalPattern::aws,
            "Service" => |text| PrincipalPattern::Service(text.to_owned()),
            "Federated" => |text| PrincipalPattern::Federated(text.to_owned()),
            "CanonicalUser" => |text| PrincipalPattern::Canonical(text.to_owned()),
            other => {
                return Err(format!(
                    "{element} has {other:?}; there are \"AWS\", \"Service\", \"Federated\" and \"CanonicalUser\""
                ));
            }
        };
        // An account's number is sometimes written without its quotes, and then taken by AWS, too.
        all.extend(scalars(json, kind)?.iter().map(|text| make(text)));
    }
    Ok(all)
}

fn conditions(json: &Json, version: Version) -> Read<Vec<Condition>> {
    let mut all = Vec::new();
    for (written, json) in object(json, "Condition")? {
        let (operator, over, if_exists) = operator(written)?;
        for (key, json) in object(json, written)? {
            if key.is_empty() {
                return Err(format!("{written} has a condition key without a name"));
            }
            let values = scalars(json, key)?;
            let values = values
                .iter()
                .map(|text| if operator.takes_variables() { template(text, version) } else { Template::plain(text) });
            let (key, name) = (key.clone(), key.to_ascii_lowercase());
            all.push(Condition { operator, over, if_exists, key, name, values: values.collect() });
        }
    }
    Ok(all)
}

fn operator(written: &str) -> Read<(Operator, Option<Over>, bool)> {
    let (over, bare) = match written.split_once(':') {
        None => (None, written),
        Some((set, bare)) if set.eq_ignore_ascii_case("ForAllValues") => (Some(Over::All), bare),
        Some((set, bare)) if set.eq_ignore_ascii_case("ForAnyValue") => (Some(Over::Any), bare),
        Some((set, _)) => {
            return Err(format!("{written:?} begins with {set:?}; there are ForAllValues and ForAnyValue"));
        }
    };
    let start = bare.len().saturating_sub("IfExists".len());
    let (name, if_exists) = match bare.split_at_checked(start) {
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (name, true),
        _ => (bare, false),
    };
    let operator = Operator::named(name).ok_or_else(|| format!("there is no condition operator {written:?}"))?;
    if operator == Operator::Null && if_exists {
        return Err("NullIfExists is no operator: Null itself asks whether a key exists".to_owned());
    }
    Ok((operator, over, if_exists))
}

fn object<'a>(json: &'a Json, what: &str) -> Read<&'a [(String, Json)]> {
    match json {
        Json::Object(members) => Ok(members),
        other => Err(format!("{what} is an object, and this is {}", other.kind())),
    }
}

fn known(members: &[(String, Json)], names: &[&str]) -> Read<()> {
    match members.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => match names.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => Err(format!("{name:?} is no element of a policy; it is written {known:?}")),
            None => Err(format!("{name:?} is no element of a policy")),
        },
    }
}

fn optional_text(json: &Json, element: &str) -> Read<Option<String>> {
    match json.get(element) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("{element} is {}, not a string", other.kind())),
    }
}

/// A string, or an array of strings.
fn texts<'a>(json: &'a Json, element: &str) -> Read<Vec<&'a str>> {
    let items = match json {
        Json::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let text = |item: &'a Json| item.text().ok_or_else(|| format!("{element} has {} in it, not a string", item.kind()));
    items.iter().map(text).collect()
}

/// Strings, numbers and truth values, one or an array of them, as text.
fn scalars(json: &Json, element: &str) -> Read<Vec<String>> {
    let items = match json {
        Json::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let text = |item: &Json| item.scalar().ok_or_else(|| format!("{element} has {} as a value", item.kind()));
    items.iter().map(text).collect()
}

/// How many bytes all strings in `json` have.
fn text_in(json: &Json) -> usize {
    match json {
        Json::Text(text) | Json::Number(text) => text.len(),
        Json::List(items) => items.iter().map(text_in).sum(),
        Json::Object(members) => members.iter().map(|(key, value)| key.len() + text_in(value)).sum(),
        Json::Null | Json::Bool(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Policy::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_short_forms_that_aws_takes_mean_the_same_as_the_long_ones() {
        let long = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]},
            "Action": ["S3:GetObject"], "Resource": ["*"], "Condition": {"Bool": {"aws:SecureTransport": ["true"]},
            "NumericLessThan": {"aws:MultiFactorAuthAge": ["3600"]}}}]}"#;
        let short = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
            "Action": "s3:getobject", "Resource": "*", "Condition": {"bool": {"aws:SecureTransport": true},
            "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}}"#;
        assert_eq!(Policy::parse(long).unwrap(), Policy::parse(short).unwrap());
    }

    #[test]
    fn without_a_version_there_are_no_variables() {
        let old = Policy::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "${aws:username}"}}"#);
        let old = old.unwrap();
        assert_eq!(old.version, Version::Old);
        let resource = &old.statements[0].resources.as_ref().unwrap().any[0];
        assert_eq!(resource.as_pattern().unwrap().as_str(), "${aws:username}");
    }

    #[test]
    fn what_aws_refuses_is_refused_with_where_and_why() {
        let statement = |rest: &str| format!(r#"{{"Statement": [{{"Sid": "One", {rest}}}]}}"#);
        for (text, why) in [
            ("", "it is empty"),
            ("[]", "a policy is an object, and this is an array"),
            ("{}", "it has no Statement"),
            (r#"{"Statement": "x"}"#, "Statement is a string, not an object or an array of them"),
            (r#"{"Version": "2012-10-18", "Statement": []}"#, "Version is \"2012-10-18\"; there are"),
            (r#"{"statement": []}"#, "\"statement\" is no element of a policy; it is written \"Statement\""),
            (&statement(r#""Effect": "allow""#), "statement 1 (One): Effect is \"allow\"; it is"),
            (&statement(r#""Effect": "Allow""#), "statement 1 (One): Action or NotAction is missing"),
            (
                &statement(r#""Effect": "Allow", "Action": "*", "NotAction": "*""#),
                "statement 1 (One): it has both Action and NotAction",
            ),
            (&statement(r#""Effect": "Allow", "Action": "s3""#), "names no service"),
            (&statement(r#""Effect": "Allow", "Action": "s3:""#), "is not an action"),
            (&statement(r#""Effect": "Allow", "Action": "ѕ3:Get""#), "is not an action"),
            (&statement(r#""Effect": "Allow", "Action": [1]"#), "Action has a number in it, not a string"),
            (&statement(r#""Effect": "Allow", "Action": "*", "Resource": """#), "Resource has an empty string in it"),
            (&statement(r#""Effect": "Allow", "Action": "*", "Principal": "me""#), "write {\"AWS\": \"me\"} or \"*\""),
            (&statement(r#""Effect": "Allow", "Action": "*", "Principal": {"aws": "*"}"#), "there are \"AWS\""),
            (
                &statement(r#""Effect": "Allow", "Action": "*", "Condition": {"StringEqual": {"a": "b"}}"#),
                "there is no condition operator \"StringEqual\"",
            ),
            (
                &statement(r#""Effect": "Allow", "Action": "*", "Condition": {"NullIfExists": {"a": "b"}}"#),
                "NullIfExists is no operator",
            ),
            (
                &statement(r#""Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a": {"b": 1}}}"#),
                "a has an object as a value",
            ),
            (&statement(r#""Effect": "Allow", "Effect": "Deny""#), "the key \"Effect\" stands twice in one object"),
        ] {
            let said = refused(text);
            assert!(said.contains(why), "{text}\n  said {said}\n  not  {why}");
        }
    }

    #[test]
    fn documents_without_end_are_refused_before_they_cost_anything() {
        assert!(refused(&"[".repeat(LONGEST + 1)).contains("longer than 512 KiB"));
        assert!(refused(&"[".repeat(LONGEST)).contains("nested too deeply"));
        let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"},"#;
        let many = format!(r#"{{"Statement":[{}{{}}]}}"#, statement.repeat(9_000));
        assert!(refused(&many).contains("strings are longer than 128 KiB together"), "{}", refused(&many));
    }
}
