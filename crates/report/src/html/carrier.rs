use pixelwitness_classifier::{ByteRange, Leak, Location, Part};
use pixelwitness_recording::Request;

/// What a byte range counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Address,
    /// A header, by its place in the request.
    Header(usize),
    Body,
    /// A WebSocket message, by its place on the connection (0 is the first).
    Message(usize),
}

/// Where the bytes of a leak are, if they are where the findings say.
pub(super) fn place(leak: &Leak, request: &Request) -> Option<(Carrier, ByteRange)> {
    let range = leak.location.range.filter(|range| range.start < range.end)?;
    let carrier = match leak.location.part {
        Part::Host | Part::Path | Part::Query => Carrier::Address,
        Part::Header => Carrier::Header(header(request, &leak.location.name, |value| range.end <= value.len())?),
        Part::Cookie => Carrier::Header(cookie_header(request, &leak.location, range)?),
        Part::Form | Part::Multipart | Part::Json | Part::BatchLine | Part::Body => Carrier::Body,
        Part::Message => Carrier::Message(message(&leak.location.name)?),
    };
    Some((carrier, range))
}

fn header(request: &Request, name: &str, fits: impl Fn(&str) -> bool) -> Option<usize> {
    request.headers.iter().position(|header| header.name.eq_ignore_ascii_case(name) && fits(&header.value))
}

/// HTTP/2 may send several `Cookie` headers: the one is meant that has this cookie at this place.
fn cookie_header(request: &Request, location: &Location, range: ByteRange) -> Option<usize> {
    let has_it = |value: &str| {
        let (before, bytes) = (format!("{}=", location.name), value.as_bytes());
        let own = bytes.get(range.start..range.end).is_some_and(|bytes| bytes.starts_with(before.as_bytes()));
        let after_name = range.end <= bytes.len() && bytes[..range.start].ends_with(before.as_bytes());
        own || after_name
    };
    header(request, "cookie", has_it).or_else(|| header(request, "cookie", |value| range.end <= value.len()))
}

/// The name is the message's number, 1 is the first, and may go on with a place in it.
fn message(name: &str) -> Option<usize> {
    let digits = name.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse::<usize>().ok()?.checked_sub(1)
}
