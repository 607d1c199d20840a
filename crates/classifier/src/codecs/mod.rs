//! From bytes to parameters, one format a file. Total functions: whatever the bytes, they return what they understood, and the
//! rest as a parameter without a name.

mod base64;
mod consent;
mod form;
mod gzip;
mod json;
mod lines;
mod multipart;
mod percent;
mod script_calls;
mod user_data;

pub(crate) use self::base64::decode as base64;
pub(crate) use self::consent::in_words as consent_in_words;
pub(crate) use self::form::{pairs, parameters as form_parameters};
pub(crate) use self::gzip::gunzip;
pub(crate) use self::json::{Names, document, looks_like_json};
pub(crate) use self::script_calls::{Call, calls};
pub(crate) use self::user_data::parameters as user_data;

use serde::Deserialize;

use crate::piece::Piece;
use crate::{ByteRange, Encoding, Location, Part};

/// Parameters taken out of one request at the most. What follows them comes out in one piece.
const MOST_PARAMETERS: usize = 10_000;

/// One parameter as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Name as definitions write it: `cd[buttonText]`, `context.page.url`.
    pub(crate) name: String,
    pub(crate) part: Part,
    /// [`Location::name`].
    pub(crate) place: String,
    pub(crate) piece: Piece,
    /// An object or array of a JSON document. It counts as a parameter only where a definition names it, since its leaves come out too.
    pub(crate) container: bool,
}

impl Parameter {
    pub(crate) fn location(&self) -> Location {
        Location { part: self.part, name: self.place.clone(), range: Some(self.range()) }
    }

    pub(crate) fn range(&self) -> ByteRange {
        self.piece.place()
    }

    /// Bytes that nobody here can take apart.
    fn rest(part: Part, piece: Piece) -> Self {
        Self { name: String::new(), part, place: String::new(), piece, container: false }
    }
}

/// What one body holds: parameters of all its events, and those of each.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) shared: Vec<Parameter>,
    pub(crate) events: Vec<Vec<Parameter>>,
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
}

/// How a JSON body is turned into parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonShape<'a> {
    pub(crate) names: Names,
    /// Members that hold a list of events.
    pub(crate) batch: &'a [String],
}

/// Reads a body by the first of these codecs that recognises it.
pub(crate) fn read_body(body: &[u8], content_type: &str, allowed: &[BodyCodec], shape: JsonShape<'_>) -> Content {
    let whole = Piece::new(body, 0);
    let piece = match gunzip(&whole) {
        Some(unpacked) => unpacked.inside(Encoding::Gzip),
        None => whole,
    };
    if piece.bytes.is_empty() {
        return Content::default();
    }
    let recognised = allowed.iter().find(|codec| recognises(**codec, &piece.bytes, content_type));
    match recognised {
        Some(BodyCodec::Form) => Content { shared: form::parameters(&piece, Part::Form), events: Vec::new() },
        Some(BodyCodec::Multipart) => Content { shared: multipart::parameters(&piece, content_type), events: Vec::new() },
        Some(BodyCodec::Json) => json::content(&piece, shape),
        Some(BodyCodec::Lines) => Content { shared: Vec::new(), events: lines::events(&piece) },
        Some(BodyCodec::Query) | None => Content { shared: vec![Parameter::rest(Part::Body, piece)], events: Vec::new() },
    }
}

fn recognises(codec: BodyCodec, bytes: &[u8], content_type: &str) -> bool {
    match codec {
        BodyCodec::Query => false,
        BodyCodec::Multipart => multipart::boundary(bytes, content_type).is_some(),
        BodyCodec::Json => looks_like_json(bytes),
        BodyCodec::Form | BodyCodec::Lines => bytes.contains(&b'=') && !looks_like_json(bytes),
    }
}
