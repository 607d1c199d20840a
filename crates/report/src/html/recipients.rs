use maud::{Markup, html};
use pixelwitness_classifier::{Leak, Party};

use super::reading::{Reading, step_link};
use super::summary::told_anchor;
use super::table::table;
use crate::account::{Account, Told, Value, accounts, hash_of};
use crate::words::{self, count};

/// Claims of one value that are shown before the rest is folded away.
const MOST_CLAIMS: usize = 6;

/// Everybody who received a request, with each claim.
pub(super) fn recipients(reading: &Reading) -> Markup {
    let accounts = accounts(reading.findings);
    let (told, silent): (Vec<&Account>, Vec<&Account>) = accounts.iter().partition(|account| !account.told.is_empty());
    html! {
        @if accounts.is_empty() { p { "Nobody received a request of the page." } }
        @for account in &told { (recipient(reading, account)) }
        @if !silent.is_empty() {
            h3 { "Recipients in whose requests nothing was recognised" }
            (silent_table(reading, &silent))
        }
    }
}

fn recipient(reading: &Reading, account: &Account) -> Markup {
    let recipient = account.recipient;
    let number = reading.number(recipient);
    html! {
        article id={ "recipient-" (number) } aria-labelledby={ "recipient-" (number) "-title" } {
            h3 id={ "recipient-" (number) "-title" } { bdi { (recipient.id) } }
            dl.facts {
                dt { "Counts as" } dd { (words::party(recipient.party)) ": " (recipient.why) }
                @if let Some(owner) = &recipient.owner { dt { "Owner" } dd { (owner) } }
                @if !recipient.vendors.is_empty() { dt { "Products" } dd { (recipient.vendors.join(", ")) } }
                dt { "Host names" } dd { @for (index, host) in recipient.hosts.iter().enumerate() { @if index > 0 { ", " } code { (host) } } }
                @for (vendor, form) in &account.forms { dt { (vendor) } dd { (words::form(form)) } }
                dt { "Requests" } dd { (recipient.requests.len()) }
                @if !account.events.is_empty() {
                    dt { "Events" }
                    dd {
                        (words::events(account))
                        @if account.copies > 0 { "; copies not counted: " (account.copies) }
                    }
                }
            }
            @for one in &account.told { (told(reading, number, one)) }
        }
    }
}

fn told(reading: &Reading, recipient: usize, told: &Told) -> Markup {
    html! {
        section.what id=(told_anchor(recipient, told.what)) {
            h4 { (capitalised(words::label(told.what).any)) }
            @for value in &told.values { (claims(reading, value)) }
        }
    }
}

fn claims(reading: &Reading, value: &Value) -> Markup {
    let (first, rest) = value.leaks.split_at(value.leaks.len().min(MOST_CLAIMS));
    html! {
        div.claim {
            p.claimed { (claimed(value)) }
            (claim_table(reading, value, first))
            @if !rest.is_empty() {
                details { summary { "Sent " (count(rest.len(), "more time")) } (claim_table(reading, value, rest)) }
            }
        }
    }
}

fn claimed(value: &Value) -> Markup {
    match (value.hash, value.clear_value) {
        (None, _) => html! { bdi.value { (value.value) } },
        (Some(hash), Some(clear)) => html! {
            bdi.value { (clear) } " as the " (words::hash_name(hash)) " " code.value { (value.value) }
        },
        (Some(hash), None) => html! { "the " (words::hash_name(hash)) " " code.value { (value.value) } " of a value not known here" },
    }
}

fn claim_table(reading: &Reading, value: &Value, leaks: &[usize]) -> Markup {
    let rows: Vec<Vec<Markup>> = leaks.iter().map(|index| claim_row(reading, *index)).collect();
    let caption = format!("Requests that carried it as {}", value.names.join(", "));
    table(&caption, &["Request", "Place", "Step", "Event", "Written as", "How we know"], &rows)
}

fn claim_row(reading: &Reading, index: usize) -> Vec<Markup> {
    let leak = &reading.findings.leaks[index];
    vec![
        html! { (reading.proof(index)) @if reading.is_copy(leak.request) { " (a copy)" } },
        html! { code { (leak.name) } ", " (place(leak)) },
        step_link(leak.step, reading.recording),
        html! { @match &leak.event { Some(event) => code { (event) }, None => "none" } },
        html! { (words::encodings(&leak.encodings)) },
        html! { @for (index, basis) in leak.basis.iter().enumerate() { @if index > 0 { "; " } (words::basis(basis)) } },
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
            html! { span id={ "recipient-" (reading.number(recipient)) } {} bdi { (recipient.id) } },
            html! { (words::party(recipient.party)) ": " (recipient.why) },
            html! { @for (index, host) in recipient.hosts.iter().enumerate() { @if index > 0 { ", " } code { (host) } } },
            html! {
                (recipient.requests.len())
                @if recipient.party == Party::Third { @if let Some(first) = recipient.requests.first() { ", from " (reading.link(*first)) } }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = silent.iter().map(row).collect();
    table("They received requests, and with them the IP address", &["Recipient", "Counts as", "Host names", "Requests"], &rows)
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
