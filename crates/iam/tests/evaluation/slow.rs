//! A second evaluator, written apart from the first and without a thought for speed: it reads the JSON of a case as it
//! stands, and follows the flow charts of the user guide step by step.

use serde_json::Value;

pub fn decide(case: &Value) -> &'static str {
    let principal = case["request"]["principal"].as_str().unwrap();
    let mine = Mine { case, principal };
    // "Deny evaluation": all policies, for a deny that applies.
    let policies = &case["policies"];
    let mut all: Vec<&Value> = Vec::new();
    for kind in ["identity", "boundary", "session", "vpc_endpoint"] {
        all.extend(documents(&policies[kind]));
    }
    all.extend(policies["resource"].get("policy"));
    if mine.scp_applies() {
        all.extend(policies["scp"].as_array().unwrap().iter().flat_map(|level| documents(&level["policies"])));
    }
    if mine.rcp_applies() {
        all.extend(policies["rcp"].as_array().unwrap().iter().flat_map(|level| documents(&level["policies"])));
    }
    if all.iter().any(|policy| mine.best(policy, "Deny").is_some()) {
        return "explicit_deny";
    }
    // "Organizations SCPs": an allow at every level.
    if mine.scp_applies() {
        for level in policies["scp"].as_array().unwrap() {
            if !mine.allows(&documents(&level["policies"])) {
                return "implicit_deny";
            }
        }
    }
    // The endpoint lets it through.
    let endpoint = documents(&policies["vpc_endpoint"]);
    if !endpoint.is_empty() && !mine.allows(&endpoint) {
        return "implicit_deny";
    }
    let granted = policies["resource"].get("policy").and_then(|policy| mine.best(policy, "Allow"));
    let yes = |holds: bool| if holds { "allowed" } else { "implicit_deny" };
    if mine.is_root() && mine.action() == "sts:assumerole" {
        return "implicit_deny";
    }
    // Who has no identity policies has the resource's only.
    if !principal.starts_with("arn:") {
        return yes(granted.is_some());
    }
    if mine.is_foreign() {
        return yes(granted.is_some() && mine.by_identity());
    }
    // "Resource-based policies", with the table of implicit denies.
    match granted {
        Some("itself") => return "allowed",
        Some("role") if mine.within_limits() => return "allowed",
        _ => {}
    }
    if mine.resource_decides() && !mine.account_is_named(&policies["resource"]) {
        return "implicit_deny";
    }
    yes(mine.by_identity())
}

fn documents(list: &Value) -> Vec<&Value> {
    list.as_array().into_iter().flatten().map(|named| &named["policy"]).collect()
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|item| list(item).remove(0)).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

struct Mine<'a> {
    case: &'a Value,
    principal: &'a str,
}

