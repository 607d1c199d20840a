use std::ops::Range;

use pixelwitness_recording::Header;

use super::decode;
use super::json::{self, Document};
use crate::Part;

/// A value that stands in a carrier, undecoded.
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) name: Name,
    pub(super) range: Range<usize>,
    /// Whether a `+` stands for a space.
    pub(super) plus_is_space: bool,
}

/// What a place is called; worked out only for places where something is found.
pub(super) enum Name {
    None,
    Fixed(String),
    /// Bytes of the carrier, percent-encoded.
    Parameter(Range<usize>),
    /// The same in a line of a batch; 1 is the first.
    BatchParameter(usize, Range<usize>),
    /// A leaf of the carrier's JSON.
    Leaf(usize),
}

/// The values in a carrier, in the order they stand and apart from one another.
pub(super) struct Places {
    pub(super) list: Vec<Place>,
    pub(super) document: Document,
    /// The part that bytes between the values belong to, from each offset on.
    pub(super) between: Vec<(usize, Part)>,
}

impl Places {
    fn new(list: Vec<Place>, between: Vec<(usize, Part)>) -> Self {
        Self { list, document: Document::default(), between }
    }

    pub(super) fn name(&self, place: &Place, carrier: &[u8]) -> String {
        let parameter = |range: &Range<usize>| {
            let raw = carrier.get(range.clone()).unwrap_or_default();
            let decoded = decode::percent(raw, true);
            String::from_utf8_lossy(decoded.as_ref().map_or(raw, |decoded| &decoded.bytes)).into_owned()
        };
        match &place.name {
            Name::None => String::new(),
            Name::Fixed(name) => name.clone(),
            Name::Parameter(range) => parameter(range),
            Name::BatchParameter(line, range) => format!("{line}:{}", parameter(range)),
            Name::Leaf(index) => self.document.leaves.get(*index).map(|leaf| self.document.pointer(leaf, carrier)).unwrap_or_default(),
        }
    }

    /// The place that holds these bytes, or the part they begin in.
    pub(super) fn of(&self, range: &Range<usize>) -> Result<&Place, Part> {
        let after = self.list.partition_point(|place| place.range.start <= range.start);
        let part = self.between.iter().rev().find(|(start, _)| *start <= range.start).map_or(Part::Body, |(_, part)| *part);
        self.list[..after].last().filter(|place| place.range.end >= range.end).ok_or(part)
    }
}

/// Labels of the host name, segments of the path, names and values of the query.
pub(super) fn in_address(address: &[u8]) -> Places {
    let authority = memchr::memmem::find(address, b"://").map_or(0, |at| at + 3);
    let path = position(address, authority, b"/?#");
    let query = position(address, path, b"?#");
    let host = memchr::memrchr(b'@', &address[authority..path]).map_or(authority, |at| authority + at + 1);
    let mut list = Vec::new();
    let plain = |part| move |range| Place { part, name: Name::None, range, plus_is_space: false };
    list.extend(split(address, host..path, b'.').map(plain(Part::Host)));
    list.extend(split(address, path..query, b'/').map(plain(Part::Path)));
    parameters(address, query + 1..address.len(), Part::Query, &Name::Parameter, &mut list);
    Places::new(list, vec![(0, Part::Host), (path, Part::Path), (query, Part::Query)])
}

/// The value of a header, or the cookies in it one by one.
pub(super) fn in_header(header: &Header) -> Places {
    let value = header.value.as_bytes();
    let name = header.name.to_ascii_lowercase();
    if name != "cookie" {
        let place = Place { part: Part::Header, name: Name::Fixed(name), range: 0..value.len(), plus_is_space: false };
        return Places::new(vec![place], vec![(0, Part::Header)]);
    }
    let cookie = |range: Range<usize>| {
        let start = range.start + value[range.clone()].iter().take_while(|byte| **byte == b' ').count();
        let equals = position(value, start, b"=").min(range.end);
        let name = Name::Fixed(String::from_utf8_lossy(&value[start..equals]).into_owned());
        Place { part: Part::Cookie, name, range: (equals + 1).min(range.end)..range.end, plus_is_space: false }
    };
    Places::new(split(value, 0..value.len(), b';').map(cookie).collect(), vec![(0, Part::Cookie)])
}

/// The leaves of a JSON body, the parts of a multipart one, the parameters of a form or of a batch's lines; else the whole.
pub(super) fn in_body(body: &[u8]) -> Places {
    if json::looks_like_json(body) {
        return in_json(body);
    }
    if let Some(parts) = in_multipart(body) {
        return Places::new(parts, vec![(0, Part::Body)]);
    }
    in_form(body).unwrap_or_else(|| {
        Places::new(vec![Place { part: Part::Body, name: Name::None, range: 0..body.len(), plus_is_space: false }], vec![(0, Part::Body)])
    })
}

