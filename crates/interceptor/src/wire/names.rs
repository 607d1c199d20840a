use std::borrow::Cow;
use std::collections::HashMap;

use pixelwitness_recording::Resolver;
use serde::Deserialize;

use crate::wire::netlog::{Event, Kind};

/// A name that the browser looked up.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) host: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) addresses: Vec<String>,
    pub(crate) by: Resolver,
    pub(crate) tick: u64,
    pub(crate) line: u64,
}

/// Aliases in a row at the most: more are a loop or a joke.
const MOST_ALIASES: usize = 32;

/// Collects the lookups. What the browser answers from its cache or by a rule of the command line is none.
#[derive(Debug, Default)]
pub(crate) struct Names {
    all: Vec<Name>,
    by_job: HashMap<i64, usize>,
}

/// What a name server said, in the words of Chromium: one for each record that is an alias, one for all addresses of a name.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    domain_name: Cow<'a, str>,
    #[serde(borrow, default)]
    alias_target: Option<Cow<'a, str>>,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(default)]
    address: String,
}

impl Names {
    pub(crate) fn take(&mut self, event: &Event<'_>) {
        match event.kind {
            Kind::NameJob if event.begins => self.begin(event),
            Kind::NameByDns if event.ends => self.by_dns(event),
            Kind::NameBySystem if event.ends => self.by_system(event),
            _ => {}
        }
    }

    pub(crate) fn finish(self) -> Vec<Name> {
        self.all
    }

    fn begin(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            host: Cow<'a, str>,
        }
        let Some(params) = event.params::<Params<'_>>() else { return };
        let host = name(without_scheme_and_port(&params.host));
        self.by_job.insert(event.source, self.all.len());
        self.all.push(Name { host, aliases: Vec::new(), addresses: Vec::new(), by: Resolver::Unknown, tick: event.tick, line: event.line });
    }

    fn by_dns(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            results: Vec<Answer<'a>>,
        }
        // Without results it failed, and the system is asked next, if anybody.
        let Some(params) = event.params::<Params<'_>>().filter(|params| !params.results.is_empty()) else { return };
        let Some(looked_up) = self.of_job(event) else { return };
        let leads_to: HashMap<String, String> =
            params.results.iter().filter_map(|answer| Some((name(&answer.domain_name), name(answer.alias_target.as_deref()?)))).collect();
        looked_up.by = Resolver::Browser;
        looked_up.line = event.line;
        looked_up.aliases = chain(&looked_up.host, &leads_to);
        looked_up.addresses = distinct(params.results.into_iter().flat_map(|answer| answer.endpoints).map(|endpoint| endpoint.address));
    }

    fn by_system(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params {
            address_list: Vec<String>,
            #[serde(default)]
            aliases: Vec<String>,
        }
        let Some(params) = event.params::<Params>() else { return };
        let Some(looked_up) = self.of_job(event) else { return };
        looked_up.by = Resolver::System;
        looked_up.line = event.line;
        let aliases = params.aliases.iter().map(|alias| name(alias)).filter(|alias| *alias != looked_up.host);
        // What DNS said before is not forgotten because the system is not told it.
        if looked_up.aliases.is_empty() {
            looked_up.aliases = distinct(aliases.take(MOST_ALIASES));
        }
        looked_up.addresses = distinct(params.address_list.iter().map(|address| without_port(address).to_owned()));
    }

    fn of_job(&mut self, event: &Event<'_>) -> Option<&mut Name> {
        self.by_job.get(&event.source).map(|&at| &mut self.all[at])
    }
}

/// The aliases from a name on, which does not go round in circles.
fn chain(host: &str, leads_to: &HashMap<String, String>) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut at = host;
    while let Some(next) = leads_to.get(at).filter(|next| *next != host && !chain.contains(next)) {
        if chain.len() == MOST_ALIASES {
            break;
        }
        chain.push(next.clone());
        at = next;
    }
    chain
}

/// `https://www.clinic.example:8443`, or without a scheme `www.clinic.example:443`.
fn without_scheme_and_port(host: &str) -> &str {
    without_port(host.split_once("://").map_or(host, |(_, host)| host))
}

