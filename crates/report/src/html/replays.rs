use maud::{Markup, html};

use super::reading::Reading;
use super::summary::show;
use crate::replays::{Account, accounts, parts, size};

/// What session replays recorded of the visit.
pub(super) fn replays(reading: &Reading) -> Markup {
    let accounts = accounts(reading.findings);
    html! {
        @if accounts.is_empty() { p { "No request of a session replay that is known here was seen." } }
        @for account in &accounts { (replay(reading, account)) }
    }
}

fn replay(reading: &Reading, account: &Account) -> Markup {
    html! {
        h3 { bdi { (account.recipient) } " through " (account.product) }
        p { (size(account)) ", in " @for (index, request) in account.requests.iter().enumerate() { @if index > 0 { ", " } (reading.link(*request)) } "." }
        ul { @for part in parts(account) { li { @for piece in &part { (show(piece)) } } } }
    }
}
