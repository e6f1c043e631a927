//! Resources: their form, and whether they are of a kind on which the actions work.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::actions::Meant;
use super::codes;
use super::sink::Sink;
use super::statement::{Said, Statement};
use crate::catalogue::{Action, Service, arn_pattern, nearest, overlap};
use crate::pattern;

const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// Finds resources that are malformed, and such as fit none of the statement's actions.
pub(super) fn check(statement: &Statement<'_>, meant: &[Meant], sink: &mut Sink) {
    let Some(element) = &statement.resources else { return };
    let sound = element.items.iter().filter(|said| form(said, sink)).count() == element.items.len();
    let Some(actions) = &statement.actions else { return };
    // A Not-form stands for what is left, about which nothing can be said here.
    if !sound || element.negated || actions.negated || element.items.is_empty() {
        return;
    }
    if element.items.iter().any(|said| is_everything(&said.text)) {
        return;
    }
    let patterns: Vec<String> = element.items.iter().map(|said| in_aws(&filled(&said.text))).collect();
    let patterns: Vec<Parts<'_>> = patterns.iter().map(|pattern| Parts::of(pattern)).collect();
    let mut fits = Fits { patterns: &patterns, of_type: HashMap::new(), of_list: HashMap::new() };
    let mut used = vec![false; patterns.len()];
    for one in meant.iter().filter(|one| !one.everything) {
        let mut any = false;
        for (service, action) in &one.actions {
            any |= fits.mark(service, action, &mut used);
        }
        if let (false, Some(said)) = (any, actions.items.get(one.item)) {
            unfit(said, one, sink);
        }
    }
    // Items without a meaning, and stars, may be what a resource is there for.
    if meant.len() < actions.items.len() || meant.iter().any(|one| one.everything) {
        return;
    }
    // Where no action fits at all, that has been said.
    if used.iter().any(|used| *used) {
        for (said, _) in element.items.iter().zip(&used).filter(|(_, used)| !**used) {
            let says = format!("none of the statement's actions works on {}", said.text);
            sink.add(&codes::UNUSED_RESOURCE, said.at, says);
        }
    }
}

/// Which of the statement's resources can be of which type, asked once a type.
struct Fits<'p> {
    patterns: &'p [Parts<'p>],
    of_type: HashMap<(&'static str, u16), Vec<bool>>,
    /// Lists of types that were looked at, and whether there was a resource for them.
    of_list: HashMap<(&'static str, u16), bool>,
}

impl Fits<'_> {
    /// Marks the resources on which `action` works; false if there are none.
    fn mark(&mut self, service: &'static Service<'static>, action: &Action<'static>, used: &mut [bool]) -> bool {
        if let Some(any) = self.of_list.get(&(service.prefix, action.resources)) {
            return *any;
        }
        let mut any = false;
        let works_on = service.resources_of(action);
        if works_on.is_empty() {
            for (pattern, used) in self.patterns.iter().zip(used.iter_mut()) {
                let fits = pattern::matches(pattern.whole, "*");
                any |= fits;
                *used |= fits;
            }
        }
        for on in works_on {
            let patterns = self.patterns;
            let fits = self.of_type.entry((service.prefix, on.resource_type)).or_insert_with(|| {
                let form = service.resource_types.get(usize::from(on.resource_type)).map_or("*", |found| found.arn);
                // A bucket's name holds no slash, so what lies behind one is an object.
                let bucket = form.ends_with(":s3:::${BucketName}");
                let form = in_aws(&arn_pattern(form));
                let form = Parts::of(&form);
                patterns.iter().map(|pattern| pattern.has_form(&form) && !(bucket && pattern.has_path())).collect()
            });
            for (fits, used) in fits.iter().zip(used.iter_mut()) {
                any |= *fits;
                *used |= *fits;
            }
        }
        self.of_list.insert((service.prefix, action.resources), any);
        any
    }
}

/// A pattern, and its six parts where it has them.
struct Parts<'p> {
    whole: &'p str,
    parts: Option<[&'p str; 6]>,
}

impl<'p> Parts<'p> {
    fn of(whole: &'p str) -> Self {
        let mut split = whole.splitn(6, ':');
        let parts = std::array::from_fn(|_| split.next());
        let complete = parts.iter().all(Option::is_some).then(|| parts.map(Option::unwrap_or_default));
        Self { whole, parts: complete }
    }

