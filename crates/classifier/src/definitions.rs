use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::definition::{Definition, Endpoint};
use crate::hosts::HostIndex;
use crate::pattern::Captures;
use crate::rule::Rules;
use crate::vendor::Vendor;

/// The files in `vendors`, in order, each with what it says as JSON: `build.rs` writes them so.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/definitions.rs"));

/// What is known of vendors.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    all: Vec<Definition>,
    /// Endpoints, each as the number of its definition and its own number there.
    endpoints: HostIndex<(usize, usize)>,
    /// Definitions whose owner runs a host.
    owners: HostIndex<usize>,
    /// Definitions that name cookies of their owner, by the owner.
    owner_cookies: FxHashMap<String, Vec<usize>>,
    /// Names of parameters that advertisements add to addresses, each with the definition that says so.
    click_ids: FxHashMap<String, usize>,
}

/// Why a definition cannot be used.
///
/// Messages finish the sentence "cannot use the vendor definition …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}, line {line}, column {column}: {message}")]
pub struct DefinitionError {
    /// The file's name.
    pub file: String,
    /// Line, 1 is the first.
    pub line: usize,
    /// Column, 1 is the first.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// A request's address, taken apart for matching.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
}

/// An endpoint that an address fits.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) captures: Captures<'a>,
}

impl Definitions {
    /// The definitions that come with pixelwitness.
    #[must_use]
    pub fn built_in() -> Self {
        let mut definitions = Self::default();
        for (_, json) in BUILT_IN {
            definitions.put(serde_json::from_str(json).expect("a test reads the file of every built-in definition"));
        }
        definitions.index();
        definitions
    }

    /// Adds a definition; one with the identifier of another takes its place.
    ///
    /// # Errors
    ///
    /// It is not TOML, or has a key or value that a definition does not have.
    pub fn add(&mut self, file_name: &str, toml: &str) -> Result<(), DefinitionError> {
        let definition: Definition = toml::from_str(toml).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(file_name, toml, at, error.message())
        })?;
        if definition.endpoints.is_empty() || definition.sources.is_empty() {
            return Err(wrong(file_name, toml, 0, "a definition needs an [[endpoint]], and sources to check it against"));
        }
        self.put(definition);
        self.index();
        Ok(())
    }

    fn put(&mut self, mut definition: Definition) {
        definition.params.settle(definition.confidence, definition.tcf_vendor);
        definition.cookies.settle(definition.confidence, definition.tcf_vendor);
        definition.owner_cookies.settle(definition.confidence, definition.tcf_vendor);
        definition.owner_cookies.lend(&definition.id);
        match self.all.iter_mut().find(|other| other.id == definition.id) {
            Some(other) => *other = definition,
            None => self.all.push(definition),
        }
    }

    fn index(&mut self) {
        (self.endpoints, self.owners) = (HostIndex::default(), HostIndex::default());
        (self.owner_cookies, self.click_ids) = (FxHashMap::default(), FxHashMap::default());
        // What takes any path comes last: a path that is known says more than a form.
        for by_form in [false, true] {
            for (number, definition) in self.all.iter().enumerate() {
                for (own_number, endpoint) in
                    definition.endpoints.iter().enumerate().filter(|(_, endpoint)| endpoint.is_by_form() == by_form)
                {
                    endpoint.hosts.iter().for_each(|host| self.endpoints.insert(host, (number, own_number)));
                }
            }
        }
        for (number, definition) in self.all.iter().enumerate() {
            let hosts = definition.endpoints.iter().flat_map(|endpoint| &endpoint.hosts).chain(&definition.owner_hosts);
            hosts.for_each(|host| self.owners.insert(host, number));
            if !definition.owner_cookies.is_empty() {
                self.owner_cookies.entry(definition.owner.clone()).or_default().push(number);
            }
            for name in &definition.click_ids {
                self.click_ids.entry(name.clone()).or_insert(number);
            }
        }
    }

    /// Files of the definitions that come with pixelwitness, in order.
    pub fn built_in_files() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(file, _)| *file)
    }

    /// The products that are known, in order.
    pub fn vendors(&self) -> impl Iterator<Item = Vendor> {
        self.all.iter().map(|definition| Vendor {
            id: definition.id.clone(),
            name: definition.name.clone(),
            owner: definition.owner.clone(),
            entity: definition.entity.clone(),
            purpose: definition.purpose,
            confidence: definition.confidence,
            sources: definition.sources.clone(),
        })
    }

    /// Endpoints that an address fits; those that name their host come first, and those that take any path last.
    pub(crate) fn candidates<'a, 'b>(&'a self, address: Address<'b>) -> impl Iterator<Item = Candidate<'a>> {
        let numbers = self.endpoints.named(address.host).into_iter().chain(self.endpoints.unnamed().iter().copied());
        numbers.filter_map(move |(number, own_number)| {
            let definition = self.all.get(number)?;
            let endpoint = definition.endpoints.get(own_number)?;
            fit(endpoint, address).map(|captures| Candidate { definition, endpoint, captures })
        })
    }

    /// The definitions of the company that runs a host.
    pub(crate) fn of_owner(&self, host: &str) -> Vec<&Definition> {
        let Some(first) = self.owners.named(host).first().and_then(|number| self.all.get(*number)) else { return Vec::new() };
        self.all.iter().filter(|definition| definition.owner == first.owner).collect()
    }

    /// What is known of the cookies that this owner keeps on its hosts.
    pub(crate) fn owner_cookies(&self, owner: &str) -> impl Iterator<Item = &Rules> {
        let numbers = self.owner_cookies.get(owner).into_iter().flatten();
        numbers.filter_map(|number| self.all.get(*number)).map(|definition| &definition.owner_cookies)
    }

    /// Parameters that are equal in an event of this vendor and its copy.
    pub(crate) fn same_event(&self, vendor: &str) -> &[String] {
        self.all.iter().find(|definition| definition.id == vendor).map(|definition| definition.same_event.as_slice()).unwrap_or_default()
    }

    /// The definition whose advertisements add a parameter of this name to addresses.
    pub(crate) fn of_click_id(&self, parameter: &str) -> Option<&Definition> {
        self.click_ids.get(parameter).and_then(|number| self.all.get(*number))
    }
}

