//! Where a request comes from: the peer's address, unless the peer is a proxy whose word is believed.

use std::{net::IpAddr, str::FromStr};

/// A range of addresses: one address, or `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    mask: u128,
}

fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address and no range such as 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        if bits > width {
            return Err(wrong());
        }
        let mask = u128::MAX.checked_shl(width.saturating_sub(bits)).unwrap_or(0);
        let mask = if address.is_ipv4() && bits == 0 { u128::MAX << 32 } else { mask };
        Ok(Self { base: wide(address) & mask, mask })
    }
}

impl Network {
    /// Whether an address lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        wide(address) & self.mask == self.base
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