impl Mine<'_> {
    fn action(&self) -> String {
        self.case["request"]["action"].as_str().unwrap().to_lowercase()
    }

    fn resource(&self) -> &str {
        self.case["request"]["resource"]["arn"].as_str().unwrap()
    }

    fn account(&self) -> &str {
        self.principal.split(':').nth(4).unwrap_or("")
    }

    fn is_root(&self) -> bool {
        self.principal.ends_with(":root")
    }

    fn is_foreign(&self) -> bool {
        let told = self.case["request"]["resource"]["account"].as_str().unwrap_or("");
        let by_arn = self.resource().split(':').nth(4).unwrap_or("");
        let account = if told.is_empty() { by_arn } else { told };
        !account.is_empty() && account != self.account()
    }

    fn resource_decides(&self) -> bool {
        (self.action().starts_with("sts:assumerole") && self.resource().contains(":role/"))
            || (self.action().starts_with("kms:") && self.resource().contains(":key/"))
    }

    fn is_service_linked(&self) -> bool {
        self.principal.contains(":role/aws-service-role/") || self.principal.contains(":assumed-role/AWSServiceRoleFor")
    }

    fn scp_applies(&self) -> bool {
        self.principal.starts_with("arn:") && self.case["principal_is_management"] != true && !self.is_service_linked()
    }

    fn rcp_applies(&self) -> bool {
        self.case["resource_is_management"] != true && !self.is_service_linked()
    }

    fn allows(&self, policies: &[&Value]) -> bool {
        policies.iter().any(|policy| self.best(policy, "Allow").is_some())
    }

    fn by_identity(&self) -> bool {
        (self.is_root() || self.allows(&documents(&self.case["policies"]["identity"]))) && self.within_limits()
    }

    fn within_limits(&self) -> bool {
        let boundary = documents(&self.case["policies"]["boundary"]);
        let session = documents(&self.case["policies"]["session"]);
        let federated = self.principal.contains(":federated-user/");
        (boundary.is_empty() || self.allows(&boundary))
            && (if session.is_empty() { !federated } else { self.allows(&session) })
    }

    fn account_is_named(&self, resource: &Value) -> bool {
        let Some(policy) = resource.get("policy") else { return false };
        statements(policy).iter().any(|statement| {
            statement["Effect"] == "Allow"
                && statement.get("Principal").is_some()
                && self.named(&statement["Principal"]) == Some("account")
                && self.rest_applies(policy, statement)
        })
    }

    /// The strongest way in which a statement with this effect names the caller.
    fn best(&self, policy: &Value, effect: &str) -> Option<&'static str> {
        let mut ways = Vec::new();
        for statement in statements(policy) {
            if statement["Effect"] == effect && self.rest_applies(policy, statement) {
                ways.extend(self.way(statement));
            }
        }
        ["itself", "role", "account"].into_iter().find(|way| ways.contains(way))
    }

    fn way(&self, statement: &Value) -> Option<&'static str> {
        if let Some(principal) = statement.get("Principal") {
            return self.named(principal);
        }
        let Some(excepted) = statement.get("NotPrincipal") else { return Some("itself") };
        let spared = if statement["Effect"] == "Deny" { self.spared(excepted) } else { self.named(excepted).is_some() };
        (!spared).then_some("itself")
    }

    fn spared(&self, excepted: &Value) -> bool {
        if excepted == "*" {
            return true;
        }
        let names = list(&excepted["AWS"]);
        if names.contains(&"*".to_owned()) {
            return true;
        }
        if !self.principal.starts_with("arn:") {
            return self.named(excepted).is_some();
        }
        if !documents(&self.case["policies"]["boundary"]).is_empty() {
            return false;
        }
        let account =
            names.iter().any(|name| name == self.account() || *name == format!("arn:aws:iam::{}:root", self.account()));
        if self.is_root() {
            return account;
        }
        let own = names.iter().any(|name| name == self.principal);
        let Some((_, session)) = self.principal.split_once(":assumed-role/") else { return account && own };
        let role = session.split('/').next().unwrap();
        let role_named = names.iter().any(|name| {
            name.contains(":role/") && name.ends_with(&format!("/{role}")) && name.contains(self.account())
        });
        let sessions = names.iter().any(|name| name.contains(&format!("{}:assumed-role/{role}/", self.account())));
        account && role_named && (!sessions || own)
    }

    fn named(&self, principal: &Value) -> Option<&'static str> {
        if principal == "*" {
            return Some("itself");
        }
        let mut ways = Vec::new();
        for name in list(&principal["AWS"]) {
            let root = format!("arn:aws:iam::{}:root", self.account());
            if name == "*" || name == self.principal {
                let bare_role = name.contains(":role/");
                ways.push(if bare_role { "role" } else { "itself" });
            } else if self.principal.starts_with("arn:") && (name == self.account() || name == root) {
                ways.push(if self.is_root() { "itself" } else { "account" });
            } else if let Some((_, session)) = self.principal.split_once(":assumed-role/") {
                let role = session.split('/').next().unwrap();
                if name.starts_with(&format!("arn:aws:iam::{}:role/", self.account()))
                    && name.rsplit('/').next() == Some(role)
                {
                    ways.push("role");
                }
            } else if let Some((_, user)) = self.principal.split_once(":federated-user/")
                && name == format!("arn:aws:iam::{}:user/{user}", self.account())
            {
                ways.push("role");
            }
        }
        if list(&principal["Service"]).iter().any(|service| service == self.principal) {
            ways.push("itself");
        }
        ["itself", "role", "account"].into_iter().find(|way| ways.contains(way))
    }

    /// Action, resource and conditions.
    fn rest_applies(&self, policy: &Value, statement: &Value) -> bool {
        let variables = policy["Version"] == "2012-10-17";
        let action =
            |wanted: &Value| list(wanted).iter().any(|text| like(&literal(&text.to_lowercase()), &self.action()));
        let actions =
            statement.get("Action").map(action) == Some(true) || statement.get("NotAction").map(action) == Some(false);
        let resource = |wanted: &Value| {
            list(wanted)
                .iter()
                .any(|text| self.filled(text, variables).is_some_and(|text| like(&text, self.resource())))
        };
        let resources = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(wanted), _) => resource(wanted),
            (_, Some(wanted)) => !resource(wanted),
            _ => true,
        };
        let empty = serde_json::Map::new();
        let blocks = statement.get("Condition").and_then(Value::as_object).unwrap_or(&empty);
        actions
            && resources
            && blocks.iter().all(|(operator, keys)| {
                keys.as_object().unwrap().iter().all(|(key, wanted)| self.holds(operator, key, wanted, variables))
            })
    }

    fn carried(&self, key: &str) -> Vec<String> {
        let context = self.case["request"]["context"].as_object().unwrap();
        if let Some((_, values)) = context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            return list(values);
        }
        let session =
            self.principal.split_once(":assumed-role/").map(|(_, session)| session.split('/').next().unwrap());
        let arn = match session {
            Some(role) => format!("arn:aws:iam::{}:role/{role}", self.account()),
            None => self.principal.to_owned(),
        };
        match key.to_lowercase().as_str() {
            "aws:principalarn" if arn.starts_with("arn:") => vec![arn],
            "aws:username" if arn.contains(":user/") => vec![arn.rsplit('/').next().unwrap().to_owned()],
            "aws:principalisawsservice" if arn != "anonymous" => vec![(!arn.starts_with("arn:")).to_string()],
            _ => Vec::new(),
        }
    }

    /// A pattern with its variables filled in: characters that stand for themselves are marked.
    fn filled(&self, text: &str, variables: bool) -> Option<Vec<(char, bool)>> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${").filter(|_| variables) {
            out.extend(literal(&rest[..start]));
            let end = rest[start..].find('}').unwrap() + start;
            let (name, default) = match rest[start + 2..end].split_once(',') {
                Some((name, default)) => (name, Some(default.trim().trim_matches('\'').to_owned())),
                None => (&rest[start + 2..end], None),
            };
            let values = self.carried(name);
            let value = match (name, values.as_slice()) {
                ("*" | "?" | "$", _) => name.to_owned(),
                (_, [one]) => one.clone(),
                _ => default?,
            };
            out.extend(value.chars().map(|character| (character, true)));
            rest = &rest[end + 1..];
        }
        out.extend(literal(rest));
        Some(out)
    }

    fn holds(&self, operator: &str, key: &str, wanted: &Value, variables: bool) -> bool {
        let (set, rest) = match operator.split_once(':') {
            Some((set, rest)) => (Some(set), rest),
            None => (None, operator),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let carried = self.carried(key);
        let nothing = carried.iter().all(String::is_empty);
        if name == "Null" {
            return list(wanted).iter().any(|text| (text == "true") == nothing);
        }
        let negated = name.contains("Not");
        if carried.is_empty() || (nothing && set.is_some()) {
            return if_exists || set == Some("ForAllValues") || (set.is_none() && negated);
        }
        let hit = |value: &String| list(wanted).iter().any(|text| self.compare(name, text, value, variables));
        match (set, negated) {
            (Some("ForAllValues"), false) => carried.iter().all(hit),
            (Some("ForAllValues"), true) => carried.iter().all(|value| !hit(value)),
            (Some(_), true) => carried.iter().any(|value| !hit(value)),
            (None, true) => !carried.iter().any(hit),
            _ => carried.iter().any(hit),
        }
    }

    fn compare(&self, name: &str, wanted: &str, value: &str, variables: bool) -> bool {
        let name = name.replace("Not", "");
        match name.as_str() {
            "StringEquals" => self.filled(wanted, variables).is_some_and(|text| plain(&text) == value),
            "StringEqualsIgnoreCase" => {
                self.filled(wanted, variables).is_some_and(|text| plain(&text).to_lowercase() == value.to_lowercase())
            }
            "StringLike" => self.filled(wanted, variables).is_some_and(|text| like(&text, value)),
            "ArnEquals" | "ArnLike" => {
                let Some(pattern) = self.filled(wanted, variables) else { return false };
                let parts = pattern.splitn(6, |(character, _)| *character == ':').collect::<Vec<_>>();
                let values = value.splitn(6, ':').collect::<Vec<_>>();
                parts.len() == 6 && values.len() == 6 && parts.iter().zip(values).all(|(part, value)| like(part, value))
            }
            "Bool" => {
                let Some(wanted) = self.filled(wanted, variables) else { return false };
                plain(&wanted).eq_ignore_ascii_case(value) && ["true", "false"].contains(&value.to_lowercase().as_str())
            }
            "IpAddress" => {
                let (network, bits) = wanted.split_once('/').unwrap_or((wanted, "32"));
                let number =
                    |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(|address| u64::from(u32::from(address)));
                let (Some(network), Some(address)) = (number(network), number(value)) else { return false };
                let size = 1_u64 << (32 - bits.parse::<u32>().unwrap());
                network / size == address / size
            }
            numeric => {
                let (Ok(wanted), Ok(value)) = (wanted.parse::<f64>(), value.parse::<f64>()) else { return false };
                match numeric {
                    "NumericLessThan" => value < wanted,
                    "NumericLessThanEquals" => value <= wanted,
                    "NumericGreaterThan" => value > wanted,
                    "NumericGreaterThanEquals" => value >= wanted,
                    "NumericEquals" => (value - wanted).abs() < f64::EPSILON,
                    other => panic!("{other}"),
                }
            }
        }
    }
}

fn statements(policy: &Value) -> Vec<&Value> {
    match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

fn literal(text: &str) -> Vec<(char, bool)> {
    text.chars().map(|character| (character, false)).collect()
}

fn plain(text: &[(char, bool)]) -> String {
    text.iter().map(|(character, _)| *character).collect()
}

fn like(pattern: &[(char, bool)], text: &str) -> bool {
    match pattern {
        [] => text.is_empty(),
        [('*', false), rest @ ..] => {
            text.char_indices().map(|(index, _)| index).chain([text.len()]).any(|skip| like(rest, &text[skip..]))
        }
        [(first, itself), rest @ ..] => {
            let mut left = text.chars();
            left.next()
                .is_some_and(|found| (found == *first || (*first == '?' && !itself)) && like(rest, left.as_str()))
        }
    }
}
