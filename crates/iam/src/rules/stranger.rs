//! Strangers, as the evaluator sees them: somebody with an AWS account of their own, a service that somebody else has set
//! up, a user of a public identity provider. What they may do, the world may do.

use crate::evaluate::{Attached, Caller, Context, Keys as _, Level, Others, Outcome, Policies, Request, outcome};
use crate::facts::{Account, Document, Facts, OrgPolicyKind, Organisation};
use crate::policy::{Effect, Policy, PrincipalPattern, Statement};

/// An account that nobody has, as far as anybody can tell.
pub(super) const NUMBER: &str = "604930158271";

/// Condition keys whose values whoever asks chooses, or can see to: a condition on them keeps nobody out. A secret is
/// none, and an address is none either.
const CHOSEN: [&str; 16] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principaltag/",
    "aws:referer",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:sourceidentity",
    "aws:tagkeys",
    "aws:useragent",
    "aws:vpcsourceip",
    // Whether a function has a public address is the function's own affair; its policy then lets everybody in.
    "lambda:functionurlauthtype",
    "lambda:invokedviafunctionurl",
    "s3:",
    "sts:rolesessionname",
];

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Strangers get in.
    Open,
    /// They get in where these conditions hold, which they cannot see to.
    Hangs(Vec<String>),
    /// They do not.
    Closed,
}

/// Somebody with an account of their own.
pub(super) fn of_account(number: &str) -> (Caller, Context) {
    let arn = format!("arn:aws:iam::{number}:role/keelguard");
    let mut context = Context { others: Others::Unknown, ..Context::default() };
    for (key, value) in [
        ("aws:principalaccount", number),
        ("aws:principalarn", &arn),
        ("aws:principalorgid", "o-keelguard"),
        ("aws:principaltype", "AssumedRole"),
        ("aws:userid", "AROAKEELGUARD:keelguard"),
        // Of no network that is kept for examples: policies name those.
        ("aws:sourceip", "45.155.77.13"),
        ("aws:sourceowner", number),
        ("aws:sourcevpc", "vpc-keelguard"),
        ("aws:sourcevpce", "vpce-keelguard"),
        ("aws:sourcevpcarn", "arn:aws:ec2:us-east-1:604930158271:vpc/vpc-keelguard"),
        ("aws:securetransport", "true"),
        ("aws:viaawsservice", "false"),
        ("kms:calleraccount", number),
    ] {
        context.set(key, [value.to_owned()]);
    }
    context.set("aws:principalorgpaths", ["o-keelguard/r-keel/".to_owned()]);
    for key in
        ["aws:calledvia", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:username"]
    {
        context.set(key, []);
    }
    context.set("aws:principalisawsservice", ["false".to_owned()]);
    (Caller::Arn(arn), context)
}

/// A service that acts for something in a stranger's account.
pub(super) fn of_service(name: &str) -> (Caller, Context) {
    let mut context = Context { others: Others::Unknown, ..Context::default() };
    let service = name.split('.').next().unwrap_or(name);
    context.set("aws:sourceaccount", [NUMBER.to_owned()]);
    context.set("aws:sourcearn", [format!("arn:aws:{service}:us-east-1:{NUMBER}:keelguard")]);
    context.set("aws:sourceorgid", ["o-keelguard".to_owned()]);
    context.set("aws:sourceowner", [NUMBER.to_owned()]);
    context.set("aws:sourceorgpaths", ["o-keelguard/r-keel/".to_owned()]);
    context.set("aws:principalisawsservice", ["true".to_owned()]);
    context.set("aws:securetransport", ["true".to_owned()]);
    for key in ["aws:principalorgid", "aws:principalaccount", "aws:principalarn"] {
        context.set(key, []);
    }
    (Caller::Service(name.to_owned()), context)
}

/// A user of a public identity provider, with a token of their own making.
pub(super) fn of_provider(host: &str) -> (Caller, Context) {
    let mut context = Context { others: Others::Unknown, ..Context::default() };
    let mut claim = |name: &str, value: &str| context.set(&format!("{host}:{name}"), [value.to_owned()]);
    let (subject, audience) = match host {
        "token.actions.githubusercontent.com" => ("repo:keelguard/keelguard:ref:refs/heads/main", "sts.amazonaws.com"),
        "gitlab.com" => ("project_path:keelguard/keelguard:ref_type:branch:ref:main", "https://gitlab.com"),
        "app.terraform.io" => ("organization:keelguard:project:x:workspace:x:run_phase:apply", "aws.workload.identity"),
        "cognito-identity.amazonaws.com" => ("us-east-1:keelguard", "us-east-1:keelguard"),
        _ if host.starts_with("oidc.eks.") => ("system:serviceaccount:default:keelguard", "sts.amazonaws.com"),
        _ => ("keelguard", "keelguard"),
    };
    claim("sub", subject);
    claim("aud", audience);
    for (name, value) in [
        ("actor", "keelguard"),
        ("repository", "keelguard/keelguard"),
        ("repository_owner", "keelguard"),
        ("job_workflow_ref", "keelguard/keelguard/.github/workflows/x.yaml@refs/heads/main"),
        ("namespace_path", "keelguard"),
        ("project_path", "keelguard/keelguard"),
        ("terraform_organization_name", "keelguard"),
        ("id", "keelguard"),
        ("oaud", "keelguard"),
        ("app_id", "keelguard"),
    ] {
        claim(name, value);
    }
    (Caller::Provider(host.to_owned()), context)
}

/// A resource's policy, and what the organisation says of the resource's account.
#[derive(Clone, Debug)]
pub(super) struct Guard<'f> {
    policy: &'f Policy,
    account: &'f str,
    rcp: Vec<Level<'f>>,
    is_management: bool,
}

