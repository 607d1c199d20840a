//! What an address holds: a request's own, and those that stand as values in requests.

use std::ops::Range;

use crate::codecs::{Parameter, form_parameters, pairs, percent_text};
use crate::piece::{Arena, Piece};
use crate::{Encoding, Part, placeholder};

/// Names that site searches give the searched text in an address.
const SEARCH_NAMES: &[&str] = &[
    "q",
    "s",
    "query",
    "search",
    "search_query",
    "searchquery",
    "search_term",
    "searchterm",
    "search-term",
    "searchtext",
    "search_text",
    "searchphrase",
    "search_string",
    "searchstring",
    "term",
    "terms",
    "keyword",
    "keywords",
    "search_api_fulltext",
];

/// What submit buttons of searches say, in lower case. A form sends a button's text along under the button's name.
const BUTTONS: &[&str] = &[
    "search",
    "go",
    "find",
    "submit",
    "ok",
    "suche",
    "suchen",
    "rechercher",
    "chercher",
    "buscar",
    "cerca",
    "zoeken",
    "szukaj",
    "hledat",
    "sök",
    "søg",
    "søk",
];

/// Where Meta's script then lists the hashes of the names of what it took out.
const REMOVED_LIST: &[u8] = b"_filteredParams";

/// The path of an address and where it begins there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathOf<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

/// Whether a value begins as a web address does.
pub(crate) fn begins_as_one(value: &str) -> bool {
    let is_scheme = |scheme: &str| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    is_scheme("http") && (is_scheme("http://") || is_scheme("https://"))
}

/// The path of a request's address.
pub(crate) fn path(address: &str) -> PathOf<'_> {
    let bytes = address.as_bytes();
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let scheme = bytes.iter().position(|byte| !is_scheme(byte)).unwrap_or(bytes.len());
    let host = if bytes[scheme..].starts_with(b"://") { scheme + 3 } else { 0 };
    let start = memchr::memchr3(b'/', b'?', b'#', &bytes[host..]).map_or(bytes.len(), |found| host + found);
    let end = memchr::memchr2(b'?', b'#', &bytes[start..]).map_or(bytes.len(), |found| start + found);
    let text = &address[start..end];
    PathOf { text: if text.is_empty() { "/" } else { text }, start }
}

/// The path of a web address and its query, without a fragment.
pub(crate) fn path_with_query(address: &str) -> &str {
    let rest = address.get(path(address).start..).unwrap_or_default();
    rest.split('#').next().unwrap_or_default()
}

/// What follows the question mark of a request's own address.
pub(crate) fn query_piece<'a>(address: &'a str, arena: &'a Arena) -> Option<Piece<'a>> {
    let bytes = address.as_bytes();
    let mark = memchr::memchr(b'?', bytes)?;
    let end = memchr::memchr(b'#', &bytes[mark..]).map_or(bytes.len(), |found| mark + found);
    Some(Piece::kept_in(arena, &bytes[mark + 1..end], mark + 1))
}

/// The parameters of an address that is a value: of its query, and of its fragment where that looks like a query.
pub(crate) fn inner_query<'a>(address: &Piece<'a>) -> Vec<Parameter<'a>> {
    let queries = queries(address.bytes);
    queries.flat_map(|query| form_parameters(&address.slice(query).inside(Encoding::Url), Part::Query)).collect()
}

/// Where the queries of an address that is a value stand: what follows a question mark, before a fragment and in it.
fn queries(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let fragment = memchr::memchr(b'#', bytes).unwrap_or(bytes.len());
    let parts = [0..fragment, fragment..bytes.len()].into_iter();
    parts.filter_map(|part| memchr::memchr(b'?', &bytes[part.clone()]).map(|mark| part.start + mark + 1..part.end))
}

/// Whether a parameter of an address is what somebody searched for: it has the name that site searches use, and letters.
pub(crate) fn is_search_term(parameter: &Parameter<'_>) -> bool {
    let name = parameter.name.to_ascii_lowercase();
    SEARCH_NAMES.contains(&name.as_str()) && parameter.piece.text().chars().any(char::is_alphabetic) && !is_removed(parameter)
}

/// Whether a parameter is the submit button of a search form: it says what it is called, or what such buttons say beside what was searched for.
pub(crate) fn is_a_button(parameter: &Parameter<'_>, beside: &[Parameter<'_>]) -> bool {
    let value = parameter.piece.text();
    let value = value.trim().to_lowercase();
    let is_another = |other: &&Parameter<'_>| other.name != parameter.name && is_search_term(other);
    value == parameter.name.to_lowercase() || BUTTONS.contains(&value.as_str()) && beside.iter().any(|other| is_another(&other))
}

/// Whether all that was sent of a parameter is that it was taken out, or that something is to be put there.
pub(crate) fn is_removed(parameter: &Parameter<'_>) -> bool {
    placeholder::is_one(&parameter.piece.text())
}