/// What the path's pattern takes out of an address that fits.
fn fit<'a>(endpoint: &'a Endpoint, address: Address<'_>) -> Option<Captures<'a>> {
    if !endpoint.methods.is_empty() && !endpoint.methods.iter().any(|method| method == address.method) {
        return None;
    }
    let path = if endpoint.semicolons { address.path.split(';').next().unwrap_or_default() } else { address.path };
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    endpoint.paths.iter().find_map(|pattern| pattern.0.captures(path, '/'))
}

fn wrong(file: &str, text: &str, at: usize, message: &str) -> DefinitionError {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
    DefinitionError {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: message.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::HostPattern;

    /// An address that an endpoint is made for has to fit that endpoint and no other, or the order would decide who reads it. Where
    /// two endpoints take the same path on any host, or on one host of their owner, each has to say what it requires.
    #[test]
    fn endpoints_do_not_overlap() {
        let definitions = Definitions::built_in();
        for (definition, endpoint) in definitions.all.iter().flat_map(|one| one.endpoints.iter().map(move |endpoint| (one, endpoint))) {
            for (host, path) in endpoint.hosts.iter().flat_map(|host| endpoint.paths.iter().map(move |path| (host, path))) {
                let is_any = *host == HostPattern::Any;
                let host = match host {
                    HostPattern::Domain(domain) => domain.clone(),
                    HostPattern::AnySuffix(label) => format!("www.{label}.co.uk"),
                    HostPattern::Any => "metrics.clinic.example".to_owned(),
                };
                let path = path.0.source().replace("**", "x/y").replace(['*', '#'], "1");
                let method = endpoint.methods.first().map_or("GET", String::as_str);
                let candidates = definitions.candidates(Address { method, host: &host, path: &path }).collect::<Vec<Candidate<'_>>>();
                // What takes any path fits every address, and comes after the rest.
                let is_of_one_sort = |candidate: &&Candidate<'_>| {
                    let other = candidate.endpoint;
                    other.hosts.contains(&HostPattern::Any) == is_any && other.is_by_form() == endpoint.is_by_form()
                };
                let fitting: Vec<&Candidate<'_>> = candidates.iter().filter(is_of_one_sort).collect();
                let who = || fitting.iter().map(|candidate| candidate.definition.id.as_str()).collect::<Vec<_>>();
                let tells_apart = |candidate: &&Candidate<'_>| !candidate.endpoint.requires.is_empty();
                assert!(
                    fitting.iter().any(|candidate| std::ptr::eq(candidate.endpoint, endpoint)),
                    "{} {method} {host}{path}",
                    definition.id
                );
                assert!(fitting.len() == 1 || fitting.iter().all(tells_apart), "{method} {host}{path} fits {:?}", who());
            }
        }
    }

    /// What nobody ever sent through the definition may be wrong in it.
    #[test]
    fn every_endpoint_has_a_fixture() {
        let definitions = Definitions::built_in();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        for definition in &definitions.all {
            let mut unseen: Vec<&Endpoint> = definition.endpoints.iter().collect();
            for entry in std::fs::read_dir(folder.join(&definition.id)).unwrap() {
                let text = std::fs::read(entry.unwrap().path()).unwrap();
                let line = String::from_utf8_lossy(text.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
                let (method, url) = line.split_once(' ').unwrap();
                let (host, path) = (crate::party::host_of(url).unwrap(), crate::address::path(url));
                for candidate in definitions.candidates(Address { method, host: &host, path: path.text }) {
                    let is_meant = !candidate.endpoint.is_by_form() || candidate.endpoint.requires.iter().all(|one| one.may_be_in(&text));
                    unseen.retain(|endpoint| !std::ptr::eq(*endpoint, candidate.endpoint) || !is_meant);
                }
            }
            let unseen: Vec<&str> = unseen.iter().map(|endpoint| endpoint.paths[0].0.source()).collect();
            assert!(unseen.is_empty(), "{} has no fixture for {unseen:?}", definition.id);
        }
    }

    #[test]
    fn hosts_are_matched_with_their_subdomains_and_no_others() {
        let definitions = Definitions::built_in();
        for (host, owner) in [
            ("facebook.com", Some("Meta Platforms")),
            ("www.facebook.com", Some("Meta Platforms")),
            ("notfacebook.com", None),
            ("facebook.com.clinic.example", None),
            ("www.google.co.uk", Some("Google (Alphabet)")),
            ("google.clinic.example", None),
            ("region1.google-analytics.com", Some("Google (Alphabet)")),
            ("analytics.tiktok.com", Some("ByteDance (TikTok)")),
            ("192.0.2.7", None),
        ] {
            let found = definitions.of_owner(host);
            assert_eq!(found.first().map(|definition| definition.owner.as_str()), owner, "{host}");
        }
    }
}
