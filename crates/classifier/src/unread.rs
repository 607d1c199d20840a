//! What stands in a request, a message or a value of which no definition says how it is written, as far as its bytes tell.

use std::sync::LazyLock;

use pixelwitness_recording::{Message, Request};

use crate::address;
use crate::codecs::{self, BodyCodec, Declared, JsonShape, Names, Parameter};
use crate::piece::{Arena, Piece};
use crate::read::{self, MOST_INNER_BYTES, MOST_LAYERS, ReadField};
use crate::rule::Rules;
use crate::{Field, Part};

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
    let leaves = read::leaves(&inner, &piece, |path| read::named_inside(parameter, path));
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
