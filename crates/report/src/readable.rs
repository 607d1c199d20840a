//! International host names and addresses, as a reader of their language writes them, where that cannot deceive.

use std::borrow::Cow;

use unicode_security::confusable_detection::skeleton;
use unicode_security::{GeneralSecurityProfile as _, RestrictionLevel, RestrictionLevelDetection as _};

/// A host name, or a text of ours that names some, with international labels in Unicode. A label that could be taken for another one stays
/// as it is sent, as browsers have it: one that mixes scripts which are not written together, that has characters no identifier should
/// have, or all of whose letters look like ASCII.
pub(crate) fn hosts(text: &str) -> Cow<'_, str> {
    if !text.contains("xn--") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = rest.split_at(rest.find(|character| !is_of_host(character)).unwrap_or(rest.len()));
        shown.push_str(&host(name));
        let (between, next) = after.split_at(after.find(is_of_host).unwrap_or(after.len()));
        shown.push_str(between);
        rest = next;
    }
    Cow::Owned(shown)
}

fn is_of_host(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_')
}

fn host(name: &str) -> Cow<'_, str> {
    let labels = name.split('.').map(label);
    if name.contains("xn--") { Cow::Owned(labels.collect::<Vec<_>>().join(".")) } else { Cow::Borrowed(name) }
}

fn label(label: &str) -> Cow<'_, str> {
    if !label.starts_with("xn--") {
        return Cow::Borrowed(label);
    }
    match idna::domain_to_unicode(label) {
        (shown, Ok(())) if cannot_deceive(&shown) && idna::domain_to_ascii(&shown).is_ok_and(|sent| sent == label) => Cow::Owned(shown),
        _ => Cow::Borrowed(label),
    }
}

/// Whether a label in Unicode can be taken for itself alone.
fn cannot_deceive(label: &str) -> bool {
    let is_usual = |character: char| character == '-' || character.identifier_allowed();
    let looks_like_ascii = || skeleton(label).all(|character| character.is_ascii());
    label.chars().all(is_usual) && label.check_restriction_level(RestrictionLevel::HighlyRestrictive) && !looks_like_ascii()
}

/// An address with its host, and the letters of its path and query, as they are read. What is written left to right only: a terminal would
/// turn the rest around.
pub(crate) fn address(address: &str) -> Cow<'_, str> {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    let (host, path) = (hosts(&address[..end]), letters(&address[end..]));
    match (&host, &path) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) => Cow::Borrowed(address),
        _ => Cow::Owned(format!("{host}{path}")),
    }
}

/// Undoes the percent-encoding of letters and digits beyond ASCII, and of nothing else.
fn letters(text: &str) -> Cow<'_, str> {
    if !text.bytes().zip(text.bytes().skip(1)).any(|(percent, digit)| percent == b'%' && matches!(digit.to_ascii_lowercase(), b'c'..=b'f'))
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, length) = encoded_letter(rest).unwrap_or(('%', 1));
        shown.push(character);
        rest = &rest[length..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// The letter at the start of a text, percent-encoded there, and how many bytes that takes.
fn encoded_letter(text: &str) -> Option<(char, usize)> {
    let byte = |index: usize| -> Option<u8> {
        let digits = text.get(3 * index..3 * index + 3)?.strip_prefix('%')?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
    };
    let count = match byte(0)? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes = (0..count).map(byte).collect::<Option<Vec<u8>>>()?;
    let character = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    let is_left_to_right =
        !matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    (is_left_to_right && character.identifier_allowed()).then_some((character, 3 * count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_is_read_where_it_cannot_be_taken_for_another() {
        for (sent, shown) in [
            ("www.xn--mnchen-3ya.example", "www.münchen.example"),
            ("xn--e1aybc.xn--p1ai", "тест.рф"),
            ("xn--fiqs8s", "中国"),
            ("xn--80apagcdp.xn--e1aybc.example", "клиника.тест.example"),
            ("xn--eckwd4c7cu47r2wf.jp", "ドメイン名例.jp"),
            ("xn--3e0b707e", "한국"),
            ("xn--hxakic4aa.example", "ελλάδα.example"),
            ("xn--wgbh1c", "مصر"),
            ("Brightcove at xn--mnchen-3ya.example (sinkhole)", "Brightcove at münchen.example (sinkhole)"),
            // All Cyrillic, and looks like apple.
            ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
            ("www.xn--n1aahb.example", "www.xn--n1aahb.example"),
            // Latin with Cyrillic letters.
            ("xn--hll-rdd1c.example", "xn--hll-rdd1c.example"),
            ("xn--pple-43d.com", "xn--pple-43d.com"),
            // Latin with a Greek letter.
            ("xn--ggle-0nda.example", "xn--ggle-0nda.example"),
            // No name at all.
            ("xn--zzzzzzzz99999999.example", "xn--zzzzzzzz99999999.example"),
            ("xn--", "xn--"),
            ("plain.example", "plain.example"),
        ] {
            assert_eq!(hosts(sent), shown);
        }
    }

    #[test]
    fn an_address_is_read_in_its_host_and_in_its_letters_alone() {
        for (sent, shown) in [
            (
                "https://xn--mnchen-3ya.example/%E6%A4%9C%E6%9F%BB?q=hiv%20t%C3%A9st&x=%2F%25",
                "https://münchen.example/検査?q=hiv%20tést&x=%2F%25",
            ),
            ("https://clinic.example/a%20b%2Fc", "https://clinic.example/a%20b%2Fc"),
            (
                "https://clinic.example/?next=https://xn--mnchen-3ya.example/",
                "https://clinic.example/?next=https://xn--mnchen-3ya.example/",
            ),
            ("https://clinic.example/%E2%80%AE%D7%90%C3%", "https://clinic.example/%E2%80%AE%D7%90%C3%"),
            ("about:blank", "about:blank"),
        ] {
            assert_eq!(address(sent), shown);
        }
    }
}
