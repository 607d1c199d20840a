use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A vendor's product, as its definition introduces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Vendor {
    /// Identifier: `meta_pixel`.
    pub id: String,
    /// The product: `Meta Pixel`.
    pub name: String,
    /// Who runs it, as reports name it: `Meta Platforms`.
    pub owner: String,
    /// The legal entity that answers for it, where we know one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// What sites use it for.
    pub purpose: Purpose,
    /// How well its format is known; single parameters can differ.
    pub confidence: Confidence,
    /// Where the format was learned.
    pub sources: Vec<String>,
}

/// What sites use a product for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// It measures and aims advertisements.
    Advertising,
    /// It counts visits and what visitors do.
    Analytics,
    /// It records the page and the pointer so that a visit can be watched again.
    SessionReplay,
    /// It loads other vendors' scripts.
    TagManager,
    /// It asks for consent and keeps the answer.
    Consent,
    /// It lets visitors write to the site, or writes to them.
    Support,
    /// It tells people from robots and thieves.
    Security,
    /// It shows video, maps or typefaces.
    Media,
    /// It reports faults and slow pages.
    Monitoring,
    /// It shows different visitors different pages.
    Testing,
    /// It reads pages aloud, translates or restyles them.
    Accessibility,
    /// It brings a social network's buttons and logins.
    Social,
    /// It takes payments and gifts.
    Payment,
    /// It hands out files, or runs servers, for others: whose, its name does not say.
    Delivery,
}

/// How well a format is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// In captures of real requests, or in requests that the vendor's own script sent to us.
    Seen,
    /// In public documentation or source code.
    Documented,
    /// From memory. It is shown as such, and no claim rests on it alone.
    Recalled,
}

impl Confidence {
    /// What a reader has to be told of a field that is known this well.
    pub(crate) fn note(self) -> Option<&'static str> {
        match self {
            Self::Seen | Self::Documented => None,
            Self::Recalled => Some("meaning recalled, not confirmed"),
        }
    }
}