/// `192.0.2.7:0` and `[2001:db8::7]:0`; an address of version 6 alone has no brackets.
fn without_port(address: &str) -> &str {
    if let Some(inner) = address.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    match address.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => address,
    }
}

fn name(text: &str) -> String {
    text.trim_end_matches('.').to_ascii_lowercase()
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    for one in all.filter(|one| !one.is_empty()) {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::intern::Interner;
    use crate::wire;

    fn check(log: &str, expected: Expect) {
        let names = wire::read(log.as_bytes(), &mut Interner::default()).names;
        let line = |name: &Name| {
            let aliases: String = name.aliases.iter().map(|alias| format!(" -> {alias}")).collect();
            format!("{}{aliases} = {} ({:?}, line {})\n", name.host, name.addresses.join(" "), name.by, name.line)
        };
        expected.assert_eq(&names.iter().map(line).collect::<String>());
    }

    /// Genuine logs of Chromium 156 that was led to a name server on loopback; see `fixtures/README.md`.
    const BY_BROWSER: &str = include_str!("../../fixtures/names/by-browser.json");
    const BY_SYSTEM: &str = include_str!("../../fixtures/names/by-system.json");

    #[test]
    fn the_browsers_own_lookups_have_their_aliases() {
        check(
            BY_BROWSER,
            expect![[r#"
            www.clinic.example = 127.0.0.2 (Browser, line 7)
            metrics.clinic.example -> clinic.sc.omtrdc.net -> edge.omtrdc.net = 127.0.0.2 (Browser, line 13)
        "#]],
        );
    }

    #[test]
    fn the_systems_lookups_have_addresses_alone() {
        check(
            BY_SYSTEM,
            expect![[r#"
            www.clinic.example = 127.0.0.2 (System, line 5)
            metrics.clinic.example = 127.0.0.2 (System, line 9)
        "#]],
        );
    }

    #[test]
    fn a_lookup_without_an_answer_is_one_all_the_same() {
        let begin = BY_BROWSER.find("\"HTTPS\"],\"host\"").unwrap();
        let end = begin + BY_BROWSER[begin..].find('\n').unwrap();
        check(
            &BY_BROWSER[..end],
            expect![[r#"
            www.clinic.example =  (Unknown, line 3)
        "#]],
        );
        check(
            &BY_BROWSER.replace("\"alias_target\":\"clinic.sc.omtrdc.net\"", "\"alias_target\":7"),
            expect![[r#"
            www.clinic.example = 127.0.0.2 (Browser, line 7)
            metrics.clinic.example =  (Unknown, line 9)
        "#]],
        );
    }

    #[test]
    fn a_chain_ends_where_nothing_leads_on_or_leads_back() {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        for (leads_to, expected) in [
            (&[][..], &[][..]),
            (&[("b", "c"), ("a", "b"), ("x", "y")], &["b", "c"]),
            (&[("a", "a")], &[]),
            (&[("a", "b"), ("b", "a")], &["b"]),
            (&[("a", "b"), ("b", "c"), ("c", "b")], &["b", "c"]),
        ] {
            assert_eq!(chain("a", &pairs(leads_to)), expected);
        }
        let long: Vec<(String, String)> = (0..100).map(|number| (format!("n{number}"), format!("n{}", number + 1))).collect();
        assert_eq!(chain("n0", &long.into_iter().collect()).len(), MOST_ALIASES);
    }

    #[test]
    fn hosts_and_addresses_lose_scheme_and_port() {
        for (text, host) in [
            ("https://www.clinic.example", "www.clinic.example"),
            ("http://www.clinic.example:8080", "www.clinic.example"),
            ("www.clinic.example:443", "www.clinic.example"),
            ("www.clinic.example", "www.clinic.example"),
            ("192.0.2.7:0", "192.0.2.7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[", ""),
            ("", ""),
        ] {
            assert_eq!(without_scheme_and_port(text), host, "{text}");
        }
    }
}
