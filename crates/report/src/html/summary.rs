use std::collections::BTreeSet;

use maud::{Markup, html};
use pixelwitness_classifier::{Answer, Origin, Party, Sought, What};

use super::reading::Reading;
use crate::absence::{Silence, absence};
use crate::account::Account;
use crate::fates::{fate, origin};
use crate::readable;
use crate::replays;
use crate::sinkhole;
use crate::standing;
use crate::words::{self, EVERY_WHAT, Piece, count};

/// Values of one sort that the summary names; the rest is in the recipient's own section.
const MOST_VALUES: usize = 6;

/// Hosts whose requests failed that the summary names.
const MOST_FAILED: usize = 6;

/// What went to whom, what was not seen, and under which conditions.
pub(super) fn summary(reading: &Reading) -> Markup {
    let findings = reading.findings;
    let accounts = &reading.accounts;
    let third_party_told = accounts.iter().any(|account| account.recipient.party == Party::Third && !account.told.is_empty());
    html! {
        @if let Some(unknown) = words::no_site(findings) { p.warning { (unknown) } }
        @for account in accounts.iter().filter(|account| !account.told.is_empty()) { (told(reading, account)) }
        @if let Some(inconclusive) = standing::inconclusive(findings) { p.lead.warning { (inconclusive) } }
        @if !third_party_told {
            @if let Some(nothing) = absence(Silence::ThirdParties(&reading.recording.environment), findings) { p.lead { (nothing) } }
        }
        @for failed in findings.failed.iter().filter(|failed| failed.party == Party::Third).take(MOST_FAILED) {
            p.warning { (standing::failed(failed, findings)) " " a href="#failed" { "The requests" } }
        }
        @if !findings.may_have_been_sent.is_empty() {
            p.warning {
                "Requests of which nobody can say whether they left: " (findings.may_have_been_sent.len()) ". " a href="#uncertain" { "What may have been sent" } "."
            }
        }
        @if !findings.recipients.is_empty() { p { (sinkhole::ip_address(findings)) } }
        @for account in &replays::accounts(findings) {
            p {
                bdi { (readable::hosts(&account.recipient.0)) } " received a recording of the visit through " (account.product) " (" (replays::size(account)) "): "
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
        (sought(reading))
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
                bdi { (readable::hosts(&account.recipient.id.0)) }
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
        Piece::Address(value) => html! { code.value { (readable::address(value)) } },
        Piece::Exact(value) | Piece::Digest(value) => html! { code.value { (value) } },
    }
}

fn not_seen(reading: &Reading) -> Markup {
    let findings = reading.findings;
    let seen: BTreeSet<What> = reading.accounts.iter().flat_map(|account| &account.told).map(|told| told.what).collect();
    let chose = findings.sought.iter().any(|one| matches!(one.origin, Origin::Chosen | Origin::Checked));
    let is_looked_for = |what: &&What| **what != What::ChosenOption || chose;
    let unseen = EVERY_WHAT.iter().filter(is_looked_for).filter(|what| !seen.contains(what)).map(|what| words::label(*what).any);
    let unseen = unseen.collect::<Vec<&str>>().join(", ");
    html! { @if let Some(said) = absence(Silence::Sorts(&unseen), findings).filter(|_| !unseen.is_empty()) { p { (said) } } }
}

/// What became of each value that was looked for.
fn sought(reading: &Reading) -> Markup {
    let sought = &reading.findings.sought;
    html! {
        @if !sought.is_empty() {
            @if reading.is_ours() { h3 { "Values that this journey put into pages" } }
            @else { h3 { "Values that were named as typed" } }
            ul { @for one in sought { li { (one_sought(reading, one)) } } }
        }
    }
}

fn one_sought(reading: &Reading, one: &Sought) -> Markup {
    let fate = fate(one, reading.findings, |sent| reading.received_by(&sent.recipient).to_owned());
    html! {
        (origin(one)) " “" bdi.value { (one.value) } "”"
        @if one.origin == Origin::Canary { " (" bdi { (one.name) } ")" }
        @if let Some(asked) = &one.asked { ", which is what the field held; the journey asked for “" bdi.value { (asked) } "”" }
        ": "
        @if one.answer == Answer::SentToThirdParty { strong { (fate) } } @else { (fate) }
    }
}
