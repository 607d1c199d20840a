//! What is known not to be known: requests that may have left, and those that this network kept from leaving.

use std::io;

use maud::{Markup, html};
use pixelwitness_classifier::{FailedHost, MayHaveBeenSent, Party};

use super::page::Page;
use super::reading::Reading;
use super::summary::show;
use super::table::show_table;
use crate::readable;
use crate::standing;
use crate::words;

/// Values of one sort that are named.
const MOST_VALUES: usize = 20;

/// Requests of which nobody can say whether they left, and what they would have told.
pub(super) fn uncertain(reading: &Reading, page: &mut Page) -> io::Result<()> {
    let all = &reading.findings.may_have_been_sent;
    if all.is_empty() {
        return page.show(&html! { p { "Of every request that the record holds it is known whether it left." } });
    }
    page.show(&html! {
        p { "Nobody can say whether these requests left the browser. Nothing said elsewhere in this report rests on them." }
        @for one in &standing::uncertain(reading.findings, MOST_VALUES) {
            @if !one.told.is_empty() {
                h3 { bdi { (readable::hosts(&one.recipient.id.0)) } " may have been sent" }
                ul { @for sentence in &one.told { li { @for piece in sentence { (show(&piece.piece())) } } } }
            }
        }
    })?;
    let row = |one: &MayHaveBeenSent| {
        let events: Vec<&str> = one.events.iter().filter_map(|event| event.name.as_deref()).collect();
        vec![
            reading.link(one.request),
            html! { bdi { (readable::hosts(&one.recipient.0)) } ", " (words::party(one.party)) },
            html! { code { (readable::hosts(&one.host)) } },
            html! { @if events.is_empty() { "none" } @else { (events.join(", ")) } },
            html! { (one.why) },
        ]
    };
    let heads = ["Request", "Recipient", "Host name", "Events", "Why nobody can say"];
    show_table(page, "Requests that may have been sent", &heads, all.iter(), row, "findings.json")
}

/// Requests that failed before a byte was written.
pub(super) fn failed(reading: &Reading, page: &mut Page) -> io::Result<()> {
    let all = &reading.findings.failed;
    if all.is_empty() {
        return page.show(&html! { p { "No request is on record as having failed on this network before it was sent." } });
    }
    let third = all.iter().any(|failed| failed.party == Party::Third);
    page.show(&html! {
        @if third {
            p {
                "A name that does not resolve, a connection that is refused or cut, a proxy that filters: these requests failed before a byte was \
                 written. On another network they may succeed, and what they would have told is not known."
            }
        }
    })?;
    let row = |one: &&FailedHost| -> Vec<Markup> {
        vec![
            html! { code { (readable::hosts(&one.host)) } },
            html! { bdi { (readable::hosts(&one.recipient.0)) } ", " (words::party(one.party)) },
            html! { code { (one.error) } },
            html! { (one.count) @if let Some(first) = one.requests.first() { ", from " (reading.link(*first)) } },
        ]
    };
    show_table(page, "Hosts whose requests failed", &["Host name", "Recipient", "Error", "Requests"], all.iter(), row, "findings.json")
}
