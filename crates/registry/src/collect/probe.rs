//! Asking one registry, from the greeting to the vendor's own interface. What was learned counts even where the rest took too
//! long.

use keelguard_distribution::credentials::Login;
use keelguard_distribution::{Access, Challenge, Fault, host_of, login};
use keelguard_model::registry::{Asks, LoginLook, Look, Plain, Probe, Where};
use keelguard_model::{Area, Incomplete};
use reqwest::header::HeaderValue;

use super::access::{self, NOBODYS, Visitor};
use super::ask::{Answer, Asker};
use super::target::{Depth, Target, is_repository};
use super::token::{self, Giver};
use super::{Options, defaults, endpoints, limits, tls, vendor};
use crate::services::service;

/// Asks `target`.
pub(super) async fn one(target: &Target, options: &Options) -> (Probe, Vec<Incomplete>) {
    let known = service(target.name());
    let mut probe = Probe {
        address: target.address.clone(),
        named_by: target.named_by.clone(),
        software: known.map(|one| one.software.to_owned()).unwrap_or_default(),
        public_service: known.is_some_and(|one| one.public),
        ..Probe::default()
    };
    let mut gaps = Gaps { address: target.address.clone(), list: Vec::new() };
    let asked = tokio::time::timeout(options.total, Box::pin(ask(target, options, &mut probe, &mut gaps))).await;
    if asked.is_err() {
        gaps.add("what was not asked yet", &format!("it took longer than {} s", options.total.as_secs()));
    }
    (probe, gaps.list)
}

/// What could not be looked at.
struct Gaps {
    address: String,
    list: Vec<Incomplete>,
}

impl Gaps {
    fn add(&mut self, what: &str, why: &str) {
        let what = if what.is_empty() {
            format!("the registry {}", self.address)
        } else {
            format!("the registry {}: {what}", self.address)
        };
        self.list.push(Incomplete::new(Area::Iam, what, why));
    }

    /// What was found, else its default and a gap.
    fn take<T: Default>(&mut self, what: &str, found: Result<T, Fault>) -> T {
        found.unwrap_or_else(|fault| {
            self.add(what, &fault.why());
            T::default()
        })
    }
}

async fn ask(target: &Target, options: &Options, probe: &mut Probe, gaps: &mut Gaps) {
    // A certificate that is not good is looked at and told of; nothing that is secret is sent to whoever has it.
    let mut tolerant = options.access.clone();
    tolerant.insecure.push(target.authority.clone());
    let Some((asker, ping)) = Box::pin(greet(target, options, &tolerant, probe, gaps)).await else { return };
    let giver = Giver::of(&ping.challenges());
    software(probe, &ping, giver.as_ref());
    let depth = depth(target, probe);
    probe.asks = asks(&ping);
    probe.limits = limits::of(&ping);
    let with_login = options.login.as_ref();
    if probe.public_service {
        probe.limits.extend(limits::of_hub(&asker, giver.as_ref(), &target.address).await);
    }
    if depth >= Depth::Reading {
        without_login(target, probe, gaps, &asker, giver.as_ref(), depth).await;
    }
    if depth >= Depth::Everything && service(target.name()).is_none() {
        probe.open_endpoints = endpoints::open(&asker, &tolerant).await;
    }
    if let Some((name, password)) = with_login {
        let strict = strict(target, &asker, &options.access);
        match strict {
            Ok(strict) => {
                let login = Login::Password(name.clone(), password.clone());
                as_user(probe, gaps, &strict, giver.as_ref(), &login, target).await;
            }
            Err(why) => gaps.add("what the login may do", &why),
        }
    }
    if options.try_defaults {
        try_defaults(target, probe, gaps, &asker, giver.as_ref()).await;
    }
    match vendor::look(target, probe, &asker, options).await {
        Ok(found) => probe.vendor = found,
        Err(why) => gaps.add("what its own interface says", &why),
    }
}

/// How far it is asked. Unasked, only what is known to leave no trace of a question is written to, and at this site alone.
fn depth(target: &Target, probe: &Probe) -> Depth {
    let is_ours = matches!(probe.place, Where::Loopback | Where::Private);
    let is_traceless = matches!(probe.software.as_str(), "distribution" | "harbor");
    match target.depth {
        Some(_) if probe.public_service => Depth::Reading,
        None if probe.public_service => Depth::Greeting,
        Some(depth) => depth,
        None if is_ours && is_traceless => Depth::Everything,
        None => Depth::Reading,
    }
}