/// Says so where a vendor's script took parameters out of an address before it was sent.
pub(crate) fn removal_note(address: &Piece<'_>) -> Option<String> {
    let bytes = address.bytes;
    let pairs_in = |query: Range<usize>| {
        pairs(&bytes[query.clone()]).map(move |pair| (&bytes[query.clone()][pair.name], &bytes[query.clone()][pair.value]))
    };
    let removed = queries(bytes).flat_map(pairs_in).filter(|(_, value)| placeholder::is_removed(&percent_text(value, true)));
    let names = removed.map(|(name, _)| percent_text(name, true)).collect::<Vec<_>>().join(", ");
    if !names.is_empty() {
        return Some(format!("what these parameters held was taken out by the script and not sent: {names}"));
    }
    let has_list = pairs(address.bytes).any(|pair| address.bytes[pair.name].ends_with(REMOVED_LIST));
    has_list.then(|| "what some parameters held was taken out by the script and not sent".to_owned())
}

/// Whether an address says more than which site it is of.
pub(crate) fn names_more_than_the_site(address: &str) -> bool {
    let path = path(address);
    let after = address.get(path.start..).unwrap_or_default();
    !matches!(after, "" | "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_apart() {
        for (address, expected, start) in [
            ("https://a.example/b/c?d=/e#f", "/b/c", 17),
            ("https://a.example?d", "/", 17),
            ("https://a.example", "/", 17),
            ("/dp/only?x", "/dp/only", 0),
            ("/dp/only?x=https://a.example/b", "/dp/only", 0),
            ("", "/", 0),
        ] {
            assert_eq!((path(address).text, path(address).start), (expected, start), "{address}");
        }
        for (address, more) in
            [("https://a.example/", false), ("https://a.example", false), ("https://a.example/b", true), ("https://a.example/?b", true)]
        {
            assert_eq!(names_more_than_the_site(address), more, "{address}");
        }
    }

    #[test]
    fn searches_inside_addresses_are_known_by_their_names() {
        for (address, terms) in [
            ("https://a.example/find?q=hiv+test&page=2", vec!["hiv test"]),
            ("https://a.example/#/find?Keyword=prep", vec!["prep"]),
            ("/find?s=a&query=b", vec!["a", "b"]),
            ("https://a.example/?s=12&p=hiv&utm_term=hiv", vec![]),
            ("https://a.example/?q=_removed_&_filteredParams=ab", vec![]),
            ("https://a.example/?q=(redacted)", vec![]),
            ("https://a.example/q=hiv", vec![]),
            ("https://a.example/?s={search_term_string}", vec![]),
            ("https://a.example/?s=%7Bsearch_term%7D&q=%25s", vec![]),
            ("https://a.example/?q=[search terms redacted]", vec![]),
            ("https://a.example/?q=***", vec![]),
        ] {
            let found = inner_query(&Piece::new(address.as_bytes(), 0));
            let found: Vec<String> = found.iter().filter(|one| is_search_term(one)).map(|one| one.piece.text().into_owned()).collect();
            assert_eq!(found, terms, "{address}");
        }
    }

    #[test]
    fn the_button_of_a_search_is_no_search_term() {
        for (address, terms) in [
            ("https://a.example/?s=pregnancy&search=Search", vec!["pregnancy"]),
            ("https://a.example/?search=Search&s=pregnancy", vec!["pregnancy"]),
            ("https://a.example/?keys=pregnancy&search=SEARCH", vec![]),
            ("https://a.example/?q=hiv&search=Suchen", vec!["hiv"]),
            ("https://a.example/?q=hiv&query=Go", vec!["hiv"]),
            // Somebody may well look for the way to give something up.
            ("https://a.example/?q=go", vec!["go"]),
            ("https://a.example/?q=search", vec!["search"]),
            ("https://a.example/?q=hiv&s=aids", vec!["hiv", "aids"]),
        ] {
            let found = inner_query(&Piece::new(address.as_bytes(), 0));
            let terms_of = found.iter().filter(|one| is_search_term(one) && !is_a_button(one, &found));
            let read: Vec<String> = terms_of.map(|one| one.piece.text().into_owned()).collect();
            assert_eq!(read, terms, "{address}");
        }
    }

    #[test]
    fn what_was_taken_out_is_said() {
        for (address, note) in [
            (
                "https://a.example/?q=_removed_&_filteredParams=ab",
                Some("what these parameters held was taken out by the script and not sent: q"),
            ),
            ("https://a.example/?b=1&_filteredParams=ab", Some("what some parameters held was taken out by the script and not sent")),
            ("https://a.example/?_filteredParams=ab", Some("what some parameters held was taken out by the script and not sent")),
            ("https://a.example/?q=hiv", None),
        ] {
            assert_eq!(removal_note(&Piece::new(address.as_bytes(), 0)).as_deref(), note, "{address}");
        }
    }
}
