use std::collections::BTreeSet;

use crate::definitions::Definitions;
use crate::owners::OwnerBasis;
use crate::{Basis, Event, Findings, Leak, Replay, VendorName};

/// Definitions that findings name by their identifiers.
#[derive(Debug, Default)]
pub(crate) struct VendorNames(BTreeSet<String>);

impl VendorNames {
    /// Takes note of every definition that one of these names.
    pub(crate) fn note<'a>(
        &mut self,
        events: impl Iterator<Item = &'a Event>,
        leaks: impl Iterator<Item = &'a Leak>,
        replays: impl Iterator<Item = &'a Replay>,
    ) {
        events.for_each(|event| self.add(&event.vendor));
        replays.for_each(|replay| self.add(&replay.vendor));
        for leak in leaks {
            leak.vendor.iter().for_each(|vendor| self.add(vendor));
            for basis in &leak.basis {
                if let Basis::VendorField { vendor, .. } = basis {
                    self.add(vendor);
                }
            }
        }
    }

    fn add(&mut self, vendor: &str) {
        if !self.0.contains(vendor) {
            self.0.insert(vendor.to_owned());
        }
    }

    /// The names of all of them, by their identifiers.
    pub(crate) fn of(mut self, findings: &Findings, definitions: &Definitions) -> Vec<VendorName> {
        findings.declared.iter().for_each(|declared| self.add(&declared.vendor));
        let bases = findings.owners.iter().map(|owner| Some(&owner.basis)).chain(findings.aliases.iter().map(|alias| alias.basis.as_ref()));
        for basis in bases.flatten() {
            if let OwnerBasis::Definition { vendor } = basis {
                self.add(vendor);
            }
        }
        let known = definitions.vendors().filter(|vendor| self.0.contains(&vendor.id));
        let mut names: Vec<VendorName> = known.map(|vendor| VendorName { id: vendor.id, name: vendor.name, owner: vendor.owner }).collect();
        names.sort_by(|one, other| one.id.cmp(&other.id));
        names
    }
}