/// The first answer, by TLS where there is such, and what came without.
async fn greet(
    target: &Target,
    options: &Options,
    tolerant: &Access,
    probe: &mut Probe,
    gaps: &mut Gaps,
) -> Option<(Asker, Answer)> {
    let asker = |scheme: &str| Asker::new(&target.authority, scheme, tolerant);
    let (encrypted, plain) = match (asker("https"), asker("http")) {
        (Ok(encrypted), Ok(plain)) => (encrypted, plain),
        (Err(fault), _) | (_, Err(fault)) => {
            gaps.add("", &fault.why());
            return None;
        }
    };
    probe.place = encrypted.place().await;
    if target.depth.is_none() && encrypted.is_nobodys().await {
        gaps.add("", "it is at an address that no registry has (the cloud's metadata service among them): not asked");
        return None;
    }
    let wants = |scheme: &str| target.scheme.as_deref().is_none_or(|asked| asked == scheme);
    let both_ports = host_of(&target.authority) == target.authority;
    let (look_https, look_plain) = (wants("https") || both_ports, wants("http") || both_ports);
    let port = target.port("https");
    let (by_tls, by_http, https) = tokio::join!(
        maybe(look_https, encrypted.get("/v2/", None)),
        maybe(look_plain, plain.get("/v2/", None)),
        maybe(look_https, async { Ok(tls::look(target.host(), port, &options.access, &target.authority).await) }),
    );
    probe.https = https.and_then(Result::ok).flatten();
    if let Some(Ok(answer)) = &by_http {
        probe.plain = plain_answer(answer);
    }
    let trouble = |answer: &Option<Result<Answer, Fault>>| match answer {
        Some(Ok(answer)) if answer.is_registry() => None,
        Some(Ok(answer)) => Some(format!("it answers {}, and not as a registry does", answer.status)),
        Some(Err(fault)) => Some(words(fault)),
        None => None,
    };
    let mut why = [trouble(&by_tls), trouble(&by_http)].into_iter().flatten().collect::<Vec<_>>();
    why.dedup();
    // Who asked for one of the two by name means that one.
    let prefers_plain = target.scheme.as_deref() == Some("http");
    let mut both = [(encrypted, by_tls), (plain, by_http)];
    if prefers_plain {
        both.reverse();
    }
    for (asker, answer) in both {
        if let Some(Ok(answer)) = answer
            && answer.is_registry()
        {
            return Some((asker, answer));
        }
    }
    gaps.add("", &why.join("; "));
    None
}

async fn maybe<T>(wanted: bool, look: impl Future<Output = Result<T, Fault>>) -> Option<Result<T, Fault>> {
    if wanted { Some(look.await) } else { None }
}

fn words(fault: &Fault) -> String {
    match fault {
        Fault::Final(why) | Fault::Missing(why) | Fault::Unreachable(why) | Fault::Passing { why, .. } => why.clone(),
    }
}

/// What an answer without encryption comes to; none where it is not a registry's.
fn plain_answer(answer: &Answer) -> Option<Plain> {
    let sends_on = answer.sends_to_https();
    let is_basic = |challenge: &Challenge| match challenge {
        Challenge::Basic => true,
        Challenge::Bearer { realm, .. } => realm.starts_with("http://"),
    };
    let asks_password = answer.status == 401 && answer.challenges().iter().any(is_basic);
    (sends_on || answer.is_registry()).then_some(Plain { status: answer.status, sends_on, asks_password })
}

fn asks(ping: &Answer) -> Asks {
    let challenges = ping.challenges();
    match ping.status {
        200 => Asks::Nothing,
        401 if Giver::of(&challenges).is_some() => Asks::Token,
        401 if !challenges.is_empty() => Asks::Basic,
        401 | 403 => Asks::Other,
        _ => Asks::Unknown,
    }
}

/// What it runs on, where its name has not said so.
fn software(probe: &mut Probe, ping: &Answer, giver: Option<&Giver>) {
    if !probe.software.is_empty() {
        return;
    }
    let realm = giver.map(|giver| giver.realm.as_str()).unwrap_or_default();
    let asked = ping.header("www-authenticate").unwrap_or_default();
    let server = ping.header("server").unwrap_or_default();
    let found = match giver.map(|giver| giver.service.as_str()).unwrap_or_default() {
        "harbor-registry" => "harbor",
        "container_registry" => "gitlab",
        _ if realm.ends_with("/service/token") => "harbor",
        _ if realm.ends_with("/v2/auth") => "quay",
        _ if realm.ends_with("/jwt/auth") => "gitlab",
        _ if asked.contains("Nexus") || server.contains("Nexus") => "nexus",
        _ if ping.headers.contains_key("x-artifactory-id") || ping.headers.contains_key("x-jfrog-version") => {
            "artifactory"
        }
        _ if ping.headers.contains_key("docker-distribution-api-version") => "distribution",
        _ => "",
    };
    found.clone_into(&mut probe.software);
}

