//! The pages that were visited, as far as a value that was sent can be one of them: by address, by path, by title.

use std::borrow::Cow;

use pixelwitness_recording::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::address;
use crate::codecs::percent_text;
use crate::party::{domain_of_address, host_of};
use crate::search::html_text;

/// Characters that a title has at the least to be told from a word.
const LEAST_TITLE: usize = 12;

/// Characters that a path has at the least to be told from a word, unless it has two segments.
const LEAST_PATH: usize = 12;

/// Bytes of a page's source in which its title is looked for.
const MOST_SOURCE: usize = 256 << 10;

/// The pages of a recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    /// Host and path of each.
    addresses: FxHashSet<String>,
    /// Each path, with and without its query, as it is written and decoded, and the registrable domains of its pages.
    paths: FxHashMap<String, Vec<String>>,
    /// Each title, and the registrable domains of its pages.
    titles: FxHashMap<String, Vec<String>>,
}

/// What of a visited page a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PagePart {
    Address,
    AddressWithoutScheme,
    Path,
    PathWithQuery,
    Title,
}

impl Pages {
    pub(crate) fn add(&mut self, address: &str) {
        let Some(page) = host_and_path(address) else { return };
        self.addresses.insert(page);
        let (Some(domain), path) = (domain_of_address(address), address::path_with_query(address)) else { return };
        let without_query = path.split('?').next().unwrap_or_default();
        for path in [path, without_query] {
            let decoded = percent_text(path.as_bytes(), false);
            for path in [path, &decoded] {
                let path = path.trim_end_matches('/');
                if is_told_from_a_word(path) {
                    note(&mut self.paths, path, &domain);
                }
            }
        }
    }

    /// The title of a site's front page names the site and nothing more.
    pub(crate) fn add_title(&mut self, address: &str, title: &str) {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.chars().count() < LEAST_TITLE || !address::names_more_than_the_site(address) {
            return;
        }
        if let Some(domain) = domain_of_address(address) {
            note(&mut self.titles, &title, &domain);
        }
    }

    /// The title that a page came with, as its source has it.
    pub(crate) fn add_source(&mut self, address: &str, source: Option<&Bytes>) {
        let source = source.map(|bytes| &bytes.0[..bytes.0.len().min(MOST_SOURCE)]).unwrap_or_default();
        if let Some(title) = title_in(source) {
            self.add_title(address, &title);
        }
    }

    /// What this value is of a page that was visited, where that page is not of the domain `own`: nobody is told what is on a page of its own.
    pub(crate) fn part(&self, value: &str, own: &dyn Fn(&str) -> bool) -> Option<PagePart> {
        let others = |domains: Option<&Vec<String>>| domains.is_some_and(|domains| !domains.iter().any(|domain| own(domain)));
        if address::begins_as_one(value) {
            return (self.has_address(value) && !domain_of_address(value).is_some_and(|domain| own(&domain))).then_some(PagePart::Address);
        }
        let path = value.split('#').next().unwrap_or_default().trim_end_matches('/');
        if path.starts_with('/') && !path.starts_with("//") {
            let part = if path.contains('?') { PagePart::PathWithQuery } else { PagePart::Path };
            return others(self.paths.get(path)).then_some(part);
        }
        if others(self.titles.get(value.trim())) {
            return Some(PagePart::Title);
        }
        let address = self.without_scheme(value)?;
        (!domain_of_address(&address).is_some_and(|domain| own(&domain))).then_some(PagePart::AddressWithoutScheme)
    }

    /// Whether this is the address of a page that was visited, whatever query it has.
    fn has_address(&self, address: &str) -> bool {
        host_and_path(address).is_some_and(|page| self.addresses.contains(&page))
    }

    /// The address that this would be with a scheme, where a page that was visited has it.
    fn without_scheme(&self, value: &str) -> Option<String> {
        let host = value.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
        let is_host = host.contains('.') && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
        if !is_host || value.len() == host.len() {
            return None;
        }
        let address = format!("https://{}", value.trim_start_matches('/'));
        self.has_address(&address).then_some(address)
    }
}

impl PagePart {
    /// Why a value is taken for this, in words.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Address => "the value is the address of a page that was visited",
            Self::AddressWithoutScheme => "the value is the address of a page that was visited, without its scheme",
            Self::Path => "the value equals the path of a page that was visited",
            Self::PathWithQuery => "the value equals the path and query of a page that was visited",
            Self::Title => "the value equals the title of a page that was visited",
        }
    }
}

