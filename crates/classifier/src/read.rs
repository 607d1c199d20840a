use pixelwitness_recording::{Message, Request};

use crate::address;
use crate::codecs::{self, Content, Declared, JsonShape, Parameter};
use crate::definition::{Definition, Endpoint, HostPattern, Requirement, Role};
use crate::definitions::{Address, Candidate, Definitions};
use crate::hashes;
use crate::party::host_of;
use crate::piece::Piece;
use crate::rule::{Rule, Rules, ValueCodec};
use crate::{Encoding, Field, Meaning, Part, replay};

/// Values inside values at the most.
const MOST_LAYERS: usize = 4;
/// Bytes of a value that is taken apart as a document of its own; a larger one comes out whole.
const MOST_INNER_BYTES: usize = 1 << 20;
/// Fields of all events of one request at the most; past them an event has only what is its own.
const MOST_FIELDS: usize = 100_000;
/// Parameters of one request that are opened as documents with events, each of which may unpack to much more than it is.
const MOST_DOCUMENTS: usize = 4;
/// Objects of a list that are named at the most; each is looked for among all leaves.
const MOST_ITEMS: usize = 500;

/// What a vendor's request says.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) role: Role,
    /// The path and the parameters by which the form was recognised, where no host of the vendor's own told.
    pub(crate) form: Vec<String>,
    /// How it is written, where it is a session replay.
    pub(crate) replay: Option<replay::Format>,
    pub(crate) events: Vec<Vec<ReadField<'a>>>,
}

/// A decoded parameter with the rule that says what it means.
#[derive(Clone, Debug)]
pub(crate) struct ReadField<'a> {
    pub(crate) field: Field,
    pub(crate) piece: Piece,
    /// The rule of its own; a part of a value may have its meaning from the whole.
    pub(crate) rule: Option<(&'a str, &'a Rule)>,
    /// For a list of objects: the names of its items.
    pub(crate) items: Option<String>,
}

/// Reads a request by the first definition that it fits.
pub(crate) fn request<'a>(request: &Request, definitions: &'a Definitions) -> Option<Reading<'a>> {
    let body = request.body.bytes().unwrap_or_default();
    let header = |name| request.header(name).unwrap_or_default();
    let declared = Declared { content_type: header("content-type"), content_encoding: header("content-encoding") };
    let (host, path) = (host_of(&request.url)?, address::path(&request.url));
    let candidates = definitions.candidates(Address { method: &request.method, host: &host, path: path.text });
    let is_packed = codecs::marked(body).is_some() || !declared.content_encoding.is_empty();
    candidates.into_iter().find_map(|candidate| {
        let may_be_in = |required: &Requirement| required.may_be_in(request.url.as_bytes()) || is_packed || required.may_be_in(body);
        // Taking every request apart for each form would be slow.
        if candidate.endpoint.is_by_form() && !candidate.endpoint.requires.iter().all(may_be_in) {
            return None;
        }
        let mut content = content(candidate.endpoint, body, declared);
        let shared = arranged(candidate.endpoint, of_address(&candidate, request, &path), &mut content);
        let met = candidate
            .endpoint
            .requires
            .iter()
            .all(|required| required.is_met_by(shared.iter().chain(&content.shared).chain(content.events.iter().flatten())));
        met.then(|| Reading { form: form(candidate.endpoint, path.text), ..reading(&candidate, shared, content, cookies(request)) })
    })
}

/// Reads a WebSocket message by the definition that its connection fits.
pub(crate) fn message<'a>(message: &Message, number: usize, connection: &Request, definitions: &'a Definitions) -> Option<Reading<'a>> {
    let (host, path) = (host_of(&connection.url)?, address::path(&connection.url));
    let candidates = definitions.candidates(Address { method: &connection.method, host: &host, path: path.text });
    let candidate = candidates.into_iter().find(|candidate| candidate.endpoint.requires.is_empty())?;
    let mut content = content(candidate.endpoint, &message.payload.0, Declared::default());
    for parameter in content.shared.iter_mut().chain(content.events.iter_mut().flatten()) {
        parameter.part = Part::Message;
        parameter.place = number.to_string();
    }
    Some(reading(&candidate, Vec::new(), content, Vec::new()))
}

fn content(endpoint: &Endpoint, body: &[u8], declared: Declared<'_>) -> Content {
    codecs::read_body(body, declared, &endpoint.body, JsonShape { names: endpoint.names, batch: &endpoint.batch })
}

fn of_address(candidate: &Candidate<'_>, request: &Request, path: &address::PathOf<'_>) -> Vec<Parameter> {
    let mut parameters = captured(candidate, path);
    if !candidate.endpoint.semicolons {
        parameters.extend(address::query(&request.url));
        return parameters;
    }
    if let Some(at) = path.text.find(';') {
        // `/activity;src=1` and `/activity/src=1;type=2` are both in use.
        let segment = path.text[..at].rfind('/').map_or(0, |slash| slash + 1);
        let start = if path.text[segment..at].contains('=') { segment } else { at + 1 };
        parameters.extend(codecs::semicolons(&Piece::new(&path.text.as_bytes()[start..], path.start + start), Part::Path));
    }
    parameters.extend(address::query_piece(&request.url).map(|query| codecs::semicolons(&query, Part::Query)).unwrap_or_default());
    parameters
}

