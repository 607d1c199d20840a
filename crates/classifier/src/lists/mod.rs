//! Filter lists of the sort that content blockers use: whose word it is that a request goes to a tracker.
//!
//! They make no claim of what was told. A match cites the list, the line and the rule.

mod asked;
mod list;

use pixelwitness_recording::{Request, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::recipients::Addressee;
use crate::{Party, RecipientId};
use list::List;
pub use list::ListError;

/// Filter lists that the user brought, in the order they were added.
#[derive(Default)]
pub struct Lists {
    all: Vec<List>,
}

/// A filter list that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilterList {
    /// File name: `easyprivacy.txt`.
    pub file: String,
    /// What it calls itself: `EasyPrivacy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its version, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When it was last changed, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Rules for requests that are understood; those for what a page shows are not counted.
    pub rules: usize,
    /// Lines that look like a rule for requests and are not understood. What they name is not found.
    pub unread: usize,
}

impl FilterList {
    /// What to call it: its title, or else its file.
    #[must_use]
    pub fn name(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.file)
    }
}

/// Requests of one recipient that one rule of a list names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// Place of the list in [`Findings::lists`](crate::Findings::lists), 0 is the first.
    pub list: usize,
    /// The rule that names the requests.
    pub rule: ListedRule,
    /// Whether the rule is marked as one that no exception overrides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub important: bool,
    /// The rule of the same list that makes an exception for them. They are then not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<ListedRule>,
    /// Who received the requests.
    pub recipient: RecipientId,
    /// The requests.
    pub requests: Vec<RequestId>,
}

impl Listing {
    /// Whether the list names the requests, all its rules considered.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.exception.is_none()
    }
}

/// A rule as it stands in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedRule {
    /// Line of the file, 1 is the first.
    pub line: usize,
    /// The line's text.
    pub text: String,
}

impl Lists {
    /// Adds a list: the bytes of its file.
    ///
    /// # Errors
    ///
    /// It is no text, a web page, or has no rule for requests.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), ListError> {
        self.all.push(List::read(file, bytes)?);
        Ok(())
    }

    /// What is known of each, in order.
    pub(crate) fn about(&self) -> Vec<FilterList> {
        self.all.iter().map(|list| list.about.clone()).collect()
    }

    /// Adds what the lists say of one request.
    pub(crate) fn look_up(&self, request: &Request, addressee: &Addressee, listed: &mut Vec<Listing>) {
        if self.all.is_empty() {
            return;
        }
        let asked = asked::of(request, addressee.host(), addressee.party == Party::Third);
        for (list, found) in self.all.iter().enumerate().filter_map(|(at, list)| Some((at, list.find(&asked)?))) {
            let same = |other: &&mut Listing| {
                other.list == list && other.rule == found.rule && other.exception == found.exception && other.recipient == addressee.id
            };
            match listed.iter_mut().find(same) {
                Some(listing) => listing.requests.push(request.id),
                None => listed.push(Listing {
                    list,
                    rule: found.rule,
                    important: found.important,
                    exception: found.exception,
                    recipient: addressee.id.clone(),
                    requests: vec![request.id],
                }),
            }
        }
    }
}
