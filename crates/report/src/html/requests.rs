use std::io;

use maud::{Markup, html};
use pixelwitness_classifier::{Event, Field, Leak};
use pixelwitness_recording::{Body, HttpVersion, Message, MessageKind, Request, Sender, Transmission};

use super::carrier::{Carrier, place};
use super::marked::{self, Mark};
use super::page::Page;
use super::reading::{MOST_WITH_A_CLAIM, MOST_WITHOUT_A_CLAIM, Reading, is_browsers_own, step_link};
use super::recipients;
use super::table::{show_table, table};
use super::time::utc;
use crate::readable;
use crate::words;

/// Requests that belong to a claim or went to a third party, down to their bytes.
pub(super) fn in_full(reading: &Reading, page: &mut Page) -> io::Result<()> {
    page.show(&html! {
        p {
            "Shown in full: " (reading.shown_in_full()) " of " (reading.recording.requests.len())
            " requests: those that belong to a claim (at most " (MOST_WITH_A_CLAIM) ", those first that prove a value for the first time), and those to third parties without a claim (the first " (MOST_WITHOUT_A_CLAIM) "). "
            mark { "Marked" } " bytes are those that a claim names; " mark.inner { "darker" } " ones are named by several."
        }
    })?;
    let requests = &mut reading.recording.requests.iter().filter(|request| reading.is_in_full(request));
    requests.try_for_each(|request| page.show(&one(reading, &request)))
}

