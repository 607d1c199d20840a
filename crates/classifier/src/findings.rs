use std::fmt;

use pixelwitness_recording::{Completeness, Gap, Packed, RequestId, Sinkhole};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aliases::Alias;
use crate::encoding::Encoding;
use crate::lists::{FilterList, Listing};
use crate::meaning::Meaning;
use crate::owners::Owner;
use crate::sought::Sought;
use crate::verdict::Verdict;

/// Version of `findings.json`.
///
/// - 1: the first. `verdict`, `sought`, `failed`, `may_have_been_sent` and `vendors` came later; without them a reader knows less, and
///   nothing wrong.
pub const FORMAT: u32 = 1;

/// What a recording says about who was told what. The same recording and the same definitions give the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// Version of this format.
    pub format: u32,
    /// Name of the journey.
    pub journey: String,
    /// What the findings amount to, and what stands against reading silence in them as absence.
    #[serde(default)]
    pub verdict: Verdict,
    /// Registrable domains of the pages visited: what counts as first party.
    pub sites: Vec<String>,
    /// Visits that were answered by somebody who stands before the site: what was seen then was not the site.
    #[serde(default)]
    pub blocked: Vec<Blocked>,
    /// Everybody who received a request, third parties first.
    pub recipients: Vec<Recipient>,
    /// What vendors' requests said, decoded.
    pub events: Packed<Event>,
    /// What leaked, each as one claim.
    pub leaks: Packed<Leak>,
    /// What stands in requests of which nobody can say whether they left. No claim, and apart from what was sent.
    #[serde(default, skip_serializing_if = "Packed::is_empty")]
    pub may_have_been_sent: Packed<MayHaveBeenSent>,
    /// Requests that failed on this network before a byte was written, by host: what they would have been sent is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedHost>,
    /// What was looked for by its value, and what became of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sought: Vec<Sought>,
    /// What session replays recorded of the visitor.
    #[serde(default, skip_serializing_if = "Packed::is_empty")]
    pub replays: Packed<Replay>,
    /// What a vendor's answer says its script is set to collect. Declared, not seen leaving.
    pub declared: Vec<Declared>,
    /// Requests to third parties that no definition reads.
    pub unread: Packed<Unread>,
    /// Names of the definitions that the other parts name by their identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<VendorName>,
    /// Owners of third parties' domains that no definition knows.
    #[serde(default)]
    pub owners: Vec<Owner>,
    /// Host names of the site's own that are aliases of somebody else's.
    #[serde(default)]
    pub aliases: Vec<Alias>,
    /// Filter lists that were used.
    #[serde(default)]
    pub lists: Vec<FilterList>,
    /// What those lists say of requests: that a recipient is known, and by whose word. No claim rests on it.
    #[serde(default)]
    pub listed: Vec<Listing>,
    /// Public address every recipient saw, only where the user asked for it to be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_address: Option<String>,
    /// Recipients that were answered by the tool itself and never contacted, where it was so asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sinkhole: Option<Sinkhole>,
    /// What we know we did not see.
    pub gaps: Vec<Gap>,
    /// What each witness saw.
    pub completeness: Completeness,
}

impl Findings {
    /// Whether this host name of the site's own leads to somebody who collects.
    pub(crate) fn is_led_to_a_collector(&self, host: &str) -> bool {
        self.aliases.iter().any(|alias| alias.host == host && alias.leads_to_a_collector())
    }
}

/// A visit that was answered with a challenge, a puzzle or a refusal in the site's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocked {
    /// The step whose last page this was (0 is the first).
    pub step: Option<usize>,
    /// The request for the page.
    pub request: RequestId,
    /// Its address.
    pub url: String,
    /// Status of the answer.
    pub status: u16,
    /// Whose page it was, as the end of the sentence "it was answered with …": `a challenge of Cloudflare`, `a refusal`.
    pub who: String,
    /// How we know, in words: `status 403`, `header cf-mitigated: challenge`.
    pub basis: Vec<String>,
}

/// A recipient's key in [`Findings::recipients`]: the owner's name where a definition or a documented entry of the table of
/// owners knows it (`Taboola`), the name and the domain where a register agrees with the table or the owner hands the domain out to
/// others (`Brightcove at zencdn.net`), else the registrable domain. With ` (sinkhole)` after it, it stands for those of the owner's hosts that were
/// answered by the tool and never contacted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RecipientId(pub String);

impl fmt::Display for RecipientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Somebody who received requests, or was about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recipient {
    /// Its key; also how reports name it.
    pub id: RecipientId,
    /// Owner, where a definition or the table of owners knows it for more than a memory: `Meta Platforms`.
    pub owner: Option<String>,
    /// Products that received something: `Meta Pixel`. In the order of their first request.
    pub vendors: Vec<String>,
    /// Host names, in the order of their first request.
    pub hosts: Vec<String>,
    /// First or third party to the pages visited.
    pub party: Party,
    /// Why it counts as that: `facebook.com is not clinic.example`, and whether both belong to one organisation.
    pub why: String,
    /// Whether it was never contacted: the sinkhole answered, and nothing of what is said here was received.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sinkhole: bool,
    /// Every request it received, or was about to.
    pub requests: Vec<RequestId>,
}