async fn without_login(
    target: &Target,
    probe: &mut Probe,
    gaps: &mut Gaps,
    asker: &Asker,
    giver: Option<&Giver>,
    depth: Depth,
) {
    let visitor = Visitor { asker, giver, login: None, basic: None, asks_nothing: probe.asks == Asks::Nothing };
    let (catalogue, names) = gaps.take("whether its images are listed", visitor.catalogue().await);
    probe.catalogue = catalogue;
    probe.listed = (catalogue == Look::Open).then_some(names.len());
    let named = target.repositories.iter().filter(|name| is_repository(name));
    let repository = named.chain(&names).next().cloned().unwrap_or_else(|| NOBODYS.to_owned());
    probe.pull = gaps.take("whether images may be read", visitor.pull(&repository).await);
    probe.repository = Some(repository.clone());
    let scope = format!("repository:{repository}:pull");
    let narrow = match giver {
        Some(giver) => gaps.take("its tokens", giver.token(asker, &scope, None).await),
        None => None,
    };
    if let (Some(giver), Some(token)) = (giver, &narrow) {
        probe.token = token::read(token, &scope, &giver.realm);
        let granted = probe.token.as_ref().is_some_and(|token| token.granted.contains(&scope));
        if probe.pull == Look::Unclear && granted {
            probe.pull = Look::Open;
        }
    }
    if depth < Depth::Everything {
        return;
    }
    let (push, left) = gaps.take("whether images may be put there", visitor.push(&repository).await);
    probe.push = push;
    if let Some(left) = left {
        gaps.add("leaving no trace", &left);
    }
    probe.delete = gaps.take("whether images may be deleted", visitor.delete(&repository).await);
    // A registry that takes a token for reading when something is put there heeds no scopes, whatever the token says.
    if let (Some(giver), Some(token)) = (giver, narrow)
        && let Ok(header) = login::bearer_header(&token)
        && let Ok((Look::Open, _)) = access::manifest(asker, &repository, Some(&header)).await
    {
        let token = probe.token.get_or_insert_with(Default::default);
        token.realm = keelguard_distribution::shown(&giver.realm);
        token.asked = scope;
        token.beyond.push(format!("repository:{repository}:push (the registry took it)"));
    }
}

/// The same registry, spoken to only if it is who it says: what is sent is a password.
fn strict(target: &Target, asker: &Asker, access: &Access) -> Result<Asker, String> {
    let scheme = asker.base.scheme();
    if scheme == "http" && !access.is_insecure(&target.authority) {
        return Err(format!(
            "it is reached without encryption, where a password is not sent; --insecure-registries {} sends it all the same",
            target.authority
        ));
    }
    Asker::new(&target.authority, scheme, access).map_err(Fault::why)
}

async fn as_user(
    probe: &mut Probe,
    gaps: &mut Gaps,
    asker: &Asker,
    giver: Option<&Giver>,
    login: &Login,
    target: &Target,
) {
    let basic = match (giver, login) {
        (None, Login::Password(name, password)) => login::basic(name, password).ok(),
        _ => None,
    };
    let named = target.repositories.iter().find(|name| is_repository(name));
    let repository = named.or(probe.repository.as_ref()).map_or(NOBODYS, String::as_str).to_owned();
    let mut look = LoginLook::default();
    match giver {
        Some(giver) => {
            let scope = format!("repository:{repository}:pull");
            if let Some(token) = gaps.take("the login", giver.token(asker, &scope, Some(login)).await) {
                look.taken = true;
                if let Some(found) = token::read(&token, &scope, &giver.realm)
                    && probe.token.as_ref().is_none_or(|known| known.beyond.len() <= found.beyond.len())
                {
                    probe.token = Some(found);
                }
            }
        }
        None => look.taken = taken(gaps, asker, basic.as_ref()).await,
    }
    if look.taken && !probe.public_service {
        let visitor = Visitor { asker, giver, login: Some(login), basic: basic.as_ref(), asks_nothing: false };
        look.delete = gaps.take("whether the login may delete", visitor.delete(&repository).await);
    }
    if !look.taken {
        gaps.add("what the login may do", "it is not taken; look at name and password");
    }
    probe.with_login = Some(look);
}

async fn taken(gaps: &mut Gaps, asker: &Asker, basic: Option<&HeaderValue>) -> bool {
    match asker.get("/v2/", basic).await {
        Ok(answer) => answer.status == 200,
        Err(fault) => {
            gaps.add("the login", &fault.why());
            false
        }
    }
}

async fn try_defaults(target: &Target, probe: &mut Probe, gaps: &mut Gaps, asker: &Asker, giver: Option<&Giver>) {
    let what = "logins that everybody knows";
    if service(target.name()).is_some() {
        return gaps.add(what, "they are not tried at a service that is not yours");
    }
    if probe.asks == Asks::Nothing {
        // It would take them all.
        return;
    }
    let tried = defaults::all(asker, giver).await;
    probe.default_logins = tried.taken;
    probe.tried = tried.count;
    probe.slowed = tried.slowed;
    if let Some(why) = tried.ended {
        gaps.add(what, &why);
    }
}
