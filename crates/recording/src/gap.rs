use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RequestId;

/// Something we know we did not see, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What sort of thing is missing.
    pub kind: GapKind,
    /// What is missing and why: one sentence for a person.
    pub why: String,
    /// The request it concerns, where it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// The step it fell into (0 is the first), where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
}

/// The sorts of gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// The run did not reach its end: the tool or the browser was killed, or a step failed.
    RunIncomplete,
    /// A raw log lacks its tail or has a damaged line.
    LogDamaged,
    /// One whole witness is missing.
    WitnessMissing,
    /// A body was announced and not seen. Without a request it concerns every unseen body of a capture.
    BodyUnavailable,
    /// The two witnesses contradict each other.
    WitnessesDisagree,
    /// Traffic that neither witness can show the content of (QUIC, UDP).
    Opaque,
    /// A page, a worker or the browser crashed or stopped answering.
    Crash,
    /// What a host name of the site's own is an alias of was not learned.
    AliasUnknown,
    /// Something the page did was held back (a dialog, a download, a popup, a request to the auditor's own network).
    HeldBack,
    /// Requests for third parties failed on this network before a byte was written: what they would have been sent is not known.
    NetworkFailed,
    /// A page had not fallen silent when listening ended.
    NeverSettled,
    /// A capture was made without something, or it was taken out before we had it (cookies, bytes).
    LeftOut,
    /// A capture of this kind never says something (which page made a request, beacons), or this run's does not (which script sent
    /// what was sent on leaving).
    NotTold,
    /// Something was captured and not searched to its end: it lies too deep, or too much would come out of it. A reading of the recording
    /// adds it, and no recording holds one.
    NotSearched,
}
