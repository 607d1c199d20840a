use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Body, Capture, Request, Sender, Transmission, Witness};

/// What each witness saw, and what that allows to be said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completeness {
    /// Whether the run reached its end and both raw logs are whole; of captures made elsewhere, whether each was read to its end.
    pub finished: bool,
    /// The captures made elsewhere that the recording was read from; none where pixelwitness ran the browser itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captures: Vec<Capture>,
    /// Pages, frames and workers that were watched.
    pub targets_attached: usize,
    /// DevTools events received.
    pub devtools_events: usize,
    /// NetLog events read.
    pub netlog_events: usize,
    /// Requests of the page that both witnesses saw.
    pub seen_by_both: usize,
    /// Requests of the page that only the wire log holds (reports, some beacons on leaving).
    pub wire_only: usize,
    /// Requests of the page that DevTools announced and that left the browser by its account alone.
    pub devtools_only: usize,
    /// Requests that DevTools announced and that never left (blocked, answered from a cache or by a service worker).
    pub not_transmitted: usize,
    /// Requests of the page of which nobody can say whether they left. None of them counts as seen by a witness.
    #[serde(default)]
    pub transmission_unknown: usize,
    /// Requests the browser made for itself, set aside by rule.
    pub browser_own: usize,
    /// Requests with a body nobody saw.
    pub bodies_unavailable: usize,
    /// Differences between the witnesses that no known rule explains. Not empty: no claim of completeness is made.
    pub unexplained: Vec<String>,
    /// How long each page was listened to.
    pub listened: Vec<Listening>,
    /// What a run like this cannot show, in words.
    pub out_of_scope: Vec<String>,
}

impl Completeness {
    /// Counts a request by who made it, who saw it, whether it left, and whether its body is known.
    pub fn count(&mut self, request: &Request) {
        if request.sender != Sender::Page {
            self.browser_own += 1;
            return;
        }
        if !request.may_have_left() {
            self.not_transmitted += 1;
            return;
        }
        match request.witness {
            _ if matches!(request.transmission, Transmission::Unknown { .. }) => self.transmission_unknown += 1,
            Witness::Both => self.seen_by_both += 1,
            Witness::WireOnly => self.wire_only += 1,
            Witness::DevtoolsOnly => self.devtools_only += 1,
            // Each capture says how many it holds.
            Witness::Capture => {}
        }
        self.bodies_unavailable += usize::from(matches!(request.body, Body::Unavailable { .. }));
    }
}

/// How long one page was listened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listening {
    /// The step after which we listened (0 is the first).
    pub step: usize,
    /// The page's address at that time.
    pub url: String,
    /// Milliseconds from the end of the step's action to the end of listening.
    pub listened_ms: u64,
    /// Whether the page had fallen silent by then; if not, the hard limit ended the wait.
    pub settled: bool,
}
