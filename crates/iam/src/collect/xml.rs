//! XML answers as the JSON that the AWS CLI would print. Depth and number of elements are bounded.

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};

/// Levels within one another.
const MAX_DEPTH: usize = 40;

/// Elements of one answer.
const MAX_ELEMENTS: usize = 4_000_000;

/// Numbers and switches; everything else is text, also where it looks like a number (an account's).
const NUMBERS: &[&str] = &[
    "AttachmentCount",
    "PermissionsBoundaryUsageCount",
    "MaxSessionDuration",
    "MinimumPasswordLength",
    "PasswordReusePrevention",
    "MaxPasswordAge",
    "HttpPutResponseHopLimit",
    "FromPort",
    "ToPort",
    "VersionNumber",
];

const SWITCHES: &[&str] = &[
    "IsTruncated",
    "IsDefaultVersion",
    "IsAttachable",
    "DefaultVersion",
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

/// Whose names elements have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// The CLI's own.
    Plain,
    /// EC2's: `instancesSet` for `Instances`.
    Ec2,
}

/// The content of the outermost element.
pub(crate) fn value(bytes: &[u8], names: Names) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.trim_text(true);
    let mut open: Vec<Element> = vec![Element::new(String::new())];
    let mut elements = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| format!("its XML is broken: {error}"))?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if open.len() > MAX_DEPTH || elements > MAX_ELEMENTS {
                    return Err("its XML is too deep or too large".into());
                }
                open.push(Element::new(named(start.local_name().as_ref(), names)));
            }
            Event::Empty(start) => {
                elements += 1;
                let name = named(start.local_name().as_ref(), names);
                if let Some(above) = open.last_mut().filter(|_| elements <= MAX_ELEMENTS) {
                    above.add(name, Value::Null);
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    let text = text.xml_content(XmlVersion::Implicit1_0);
                    element.text.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&resolved(&reference));
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(text.as_ref());
                }
            }
            Event::End(_) => {
                let (Some(element), Some(above)) = (open.pop(), open.last_mut()) else {
                    return Err("its XML is broken".into());
                };
                let (name, value) = element.finish();
                above.add(name, value);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match open.as_mut_slice() {
        [root] => match std::mem::take(&mut root.children).into_iter().next() {
            Some((_, value)) => Ok(value),
            None => Err("it is no XML".into()),
        },
        _ => Err("its XML ends in the middle".into()),
    }
}

/// `&amp;`, `&#38;`; anything else stays as it is.
fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return letter.to_string();
    }
    let name = AsRef::<str>::as_ref(reference).to_owned();
    match name.as_str() {
        "amp" => "&".into(),
        "lt" => "<".into(),
        "gt" => ">".into(),
        "quot" => "\"".into(),
        "apos" => "'".into(),
        _ => format!("&{name};"),
    }
}

struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn new(name: String) -> Self {
        Self { name, text: String::new(), children: Vec::new() }
    }

    fn add(&mut self, name: String, value: Value) {
        self.children.push((name, value));
    }

    fn finish(self) -> (String, Value) {
        let Self { name, text, children } = self;
        if children.is_empty() {
            let value = if text.is_empty() { Value::Null } else { typed(&name, text) };
            return (name, value);
        }
        // Lists are wrapped once: <Roles><member>…</member></Roles>.
        if children.iter().all(|(child, _)| child == "member" || child == "item" || child == "Item") {
            return (name, Value::Array(children.into_iter().map(|(_, value)| value).collect()));
        }
        if children.iter().all(|(child, _)| child == "entry") {
            let pairs = children.iter().filter_map(|(_, entry)| {
                let key = entry.get("key")?.as_str()?.to_owned();
                let value = entry.get("value").cloned().unwrap_or_default();
                let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
                Some((key, number.map_or(value, Value::from)))
            });
            return (name, Value::Object(pairs.collect()));
        }
        let mut object = Map::new();
        for (child, value) in children {
            match object.get_mut(&child) {
                // Lists that are not wrapped: <Bucket>…</Bucket><Bucket>…</Bucket>.
                Some(Value::Array(list)) => list.push(value),
                Some(other) => *other = Value::Array(vec![std::mem::take(other), value]),
                None => {
                    object.insert(child, value);
                }
            }
        }
        (name, Value::Object(object))
    }
}

fn typed(name: &str, text: String) -> Value {
    if SWITCHES.contains(&name) {
        return Value::Bool(text == "true");
    }
    match text.parse::<i64>() {
        Ok(number) if NUMBERS.contains(&name) => Value::from(number),
        _ => Value::String(text),
    }
}

fn named(name: &str, names: Names) -> String {
    if names == Names::Plain {
        return name.to_owned();
    }
    match name {
        "item" | "Response" => return name.to_owned(),
        "groupSet" | "securityGroupInfo" => return "SecurityGroups".into(),
        "groups" => return "UserIdGroupPairs".into(),
        "ipAddress" => return "PublicIpAddress".into(),
        "regionInfo" => return "Regions".into(),
        "instanceState" => return "State".into(),
        _ => {}
    }
    let (short, plural) = match name.strip_suffix("Set") {
        Some(short) if short.ends_with('s') => (short, ""),
        Some(short) => (short, "s"),
        None => (name, ""),
    };
    let mut letters = short.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(plural.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_come_out_as_the_cli_prints_them() {
        let xml = br#"<?xml version="1.0"?><R xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><X>
            <UserDetailList><member><UserName>a&amp;b</UserName><UserId>123456789012</UserId><GroupList/>
              <UserPolicyList><member><PolicyDocument>%7B%7D</PolicyDocument></member></UserPolicyList></member></UserDetailList>
            <IsTruncated>true</IsTruncated>
            <SummaryMap><entry><key>Users</key><value>5</value></entry></SummaryMap></X></R>"#;
        assert_eq!(
            value(xml, Names::Plain).unwrap()["X"],
            json!({
                "UserDetailList": [{"UserName": "a&b", "UserId": "123456789012", "GroupList": null,
                    "UserPolicyList": [{"PolicyDocument": "%7B%7D"}]}],
                "IsTruncated": true,
                "SummaryMap": {"Users": 5}
            })
        );
    }

    #[test]
    fn names_of_ec2_become_those_of_the_cli() {
        let xml = b"<DescribeInstancesResponse><reservationSet><item><ownerId>1</ownerId><instancesSet><item>
            <instanceId>i-1</instanceId><ipAddress>203.0.113.1</ipAddress><groupSet><item><groupId>sg-1</groupId></item></groupSet>
            <metadataOptions><httpPutResponseHopLimit>2</httpPutResponseHopLimit></metadataOptions>
            </item></instancesSet></item></reservationSet></DescribeInstancesResponse>";
        assert_eq!(
            value(xml, Names::Ec2).unwrap(),
            json!({"Reservations": [{"OwnerId": "1", "Instances": [{
                "InstanceId": "i-1", "PublicIpAddress": "203.0.113.1", "SecurityGroups": [{"GroupId": "sg-1"}],
                "MetadataOptions": {"HttpPutResponseHopLimit": 2}}]}]})
        );
    }

    #[test]
    fn hostile_xml_is_refused_or_read_and_never_more() {
        assert!(value(&b"<a>".repeat(100_000), Names::Plain).is_err());
        assert!(value(b"<a><b></a>", Names::Plain).is_err());
        assert!(value(b"", Names::Plain).is_err());
        assert!(value(b"{}", Names::Plain).is_err());
        let bomb = br#"<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]><a><b>&z;</b></a>"#;
        assert_eq!(value(bomb, Names::Plain).unwrap(), json!({"b": "&z;"}));
    }
}
