use std::collections::HashMap;

use pixelwitness_recording::{Packed, RequestId};

use crate::definition::Role;
use crate::definitions::Definitions;
use crate::{Event, Meaning};

/// Says of each copy which request carried the same event. Vendors send some events twice, to different interfaces of theirs.
pub(crate) fn mark(events: Packed<Event>, roles: &[Role], definitions: &Definitions) -> Packed<Event> {
    if !roles.contains(&Role::Copy) {
        return events;
    }
    let mut originals: HashMap<Identity, Vec<RequestId>> = HashMap::new();
    for (event, _) in events.iter().zip(roles).filter(|(_, role)| **role == Role::Event) {
        originals.entry(Identity::of(&event, definitions)).or_default().push(event.request);
    }
    let marked = events.iter().zip(roles).map(|(mut event, role)| {
        if *role == Role::Copy && is_told_by_more_than_its_kind(&event, definitions) {
            let same = originals.get(&Identity::of(&event, definitions)).into_iter().flatten();
            event.copy_of = same.copied().find(|original| *original != event.request);
        }
        event
    });
    marked.collect()
}

/// What two accounts of one event have in common.
#[derive(PartialEq, Eq, Hash)]
struct Identity {
    vendor: String,
    values: Vec<Option<String>>,
}

impl Identity {
    fn of(event: &Event, definitions: &Definitions) -> Self {
        let names = definitions.same_event(&event.vendor);
        let value = |name: &String| event.fields.iter().find(|field| field.name == *name).map(|field| field.value.clone());
        Self { vendor: event.vendor.clone(), values: names.iter().map(value).collect() }
    }
}

/// Two views of one page have the same account, name and page: only a time, a counter or an identifier tells one event.
fn is_told_by_more_than_its_kind(event: &Event, definitions: &Definitions) -> bool {
    let telling = |name: &String| {
        let field = event.fields.iter().find(|field| field.name == *name);
        field.is_some_and(|field| matches!(field.meaning, Meaning::Timestamp | Meaning::Technical))
    };
    definitions.same_event(&event.vendor).iter().any(telling)
}
