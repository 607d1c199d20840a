use std::ops::Range;

use super::{MOST_PARAMETERS, Parameter, percent};
use crate::Part;
use crate::piece::Piece;

/// `name=value;name=value`, as advertising servers have it in a path. An `&` parts, too.
pub(crate) fn semicolons<'a>(piece: &Piece<'a>, part: Part) -> Vec<Parameter<'a>> {
    let mut parameters = Vec::new();
    for range in parted(piece, |byte| matches!(byte, b';' | b'&')) {
        let equals = memchr::memchr(b'=', &piece.bytes[range.clone()]).map(|found| range.start + found);
        let (name, value) = (range.start..equals.unwrap_or(range.end), equals.map_or(range.end, |equals| equals + 1)..range.end);
        let name = percent::name(piece, name, false);
        parameters.push(Parameter::new(name, part, percent::decode(&piece.slice(value), false)));
    }
    parameters
}

/// `name:value:name:value`. The name `t` stands last, and the rest is its value, colons and all.
pub(crate) fn colons<'a>(parent: &Parameter<'a>) -> Vec<Parameter<'a>> {
    let piece = &parent.piece;
    let mut parameters = Vec::new();
    let mut at = 0;
    while at < piece.bytes.len() && parameters.len() < MOST_PARAMETERS {
        let end_of = |from: usize| memchr::memchr(b':', &piece.bytes[from..]).map_or(piece.bytes.len(), |found| from + found);
        let name_end = end_of(at);
        let name = piece.slice(at..name_end).text();
        let start = (name_end + 1).min(piece.bytes.len());
        let end = if name == "t" { piece.bytes.len() } else { end_of(start) };
        parameters.push(parent.member(&name, piece.slice(start..end)));
        at = end + 1;
    }
    parameters
}

/// `[a,b]`, `a,b` or `a|b`. Of `0.9~a` the part that follows the tilde counts.
pub(crate) fn list<'a>(parent: &Parameter<'a>) -> Vec<Parameter<'a>> {
    let items = parted(&parent.piece, |byte| matches!(byte, b',' | b'|' | b'[' | b']' | b'"'));
    let piece = |range: Range<usize>| {
        let tilde = memchr::memrchr(b'~', &parent.piece.bytes[range.clone()]).map_or(range.start, |found| range.start + found + 1);
        parent.piece.slice(tilde..range.end)
    };
    items.enumerate().map(|(index, range)| parent.member(&index.to_string(), piece(range))).collect()
}

/// `name=value&…` that is a value, percent-encoded once or twice more.
pub(crate) fn query<'a>(parent: &Parameter<'a>) -> Vec<Parameter<'a>> {
    let mut piece = parent.piece;
    if !piece.bytes.contains(&b'=') {
        piece = percent::decode(&piece, false);
    }
    let found = super::form_parameters(&piece, parent.part);
    found.into_iter().map(|parameter| parent.member(parameter.name, parameter.piece)).collect()
}

/// The ranges between separators that hold something. Past the limit the rest is one.
fn parted(piece: &Piece<'_>, is_separator: impl Fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let bytes = &piece.bytes;
    let (mut at, mut found) = (0, 0);
    std::iter::from_fn(move || {
        while bytes.get(at).is_some_and(|byte| is_separator(*byte)) {
            at += 1;
        }
        if at >= bytes.len() {
            return None;
        }
        found += 1;
        let length = if found < MOST_PARAMETERS { bytes[at..].iter().position(|byte| is_separator(*byte)) } else { None };
        let range = at..length.map_or(bytes.len(), |length| at + length);
        at = range.end;
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(text: &str) -> Parameter<'_> {
        Parameter::new("a", Part::Query, Piece::new(text.as_bytes(), 10))
    }

    fn shown(parameters: &[Parameter<'_>]) -> Vec<String> {
        let line = |one: &Parameter<'_>| format!("{}={} {}..{}", one.name, one.piece.text(), one.range().start, one.range().end);
        parameters.iter().map(line).collect()
    }

    #[test]
    fn every_pair_comes_out_with_its_place() {
        let piece = Piece::new(b";src=1;u1=a%20b+c;;~oref=x%3By;flag", 0);
        assert_eq!(shown(&semicolons(&piece, Part::Path)), ["src=1 5..6", "u1=a b+c 10..17", "~oref=x;y 25..30", "flag= 35..35"]);
        assert_eq!(
            shown(&colons(&parent("pv:1:w:900x700:t:PrEP: care"))),
            ["a.pv=1 13..14", "a.w=900x700 17..24", "a.t=PrEP: care 27..37"]
        );
        assert_eq!(shown(&colons(&parent("pv"))), ["a.pv= 12..12"]);
        assert_eq!(shown(&list(&parent("[ab,\"cd\"]"))), ["a.0=ab 11..13", "a.1=cd 15..17"]);
        assert_eq!(shown(&list(&parent("0.9~ab|0.1~cd"))), ["a.0=ab 14..16", "a.1=cd 21..23"]);
        assert_eq!(shown(&query(&parent("e=vs&kw=hiv%2520test"))), ["a.e=vs 12..14", "a.kw=hiv%20test 18..30"]);
        assert_eq!(shown(&query(&parent("email%3Dpat%2540clinic.example%26n%3D1"))), ["a.email=pat@clinic.example 18..40", "a.n=1 47..48"]);
        for empty in ["", ";;", "[]"] {
            assert!(list(&parent(empty)).is_empty() || empty == ";;");
            assert!(semicolons(&Piece::new(empty.as_bytes(), 0), Part::Path).is_empty() || empty == "[]");
        }
    }

    #[test]
    fn a_flood_ends() {
        let flood = "a;".repeat(MOST_PARAMETERS * 2);
        assert_eq!(semicolons(&Piece::new(flood.as_bytes(), 0), Part::Path).len(), MOST_PARAMETERS);
        assert_eq!(colons(&parent(&"a:".repeat(MOST_PARAMETERS * 4))).len(), MOST_PARAMETERS);
        assert_eq!(list(&parent(&"a,".repeat(MOST_PARAMETERS * 2))).len(), MOST_PARAMETERS);
        let items = "a,".repeat(1_000);
        let long = Parameter { name: "é".repeat(100_000).leak(), ..parent(&items) };
        assert!(list(&long).iter().all(|one| one.name.len() < 300));
    }
}
