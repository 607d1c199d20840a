//! The guard of the auditor's own network, as the logs tell of it: what a public page asked for there, and what kept it from it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use pixelwitness_recording::Network;

use crate::devtools::host_and_scheme;

/// How the reason begins for which such a request was not sent.
const KEPT: &str = "kept from the auditor's own network";

/// Why a request did not reach the auditor's own network.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) why: String,
    /// Whether a public name led there, as it does on a network whose name server blocks it.
    pub(crate) by_name: bool,
}

/// Why a failed request was kept from the auditor's own network, where it was.
///
/// A name under a public suffix that has an address in there is either somebody's own, or one that the network's name server does not
/// let through: it answers with 0.0.0.0 or a machine of its own. Then the page did not ask for this network at all.
///
///
/// Chromium decides once it has a connection. Where nothing answers there is none, and its error is the network's: the address itself
/// then says that the rule would have held.
pub(crate) fn why_kept(url: &str, error: Option<&str>, remote: Option<&str>, from_public: bool, allowed: &[Network]) -> Option<Kept> {
    let literal = address_in(url);
    let reached = remote.and_then(|remote| remote.parse::<SocketAddr>().ok()).map(|remote| remote.ip());
    let by_rule = error.is_some_and(|error| error.contains("LOCAL_NETWORK_ACCESS") || error.contains("LocalNetwork"));
    let error = error.map_or_else(String::new, |error| format!(" ({error})"));
    let what = match (literal, reached) {
        (Some(address), _) if sort(address).is_some() => format!("{address} is {}", sort(address)?),
        (None, Some(address)) if sort(address).is_some() => format!("its host's address {address} is {}", sort(address)?),
        _ if by_rule => "its host has an address there".to_owned(),
        _ => return None,
    };
    let is_allowed = literal.or(reached).is_some_and(|address| allowed.iter().any(|network| network.contains(address)));
    if !by_rule && (!from_public || is_allowed) {
        return None;
    }
    if literal.is_none() && has_public_name(url) {
        let why = format!("failed before anything was written: {what}, as where a name server blocks the name{error}");
        return Some(Kept { why, by_name: true });
    }
    let why = if by_rule {
        format!("{KEPT}: {what}{error}")
    } else {
        format!("{KEPT}: {what}, which no public page may reach; no connection came about either{error}")
    };
    Some(Kept { why, by_name: false })
}

/// Whether the host has a name of the public internet: one under a suffix that the public suffix list knows.
fn has_public_name(url: &str) -> bool {
    let host = host_and_scheme(url).map(|(host, _)| host.trim_end_matches('.'));
    host.and_then(|host| psl::suffix(host.as_bytes())).is_some_and(|suffix| suffix.is_known())
}

/// Whether this address and port is none of the public internet.
pub(crate) fn holds(remote: &str) -> bool {
    remote.parse::<SocketAddr>().is_ok_and(|remote| sort(remote.ip()).is_some())
}

/// The address that an address names outright.
fn address_in(url: &str) -> Option<IpAddr> {
    let (host, _) = host_and_scheme(url)?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// What sort of address it is, where it is none of the public internet.
fn sort(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(address) => sort_of_v4(address),
        IpAddr::V6(address) => sort_of_v6(address),
    }
}

fn sort_of_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [169, 254, 169, 254] => Some("a cloud's metadata address"),
        [169, 254, ..] => Some("a link-local address"),
        [127, ..] => Some("a loopback address"),
        [0, ..] => Some("an address of this machine"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("a private address"),
        [100, 64..=127, ..] => Some("an address of a carrier's own network"),
        _ => None,
    }
}

