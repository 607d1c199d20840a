use std::borrow::Cow;
use std::collections::HashSet;

use pixelwitness_recording::{Recording, Request, Sender, Step};
use url::{Host, Url};

use crate::pages::Pages;
use crate::{Party, blocked};

/// What was visited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sites {
    /// Registrable domains, in the order of the visits.
    pub(crate) domains: Vec<String>,
    pub(crate) pages: Pages,
    /// Those that were named as first party, by whoever knows.
    named: Vec<String>,
    /// Whether the requests are from captures made elsewhere: there, no journey says which sites were visited.
    are_captured: bool,
}

impl Sites {
    pub(crate) fn of(recording: &Recording) -> Self {
        let visits = recording.journey.steps.iter().filter_map(|step| match step {
            Step::Visit(address) => Some(address.clone()),
            _ => None,
        });
        let (mut sites, mut pages) = (Vec::new(), Pages::default());
        let mut known = HashSet::new();
        // Thousands of requests come from one page.
        let mut visited = |address: String, pages: &mut Pages| {
            if known.contains(&address) {
                return;
            }
            sites.extend(domain_of_address(&address).filter(|site| !sites.contains(site)));
            pages.add(&address);
            known.insert(address);
        };
        visits.for_each(|address| visited(address, &mut pages));
        for request in recording.requests.iter().filter(|request| request.sender == Sender::Page) {
            if blocked::is_page(&request) {
                pages.add_source(&request.url, request.response.as_ref().and_then(|response| response.body.as_ref()));
            }
            if let Some(address) = request.page_url {
                visited(address, &mut pages);
            }
        }
        for step in &recording.steps {
            pages.add(&step.url_after);
            pages.add_title(&step.url_after, &step.title_after);
        }
        let named: Vec<String> = recording.journey.first_party.iter().map(|site| domain_of_site(site)).collect();
        for site in &named {
            if !sites.contains(site) {
                sites.push(site.clone());
            }
        }
        Self { domains: sites, pages, named, are_captured: !recording.completeness.captures.is_empty() }
    }

    pub(crate) fn contain(&self, domain: &str) -> bool {
        self.domains.iter().any(|site| site == domain)
    }

    /// First or third party, and why.
    pub(crate) fn party(&self, request: &Request, host: &str) -> (Party, String) {
        let domain = registrable_domain(host);
        if let Some(page) = led_here(request).filter(|page| *page != domain && self.contain(page)) {
            return (Party::Third, format!("{domain} is not {page}, whose page led there"));
        }
        match request.page_url.as_deref().or(request.top_site.as_deref()).and_then(domain_of_address) {
            Some(page) if page == domain => (Party::First, format!("{domain} is the page's own site")),
            Some(page) => (Party::Third, format!("{domain} is not {page}")),
            None if self.clear(&domain) => (Party::First, format!("{domain} is a site that was visited")),
            None if self.contain(&domain) => {
                (Party::Third, format!("which page made it is not known: {domain} was visited, and so were other sites"))
            }
            None if self.are_captured => {
                (Party::Third, format!("which page made it is not known: {domain} is none of the sites known to have been visited"))
            }
            None => (Party::Third, format!("{domain} is none of the sites visited")),
        }
    }

    /// Whether a request is the visited site's own, where nobody knows which page made it. In a capture of several sites, one that was
    /// visited may as well have been called by another: unless it was named, it is not cleared.
    fn clear(&self, domain: &str) -> bool {
        let is_alone = !self.are_captured || self.domains.len() == 1;
        self.contain(domain) && (is_alone || self.named.iter().any(|named| named == domain))
    }
}

/// The domain whose page led to a page that is being opened, as the browser tells the new one: there, it is the old page that is told of.
fn led_here(request: &Request) -> Option<String> {
    let opened = request.page_url.as_deref()?.split('#').next()?;
    domain_of_address(request.header("referer").filter(|_| opened == request.url)?)
}

/// Host name of a web or WebSocket address, in lower case, without a final dot; an IP address as it is written.
pub(crate) fn host_of(address: &str) -> Option<Cow<'_, str>> {
    plain_host(address).map(Cow::Borrowed).or_else(|| parsed_host(address).map(Cow::Owned))
}

/// The host of an address whose host needs no parsing, as that of nearly every address that a browser sends: letters, digits and hyphens,
/// no port, nothing that could be a number or an international name.
fn plain_host(address: &str) -> Option<&str> {
    let rest = ["https://", "http://", "wss://", "ws://"].iter().find_map(|scheme| address.strip_prefix(scheme))?;
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let (host, after) = rest.split_at(rest.bytes().take_while(is_plain).count());
    let host = host.trim_end_matches('.');
    let last_label = host.rsplit('.').next()?;
    let is_name = last_label.starts_with(|first: char| first.is_ascii_lowercase()) && !host.contains("xn--");
    (is_name && matches!(after.bytes().next(), None | Some(b'/' | b'?' | b'#'))).then_some(host)
}