/// Services whose resources an organisation's resource control policies bound (AWS Organizations user guide, "Resource
/// control policies").
const UNDER_RCP: [&str; 7] = ["aoss", "ecr", "kms", "s3", "secretsmanager", "sqs", "sts"];

impl<'f> Guard<'f> {
    /// The policy of a resource in `account`.
    pub(super) fn of(facts: &'f Facts, policy: &'f Policy, account: &'f str) -> Self {
        let organisation = facts.organisation.as_ref();
        let level = |(organisation, entity): (&'f Organisation, &'f str)| Level {
            entity,
            policies: organisation
                .attached(entity, OrgPolicyKind::ResourceControl)
                .filter_map(|one| {
                    let policy = one.content.as_ref().and_then(Document::policy)?;
                    Some(Attached { name: &one.summary.name, policy })
                })
                .collect(),
        };
        let path = organisation.into_iter().flat_map(|one| one.path_to(account).into_iter().map(move |at| (one, at)));
        Self {
            policy,
            account,
            rcp: path.map(level).collect(),
            is_management: organisation.is_some_and(|one| one.management_account == account),
        }
    }

    /// What a stranger gets who chooses whatever strangers can choose: what their roles and topics are called, too.
    pub(super) fn ask(&self, who: &(Caller, Context), action: &str, resource: &str) -> Answer {
        let mut best = self.ask_as(who, action, resource);
        for other in others(self.policy, who) {
            match (self.ask_as(&other, action, resource), &best) {
                (Answer::Open, _) => return Answer::Open,
                (hangs @ Answer::Hangs(_), Answer::Closed) => best = hangs,
                _ => {}
            }
        }
        best
    }

    fn ask_as(&self, who: &(Caller, Context), action: &str, resource: &str) -> Answer {
        let bounded = action.split(':').next().is_some_and(|service| UNDER_RCP.contains(&service));
        let rcp = if bounded { self.rcp.clone() } else { Vec::new() };
        let (principal, context) = who;
        // A stranger's own account lets them do as they like.
        let request = Request {
            context: context.clone(),
            resource_account: Some(self.account.to_owned()),
            ..Request::new(principal.clone(), action, resource)
        };
        let everything = crate::graph::everything();
        let policies = Policies {
            identity: vec![Attached { name: "the stranger's own", policy: everything }],
            resource: Some(vec![Attached { name: "", policy: self.policy }]),
            rcp,
            resource_is_management: self.is_management,
            ..Policies::default()
        };
        answer(&request, &policies)
    }
}

fn answer(request: &Request, policies: &Policies<'_>) -> Answer {
    match outcome(request, policies) {
        Outcome::Allowed => Answer::Open,
        Outcome::ImplicitDeny | Outcome::ExplicitDeny => Answer::Closed,
        Outcome::Depends(keys) => {
            let closing: Vec<String> =
                keys.into_iter().filter(|key| !CHOSEN.iter().any(|chosen| key.starts_with(chosen))).collect();
            if closing.is_empty() { Answer::Open } else { Answer::Hangs(closing) }
        }
    }
}

/// So many names are tried that a policy leaves to strangers.
const MOST_NAMES: usize = 16;

/// The same stranger under names that the policy's patterns let through: a pattern for roles of any account fits a role
/// of theirs, one for any topic a topic of theirs, and one that ends in the middle of a name a name that begins so.
fn others(policy: &Policy, (caller, context): &(Caller, Context)) -> Vec<(Caller, Context)> {
    let allowing = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let conditions = allowing.flat_map(|statement| &statement.conditions);
    let own = context.single("aws:principalaccount").or(context.single("aws:sourceaccount")).unwrap_or_default();
    let named = conditions.flat_map(|condition| {
        let carried = context.single(&condition.name).is_some();
        let values = condition.values.iter().filter(move |_| carried);
        values.filter_map(move |value| {
            let text = value.written();
            let name = match condition.name.as_str() {
                "aws:principalarn" | "aws:sourcearn" => arn_of_ones_own(&text, own)?,
                "token.actions.githubusercontent.com:sub" => subject_of_ones_own(&text)?,
                _ => return None,
            };
            Some((condition.name.clone(), name))
        })
    });
    let with = |(key, name): (String, String)| {
        let mut context = context.clone();
        context.set(&key, [name]);
        (caller.clone(), context)
    };
    let mut all: Vec<(Caller, Context)> = named.take(MOST_NAMES).map(with).collect();
    // Their account need not be in any organisation.
    if context.single("aws:principalorgid").is_some() {
        let mut context = context.clone();
        context.set("aws:principalorgid", []);
        context.set("aws:principalorgpaths", []);
        all.push((caller.clone(), context));
    }
    all
}

