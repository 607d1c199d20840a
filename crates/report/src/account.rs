use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hasher;

use pixelwitness_classifier::{Algorithm, Basis, Encoding, Event, Findings, Leak, Recipient, RecipientId, What};
use pixelwitness_recording::RequestId;
use sha2::{Digest as _, Sha256};

use crate::words::{and_more, product};

/// Claims of one value whose places are kept whatever else there is.
pub(crate) const MOST_CLAIMS: usize = 6;

/// Further claims of one value whose places are kept. A browser's identifier can go out with every one of ten thousand requests.
const MOST_REPETITIONS: usize = 200;

/// Such further claims of all values.
const MOST_REPETITIONS_IN_ALL: usize = 10_000;

/// Names of fields that are kept of one value or of all of one sort, and of events.
pub(crate) const MOST_NAMES: usize = 100;

/// One recipient and what it was told, each value once.
pub(crate) struct Account<'a> {
    pub(crate) recipient: &'a Recipient,
    /// Grouped by what was told and in which form, in the order of [`What`].
    pub(crate) told: Vec<Told>,
    /// Names of its events and how often each was sent, copies left out; an event without a name is not listed.
    pub(crate) events: Vec<(String, usize)>,
    /// Further names of events, which are counted and not kept.
    pub(crate) more_events: usize,
    /// Copies of events that are counted once.
    pub(crate) copies: usize,
    /// What told which product received something, where no host of its own did.
    pub(crate) forms: Vec<(String, Vec<String>)>,
}

/// Everything of one sort that one recipient was told in one form.
pub(crate) struct Told {
    pub(crate) what: What,
    pub(crate) form: Form,
    /// How all of it was hashed, if it was.
    pub(crate) hash: Option<Hash>,
    /// Different values, in the order they were seen.
    pub(crate) values: Vec<Value>,
    /// Further values, which are counted and not kept.
    pub(crate) more: usize,
    /// Names of the fields, cookies and headers that carried any of it.
    pub(crate) names: Names,
    /// What was hashed, where canaries explain the hashes.
    pub(crate) clear_values: Names,
}

/// In which form a value went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Form {
    Clear,
    /// Hashed, and a canary tells of what.
    Explained,
    /// Hashed, of a value not known here.
    Unexplained,
}

/// One value and the claims that it was sent.
pub(crate) struct Value {
    pub(crate) value: String,
    /// What was hashed, where a canary explains the hash.
    pub(crate) clear_value: Option<String>,
    pub(crate) hash: Option<Hash>,
    /// Names of the fields, cookies and headers that carried it.
    pub(crate) names: Names,
    /// Claims of it.
    pub(crate) times: usize,
    /// Places of the first of them in [`Findings::leaks`].
    pub(crate) leaks: Vec<usize>,
}

/// Different names, in the order they were seen.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) kept: Vec<String>,
    /// Further names, which are counted and not kept.
    pub(crate) more: usize,
}

impl Names {
    fn add(&mut self, name: &str) {
        match self.kept.len() < MOST_NAMES {
            true => self.kept.push(name.to_owned()),
            false => self.more += 1,
        }
    }

    /// `uid, _fbp`
    pub(crate) fn listed(&self) -> String {
        and_more(self.kept.join(", "), self.more)
    }
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
    let (mut reported, mut told) = (reported(findings), told(findings));
    let account = |recipient: &'a Recipient| {
        let Reported { events, more_events, copies, forms } = reported.remove(&recipient.id).unwrap_or_default();
        let forms = forms.into_iter().map(|(vendor, form)| (product(findings, &vendor).to_owned(), form)).collect();
        Account { recipient, told: told.remove(&recipient.id).unwrap_or_default(), events, more_events, copies, forms }
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
        What::Email
            | What::Phone
            | What::Name
            | What::DateOfBirth
            | What::Postcode
            | What::ContactDetail
            | What::TypedText
            | What::ChosenOption
    );
    let shape = matches!(leak.value.len(), 32 | 40 | 64) && leak.value.bytes().all(|byte| byte.is_ascii_hexdigit());
    named.or_else(|| (leak.clear_value.is_some() || personal && shape).then_some(Hash::Unnamed))
}