fn note(places: &mut FxHashMap<String, Vec<String>>, key: &str, domain: &str) {
    let domains = places.entry(key.to_owned()).or_default();
    if !domains.iter().any(|known| known == domain) {
        domains.push(domain.to_owned());
    }
}

/// `/` and `/en` stand in many requests and name no page.
fn is_told_from_a_word(path: &str) -> bool {
    let segments = path.split('?').next().unwrap_or_default().split('/').filter(|segment| !segment.is_empty()).count();
    segments >= 2 || path.chars().count() >= LEAST_PATH
}

/// Host and path of a web address.
fn host_and_path(address: &str) -> Option<String> {
    // Most values are no addresses, and to parse each would take long.
    if !address::begins_as_one(address) {
        return None;
    }
    Some(format!("{}{}", host_of(address)?, address::path(address).text.trim_end_matches('/')))
}

/// What stands in the first `<title>`, its character references undone.
fn title_in(source: &[u8]) -> Option<Cow<'_, str>> {
    let tag = memchr::memchr_iter(b'<', source).find(|at| has_name(&source[*at + 1..], b"title"))?;
    let start = tag + memchr::memchr(b'>', &source[tag..])? + 1;
    let length = memchr::memchr_iter(b'<', &source[start..]).find(|at| has_name(&source[start + at + 1..], b"/title"))?;
    Some(html_text(&source[start..start + length]))
}

fn has_name(tag: &[u8], name: &[u8]) -> bool {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
    tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) && tag.get(name.len()).is_some_and(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Pages {
        let mut pages = Pages::default();
        for address in [
            "https://www.clinic.example/hiv/prep?from=home#top",
            "https://www.clinic.example/en/",
            "https://www.clinic.example/caf%C3%A9/menu/",
            "https://www.clinic.example/find?q=hiv+test",
            "https://www.clinic.example/appointments",
            "https://shop.example/basket/pay",
            "about:blank",
        ] {
            pages.add(address);
        }
        pages.add_title("https://www.clinic.example/hiv/prep", "  PrEP:  what it is ");
        pages.add_title("https://www.clinic.example/", "The Clinic at the Harbour");
        pages.add_title("https://www.clinic.example/en", "Welcome");
        pages.add_title("https://shop.example/basket/pay", "Pay for what is in the basket");
        pages
    }

    #[test]
    fn a_value_is_a_page_only_where_it_can_be_nothing_else() {
        use PagePart::{Address, AddressWithoutScheme, Path, PathWithQuery, Title};
        let pages = pages();
        for (value, part) in [
            ("https://www.clinic.example/hiv/prep", Some(Address)),
            ("HTTP://www.clinic.example/hiv/prep/?other=1", Some(Address)),
            ("https://www.clinic.example/hiv", None),
            ("www.clinic.example/hiv/prep", Some(AddressWithoutScheme)),
            ("//www.clinic.example/hiv/prep?x", Some(AddressWithoutScheme)),
            ("www.clinic.example", None),
            ("www.elsewhere.example/hiv/prep", None),
            ("/hiv/prep", Some(Path)),
            ("/hiv/prep/", Some(Path)),
            ("/hiv/prep#dose", Some(Path)),
            ("/HIV/prep", None),
            ("/hiv/prep?from=home", Some(PathWithQuery)),
            ("/hiv/prep?from=afar", None),
            ("hiv/prep", None),
            ("/caf%C3%A9/menu", Some(Path)),
            ("/café/menu", Some(Path)),
            ("/appointments", Some(Path)),
            ("/find", None),
            ("/find?q=hiv+test", Some(PathWithQuery)),
            ("/find?q=hiv test", None),
            ("/en", None),
            ("/", None),
            ("", None),
            ("PrEP: what it is", Some(Title)),
            (" PrEP: what it is\n", Some(Title)),
            ("prep: what it is", None),
            ("The Clinic at the Harbour", None),
            ("Welcome", None),
            ("https://shop.example/basket/pay", None),
            ("shop.example/basket/pay", None),
            ("/basket/pay", None),
            ("Pay for what is in the basket", None),
        ] {
            assert_eq!(pages.part(value, &|domain| domain == "shop.example"), part, "{value}");
        }
    }
    #[test]
    fn a_title_is_what_the_source_says() {
        for (source, title) in [
            ("<!doctype html><HTML><head><TITLE lang=en>\n PrEP &amp; you&#33;</Title>", Some("\n PrEP & you!")),
            ("<title>one</title><svg><title>two</title></svg>", Some("one")),
            ("<titles>one</titles><title>two</title >", Some("two")),
            ("<title>one", None),
            ("<title", None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(title_in(source.as_bytes()).as_deref(), title, "{source}");
        }
    }
}
