use super::json::{self, parameter};
use super::{MOST_PARAMETERS, Names, Parameter, beginning, spans};
use crate::piece::Piece;
use crate::{Encoding, Part};

/// One JSON document a line, each an event.
pub(crate) fn events<'a>(piece: &Piece<'a>) -> Vec<Vec<Parameter<'a>>> {
    let mut events: Vec<Vec<Parameter<'a>>> = Vec::new();
    let mut taken = 0;
    for (number, line) in lines(piece) {
        // Past the limit the remaining lines come out whole.
        let parameters = if taken < MOST_PARAMETERS { line_parameters(&line, number, "") } else { vec![Parameter::rest(Part::Body, line)] };
        taken += parameters.len();
        if !parameters.is_empty() {
            events.push(parameters);
        }
    }
    events
}

/// An error tracker's envelope: a line about the whole, then for each item a line about it and a line or so many bytes that it holds.
///
/// What an item holds is named after its type: `event.request.url`, a span's after what it measured. What is no JSON comes out in one piece.
pub(crate) fn envelope<'a>(piece: &Piece<'a>) -> (Vec<Parameter<'a>>, Vec<Vec<Parameter<'a>>>) {
    let Some(header_end) = line_end(piece, 0) else { return (line_parameters(piece, 1, "header."), Vec::new()) };
    let shared = line_parameters(&piece.slice(0..header_end), 1, "header.");
    let mut events: Vec<Vec<Parameter<'a>>> = Vec::new();
    let (mut at, mut number, mut taken) = (header_end + 1, 2, shared.len());
    while at < piece.bytes.len() {
        let end = line_end(piece, at).unwrap_or(piece.bytes.len());
        let header = line_parameters(&piece.slice(at..end), number, "item.");
        let value = |name: &str| header.iter().find(|one| one.name == name).map(|one| one.piece.text().into_owned());
        let kind = value("item.type").unwrap_or_else(|| "item".to_owned());
        let start = (end + 1).min(piece.bytes.len());
        let length = value("item.length").and_then(|length| length.parse::<usize>().ok());
        let is_whole = |end: &usize| *end <= piece.bytes.len() && piece.bytes.get(*end).is_none_or(|byte| *byte == b'\n');
        let told = length.and_then(|length| start.checked_add(length)).filter(is_whole);
        let end = told.or_else(|| line_end(piece, start)).unwrap_or(piece.bytes.len());
        let payload = piece.slice(start..end);
        let mut event = header;
        event.extend(if taken < MOST_PARAMETERS {
            line_parameters(&payload, number + 1, &format!("{}.", beginning(&kind)))
        } else {
            vec![Parameter::rest(Part::Body, payload)]
        });
        spans::name_by_operation(&mut event);
        taken += event.len();
        if !event.is_empty() {
            events.push(event);
        }
        number += 1 + piece.bytes[start..end].iter().filter(|byte| **byte == b'\n').count() + 1;
        at = end + 1;
    }
    (shared, events)
}

/// Whether the second line of an envelope is there: the one about its first item.
pub(crate) fn looks_like_an_envelope(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    first.starts_with(b"{") && second.starts_with(b"{") && memchr::memmem::find(second, b"\"type\"").is_some()
}

fn lines<'a>(piece: &Piece<'a>) -> impl Iterator<Item = (usize, Piece<'a>)> {
    let (mut at, mut number) = (0, 0);
    std::iter::from_fn(move || {
        (at < piece.bytes.len()).then(|| {
            let end = line_end(piece, at).unwrap_or(piece.bytes.len());
            let line = piece.slice(at..end);
            (at, number) = (end + 1, number + 1);
            (number, line)
        })
    })
}

fn line_end(piece: &Piece<'_>, from: usize) -> Option<usize> {
    memchr::memchr(b'\n', piece.bytes.get(from..)?).map(|found| from + found)
}

/// The members of the document in one line; the place is `LINE:POINTER`.
fn line_parameters<'a>(line: &Piece<'a>, number: usize, prefix: &str) -> Vec<Parameter<'a>> {
    if line.bytes.trim_ascii().is_empty() {
        return Vec::new();
    }
    let document = json::document(line, Some(Encoding::JsonString));
    let rest = (document.understood < line.bytes.len()).then(|| line.slice(document.understood..line.bytes.len()));
    let members = document.nodes.into_iter().filter(|node| !node.path.is_empty());
    let mut parameters: Vec<Parameter<'a>> = members
        .map(|node| {
            let parameter = parameter(node, 0, Names::Dots);
            Parameter {
                name: parameter.piece.kept_together(prefix, parameter.name),
                part: Part::BatchLine,
                place: Some(line.kept(&format!("{number}:{}", parameter.place()))),
                ..parameter
            }
        })
        .collect();
    parameters.extend(rest.map(|piece| Parameter::rest(Part::Body, piece)));
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(event: &[Parameter<'_>]) -> Vec<String> {
        let leaves = event.iter().filter(|one| !one.container);
        leaves.map(|one| format!("{} {}={} {}", one.place(), one.name, one.piece.text(), one.range().start)).collect()
    }

    #[test]
    fn each_line_is_an_event() {
        let found = events(&Piece::new(b"{\"a\":1}\n\n{\"b\":{\"c\":\"x\"}}\nrest", 0));
        let found: Vec<Vec<String>> = found.iter().map(|event| shown(event)).collect();
        assert_eq!(found, [vec!["1:/a a=1 5"], vec!["3:/b/c b.c=x 20"], vec![" =rest 25"]]);
    }

    #[test]
    fn an_envelope_is_its_items() {
        let text = b"{\"sent_at\":\"now\"}\n{\"type\":\"event\"}\n{\"user\":{\"id\":\"7\"}}\n\
            {\"type\":\"attachment\",\"length\":4}\na\nb\x01\n{\"type\":\"session\",\"length\":999}\n{\"sid\":\"s\"}";
        assert!(looks_like_an_envelope(text));
        let (shared, items) = envelope(&Piece::new(text, 0));
        assert_eq!(shown(&shared), ["1:/sent_at header.sent_at=now 12"]);
        let items: Vec<Vec<String>> = items.iter().map(|item| shown(item)).collect();
        assert_eq!(
            items,
            [
                vec!["2:/type item.type=event 27", "3:/user/id event.user.id=7 50"],
                vec!["4:/type item.type=attachment 64", "4:/length item.length=4 85", " =a\nb\u{1} 88"],
                vec!["7:/type item.type=session 102", "7:/length item.length=999 120", "8:/sid session.sid=s 133"],
            ]
        );
        assert!(!looks_like_an_envelope(b"{\"a\":1}\n{\"b\":1}"));
        assert_eq!(envelope(&Piece::new(b"", 0)).1.len(), 0);
    }
}
