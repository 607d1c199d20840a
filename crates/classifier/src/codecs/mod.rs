//! From bytes to parameters, one format a file. Total functions: whatever the bytes, they return what they understood, and the
//! rest as a parameter without a name.

mod base64;
mod blocks;
mod clarity;
mod compression;
mod consent;
mod form;
mod frames;
mod json;
mod json_lines;
mod lines;
mod lz_string;
mod msgpack;
mod multipart;
mod packed;
mod pairs;
mod percent;
mod protobuf;
mod queries;
mod script_calls;
mod spans;
mod user_data;

pub(crate) use self::base64::{decode as base64, text as base64_text};
pub(crate) use self::blocks::unfold;
pub(crate) use self::compression::{decompressed, marked, unpacked};
pub(crate) use self::consent::in_words as consent_in_words;
pub(crate) use self::form::{pairs, parameters as form_parameters};
pub(crate) use self::frames::frames;
pub(crate) use self::json::{Names, document, looks_like_json, parameters as json_parameters};
pub(crate) use self::lz_string::unpacked as lz_string;
pub(crate) use self::msgpack::texts as msgpack_texts;
pub(crate) use self::pairs::{colons, list, query, semicolons};
pub(crate) use self::percent::{decode as percent, text as percent_text};
pub(crate) use self::protobuf::texts as protobuf_texts;
pub(crate) use self::script_calls::{Call, calls};
pub(crate) use self::user_data::parameters as user_data;

use serde::Deserialize;

use crate::piece::Piece;
use crate::{ByteRange, Location, Part};

/// Parameters taken out of one request at the most. What follows them comes out in one piece.
const MOST_PARAMETERS: usize = 10_000;

/// Bytes of a parameter's name that the names of what is inside of it begin with, so that a long name over many values is no bomb.
const MOST_OUTER_NAME: usize = 200;

/// One parameter as it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter<'a> {
    /// Name as definitions write it: `cd[buttonText]`, `context.page.url`.
    pub(crate) name: &'a str,
    pub(crate) part: Part,
    /// [`Location::name`], where that is not the parameter's own.
    pub(crate) place: Option<&'a str>,
    pub(crate) piece: Piece<'a>,
    /// An object or array of a JSON document. It counts as a parameter only where a definition names it, since its leaves come out too.
    pub(crate) container: bool,
}

impl<'a> Parameter<'a> {
    /// A parameter that stands under its own name.
    #[inline]
    pub(crate) fn new(name: &'a str, part: Part, piece: Piece<'a>) -> Self {
        Self { name, part, place: None, piece, container: false }
    }

    /// What its place is called.
    pub(crate) fn place(&self) -> &'a str {
        self.place.unwrap_or(self.name)
    }

    /// The same parameter under another name, in its old place.
    fn named(self, name: &str) -> Self {
        Self { name: self.piece.kept(name), place: Some(self.place()), ..self }
    }

    pub(crate) fn location(&self) -> Location {
        Location { part: self.part, name: self.place().to_owned(), range: Some(self.range()) }
    }

    pub(crate) fn range(&self) -> ByteRange {
        self.piece.place()
    }

    /// A parameter inside of this one, of which this one's name is the beginning: `data.page`.
    pub(crate) fn member(&self, name: &str, piece: Piece<'a>) -> Self {
        self.inner(&format!("{}.{name}", beginning(self.name)), piece, false)
    }

    /// A parameter inside of this one: it stands in the same place.
    pub(crate) fn inner(&self, name: &str, piece: Piece<'a>, container: bool) -> Self {
        Self { name: self.piece.kept(name), part: self.part, place: Some(beginning(self.place())), piece, container }
    }

    /// Bytes that nobody here can take apart.
    pub(crate) fn rest(part: Part, piece: Piece<'a>) -> Self {
        Self::new("", part, piece)
    }
}

/// As much of a text as names take from it.
pub(crate) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_OUTER_NAME)]
}

/// What one body holds: parameters of all its events, and those of each.
#[derive(Debug, Default)]
pub(crate) struct Content<'a> {
    pub(crate) shared: Vec<Parameter<'a>>,
    pub(crate) events: Vec<Vec<Parameter<'a>>>,
}