/// Opens documents and blocks, which a definition says an endpoint has.
fn arranged(endpoint: &Endpoint, mut shared: Vec<Parameter>, content: &mut Content) -> Vec<Parameter> {
    if endpoint.blocks {
        shared = codecs::unfold(shared);
        content.shared = codecs::unfold(std::mem::take(&mut content.shared));
    }
    let mut arranged = Vec::with_capacity(shared.len());
    let mut opened = 0;
    shared.append(&mut content.shared);
    for parameter in shared {
        let is_document = opened < MOST_DOCUMENTS && endpoint.documents.contains(&parameter.name);
        opened += usize::from(is_document);
        let shape = JsonShape { names: endpoint.names, batch: &endpoint.batch };
        // What is inside comes out by itself, so that the whole would say everything twice.
        match is_document.then(|| codecs::document_content(&parameter, shape)).flatten() {
            Some(inner) => {
                arranged.extend(inner.shared);
                content.events.extend(inner.events);
            }
            None => arranged.push(parameter),
        }
    }
    arranged
}

fn captured(candidate: &Candidate<'_>, path: &address::PathOf<'_>) -> Vec<Parameter> {
    let parameter = |(name, range): &(String, std::ops::Range<usize>)| Parameter {
        name: name.clone(),
        part: Part::Path,
        place: name.clone(),
        piece: Piece::new(&path.text.as_bytes()[range.clone()], path.start + range.start),
        container: false,
    };
    candidate.captures.iter().map(parameter).collect()
}

/// A batch is one event for each of its items, and each has what they share.
fn reading<'a>(candidate: &Candidate<'a>, mut shared: Vec<Parameter>, content: Content, cookies: Vec<Parameter>) -> Reading<'a> {
    let (definition, endpoint) = (candidate.definition, candidate.endpoint);
    shared.extend(content.shared);
    let mut shared = fields(shared, &definition.params);
    shared.extend(fields(cookies, &definition.cookies));
    let mut events: Vec<Vec<ReadField<'a>>> = content.events.into_iter().map(|event| fields(event, &definition.params)).collect();
    if events.is_empty() {
        events.push(shared);
    } else {
        let fit = MOST_FIELDS / shared.len().max(1);
        for event in events.iter_mut().take(fit) {
            event.extend(shared.iter().cloned());
        }
    }
    Reading { definition, role: endpoint.role, form: Vec::new(), replay: endpoint.replay, events }
}

/// What told, where the host did not.
fn form(endpoint: &Endpoint, path: &str) -> Vec<String> {
    if !endpoint.hosts.contains(&HostPattern::Any) {
        return Vec::new();
    }
    let path = (!endpoint.is_by_form()).then(|| path.to_owned());
    path.into_iter().chain(endpoint.requires.iter().map(|required| required.name().to_owned())).collect()
}

/// The cookies of a request, as they stand in its `Cookie` headers.
pub(crate) fn cookies(request: &Request) -> Vec<Parameter> {
    let lines = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("cookie"));
    lines.flat_map(|line| cookies_of(&line.value)).collect()
}

fn cookies_of(line: &str) -> Vec<Parameter> {
    let mut cookies = Vec::new();
    let mut start = 0;
    for pair in line.split(';') {
        let indent = pair.len() - pair.trim_start().len();
        let trimmed = pair.trim();
        if !trimmed.is_empty() {
            let (name, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
            let at = start + indent + trimmed.len() - value.len();
            let piece = Piece::new(value.as_bytes(), at);
            cookies.push(Parameter { name: name.to_owned(), part: Part::Cookie, place: name.to_owned(), piece, container: false });
        }
        start += pair.len() + 1;
    }
    cookies
}

/// Every parameter with its meaning, and what is inside of it after it.
pub(crate) fn fields<'a>(parameters: Vec<Parameter>, rules: &'a Rules) -> Vec<ReadField<'a>> {
    let mut fields = Vec::new();
    for parameter in parameters {
        push(parameter, rules, Inherited::default(), 0, &mut fields);
    }
    fields
}

/// What a part of a value has from the whole.
#[derive(Clone, Copy, Default)]
struct Inherited<'a>(Option<&'a Rule>);

