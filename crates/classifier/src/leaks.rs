//! Claims: this value went to this recipient in this place of this request.

use pixelwitness_recording::{Request, RequestId};

use crate::address;
use crate::codecs::Parameter;
use crate::definitions::Definitions;
use crate::hashes;
use crate::party::{Sites, domain_of_address};
use crate::piece::{Arena, Piece};
use crate::read::{self, EventFields, ReadField, is_contact};
use crate::rule::Rule;
use crate::{Basis, ByteRange, Encoding, Leak, Location, Meaning, Part, RecipientId, What};

/// What all claims about one request, or about one event of it, have in common.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) request: RequestId,
    pub(crate) step: Option<usize>,
    pub(crate) recipient: RecipientId,
    pub(crate) vendor: Option<String>,
    pub(crate) event: Option<String>,
}

impl Claim {
    pub(crate) fn leak(&self, what: What, name: String, value: String, location: Location, encodings: Vec<Encoding>, basis: Basis) -> Leak {
        Leak {
            what,
            value,
            clear_value: None,
            name,
            recipient: self.recipient.clone(),
            request: self.request,
            step: self.step,
            vendor: self.vendor.clone(),
            event: self.event.clone(),
            location,
            encodings,
            basis: vec![basis],
        }
    }
}

/// What a vendor's fields tell it.
pub(crate) fn of_event(claim: &Claim, vendor: &str, event: EventFields<'_, '_>, sites: &Sites, definitions: &Definitions) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for field in event.iter() {
        if !is_met(field, event) {
            continue;
        }
        if field.rule.is_some_and(Rule::is_recalled) {
            leaks.extend(of_recalled_field(claim, field, sites, definitions));
            continue;
        }
        if field.meaning() == Meaning::Unknown {
            leaks.extend(of_unknown_field(claim, field, sites, definitions));
        }
        let leak = of_field(claim, vendor, field);
        leaks.extend(leak.map(|leak| Leak { what: if is_the_user(field, event) { What::ContactDetail } else { leak.what }, ..leak }));
        if matches!(field.meaning(), Meaning::PageUrl | Meaning::Referrer) {
            leaks.extend(of_address(claim, &Carrier::of(field), &field.parameter.piece, definitions));
        }
    }
    leaks
}

/// Whether the event has what a rule says must stand beside its parameter.
fn is_met(field: &ReadField<'_>, event: EventFields<'_, '_>) -> bool {
    let Some((name, value)) = field.rule.and_then(|rule| rule.when.as_deref()?.split_once('=')) else { return true };
    event.iter().any(|beside| beside.name() == name && beside.value() == value)
}

/// Whether an identifier is the one that the same event calls the site's own of its user: many scripts put it where the browser's stood.
fn is_the_user(field: &ReadField<'_>, event: EventFields<'_, '_>) -> bool {
    let is_user = |other: &ReadField<'_>| other.meaning() == Meaning::UserId && other.value() == field.value();
    field.meaning() == Meaning::BrowserId && event.iter().any(is_user)
}

fn of_field(claim: &Claim, vendor: &str, read: &ReadField<'_>) -> Option<Leak> {
    let rule = read.rule?;
    let what = rule.what.or_else(|| what(read.meaning())).filter(|_| rule.leak)?;
    let value = read.items().unwrap_or_else(|| read.value().into_owned());
    if says_nothing(&value) || rule.unless.iter().any(|nothing| nothing.matches(&value, '\n')) {
        return None;
    }
    if is_contact(read.meaning()) && (hashes::tells_nothing(&value) || !hashes::fits(read.meaning(), &value)) {
        return None;
    }
    let mut encodings = read.parameter.piece.encodings.to_vec();
    if is_contact(read.meaning()) && hashes::sha256_of(&value).is_some() {
        encodings.push(Encoding::Sha256 { normalised: rule.normalise.clone() });
    }
    let basis = match rule.site_word {
        Some(word) => Basis::Pattern { rule: format!("the property is the site's own, and by its name it is {word}") },
        None => Basis::VendorField { vendor: rule.definition.as_deref().unwrap_or(vendor).to_owned(), field: rule.key.clone() },
    };
    Some(claim.leak(what, read.parameter.name.to_string(), value, read.parameter.location(), encodings, basis))
}

/// A definition that is recalled carries no claim. An address of a page of the site is one by itself, wherever it stands.
fn of_recalled_field(claim: &Claim, read: &ReadField<'_>, sites: &Sites, definitions: &Definitions) -> Vec<Leak> {
    let (value, carries) = (read.value(), read.rule.is_some_and(|rule| rule.leak));
    let what = what(read.meaning()).filter(|what| carries && matches!(what, What::PageAddress | What::Referrer));
    let is_of_a_site = domain_of_address(&value).is_some_and(|domain| sites.contain(&domain));
    match what {
        Some(what) if is_of_a_site => of_page_address(claim, read, what, "the value is the address of a page of the site", definitions),
        _ => Vec::new(),
    }
}

/// A field of which nothing is known can be the address of a page that was visited: not just any address on the site, as pictures have.
fn of_unknown_field(claim: &Claim, read: &ReadField<'_>, sites: &Sites, definitions: &Definitions) -> Vec<Leak> {
    if !sites.have_page(&read.value()) {
        return Vec::new();
    }
    of_page_address(claim, read, What::PageAddress, "the value is the address of a page that was visited", definitions)
}