/// An ARN in the account `own` that fits `pattern`, where the pattern leaves accounts open; names of buckets are told apart
/// by nothing but themselves.
fn arn_of_ones_own(pattern: &str, own: &str) -> Option<String> {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else { return None };
    let wild = |part: &str| part.contains(['*', '?']);
    let account = match *account {
        "" if *service == "s3" && wild(name) => "",
        "" => return None,
        open if wild(open) && crate::pattern::matches(open, own) => own,
        _ => return None,
    };
    let region = if *region == "*" && *service != "s3" { "us-east-1" } else { region };
    let plain = |part: &str| part.replace(['*', '?'], "x");
    let partition = if wild(partition) { "aws" } else { partition };
    Some([*arn, partition, &plain(service), &plain(region), account, &plain(name)].join(":"))
}

/// A subject of GitHub that fits `pattern`, where the pattern leaves open whose repository it is.
fn subject_of_ones_own(pattern: &str) -> Option<String> {
    let owner = pattern.strip_prefix("repo:")?.split('/').next()?;
    owner.contains(['*', '?']).then(|| pattern.replace(['*', '?'], "x"))
}

/// An action that the statement allows, as an example of what can be done.
pub(super) fn example(statement: &Statement, service: &str) -> String {
    let usual = match service {
        "s3" => "s3:getobject",
        "sqs" => "sqs:sendmessage",
        "sns" => "sns:publish",
        "kms" => "kms:decrypt",
        "lambda" => "lambda:invokefunction",
        "secretsmanager" => "secretsmanager:getsecretvalue",
        "ecr" => "ecr:batchgetimage",
        _ => "",
    };
    if statement.actions.negated {
        return if usual.is_empty() { format!("{service}:keelguard") } else { usual.to_owned() };
    }
    let patterns = &statement.actions.any;
    if !usual.is_empty() && patterns.iter().any(|pattern| pattern.matches(usual)) {
        return usual.to_owned();
    }
    patterns.first().map_or_else(String::new, |pattern| pattern.as_str().replace(['*', '?'], "x"))
}

/// A resource of which the statement speaks.
pub(super) fn resource(statement: &Statement, own: &str) -> String {
    let named =
        statement.resources.as_ref().filter(|resources| !resources.negated).and_then(|resources| resources.any.first());
    let named =
        named.map(crate::policy::Template::written).filter(|text| text.starts_with("arn:") && !text.contains("${"));
    named.map_or_else(|| own.to_owned(), |text| text.replace(['*', '?'], "x"))
}

/// Whether the statement allows everybody.
pub(super) fn is_for_everybody(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && statement
            .principals
            .as_ref()
            .is_some_and(|principals| principals.negated || principals.any.contains(&PrincipalPattern::Everybody))
}

/// Accounts that the policy's statements allow, whole or one of their principals, which are neither known nor of the
/// organisation: number, and whether it is the whole account.
pub(super) fn foreign<'p>(facts: &Facts, own: &Account, policy: &'p Policy) -> Vec<(&'p str, bool, &'p Statement)> {
    let mut found = Vec::new();
    for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else { continue };
        for principal in &principals.any {
            let (number, whole) = match principal {
                PrincipalPattern::Account(number) => (number.as_str(), true),
                PrincipalPattern::Arn(arn) => (arn.split(':').nth(4).unwrap_or_default(), false),
                _ => continue,
            };
            if number.len() == 12 && !is_ours(facts, own, number) && !OF_AWS.contains(&number) {
                found.push((number, whole, statement));
            }
        }
    }
    found
}

fn is_ours(facts: &Facts, own: &Account, number: &str) -> bool {
    let in_organisation = |organisation: &Organisation| {
        organisation.accounts.iter().any(|account| account.id == number) || organisation.management_account == number
    };
    own.id == number || facts.account(number).is_some() || facts.organisation.as_ref().is_some_and(in_organisation)
}

/// Accounts in which AWS itself writes logs of load balancers and trails to its customers' buckets.
const OF_AWS: [&str; 34] = [
    "127311923021",
    "033677994240",
    "027434742980",
    "797873946194",
    "098369216593",
    "754344448648",
    "589379963580",
    "718504428378",
    "383597477331",
    "600734575887",
    "114774131450",
    "783225319266",
    "582318560864",
    "985666609251",
    "054676820928",
    "156460612806",
    "652711504416",
    "635631232127",
    "009996457667",
    "897822967062",
    "076674570225",
    "507241528517",
    "048591011584",
    "190560391635",
    "638102146993",
    "037604701340",
    "086441151436",
    "113285607260",
    "284668455005",
    "388731089494",
    "903692715234",
    "035351147821",
    "859597730677",
    "262312530599",
];
