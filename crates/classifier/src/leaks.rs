//! Claims: this value went to this recipient in this place of this request.

use std::borrow::Cow;

use pixelwitness_recording::{Message, Request, RequestId};

use crate::address;
use crate::codecs::Parameter;
use crate::definitions::Definitions;
use crate::pages::PagePart;
use crate::party::{Sites, domain_of_address, registrable_domain};
use crate::piece::{Arena, Piece};
use crate::read::{EventFields, ReadField, is_contact, is_met};
use crate::rule::Rule;
use crate::{Basis, ByteRange, Encoding, Leak, Location, Meaning, Part, RecipientId, What};
use crate::{email, hashes, placeholder, unread};

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

/// What a claim about a request is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    pub(crate) sites: &'a Sites,
    pub(crate) definitions: &'a Definitions,
    /// The request, or the one that opened the connection of a message.
    pub(crate) request: &'a Request,
    /// Whether it went to another site than the page's, and not to somebody else under a name of the site's.
    pub(crate) is_third: bool,
}

impl Grounds<'_> {
    /// Whether a domain is the one that a third party's request went to.
    fn is_own(&self, domain: &str) -> bool {
        self.is_third && domain_of_address(&self.request.url).is_some_and(|own| own == domain)
    }

    /// Whether a path is the one that the request itself has.
    fn is_own_path(&self, path: &str) -> bool {
        let (own, path) = (address::path_with_query(&self.request.url), path.split('#').next().unwrap_or_default());
        let is_path = |own: &str| own.trim_end_matches('/') == path.trim_end_matches('/');
        is_path(own) || own.split('?').next().is_some_and(is_path)
    }
}

/// What a vendor's fields tell it.
pub(crate) fn of_event(claim: &Claim, vendor: &str, event: EventFields<'_, '_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for field in event.iter().filter(|field| field.rule.is_none_or(|rule| is_met(rule, event))) {
        let is_recalled = field.rule.is_some_and(Rule::is_recalled);
        let told =
            if is_recalled { of_recalled_field(claim, field, grounds) } else { of_known_field(claim, vendor, field, event, grounds) };
        let told = if told.is_empty() { of_field_alone(claim, field, grounds) } else { told };
        leaks.extend(told);
        if !is_recalled && matches!(field.meaning(), Meaning::PageUrl | Meaning::Referrer) {
            leaks.extend(of_address(claim, &Carrier::of(&field.parameter), &field.parameter.piece, grounds));
        }
    }
    leaks
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
    if says_nothing(&value) || rule.says_nothing(&value) {
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
        Some(word) => pattern(format!("the property is the site's own, and by its name it is {word}")),
        None => Basis::VendorField { vendor: rule.definition.as_deref().unwrap_or(vendor).to_owned(), field: rule.key.clone() },
    };
    Some(claim.leak(what, read.parameter.name.to_string(), value, read.parameter.location(), encodings, basis))
}

/// What a field tells by the word of a definition.
fn of_known_field(claim: &Claim, vendor: &str, field: &ReadField<'_>, event: EventFields<'_, '_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let Some(mut leak) = of_field(claim, vendor, field) else { return Vec::new() };
    let mut leaks = Vec::new();
    if is_the_user(field, event) {
        leak.what = What::UserId;
    }
    match leak.what {
        // The definition does not say which detail, and the value does.
        What::ContactDetail | What::UserId | What::TypedText if is_email(&leak.value, grounds) => {
            leak.what = What::Email;
            leak.basis.push(pattern(EMAIL_BY_SHAPE));
        }
        What::BrowserId if is_email(&leak.value, grounds) => {
            leaks.push(Leak { what: What::Email, basis: vec![pattern(EMAIL_BY_SHAPE)], ..leak.clone() });
        }
        _ => {}
    }
    leaks.insert(0, leak);
    leaks
}

/// A definition that is recalled carries no claim. An address of a page of the site is one by itself, wherever it stands.
fn of_recalled_field(claim: &Claim, read: &ReadField<'_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let (value, carries) = (read.value(), read.rule.is_some_and(|rule| rule.leak));
    let what = what(read.meaning()).filter(|what| carries && matches!(what, What::PageAddress | What::Referrer));
    let is_of_a_site = domain_of_address(&value).is_some_and(|domain| grounds.sites.contain(&domain));
    match what {
        Some(what) if is_of_a_site && address::names_more_than_the_site(&value) => {
            of_page_address(claim, &read.parameter, what, "the value is the address of a page of the site", grounds)
        }
        _ => Vec::new(),
    }
}

