//! One request, decoded for a person at a prompt or for a program.

use pixelwitness_classifier::{Confidence, Event, Field, Findings, Leak, Meaning, Party, Recipient, Replay, Vendor};
use pixelwitness_recording::{HeaderSource, Packed, Request};
use serde::Serialize;

use crate::Style;
use crate::absence::{Silence, absence};
use crate::account::accounts;
use crate::json::json_text;
use crate::replays;
use crate::terminal::paragraph::{Ink, Paragraph};
use crate::terminal::shortened_to;
use crate::words::{self, Piece};

/// Version of what [`explanation_json`] writes.
///
/// - 1: the first.
const FORMAT: u32 = 1;

/// Characters of one value that are shown before it is shortened.
const MOST_CHARACTERS: usize = 400;

/// What is known of one request.
#[derive(Clone, Copy, Debug)]
pub struct Explained<'a> {
    /// The request.
    pub request: &'a Request,
    /// What was read out of a recording that holds it alone.
    pub findings: &'a Findings,
    /// Its parameters as they stand, without any definition.
    pub parameters: &'a [Field],
    /// Every vendor that has a definition.
    pub vendors: &'a [Vendor],
}

/// The explanation for programs.
#[must_use]
pub fn explanation_json(explained: &Explained) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format: u32,
        request: &'a Request,
        recipient: Option<&'a Recipient>,
        vendors: Vec<&'a Vendor>,
        events: &'a Packed<Event>,
        leaks: &'a Packed<Leak>,
        replays: &'a Packed<Replay>,
        read: bool,
        /// Only where no definition reads it: else each event has them.
        parameters: &'a [Field],
    }
    let read = !explained.findings.events.is_empty();
    json_text(&Document {
        format: FORMAT,
        request: explained.request,
        recipient: explained.findings.recipients.first(),
        vendors: vendors(explained),
        events: &explained.findings.events,
        leaks: &explained.findings.leaks,
        replays: &explained.findings.replays,
        read,
        parameters: if read { &[] } else { explained.parameters },
    })
}

/// The explanation for a person.
#[must_use]
pub fn explanation(explained: &Explained, style: Style) -> String {
    let mut text = String::new();
    let mut write = |paragraph: Paragraph| paragraph.write(&mut text, style);
    heading(explained, &mut write);
    let findings = explained.findings;
    for event in &findings.events {
        let name = event.name.as_deref().unwrap_or("without a name");
        let mut title = Paragraph::new(0, 2).add(Ink::Strong, "Event ").add(Ink::Value, name);
        if let Some(account) = &event.account {
            title = title.add(Ink::Plain, ", for the account ").add(Ink::Value, account);
        }
        write(title.add(Ink::Plain, ":"));
        fields(&event.fields, &mut write);
    }
    if findings.events.is_empty() {
        let who = if vendors(explained).is_empty() {
            "No definition reads this request"
        } else {
            "Its address is known, and says nothing by itself"
        };
        let none = explained.parameters.is_empty();
        let what = if none { "It has no parameters." } else { "Its parameters as they stand:" };
        write(Paragraph::new(0, 2).add(Ink::Warning, &format!("{who}. {what}")));
        if none {
            write(Paragraph::new(0, 0));
        } else {
            fields(explained.parameters, &mut write);
        }
    }
    claims(findings, &mut write);
    recorded(findings, &mut write);
    of_referer(explained, &mut write);
    text
}

fn heading(explained: &Explained, write: &mut impl FnMut(Paragraph)) {
    let Explained { request, findings, .. } = *explained;
    let address = request.url.split(['?', '#']).next().unwrap_or_default();
    write(Paragraph::new(0, 2).add(Ink::Strong, &request.method).add(Ink::Plain, " ").add(Ink::Strong, address));
    for vendor in vendors(explained) {
        let owner = vendor.entity.as_ref().filter(|entity| **entity != vendor.owner);
        let owner = owner.map_or_else(|| vendor.owner.clone(), |entity| format!("{} ({entity})", vendor.owner));
        let line =
            Paragraph::new(0, 2).add(Ink::Name, &vendor.name).add(Ink::Plain, &format!(" of {owner}: {}", words::purpose(vendor.purpose)));
        write(match vendor.confidence {
            Confidence::Recalled => line.add(Ink::Faint, " (recalled, not confirmed: what is known of it only so makes no claim)"),
            Confidence::Seen | Confidence::Documented => line,
        });
    }
    if let Some(recipient) = findings.recipients.first() {
        let text = format!("Received by {}, {}: {}.", recipient.id, words::party(recipient.party), recipient.why);
        write(Paragraph::new(0, 2).add(Ink::Faint, &text));
    }
    if request.headers_from == HeaderSource::Nobody {
        let text = "Only the address is known: GET is assumed, and what headers, cookies and a body would tell is missing.";
        write(Paragraph::new(0, 2).add(Ink::Faint, text));
    }
    write(Paragraph::new(0, 0));
}

