use crate::definition::Role;
use crate::definitions::Definitions;
use crate::{Event, Meaning};

/// Says of each copy which request carried the same event. Vendors send some events twice, to different interfaces of theirs.
pub(crate) fn mark(events: &mut [Event], roles: &[Role], definitions: &Definitions) {
    let copies = (0..events.len()).filter(|index| roles.get(*index) == Some(&Role::Copy));
    let originals: Vec<usize> = (0..events.len()).filter(|index| roles.get(*index) == Some(&Role::Event)).collect();
    for copy in copies.collect::<Vec<_>>() {
        let names = definitions.same_event(&events[copy].vendor);
        let original = originals.iter().find(|original| is_same(&events[copy], &events[**original], names));
        events[copy].copy_of = original.map(|original| events[*original].request);
    }
}

/// Two views of one page have the same account, name and page: only a time, a counter or an identifier tells one event.
fn is_same(copy: &Event, original: &Event, names: &[String]) -> bool {
    let telling = |name: &String| {
        let field = copy.fields.iter().find(|field| field.name == *name);
        field.is_some_and(|field| matches!(field.meaning, Meaning::Timestamp | Meaning::Technical))
    };
    copy.vendor == original.vendor
        && copy.request != original.request
        && names.iter().any(telling)
        && names.iter().all(|name| value(copy, name) == value(original, name))
}

fn value<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
}
