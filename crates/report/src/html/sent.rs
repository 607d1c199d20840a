use std::collections::{BTreeMap, HashMap};

use pixelwitness_classifier::{Findings, RecipientId};

use crate::account::{Room, key};

/// What one recipient was told in one step.
pub(super) struct Group {
    pub(super) recipient: RecipientId,
    /// Each value once, in the order they were seen.
    pub(super) claims: Vec<Claim>,
    /// Further values, which are counted and not kept.
    pub(super) more: usize,
}

/// One value that one recipient was told in a step.
pub(super) struct Claim {
    /// Place of its first leak in the findings.
    pub(super) first: usize,
    pub(super) times: usize,
}

/// What was sent in each step, and in no known one.
pub(super) fn by_step(findings: &Findings) -> BTreeMap<Option<usize>, Vec<Group>> {
    let mut sent: BTreeMap<Option<usize>, Vec<Group>> = BTreeMap::new();
    let (mut positions, mut known) = (HashMap::new(), HashMap::new());
    let mut room = Room::default();
    for (first, leak) in findings.leaks.iter().enumerate() {
        let groups = sent.entry(leak.step).or_default();
        let position = *positions.entry(key((leak.step, &leak.recipient))).or_insert_with(|| {
            groups.push(Group { recipient: leak.recipient.clone(), claims: Vec::new(), more: 0 });
            groups.len() - 1
        });
        let group: &mut Group = &mut groups[position];
        let place = known.entry(key((leak.step, &leak.recipient, leak.what, &leak.value))).or_insert_with(|| {
            if !room.take(&leak, group.claims.len()) {
                group.more += 1;
                return None;
            }
            group.claims.push(Claim { first, times: 0 });
            Some(group.claims.len() - 1)
        });
        if let Some(place) = *place {
            group.claims[place].times += 1;
        }
    }
    sent
}
