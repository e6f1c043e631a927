//! Which addresses a registry may send us to. Its answers are what an attacker writes: a redirect to the metadata service
//! of a cloud, or to whatever listens on this machine, is not followed. What counts is the address that is connected to,
//! not the name: names are resolved here, and nowhere else again.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the internet.
    Public,
    /// To this machine.
    Loopback,
    /// To this site.
    Private,
    /// To this wire: among others the metadata services of clouds.
    LinkLocal,
    /// To nobody in particular.
    Special,
}

impl Reach {
    /// Of `address`.
    pub fn of(address: IpAddr) -> Self {
        let v4 = match address {
            IpAddr::V4(v4) => v4,
            IpAddr::V6(v6) => match carried(v6) {
                Some(v4) => v4,
                None => return Self::of_v6(v6),
            },
        };
        match v4.octets() {
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::LinkLocal,
            // 100.64/10 is what providers share among their customers (RFC 6598); clouds keep services there.
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Self::Private,
            [0 | 224..=255, ..] | [192, 0, 0 | 2, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
                Self::Special
            }
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let [first, ..] = address.segments();
        match first {
            _ if address.is_loopback() => Self::Loopback,
            _ if address.is_unspecified() || address.is_multicast() => Self::Special,
            0xfc00..=0xfdff => Self::Private,
            0xfe80..=0xfeff => Self::LinkLocal,
            _ => Self::Public,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Loopback => "an address of this machine",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Special => "an address that belongs to no server",
        }
    }
}

/// The address of the fourth version that one of the sixth stands for: mapped (`::ffff:0:0/96`), compatible, translated
/// (`64:ff9b::/96`) or tunnelled (`2002::/16`).
fn carried(address: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        std::net::Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high @ 1..=0xffff, low]
        | [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

/// Why an address was not connected to.
#[derive(Debug, thiserror::Error)]
#[error("{host} is {}, and a registry that is elsewhere may not send us there; if it is yours, set registry_allow_private", reach.words())]
pub struct Forbidden {
    host: String,
    reach: Reach,
}

/// Resolves names for one registry.
#[derive(Debug)]
pub struct Guard {
    /// The registry itself, by name, which whoever named it may have anywhere.
    host: String,
    allow_all: bool,
    /// Where the registry is. Resolved once, so that it cannot be somewhere else the next time.
    home: Mutex<Option<Vec<IpAddr>>>,
    /// Proxies: also named by the user.
    proxies: Vec<String>,
}

impl Guard {
    /// For the registry on `host`, without its port.
    pub fn new(host: &str, allow_all: bool) -> Arc<Self> {
        let variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
        let proxies = variables.iter().filter_map(|name| std::env::var(name).ok()).filter_map(|address| {
            let address = if address.contains("://") { address } else { format!("http://{address}") };
            Url::parse(&address).ok()?.host_str().map(str::to_owned)
        });
        Arc::new(Self { host: bare(host), allow_all, home: Mutex::new(None), proxies: proxies.collect() })
    }

    /// Whether the registry may send us to `address`: to public ones, and to those of the kind it has itself.
    fn allows(&self, reach: Reach) -> bool {
        let home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        let neighbour =
            home.as_ref().is_some_and(|home| !home.is_empty() && home.iter().all(|own| Reach::of(*own) == reach));
        self.allow_all || reach == Reach::Public || (neighbour && reach != Reach::Special)
    }

    /// Refuses an address that is written out; a name is looked at when it is resolved.
    pub fn check(&self, url: &Url) -> Result<(), Forbidden> {
        let host = bare(url.host_str().unwrap_or_default());
        match host.parse::<IpAddr>() {
            Ok(address) if host != self.host => self.check_address(&host, address),
            _ => Ok(()),
        }
    }

    fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Forbidden> {
        let reach = Reach::of(address);
        if self.allows(reach) { Ok(()) } else { Err(Forbidden { host: host.to_owned(), reach }) }
    }

    /// Where the registry is, once that was found out: the kind of all its addresses.
    pub fn reach(&self) -> Option<Reach> {
        let home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds = home.as_ref()?.iter().map(|address| Reach::of(*address));
        let first = kinds.next()?;
        Some(if kinds.all(|kind| kind == first) { first } else { Reach::Public })
    }

    /// Finds out where the registry is. Without this, it is taken to be on the internet.
    pub async fn settle(&self) {
        if self.home.lock().unwrap_or_else(PoisonError::into_inner).is_none()
            && let Ok(addresses) = look_up(&self.host).await
        {
            let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
            home.get_or_insert(addresses);
        }
    }

    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        if name == self.host {
            self.settle().await;
            let home = self.home.lock().unwrap_or_else(PoisonError::into_inner).clone();
            return match home {
                Some(addresses) => Ok(addresses),
                None => Err(format!("{name} has no address that could be found").into()),
            };
        }
        let addresses = look_up(name).await?;
        if !self.proxies.iter().any(|proxy| proxy == name) {
            for address in &addresses {
                self.check_address(name, *address)?;
            }
        }
        Ok(addresses)
    }
}

async fn look_up(host: &str) -> io::Result<Vec<IpAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let found: Vec<IpAddr> = tokio::net::lookup_host((host, 0)).await?.map(|socket| socket.ip()).collect();
    if found.is_empty() { Err(io::Error::other("it has no address")) } else { Ok(found) }
}

