//! What the site's own host names are aliases of, asked of the system's name servers once the browser is gone.
//!
//! Chromium's log has the aliases only where Chromium asked the name servers itself. Nothing is asked here that the browser did not ask.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures_util::future::join_all;
use hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver, system_conf};
use pixelwitness_recording::raw_log::Note;
use tokio::time::timeout;
use url::Url;

use crate::options::ResolveRule;

/// How long the name servers have, all names together.
const PATIENCE: Duration = Duration::from_secs(3);

/// Names that are asked for at the most: a page can make up as many as it likes.
const MOST_NAMES: usize = 50;

/// Aliases in a row at the most.
const MOST_ALIASES: usize = 32;

/// Hosts that the browser was told to contact, and those of the pages themselves.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    contacted: BTreeSet<String>,
    of_pages: BTreeSet<String>,
}

impl Hosts {
    pub(crate) fn contact(&mut self, url: &str) {
        self.contacted.extend(host(url));
    }

    pub(crate) fn visit(&mut self, url: &str) {
        self.of_pages.extend(host(url));
    }

    /// Hosts of the sites that were visited, those left out that the command line leads elsewhere.
    pub(crate) fn of_the_sites(&self, mapped: &[ResolveRule]) -> Vec<String> {
        let sites: BTreeSet<&str> = self.of_pages.iter().map(|host| site(host)).collect();
        let is_mapped = |host: &str| mapped.iter().any(|rule| fits(&rule.pattern, host));
        let own = self.contacted.iter().filter(|host| sites.contains(site(host)) && !is_mapped(host));
        own.take(MOST_NAMES).cloned().collect()
    }
}

/// The host name of a web address; an IP address and a name without a dot are not looked up in DNS.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss"))?;
    let name = url.domain()?.trim_end_matches('.').to_ascii_lowercase();
    name.contains('.').then_some(name)
}

