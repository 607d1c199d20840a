use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use pixelwitness_classifier::{Party, RecipientId, What};
use pixelwitness_recording::Canary;

use super::reading::Reading;
use crate::account::{Account, told_of_canaries};
use crate::replays;
use crate::sinkhole;
use crate::words::{self, EVERY_WHAT, Piece, count};

/// Values of one sort that the summary names; the rest is in the recipient's own section.
const MOST_VALUES: usize = 6;

/// What went to whom, what was not seen, and under which conditions.
pub(super) fn summary(reading: &Reading) -> Markup {
    let findings = reading.findings;
    let accounts = &reading.accounts;
    let third_party_told = accounts.iter().any(|account| account.recipient.party == Party::Third && !account.told.is_empty());
    html! {
        @for blocked in &findings.blocked { p.warning { strong { "This was not the site: " } bdi { (words::blocked(blocked, &findings.completeness)) } } }
        @if let Some(unknown) = words::no_site(findings) { p.warning { (unknown) } }
        @for account in accounts.iter().filter(|account| !account.told.is_empty()) { (told(reading, account)) }
        @if !third_party_told { p.lead { (words::nothing_found(findings, &reading.recording.environment)) } }
        @if !findings.recipients.is_empty() { p { (sinkhole::ip_address(findings)) } }
        @for account in &replays::accounts(findings) {
            p {
                bdi { (account.recipient) } " received a recording of the visit through " (account.product) " (" (replays::size(account)) "): "
                a href="#replays" { "what is known of it" } "."
            }
        }
        @if !findings.unread.is_empty() {
            p {
                (count(findings.unread.len(), "request")) " went to third parties in a form that no definition reads. "
                a href="#unread" { "They are listed" } ", and may hold more than is said here."
            }
        }
        (not_seen(reading))
        (canaries(reading))
        p { (words::completeness(&findings.completeness)) }
        @if let Some(why) = words::no_claim_of_completeness(findings) { p.warning { (why) } }
        @if !findings.gaps.is_empty() {
            p.warning { (count(findings.gaps.len(), "gap")) " in what was seen: " a href="#gaps" { "the list" } "." }
        }
    }
}

fn told(reading: &Reading, account: &Account) -> Markup {
    let number = reading.number(account.recipient);
    html! {
        div.told {
            h3 {
                bdi { (account.recipient.id) }
                @if account.recipient.party == Party::First { " (first party)" }
                " " (sinkhole::received(account.recipient))
            }
            ul {
                @for one in &account.told {
                    li {
                        @for piece in &words::sentence(one, MOST_VALUES) { (show(piece)) }
                        " " a.proof href={ "#" (told_anchor(number, one.what)) } { "Proof" span.hidden { " that " (account.recipient.id) " " (sinkhole::received(account.recipient)) " " (words::label(one.what).any) } }
                    }
                }
            }
        }
    }
}

/// The anchor of everything of one sort that one recipient was told.
pub(super) fn told_anchor(recipient: usize, what: What) -> String {
    let place = EVERY_WHAT.iter().position(|one| *one == what).map_or(0, |index| index + 1);
    format!("told-{recipient}-{place}")
}

/// One part of a sentence.
pub(super) fn show(piece: &Piece) -> Markup {
    match piece {
        Piece::Words(words) => html! { (words) },
        Piece::Quoted(value) => html! { "“" bdi.value { (value) } "”" },
        Piece::Address(value) | Piece::Exact(value) | Piece::Digest(value) => html! { code.value { (value) } },
    }
}

fn not_seen(reading: &Reading) -> Markup {
    let findings = reading.findings;
    let seen: BTreeSet<What> = reading.accounts.iter().flat_map(|account| &account.told).map(|told| told.what).collect();
    let unseen: Vec<&str> = EVERY_WHAT.iter().filter(|what| !seen.contains(what)).map(|what| words::label(*what).any).collect();
    html! {
        @if !unseen.is_empty() {
            p {
                strong { "Not seen leaving" } " within " (words::listened(&findings.completeness)) " under these conditions: "
                (unseen.join(", ")) ". That it was not seen in one " (if reading.is_ours() { "run" } else { "case" }) " does not show that it is never sent."
            }
        }
    }
}

/// What became of each value that only this journey could have typed.
fn canaries(reading: &Reading) -> Markup {
    let canaries = &reading.recording.journey.canaries;
    html! {
        @if !canaries.is_empty() {
            @if reading.is_ours() { h3 { "Values that only this journey could have typed" } }
            @else { h3 { "Values that were named as typed" } }
            @let told = told_of_canaries(reading.findings);
            ul { @for canary in canaries { li { (fate(reading, canary, told.get(&canary.name))) } } }
        }
    }
}

fn fate(reading: &Reading, canary: &Canary, recipients: Option<&Vec<RecipientId>>) -> Markup {
    // Those that were contacted first.
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for recipient in recipients.into_iter().flatten() {
        groups.entry(reading.received_by(recipient)).or_default().push(&recipient.0);
    }
    html! {
        "the " (words::canary_kind(canary.kind)) " “" bdi.value { (canary.value) } "” (" bdi { (canary.name) } "): "
        @if groups.is_empty() {
            "not seen leaving within " (words::listened(&reading.findings.completeness)) ", in the forms looked for"
        } @else {
            @for (index, (received, recipients)) in groups.iter().rev().enumerate() {
                @if index > 0 { "; " }
                strong { (received) " " (recipients.join(", ")) }
            }
        }
    }
}
