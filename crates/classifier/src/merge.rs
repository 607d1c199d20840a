//! One place, one claim: what a definition says of a field and what the canary search found there become one leak.

use pixelwitness_recording::CanaryKind;

use crate::Normalisation::{FirstWord, LastWord, OutwardCode, PostcodeSector};
use crate::leaks::Claim;
use crate::search::{Hit, normalised};
use crate::sought::{Origin, Sought};
use crate::{Basis, Encoding, Event, Field, Leak, Location, Part, What, actions};

/// Adds what was found to the leaks of the same request, of which these are the events.
pub(crate) fn hits(leaks: &mut Vec<Leak>, hits: Vec<Hit>, sought: &[Sought], claim: &Claim, events: &[Event]) {
    for hit in hits {
        let Some(canary) = sought.get(hit.canary) else { continue };
        if canary.origin != Origin::Canary && is_something_else(&hit, leaks, events) {
            continue;
        }
        let same: Vec<usize> = (0..leaks.len()).filter(|index| is_same(&leaks[*index], &hit, canary)).collect();
        for index in &same {
            confirm(&mut leaks[*index], &hit, canary);
        }
        // Of packed bytes the place is not known, so that every value in them which holds what was found may be the one.
        let holding = fields_that_hold(&hit, events);
        if holding.is_empty() && same.is_empty() {
            leaks.push(leak(hit, canary, claim, events));
            continue;
        }
        for (event, field) in holding {
            if !is_claimed(field, leaks, &hit, canary) {
                leaks.push(leak_of_field(event, field, &hit, canary, claim));
            }
        }
    }
}

/// Whether a definition or a rule says of the very value that it is something that others than a visitor chose: a title, an event's name.
fn is_something_else(hit: &Hit, leaks: &[Leak], events: &[Event]) -> bool {
    let value = actions::folded(&hit.value);
    let is_claim_of_something_else = |leak: &Leak| {
        let is_action = matches!(leak.what, What::ButtonText | What::ChosenOption | What::TypedText | What::ContactDetail | What::UserId);
        !is_action && shares_bytes(&leak.location, &hit.location) && actions::folded(&leak.value) == value
    };
    let is_field_of_something_else = |field: &Field| {
        encloses(&field.location, &hit.location)
            && actions::folded(&field.value) == value
            && actions::is_something_else(field.meaning, &field.value)
    };
    leaks.iter().any(is_claim_of_something_else) || events.iter().flat_map(|event| &event.fields).any(is_field_of_something_else)
}

fn basis(sought: &Sought) -> Basis {
    let name = sought.name.clone();
    if sought.origin == Origin::Canary { Basis::Canary { name } } else { Basis::Action { name } }
}

/// The fields whose values hold what was found: those inside of its place, where only a wider one is known, else the nearest around it.
fn fields_that_hold<'a>(hit: &Hit, events: &'a [Event]) -> Vec<(Option<&'a str>, &'a Field)> {
    let size = |field: &Field| field.location.range.map_or(usize::MAX, |range| range.end - range.start);
    let all = events.iter().flat_map(|event| event.fields.iter().map(move |field| (event.name.as_deref(), field)));
    let (inside, around): (Vec<_>, Vec<_>) = all
        .filter(|(_, field)| encloses(&field.location, &hit.location) || encloses(&hit.location, &field.location))
        .filter(|(_, field)| says(&field.value, hit))
        .partition(|(_, field)| encloses(&hit.location, &field.location));
    if !inside.is_empty() {
        return inside;
    }
    let least = around.iter().map(|(_, field)| size(field)).min();
    around.into_iter().filter(|(_, field)| Some(size(field)) == least).collect()
}

/// Whether a claim names the field, or a part of the address in it, for what was found there.
fn is_claimed(field: &Field, leaks: &[Leak], hit: &Hit, canary: &Sought) -> bool {
    let names_it = |leak: &Leak| leak.name.strip_prefix(field.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('?'));
    leaks.iter().any(|leak| names_it(leak) && leak.location.name == field.location.name && is_same(leak, hit, canary))
}

fn leak_of_field(event: Option<&str>, field: &Field, hit: &Hit, canary: &Sought, claim: &Claim) -> Leak {
    let claim = Claim { event: event.map(str::to_owned).or_else(|| claim.event.clone()), ..claim.clone() };
    // A value that stands by itself is shown as the very bytes that were found; of packed ones the field's place says more.
    let is_packed = encloses(&hit.location, &field.location);
    let location = if is_packed { field.location.clone() } else { hit.location.clone() };
    let encodings = if is_packed && !is_digest(hit) { field.encodings.clone() } else { hit.encodings.clone() };
    let basis = basis(canary);
    let value = if is_packed { as_written(&field.value, hit) } else { None };
    let value = value.unwrap_or(&hit.value).to_owned();
    let leak = claim.leak(what(canary), field.name.clone(), value, location, encodings, basis);
    Leak { clear_value: clear_value(hit, canary), ..leak }
}

/// Whether a leak and a hit are two views of the same bytes.
fn is_same(leak: &Leak, hit: &Hit, canary: &Sought) -> bool {
    if !shares_bytes(&leak.location, &hit.location) || !says(&leak.value, hit) {
        return false;
    }
    let what = what(canary);
    let is_vague = |what: What| matches!(what, What::ContactDetail | What::UserId | What::TypedText);
    // A vague claim gives way to a precise one only where the whole value is what was found.
    leak.what == what || (is_vague(leak.what) || is_vague(what)) && leak.value.len() == hit.value.len()
}