fn in_json(body: &[u8]) -> Places {
    let document = json::read(body);
    let leaf = |(index, leaf): (usize, &json::Leaf)| Place {
        part: Part::Json,
        name: Name::Leaf(index),
        range: leaf.range.clone(),
        plus_is_space: false,
    };
    Places { list: document.leaves.iter().enumerate().map(leaf).collect(), document, between: vec![(0, Part::Body)] }
}

/// The boundary is the body's first line, whatever the header says of it.
fn in_multipart(body: &[u8]) -> Option<Vec<Place>> {
    let first_line = position(body, 0, b"\r\n");
    let boundary = body.get(..first_line).filter(|line| line.starts_with(b"--") && line.len() > 4)?;
    let mut list = Vec::new();
    let starts: Vec<usize> = memchr::memmem::find_iter(body, boundary).collect();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(body.len());
        let part = start + boundary.len()..end;
        let Some(head) = memchr::memmem::find(&body[part.clone()], b"\r\n\r\n") else { continue };
        let content = part.start + head + 4..part.end;
        let break_length = if index + 1 < starts.len() && body[content.clone()].ends_with(b"\r\n") { 2 } else { 0 };
        list.push(Place {
            part: Part::Multipart,
            name: Name::Fixed(part_name(&body[part.start..part.start + head])),
            range: content.start..content.end - break_length,
            plus_is_space: false,
        });
    }
    (!list.is_empty()).then_some(list)
}

fn part_name(head: &[u8]) -> String {
    let head = String::from_utf8_lossy(head);
    let name = head.split([';', '\n']).filter_map(|piece| piece.trim().strip_prefix("name=")).next().unwrap_or_default();
    name.trim_matches('"').to_owned()
}

/// Every line has to begin as a parameter does.
fn in_form(body: &[u8]) -> Option<Places> {
    let lines: Vec<Range<usize>> = split(body, 0..body.len(), b'\n').map(|line| without_return(body, line)).collect();
    let begins_with_name = |line: &Range<usize>| {
        let line = &body[line.clone()];
        memchr::memchr(b'=', line)
            .is_some_and(|equals| (1..=256).contains(&equals) && line[..equals].iter().all(|byte| byte.is_ascii_graphic()))
    };
    if lines.is_empty() || !lines.iter().all(begins_with_name) {
        return None;
    }
    let mut list = Vec::new();
    let is_batch = lines.len() > 1;
    for (index, line) in lines.into_iter().enumerate() {
        if is_batch {
            parameters(body, line, Part::BatchLine, &|name| Name::BatchParameter(index + 1, name), &mut list);
        } else {
            parameters(body, line, Part::Form, &Name::Parameter, &mut list);
        }
    }
    Some(Places::new(list, vec![(0, Part::Body)]))
}

fn without_return(body: &[u8], line: Range<usize>) -> Range<usize> {
    let end = if body[line.clone()].ends_with(b"\r") { line.end - 1 } else { line.end };
    line.start..end
}

fn parameters(bytes: &[u8], range: Range<usize>, part: Part, name: &dyn Fn(Range<usize>) -> Name, list: &mut Vec<Place>) {
    for pair in split(bytes, range, b'&') {
        let equals = position(bytes, pair.start, b"=").min(pair.end);
        for range in [pair.start..equals, (equals + 1).min(pair.end)..pair.end] {
            list.push(Place { part, name: name(pair.start..equals), range, plus_is_space: true });
        }
    }
}

/// The first of these bytes from an offset on, or the end.
fn position(bytes: &[u8], from: usize, any_of: &[u8]) -> usize {
    bytes[from..].iter().position(|byte| any_of.contains(byte)).map_or(bytes.len(), |at| from + at)
}

/// The ranges between separators that are not empty.
fn split(bytes: &[u8], range: Range<usize>, separator: u8) -> impl Iterator<Item = Range<usize>> {
    let range = range.start.min(bytes.len())..range.end.min(bytes.len()).max(range.start.min(bytes.len()));
    let ends = memchr::memchr_iter(separator, &bytes[range.clone()]).map(move |at| range.start + at).chain([range.end]);
    ends.scan(range.start, |start, end| {
        let piece = *start..end;
        *start = end + 1;
        Some(piece)
    })
    .filter(|piece| !piece.is_empty())
}
