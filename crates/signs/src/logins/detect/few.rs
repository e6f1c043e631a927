//! Names of which there are few, such as services and hosts: whoever remembers some of them remembers bits.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Few {
    /// A bit for each, the lowest first. What comes after these shares the highest bit.
    known: Vec<SmolStr>,
}

const MOST: usize = 63;
const SHOWN: usize = 12;

impl Few {
    /// The bit of a name, which is known from now on.
    pub(super) fn bit(&mut self, name: &str) -> u64 {
        let place = self.known.iter().position(|known| known == name).unwrap_or_else(|| {
            if self.known.len() < MOST {
                self.known.push(name.chars().take(64).collect());
                self.known.len() - 1
            } else {
                MOST
            }
        });
        1 << place.min(MOST)
    }

    /// `sshd, dovecot and 2 more`
    pub(super) fn shown(&self, bits: u64) -> String {
        let known = self.known.iter().enumerate();
        let mut names: Vec<&str> = known.filter(|(place, _)| bits >> place & 1 == 1).map(|(_, name)| &**name).collect();
        if bits >> MOST == 1 {
            names.push("others");
        }
        let more = names.len().saturating_sub(SHOWN);
        names.truncate(SHOWN);
        let list = names.join(", ");
        if more == 0 { list } else { format!("{list} and {more} more") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_until_there_are_more_than_bits() {
        let mut services = Few::default();
        let both = services.bit("sshd") | services.bit("dovecot") | services.bit("sshd");
        assert_eq!((both, services.shown(both).as_str()), (0b11, "sshd, dovecot"));
        let all = (0..1000).fold(0, |bits, number| bits | services.bit(&format!("s{number}")));
        let late = services.bit("s999");
        assert_eq!((services.known.len(), late, services.shown(late).as_str()), (63, 1 << 63, "others"));
        assert_eq!(services.shown(all), "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 and 50 more");
    }
}
