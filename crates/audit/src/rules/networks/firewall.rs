//! The few questions that are asked of firewall rules, in the words of `iptables -S`. A rule with a condition that is
//! not understood is taken not to drop: a hole is then reported that may be closed, never the other way round.

use std::net::IpAddr;

/// A rule as far as it is understood.
#[derive(Default)]
struct Rule<'a> {
    destination: Option<&'a str>,
    interface: Option<&'a str>,
    port: Option<u16>,
    /// Only from, or only from elsewhere than, some source.
    source: bool,
    /// Only new connections: whoever cannot open one has none.
    new_only: bool,
    target: &'a str,
    /// Holds a condition beside these.
    other: bool,
}

/// Reads one rule of `chain`.
fn parse<'a>(text: &'a str, chain: &str) -> Option<Rule<'a>> {
    let mut words = text.split_whitespace();
    if words.next() != Some("-A") || words.next() != Some(chain) {
        return None;
    }
    let mut rule = Rule::default();
    while let Some(word) = words.next() {
        match word {
            "-d" | "--destination" => rule.destination = words.next(),
            "-i" | "--in-interface" => rule.interface = words.next(),
            "-s" | "--source" => {
                rule.source = true;
                words.next();
            }
            "--dport" | "--ctorigdstport" => rule.port = words.next().and_then(|port| port.parse().ok()),
            "-j" => rule.target = words.next().unwrap_or_default(),
            // The module's name says nothing; its options do.
            "-m" | "-p" | "--reject-with" | "--comment" => {
                words.next();
            }
            "--ctstate" | "--state" => {
                let states = words.next().unwrap_or_default();
                rule.new_only = states.split(',').any(|state| state == "NEW");
                rule.other |= !rule.new_only;
            }
            "!" if text.contains("! -s") => {}
            _ => rule.other = true,
        }
    }
    Some(rule)
}

impl Rule<'_> {
    fn drops(&self) -> bool {
        matches!(self.target, "DROP" | "REJECT") && !self.other
    }

    fn passes_everything(&self) -> bool {
        matches!(self.target, "RETURN" | "ACCEPT")
            && !self.other
            && !self.source
            && !self.new_only
            && self.destination.is_none()
            && self.interface.is_none()
            && self.port.is_none()
    }
}

fn rules<'a>(all: &'a [String], chain: &'a str) -> impl Iterator<Item = Rule<'a>> {
    all.iter().filter_map(move |text| parse(text, chain)).take_while(|rule| !rule.passes_everything())
}

/// Whether an address lies in `10.0.0.0/8`, or is the address itself.
fn covers(network: &str, address: &str) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "128"));
    let bits: u32 = bits.parse().unwrap_or(128);
    match (base.parse::<IpAddr>(), address.parse::<IpAddr>()) {
        (Ok(IpAddr::V4(base)), Ok(IpAddr::V4(address))) => {
            let mask = u32::MAX.checked_shl(32u32.saturating_sub(bits)).unwrap_or(0);
            base.to_bits() & mask == address.to_bits() & mask
        }
        (Ok(IpAddr::V6(base)), Ok(IpAddr::V6(address))) => {
            let mask = u128::MAX.checked_shl(128u32.saturating_sub(bits)).unwrap_or(0);
            base.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

/// Whether the chain DOCKER-USER drops what containers send to `address`, from wherever and to whatever port.
pub(super) fn drops_to(all: &[String], address: &str) -> bool {
    rules(all, "DOCKER-USER").any(|rule| {
        rule.drops()
            && !rule.source
            && rule.interface.is_none()
            && rule.port.is_none_or(|port| port == 80)
            && rule.destination.is_none_or(|network| covers(network, address))
    })
}

/// Whether the chain DOCKER-USER keeps strangers from a published port: by an interface, by the port, or by whitelisted
/// sources. `-i docker0` and the like is the other direction.
pub(super) fn keeps_out(all: &[String], inside: u16, outside: u16) -> bool {
    let outer = |name: &str| !name.starts_with("docker") && !name.starts_with("br-") && name != "lo";
    rules(all, "DOCKER-USER").any(|rule| {
        rule.drops()
            && rule.destination.is_none()
            && (rule.interface.is_some() || rule.port.is_some() || rule.source)
            && rule.interface.is_none_or(outer)
            && rule.port.is_none_or(|port| port == inside || port == outside)
    })
}

/// Whether the host takes no new connections from `interface`: the chain's policy, or a rule for it.
pub(super) fn input_drops(all: &[String], interface: &str) -> bool {
    let policy = all.iter().any(|text| matches!(text.trim(), "-P INPUT DROP" | "-P INPUT REJECT"));
    policy
        || rules(all, "INPUT").any(|rule| {
            let covers = |name: &str| {
                name == interface || name.strip_suffix('+').is_some_and(|beginning| interface.starts_with(beginning))
            };
            rule.drops()
                && !rule.source
                && rule.destination.is_none()
                && rule.port.is_none()
                && rule.interface.is_none_or(covers)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(rules: &[&str]) -> Vec<String> {
        rules.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_drop_of_the_address_or_of_a_network_around_it_closes_it() {
        for rule in [
            "-A DOCKER-USER -d 169.254.169.254/32 -j DROP",
            "-A DOCKER-USER -d 169.254.0.0/16 -j REJECT --reject-with icmp-port-unreachable",
            "-A DOCKER-USER -d 169.254.169.254 -p tcp -m tcp --dport 80 -j DROP",
        ] {
            assert!(drops_to(&chain(&["-N DOCKER-USER", rule]), "169.254.169.254"), "{rule}");
        }
        for rule in [
            "-A DOCKER-USER -d 169.254.169.253/32 -j DROP",
            "-A DOCKER-USER -s 172.18.0.0/16 -d 169.254.169.254/32 -j DROP",
            "-A DOCKER-USER -d 169.254.169.254/32 -m statistic --mode random -j DROP",
            "-A DOCKER-USER -d 169.254.169.254/32 -j LOG",
            "-A DOCKER-USER -d 169.254.169.254/999 -j ",
            "-A DOCKER-USER",
            "",
        ] {
            assert!(!drops_to(&chain(&[rule]), "169.254.169.254"), "{rule}");
        }
    }

    #[test]
    fn what_stands_behind_a_general_return_is_never_reached() {
        let rules = chain(&["-A DOCKER-USER -j RETURN", "-A DOCKER-USER -d 169.254.169.254/32 -j DROP"]);
        assert!(!drops_to(&rules, "169.254.169.254"));
    }

    #[test]
    fn strangers_are_kept_from_a_port_by_interface_port_or_source() {
        for rule in [
            "-A DOCKER-USER -i eth0 -j DROP",
            "-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 8080 -j DROP",
            "-A DOCKER-USER ! -s 10.0.0.0/8 -i eth0 -j DROP",
        ] {
            assert!(keeps_out(&chain(&[rule]), 80, 8080), "{rule}");
        }
        for rule in ["-A DOCKER-USER -i docker0 -j DROP", "-A DOCKER-USER -i eth0 -p tcp --dport 5432 -j DROP"] {
            assert!(!keeps_out(&chain(&[rule]), 80, 8080), "{rule}");
        }
    }

    #[test]
    fn input_is_closed_by_its_policy_or_by_a_rule_for_the_bridge() {
        assert!(input_drops(&chain(&["-P INPUT DROP"]), "docker0"));
        assert!(input_drops(&chain(&["-A INPUT -i br-+ -j DROP"]), "br-123456789012"));
        assert!(!input_drops(&chain(&["-P INPUT ACCEPT", "-A INPUT -i eth0 -j DROP"]), "docker0"));
    }
}
