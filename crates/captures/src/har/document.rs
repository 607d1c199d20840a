use std::io::BufRead;

use super::{Begun, Har, LIMITS};
use crate::json::{Cut, Document, Limits, ORDINARY, closed};

/// Reads a HAR, and those that follow it in the same file.
pub(super) fn read(reader: impl BufRead, har: &mut Har<'_>) {
    let mut document = Document::new(reader);
    loop {
        let begin = document.at();
        let mut has_log = false;
        let read = document.object(|document, key| match key {
            "log" => {
                has_log = true;
                har.next_document();
                log(document, har)
            }
            _ => skip(document),
        });
        if let Err(cut) = read {
            return har.part.stopped(told(cut, har));
        }
        if !has_log || !document.goes_on() {
            let length = document.rest() + if has_log { 0 } else { document.at() - begin };
            if length > 0 {
                let begin = document.at() - length;
                har.part
                    .stopped(format!("{length} bytes after the end of the HAR, from byte {begin} on, are none of it and were not read"));
            }
            return;
        }
    }
}

/// Hands over every entry of a HAR and of those that follow it, and nothing else.
pub(super) fn each_entry(reader: impl BufRead, mut take: impl FnMut(&[u8])) {
    let mut document = Document::new(reader);
    loop {
        let read = document.object(|document, key| match key {
            "log" => document.object(|document, key| match key {
                "entries" => {
                    let read = document.array(LIMITS, |bytes| take(&bytes));
                    take(&closed(&document.begun()).bytes);
                    read
                }
                _ => skip(document),
            }),
            _ => skip(document),
        });
        if read.is_err() || !document.goes_on() {
            return;
        }
    }
}

/// Where it breaks off, and what that costs.
fn told(cut: Cut, har: &Har<'_>) -> String {
    let how = if cut.ended { "ends" } else { "stops making sense" };
    let at = cut.at;
    match &har.begun {
        None if har.entries == 0 => format!("the HAR {how} after {at} bytes, before its first entry: what follows is not known"),
        None => format!("the HAR {how} after {at} bytes, after its entry {}: what follows is not known", har.entries),
        Some(Begun::Known(request)) => format!(
            "the HAR {how} after {at} bytes, in the middle of its entry {} ({request}): whether that request was sent, what else the entry held and what \
             follows is not known",
            har.entries
        ),
        Some(Begun::Lost) => format!(
            "the HAR {how} after {at} bytes, in the middle of its entry {}, before an address: that request is lost, and what follows is not known",
            har.entries
        ),
    }
}

fn log<R: BufRead>(document: &mut Document<R>, har: &mut Har<'_>) -> Result<(), Cut> {
    document.object(|document, key| match key {
        "entries" => {
            let read = document.array(LIMITS, |bytes| har.entry(&bytes));
            har.begun(&document.begun());
            read
        }
        "pages" => document.array(ORDINARY, |bytes| har.page(&bytes)),
        "creator" | "browser" => {
            let mut bytes = Vec::new();
            document.value(&mut bytes, ORDINARY)?;
            har.maker(key, &bytes);
            Ok(())
        }
        _ => skip(document),
    })
}

/// Goes over a value. Nothing of it is kept: every string is beyond its limit.
fn skip<R: BufRead>(document: &mut Document<R>) -> Result<(), Cut> {
    document.value(&mut Vec::new(), Limits { close: 0, member: b"", other: 0 })
}