fn site(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

/// Whether a pattern of the command line fits, in which `*` stands for anything.
fn fits(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == host };
    let Some(mut text) = host.strip_prefix(start) else { return false };
    let parts: Vec<&str> = rest.split('*').collect();
    let Some((end, between)) = parts.split_last() else { return true };
    for part in between {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

/// Asks the system's name servers for these names. One note each.
pub(crate) async fn look_up(hosts: Vec<String>) -> Vec<Note> {
    if hosts.is_empty() {
        return Vec::new();
    }
    match system_conf::read_system_conf() {
        Ok((config, options)) => ask(hosts, config, options).await,
        Err(error) => failed(hosts, &format!("this system's name servers are not known: {error}")),
    }
}

async fn ask(hosts: Vec<String>, config: ResolverConfig, mut options: ResolverOpts) -> Vec<Note> {
    options.use_hosts_file = ResolveHosts::Never;
    options.preserve_intermediates = true;
    let servers: Vec<String> = config.name_servers().iter().map(|server| server.ip.to_string()).collect();
    let provider = TokioRuntimeProvider::default();
    let resolver = match Resolver::builder_with_config(config, provider).with_options(options).build() {
        Ok(resolver) => resolver,
        Err(error) => return failed(hosts, &error.to_string()),
    };
    join_all(hosts.into_iter().map(|host| one(&resolver, host, &servers))).await
}

fn failed(hosts: Vec<String>, why: &str) -> Vec<Note> {
    hosts.into_iter().map(|host| Note::NotLookedUp { host, why: why.to_owned() }).collect()
}

async fn one(resolver: &TokioResolver, host: String, servers: &[String]) -> Note {
    // With its final dot, or the system's search domains would be tried as well.
    let answer = timeout(PATIENCE, resolver.lookup(format!("{host}."), RecordType::A)).await;
    let (mut leads_to, mut addresses) = (HashMap::new(), Vec::new());
    match answer {
        Err(_) => {
            let why = format!("{} did not answer within {} s", servers.join(" and "), PATIENCE.as_secs());
            return Note::NotLookedUp { host, why };
        }
        // There is no such name, or it has no address: that is an answer.
        Ok(Err(error)) if error.is_no_records_found() => {}
        Ok(Err(error)) => return Note::NotLookedUp { host, why: error.to_string() },
        Ok(Ok(lookup)) => {
            for record in lookup.answers() {
                match &record.data {
                    RData::CNAME(target) => {
                        leads_to.insert(plain(&record.name.to_ascii()), plain(&target.to_ascii()));
                    }
                    RData::A(address) => addresses.push(address.0.to_string()),
                    _ => {}
                }
            }
        }
    }
    Note::LookedUp { aliases: chain(&host, &leads_to), host, addresses, servers: servers.to_vec() }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn chain(host: &str, leads_to: &HashMap<String, String>) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut at = host;
    while let Some(next) = leads_to.get(at).filter(|next| *next != host && !chain.contains(next) && chain.len() < MOST_ALIASES) {
        chain.push(next.clone());
        at = next;
    }
    chain
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig};
    use hickory_resolver::proto::op::{Message, ResponseCode};
    use hickory_resolver::proto::rr::rdata::{A, CNAME};
    use hickory_resolver::proto::rr::{Name, Record};
    use tokio::net::UdpSocket;

    use super::*;

    /// A name server on loopback that knows these aliases, and an address for whatever they lead to.
    async fn server(aliases: &'static [(&'static str, &'static str)]) -> ResolverConfig {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut connection = ConnectionConfig::udp();
        connection.port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut bytes = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
                let asked = Message::from_vec(&bytes[..length]).unwrap();
                if let Some(answer) = answer(&asked, aliases) {
                    socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
                }
            }
        });
        ResolverConfig::from_name_servers(vec![NameServerConfig::new(IpAddr::V4(Ipv4Addr::LOCALHOST), true, vec![connection])])
    }

    fn answer(asked: &Message, aliases: &[(&str, &str)]) -> Option<Message> {
        let query = asked.queries.first()?.clone();
        let mut name = query.name().to_ascii();
        let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
        answer.add_query(query);
        match name.as_str() {
            "silent.clinic.example." => return None,
            "absent.clinic.example." => {
                answer.metadata.response_code = ResponseCode::NXDomain;
                return Some(answer);
            }
            "refused.clinic.example." => {
                answer.metadata.response_code = ResponseCode::Refused;
                return Some(answer);
            }
            _ => {}
        }
        while let Some((_, target)) = aliases.iter().find(|(from, _)| *from == name) {
            let data = RData::CNAME(CNAME(Name::from_ascii(target).unwrap()));
            answer.add_answer(Record::from_rdata(Name::from_ascii(&name).unwrap(), 60, data));
            name = (*target).to_owned();
        }
        answer.add_answer(Record::from_rdata(Name::from_ascii(&name).unwrap(), 60, RData::A(A(Ipv4Addr::new(192, 0, 2, 7)))));
        Some(answer)
    }

    #[tokio::test]
    async fn aliases_come_in_their_order_and_failures_say_why() {
        let config = server(&[("metrics.clinic.example.", "clinic.sc.omtrdc.net."), ("clinic.sc.omtrdc.net.", "Edge.omtrdc.net.")]).await;
        let hosts = ["www", "metrics", "absent", "silent", "refused"].map(|label| format!("{label}.clinic.example")).to_vec();
        let mut options = ResolverOpts::default();
        options.attempts = 0;
        options.timeout = Duration::from_secs(30);
        let told: Vec<String> = ask(hosts, config, options)
            .await
            .into_iter()
            .map(|note| match note {
                Note::LookedUp { host, aliases, addresses, servers } => {
                    format!("{host} -> {aliases:?} {addresses:?} by {servers:?}")
                }
                Note::NotLookedUp { host, why } => format!("{host}: {}", why.split(':').next().unwrap_or_default()),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(told[0], r#"www.clinic.example -> [] ["192.0.2.7"] by ["127.0.0.1"]"#);
        assert_eq!(told[1], r#"metrics.clinic.example -> ["clinic.sc.omtrdc.net", "edge.omtrdc.net"] ["192.0.2.7"] by ["127.0.0.1"]"#);
        assert_eq!(told[2], r#"absent.clinic.example -> [] [] by ["127.0.0.1"]"#);
        assert_eq!(told[3], "silent.clinic.example: 127.0.0.1 did not answer within 3 s");
        assert!(told[4].starts_with("refused.clinic.example: "), "{}", told[4]);
    }

    #[test]
    fn only_names_of_the_sites_are_asked_for_and_none_that_is_led_elsewhere() {
        let mut hosts = Hosts::default();
        for url in [
            "https://www.clinic.example/",
            "https://metrics.clinic.example/b/ss/x",
            "wss://Live.Clinic.example./",
            "https://cdn.elsewhere.example/",
            "https://mapped.clinic.example/",
            "http://192.0.2.7/",
            "http://localhost/",
            "data:text/html,x",
            "not an address",
        ] {
            hosts.contact(url);
        }
        assert_eq!(hosts.of_the_sites(&[]), Vec::<String>::new());
        hosts.visit("https://www.clinic.example/");
        hosts.visit("about:blank");
        let rules = |rule: &str| vec![rule.parse::<ResolveRule>().unwrap()];
        assert_eq!(
            hosts.of_the_sites(&rules("mapped.*=127.0.0.1:1")),
            ["live.clinic.example", "metrics.clinic.example", "www.clinic.example"]
        );
        assert_eq!(hosts.of_the_sites(&rules("*=127.0.0.1:1")), Vec::<String>::new());
    }

    #[test]
    fn patterns_fit_as_they_do_for_the_browser() {
        for (pattern, host, expected) in [
            ("*", "a.example", true),
            ("*.example", "a.example", true),
            ("*.example", "example", false),
            ("a.*", "a.example", true),
            ("A.example", "a.example", true),
            ("a.example", "b.a.example", false),
            ("*a*e", "b.a.example", true),
            ("*x.*e", "b.a.example", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, host), expected, "{pattern} {host}");
        }
    }
}
