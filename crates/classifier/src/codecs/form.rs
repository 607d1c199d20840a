use std::ops::Range;

use super::{MOST_PARAMETERS, Parameter, percent};
use crate::piece::Piece;
use crate::{Encoding, Part};

/// `name=value&name=value`, as in an address's query and a form-encoded body.
pub(crate) fn parameters<'a>(piece: &Piece<'a>, part: Part) -> Vec<Parameter<'a>> {
    let mut parameters = Vec::with_capacity(memchr::memchr_iter(b'&', piece.bytes).take(MOST_PARAMETERS).count() + 1);
    // To see once that it is text is quicker than to see it of each name.
    let text = std::str::from_utf8(piece.bytes).ok();
    for pair in pairs(piece.bytes) {
        let plain = text.filter(|_| pair.name_is_plain).and_then(|text| text.get(pair.name.clone()));
        let name = plain.unwrap_or_else(|| percent::name(piece, pair.name, true));
        if pair.is_plain {
            parameters.push(Parameter::new(name, part, piece.slice(pair.value).inside(Encoding::Percent)));
        } else {
            parameters.push(Parameter::new(name, part, percent::decode(&piece.slice(pair.value), true)));
        }
    }
    parameters
}

/// Where a pair's name and value stand.
pub(crate) struct Pair {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
    /// Whether no escape stands in the name.
    name_is_plain: bool,
    /// Whether none stands in the value.
    is_plain: bool,
}

/// Splits at `&`, and each pair at its first `=`. A pair without `=` is a name without a value.
pub(crate) fn pairs(bytes: &[u8]) -> impl Iterator<Item = Pair> {
    let mut next = Some(0);
    let mut found = 0;
    std::iter::from_fn(move || {
        loop {
            let start = next?;
            found += 1;
            let pair = pair(bytes, start, found < MOST_PARAMETERS);
            let end = pair.value.end;
            next = (end < bytes.len()).then_some(end + 1);
            if start < end {
                return Some(pair);
            }
        }
    })
}

/// The pair that begins here. Names are short, and values are not.
fn pair(bytes: &[u8], start: usize, ends: bool) -> Pair {
    let mut name_is_plain = true;
    let ends_name = |byte: &u8| {
        name_is_plain &= !matches!(byte, b'%' | b'+');
        *byte == b'=' || (*byte == b'&' && ends)
    };
    let name = start..bytes[start..].iter().position(ends_name).map_or(bytes.len(), |length| start + length);
    if bytes.get(name.end) != Some(&b'=') {
        return Pair { value: name.end..name.end, name, name_is_plain, is_plain: true };
    }
    let rest = &bytes[name.end + 1..];
    let found = memchr::memchr3(b'&', b'%', b'+', rest);
    let is_plain = found.is_none_or(|at| ends && rest[at] == b'&');
    let length = if is_plain { found } else { memchr::memchr(b'&', rest).filter(|_| ends) };
    Pair { value: name.end + 1..length.map_or(bytes.len(), |length| name.end + 1 + length), name, name_is_plain, is_plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_comes_out_with_its_place() {
        let list = |text: &str| -> Vec<(String, String, usize, usize)> {
            let found = parameters(&Piece::new(text.as_bytes(), 0), Part::Form);
            found.iter().map(|one| (one.name.to_string(), one.piece.text().into_owned(), one.range().start, one.range().end)).collect()
        };
        let pair = |name: &str, value: &str, start, end| (name.to_owned(), value.to_owned(), start, end);
        assert_eq!(list("cd%5Bvalue%5D=1+2&b=x=y"), [pair("cd[value]", "1 2", 14, 17), pair("b", "x=y", 20, 23)]);
        assert_eq!(list("&&a&=b&"), [pair("a", "", 3, 3), pair("", "b", 5, 6)]);
        assert_eq!(list(""), []);
    }

    #[test]
    fn a_flood_of_pairs_ends_in_one_piece() {
        let text = "a=1&".repeat(MOST_PARAMETERS * 2);
        let found = parameters(&Piece::new(text.as_bytes(), 0), Part::Form);
        assert_eq!(found.len(), MOST_PARAMETERS);
        assert!(found.last().is_some_and(|last| last.range().end == text.len()));
    }
}
