//! What stands in a request, a message or a value of which no definition says how it is written, as far as its bytes tell.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use pixelwitness_recording::{Header, Message, Request};

use crate::address;
use crate::codecs::{self, BodyCodec, Declared, JsonShape, Names, Parameter};
use crate::piece::{Arena, Piece};
use crate::read::{self, MOST_INNER_BYTES, MOST_LAYERS, ReadField};
use crate::rule::Rules;
use crate::{Field, Part};

/// Characters of a segment of a path at the least to be looked at.
const LEAST_SEGMENT: usize = 6;

/// Headers that are read by themselves, and those that have a value of the browser's.
const HEADERS_APART: &[&str] = &["cookie", "referer", "origin", "host", "user-agent"];

/// Every parameter of a request as it stands, without any definition: of its address, its body and its cookies. None has a meaning.
#[must_use]
pub fn parameters(request: &Request) -> Vec<Field> {
    fields(request, &Arena::default()).iter().map(ReadField::to_field).collect()
}

/// The same, as fields of an event.
pub(crate) fn fields<'a>(request: &'a Request, arena: &'a Arena) -> Vec<ReadField<'a>> {
    let body = Piece::kept_in(arena, request.body.bytes().unwrap_or_default(), 0);
    let query = address::query_piece(&request.url, arena);
    let mut all = query.map(|query| codecs::form_parameters(&query, Part::Query)).unwrap_or_default();
    all.extend(content(&body, read::declared(request)));
    all.extend(read::cookies(request, arena));
    without_rules(all)
}

/// What stands in an address and is no parameter: segments of its path, an address in it that is not encoded, a query that is one value.
pub(crate) fn unnamed<'a>(request: &'a Request, arena: &'a Arena) -> Vec<Parameter<'a>> {
    let path = address::path(&request.url);
    let piece = |range: Range<usize>| Piece::kept_in(arena, &request.url.as_bytes()[range.clone()], range.start);
    let mut at = path.start;
    let segments = path.text.split('/').map(|segment| {
        let start = at;
        at += segment.len() + 1;
        start..start + segment.len()
    });
    let segments: Vec<Range<usize>> = segments.filter(|range| range.len() >= LEAST_SEGMENT && range.end <= request.url.len()).collect();
    let mut all: Vec<Parameter<'a>> =
        segments.into_iter().map(|range| Parameter::new("", Part::Path, codecs::percent(&piece(range), false))).collect();
    if let Some(found) = path.text.find("/http").filter(|found| address::begins_as_one(&path.text[found + 1..])) {
        all.push(Parameter::new("", Part::Path, piece(path.start + found + 1..request.url.len())));
    }
    let query = address::query_piece(&request.url, arena).filter(|query| query.bytes.starts_with(b"http"));
    all.extend(query.map(|query| Parameter::new("", Part::Query, codecs::percent(&query, false))));
    all
}

/// Headers, other than those that are looked at by themselves.
pub(crate) fn headers<'a>(request: &'a Request, arena: &'a Arena) -> Vec<Parameter<'a>> {
    let is_one = |name: &str| !HEADERS_APART.iter().any(|apart| name.eq_ignore_ascii_case(apart));
    let others = request.headers.iter().filter(|header| is_one(&header.name));
    let parameter = |header: &'a Header| {
        let piece = Piece::kept_in(arena, header.value.as_bytes(), 0);
        Parameter { place: Some(piece.kept(&header.name.to_ascii_lowercase())), ..Parameter::new(&header.name, Part::Header, piece) }
    };
    others.map(parameter).collect()
}

/// Every value of a message, without any definition.
pub(crate) fn message<'a>(message: &'a Message, number: usize, arena: &'a Arena) -> Vec<ReadField<'a>> {
    let mut all = content(&Piece::kept_in(arena, &message.payload.0, 0), Declared::default());
    read::place_in_message(&mut all, number);
    without_rules(all)
}

fn without_rules<'a>(parameters: Vec<Parameter<'a>>) -> Vec<ReadField<'a>> {
    static NO_RULES: LazyLock<Rules> = LazyLock::new(Rules::default);
    read::fields(parameters, &NO_RULES)
}

/// The parameters of a body or a message. What nobody here can take apart comes out whole.
fn content<'a>(whole: &Piece<'a>, declared: Declared<'_>) -> Vec<Parameter<'a>> {
    let whole = codecs::unpacked(*whole, declared.content_encoding);
    if std::str::from_utf8(whole.bytes).is_ok_and(address::begins_as_one) {
        return vec![Parameter::rest(Part::Body, whole)];
    }
    const CODECS: &[BodyCodec] = &[BodyCodec::Multipart, BodyCodec::JsonLines, BodyCodec::Base64Json, BodyCodec::Form];
    let written = |piece: &Piece<'a>| {
        let shape = JsonShape { names: Names::default(), batch: &[] };
        let content = codecs::read_body(piece, Declared { content_encoding: "", ..declared }, CODECS, shape);
        content.shared.into_iter().chain(content.events.into_iter().flatten()).collect()
    };
    let one = |piece: &Piece<'a>| codecs::json_parameters(piece).unwrap_or_else(|| written(piece));
    match codecs::frames(&whole) {
        Some(frames) => frames.iter().flat_map(one).collect(),
        None => one(&whole),
    }
}

/// What stands in bytes that the codecs of a definition could make nothing of: those have no name.
pub(crate) fn rest<'a>(field: &ReadField<'a>) -> Vec<ReadField<'a>> {
    let parameter = &field.parameter;
    if !parameter.name.is_empty() || !matches!(parameter.part, Part::Body | Part::Message) {
        return Vec::new();
    }
    let mut inside = content(&parameter.piece, Declared::default());
    inside.retain(|inner| !inner.name.is_empty());
    if parameter.part == Part::Message {
        inside.iter_mut().for_each(|inner| (inner.part, inner.place) = (Part::Message, parameter.place));
    }
    without_rules(inside)
}

/// Goes through a value and what is written inside of it: percent-encoded once more, in base64, as a document in those. It goes no deeper
/// where `look` has found what it looks for.
pub(crate) fn open<'a>(parameter: &Parameter<'a>, look: &mut dyn FnMut(&Parameter<'a>) -> bool) {
    // What is in a document is a field by itself.
    if !look(parameter) && !codecs::looks_like_json(parameter.piece.bytes) {
        undo(parameter, 0, look);
    }
}

fn undo<'a>(parameter: &Parameter<'a>, layer: usize, look: &mut dyn FnMut(&Parameter<'a>) -> bool) {
    let Some(piece) = without_layer(&parameter.piece).filter(|_| layer < MOST_LAYERS) else { return };
    let inner = Parameter { piece, ..*parameter };
    if look(&inner) {
        return;
    }
    let name = |path: &[Cow<'_, str>]| if parameter.name.is_empty() { path.join(".") } else { read::named_inside(parameter, path) };
    let leaves = read::leaves(&inner, &piece, name);
    if leaves.is_empty() {
        undo(&inner, layer + 1, look);
    }
    for leaf in leaves.iter().filter(|leaf| !leaf.container) {
        if !look(leaf) {
            undo(leaf, layer + 1, look);
        }
    }
}

/// The text inside of a value that is percent-encoded, or in base64.
fn without_layer<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    if piece.bytes.len() > MOST_INNER_BYTES {
        return None;
    }
    if has_escapes(piece.bytes) {
        return Some(codecs::percent(piece, false));
    }
    codecs::base64_text(piece)
}

fn has_escapes(bytes: &[u8]) -> bool {
    let is_escape = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    memchr::memchr_iter(b'%', bytes).any(is_escape)
}