/// Without the brackets of an IPv6 address and in small letters.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// A [`Guard`] as reqwest wants it.
pub struct Resolver(pub Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = guard.resolve(&name.as_str().to_ascii_lowercase()).await?;
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_in_whatever_form_they_are_written() {
        let reach = |text: &str| Reach::of(text.parse().unwrap());
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"] {
            assert_eq!(reach(text), Reach::Loopback, "{text}");
        }
        for text in ["10.0.0.1", "172.31.0.1", "192.168.0.1", "100.100.100.200", "fd00::1", "::ffff:10.0.0.1"] {
            assert_eq!(reach(text), Reach::Private, "{text}");
        }
        for text in ["169.254.169.254", "fe80::1", "::ffff:a9fe:a9fe"] {
            assert_eq!(reach(text), Reach::LinkLocal, "{text}");
        }
        for text in ["0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "ff02::1"] {
            assert_eq!(reach(text), Reach::Special, "{text}");
        }
        for text in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"] {
            assert_eq!(reach(text), Reach::Public, "{text}");
        }
    }

    fn at_home(guard: &Guard, address: &str) {
        *guard.home.lock().unwrap() = Some(vec![address.parse().unwrap()]);
    }

    #[test]
    fn a_registry_sends_to_its_own_kind_of_address_and_to_no_other() {
        let guard = Guard::new("registry.example", false);
        at_home(&guard, "10.0.0.5");
        let allowed = |guard: &Guard, url: &str| guard.check(&Url::parse(url).unwrap()).is_ok();
        assert!(allowed(&guard, "https://10.9.9.9/x") && allowed(&guard, "https://1.1.1.1/"));
        for url in ["http://127.0.0.1/", "http://169.254.169.254/latest", "http://[::1]/", "http://2130706433/"] {
            assert!(!allowed(&guard, url), "{url}");
        }
        at_home(&guard, "1.1.1.1");
        assert!(!allowed(&guard, "https://10.9.9.9/x"));
        assert!(allowed(&Guard::new("registry.example", true), "https://10.9.9.9/x"));
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_resolves_to() {
        let guard = Guard::new("registry.example", false);
        at_home(&guard, "1.1.1.1");
        let error = guard.resolve("localhost").await.unwrap_err().to_string();
        assert!(error.contains("localhost is an address of this machine"), "{error}");
        let home = guard.resolve("registry.example").await.unwrap();
        assert_eq!(home, ["1.1.1.1".parse::<IpAddr>().unwrap()], "where it was the first time");
    }
}