fn push<'a>(mut parameter: Parameter, rules: &'a Rules, inherited: Inherited<'a>, layer: usize, fields: &mut Vec<ReadField<'a>>) {
    let rule = rules.find(&parameter.name).or_else(|| rule_of_members(&parameter, rules));
    // A container's leaves come out by themselves. A rule that names it says that it counts as a whole, too.
    if parameter.container && rule.is_none_or(|(key, _)| key != parameter.name) {
        return;
    }
    let own = rule.map(|(_, rule)| rule);
    if own.and_then(|rule| rule.codec) == Some(ValueCodec::Percent) {
        parameter.piece = codecs::percent(&parameter.piece, false);
    }
    let inner = if layer < MOST_LAYERS && !parameter.container { inside(&parameter, own) } else { Vec::new() };
    let items = own.filter(|rule| !rule.list.is_empty()).and_then(|rule| items(&parameter, &rule.list));
    fields.push(ReadField { field: field(&parameter, own, inherited, rules.tcf_vendor), piece: parameter.piece, rule, items });
    for parameter in inner {
        push(parameter, rules, Inherited(own.or(inherited.0)), layer + 1, fields);
    }
}

/// An object that is not there has the meaning of what it would hold.
fn rule_of_members<'a>(parameter: &Parameter, rules: &'a Rules) -> Option<(&'a str, &'a Rule)> {
    (parameter.piece.bytes == b"null").then(|| rules.find(&format!("{}.", parameter.name))).flatten()
}

fn field(parameter: &Parameter, own: Option<&Rule>, inherited: Inherited<'_>, tcf_vendor: Option<u16>) -> Field {
    let value = parameter.piece.text();
    let rule = own.or(inherited.0);
    let meaning = rule.map_or(Meaning::Unknown, |rule| rule.meaning);
    let mut notes: Vec<String> = own.and_then(|rule| rule.note.clone()).into_iter().collect();
    if meaning == Meaning::Consent {
        notes.extend(codecs::consent_in_words(&value, tcf_vendor));
    }
    if is_contact(meaning) {
        notes.extend(hashes::note(&value));
    }
    if matches!(meaning, Meaning::PageUrl | Meaning::Referrer) {
        notes.extend(address::removal_note(&parameter.piece));
    }
    notes.extend(rule.and_then(|rule| rule.confidence?.note()).map(str::to_owned));
    Field {
        name: parameter.name.clone(),
        value,
        meaning,
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        location: parameter.location(),
        encodings: parameter.piece.encodings.clone(),
    }
}

/// Meanings whose values are hashes of what a person would not want known.
pub(crate) fn is_contact(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::HashedEmail
            | Meaning::HashedPhone
            | Meaning::HashedFirstName
            | Meaning::HashedLastName
            | Meaning::HashedDateOfBirth
            | Meaning::HashedPostcode
            | Meaning::HashedDetail
            | Meaning::UserId
    )
}

/// Parameters inside a value.
fn inside(parameter: &Parameter, rule: Option<&Rule>) -> Vec<Parameter> {
    match rule.and_then(|rule| rule.codec) {
        Some(ValueCodec::GoogleUserData) => codecs::user_data(parameter),
        Some(ValueCodec::Query) => codecs::query(parameter),
        Some(ValueCodec::Semicolons) => {
            let inner = codecs::semicolons(&parameter.piece, parameter.part).into_iter();
            inner.map(|one| parameter.inner(format!("{}{}", parameter.prefix(), one.name), one.piece, false)).collect()
        }
        Some(ValueCodec::Colons) => codecs::colons(parameter),
        Some(ValueCodec::List) => codecs::list(parameter),
        Some(ValueCodec::Base64Json) => codecs::base64(&parameter.piece).map(|piece| leaves(parameter, &piece, "")).unwrap_or_default(),
        _ => leaves(parameter, &parameter.piece, &parameter.prefix()),
    }
}

/// The leaves of a value that is a JSON document from its first byte to its last.
fn leaves(parameter: &Parameter, piece: &Piece, prefix: &str) -> Vec<Parameter> {
    if !codecs::looks_like_json(&piece.bytes) || piece.bytes.len() > MOST_INNER_BYTES {
        return Vec::new();
    }
    let document = codecs::document(&piece.clone().inside(Encoding::Json), None);
    if !document.complete {
        return Vec::new();
    }
    let inner = document.nodes.into_iter().filter(|node| !node.path.is_empty());
    inner.map(|node| parameter.inner(format!("{prefix}{}", node.path.join(".")), node.piece, node.container)).collect()
}

/// Of each object in a list the first of these members that says something.
fn items(parameter: &Parameter, members: &[String]) -> Option<String> {
    if !codecs::looks_like_json(&parameter.piece.bytes) {
        return None;
    }
    let document = codecs::document(&parameter.piece, None);
    let mut found: Vec<String> = Vec::new();
    for object in document.nodes.iter().filter(|node| node.container).take(MOST_ITEMS) {
        let member = |name: &String| {
            let is_it = |path: &[String]| path.split_last().is_some_and(|(last, before)| last == name && before == object.path);
            let value = document.nodes.iter().find(|node| !node.container && is_it(&node.path))?.piece.text();
            (!value.trim().is_empty() && value != "null").then_some(value)
        };
        if let Some(value) = members.iter().find_map(member).filter(|value| !found.contains(value)) {
            found.push(value);
        }
    }
    (!found.is_empty()).then(|| found.join(", "))
}