fn parsed_host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https" | "ws" | "wss").then_some(())?;
    url.host().map(|host| match host {
        Host::Domain(name) => name.trim_end_matches('.').to_ascii_lowercase(),
        other => other.to_string(),
    })
}

/// The domain that somebody registered: `clinic.example` of `www.clinic.example`. An IP address, a single label and a public suffix
/// stand for themselves.
pub(crate) fn registrable_domain(host: &str) -> String {
    let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let found = if is_address { None } else { psl::domain_str(host) };
    found.unwrap_or(host).to_owned()
}

/// A site as a person names it: a host name, or a whole address.
fn domain_of_site(site: &str) -> String {
    domain_of_address(site).unwrap_or_else(|| registrable_domain(&site.trim_end_matches('.').to_ascii_lowercase()))
}

pub(crate) fn domain_of_address(address: &str) -> Option<String> {
    host_of(address).map(|host| registrable_domain(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is put together from what hosts are made of: the short way gives what the long way gives, or leaves it to that.
    #[test]
    fn a_host_that_needs_no_parsing_is_the_one_that_parsing_gives() {
        let parts =
            ["a", "xn--", "0", "1.2", ".", "-", "0x1", "clinic", "example", ":80", "@", "%41", "é", "A", "/", "?", "#", "\\\\", "_", " "];
        let mut plain = 0;
        for number in 0..parts.len().pow(4) {
            let host: String = (0..4).map(|place| parts[number / parts.len().pow(place) % parts.len()]).collect();
            let address = format!("https://{host}");
            if let Some(host) = plain_host(&address) {
                plain += 1;
                assert_eq!(Some(host), parsed_host(&address).as_deref(), "{address}");
            }
        }
        assert!(plain > 1_000, "{plain}");
        let long = format!("wss://{}.{}.example/a:b@c", "a".repeat(100), "b-.".repeat(100));
        assert_eq!(plain_host(&long), parsed_host(&long).as_deref());
    }

    /// In a capture nobody says which page made a request that has no page: it may be another's than the site's that it was sent to.
    #[test]
    fn whose_page_is_not_known_is_cleared_by_a_name_alone() {
        use pixelwitness_recording::{Capture, CaptureKind, Completeness, Journey};
        let capture = Capture { file: String::new(), kind: CaptureKind::Har, made_by: String::new(), requests: 0, whole: true };
        for (pages, named, is_captured, party) in [
            (&["https://social.example/"][..], &[][..], true, Party::First),
            (&["https://social.example/", "https://clinic.example/"], &[], true, Party::Third),
            (&["https://social.example/", "https://clinic.example/"], &["social.example"], true, Party::First),
            (&["https://clinic.example/"], &[], true, Party::Third),
            (&["https://clinic.example/"], &["social.example"], true, Party::First),
            (&["https://social.example/", "https://clinic.example/"], &[], false, Party::First),
        ] {
            let captures = if is_captured { vec![capture.clone()] } else { Vec::new() };
            let steps = pages.iter().map(|page| Step::Visit((*page).to_owned())).collect();
            let first_party = named.iter().map(|name| (*name).to_owned()).collect();
            let recording = Recording {
                journey: Journey { steps, first_party, ..Journey::default() },
                completeness: Completeness { captures, ..Completeness::default() },
                ..Recording::default()
            };
            let request = crate::test_request("https://api.social.example/c");
            let (read, why) = Sites::of(&recording).party(&request, "api.social.example");
            assert_eq!(read, party, "{pages:?} {named:?} {is_captured}: {why}");
        }
    }

    #[test]
    fn hosts_have_registrable_domains() {
        for (address, domain) in [
            ("https://www.clinic.example/a", Some("clinic.example")),
            ("https://a.b.trust.nhs.uk/", Some("trust.nhs.uk")),
            ("https://WWW.Clinic.co.uk./", Some("clinic.co.uk")),
            ("https://me.github.io/", Some("me.github.io")),
            ("https://co.uk/", Some("co.uk")),
            ("http://localhost:8080/", Some("localhost")),
            ("http://192.0.2.7/", Some("192.0.2.7")),
            ("http://[2001:db8::1]/", Some("[2001:db8::1]")),
            ("wss://ws.clinic.example/", Some("clinic.example")),
            ("about:blank", None),
            ("data:text/html,x", None),
            ("chrome-error://chromewebdata/", None),
            ("not an address", None),
        ] {
            assert_eq!(domain_of_address(address).as_deref(), domain, "{address}");
        }
    }
}
