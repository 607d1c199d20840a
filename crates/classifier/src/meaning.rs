use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a vendor's parameter means. A definition uses these words and no others, so that a reader can check the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The site owner's account with the vendor.
    AccountId,
    /// Name of the event.
    EventName,
    /// Address of the page.
    PageUrl,
    /// Title of the page.
    PageTitle,
    /// Address of the page before.
    Referrer,
    /// What was searched for.
    SearchTerm,
    /// Text of a button or link.
    ButtonText,
    /// Other properties of a button or link.
    ButtonDetail,
    /// Names or properties of a form and its fields.
    FormFields,
    /// What the page says of itself (OpenGraph, JSON-LD, microdata).
    PageMetadata,
    /// A product or piece of content: name, category, identifier.
    Content,
    /// A price, a currency, an order number.
    Value,
    /// An identifier of the browser.
    BrowserId,
    /// An identifier of a session.
    SessionId,
    /// An identifier of a person's account with the vendor.
    PersonAccount,
    /// The site's own identifier of its user.
    UserId,
    /// An identifier of the click on an advertisement.
    ClickId,
    /// A hashed e-mail address.
    HashedEmail,
    /// A hashed telephone number.
    HashedPhone,
    /// A hashed first name.
    HashedFirstName,
    /// A hashed last name.
    HashedLastName,
    /// A hashed date of birth.
    HashedDateOfBirth,
    /// A hashed postcode.
    HashedPostcode,
    /// Another hashed detail of a person.
    HashedDetail,
    /// A mask of a value's shape. Many values fit it: it proves none.
    ShapeMask,
    /// A contact detail in the clear.
    PlainContact,
    /// Other data the site chose to send.
    CustomData,
    /// Properties of the device.
    Device,
    /// State of consent.
    Consent,
    /// A time.
    Timestamp,
    /// Version of the vendor's script.
    SdkVersion,
    /// Where the visitor is, by address.
    Location,
    /// Known to have no meaning for a visitor (counters, diagnostics).
    Technical,
    /// Not known.
    Unknown,
}