/// The vendors whose definitions read something in it or know its address, in that order.
fn vendors<'a>(explained: &Explained<'a>) -> Vec<&'a Vendor> {
    let known = |is_it: &dyn Fn(&Vendor) -> bool| explained.vendors.iter().find(|vendor| is_it(vendor));
    let Findings { events, leaks, recipients, .. } = explained.findings;
    let of_events = events.iter().filter_map(|event| known(&|vendor| vendor.id == event.vendor));
    let of_leaks = leaks.iter().filter_map(|leak| known(&|vendor| leak.vendor.as_ref() == Some(&vendor.id)));
    let of_address = recipients.first().into_iter().flat_map(|recipient| &recipient.vendors);
    let of_address = of_address.filter_map(|name| known(&|vendor| vendor.name == *name));
    let mut found: Vec<&Vendor> = Vec::new();
    for vendor in of_events.chain(of_leaks).chain(of_address) {
        if found.iter().all(|other| other.id != vendor.id) {
            found.push(vendor);
        }
    }
    found
}

fn fields(fields: &[Field], write: &mut impl FnMut(Paragraph)) {
    for field in fields {
        let name = if field.name.is_empty() { "(no name)" } else { &field.name };
        let mut line = Paragraph::new(2, 6)
            .add(Ink::Strong, name)
            .add(Ink::Plain, " = ")
            .add(Ink::Value, &shortened_to(&field.value, MOST_CHARACTERS));
        let meaning = if field.meaning == Meaning::Unknown { Ink::Faint } else { Ink::Plain };
        line = line.add(Ink::Plain, "  ").add(meaning, &words::meaning(field.meaning));
        if let Some(note) = &field.note {
            line = line.add(Ink::Faint, &format!(": {note}"));
        }
        write(line.add(Ink::Faint, &format!(" [{}]", place(field))));
    }
    if fields.is_empty() {
        write(Paragraph::new(2, 6).add(Ink::Faint, "no parameters"));
    }
    write(Paragraph::new(0, 0));
}

/// `query of the address, percent-encoding`
fn place(field: &Field) -> String {
    let part = words::part(field.location.part);
    let named = if field.location.name.is_empty() || field.location.name == field.name {
        String::new()
    } else {
        format!(" {}", field.location.name)
    };
    if field.encodings.is_empty() { format!("{part}{named}") } else { format!("{part}{named}, {}", words::encodings(&field.encodings)) }
}

fn claims(findings: &Findings, write: &mut impl FnMut(Paragraph)) {
    if findings.leaks.is_empty() {
        if let Some(nothing) = absence(Silence::InRequest, findings).filter(|_| findings.replays.is_empty()) {
            write(Paragraph::new(0, 2).add(Ink::Plain, &nothing.to_string()));
        }
        return;
    }
    write(Paragraph::new(0, 2).add(Ink::Strong, "What it tells:"));
    for account in accounts(findings) {
        for pieces in account.told.iter().map(|told| words::sentence(told, 20)) {
            write(sentence(&pieces));
        }
    }
}

/// What a session replay in it recorded of the visitor.
fn recorded(findings: &Findings, write: &mut impl FnMut(Paragraph)) {
    for account in replays::accounts(findings) {
        if !findings.leaks.is_empty() {
            write(Paragraph::new(0, 0));
        }
        let title =
            format!("It is a part of a recording of the visit through {}, of {}:", account.product, words::count(account.bytes, "byte"));
        write(Paragraph::new(0, 2).add(Ink::Strong, &title));
        replays::parts(&account).iter().for_each(|part| write(sentence(part)));
        if let Some(nothing) = absence(Silence::InReplay, findings).filter(|_| account.recorded.is_empty() && account.unknown == 0) {
            write(Paragraph::new(2, 6).add(Ink::Plain, &nothing.to_string()));
        }
    }
}

fn sentence(pieces: &[Piece]) -> Paragraph {
    pieces.iter().fold(Paragraph::new(2, 6), |paragraph, piece| match piece {
        Piece::Words(words) => paragraph.add(Ink::Plain, words),
        Piece::Quoted(value) => paragraph.add(Ink::Value, &format!("\u{201c}{value}\u{201d}")),
        Piece::Address(value) | Piece::Exact(value) | Piece::Digest(value) => paragraph.add(Ink::Value, value),
    })
}

/// One request does not say which site was visited: a `Referer` is a claim only where somebody else does.
fn of_referer(explained: &Explained, write: &mut impl FnMut(Paragraph)) {
    let Explained { request, findings, .. } = *explained;
    let is_to_somebody_else = findings.recipients.first().is_some_and(|recipient| recipient.party == Party::Third);
    let Some(referer) = request.header("referer").filter(|_| is_to_somebody_else && findings.sites.is_empty()) else { return };
    let Some((host, rest)) = referer.split_once("://").map(|(_, rest)| rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
    else {
        return;
    };
    if rest.len() > 1 {
        let host = host.split(':').next().unwrap_or(host);
        let hint = format!("Its Referer header names a page: with --first-party {host}, that counts as what it tells.");
        write(Paragraph::new(0, 0));
        write(Paragraph::new(0, 2).add(Ink::Faint, &hint));
    }
}
