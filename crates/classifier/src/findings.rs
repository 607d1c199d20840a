use std::fmt;

use pixelwitness_recording::{Completeness, Gap, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meaning::Meaning;

/// Version of `findings.json`.
///
/// - 1: the first.
pub const FORMAT: u32 = 1;

/// What a recording says about who was told what. The same recording and the same definitions give the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// Version of this format.
    pub format: u32,
    /// Name of the journey.
    pub journey: String,
    /// Registrable domains of the pages visited: what counts as first party.
    pub sites: Vec<String>,
    /// Everybody who received a request, third parties first.
    pub recipients: Vec<Recipient>,
    /// What vendors' requests said, decoded.
    pub events: Vec<Event>,
    /// What leaked, each as one claim.
    pub leaks: Vec<Leak>,
    /// What a vendor's answer says its script is set to collect. Declared, not seen leaving.
    pub declared: Vec<Declared>,
    /// Requests to third parties that no definition reads.
    pub unread: Vec<Unread>,
    /// Public address every recipient saw, only where the user asked for it to be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_address: Option<String>,
    /// What we know we did not see.
    pub gaps: Vec<Gap>,
    /// What each witness saw.
    pub completeness: Completeness,
}

/// A recipient's key in [`Findings::recipients`]: the owner's name where a definition knows it, else the registrable domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RecipientId(pub String);

impl fmt::Display for RecipientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Somebody who received requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recipient {
    /// Its key; also how reports name it.
    pub id: RecipientId,
    /// Owner, where a definition knows it: `Meta Platforms`.
    pub owner: Option<String>,
    /// Products that received something: `Meta Pixel`. In the order of their first request.
    pub vendors: Vec<String>,
    /// Host names, in the order of their first request.
    pub hosts: Vec<String>,
    /// First or third party to the pages visited.
    pub party: Party,
    /// Why it counts as that: `facebook.com is not clinic.example`.
    pub why: String,
    /// Every request it received.
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
    /// Another detail of a person's contact data (city, country, gender, a customer number).
    ContactDetail,
    /// Other text that the journey typed.
    TypedText,
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

/// One layer a value was wrapped in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Percent-encoding, `+` for a space included where a form has it.
    Percent,
    /// A JSON string's escapes.
    JsonString,
    /// A value inside an address.
    Url,
    /// A value inside a JSON document that is itself a value.
    Json,
    /// Standard base64, padded or not.
    Base64,
    /// URL-safe base64, padded or not.
    Base64Url,
    /// HTML character references (`&#64;`).
    HtmlEntity,
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
    /// Deflate without a header.
    Deflate,
    /// The digest named next stands as its bytes, not in hexadecimal.
    RawDigest,
    /// An MD5 digest in hexadecimal, after these normalisations in this order.
    Md5 {
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
    /// A SHA-1 digest in hexadecimal, after these normalisations in this order.
    Sha1 {
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
    /// A SHA-256 digest in hexadecimal, after these normalisations in this order.
    Sha256 {
        /// What was done to the value before hashing.
        normalised: Vec<Normalisation>,
    },
}

/// What a vendor does to a value before hashing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// White space at both ends removed.
    Trim,
    /// Lower case.
    Lowercase,
    /// Upper case.
    Uppercase,
    /// The first word alone.
    FirstWord,
    /// The last word alone.
    LastWord,
    /// White space and punctuation removed.
    LettersAndDigits,
    /// All white space removed.
    NoSpaces,
    /// Digits only.
    DigitsOnly,
    /// Digits only, without leading zeros.
    NoLeadingZeros,
    /// International form with `+`, read as a British number where it has no country code.
    E164,
    /// International form without `+`, read as a British number where it has no country code.
    E164NoPlus,
    /// British national form: digits only, with its leading zero.
    National,
    /// A plus and the digits, whatever they are.
    PlusDigits,
    /// Gmail's local part without dots.
    GmailDots,
    /// Gmail's local part without dots and without what follows a plus.
    GmailLocalPart,
    /// Date as `YYYYMMDD`.
    CompactDate,
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
    /// The vendor's definition says that this field means this.
    VendorField {
        /// The definition's identifier.
        vendor: String,
        /// The field's name in the definition.
        field: String,
    },
    /// A rule that holds for every recipient.
    Pattern {
        /// The rule, in words.
        rule: String,
    },
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