/// The events that one recipient was told of.
#[derive(Default)]
struct Reported {
    events: Vec<(String, usize)>,
    more_events: usize,
    copies: usize,
    /// Definition and form, where no host of the vendor's own told. Each once.
    forms: Vec<(String, Vec<String>)>,
}

fn reported(findings: &Findings) -> HashMap<RecipientId, Reported> {
    let mut reported: HashMap<RecipientId, Reported> = HashMap::new();
    let mut places: HashMap<Key, Option<usize>> = HashMap::new();
    for Event { recipient, vendor, name, copy_of, form, .. } in &findings.events {
        let of = key((&recipient, &name));
        let own = reported.entry(recipient).or_default();
        if !form.is_empty() && own.forms.iter().all(|known| (&known.0, &known.1) != (&vendor, &form)) {
            own.forms.push((vendor, form));
        }
        match (copy_of, name) {
            (Some(_), _) => own.copies += 1,
            (None, None) => {}
            (None, Some(name)) => {
                if let Some(place) = *places.entry(of).or_insert_with(|| own.keep(name)) {
                    own.events[place].1 += 1;
                }
            }
        }
    }
    reported
}

impl Reported {
    /// Keeps an event's name, if there is room for it; and says where.
    fn keep(&mut self, name: String) -> Option<usize> {
        if self.events.len() == MOST_NAMES {
            self.more_events += 1;
            return None;
        }
        self.events.push((name, 0));
        Some(self.events.len() - 1)
    }
}

/// What each recipient was told.
fn told(findings: &Findings) -> HashMap<RecipientId, Vec<Told>> {
    let mut told: HashMap<RecipientId, BTreeMap<(What, Form), Told>> = HashMap::new();
    // Where each value is, and which names are known: a page can tell hundreds of thousands of different ones.
    let (mut known, mut named) = (HashMap::new(), HashSet::new());
    let (mut room, mut repetitions) = (Room::default(), MOST_REPETITIONS_IN_ALL);
    for (index, leak) in findings.leaks.iter().enumerate() {
        let hash = hash_of(&leak);
        let form = match (hash, &leak.clear_value) {
            (None, _) => Form::Clear,
            (Some(_), Some(_)) => Form::Explained,
            (Some(_), None) => Form::Unexplained,
        };
        let sort = key((&leak.recipient, leak.what, form));
        let of = told.entry(leak.recipient.clone()).or_default();
        let one = of.entry((leak.what, form)).or_insert_with(|| Told::new(leak.what, form, hash));
        if one.hash != hash {
            one.hash = Some(Hash::Unnamed);
        }
        if named.insert(key((sort, false, &leak.name))) {
            one.names.add(&leak.name);
        }
        if let Some(clear) = &leak.clear_value
            && named.insert(key((sort, true, clear)))
        {
            one.clear_values.add(clear);
        }
        let value = key((sort, spelling(leak.what, &leak.value)));
        let place = *known.entry(value).or_insert_with(|| one.keep(&leak, hash, &mut room));
        if let Some(place) = place {
            let kept: &mut Value = &mut one.values[place];
            if is_plainer(&leak.value, &kept.value) {
                kept.value.clone_from(&leak.value);
            }
            if named.insert(key((value, &leak.name))) {
                kept.names.add(&leak.name);
            }
            kept.add(index, &mut repetitions);
        }
    }
    told.into_iter().map(|(recipient, told)| (recipient, told.into_values().collect())).collect()
}

