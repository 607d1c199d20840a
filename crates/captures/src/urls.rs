//! Lists of addresses: one a line, or CSV with a column for them.

use std::io::BufRead as _;

use pixelwitness_recording::{Body, CaptureKind, GapKind, Transmission};

use crate::case::Source;
use crate::part::{Part, counted, told};
use crate::unpack::unpacked;
use crate::utf16::{WITHOUT_CHARACTERS, places_without_characters};

/// Names that exports give the column with the address.
const COLUMNS: &[&str] = &["url", "request_url", "request url", "requesturl", "address", "uri", "request"];

/// A line longer than this is no address.
const LONGEST_LINE: usize = 1 << 20;

/// Whether the first line that says something is an address or names a column of addresses.
pub(crate) fn is_list(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !is_comment(line));
    lines.next().is_some_and(|line| is_address(line) || column(line).is_some())
}

/// Reads a list. An address is taken as it stands.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let mut part = Part::new(CaptureKind::Urls);
    let mut reader = unpacked(source);
    let mut table = None;
    let (mut number, mut others, mut first_other) = (0, 0, 0);
    let mut line = Vec::new();
    let mut is_first = true;
    let mut without_characters = 0;
    loop {
        match reader.read_until(b'\n', &mut line) {
            Ok(1..) => {}
            Ok(_) => break,
            Err(_) => {
                part.stopped(format!("the list is damaged or cut off behind line {number}: what follows is not known"));
                break;
            }
        }
        number += 1;
        without_characters += places_without_characters(&line);
        let text = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        let text = text.trim_start_matches('\u{feff}').trim();
        if is_comment(text) {
            continue;
        }
        if std::mem::take(&mut is_first) && !is_address(text) {
            table = column(text);
            continue;
        }
        let cell = match table {
            Some((separator, column)) => cells(text, separator).into_iter().nth(column).unwrap_or_default(),
            None => text.to_owned(),
        };
        if !is_address(cell.trim()) || text.len() > LONGEST_LINE {
            others += 1;
            first_other = if first_other == 0 { number } else { first_other };
            continue;
        }
        let mut request = told("GET", cell.trim(), number);
        request.body = Body::Unavailable { why: "a list of addresses has no bodies".to_owned() };
        request.transmission = Transmission::Unknown { why: "a list of addresses does not say so".to_owned() };
        part.push(request);
    }
    if !part.requests.is_empty() {
        part.say(GapKind::BodyUnavailable, "no body is in a list of addresses");
    }
    if others > 0 {
        part.say(
            GapKind::LogDamaged,
            format!("no web address in {}, the first of them line {first_other}", counted(others, "line", "lines")),
        );
    }
    if without_characters > 0 {
        part.say(GapKind::LeftOut, format!("{} {WITHOUT_CHARACTERS}", counted(without_characters, "place", "places")));
    }
    part
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    ["http", "https", "ws", "wss"].contains(&scheme.to_ascii_lowercase().as_str())
        && !rest.is_empty()
        && !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|url| url.host().is_some())
}

/// The separator of a table's heading, and which column has the addresses.
fn column(heading: &str) -> Option<(char, usize)> {
    [',', ';', '\t'].into_iter().find_map(|separator| {
        let names = cells(heading.trim_start_matches('\u{feff}'), separator);
        let at = names.iter().position(|name| COLUMNS.contains(&name.trim().to_lowercase().as_str()))?;
        (names.len() > 1 || names[0].trim().eq_ignore_ascii_case("url")).then_some((separator, at))
    })
}

/// The cells of a line of CSV; a quoted one may hold the separator, and doubled quotes.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut().map(|cell| (cell.is_empty(), cell));
        let Some((is_empty, cell)) = cell else { break };
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' if quoted || is_empty => quoted = !quoted,
            _ if character == separator && !quoted => cells.push(String::new()),
            _ => cell.push(character),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn addresses_are_found_a_line_each_or_in_their_column() {
        for (text, found) in [
            ("# list\n\nhttps://a.example/?x=1#y\n  wss://b.example/ws\n", "3 https://a.example/?x=1; 4 wss://b.example/ws; "),
            ("time;Request URL;status\n1;https://a.example/;200\n", "2 https://a.example/; "),
            ("a,url\n\"1,\"\"2\",\"https://a.example/?q=a,b\"\n,\n", "2 https://a.example/?q=a,b; "),
            ("url\nhttps://a.example/\n", "2 https://a.example/; "),
        ] {
            assert!(is_list(text), "{text}");
            let part = read(&mut Cursor::new(text.as_bytes().to_vec()));
            let mut listed = String::new();
            part.requests.for_each(|request| listed.push_str(&format!("{} {}; ", request.log_lines[0].line, request.url)));
            assert_eq!(listed, found, "{text}");
        }
    }

    #[test]
    fn prose_is_no_list() {
        for text in ["", "# only this", "see https://a.example/", "mailto:a@b.example", "https://", "name,email\n"] {
            assert!(!is_list(text), "{text}");
        }
    }
}
