use std::collections::BTreeSet;

use pixelwitness_classifier::{Algorithm, Encoding, Event, Findings, Leak, Recipient, What};
use pixelwitness_recording::RequestId;

use crate::words::product;

/// One recipient and what it was told, each value once.
pub(crate) struct Account<'a> {
    pub(crate) recipient: &'a Recipient,
    /// Grouped by what was told, in the order of [`What`].
    pub(crate) told: Vec<Told<'a>>,
    /// Names of its events and how often each was sent, copies left out; an event without a name is not listed.
    pub(crate) events: Vec<(&'a str, usize)>,
    /// Copies of events that are counted once.
    pub(crate) copies: usize,
    /// What told which product received something, where no host of its own did.
    pub(crate) forms: Vec<(&'a str, &'a [String])>,
}

/// Everything of one sort that one recipient was told.
pub(crate) struct Told<'a> {
    pub(crate) what: What,
    pub(crate) values: Vec<Value<'a>>,
}

/// One value and the claims that it was sent.
pub(crate) struct Value<'a> {
    pub(crate) value: &'a str,
    /// What was hashed, where a canary explains the hash.
    pub(crate) clear_value: Option<&'a str>,
    pub(crate) hash: Option<Hash>,
    /// Names of the fields, cookies and headers that carried it, in the order they were seen.
    pub(crate) names: Vec<&'a str>,
    /// Places in [`Findings::leaks`].
    pub(crate) leaks: Vec<usize>,
}

/// How a value was hashed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-1.
    Sha1,
    /// MD5.
    Md5,
    /// Another that is known.
    Other(Algorithm),
    /// It has the shape of a hash; nothing says of what sort.
    Unnamed,
}

/// Accounts of all recipients, in their order, those that were told nothing recognisable included.
pub(crate) fn accounts(findings: &Findings) -> Vec<Account<'_>> {
    findings.recipients.iter().map(|recipient| account(findings, recipient)).collect()
}

/// Requests that carry nothing but copies of events that another request carried first.
pub(crate) fn copies(findings: &Findings) -> BTreeSet<RequestId> {
    let requests = |copy: bool| -> BTreeSet<RequestId> {
        findings.events.iter().filter(|event| event.copy_of.is_some() == copy).map(|event| event.request).collect()
    };
    &requests(true) - &requests(false)
}

/// How a leak's value is hashed, if it is.
pub(crate) fn hash_of(leak: &Leak) -> Option<Hash> {
    let named = leak.encodings.iter().find_map(|encoding| match encoding {
        Encoding::Sha256 { .. } => Some(Hash::Sha256),
        Encoding::Sha1 { .. } => Some(Hash::Sha1),
        Encoding::Md5 { .. } => Some(Hash::Md5),
        Encoding::Digest { algorithm, .. } => Some(Hash::Other(*algorithm)),
        _ => None,
    });
    let personal = matches!(
        leak.what,
        What::Email | What::Phone | What::Name | What::DateOfBirth | What::Postcode | What::ContactDetail | What::TypedText
    );
    let shape = matches!(leak.value.len(), 32 | 40 | 64) && leak.value.bytes().all(|byte| byte.is_ascii_hexdigit());
    named.or_else(|| (leak.clear_value.is_some() || personal && shape).then_some(Hash::Unnamed))
}

fn account<'a>(findings: &'a Findings, recipient: &'a Recipient) -> Account<'a> {
    let forms = forms(findings, recipient);
    let (copied, events): (Vec<&Event>, Vec<&Event>) =
        findings.events.iter().filter(|event| event.recipient == recipient.id).partition(|event| event.copy_of.is_some());
    Account { recipient, told: told(findings, recipient), events: names(&events), copies: copied.len(), forms }
}

/// What told which product received something, where no host of its own did. Each once.
fn forms<'a>(findings: &'a Findings, recipient: &Recipient) -> Vec<(&'a str, &'a [String])> {
    let mut forms: Vec<(&str, &[String])> = Vec::new();
    for event in findings.events.iter().filter(|event| event.recipient == recipient.id && !event.form.is_empty()) {
        let form = (product(findings, &event.vendor), event.form.as_slice());
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

fn told<'a>(findings: &'a Findings, recipient: &Recipient) -> Vec<Told<'a>> {
    let mut told: Vec<Told> = Vec::new();
    for (index, leak) in findings.leaks.iter().enumerate().filter(|(_, leak)| leak.recipient == recipient.id) {
        let position = told.iter().position(|one| one.what == leak.what).unwrap_or_else(|| {
            told.push(Told { what: leak.what, values: Vec::new() });
            told.len() - 1
        });
        add(&mut told[position].values, index, leak);
    }
    told.sort_by_key(|one| one.what);
    told
}

fn add<'a>(values: &mut Vec<Value<'a>>, index: usize, leak: &'a Leak) {
    let hash = hash_of(leak);
    let Some(value) = values.iter_mut().find(|one| one.value == leak.value && one.hash.is_some() == hash.is_some()) else {
        let clear_value = leak.clear_value.as_deref();
        values.push(Value { value: &leak.value, clear_value, hash, names: vec![&leak.name], leaks: vec![index] });
        return;
    };
    if !value.names.contains(&leak.name.as_str()) {
        value.names.push(&leak.name);
    }
    value.clear_value = value.clear_value.or(leak.clear_value.as_deref());
    value.leaks.push(index);
}

fn names<'a>(events: &[&'a Event]) -> Vec<(&'a str, usize)> {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for name in events.iter().filter_map(|event| event.name.as_deref()) {
        match names.iter_mut().find(|(other, _)| *other == name) {
            Some((_, times)) => *times += 1,
            None => names.push((name, 1)),
        }
    }
    names
}
