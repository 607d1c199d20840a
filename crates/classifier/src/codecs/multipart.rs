use memchr::memmem;

use super::{MOST_PARAMETERS, Parameter};
use crate::Part;
use crate::piece::Piece;

/// The parts of a `multipart/form-data` body, files included. What stands outside them comes out without a name.
pub(crate) fn parameters<'a>(piece: &Piece<'a>, content_type: &str) -> Vec<Parameter<'a>> {
    let bytes = &piece.bytes;
    let Some(boundary) = boundary(bytes, content_type) else { return vec![Parameter::rest(Part::Body, *piece)] };
    let mut parameters = Vec::new();
    let mut at = 0;
    while let Some(found) = memmem::find(&bytes[at..], &boundary) {
        let after = at + found + boundary.len();
        if bytes[after..].starts_with(b"--") || parameters.len() >= MOST_PARAMETERS {
            at = after.max(at);
            break;
        }
        let end = memmem::find(&bytes[after..], &boundary).map_or(bytes.len(), |next| after + next);
        parameters.push(part(piece, after, end));
        at = end;
    }
    let rest = bytes[at..].strip_prefix(b"--").unwrap_or(&bytes[at..]);
    if !rest.trim_ascii().is_empty() {
        parameters.push(Parameter::rest(Part::Body, piece.slice(at..bytes.len())));
    }
    parameters
}

/// The line that parts two parts: as the header names it, else as the body begins.
pub(crate) fn boundary(bytes: &[u8], content_type: &str) -> Option<Vec<u8>> {
    if !bytes.starts_with(b"--") {
        return None;
    }
    let named = content_type.split_once("boundary=").map(|(_, rest)| rest.split(';').next().unwrap_or(rest).trim().trim_matches('"'));
    let begins = bytes.split(|byte| *byte == b'\n').next().map(|line| line.trim_ascii_end()).filter(|line| line.len() > 4);
    let found = match named {
        Some(name) if !name.is_empty() => format!("--{name}").into_bytes(),
        _ => begins?.to_vec(),
    };
    let has_parts = || memmem::find(bytes, b"form-data").is_some();
    (bytes.starts_with(&found) && has_parts()).then_some(found)
}

/// One part: its head, an empty line, its value, and the line break that belongs to the next boundary.
fn part<'a>(piece: &Piece<'a>, start: usize, end: usize) -> Parameter<'a> {
    let bytes = &piece.bytes[start..end];
    let (head_end, value_start) = match (memmem::find(bytes, b"\r\n\r\n"), memmem::find(bytes, b"\n\n")) {
        (Some(at), other) if other.is_none_or(|other| at < other) => (at, at + 4),
        (_, Some(at)) => (at, at + 2),
        _ => (0, 0),
    };
    let value = &bytes[value_start..];
    let value_length = value.strip_suffix(b"\r\n").or_else(|| value.strip_suffix(b"\n")).unwrap_or(value).len();
    let name = name(&String::from_utf8_lossy(&bytes[..head_end]));
    let piece = piece.slice(start + value_start..start + value_start + value_length);
    Parameter::new(piece.kept(&name), Part::Multipart, piece)
}

/// Browsers write a quotation mark in a name as `%22` and line breaks as `%0D` and `%0A`; everything else stands as it is.
fn name(head: &str) -> String {
    let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:")).unwrap_or_default();
    let quoted = disposition.split_once(" name=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name);
    quoted.unwrap_or_default().replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--X\r\nContent-Disposition: form-data; name=\"ev\"\r\n\r\nPageView\r\n\
        --X\r\nContent-Disposition: form-data; name=\"cd[a]\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\ntwo\r\nlines\r\n--X--\r\n";

    fn shown(body: &str, content_type: &str) -> Vec<String> {
        let found = parameters(&Piece::new(body.as_bytes(), 0), content_type);
        found.iter().map(|one| format!("{}={:?} at {}", one.name, one.piece.text(), one.range().start)).collect()
    }

    #[test]
    fn every_part_comes_out_with_its_place() {
        let expected = ["ev=\"PageView\" at 50", "cd[a]=\"two\\r\\nlines\" at 157"];
        for content_type in ["multipart/form-data; boundary=X", "multipart/form-data; boundary=\"X\"; charset=UTF-8"] {
            assert_eq!(shown(BODY, content_type), expected);
        }
        let long = BODY.replace("--X", "--WebKit");
        assert_eq!(shown(&long, "").len(), 2, "a boundary nobody names is the first line");
        assert_eq!(shown(&BODY[..BODY.len() - 7], "multipart/form-data; boundary=X"), expected, "a body cut before its end");
        assert_eq!(shown(&format!("{BODY}more"), "multipart/form-data; boundary=X")[2], "=\"--\\r\\nmore\" at 172");
    }

    #[test]
    fn other_bodies_are_not_multipart() {
        assert!(boundary(b"ev=PageView&id=1", "multipart/form-data; boundary=X").is_none());
        assert!(boundary(b"----", "").is_none());
        assert_eq!(shown("ev=1", ""), ["=\"ev=1\" at 0"]);
    }
}