fn one(reading: &Reading, request: &Request) -> Markup {
    let leaks = reading.leaks_of(request.id);
    html! {
        details.request {
            summary {
                strong { (request.id) } " " (request.method) " " code { (readable::address(without_query(&request.url))) }
                @if leaks > 0 { " " span.badge { (words::count(leaks, "claim")) } }
                @if reading.is_copy(request.id) { " " span.badge.quiet { "copy" } }
            }
            div id=(request.id) tabindex="-1" {
                (facts(reading, request))
                (claims(reading, request))
                (raw(reading, request))
                (events(reading, request))
                (initiator(reading, request))
                (answer(reading, request))
            }
        }
    }
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn facts(reading: &Reading, request: &Request) -> Markup {
    html! {
        dl.facts {
            @if let Some(recipient) = reading.recipient(request.id) {
                dt { "Recipient" }
                dd { a href={ "#recipient-" (reading.number(recipient)) } { (readable::hosts(&recipient.id.0)) } ", " (words::party(recipient.party)) }
            }
            dt { @if request.transmission == Transmission::Sent { "Sent" } @else { "Announced" } } dd { (utc(request.sent_at_ms)) ", " (step_link(request.step, reading)) "; " (words::transmission(&request.transmission)) }
            @if let Some(address) = &request.remote_address { dt { "To the machine" } dd { code { (address) } @if reading.is_sinkhole(request.id) { ", the sinkhole on this one" } } }
            @let shown = readable::hosts(host(&request.url));
            @if shown != host(&request.url) { dt { "Host name" } dd { code { (shown) } ", sent as " code { (host(&request.url)) } } }
            @if let Some(page) = &request.page_url { dt { "Under the page" } dd { code { (readable::address(page)) } } }
            @if let Some(frame) = &request.frame { @if Some(&frame.url) != request.page_url.as_ref() { dt { "In the frame" } dd { code { (frame.url) } } } }
            @if let Some(from) = request.redirected_from { dt { "Redirected from" } dd { (reading.link(from)) } }
            @if let Sender::Browser { rule } = &request.sender { dt { "Sender" } dd { "the browser itself: " (rule) } }
            dt { "Seen by" } dd { (words::witness(request.witness)) }
            @if let Some(from) = words::sender_source(request.sender_from) { dt { "Frame and script from" } dd { (from) } }
            dt { "Headers from" } dd { (words::header_source(request.headers_from)) }
            dt { "Body from" } dd { (words::witness(request.body_from)) }
            dt { "Raw log lines" } dd { (log_lines(reading, request)) }
        }
    }
}

fn log_lines(reading: &Reading, request: &Request) -> Markup {
    html! {
        @if request.log_lines.is_empty() { "none" }
        @for (index, line) in request.log_lines.iter().enumerate() {
            @if index > 0 { ", " } (words::place(*line, &reading.findings.completeness))
        }
    }
}

/// The claims that this request proves. Where the place of one is not known to the byte, its anchor is here.
fn claims(reading: &Reading, request: &Request) -> Markup {
    let leaks = reading.leaks(request.id);
    html! {
        @if !leaks.is_empty() {
            h3 { "Claims" }
            ul {
                @for (place_in_findings, leak) in &leaks {
                    @let marked = marked_in(reading, request, *place_in_findings, leak).is_some();
                    li id=[(!marked).then(|| anchor(*place_in_findings))] {
                        (words::label(leak.what).any) ": "
                        (recipients::told_by(leak))
                        " (" code { (leak.name) } ", " (recipients::place(leak)) ")"
                        @if !marked { ". Its bytes are not marked: the findings do not name them one by one." }
                    }
                }
            }
        }
    }
}

fn anchor(leak: usize) -> String {
    format!("proof-{}", leak + 1)
}

/// Where a leak is marked: nowhere if what the findings name is not in this request.
fn marked_in(reading: &Reading, request: &Request, index: usize, leak: &Leak) -> Option<(Carrier, Mark)> {
    let (carrier, range) = place(leak, request)?;
    let length = match carrier {
        Carrier::Address => request.url.len(),
        Carrier::Header(index) => request.headers.get(index)?.value.len(),
        Carrier::Body => request.body.bytes()?.len(),
        Carrier::Message(index) => reading.messages(request.id).get(index)?.payload.0.len(),
    };
    (range.start < length).then(|| (carrier, Mark { range, anchor: Some(anchor(index)) }))
}

fn raw(reading: &Reading, request: &Request) -> Markup {
    let marks: Vec<(Carrier, Mark)> =
        reading.leaks(request.id).iter().filter_map(|(index, leak)| marked_in(reading, request, *index, leak)).collect();
    let on =
        |carrier: Carrier| -> Vec<Mark> { marks.iter().filter(|(other, _)| *other == carrier).map(|(_, mark)| mark.clone()).collect() };
    html! {
        h3 { @match request.transmission { Transmission::Sent => "As sent", Transmission::NotSent { .. } => "As announced", Transmission::Unknown { .. } => "As it may have been sent" } }
        pre.raw {
            strong { (request.method) } " " (marked::text(&request.url, &on(Carrier::Address))) " " (version(request.http_version)) "\n"
            @for (index, header) in request.headers.iter().enumerate() {
                span.name { (header.name) ": " } (marked::text(&header.value, &on(Carrier::Header(index)))) "\n"
            }
        }
        (body(&request.body, &on(Carrier::Body)))
        @for (index, message) in reading.messages(request.id).iter().enumerate() {
            (sent_message(index, message, &on(Carrier::Message(index))))
        }
    }
}

fn version(version: HttpVersion) -> &'static str {
    match version {
        HttpVersion::Http1 => "HTTP/1.1",
        HttpVersion::Http2 => "HTTP/2",
        HttpVersion::Http3 => "HTTP/3",
        HttpVersion::Unknown => "(protocol version not known)",
    }
}

fn body(body: &Body, marks: &[Mark]) -> Markup {
    match body {
        Body::Empty => html! { p { "It carried no body." } },
        Body::Unavailable { why } => html! { p.warning { "The body is unavailable: " (why) } },
        Body::Bytes(bytes) => html! {
            p { "Body, " (words::count(bytes.0.len(), "byte")) ":" }
            (marked::bytes(&bytes.0, marks))
        },
    }
}

fn sent_message(index: usize, message: &Message, marks: &[Mark]) -> Markup {
    let kind = match message.kind {
        MessageKind::Text => "text",
        MessageKind::Binary => "binary",
    };
    html! {
        p {
            "WebSocket message " (index + 1) ", " (kind) ", " (words::count(message.payload.0.len(), "byte")) ", sent "
            (utc(message.sent_at_ms)) ", seen by " (words::witness(message.witness)) ":"
        }
        (marked::bytes(&message.payload.0, marks))
    }
}

fn events(reading: &Reading, request: &Request) -> Markup {
    html! {
        @for event in &reading.events(request.id) {
            h3 { "Decoded: " (words::product(reading.findings, &event.vendor)) @if let Some(name) = &event.name { ", event " bdi { (name) } } }
            @if let Some(account) = &event.account { p { "Account with the vendor: " code { (account) } } }
            @if !event.form.is_empty() { p { "It was " (words::form(&event.form)) "." } }
            @if let Some(first) = event.copy_of { p { "A copy of the event in " (reading.link(first)) "; it is counted once." } }
            (fields(event))
        }
    }
}

