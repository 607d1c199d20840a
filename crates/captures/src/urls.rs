//! Lists of addresses: one a line, or CSV with a column for them.

use pixelwitness_recording::{Body, CaptureKind, GapKind, Transmission};

use crate::case::Source;
use crate::csv::{Records, cells, is_open};
use crate::part::{Part, counted, told};
use crate::table::{Columns, Table};
use crate::unpack::unpacked;
use crate::utf16::{WITHOUT_CHARACTERS, places_without_characters};

/// A line longer than this is no address.
const LONGEST_LINE: usize = 1 << 20;

/// What it is where the first line that says something is an address, or names a column of addresses.
pub(crate) fn kind(text: &str) -> Option<CaptureKind> {
    let mut lines = text.lines().map(str::trim).filter(|line| !is_comment(line));
    let line = lines.next()?;
    if is_address(line) {
        return Some(CaptureKind::Urls);
    }
    let (_, columns) = columns(line)?;
    Some(if columns.has_more() { CaptureKind::Table } else { CaptureKind::Urls })
}

/// Reads a list, or a table that was exported as CSV. An address is taken as it stands.
pub(crate) fn read(source: &mut dyn Source, kind: CaptureKind) -> Part {
    let mut list = List { table: Table::new(Columns::default()), separator: None, is_table: false, unread: 0, first_unread: 0 };
    list.table.part.kind = kind;
    let mut records = Records::new(unpacked(source));
    let mut without_characters = 0;
    let mut is_first = true;
    loop {
        let separator = list.separator;
        match records.next(|record| separator.is_some() && is_open(record)) {
            Ok(Some((number, record))) => {
                without_characters += places_without_characters(&record);
                let text = String::from_utf8_lossy(&record);
                list.take(text.trim_start_matches('\u{feff}').trim(), number, &mut is_first);
            }
            Ok(None) => break,
            Err(_) => {
                let line = records.line();
                list.table.part.stopped(format!("the list is damaged or cut off behind line {line}: what follows is not known"));
                break;
            }
        }
    }
    let List { mut table, is_table, unread, first_unread, .. } = list;
    let part = &mut table.part;
    if !part.requests.is_empty() && !is_table {
        part.say(GapKind::BodyUnavailable, "no body is in a list of addresses");
    }
    if unread > 0 {
        part.say(
            GapKind::LogDamaged,
            format!("no web address in {}, the first of them line {first_unread}", counted(unread, "line", "lines")),
        );
    }
    if without_characters > 0 {
        part.say(GapKind::LeftOut, format!("{} {WITHOUT_CHARACTERS}", counted(without_characters, "place", "places")));
    }
    if is_table { table.finish() } else { table.part }
}

/// What is read of a list so far.
struct List {
    table: Table,
    /// What stands between cells, where it is a table.
    separator: Option<char>,
    /// Whether there is more than addresses in it.
    is_table: bool,
    unread: usize,
    first_unread: u64,
}

impl List {
    fn take(&mut self, text: &str, number: u64, is_first: &mut bool) {
        if text.is_empty() || is_comment(text) {
            return;
        }
        if std::mem::take(is_first) && !is_address(text) {
            if let Some((separator, columns)) = columns(text) {
                self.separator = Some(separator);
                self.is_table = columns.has_more();
                let kind = self.table.part.kind;
                self.table = Table::new(columns);
                self.table.part.kind = kind;
            }
            return;
        }
        let cells = self.separator.map_or_else(Vec::new, |separator| cells(text, separator));
        let address = if self.separator.is_some() { self.table.address(&cells) } else { text }.to_owned();
        if !is_address(&address) || address.len() > LONGEST_LINE {
            self.unread += 1;
            self.first_unread = if self.first_unread == 0 { number } else { self.first_unread };
        } else if self.is_table {
            self.table.take(&cells, number, None);
        } else {
            let mut request = told("GET", &address, number);
            request.body = Body::Unavailable { why: "a list of addresses has no bodies".to_owned() };
            request.transmission = Transmission::Unknown { why: "a list of addresses does not say so".to_owned() };
            self.table.part.push(request);
        }
    }
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

/// The separator of a table's heading, and its columns, where one of them has the addresses.
fn columns(heading: &str) -> Option<(char, Columns)> {
    [',', ';', '\t'].into_iter().find_map(|separator| {
        let names = cells(heading.trim_start_matches('\u{feff}'), separator);
        let is_named = names.len() > 1 || names[0].trim().eq_ignore_ascii_case("url");
        let columns = Columns::new(names);
        (is_named && columns.has_address()).then_some((separator, columns))
    })
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
            assert_eq!(kind(text), Some(CaptureKind::Urls), "{text}");
            let part = read(&mut Cursor::new(text.as_bytes().to_vec()), CaptureKind::Urls);
            let mut listed = String::new();
            part.requests.for_each(|request| listed.push_str(&format!("{} {}; ", request.log_lines[0].line, request.url)));
            assert_eq!(listed, found, "{text}");
        }
    }

    #[test]
    fn prose_is_no_list() {
        for text in ["", "# only this", "see https://a.example/", "mailto:a@b.example", "https://", "name,email\n"] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
