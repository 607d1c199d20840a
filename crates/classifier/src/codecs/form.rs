use std::ops::Range;

use super::{MOST_PARAMETERS, Parameter, percent};
use crate::Part;
use crate::piece::Piece;

/// `name=value&name=value`, as in an address's query and a form-encoded body.
pub(crate) fn parameters<'a>(piece: &Piece<'a>, part: Part) -> Vec<Parameter<'a>> {
    pairs(&piece.bytes)
        .map(|pair| {
            let name = percent::decode(&piece.slice(pair.name), true).into_text();
            let value = percent::decode(&piece.slice(pair.value), true);
            Parameter { place: name.clone(), name, part, piece: value, container: false }
        })
        .collect()
}

/// Where a pair's name and value stand.
pub(crate) struct Pair {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// Splits at `&`, and each pair at its first `=`. A pair without `=` is a name without a value.
pub(crate) fn pairs(bytes: &[u8]) -> impl Iterator<Item = Pair> {
    let mut next = Some(0);
    let mut found = 0;
    std::iter::from_fn(move || {
        loop {
            let start = next?;
            found += 1;
            let end = if found >= MOST_PARAMETERS { bytes.len() } else { position(bytes, start, b'&').unwrap_or(bytes.len()) };
            next = (end < bytes.len()).then_some(end + 1);
            if start == end {
                continue;
            }
            let equals = position(&bytes[..end], start, b'=');
            return Some(Pair { name: start..equals.unwrap_or(end), value: equals.map_or(end..end, |equals| equals + 1..end) });
        }
    })
}

fn position(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, &bytes[from..]).map(|found| from + found)
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