/// A value as it is told from others. Of a search term neither case nor the way that an address has of writing a space makes another.
fn spelling(what: What, value: &str) -> Cow<'_, str> {
    if what != What::SearchTerm {
        return Cow::Borrowed(value);
    }
    let text = value.replace("%20", " ");
    let characters: Vec<char> = text.chars().collect();
    let is_word = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|character| character.is_alphanumeric());
    let plus_as_space = |(at, character): (usize, &char)| {
        // The ones of `c++` are its own.
        if *character == '+' && is_word(at.checked_sub(1)) && is_word(Some(at + 1)) { ' ' } else { *character }
    };
    let text: String = characters.iter().enumerate().map(plus_as_space).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().into()
}

/// Whether one of two spellings has fewer characters that only an address needs.
fn is_plainer(value: &str, other: &str) -> bool {
    let escapes = |value: &str| value.matches(['+', '%']).count();
    escapes(value) < escapes(other)
}

impl Told {
    fn new(what: What, form: Form, hash: Option<Hash>) -> Self {
        Self { what, form, hash, values: Vec::new(), more: 0, names: Names::default(), clear_values: Names::default() }
    }

    /// Keeps a value, if there is room for it; and says where.
    fn keep(&mut self, leak: &Leak, hash: Option<Hash>, room: &mut Room) -> Option<usize> {
        if !room.take(leak, self.values.len()) {
            self.more += 1;
            return None;
        }
        let (value, clear_value) = (leak.value.clone(), leak.clear_value.clone());
        self.values.push(Value { value, clear_value, hash, names: Names::default(), times: 0, leaks: Vec::new() });
        Some(self.values.len() - 1)
    }
}

impl Value {
    fn add(&mut self, index: usize, repetitions: &mut usize) {
        self.times += 1;
        let is_first = self.leaks.len() < MOST_CLAIMS;
        if is_first || self.leaks.len() < MOST_CLAIMS + MOST_REPETITIONS && *repetitions > 0 {
            self.leaks.push(index);
            *repetitions -= usize::from(!is_first);
        }
    }
}

/// How many different values are kept. What a page tells in a hundred thousand variations is counted: `findings.json` has it all.
#[derive(Default)]
pub(crate) struct Room(usize);

impl Room {
    /// Whether there is room for this value in a group that has so many. What the journey typed is few, and always named.
    pub(crate) fn take(&mut self, leak: &Leak, in_group: usize) -> bool {
        let is_typed =
            leak.basis.iter().any(|basis| matches!(basis, Basis::Canary { .. } | Basis::WhileTyping { .. } | Basis::Action { .. }));
        let takes = is_typed || in_group < 10 || in_group < 1_000 && self.0 < 10_000;
        self.0 += usize::from(takes);
        takes
    }
}

/// Tells different values apart without keeping them.
pub(crate) type Key = [u8; 16];

pub(crate) fn key(value: impl std::hash::Hash) -> Key {
    let mut hasher = Sha(Sha256::new());
    value.hash(&mut hasher);
    let digest = hasher.0.finalize();
    std::array::from_fn(|index| digest[index])
}

struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest itself is taken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_term_in_two_spellings_is_one() {
        let same = |what, one: &str, other: &str| spelling(what, one) == spelling(what, other);
        for (one, other) in [("hiv+test", "hiv test"), ("hiv%20test", "HIV  Test"), ("Herpes", "herpes"), (" hiv test ", "hiv+test")] {
            assert!(same(What::SearchTerm, one, other), "{one} and {other}");
            assert!(!same(What::TypedText, one, other), "{one} and {other} are not search terms");
        }
        for (one, other) in [("c++", "c"), ("hiv test", "hivtest"), ("hiv", "hiv test"), ("rh+", "rh"), ("été", "ete")] {
            assert!(!same(What::SearchTerm, one, other), "{one} and {other}");
        }
        assert!(is_plainer("hiv test", "hiv+test") && is_plainer("hiv+test", "%68iv+test") && !is_plainer("hiv test", "HIV test"));
    }
}