/// How a body can be written, in the words of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BodyCodec {
    /// No body: everything is in the address.
    Query,
    /// `name=value&…`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// JSON, whatever the `Content-Type` says.
    Json,
    /// One form-encoded event a line.
    Lines,
    /// One JSON document a line, each an event.
    JsonLines,
    /// Sentry's lines: one about the whole, two for each item.
    Envelope,
    /// base64 of JSON, gzip or percent-encoding in between or not.
    Base64Json,
    /// JSON with a list of query strings, each an event.
    JsonQueries,
    /// Clarity's arrays.
    Clarity,
    /// Protocol buffers of which nobody gave us the schema: fields are named by their numbers.
    Protobuf,
    /// MessagePack, named as JSON is.
    Msgpack,
}

/// How a JSON body is turned into parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonShape<'a> {
    pub(crate) names: Names,
    /// Members that hold a list of events.
    pub(crate) batch: &'a [String],
}

/// What the headers of a request say of its body.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Declared<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) content_encoding: &'a str,
}

/// Reads a body by the first of these codecs that recognises it.
pub(crate) fn read_body<'a>(whole: &Piece<'a>, declared: Declared<'_>, allowed: &[BodyCodec], shape: JsonShape<'_>) -> Content<'a> {
    let content_type = declared.content_type;
    let piece = compression::unpacked(*whole, declared.content_encoding);
    if piece.bytes.is_empty() {
        return Content::default();
    }
    let recognised = allowed.iter().find(|codec| recognises(**codec, &piece, content_type));
    match recognised {
        Some(BodyCodec::Form) => Content { shared: form::parameters(&piece, Part::Form), events: Vec::new() },
        Some(BodyCodec::Multipart) => Content { shared: multipart::parameters(&piece, content_type), events: Vec::new() },
        Some(BodyCodec::Json) => json::content(&piece, shape),
        Some(BodyCodec::Lines) => Content { shared: Vec::new(), events: lines::events(&piece) },
        Some(BodyCodec::JsonLines) => Content { shared: Vec::new(), events: json_lines::events(&piece) },
        Some(BodyCodec::Envelope) => {
            let (shared, events) = json_lines::envelope(&piece);
            Content { shared, events }
        }
        Some(BodyCodec::Base64Json) => json::content(&packed::json(&piece).unwrap_or(piece), shape),
        Some(BodyCodec::JsonQueries) => queries::content(&piece, shape),
        Some(BodyCodec::Clarity) => Content { shared: clarity::parameters(&piece), events: Vec::new() },
        Some(BodyCodec::Protobuf) => Content { shared: protobuf::parameters(&piece, Part::Body), events: Vec::new() },
        Some(BodyCodec::Msgpack) => msgpack::content(&piece, shape),
        Some(BodyCodec::Query) | None => Content { shared: vec![Parameter::rest(Part::Body, piece)], events: Vec::new() },
    }
}

/// The events in a parameter that holds a JSON document, as it is or in base64; none if it does not.
pub(crate) fn document_content<'a>(parameter: &Parameter<'a>, shape: JsonShape<'_>) -> Option<Content<'a>> {
    let mut content = json::content(&packed::json(&parameter.piece)?, shape);
    for inner in content.shared.iter_mut().chain(content.events.iter_mut().flatten()) {
        (inner.part, inner.place) = (parameter.part, Some(parameter.place()));
    }
    Some(content)
}

fn recognises(codec: BodyCodec, piece: &Piece<'_>, content_type: &str) -> bool {
    let bytes = piece.bytes;
    match codec {
        BodyCodec::Query => false,
        BodyCodec::Multipart => multipart::boundary(bytes, content_type).is_some(),
        BodyCodec::Json | BodyCodec::JsonLines | BodyCodec::JsonQueries | BodyCodec::Clarity => looks_like_json(bytes),
        BodyCodec::Envelope => json_lines::looks_like_an_envelope(bytes),
        BodyCodec::Base64Json => !looks_like_json(bytes) && packed::json(piece).is_some(),
        BodyCodec::Protobuf => protobuf::is_one(bytes),
        BodyCodec::Msgpack => msgpack::is_one(piece),
        BodyCodec::Form | BodyCodec::Lines => bytes.contains(&b'=') && !looks_like_json(bytes),
    }
}
