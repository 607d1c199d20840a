use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::{Host, Url};

use crate::{Journey, Request, Step};

/// Recipients that are answered by the tool itself and never contacted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sinkhole {
    /// Host names and addresses that were asked for: `www.facebook.com`, or `*.facebook.com` for that name and all below it.
    pub hosts: Vec<String>,
    /// Whether every host is answered that is on none of the journey's own sites.
    pub all_third_parties: bool,
    /// Registrable domains of the pages that the journey visits; only with `all_third_parties`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_sites: Vec<String>,
    /// Host names and addresses that are contacted all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Address and port of the local server that answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// Every host that is not of the journey's own sites.
pub const ALL_THIRD_PARTIES: &str = "all-third-parties";

/// Why a list of recipients cannot be used.
///
/// Messages finish the sentence "cannot use the sinkhole: …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SinkholeError {
    /// An entry is neither a host name nor an address.
    #[error("{entry:?} is neither a host name nor an address")]
    NoHost {
        /// What was given.
        entry: String,
    },
    /// An entry is for every host there is.
    #[error("{entry:?} is every host, the site itself among them")]
    EveryHost {
        /// What was given.
        entry: String,
    },
    /// A list names nobody.
    #[error("the list names nobody")]
    Nobody,
    /// A page of the journey would be answered instead of shown.
    #[error("the journey visits {host}: with a sinkhole in its place there is nothing to see")]
    Visited {
        /// The host.
        host: String,
    },
}

impl Sinkhole {
    /// Reads entries as they are given: host names, addresses, `*.host`, and among those to be answered the word [`ALL_THIRD_PARTIES`].
    ///
    /// # Errors
    ///
    /// One is none of these, or there is none.
    pub fn new(entries: &[String], except: &[String]) -> Result<Self, SinkholeError> {
        let (all, named): (Vec<&String>, Vec<&String>) = entries.iter().partition(|entry| *entry == ALL_THIRD_PARTIES);
        let hosts = named.into_iter().map(|entry| pattern(entry)).collect::<Result<Vec<_>, _>>()?;
        if let Some(entry) = except.iter().find(|entry| *entry == ALL_THIRD_PARTIES) {
            return Err(SinkholeError::NoHost { entry: entry.clone() });
        }
        let except = except.iter().map(|entry| pattern(entry)).collect::<Result<Vec<_>, _>>()?;
        if all.is_empty() && hosts.is_empty() {
            return Err(SinkholeError::Nobody);
        }
        Ok(Self { hosts, all_third_parties: !all.is_empty(), except, ..Self::default() })
    }

    /// The sinkhole of one journey, whose visits say which sites are its own.
    ///
    /// # Errors
    ///
    /// A page that the journey visits would be answered by the sinkhole.
    pub fn for_journey(&self, journey: &Journey) -> Result<Self, SinkholeError> {
        let mut sinkhole = Self { own_sites: Vec::new(), ..self.clone() };
        let visited: Vec<String> = journey.steps.iter().filter_map(visited_host).collect();
        if self.all_third_parties {
            for site in visited.iter().map(|host| registrable_domain(host)) {
                if !sinkhole.own_sites.contains(&site) {
                    sinkhole.own_sites.push(site);
                }
            }
        }
        match visited.into_iter().find(|host| sinkhole.takes(host)) {
            Some(host) => Err(SinkholeError::Visited { host }),
            None => Ok(sinkhole),
        }
    }

    /// Whether requests to this host are answered and not passed on.
    #[must_use]
    pub fn takes(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').trim_matches(['[', ']']).to_ascii_lowercase();
        if self.except.iter().any(|pattern| fits(pattern, &host)) {
            return false;
        }
        let is_own = || self.own_sites.iter().any(|site| is_or_is_below(site, &host));
        self.hosts.iter().any(|pattern| fits(pattern, &host)) || self.all_third_parties && !is_own()
    }

    /// Whether requests to this address are answered and not passed on.
    #[must_use]
    pub fn takes_url(&self, url: &str) -> bool {
        host_of(url).is_some_and(|host| self.takes(&host))
    }

    /// Whether this request was answered by the sinkhole: it was to be, and as far as is known it went nowhere else.
    #[must_use]
    pub fn answered(&self, request: &Request) -> bool {
        self.takes_url(&request.url) && self.spared(request)
    }

    /// Whether a request that was to be answered by the sinkhole went to another machine.
    #[must_use]
    pub fn missed(&self, request: &Request) -> bool {
        self.takes_url(&request.url) && !self.spared(request)
    }

    fn spared(&self, request: &Request) -> bool {
        request.remote_address.as_ref().is_none_or(|address| *address == self.address)
    }
}

