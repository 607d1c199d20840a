use std::io;

use maud::{Markup, PreEscaped, html};
use pixelwitness_classifier::{Leak, Party, Recipient};

use super::page::Page;
use super::reading::{Reading, step_link};
use super::summary::told_anchor;
use super::table::table;
use crate::absence::{NONE_ON_RECORD, Silence, absence_or};
use crate::account::{Account, MOST_CLAIMS, MOST_NAMES, Told, Value, hash_of};
use crate::known;
use crate::readable;
use crate::words::{self, count};

/// Everybody who received a request, with each claim.
pub(super) fn recipients(reading: &Reading, page: &mut Page) -> io::Result<()> {
    let accounts = &reading.accounts;
    let (told, silent): (Vec<&Account>, Vec<&Account>) = accounts.iter().partition(|account| !account.told.is_empty());
    if accounts.is_empty() {
        page.show(&html! { p { (absence_or(Silence::Received, reading.findings, NONE_ON_RECORD)) } })?;
    }
    for account in told {
        let number = reading.number(account.recipient);
        let opening = format!("<article id=\"recipient-{number}\" aria-labelledby=\"recipient-{number}-title\">");
        page.show(&html! { (PreEscaped(opening)) (recipient(reading, account, number)) })?;
        account.told.chunk_by(|one, next| one.what == next.what).try_for_each(|one| show_told(page, reading, number, one))?;
        page.show(&PreEscaped("</article>".to_owned()))?;
    }
    page.show(&html! {
        @if !silent.is_empty() {
            h3 { (absence_or(Silence::Recipients, reading.findings, "Other recipients")) }
            (silent_table(reading, &silent))
        }
    })
}

fn recipient(reading: &Reading, account: &Account, number: usize) -> Markup {
    let recipient = account.recipient;
    html! {
            h3 id={ "recipient-" (number) "-title" } { bdi { (readable::hosts(&recipient.id.0)) } }
            dl.facts {
                dt { "Counts as" } dd { (words::party(recipient.party)) ": " (readable::hosts(&recipient.why)) }
                @if let Some(owner) = &recipient.owner { dt { "Owner" } dd { (owner) } }
                @if !recipient.vendors.is_empty() { dt { "Products" } dd { (recipient.vendors.join(", ")) } }
                @if recipient.sinkhole { dt { "Contacted" } dd { strong { "no: the sinkhole answered in its place" } } }
                @for known in [known::owners(reading.findings, &recipient.id), known::aliases(reading.findings, &recipient.id)] {
                    @for one in known { dt { "Who is behind it" } dd { (one) } }
                }
                @for listing in listings(reading, recipient) { dt { "On a filter list" } dd { (listing) } }
                dt { "Host names" } dd { @for (index, host) in recipient.hosts.iter().enumerate() { @if index > 0 { ", " } code { (readable::hosts(host)) } } }
                @for (vendor, form) in &account.forms { dt { (vendor) } dd { (words::form(form)) } }
                dt { "Requests" } dd { (recipient.requests.len()) }
                @if !account.events.is_empty() {
                    dt { "Events" }
                    dd {
                        (words::events(account, MOST_NAMES))
                        @if account.copies > 0 { "; copies not counted: " (account.copies) }
                    }
                }
            }
    }
}

/// Everything of one sort.
fn show_told(page: &mut Page, reading: &Reading, recipient: usize, told: &[Told]) -> io::Result<()> {
    let Some(what) = told.first().map(|one| one.what) else { return Ok(()) };
    let opening = format!("<section class=\"what\" id=\"{}\">", told_anchor(recipient, what));
    page.show(&html! { (PreEscaped(opening)) h4 { (words::capitalised(words::label(what).any)) } })?;
    told.iter().flat_map(|one| &one.values).try_for_each(|value| page.show(&claims(reading, value)))?;
    let more: usize = told.iter().map(|one| one.more).sum();
    if more > 0 {
        page.show(&html! { p { "And " (count(more, "more value")) ": findings.json lists them all." } })?;
    }
    page.show(&PreEscaped("</section>".to_owned()))
}

fn claims(reading: &Reading, value: &Value) -> Markup {
    // Claims before the rest is folded away.
    let (first, rest) = value.leaks.split_at(value.leaks.len().min(MOST_CLAIMS));
    let unlisted = value.times - value.leaks.len();
    html! {
        div.claim {
            p.claimed { (claimed(value)) }
            (claim_table(reading, value, first))
            @if !rest.is_empty() {
                details {
                    summary { "Sent " (count(rest.len() + unlisted, "more time")) }
                    (claim_table(reading, value, rest))
                    @if unlisted > 0 { p { "And " (count(unlisted, "more time")) ": findings.json lists them all." } }
                }
            } @else if unlisted > 0 {
                p { "Sent " (count(unlisted, "more time")) ": findings.json lists them all." }
            }
        }
    }
}

