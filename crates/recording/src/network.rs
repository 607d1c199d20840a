use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A range of addresses: `10.20.0.0/16`, `fd00:77::/32`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no range of addresses.
///
/// Messages finish the sentence "cannot use the network: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// It is not an address, a slash and a number of bits.
    #[error("{text:?} is not a network such as 10.20.0.0/16 or fd00:77::/32")]
    Syntax {
        /// What was given.
        text: String,
    },
    /// Bits of the address are set that do not belong to the network: somebody meant another one.
    #[error("{text} names one address in a network; the network itself is {network}")]
    HostBits {
        /// What was given.
        text: String,
        /// The network that this address lies in.
        network: Network,
    },
}

impl Network {
    /// Whether the address lies in it. An IPv4 address that is mapped into IPv6 counts as what it stands for.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                masked(network.to_bits().into(), self.prefix, 32) == masked(address.to_bits().into(), self.prefix, 32)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                masked(network.to_bits(), self.prefix, 128) == masked(address.to_bits(), self.prefix, 128)
            }
            _ => false,
        }
    }

    /// The first address of it.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits of an address name the network.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

/// The first `prefix` bits of an address of `width` bits, the others zero.
fn masked(bits: u128, prefix: u8, width: u32) -> u128 {
    match width - u32::from(prefix) {
        128 => 0,
        rest => bits >> rest << rest,
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError::Syntax { text: text.to_owned() };
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| wrong())?;
        let width: u8 = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(width), |prefix| prefix.parse::<u8>().map_err(|_| wrong()))?;
        if prefix > width {
            return Err(wrong());
        }
        let first = match address {
            IpAddr::V4(address) => {
                u32::try_from(masked(address.to_bits().into(), prefix, 32)).map(|bits| IpAddr::V4(bits.into())).map_err(|_| wrong())?
            }
            IpAddr::V6(address) => IpAddr::V6(masked(address.to_bits(), prefix, 128).into()),
        };
        let network = Self { address: first, prefix };
        if first == address { Ok(network) } else { Err(NetworkError::HostBits { text: text.to_owned(), network }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_share_its_first_bits() {
        for (network, address, inside) in [
            ("10.20.0.0/16", "10.20.255.1", true),
            ("10.20.0.0/16", "10.21.0.1", false),
            ("10.20.0.0/16", "::ffff:10.20.0.9", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("fd00:77::/32", "fd00:77:1::9", true),
            ("[fd00:77::]/32", "fd00:78::9", false),
            ("::/0", "2001:db8::1", true),
            ("::1", "::1", true),
        ] {
            assert_eq!(network.parse::<Network>().unwrap().contains(address.parse().unwrap()), inside, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_says_why() {
        for (text, message) in [
            ("10.20.0.0/33", "\"10.20.0.0/33\" is not a network such as 10.20.0.0/16 or fd00:77::/32"),
            ("fd00::/129", "\"fd00::/129\" is not a network such as 10.20.0.0/16 or fd00:77::/32"),
            ("10.20.0.0/", "\"10.20.0.0/\" is not a network such as 10.20.0.0/16 or fd00:77::/32"),
            ("router.local", "\"router.local\" is not a network such as 10.20.0.0/16 or fd00:77::/32"),
            ("10.20.3.4/16", "10.20.3.4/16 names one address in a network; the network itself is 10.20.0.0/16"),
            ("fd00:77::1/32", "fd00:77::1/32 names one address in a network; the network itself is fd00:77::/32"),
        ] {
            assert_eq!(text.parse::<Network>().unwrap_err().to_string(), message);
        }
    }
}
