//! Where a request comes from: the peer's address, unless the peer is a proxy whose word is believed.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// A range of addresses: one address, or `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        range(text).map(Self).ok_or_else(|| format!("{text:?} is no address and no range such as 10.0.0.0/8"))
    }
}

/// One address or range: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. Bits behind the range's end are dropped,
/// and IPv4 written inside IPv6 is IPv4.
#[must_use]
pub fn range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let range = IpNet::from_str(text).ok().or_else(|| IpAddr::from_str(text).ok().map(IpNet::from))?;
    let plain = match range {
        IpNet::V6(wide) => match (wide.addr().to_ipv4_mapped(), wide.prefix_len().checked_sub(96)) {
            (Some(address), Some(bits)) => IpNet::new(IpAddr::V4(address), bits).ok()?,
            _ => range,
        },
        IpNet::V4(_) => range,
    };
    Some(plain.trunc())
}

impl Network {
    /// Whether an address lies in the range. An IPv4 address that a listener for both shows as IPv6 is the same one.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// The caller's address: the last one in `X-Forwarded-For` that no trusted proxy has, if the peer is one.
#[must_use]
pub fn of_caller(peer: IpAddr, forwarded_for: Option<&str>, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer;
    for hop in forwarded_for.unwrap_or("").rsplit(',').map(str::trim) {
        if !is_trusted(address) {
            break;
        }
        let Ok(earlier) = hop.parse() else { break };
        address = earlier;
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "::1"].iter().map(|text| text.parse().unwrap()).collect();
        for (peer, header, caller) in [
            ("203.0.113.9", Some("198.51.100.1"), "203.0.113.9"),
            ("10.1.2.3", Some("198.51.100.1"), "198.51.100.1"),
            ("10.1.2.3", Some("192.0.2.66, 198.51.100.1"), "198.51.100.1"),
            ("10.1.2.3", Some("198.51.100.1, 10.9.9.9"), "198.51.100.1"),
            ("::1", Some("198.51.100.1"), "198.51.100.1"),
            ("10.1.2.3", Some("nonsense"), "10.1.2.3"),
            ("10.1.2.3", None, "10.1.2.3"),
            ("::ffff:10.1.2.3", Some("198.51.100.1"), "198.51.100.1"),
        ] {
            assert_eq!(
                of_caller(peer.parse().unwrap(), header, &trusted),
                caller.parse::<IpAddr>().unwrap(),
                "{header:?}"
            );
        }
    }

    #[test]
    fn ranges_are_read_and_nonsense_is_not() {
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("example.com".parse::<Network>().is_err());
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(!"0.0.0.0/0".parse::<Network>().unwrap().contains("2001:db8::1".parse().unwrap()));
        assert!("2001:db8::/32".parse::<Network>().unwrap().contains("2001:db8::1".parse().unwrap()));
    }
}