fn of_page_address(claim: &Claim, read: &ReadField<'_>, what: What, rule: &str, definitions: &Definitions) -> Vec<Leak> {
    let field = read.to_field();
    if !address::names_more_than_the_site(&field.value) {
        return Vec::new();
    }
    let basis = Basis::Pattern { rule: rule.to_owned() };
    let mut leaks = vec![claim.leak(what, field.name, field.value, field.location, field.encodings, basis)];
    leaks.extend(of_address(claim, &Carrier::of(read), &read.parameter.piece, definitions));
    leaks
}

/// What a request tells that no definition reads: addresses of pages that were visited, wherever they stand in it.
pub(crate) fn of_unread(claim: &Claim, request: &Request, sites: &Sites, definitions: &Definitions) -> Vec<Leak> {
    let arena = Arena::default();
    let fields = read::plain_fields(request, &arena);
    fields.iter().flat_map(|field| of_unknown_field(claim, field, sites, definitions)).collect()
}

fn says_nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "-" | "null" | "undefined" | "{}" | "[]" | "[{}]")
}

/// What a field of this meaning tells its recipient about a visitor, if anything.
fn what(meaning: Meaning) -> Option<What> {
    Some(match meaning {
        Meaning::PageUrl => What::PageAddress,
        Meaning::PageTitle => What::PageTitle,
        Meaning::Referrer => What::Referrer,
        Meaning::SearchTerm => What::SearchTerm,
        Meaning::ButtonText => What::ButtonText,
        Meaning::FormFields => What::FormFields,
        Meaning::PageMetadata | Meaning::Content => What::PageMetadata,
        Meaning::BrowserId => What::BrowserId,
        Meaning::PersonAccount => What::PersonAccount,
        Meaning::ClickId => What::ClickId,
        Meaning::HashedEmail => What::Email,
        Meaning::HashedPhone => What::Phone,
        Meaning::HashedFirstName | Meaning::HashedLastName => What::Name,
        Meaning::HashedDateOfBirth => What::DateOfBirth,
        Meaning::HashedPostcode => What::Postcode,
        Meaning::HashedDetail | Meaning::PlainContact | Meaning::UserId => What::ContactDetail,
        // A mask of a value's shape fits many values: it is no claim that one of them was sent.
        Meaning::ShapeMask => return None,
        Meaning::AccountId
        | Meaning::EventName
        | Meaning::ButtonDetail
        | Meaning::Value
        | Meaning::SessionId
        | Meaning::CustomData
        | Meaning::Device
        | Meaning::Consent
        | Meaning::Timestamp
        | Meaning::SdkVersion
        | Meaning::Location
        | Meaning::Technical
        | Meaning::Unknown => return None,
    })
}

/// The field or header that an address stands in.
struct Carrier<'a> {
    name: &'a str,
    part: Part,
    place: &'a str,
}

impl<'a> Carrier<'a> {
    fn of(read: &'a ReadField<'_>) -> Self {
        Self { name: read.parameter.name, part: read.parameter.part, place: read.parameter.place() }
    }
}

/// What the parameters of an address tell, where the address is a value: searches, and clicks on advertisements.
fn of_address(claim: &Claim, carrier: &Carrier<'_>, address: &Piece<'_>, definitions: &Definitions) -> Vec<Leak> {
    let leak = |parameter: &Parameter<'_>, what, rule: String| {
        let location = Location { part: carrier.part, name: carrier.place.to_string(), range: Some(parameter.range()) };
        let (name, encodings) = (format!("{}?{}", carrier.name, parameter.name), parameter.piece.encodings.to_vec());
        claim.leak(what, name, parameter.piece.text().into_owned(), location, encodings, Basis::Pattern { rule })
    };
    let read = |parameter: &Parameter<'_>| {
        if says_nothing(&parameter.piece.text()) || address::is_removed(parameter) {
            return None;
        }
        if address::is_search_term(parameter) {
            let rule = format!("site searches call the searched text {:?} in an address", parameter.name);
            return Some(leak(parameter, What::SearchTerm, rule));
        }
        let owner = &definitions.of_click_id(parameter.name)?.owner;
        let rule = format!("{} in an address is the identifier of a click on an advertisement of {owner}", parameter.name);
        Some(leak(parameter, What::ClickId, rule))
    };
    address::inner_query(address).iter().filter_map(read).collect()
}

/// What every request to somebody else can tell, whether a definition reads it or not: a `Referer` header that says more than the site.
///
/// The header of a frame's own requests names the frame. That is nothing about the visitor's page unless the frame is of a site visited.
pub(crate) fn of_referer(claim: &Claim, request: &Request, sites: &Sites, definitions: &Definitions) -> Vec<Leak> {
    let Some(value) = request.header("referer") else { return Vec::new() };
    let is_of_a_site = domain_of_address(value).is_some_and(|domain| sites.contain(&domain));
    if !is_of_a_site || !address::names_more_than_the_site(value) {
        return Vec::new();
    }
    let location = Location { part: Part::Header, name: "referer".to_owned(), range: Some(ByteRange { start: 0, end: value.len() }) };
    let basis = Basis::Pattern { rule: "a Referer header that names more than the site".to_owned() };
    let mut leaks = vec![claim.leak(What::PageAddress, "Referer".to_owned(), value.to_owned(), location, Vec::new(), basis)];
    let carrier = Carrier { name: "Referer", part: Part::Header, place: "referer" };
    let arena = Arena::default();
    leaks.extend(of_address(claim, &carrier, &Piece::kept_in(&arena, value.as_bytes(), 0), definitions));
    leaks
}