/// What a field tells by its value alone, where no definition makes a claim of it.
fn of_field_alone(claim: &Claim, field: &ReadField<'_>, grounds: Grounds<'_>) -> Vec<Leak> {
    // Where a link leads, what a recording shows of a page: a definition may say that such a field tells nothing of the page itself.
    if field.rule.is_some_and(|rule| !rule.leak) || field.meaning() == Meaning::ButtonDetail {
        return of_shape(claim, &field.parameter, grounds);
    }
    // A definition's codec gives what is inside of a value as fields of their own.
    let mut leaks = match field.rule.and_then(|rule| rule.codec) {
        None => of_value(claim, &field.parameter, grounds),
        Some(_) => of_text(claim, &field.parameter, grounds),
    };
    leaks.extend(unread::rest(field).iter().flat_map(|inner| of_value(claim, &inner.parameter, grounds)));
    leaks
}

/// What a value tells by itself, or by what is written inside of it, to whomever it is sent.
fn of_value(claim: &Claim, parameter: &Parameter<'_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    unread::open(parameter, &mut |inner| {
        let told = of_text(claim, inner, grounds);
        leaks.extend_from_slice(&told);
        !told.is_empty()
    });
    leaks
}

/// A value is told by itself as a whole: as what is known of a page that was visited, or by the shape of an e-mail address.
fn of_text(claim: &Claim, parameter: &Parameter<'_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let value = parameter.piece.text();
    if is_identifier_of_a_node(parameter.name) {
        return Vec::new();
    }
    if let Some(part) = grounds.sites.pages.part(&value, &|domain| grounds.is_own(domain)) {
        return of_page(claim, parameter, part, &value, grounds);
    }
    of_shape(claim, parameter, grounds)
}

/// JSON-LD and microdata name things by addresses (`https://clinic.example/hiv#breadcrumb`), which are no pages that somebody visited.
fn is_identifier_of_a_node(name: &str) -> bool {
    let last = name.trim_end_matches(']').rsplit(['.', '/', '[']).next().unwrap_or_default();
    matches!(last, "@id" | "@context" | "@type" | "itemid" | "itemtype")
}

fn of_shape(claim: &Claim, parameter: &Parameter<'_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let is_email = is_email(&parameter.piece.text(), grounds);
    is_email.then(|| of_parameter(claim, parameter, What::Email, EMAIL_BY_SHAPE)).into_iter().collect()
}

fn of_page(claim: &Claim, parameter: &Parameter<'_>, part: PagePart, value: &str, grounds: Grounds<'_>) -> Vec<Leak> {
    match part {
        PagePart::Address if address::names_more_than_the_site(value) => {
            of_page_address(claim, parameter, What::PageAddress, part.rule(), grounds)
        }
        PagePart::AddressWithoutScheme if value.trim_start_matches('/').trim_end_matches('/').contains(['/', '?']) => {
            of_page_address(claim, parameter, What::PageAddress, part.rule(), grounds)
        }
        PagePart::Path | PagePart::PathWithQuery if !grounds.is_own_path(value) => {
            of_page_address(claim, parameter, What::PageAddress, part.rule(), grounds)
        }
        PagePart::Title => vec![of_parameter(claim, parameter, What::PageTitle, part.rule())],
        _ => Vec::new(),
    }
}

fn of_page_address(claim: &Claim, parameter: &Parameter<'_>, what: What, rule: &str, grounds: Grounds<'_>) -> Vec<Leak> {
    let mut leaks = vec![of_parameter(claim, parameter, what, rule)];
    leaks.extend(of_address(claim, &Carrier::of(parameter), &parameter.piece, grounds));
    leaks
}

fn of_parameter(claim: &Claim, parameter: &Parameter<'_>, what: What, rule: &str) -> Leak {
    let (value, encodings) = (parameter.piece.text().into_owned(), parameter.piece.encodings.to_vec());
    claim.leak(what, name(parameter).into_owned(), value, parameter.location(), encodings, pattern(rule))
}

fn pattern(rule: impl Into<String>) -> Basis {
    Basis::Pattern { rule: rule.into() }
}

/// What a person calls a parameter: by its place, where it has no name.
fn name<'a>(parameter: &Parameter<'a>) -> Cow<'a, str> {
    if parameter.name.is_empty() { parameter.location().to_string().into() } else { parameter.name.into() }
}

/// How an e-mail address is known where nothing but its value says so.
const EMAIL_BY_SHAPE: &str = "the value has the shape of an e-mail address; it does not tell whose";

/// Whether a value is an e-mail address by its shape. One of the site's or the recipient's own domain is nobody else's, as far as that tells.
fn is_email(value: &str, grounds: Grounds<'_>) -> bool {
    email::domain(value).is_some_and(|domain| {
        let domain = registrable_domain(&domain.to_ascii_lowercase());
        !grounds.sites.contain(&domain) && !grounds.is_own(&domain)
    })
}

