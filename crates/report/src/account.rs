use std::collections::{BTreeSet, HashMap};

use pixelwitness_classifier::{Algorithm, Encoding, Event, Findings, Leak, Recipient, RecipientId, What};
use pixelwitness_recording::RequestId;

use crate::words::product;

/// One recipient and what it was told, each value once.
pub(crate) struct Account<'a> {
    pub(crate) recipient: &'a Recipient,
    /// Grouped by what was told, in the order of [`What`].
    pub(crate) told: Vec<Told<'a>>,
    /// Names of its events and how often each was sent, copies left out; an event without a name is not listed.
    pub(crate) events: Vec<(String, usize)>,
    /// Copies of events that are counted once.
    pub(crate) copies: usize,
    /// What told which product received something, where no host of its own did.
    pub(crate) forms: Vec<(String, Vec<String>)>,
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
pub(crate) fn accounts<'a>(findings: &'a Findings) -> Vec<Account<'a>> {
    let mut reported = reported(findings);
    let account = |recipient: &'a Recipient| {
        let Reported { events, copies, forms } = reported.remove(&recipient.id).unwrap_or_default();
        let forms = forms.into_iter().map(|(vendor, form)| (product(findings, &vendor).to_owned(), form)).collect();
        Account { recipient, told: told(findings, recipient), events, copies, forms }
    };
    findings.recipients.iter().map(account).collect()
}

/// Requests that carry nothing but copies of events that another request carried first.
pub(crate) fn copies(findings: &Findings) -> BTreeSet<RequestId> {
    let (mut copies, mut others) = (BTreeSet::new(), BTreeSet::new());
    for event in &findings.events {
        if event.copy_of.is_some() {
            copies.insert(event.request)
        } else {
            others.insert(event.request)
        };
    }
    &copies - &others
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

/// The events that one recipient was told of.
#[derive(Default)]
struct Reported {
    events: Vec<(String, usize)>,
    copies: usize,
    /// Definition and form, where no host of the vendor's own told. Each once.
    forms: Vec<(String, Vec<String>)>,
}

fn reported(findings: &Findings) -> HashMap<RecipientId, Reported> {
    let mut reported: HashMap<RecipientId, Reported> = HashMap::new();
    for Event { recipient, vendor, name, copy_of, form, .. } in &findings.events {
        let own = reported.entry(recipient).or_default();
        if !form.is_empty() && own.forms.iter().all(|known| (&known.0, &known.1) != (&vendor, &form)) {
            own.forms.push((vendor, form));
        }
        match (copy_of, name) {
            (Some(_), _) => own.copies += 1,
            (None, None) => {}
            (None, Some(name)) => match own.events.iter_mut().find(|(other, _)| *other == name) {
                Some((_, times)) => *times += 1,
                None => own.events.push((name, 1)),
            },
        }
    }
    reported
}

fn told<'a>(findings: &'a Findings, recipient: &Recipient) -> Vec<Told<'a>> {
    let mut told: Vec<Told> = Vec::new();
    // Where each value is: a page can tell thousands of different ones.
    let mut known: HashMap<(What, &str, bool), usize> = HashMap::new();
    for (index, leak) in findings.leaks.iter().enumerate().filter(|(_, leak)| leak.recipient == recipient.id) {
        let position = told.iter().position(|one| one.what == leak.what).unwrap_or_else(|| {
            told.push(Told { what: leak.what, values: Vec::new() });
            told.len() - 1
        });
        let hash = hash_of(leak);
        let values = &mut told[position].values;
        let place = *known.entry((leak.what, &leak.value, hash.is_some())).or_insert_with(|| {
            values.push(Value { value: &leak.value, clear_value: None, hash, names: Vec::new(), leaks: Vec::new() });
            values.len() - 1
        });
        add(&mut values[place], index, leak);
    }
    told.sort_by_key(|one| one.what);
    told
}

fn add<'a>(value: &mut Value<'a>, index: usize, leak: &'a Leak) {
    if !value.names.contains(&leak.name.as_str()) {
        value.names.push(&leak.name);
    }
    value.clear_value = value.clear_value.or(leak.clear_value.as_deref());
    value.leaks.push(index);
}
