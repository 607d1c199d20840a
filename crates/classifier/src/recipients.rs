use pixelwitness_recording::{Request, RequestId, Sinkhole};

use crate::definitions::Definitions;
use crate::owners;
use crate::party::{Sites, host_of};
use crate::read::Reading;
use crate::{Party, Recipient, RecipientId};

/// Who received one request.
#[derive(Clone, Debug)]
pub(crate) struct Addressee {
    pub(crate) id: RecipientId,
    owner: Option<String>,
    host: String,
    pub(crate) party: Party,
    why: String,
    /// Whether the sinkhole answered in its place.
    sinkhole: bool,
}

impl Addressee {
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

/// Says who receives a request: the owner of its host, where a definition or the table knows one for more than a memory, else whoever
/// has the domain.
///
/// A payload that gives a vendor away on another host changes nothing: the host's owner got it, whatever happens to it there.
pub(crate) fn addressee(request: &Request, sites: &Sites, definitions: &Definitions, sinkhole: Option<&Sinkhole>) -> Option<Addressee> {
    let host = host_of(&request.url)?;
    let (party, mut why) = sites.party(request, &host);
    let owners::Name { owner, id } = owners::name(&host, definitions);
    if party == Party::Third {
        why.extend(owners::shared_with_a_site(&host, sites, definitions));
    }
    // Kept apart, so that nobody is said to have received what was sent to nobody.
    let sinkhole = sinkhole.is_some_and(|sinkhole| sinkhole.answered(request));
    let id = RecipientId(if sinkhole { format!("{id} (sinkhole)") } else { id });
    Some(Addressee { id, owner, host: host.into_owned(), party, why, sinkhole })
}

/// Everybody who received a request, in the order of the first one.
#[derive(Debug, Default)]
pub(crate) struct Recipients(Vec<Recipient>);

impl Recipients {
    pub(crate) fn add(&mut self, addressee: &Addressee, request: RequestId, reading: Option<&Reading<'_>>) {
        let at = self.0.iter().position(|known| known.id == addressee.id).unwrap_or_else(|| {
            self.0.push(Recipient {
                id: addressee.id.clone(),
                owner: addressee.owner.clone(),
                vendors: Vec::new(),
                hosts: Vec::new(),
                party: addressee.party,
                why: addressee.why.clone(),
                sinkhole: addressee.sinkhole,
                requests: Vec::new(),
            });
            self.0.len() - 1
        });
        let recipient = &mut self.0[at];
        // Once a third party, always one: what it was told there, it knows.
        if addressee.party < recipient.party {
            recipient.party = addressee.party;
            recipient.why.clone_from(&addressee.why);
        }
        if !recipient.hosts.contains(&addressee.host) {
            recipient.hosts.push(addressee.host.clone());
        }
        if let Some(name) = reading.map(|reading| &reading.definition.name).filter(|name| !recipient.vendors.contains(name)) {
            recipient.vendors.push(name.clone());
        }
        recipient.requests.push(request);
    }

    /// Third parties first.
    pub(crate) fn sorted(mut self) -> Vec<Recipient> {
        self.0.sort_by_key(|recipient| recipient.party);
        self.0
    }
}
