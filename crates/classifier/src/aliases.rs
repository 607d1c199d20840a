use pixelwitness_recording::{LogLine, Lookup, Resolver};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::definitions::Definitions;
use crate::owners::{self, OwnerBasis};
use crate::party::registrable_domain;
use crate::{Purpose, RecipientId};

/// A host name of the site's own that is an alias of somebody else's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alias {
    /// The site's host name.
    pub host: String,
    /// The names it is an alias of, each of the one before, as they were looked up.
    pub aliases: Vec<String>,
    /// The first of them that is known to belong to somebody who collects; else the first that is not of the site.
    pub leads_to: String,
    /// Who owns that name, where somebody is known to.
    pub owner: Option<String>,
    /// What sites use it for, where that is known.
    pub purpose: Option<Purpose>,
    /// How the owner is known.
    pub basis: Option<OwnerBasis>,
    /// Who looked the name up.
    pub by: Resolver,
    /// Milliseconds since the Unix epoch when it was looked up.
    pub at_ms: u64,
    /// Where the lookup stands in the raw logs.
    pub log_line: LogLine,
    /// Who is named as the recipient of requests to the host: whoever has its domain.
    pub recipient: RecipientId,
}

impl Alias {
    /// Whether the name behind is one that its owner collects at. Of somebody who hands out files or runs servers for others it is not
    /// known whose they are.
    #[must_use]
    pub fn leads_to_a_collector(&self) -> bool {
        self.purpose.is_some_and(collects)
    }
}

fn collects(purpose: Purpose) -> bool {
    purpose != Purpose::Delivery
}

/// What a host of the site is an alias of: every chain that was seen, the browser's own before those that were asked for afterwards.
pub(crate) fn of(host: &str, recipient: &RecipientId, lookups: &[Lookup], definitions: &Definitions) -> Vec<Alias> {
    let mut found: Vec<Alias> = Vec::new();
    for lookup in lookups.iter().filter(|lookup| lookup.host == host) {
        if found.iter().any(|known| known.aliases == lookup.aliases) {
            continue;
        }
        found.extend(reading(lookup, recipient, definitions));
    }
    found
}

fn reading(lookup: &Lookup, recipient: &RecipientId, definitions: &Definitions) -> Option<Alias> {
    let site = registrable_domain(&lookup.host);
    let outside = lookup.aliases.iter().filter(|name| registrable_domain(name) != site);
    let names: Vec<(&String, Option<Named>)> = outside.map(|name| (name, owner(name, definitions))).collect();
    let collects = |(_, owner): &(_, Option<Named>)| owner.as_ref().is_some_and(|owner| owner.purpose.is_some_and(collects));
    let at = names.iter().position(collects).unwrap_or(0);
    let (leads_to, owner) = names.into_iter().nth(at)?;
    let (owner, purpose, basis) = owner.map_or((None, None, None), |owner| (Some(owner.name), owner.purpose, Some(owner.basis)));
    Some(Alias {
        host: lookup.host.clone(),
        aliases: lookup.aliases.clone(),
        leads_to: leads_to.clone(),
        owner,
        purpose,
        basis,
        by: lookup.by.clone(),
        at_ms: lookup.at_ms,
        log_line: lookup.log_line,
        recipient: recipient.clone(),
    })
}

struct Named {
    name: String,
    purpose: Option<Purpose>,
    basis: OwnerBasis,
}

fn owner(name: &str, definitions: &Definitions) -> Option<Named> {
    if let Some(definition) = definitions.of_owner(name).first() {
        let basis = OwnerBasis::Definition { vendor: definition.id.clone() };
        return Some(Named { name: definition.owner.clone(), purpose: Some(definition.purpose), basis });
    }
    let entry = owners::entry(name)?;
    Some(Named { name: entry.owner.to_owned(), purpose: entry.purpose(), basis: entry.basis() })
}