/// An entry in the form in which it is compared: lower case, IDNA's ASCII, an IPv6 address without brackets.
fn pattern(entry: &str) -> Result<String, SinkholeError> {
    let no_host = || SinkholeError::NoHost { entry: entry.to_owned() };
    if !entry.is_empty() && entry.chars().all(|character| "*.".contains(character)) {
        return Err(SinkholeError::EveryHost { entry: entry.to_owned() });
    }
    if let Ok(address) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    let (below, name) = entry.strip_prefix("*.").map_or(("", entry), |name| ("*.", name));
    let is_plain = |name: &str| !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one));
    match Host::parse(name.trim_end_matches('.')) {
        Ok(Host::Domain(name)) if is_plain(&name) => Ok(format!("{below}{name}")),
        // `1.2` is an address to a browser: 1.0.0.2.
        Ok(Host::Ipv4(address)) if below.is_empty() => Ok(address.to_string()),
        _ => Err(no_host()),
    }
}

fn fits(pattern: &str, host: &str) -> bool {
    pattern.strip_prefix("*.").map_or_else(|| pattern == host, |name| is_or_is_below(name, host))
}

fn is_or_is_below(name: &str, host: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn visited_host(step: &Step) -> Option<String> {
    let Step::Visit(address) = step else { return None };
    host_of(address)
}

/// Host name in lower case without a final dot; an IP address without brackets.
fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host().map(|host| match host {
        Host::Domain(name) => name.trim_end_matches('.').to_ascii_lowercase(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

/// The domain that somebody registered. An address, a single label and a public suffix stand for themselves.
fn registrable_domain(host: &str) -> String {
    let found = if host.parse::<IpAddr>().is_ok() { None } else { psl::domain_str(host) };
    found.unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sinkhole(entries: &[&str], except: &[&str]) -> Sinkhole {
        let owned = |entries: &[&str]| entries.iter().map(|&entry| entry.to_owned()).collect::<Vec<_>>();
        Sinkhole::new(&owned(entries), &owned(except)).unwrap()
    }

    fn journey(visits: &[&str]) -> Journey {
        Journey { steps: visits.iter().map(|&visit| Step::Visit(visit.to_owned())).collect(), ..Journey::default() }
    }

    #[test]
    fn named_recipients_are_taken_and_their_neighbours_are_not() {
        let named = sinkhole(&["WWW.Facebook.com", "*.tiktok.com", "203.0.113.7", "[2001:db8::7]", "bücher.example"], &["ads.tiktok.com"]);
        for (url, taken) in [
            ("https://www.facebook.com/tr", true),
            ("https://www.facebook.com./tr", true),
            ("wss://WWW.FACEBOOK.COM/socket", true),
            ("https://facebook.com/", false),
            ("https://x.www.facebook.com/", false),
            ("https://tiktok.com/", true),
            ("https://a.b.tiktok.com:8443/", true),
            ("https://ads.tiktok.com/", false),
            ("https://nottiktok.com/", false),
            ("http://203.0.113.7/", true),
            ("http://[2001:db8:0::7]:81/", true),
            ("https://xn--bcher-kva.example/", true),
            ("https://clinic.example/", false),
            ("data:text/plain,x", false),
        ] {
            assert_eq!(named.takes_url(url), taken, "{url}");
        }
    }

    #[test]
    fn all_third_parties_are_those_outside_the_sites_that_are_visited() {
        let all = sinkhole(&["all-third-parties", "metrics.clinic.example"], &["cdn.example"]);
        let own = journey(&["https://www.clinic.example/", "https://a.trust.nhs.uk/x", "http://192.0.2.7:8080/"]);
        let all = all.for_journey(&own).unwrap();
        assert_eq!(all.own_sites, ["clinic.example", "trust.nhs.uk", "192.0.2.7"]);
        for (host, taken) in [
            ("www.clinic.example", false),
            ("clinic.example.", false),
            ("metrics.clinic.example", true),
            ("notclinic.example", true),
            ("b.trust.nhs.uk", false),
            ("other.nhs.uk", true),
            ("192.0.2.7", false),
            ("192.0.2.8", true),
            ("localhost", true),
            ("[::1]", true),
            ("cdn.example", false),
            ("www.cdn.example", true),
        ] {
            assert_eq!(all.takes(host), taken, "{host}");
        }
    }

    #[test]
    fn a_page_that_is_visited_cannot_be_taken() {
        let visited = journey(&["https://clinic.example/", "https://www.facebook.com/clinic"]);
        assert!(matches!(sinkhole(&["*.facebook.com"], &[]).for_journey(&visited), Err(SinkholeError::Visited { .. })));
        assert!(sinkhole(&["all-third-parties"], &[]).for_journey(&visited).is_ok());
    }

    #[test]
    fn what_is_no_recipient_is_refused() {
        for entry in
            ["", "*", "*.", "*.*", "a b", "https://a.example/", "a.example/x", "a.example:443", "*a.example", "a.*.example", "*.192.0.2.1"]
        {
            assert!(Sinkhole::new(&[entry.to_owned()], &[]).is_err(), "{entry}");
        }
        assert!(matches!(Sinkhole::new(&[], &["a.example".to_owned()]), Err(SinkholeError::Nobody)));
        assert!(Sinkhole::new(&["a.example".to_owned()], &[ALL_THIRD_PARTIES.to_owned()]).is_err());
    }
}