/// Whether a value holds what was found; of a digest, whether it is the one that was found. A `+` may stand for a space in either.
fn says(value: &str, hit: &Hit) -> bool {
    let (value, found) = (plain(value), plain(&hit.value));
    if is_digest(hit) { value.starts_with(&found) } else { value.contains(&found) }
}

/// What was found as it stands in a value: one place of several may write it otherwise.
fn as_written<'a>(value: &'a str, hit: &Hit) -> Option<&'a str> {
    let found = plain(&hit.value);
    let start = plain(value).find(&found)?;
    value.get(start..start + found.len()).filter(|written| plain(written) == found)
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('+', " ")
}

fn is_digest(hit: &Hit) -> bool {
    hit.encodings.last().is_some_and(Encoding::is_digest)
}

/// What was hashed, where a hash was found: of a value that was cut down first, what was left of it.
fn clear_value(hit: &Hit, canary: &Sought) -> Option<String> {
    let steps = hit.encodings.last()?.normalised()?;
    if !steps.iter().any(|step| matches!(step, FirstWord | LastWord | OutwardCode | PostcodeSector)) {
        return Some(canary.value.clone());
    }
    let left = normalised(&canary.value, steps)?;
    // As it was typed, where it stands there as a whole.
    let start = canary.value.to_lowercase().find(&left.to_lowercase());
    start.and_then(|start| canary.value.get(start..start + left.len())).map(str::to_owned).or(Some(left))
}

/// The hit knows which clear value a digest is of and how it was normalised; the leak knows the field.
fn confirm(leak: &mut Leak, hit: &Hit, canary: &Sought) {
    let basis = basis(canary);
    if !leak.basis.contains(&basis) {
        leak.basis.push(basis);
        leak.basis.sort();
    }
    if matches!(leak.what, What::ContactDetail | What::UserId | What::TypedText) {
        leak.what = what(canary);
    }
    if is_digest(hit) && leak.clear_value.is_none() {
        // What the definition says of the digest gives way to what was recomputed.
        leak.encodings.retain(|encoding| !matches!(encoding, Encoding::Sha256 { .. }));
        leak.encodings.extend(hit.encodings.last().cloned());
        leak.clear_value = clear_value(hit, canary);
    }
}

/// A claim of its own: the journey typed this, and no definition says that the place holds such a thing.
fn leak(hit: Hit, canary: &Sought, claim: &Claim, events: &[Event]) -> Leak {
    let (event, field) = narrowest_field(&hit.location, events);
    let name = match field {
        Some(field) => field.to_owned(),
        None if hit.location.name.is_empty() || hit.location.part == Part::Message => hit.location.to_string(),
        None if hit.location.part == Part::Header && hit.location.name.eq_ignore_ascii_case("referer") => "Referer".to_owned(),
        None => hit.location.name.clone(),
    };
    let clear_value = clear_value(&hit, canary);
    let claim = Claim { event: event.or_else(|| claim.event.clone()), ..claim.clone() };
    let basis = basis(canary);
    let leak = claim.leak(what(canary), name, hit.value, hit.location, hit.encodings, basis);
    Leak { clear_value, ..leak }
}

/// The field with the fewest bytes around a place, and the event that it is part of.
fn narrowest_field<'a>(location: &Location, events: &'a [Event]) -> (Option<String>, Option<&'a str>) {
    let size = |location: &Location| location.range.map_or(usize::MAX, |range| range.end - range.start);
    let all = events.iter().flat_map(|event| event.fields.iter().map(move |field| (&event.name, field)));
    let around = all.filter(|(_, field)| encloses(&field.location, location));
    let narrowest = around.min_by_key(|(_, field)| size(&field.location));
    narrowest.map_or((None, None), |(event, field)| (event.clone(), Some(field.name.as_str()).filter(|name| !name.is_empty())))
}

fn encloses(outer: &Location, inner: &Location) -> bool {
    let (Some(around), Some(within)) = (outer.range, inner.range) else { return false };
    is_one_carrier(outer, inner) && around.start <= within.start && within.end <= around.end
}

fn shares_bytes(one: &Location, other: &Location) -> bool {
    let (Some(left), Some(right)) = (one.range, other.range) else { return false };
    is_one_carrier(one, other) && left.start < right.end && right.start < left.end
}

/// Whether the ranges of two locations count bytes of the same thing: the address, one header, the body, one message.
fn is_one_carrier(one: &Location, other: &Location) -> bool {
    let carrier = |location: &Location| match location.part {
        Part::Host | Part::Path | Part::Query => (0, String::new()),
        Part::Header => (1, location.name.to_ascii_lowercase()),
        // A request can have several `Cookie` headers, so the offset alone does not tell the cookie.
        Part::Cookie => (2, location.name.clone()),
        Part::Form | Part::Multipart | Part::Json | Part::BatchLine | Part::Body => (3, String::new()),
        Part::Message => (4, location.name.clone()),
    };
    carrier(one) == carrier(other)
}

/// What a claim is of that says that this was sent.
pub(crate) fn what(sought: &Sought) -> What {
    match sought.origin {
        Origin::Canary => {}
        Origin::Clicked => return What::ButtonText,
        Origin::Chosen | Origin::Checked => return What::ChosenOption,
    }
    match sought.kind {
        CanaryKind::SearchTerm => What::SearchTerm,
        CanaryKind::Email => What::Email,
        CanaryKind::Phone => What::Phone,
        CanaryKind::FirstName | CanaryKind::LastName | CanaryKind::FullName => What::Name,
        CanaryKind::DateOfBirth => What::DateOfBirth,
        CanaryKind::Postcode => What::Postcode,
        CanaryKind::Text => What::TypedText,
    }
}