fn sort_of_v6(address: Ipv6Addr) -> Option<&'static str> {
    match address.segments() {
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Some("a cloud's metadata address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("an address of this machine"),
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0xfc00..=0xfdff, ..] => Some("a private address"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_public_is_known_by_its_sort() {
        for (address, what) in [
            ("127.0.0.1", Some("a loopback address")),
            ("::1", Some("a loopback address")),
            ("::ffff:127.0.0.1", Some("a loopback address")),
            ("0.0.0.0", Some("an address of this machine")),
            ("10.1.2.3", Some("a private address")),
            ("172.15.255.255", None),
            ("172.31.0.1", Some("a private address")),
            ("172.32.0.1", None),
            ("192.168.1.1", Some("a private address")),
            ("::ffff:192.168.1.1", Some("a private address")),
            ("fd12:3456::1", Some("a private address")),
            ("169.254.7.7", Some("a link-local address")),
            ("fe80::1", Some("a link-local address")),
            ("169.254.169.254", Some("a cloud's metadata address")),
            ("fd00:ec2::254", Some("a cloud's metadata address")),
            ("100.63.0.1", None),
            ("100.64.0.1", Some("an address of a carrier's own network")),
            ("203.0.113.9", None),
            ("2001:db8::1", None),
        ] {
            assert_eq!(sort(address.parse().unwrap()), what, "{address}");
        }
    }

    #[test]
    fn what_the_rule_stopped_is_told_from_what_nothing_answered() {
        const RULE: &str = "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS";
        let allowed = ["10.20.0.0/16".parse().unwrap()];
        let why = |url: &str, error: &'static str, remote, public| {
            let error = Some(error).filter(|error| !error.is_empty());
            let kept = why_kept(url, error, remote, public, &allowed)?;
            assert!(!kept.by_name, "{kept:?}");
            Some(kept.why)
        };
        for (url, error, remote, public, told) in [
            (
                "http://10.1.2.3/x",
                RULE,
                None,
                true,
                Some("10.1.2.3 is a private address (net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS)"),
            ),
            (
                "http://router.test/",
                RULE,
                Some("192.168.1.1:80"),
                true,
                Some("its host's address 192.168.1.1 is a private address (net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS)"),
            ),
            (
                "ws://router.test/",
                "net::ERR_FAILED (CORS: InsecureLocalNetwork)",
                None,
                true,
                Some("its host has an address there (net::ERR_FAILED (CORS: InsecureLocalNetwork))"),
            ),
            (
                "http://[fd00::7]/",
                "net::ERR_ADDRESS_UNREACHABLE",
                None,
                true,
                Some(
                    "fd00::7 is a private address, which no public page may reach; no connection came about either (net::ERR_ADDRESS_UNREACHABLE)",
                ),
            ),
            (
                "http://192.168.77.1/",
                "",
                None,
                true,
                Some("192.168.77.1 is a private address, which no public page may reach; no connection came about either"),
            ),
            (
                "https://router.test/",
                "net::ERR_CONNECTION_REFUSED",
                Some("[fd00::7]:443"),
                true,
                Some(
                    "its host's address fd00::7 is a private address, which no public page may reach; no connection came about either (net::ERR_CONNECTION_REFUSED)",
                ),
            ),
            ("http://router.test/", "net::ERR_CONNECTION_REFUSED", Some("203.0.113.9:80"), true, None),
            ("http://router.test/", "net::ERR_CONNECTION_REFUSED", Some("10.20.0.9:80"), true, None),
            // A page that is itself in there may ask, and so may any page where the user allows it.
            ("http://[fd00::7]/", "net::ERR_ADDRESS_UNREACHABLE", None, false, None),
            ("http://10.20.0.9/", "net::ERR_CONNECTION_REFUSED", None, true, None),
            ("http://203.0.113.9/", "net::ERR_CONNECTION_REFUSED", None, true, None),
            ("http://router.test/", "net::ERR_CONNECTION_REFUSED", None, true, None),
        ] {
            let found = why(url, error, remote, public);
            assert_eq!(found, told.map(|told| format!("{KEPT}: {told}")), "{url} {error}");
        }
    }

    #[test]
    fn a_public_name_that_leads_into_the_own_network_was_not_let_through() {
        const REFUSED: &str = "net::ERR_CONNECTION_REFUSED";
        const RULE: &str = "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS";
        for (url, error, remote, by_name) in [
            ("https://connect.facebook.net/x.js", REFUSED, Some("0.0.0.0:443"), Some(true)),
            ("https://connect.facebook.net/x.js", RULE, Some("127.0.0.1:443"), Some(true)),
            ("https://connect.facebook.net/x.js", REFUSED, Some("[::]:443"), Some(true)),
            ("https://www.google-analytics.com/g", RULE, Some("192.168.1.2:443"), Some(true)),
            ("https://stats.g.doubleclick.net./g", RULE, None, Some(true)),
            // Names that nobody can register, and addresses, were meant for the network around the auditor.
            ("http://router.test/", RULE, Some("0.0.0.0:80"), Some(false)),
            ("http://localhost/", RULE, Some("127.0.0.1:80"), Some(false)),
            ("http://0.0.0.0/", RULE, Some("0.0.0.0:80"), Some(false)),
            ("http://192.168.1.1/", RULE, None, Some(false)),
            ("https://connect.facebook.net/x.js", REFUSED, Some("203.0.113.9:443"), None),
        ] {
            let kept = why_kept(url, Some(error), remote, true, &[]);
            assert_eq!(kept.as_ref().map(|kept| kept.by_name), by_name, "{url} {remote:?}");
            assert!(kept.is_none_or(|kept| kept.why.starts_with(KEPT) != kept.by_name));
        }
    }
}