/// First or third party, by registrable domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// Another registrable domain than the page's.
    Third,
    /// The page's own registrable domain.
    First,
}

/// What stands in a request of which nobody can say whether it left the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MayHaveBeenSent {
    /// The request.
    pub request: RequestId,
    /// Who would have received it.
    pub recipient: RecipientId,
    /// First or third party.
    pub party: Party,
    /// Its host name.
    pub host: String,
    /// Why nobody can say, as the recording has it.
    pub why: String,
    /// What a definition reads in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// What it would have told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<Leak>,
}

/// A host whose requests failed on this network before a byte was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedHost {
    /// The host name.
    pub host: String,
    /// Who would have received them.
    pub recipient: RecipientId,
    /// First or third party.
    pub party: Party,
    /// How the first of them failed, in the browser's words: `net::ERR_NAME_NOT_RESOLVED`.
    pub error: String,
    /// How many there were.
    pub count: usize,
    /// The requests.
    pub requests: Vec<RequestId>,
}

/// What a definition is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VendorName {
    /// The definition's identifier: `meta_pixel`.
    pub id: String,
    /// The product: `Meta Pixel`.
    pub name: String,
    /// Its owner: `Meta Platforms`.
    pub owner: String,
}

/// One event that a vendor's request reported. A batch is several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The request that carried it.
    pub request: RequestId,
    /// Who received it.
    pub recipient: RecipientId,
    /// The definition's identifier: `meta_pixel`.
    pub vendor: String,
    /// Event name as sent: `PageView`. A request of a vendor that names no event has none.
    pub name: Option<String>,
    /// The site owner's account with the vendor: a pixel id, a measurement id.
    pub account: Option<String>,
    /// The step it belongs to (0 is the first).
    pub step: Option<usize>,
    /// What it was recognised by where the request did not go to a host of the vendor's own: its path, where that told, which begins
    /// with a slash, and names of parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<String>,
    /// The request that carried the same event first, where this is a copy of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<RequestId>,
    /// Every parameter, known or not, in the order sent.
    pub fields: Vec<Field>,
}

/// One parameter of an event, decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Name, decoded.
    pub name: String,
    /// Value, decoded.
    pub value: String,
    /// What the definition says it means.
    pub meaning: Meaning,
    /// What the definition says beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it stood.
    pub location: Location,
    /// How it was written there, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<Encoding>,
}

/// One claim: this value went to this recipient in this place of this request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leak {
    /// What was told.
    pub what: What,
    /// The value as it was sent, decoded; for a hash that a canary explains, the hash.
    pub value: String,
    /// The clear value, where what was sent is a hash of a canary's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_value: Option<String>,
    /// Name of the field, cookie or header that carried it, for a person: `_fbp`, `cd[search_string]`.
    pub name: String,
    /// Who was told.
    pub recipient: RecipientId,
    /// The request that carried it.
    pub request: RequestId,
    /// The step it belongs to (0 is the first).
    pub step: Option<usize>,
    /// The definition that read the request, where one did.
    pub vendor: Option<String>,
    /// Name of the event it was part of.
    pub event: Option<String>,
    /// Where in the request it stood.
    pub location: Location,
    /// How it was written there, outermost first.
    pub encodings: Vec<Encoding>,
    /// How we know, strongest first. Never empty.
    pub basis: Vec<Basis>,
}

/// What a leak tells its recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The address of the page, with its path.
    PageAddress,
    /// The page's title.
    PageTitle,
    /// The page before.
    Referrer,
    /// What was searched for.
    SearchTerm,
    /// The text of a button or link that was clicked.
    ButtonText,
    /// Names of form fields.
    FormFields,
    /// What the page is about, as its own metadata says (OpenGraph, JSON-LD, content names and categories).
    PageMetadata,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A person's name or a part of it.
    Name,
    /// A date of birth.
    DateOfBirth,
    /// A postcode or another part of an address.
    Postcode,
    /// Another detail of a person's contact data (city, country, gender).
    ContactDetail,
    /// Other text that the journey typed.
    TypedText,
    /// An option that the journey chose from a list, or the label of a box that it checked.
    ChosenOption,
    /// The site's own identifier of its user: a user or customer number.
    UserId,
    /// An identifier of the browser: it stays the same from page to page.
    BrowserId,
    /// An identifier of a person's account with the recipient: somebody is logged in.
    PersonAccount,
    /// An identifier of the click on an advertisement that led here.
    ClickId,
}