fn claimed(value: &Value) -> Markup {
    match (value.hash, &value.clear_value) {
        (None, _) => html! { bdi.value { (value.value) } },
        (Some(hash), Some(clear)) => html! {
            bdi.value { (clear) } " as the " (words::hash_name(hash)) " " code.value { (value.value) }
        },
        (Some(hash), None) => html! { "the " (words::hash_name(hash)) " " code.value { (value.value) } " of a value not known here" },
    }
}

fn claim_table(reading: &Reading, value: &Value, leaks: &[usize]) -> Markup {
    let rows: Vec<Vec<Markup>> = leaks.iter().map(|index| claim_row(reading, *index)).collect();
    let caption = format!("Requests that carried it as {}", value.names.listed());
    table(&caption, &["Request", "Place", &reading.part_head(), "Event", "Written as", "How we know"], &rows)
}

fn claim_row(reading: &Reading, index: usize) -> Vec<Markup> {
    let leak = reading.named(index);
    vec![
        html! { (reading.proof(index, leak.request)) @if reading.is_copy(leak.request) { " (a copy)" } },
        html! { code { (leak.name) } ", " (place(leak)) },
        step_link(leak.step, reading),
        html! { @match &leak.event { Some(event) => code { (event) }, None => "none" } },
        html! { (words::encodings(&leak.encodings)) },
        html! { @for (index, basis) in leak.basis.iter().enumerate() { @if index > 0 { "; " } (words::basis(basis, &reading.findings.completeness)) } },
    ]
}

/// What one leak told: a hash is never shown as if it were the value.
pub(super) fn told_by(leak: &Leak) -> Markup {
    html! {
        @match (hash_of(leak), &leak.clear_value) {
            (Some(hash), Some(clear)) => { bdi.value { (clear) } " as its " (words::hash_name(hash)) },
            (Some(hash), None) => { "of a value not known here, its " (words::hash_name(hash)) " " code.value { (leak.value) } },
            (None, _) => { bdi.value { (leak.value) } },
        }
    }
}

/// Where in a request a value stood.
pub(super) fn place(leak: &Leak) -> Markup {
    html! {
        (words::part(leak.location.part))
        @if !leak.location.name.is_empty() && leak.location.name != leak.name { " " code { (leak.location.name) } }
        @if let Some(range) = leak.location.range { ", bytes " (range.start) "–" (range.end) }
    }
}

fn silent_table(reading: &Reading, silent: &[&Account]) -> Markup {
    let row = |account: &&Account| {
        let recipient = account.recipient;
        vec![
            html! { span id={ "recipient-" (reading.number(recipient)) } {} bdi { (readable::hosts(&recipient.id.0)) } },
            html! { (words::party(recipient.party)) ": " (readable::hosts(&recipient.why)) },
            known_of(reading, recipient),
            html! { @for (index, host) in recipient.hosts.iter().enumerate() { @if index > 0 { ", " } code { (readable::hosts(host)) } } },
            html! {
                (recipient.requests.len())
                @if recipient.party == Party::Third { @if let Some(first) = recipient.requests.first() { ", from " (reading.link(*first)) } }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = silent.iter().map(row).collect();
    let caption = if silent.iter().any(|account| account.recipient.sinkhole) {
        "They received requests, and with them the IP address; those called (sinkhole) were never contacted"
    } else {
        "They received requests, and with them the IP address"
    };
    table(caption, &["Recipient", "Counts as", "What is known of it", "Host names", "Requests"], &rows)
}

/// Its owner, its aliases and the lists that name it, in one cell.
fn known_of(reading: &Reading, recipient: &Recipient) -> Markup {
    let known = [known::owners(reading.findings, &recipient.id), known::aliases(reading.findings, &recipient.id)].concat();
    let mut lines: Vec<Markup> = known.into_iter().map(|line| html! { (line) }).collect();
    lines.extend(listings(reading, recipient));
    html! {
        @if lines.is_empty() { "nothing" }
        @for line in &lines { div { (line) } }
    }
}

/// What lists say of a recipient, with a link to the first request of each.
fn listings(reading: &Reading, recipient: &Recipient) -> Vec<Markup> {
    let of = reading.findings.listed.iter().filter(|listing| listing.recipient == recipient.id);
    let markup = of.map(|listing| {
        html! {
            (known::listing(reading.findings, listing))
            @if let Some(first) = listing.requests.first() { ", from " (reading.link(*first)) }
        }
    });
    markup.collect()
}
