use thiserror::Error;

use crate::definition::{Definition, Endpoint, HostPattern};
use crate::pattern::Captures;

/// Definitions that are compiled in, in order; `tests/classify/definitions.rs` checks that these are all.
const BUILT_IN: &[(&str, &str)] = &[
    ("google_analytics_4.toml", include_str!("../vendors/google_analytics_4.toml")),
    ("meta_pixel.toml", include_str!("../vendors/meta_pixel.toml")),
    ("tiktok_pixel.toml", include_str!("../vendors/tiktok_pixel.toml")),
];

/// What is known of vendors.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    all: Vec<Definition>,
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
    pub(crate) captures: Captures,
}

impl Definitions {
    /// The definitions that come with pixelwitness.
    #[must_use]
    pub fn built_in() -> Self {
        let mut definitions = Self::default();
        for (file, text) in BUILT_IN {
            definitions.add(file, text).expect("a test reads every built-in definition");
        }
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
        match self.all.iter_mut().find(|other| other.id == definition.id) {
            Some(other) => *other = definition,
            None => self.all.push(definition),
        }
        Ok(())
    }

    /// Files of the definitions that come with pixelwitness, in order.
    pub fn built_in_files() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(file, _)| *file)
    }

    /// Endpoints that an address fits; those that name their host come first.
    pub(crate) fn candidates<'a>(&'a self, address: Address<'_>) -> Vec<Candidate<'a>> {
        let path = address.path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(address.path);
        let fits = |endpoint: &Endpoint| {
            let method = endpoint.methods.is_empty() || endpoint.methods.iter().any(|method| method == address.method);
            if method && endpoint.host.matches(address.host) { endpoint.path.0.captures(path, '/') } else { None }
        };
        let mut candidates: Vec<Candidate<'a>> = self
            .all
            .iter()
            .flat_map(|definition| definition.endpoints.iter().map(move |endpoint| (definition, endpoint)))
            .filter_map(|(definition, endpoint)| fits(endpoint).map(|captures| Candidate { definition, endpoint, captures }))
            .collect();
        candidates.sort_by_key(|candidate| candidate.endpoint.host == HostPattern::Any);
        candidates
    }

    /// The definitions of the company that runs a host.
    pub(crate) fn of_owner(&self, host: &str) -> Vec<&Definition> {
        let named = |pattern: &HostPattern| *pattern != HostPattern::Any && pattern.matches(host);
        let runs = |definition: &&Definition| {
            definition.owner_hosts.iter().any(named) || definition.endpoints.iter().any(|endpoint| named(&endpoint.host))
        };
        let Some(first) = self.all.iter().find(runs) else { return Vec::new() };
        self.all.iter().filter(|definition| definition.owner == first.owner).collect()
    }

    /// Parameters that are equal in an event of this vendor and its copy.
    pub(crate) fn same_event(&self, vendor: &str) -> &[String] {
        self.all.iter().find(|definition| definition.id == vendor).map(|definition| definition.same_event.as_slice()).unwrap_or_default()
    }

    /// The definition whose advertisements add a parameter of this name to addresses.
    pub(crate) fn of_click_id(&self, parameter: &str) -> Option<&Definition> {
        self.all.iter().find(|definition| definition.click_ids.iter().any(|name| name == parameter))
    }
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

    /// An address that an endpoint is made for has to fit that endpoint and no other, or the order would decide who reads it.
    #[test]
    fn endpoints_do_not_overlap() {
        let definitions = Definitions::built_in();
        for definition in &definitions.all {
            for endpoint in &definition.endpoints {
                let host = match &endpoint.host {
                    HostPattern::Domain(domain) => domain.clone(),
                    HostPattern::AnySuffix(label) => format!("www.{label}.co.uk"),
                    HostPattern::Any => "metrics.clinic.example".to_owned(),
                };
                let path = endpoint.path.0.source().replace("**", "x/y").replace(['*', '#'], "1");
                let method = endpoint.methods.first().map_or("GET", String::as_str);
                let candidates = definitions.candidates(Address { method, host: &host, path: &path });
                let fitting: Vec<String> = candidates
                    .iter()
                    .filter(|candidate| (candidate.endpoint.host == HostPattern::Any) == (endpoint.host == HostPattern::Any))
                    .map(|candidate| format!("{} {}", candidate.definition.id, candidate.endpoint.path.0))
                    .collect();
                assert_eq!(fitting, [format!("{} {}", definition.id, endpoint.path.0)], "{method} {host}{path}");
            }
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