/// Where in a request a value stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Which part of the request.
    pub part: Part,
    /// The name there: a parameter, a header, a cookie, a JSON pointer; empty where the part has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Bytes of the carrier that hold it, undecoded: offsets into the address for `host`, `path` and `query`, into the header's value
    /// for `header` and `cookie`, into the body or message elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ByteRange>,
}

/// Half-open range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ByteRange {
    /// First byte.
    pub start: usize,
    /// First byte after.
    pub end: usize,
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A label of the host name.
    Host,
    /// The path of the address.
    Path,
    /// A parameter of the address.
    Query,
    /// A header, named in lower case.
    Header,
    /// A cookie of the `Cookie` header.
    Cookie,
    /// A parameter of a form-encoded body.
    Form,
    /// A part of a multipart body.
    Multipart,
    /// A JSON pointer into the body.
    Json,
    /// A parameter in one line of a batch; the name is `LINE:PARAMETER`, 1 is the first line.
    BatchLine,
    /// Bytes of a body of no known form.
    Body,
    /// A WebSocket message; the name is its number on that connection, 1 is the first.
    Message,
}

impl fmt::Display for Location {
    /// `form cd[search_string]`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Host => "host name",
            Part::Path => "path",
            Part::Query => "query",
            Part::Header => "header",
            Part::Cookie => "cookie",
            Part::Form => "form",
            Part::Multipart => "multipart",
            Part::Json => "JSON",
            Part::BatchLine => "batch line",
            Part::Body => "body",
            Part::Message => "WebSocket message",
        };
        formatter.write_str(part)?;
        if self.name.is_empty() { Ok(()) } else { write!(formatter, " {}", self.name) }
    }
}

/// How we know that a leak is one. There is no invented confidence number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The value is one that only this journey could have typed.
    Canary {
        /// The canary's name.
        name: String,
    },
    /// The value of a canary was sent in pieces while it was typed: longer by some keys each time, or key by key.
    WhileTyping {
        /// The canary's name.
        name: String,
        /// The requests that carried the pieces, in order.
        requests: Vec<RequestId>,
    },
    /// The vendor's definition says that this field means this.
    VendorField {
        /// The definition's identifier.
        vendor: String,
        /// The field's name in the definition.
        field: String,
    },
    /// It is what a step of the journey chose, checked or clicked. Others may say the same words.
    Action {
        /// The name under which it was looked for, in [`Findings::sought`].
        name: String,
    },
    /// A rule that holds for every recipient.
    Pattern {
        /// The rule, in words.
        rule: String,
    },
}

/// A part of a session replay: what one request or message recorded of the visitor. A reading, beside the claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replay {
    /// The request, or the connection of the message.
    pub request: RequestId,
    /// Who received it.
    pub recipient: RecipientId,
    /// The definition's identifier.
    pub vendor: String,
    /// The step it belongs to (0 is the first).
    pub step: Option<usize>,
    /// The message's number on its connection, 1 is the first, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<usize>,
    /// Bytes as they were sent.
    pub bytes: usize,
    /// The format it was read as; absent where it is not known here what it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether the format is known by what others say of it alone, and was not held against the vendor's own script.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_verified: bool,
    /// What it holds, as far as the format is known.
    pub recorded: Vec<Recorded>,
}

/// One sort of thing that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// What.
    pub what: RecordedWhat,
    /// How many.
    pub count: usize,
    /// Of texts: whether they were masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masking: Option<Masking>,
    /// A few, the longest first, those that are masked left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

/// What a session replay records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedWhat {
    /// The page's address.
    PageAddress,
    /// A text that the page shows.
    PageText,
    /// A change of the page.
    PageChange,
    /// A click, and on what.
    Click,
    /// A place of the pointer, or of a finger.
    PointerMovement,
    /// A scrolling.
    Scroll,
    /// A selection of text.
    Selection,
    /// What a field held after something was typed or chosen.
    TypedText,
    /// A key that was pressed.
    KeyPress,
    /// Something cut, copied or pasted.
    Clipboard,
    /// A form that was sent.
    FormSent,
}

/// Whether texts were masked before they were sent: whether anything is left of them but `*`, `•` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Masking {
    /// All.
    Masked,
    /// Some.
    Partly,
    /// None.
    Clear,
}

/// What an answer of a vendor says that its script is set to collect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Declared {
    /// The request whose answer says so.
    pub request: RequestId,
    /// The definition that read it.
    pub vendor: String,
    /// The account it is set for.
    pub account: Option<String>,
    /// What is set, as the answer names it: `InferredEvents`, `AutomaticMatching`.
    pub setting: String,
    /// Its value: `on`, or a list.
    pub value: String,
    /// What that means, in words, where the definition says so.
    pub note: Option<String>,
}

/// A request to a third party that no definition reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unread {
    /// The request.
    pub request: RequestId,
    /// Who received it.
    pub recipient: RecipientId,
    /// Method and address without its query.
    pub endpoint: String,
    /// Bytes of query and body that nobody here can read.
    pub bytes: usize,
}