/// What a request tells that no definition reads: what is known of pages that were visited and e-mail addresses, wherever they stand in it.
pub(crate) fn of_unread(claim: &Claim, grounds: Grounds<'_>) -> Vec<Leak> {
    let arena = Arena::default();
    let mut leaks = of_fields_alone(claim, &unread::fields(grounds.request, &arena), grounds);
    leaks.extend(unread::unnamed(grounds.request, &arena).iter().flat_map(|parameter| of_value(claim, parameter, grounds)));
    leaks
}

/// What the headers of a request to somebody else tell by their values, whether a definition reads it or not.
pub(crate) fn of_headers(claim: &Claim, grounds: Grounds<'_>) -> Vec<Leak> {
    let arena = Arena::default();
    unread::headers(grounds.request, &arena).iter().flat_map(|parameter| of_value(claim, parameter, grounds)).collect()
}

/// The same of a message.
pub(crate) fn of_unread_message(claim: &Claim, message: &Message, number: usize, grounds: Grounds<'_>) -> Vec<Leak> {
    let arena = Arena::default();
    of_fields_alone(claim, &unread::message(message, number, &arena), grounds)
}

fn of_fields_alone(claim: &Claim, fields: &[ReadField<'_>], grounds: Grounds<'_>) -> Vec<Leak> {
    fields.iter().flat_map(|field| of_value(claim, &field.parameter, grounds)).collect()
}

fn says_nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "-" | "null" | "undefined" | "{}" | "[]" | "[{}]") || placeholder::is_one(value)
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
        Meaning::HashedDetail | Meaning::PlainContact => What::ContactDetail,
        Meaning::UserId => What::UserId,
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
    name: Cow<'a, str>,
    part: Part,
    place: &'a str,
}

impl<'a> Carrier<'a> {
    fn of(parameter: &Parameter<'a>) -> Self {
        Self { name: name(parameter), part: parameter.part, place: parameter.place() }
    }
}

/// What the parameters of an address tell, where the address is a value: searches, and clicks on advertisements.
fn of_address(claim: &Claim, carrier: &Carrier<'_>, address: &Piece<'_>, grounds: Grounds<'_>) -> Vec<Leak> {
    let leak = |parameter: &Parameter<'_>, what, rule: String| {
        let location = Location { part: carrier.part, name: carrier.place.to_string(), range: Some(parameter.range()) };
        let (name, encodings) = (format!("{}?{}", carrier.name, parameter.name), parameter.piece.encodings.to_vec());
        claim.leak(what, name, parameter.piece.text().into_owned(), location, encodings, pattern(rule))
    };
    let read = |parameter: &Parameter<'_>| {
        if says_nothing(&parameter.piece.text()) || address::is_removed(parameter) {
            return None;
        }
        if address::is_search_term(parameter) {
            let rule = format!("site searches call the searched text {:?} in an address", parameter.name);
            return Some(leak(parameter, What::SearchTerm, rule));
        }
        if is_email(&parameter.piece.text(), grounds) {
            return Some(leak(parameter, What::Email, EMAIL_BY_SHAPE.to_owned()));
        }
        let owner = &grounds.definitions.of_click_id(parameter.name)?.owner;
        let rule = format!("{} in an address is the identifier of a click on an advertisement of {owner}", parameter.name);
        Some(leak(parameter, What::ClickId, rule))
    };
    let parameters = address::inner_query(address);
    let is_button = |parameter: &Parameter<'_>| address::is_a_button(parameter, &parameters);
    parameters.iter().filter(|parameter| !is_button(parameter)).filter_map(read).collect()
}

/// What every request to somebody else can tell, whether a definition reads it or not: a `Referer` header that says more than the site.
///
/// The header of a frame's own requests names the frame. That is nothing about the visitor's page unless the frame is of a site visited.
pub(crate) fn of_referer(claim: &Claim, grounds: Grounds<'_>) -> Vec<Leak> {
    let Some(value) = grounds.request.header("referer") else { return Vec::new() };
    let is_of_a_site = domain_of_address(value).is_some_and(|domain| grounds.sites.contain(&domain));
    if !is_of_a_site || !address::names_more_than_the_site(value) {
        return Vec::new();
    }
    let location = Location { part: Part::Header, name: "referer".to_owned(), range: Some(ByteRange { start: 0, end: value.len() }) };
    let basis = pattern("a Referer header that names more than the site");
    let mut leaks = vec![claim.leak(What::PageAddress, "Referer".to_owned(), value.to_owned(), location, Vec::new(), basis)];
    let carrier = Carrier { name: "Referer".into(), part: Part::Header, place: "referer" };
    let arena = Arena::default();
    leaks.extend(of_address(claim, &carrier, &Piece::kept_in(&arena, value.as_bytes(), 0), grounds));
    leaks
}