    /// Whether some ARN fits both. The form's placeholders hold no colon, so that parts are compared where they can be told apart.
    fn has_form(&self, form: &Self) -> bool {
        match (self.parts, form.parts) {
            (Some(parts), Some(wanted)) if !parts.iter().take(5).any(|part| part.contains('*')) => {
                parts.iter().zip(wanted).all(|(part, wanted)| overlap(part, wanted))
            }
            _ => overlap(self.whole, form.whole),
        }
    }

    /// Whether what it names lies behind a slash.
    fn has_path(&self) -> bool {
        self.parts.is_some_and(|[.., name]| name.contains('/'))
    }
}

fn unfit(said: &Said<'_>, one: &Meant, sink: &mut Sink) {
    let Some((service, action)) = one.actions.first() else { return };
    if one.actions.iter().all(|(service, action)| service.resources_of(action).is_empty()) {
        let says = format!("{} knows no resources, so the resources named here never match", said.text);
        sink.advise(&codes::ACTION_NEEDS_STAR, said.at, says, "a statement of its own with \"Resource\": \"*\"");
        return;
    }
    let with_resources = one.actions.iter().find(|(service, action)| !service.resources_of(action).is_empty());
    let (service, action) = with_resources.map_or((*service, *action), |(service, action)| (*service, *action));
    let mut forms: Vec<String> = service.types_of(action).map(|(found, _)| readable(found.arn)).collect();
    forms.dedup();
    let more = forms.len().saturating_sub(3);
    forms.truncate(3);
    let mut list = forms.join(" or ");
    if more > 0 {
        let _ = write!(list, " or {more} other kinds");
    }
    let says = format!("{} works on none of the resources named here", said.text);
    sink.advise(&codes::RESOURCE_DOES_NOT_FIT, said.at, says, list);
}

/// The form of a type's ARNs as somebody would type it.
pub(super) fn readable(form: &str) -> String {
    let mut text = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(match name {
            "Partition" => "aws",
            "Region" => "REGION",
            "Account" => "ACCOUNT",
            name => name,
        });
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// Whether it is of the form of a resource.
fn form(said: &Said<'_>, sink: &mut Sink) -> bool {
    let text = said.text.as_ref();
    if is_everything(text) {
        if text != "*" {
            sink.advise(&codes::EFFECTIVELY_STAR, said.at, format!("{text:?} stands for everything"), "\"*\"");
        }
        return true;
    }
    let trimmed = text.trim();
    if trimmed != text {
        sink.advise(&codes::RESOURCE_FORM, said.at, format!("{text:?} has blanks around it"), format!("\"{trimmed}\""));
        return false;
    }
    let mut parts = text.split(':');
    if parts.next() != Some("arn") {
        let says = format!("{text:?} is neither an ARN nor \"*\"");
        let bare = !text.contains([':', '*', '?']) && !text.is_empty();
        if bare {
            sink.advise(&codes::RESOURCE_FORM, said.at, says, format!("\"arn:aws:s3:::{text}\", if it is a bucket"));
        } else {
            sink.add(&codes::RESOURCE_FORM, said.at, says);
        }
        return false;
    }
    let wild = |part: &str| part.contains(['*', '?', '$']);
    if text.split(':').count() < 6 && !wild(text) {
        let says = format!("{text:?} has {} parts; an ARN has six", text.split(':').count());
        sink.advise(&codes::RESOURCE_FORM, said.at, says, "\"arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE\"");
        return false;
    }
    let partition = parts.next().unwrap_or_default();
    if !wild(partition) && !PARTITIONS.contains(&partition) {
        let says = format!("there is no partition {partition:?}");
        let meant = nearest(partition, PARTITIONS.into_iter()).unwrap_or("aws");
        sink.advise(&codes::RESOURCE_FORM, said.at, says, text.replacen(partition, meant, 1));
        return false;
    }
    let account = parts.nth(2).unwrap_or_default();
    let digits = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    if digits && account.len() != 12 {
        let says = format!("the account {account} in {text:?} has {} digits; an account has twelve", account.len());
        sink.add(&codes::RESOURCE_FORM, said.at, says);
        return false;
    }
    true
}

/// Whether a pattern stands for everything.
pub(super) fn is_everything(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

/// The same in the partition `aws`: that of the pattern decides nothing, and as a star it would swallow the service, too.
fn in_aws(pattern: &str) -> String {
    let mut parts = pattern.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("arn"), Some(_), Some(rest)) => format!("arn:aws:{rest}"),
        _ => pattern.to_owned(),
    }
}

/// A resource as a pattern: policy variables stand for anything.
pub(super) fn filled(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    pattern.push_str(rest);
    pattern
}