fn fields(event: &Event) -> Markup {
    let row = |field: &Field| {
        vec![
            html! { code { (field.name) } },
            html! { bdi.value { (field.value) } },
            html! { (words::meaning(field.meaning)) @if let Some(note) = &field.note { ": " (note) } },
            html! { (words::part(field.location.part)) @if let Some(range) = field.location.range { ", bytes " (range.start) "–" (range.end) } },
            html! { (words::encodings(&field.encodings)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = event.fields.iter().map(row).collect();
    table("Every parameter, known or not, in the order sent", &["Name", "Value", "Meaning", "Place", "Written as"], &rows)
}

fn initiator(reading: &Reading, request: &Request) -> Markup {
    let initiator = &request.initiator;
    html! {
        h3 { "What made it happen" }
        p {
            @if initiator.kind.is_empty() { "Not known: nobody saw it" } @else { (initiator.kind) ", in " (words::target(request.target, &reading.findings.completeness)) }
            @if !request.resource_type.is_empty() { ", as " (request.resource_type) }
            @if let Some(url) = &initiator.url { ", by " code { (url) } }
            @if let Some(origin) = &initiator.origin { ", for the origin " code { (origin) } }
            "."
        }
        @if !initiator.stack.is_empty() {
            p { "Script calls, innermost first:" }
            ol.stack {
                @for call in &initiator.stack {
                    li {
                        @if call.function.is_empty() { "(anonymous)" } @else { code { (call.function) } }
                        " " code { (call.url) ":" (call.line) ":" (call.column) }
                    }
                }
            }
        }
    }
}

fn answer(reading: &Reading, request: &Request) -> Markup {
    let declared = || reading.findings.declared.iter().filter(|declared| declared.request == request.id);
    html! {
        @if let Some(response) = &request.response {
            h3 { "Answer" }
            pre.raw { strong { "Status " (response.status) } "\n" @for header in &response.headers { span.name { (header.name) ": " } (header.value) "\n" } }
            @if let Some(bytes) = response.body.as_ref().filter(|_| declared().next().is_some()) {
                p { "Its body, with the settings it declares:" }
                @let settings = declared().filter_map(|declared| first_place(&bytes.0, declared.setting.as_bytes())).collect::<Vec<Mark>>();
                (marked::bytes(&bytes.0, &settings))
            }
        }
    }
}

fn first_place(bytes: &[u8], wanted: &[u8]) -> Option<Mark> {
    let start = bytes.windows(wanted.len().max(1)).position(|window| window == wanted)?;
    Some(Mark { range: pixelwitness_classifier::ByteRange { start, end: start + wanted.len() }, anchor: None })
}

/// All other requests, one line each.
pub(super) fn others(reading: &Reading, page: &mut Page) -> io::Result<()> {
    let others = || reading.recording.requests.iter().filter(|request| !reading.is_in_full(request));
    page.show(&html! {
        p { "Requests that are not shown in full above, and those that the browser made for itself. They are in the recording in full." }
    })?;
    let mut shown = false;
    for (caption, browser) in [("Of the page", false), ("Of the browser itself, set aside by rule", true)] {
        let mut requests = others().filter(|request| is_browsers_own(request) == browser).peekable();
        if requests.peek().is_some() {
            shown = true;
            let heads = ["Request", "Address", &reading.part_head(), "Fate", "Seen by", "Status"];
            show_table(page, caption, &heads, requests, |request| compact(reading, request), "recording.jsonl.zst")?;
        }
    }
    if shown { Ok(()) } else { page.show(&html! { p { "There are none." } }) }
}

fn compact(reading: &Reading, request: &Request) -> Vec<Markup> {
    let claims = reading.leaks_of(request.id);
    vec![
        html! { span id=(request.id) { (request.id) } @if claims > 0 { " " span.badge { (words::count(claims, "claim")) } } },
        html! { (request.method) " " code { (readable::address(&request.url)) } },
        step_link(request.step, reading),
        html! { (words::transmission(&request.transmission)) @if let Sender::Browser { rule } = &request.sender { "; " (rule) } },
        html! { (words::witness(request.witness)) },
        html! { @match &request.response { Some(response) => (response.status), None => "none seen" } },
    ]
}
