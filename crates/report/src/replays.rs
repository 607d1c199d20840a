//! Session replays in words: what was recorded of the visit, and whether texts were masked.

use std::collections::BTreeSet;

use pixelwitness_classifier::{Findings, Masking, RecipientId, Recorded, RecordedWhat, Replay};
use pixelwitness_recording::RequestId;

use crate::words::{Piece, count, product};

/// Everything that one product recorded of a visit.
pub(crate) struct Account {
    pub(crate) recipient: RecipientId,
    /// The product's name.
    pub(crate) product: String,
    /// The requests and connections that carried it.
    pub(crate) requests: BTreeSet<RequestId>,
    /// Messages of connections among it.
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
    /// Bytes of a format that is not known here.
    pub(crate) unknown: usize,
    /// Whether a format was read that was not held against the vendor's own script.
    pub(crate) not_verified: bool,
    /// Each sort once.
    pub(crate) recorded: Vec<Recorded>,
}

/// Examples of one sort that are named.
const MOST_EXAMPLES: usize = 3;

/// One account for each product of each recipient, in their order.
pub(crate) fn accounts(findings: &Findings) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    for replay in &findings.replays {
        let product = product(findings, &replay.vendor);
        let is_it = |account: &Account| account.recipient == replay.recipient && account.product == product;
        let at = accounts.iter().position(is_it).unwrap_or_else(|| {
            accounts.push(Account {
                recipient: replay.recipient.clone(),
                product: product.to_owned(),
                requests: BTreeSet::new(),
                messages: 0,
                bytes: 0,
                unknown: 0,
                not_verified: false,
                recorded: Vec::new(),
            });
            accounts.len() - 1
        });
        add(&mut accounts[at], &replay);
    }
    accounts
}

fn add(account: &mut Account, replay: &Replay) {
    account.requests.insert(replay.request);
    account.messages += usize::from(replay.message.is_some());
    account.bytes += replay.bytes;
    account.unknown += if replay.format.is_none() { replay.bytes } else { 0 };
    account.not_verified |= replay.not_verified;
    for one in &replay.recorded {
        match account.recorded.iter_mut().find(|other| other.what == one.what) {
            Some(other) => merge(other, one),
            None => account.recorded.push(one.clone()),
        }
    }
    account.recorded.sort_by_key(|one| one.what);
}

fn merge(into: &mut Recorded, other: &Recorded) {
    into.count += other.count;
    into.masking = match (into.masking, other.masking) {
        (one, None) | (None, one) => one,
        (Some(one), Some(two)) if one == two => Some(one),
        _ => Some(Masking::Partly),
    };
    for example in &other.examples {
        if into.examples.len() < MOST_EXAMPLES && !into.examples.contains(example) {
            into.examples.push(example.clone());
        }
    }
}

/// `3 requests, 1 message, 1200 bytes`
pub(crate) fn size(account: &Account) -> String {
    let mut parts = vec![count(account.requests.len(), "request")];
    if account.messages > 0 {
        parts.push(count(account.messages, "message"));
    }
    parts.push(count(account.bytes, "byte"));
    parts.join(", ")
}

/// What was recorded, one part of a sentence for each sort, and what is not known.
pub(crate) fn parts(account: &Account) -> Vec<Vec<Piece<'_>>> {
    let mut parts: Vec<Vec<Piece>> = account.recorded.iter().map(part).collect();
    if account.unknown > 0 {
        let rest = if account.unknown == account.bytes { String::new() } else { format!("{} ", count(account.unknown, "byte")) };
        parts.push(vec![Piece::Words(format!("{rest}in a format that is not known here: what it holds is not known").into())]);
    }
    if account.not_verified {
        parts.push(vec![Piece::Words("read by what others say of the format; not verified against the vendor's own script".into())]);
    }
    parts
}

fn part(one: &Recorded) -> Vec<Piece<'_>> {
    let masking = match one.masking {
        None => "",
        Some(Masking::Clear) => ", in the clear",
        Some(Masking::Partly) => ", some masked and some in the clear",
        Some(Masking::Masked) => ", all masked (nothing is left of them but *, • and the like)",
    };
    let mut pieces = vec![Piece::Words(format!("{}{masking}", name(one.what, one.count)).into())];
    for (index, example) in one.examples.iter().enumerate() {
        pieces.push(Piece::Words(if index == 0 { ": " } else { ", " }.into()));
        pieces.push(if one.what == RecordedWhat::PageAddress { Piece::Address(example) } else { Piece::Quoted(example) });
    }
    pieces
}

fn name(what: RecordedWhat, number: usize) -> String {
    match what {
        RecordedWhat::PageAddress => count_of(number, "page address", "page addresses"),
        RecordedWhat::PageText => count_of(number, "text of the page", "texts of the page"),
        RecordedWhat::PageChange => count_of(number, "change of the page", "changes of the page"),
        RecordedWhat::Click => count_of(number, "click", "clicks"),
        RecordedWhat::PointerMovement => count_of(number, "place of the pointer", "places of the pointer"),
        RecordedWhat::Scroll => count_of(number, "scrolling", "scrollings"),
        RecordedWhat::Selection => count_of(number, "selection of text", "selections of text"),
        RecordedWhat::TypedText => count_of(number, "value of a field, as typed", "values of fields, as typed"),
        RecordedWhat::KeyPress => count_of(number, "key press", "key presses"),
        RecordedWhat::Clipboard => count_of(number, "cut, copy or paste", "cuts, copies or pastes"),
        RecordedWhat::FormSent => count_of(number, "form sent", "forms sent"),
    }
}

fn count_of(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
