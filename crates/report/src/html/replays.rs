use maud::{Markup, html};

use super::reading::Reading;
use super::summary::show;
use crate::absence::{NONE_ON_RECORD, Silence, absence_or};
use crate::readable;
use crate::replays::{Account, accounts, parts, size};

/// Requests of one recording of the visit that are named.
const MOST_REQUESTS: usize = 500;

/// What session replays recorded of the visit.
pub(super) fn replays(reading: &Reading) -> Markup {
    let accounts = accounts(reading.findings);
    html! {
        @if accounts.is_empty() { p { (absence_or(Silence::Replays, reading.findings, NONE_ON_RECORD)) } }
        @for account in &accounts { (replay(reading, account)) }
    }
}

fn replay(reading: &Reading, account: &Account) -> Markup {
    html! {
        h3 { bdi { (readable::hosts(&account.recipient.0)) } " through " (account.product) }
        p {
            (size(account)) ", in "
            @for (index, request) in account.requests.iter().take(MOST_REQUESTS).enumerate() { @if index > 0 { ", " } (reading.link(*request)) }
            @if account.requests.len() > MOST_REQUESTS { " and " (account.requests.len() - MOST_REQUESTS) " more; findings.json lists them all" }
            "."
        }
        ul { @for part in parts(account) { li { @for piece in &part { (show(piece)) } } } }
    }
}
