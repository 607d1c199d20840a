use std::borrow::Cow;

use pixelwitness_recording::{Message, Request};

use crate::address;
use crate::codecs::{self, Content, Declared, JsonShape, Parameter};
use crate::definition::{Definition, Endpoint, HostPattern, Requirement, Role};
use crate::definitions::{Address, Candidate, Definitions};
use crate::hashes;
use crate::own_names;
use crate::party::host_of;
use crate::piece::{Arena, Piece};
use crate::rule::{Rule, Rules, ValueCodec};
use crate::{ByteRange, Confidence, Encoding, Field, Meaning, Part, replay};

/// Values inside values at the most.
pub(crate) const MOST_LAYERS: usize = 4;
/// Bytes of a value that is taken apart as a document of its own; a larger one comes out whole.
pub(crate) const MOST_INNER_BYTES: usize = 1 << 20;
/// Fields of all events of one request at the most; past them an event has only what is its own.
const MOST_FIELDS: usize = 100_000;
/// Parameters of one request that are opened as documents with events, each of which may unpack to much more than it is.
const MOST_DOCUMENTS: usize = 4;
/// Objects of a list that are named at the most; each is looked for among all leaves.
const MOST_ITEMS: usize = 500;

/// What a vendor's request says: every parameter, decoded, with its meaning and its place. It borrows from the request and the definition.
#[derive(Debug)]
pub struct Reading<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) role: Role,
    /// The path and the parameters by which the form was recognised, where no host of the vendor's own told.
    pub(crate) form: Vec<String>,
    /// How it is written, where it is a session replay.
    pub(crate) replay: Option<replay::Format>,
    /// What its events are called, where no parameter names them.
    pub(crate) event: Option<&'a str>,
    /// What each event of a batch has of its own. A request that is no batch is one event, with nothing of its own.
    own: Vec<Vec<ReadField<'a>>>,
    /// What all its events have.
    shared: Vec<ReadField<'a>>,
}

/// The fields of one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventFields<'r, 'a> {
    own: &'r [ReadField<'a>],
    shared: &'r [ReadField<'a>],
}

impl<'r, 'a> EventFields<'r, 'a> {
    /// Fields that no other event shares.
    pub(crate) fn of(own: &'r [ReadField<'a>]) -> Self {
        Self { own, shared: &[] }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'r ReadField<'a>> {
        self.own.iter().chain(self.shared)
    }
}

/// A decoded parameter with what it means.
#[derive(Clone, Debug)]
pub struct ReadField<'a> {
    pub(crate) parameter: Parameter<'a>,
    /// The rule of its own.
    pub(crate) rule: Option<&'a Rule>,
    /// The rule of the value that it is a part of, which says what it means where it has none of its own.
    whole: Option<&'a Rule>,
}

impl<'a> Reading<'a> {
    /// Identifier of the definition that reads the request: `meta_pixel`.
    #[must_use]
    pub fn vendor(&self) -> &'a str {
        &self.definition.id
    }

    /// Its parameters, in the order sent, first those that single events of a batch have.
    pub fn fields(&self) -> impl Iterator<Item = &ReadField<'a>> {
        self.own.iter().flatten().chain(&self.shared)
    }

    /// Its events. What they share would make a bomb of a batch, and past a limit an event has only what is its own.
    pub(crate) fn events(&self) -> impl Iterator<Item = EventFields<'_, 'a>> {
        let fit = MOST_FIELDS / self.shared.len().max(1);
        let shared = move |index| if index < fit { &self.shared[..] } else { &[] };
        let only = self.own.is_empty().then_some(&[][..]);
        let own = self.own.iter().map(Vec::as_slice).chain(only);
        own.enumerate().map(move |(index, own)| EventFields { own, shared: shared(index) })
    }
}

impl ReadField<'_> {
    /// Name, decoded.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parameter.name
    }

    /// Value, decoded.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        self.parameter.piece.text()
    }

    /// What the definition says it means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        self.rule.or(self.whole).map_or(Meaning::Unknown, |rule| rule.meaning)
    }

    /// What the definition and the value say beside that.
    #[must_use]
    pub fn note(&self) -> Option<Cow<'_, str>> {
        let rule = self.rule.or(self.whole)?;
        let of_value = match rule.meaning {
            Meaning::Consent => codecs::consent_in_words(&self.value(), rule.tcf_vendor),
            Meaning::PageUrl | Meaning::Referrer => address::removal_note(&self.parameter.piece),
            meaning if is_contact(meaning) => hashes::note(&self.value()),
            _ => None,
        };
        let of_rule = self.rule.and_then(|own| own.note.as_deref());
        let of_confidence = rule.confidence.and_then(Confidence::note);
        let notes = [of_rule.map(Cow::Borrowed), of_value.map(Cow::Owned), of_confidence.map(Cow::Borrowed)];
        notes.into_iter().flatten().reduce(|notes, another| Cow::Owned(format!("{notes}; {another}")))
    }

    /// How many encodings it was written in.
    #[must_use]
    pub fn encodings(&self) -> usize {
        self.parameter.piece.encodings.len()
    }

    /// The bytes of the address, the header or the body that hold it.
    #[must_use]
    pub fn place(&self) -> ByteRange {
        self.parameter.range()
    }

    /// Of a list of objects the names of its items.
    pub(crate) fn items(&self) -> Option<String> {
        let list = self.rule.map(|rule| rule.list.as_slice()).filter(|list| !list.is_empty())?;
        items(&self.parameter, list)
    }

    /// The same as findings have it: nothing in it is borrowed.
    pub(crate) fn to_field(&self) -> Field {
        Field {
            name: self.parameter.name.to_string(),
            value: self.value().into_owned(),
            meaning: self.meaning(),
            note: self.note().map(Cow::into_owned),
            location: self.parameter.location(),
            encodings: self.parameter.piece.encodings.to_vec(),
        }
    }
}

/// Reads a request by the first definition that it fits; where none does, what it wraps.
#[must_use]
pub fn request<'a>(request: &'a Request, definitions: &'a Definitions, arena: &'a Arena) -> Option<Reading<'a>> {
    as_it_stands(request, definitions, arena).or_else(|| wrapped(request, definitions, arena))
}

fn as_it_stands<'a>(request: &'a Request, definitions: &'a Definitions, arena: &'a Arena) -> Option<Reading<'a>> {
    let body = Piece::kept_in(arena, request.body.bytes().unwrap_or_default(), 0);
    let declared = declared(request);
    let (host, path) = (host_of(&request.url)?, address::path(&request.url));
    let mut candidates = definitions.candidates(Address { method: &request.method, host: &host, path: path.text });
    let is_packed = codecs::marked(body.bytes).is_some() || !declared.content_encoding.is_empty();
    candidates.find_map(|candidate| {
        let may_be_in = |required: &Requirement| required.may_be_in(request.url.as_bytes()) || is_packed || required.may_be_in(body.bytes);
        // Taking every request apart for each form would be slow.
        if candidate.endpoint.is_by_form() && !candidate.endpoint.requires.iter().all(may_be_in) {
            return None;
        }
        let mut content = content(candidate.endpoint, &body, declared);
        let shared = arranged(candidate.endpoint, of_address(&candidate, request, &path, arena), &mut content);
        let met =
            candidate.endpoint.requires.iter().all(|required| required.is_met_by(shared.iter().chain(content.events.iter().flatten())));
        let cookies = || cookie_fields(cookies(request, arena), &candidate, definitions);
        met.then(|| Reading { form: form(candidate.endpoint, path.text), ..reading(&candidate, shared, content, cookies()) })
    })
}

/// Reads the address in base64 that a custom loader sends as a parameter of an address of its own: `/k3vq9?x=<base64 of /g/collect?v=2&…>`.
fn wrapped<'a>(request: &'a Request, definitions: &'a Definitions, arena: &'a Arena) -> Option<Reading<'a>> {
    let query = address::query_piece(&request.url, arena)?;
    // A slash and a letter in base64.
    let may_wrap = |bytes: &[u8]| bytes.starts_with(b"L2") || bytes.starts_with(b"L3");
    if !query.bytes.windows(3).any(|bytes| bytes[0] == b'=' && may_wrap(&bytes[1..])) {
        return None;
    }
    let host = host_of(&request.url)?;
    let outer = codecs::form_parameters(&query, Part::Query);
    outer.iter().filter(|parameter| may_wrap(parameter.piece.bytes)).take(MOST_DOCUMENTS).find_map(|parameter| {
        let inner = codecs::base64(&parameter.piece)?;
        let mark = memchr::memchr(b'?', inner.bytes)?;
        let path = std::str::from_utf8(&inner.bytes[..mark]).ok().filter(|path| path.starts_with('/'))?;
        let parameters: Vec<_> = codecs::form_parameters(&inner.slice(mark + 1..inner.bytes.len()), parameter.part)
            .into_iter()
            .map(|one| Parameter { place: Some(parameter.place()), ..one })
            .collect();
        let mut candidates = definitions.candidates(Address { method: &request.method, host: &host, path });
        let candidate =
            candidates.find(|candidate| candidate.endpoint.requires.iter().all(|required| required.is_met_by(parameters.iter())))?;
        let cookies = cookie_fields(cookies(request, arena), &candidate, definitions);
        Some(Reading { form: form(candidate.endpoint, path), ..reading(&candidate, parameters, Content::default(), cookies) })
    })
}

/// Reads a WebSocket message by the definition that its connection fits.
pub(crate) fn message<'a>(
    message: &'a Message,
    number: usize,
    connection: &Request,
    definitions: &'a Definitions,
    arena: &'a Arena,
) -> Option<Reading<'a>> {
    let (host, path) = (host_of(&connection.url)?, address::path(&connection.url));
    let mut candidates = definitions.candidates(Address { method: &connection.method, host: &host, path: path.text });
    let candidate = candidates.find(|candidate| candidate.endpoint.requires.is_empty())?;
    let mut content = content(candidate.endpoint, &Piece::kept_in(arena, &message.payload.0, 0), Declared::default());
    content.events.iter_mut().chain([&mut content.shared]).for_each(|parameters| place_in_message(parameters, number));
    Some(reading(&candidate, std::mem::take(&mut content.shared), content, Vec::new()))
}

/// A message has one place for all that is in it: its number.
pub(crate) fn place_in_message(parameters: &mut [Parameter<'_>], number: usize) {
    for parameter in parameters {
        parameter.part = Part::Message;
        parameter.place = Some(parameter.piece.kept(&number.to_string()));
    }
}

/// What the headers say of the body.
pub(crate) fn declared(request: &Request) -> Declared<'_> {
    let header = |name| request.header(name).unwrap_or_default();
    Declared { content_type: header("content-type"), content_encoding: header("content-encoding") }
}

fn content<'a>(endpoint: &Endpoint, body: &Piece<'a>, declared: Declared<'_>) -> Content<'a> {
    codecs::read_body(body, declared, &endpoint.body, JsonShape { names: endpoint.names, batch: &endpoint.batch })
}

fn of_address<'a>(candidate: &Candidate<'a>, request: &'a Request, path: &address::PathOf<'a>, arena: &'a Arena) -> Vec<Parameter<'a>> {
    let query = address::query_piece(&request.url, arena);
    let mut parameters = captured(candidate, path, arena);
    if !candidate.endpoint.semicolons {
        return joined(parameters, query.map(|query| codecs::form_parameters(&query, Part::Query)).unwrap_or_default());
    }
    if let Some(at) = path.text.find(';') {
        // `/activity;src=1` and `/activity/src=1;type=2` are both in use.
        let segment = path.text[..at].rfind('/').map_or(0, |slash| slash + 1);
        let start = if path.text[segment..at].contains('=') { segment } else { at + 1 };
        parameters.extend(codecs::semicolons(&Piece::kept_in(arena, &path.text.as_bytes()[start..], path.start + start), Part::Path));
    }
    parameters.extend(query.map(|query| codecs::semicolons(&query, Part::Query)).unwrap_or_default());
    parameters
}

/// Opens documents and blocks, which a definition says an endpoint has.
fn arranged<'a>(endpoint: &Endpoint, mut shared: Vec<Parameter<'a>>, content: &mut Content<'a>) -> Vec<Parameter<'a>> {
    if endpoint.blocks {
        shared = codecs::unfold(shared);
        content.shared = codecs::unfold(std::mem::take(&mut content.shared));
    }
    let shared = joined(shared, std::mem::take(&mut content.shared));
    if endpoint.documents.is_empty() {
        return shared;
    }
    let mut arranged = Vec::with_capacity(shared.len());
    let mut opened = 0;
    for parameter in shared {
        let is_document = opened < MOST_DOCUMENTS && endpoint.documents.iter().any(|name| *name == parameter.name);
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

/// One list after the other, of which one is empty most of the time.
fn joined<T>(mut first: Vec<T>, mut second: Vec<T>) -> Vec<T> {
    if first.is_empty() {
        return second;
    }
    first.append(&mut second);
    first
}

fn captured<'a>(candidate: &Candidate<'a>, path: &address::PathOf<'a>, arena: &'a Arena) -> Vec<Parameter<'a>> {
    let parameter = |(name, range): &(&'a str, std::ops::Range<usize>)| {
        Parameter::new(name, Part::Path, Piece::kept_in(arena, &path.text.as_bytes()[range.clone()], path.start + range.start))
    };
    candidate.captures.iter().map(parameter).collect()
}

/// A batch is one event for each of its items, and each has what they share.
fn reading<'a>(candidate: &Candidate<'a>, shared: Vec<Parameter<'a>>, content: Content<'a>, cookies: Vec<ReadField<'a>>) -> Reading<'a> {
    let (definition, endpoint) = (candidate.definition, candidate.endpoint);
    let mut shared = joined(fields(shared, &definition.params), cookies);
    let mut own: Vec<_> = content.events.into_iter().map(|event| fields(event, &definition.params)).collect();
    if definition.params.has_alternatives {
        own.iter_mut().for_each(|own| settle(own, &shared));
        settle(&mut shared, &[]);
    }
    let event = endpoint.event.as_deref();
    Reading { definition, role: endpoint.role, form: Vec::new(), replay: endpoint.replay, event, own, shared }
}

/// Gives each field whose meaning hangs on what stands beside it the one that it has here.
fn settle<'a>(fields: &mut [ReadField<'a>], beside: &[ReadField<'a>]) {
    for index in 0..fields.len() {
        let Some((rule, otherwise)) = fields[index].rule.and_then(|rule| Some((rule, rule.otherwise.as_deref()?))) else { continue };
        if !is_met(rule, EventFields { own: fields, shared: beside }) {
            fields[index].rule = Some(otherwise);
        }
    }
}

/// Whether the event has all that a rule says must stand beside its parameter.
pub(crate) fn is_met(rule: &Rule, event: EventFields<'_, '_>) -> bool {
    rule.when.iter().all(|condition| {
        let named = event.iter().filter(|beside| beside.name() == condition.name);
        condition.is_met_by(named.map(ReadField::value))
    })
}

/// What told, where the host did not.
fn form(endpoint: &Endpoint, path: &str) -> Vec<String> {
    if !endpoint.hosts.contains(&HostPattern::Any) {
        return Vec::new();
    }
    let path = (!endpoint.is_by_form()).then(|| path.to_owned());
    path.into_iter().chain(endpoint.requires.iter().map(|required| required.name().to_owned())).collect()
}

/// Every cookie with what the definition says of it, or else what is known of the owner's own on the owner's hosts.
///
/// Elsewhere a cookie of the same name is somebody else's: many sites call their own session `SID`.
fn cookie_fields<'a>(cookies: Vec<Parameter<'a>>, candidate: &Candidate<'a>, definitions: &'a Definitions) -> Vec<ReadField<'a>> {
    if cookies.is_empty() {
        return Vec::new();
    }
    let (definition, is_theirs) = (candidate.definition, !candidate.endpoint.hosts.contains(&HostPattern::Any));
    let of_owner: Vec<&Rules> = if is_theirs { definitions.owner_cookies(&definition.owner).collect() } else { Vec::new() };
    let mut fields = Vec::with_capacity(cookies.len());
    for cookie in &cookies {
        let know_it = |rules: &&Rules| rules.find(cookie.name).is_some();
        let rules = [&definition.cookies].into_iter().chain(of_owner.iter().copied()).find(know_it);
        push(cookie, rules.unwrap_or(&definition.cookies), None, 0, &mut fields);
    }
    fields
}

/// The cookies of a request, as they stand in its `Cookie` headers.
pub(crate) fn cookies<'a>(request: &'a Request, arena: &'a Arena) -> Vec<Parameter<'a>> {
    let lines = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("cookie"));
    lines.flat_map(|line| cookies_of(&line.value, arena)).collect()
}

fn cookies_of<'a>(line: &'a str, arena: &'a Arena) -> Vec<Parameter<'a>> {
    let mut cookies = Vec::new();
    let mut start = 0;
    for pair in line.split(';') {
        let indent = pair.len() - pair.trim_start().len();
        let trimmed = pair.trim();
        if !trimmed.is_empty() {
            let (name, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
            let at = start + indent + trimmed.len() - value.len();
            let piece = Piece::kept_in(arena, value.as_bytes(), at);
            cookies.push(Parameter::new(name, Part::Cookie, piece));
        }
        start += pair.len() + 1;
    }
    cookies
}

/// Every parameter with its meaning, and what is inside of it after it.
pub(crate) fn fields<'a>(parameters: Vec<Parameter<'a>>, rules: &'a Rules) -> Vec<ReadField<'a>> {
    let mut fields = Vec::with_capacity(parameters.len());
    parameters.iter().for_each(|parameter| push(parameter, rules, None, 0, &mut fields));
    fields
}

fn push<'a>(parameter: &Parameter<'a>, rules: &'a Rules, whole: Option<&'a Rule>, layer: usize, fields: &mut Vec<ReadField<'a>>) {
    let rule = rules.find(parameter.name).or_else(|| rule_of_members(parameter, rules));
    // A container's leaves come out by themselves. A rule that names it says that it counts as a whole, too.
    if parameter.container && rule.is_none_or(|rule| rule.key != parameter.name) {
        return;
    }
    let is_own = rule.is_some_and(Rule::is_of_own_properties);
    let rule = is_own.then(|| own_names::rule(parameter.name, parameter.piece.bytes)).flatten().or(rule);
    let mut parameter = *parameter;
    if rule.and_then(|rule| rule.codec) == Some(ValueCodec::Percent) {
        parameter.piece = codecs::percent(&parameter.piece, false);
    }
    fields.push(ReadField { parameter, rule, whole });
    if layer < MOST_LAYERS && !parameter.container {
        inside(&parameter, rule).iter().for_each(|inner| push(inner, rules, rule.or(whole), layer + 1, fields));
    }
}

/// An object that is not there has the meaning of what it would hold.
fn rule_of_members<'a>(parameter: &Parameter<'_>, rules: &'a Rules) -> Option<&'a Rule> {
    (*parameter.piece.bytes == *b"null").then(|| rules.find(&format!("{}.", parameter.name))).flatten()
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
fn inside<'a>(parameter: &Parameter<'a>, rule: Option<&Rule>) -> Vec<Parameter<'a>> {
    match rule.and_then(|rule| rule.codec) {
        Some(ValueCodec::GoogleUserData) => codecs::user_data(parameter),
        Some(ValueCodec::Query) => codecs::query(parameter),
        Some(ValueCodec::Semicolons) => {
            let inner = codecs::semicolons(&parameter.piece, parameter.part).into_iter();
            inner.map(|one| parameter.member(one.name, one.piece)).collect()
        }
        Some(ValueCodec::Colons) => codecs::colons(parameter),
        Some(ValueCodec::List) => codecs::list(parameter),
        Some(ValueCodec::Base64Json) => {
            codecs::base64(&parameter.piece).map(|piece| leaves(parameter, &piece, |path| path.join("."))).unwrap_or_default()
        }
        Some(ValueCodec::Base64Query) => {
            codecs::base64(&parameter.piece).map(|piece| codecs::query(&Parameter { piece, ..*parameter })).unwrap_or_default()
        }
        _ => leaves(parameter, &parameter.piece, |path| named_inside(parameter, path)),
    }
}

pub(crate) fn named_inside(parameter: &Parameter<'_>, path: &[Cow<'_, str>]) -> String {
    let mut name = String::with_capacity(64);
    name.push_str(codecs::beginning(parameter.name));
    path.iter().for_each(|segment| name.extend([".", &**segment]));
    name
}

/// The leaves of a value that is a JSON document from its first byte to its last.
pub(crate) fn leaves<'a>(parameter: &Parameter<'a>, piece: &Piece<'a>, name: impl Fn(&[Cow<'_, str>]) -> String) -> Vec<Parameter<'a>> {
    if !codecs::looks_like_json(piece.bytes) || piece.bytes.len() > MOST_INNER_BYTES {
        return Vec::new();
    }
    let document = codecs::document(&piece.inside(Encoding::Json), None);
    if !document.complete {
        return Vec::new();
    }
    let inner = document.nodes.into_iter().filter(|node| !node.path.is_empty());
    inner.map(|node| parameter.inner(&name(&node.path), node.piece, node.container)).collect()
}

/// Of each object in a list the first of these members that says something.
fn items(parameter: &Parameter<'_>, members: &[String]) -> Option<String> {
    if !codecs::looks_like_json(parameter.piece.bytes) {
        return None;
    }
    let document = codecs::document(&parameter.piece, None);
    let mut found: Vec<String> = Vec::new();
    for object in document.nodes.iter().filter(|node| node.container).take(MOST_ITEMS) {
        let member = |name: &String| {
            let is_it = |path: &[Cow<'_, str>]| path.split_last().is_some_and(|(last, before)| last == name && *before == *object.path);
            let value = document.nodes.iter().find(|node| !node.container && is_it(&node.path))?.piece.text().into_owned();
            (!value.trim().is_empty() && value != "null").then_some(value)
        };
        if let Some(value) = members.iter().find_map(member).filter(|value| !found.contains(value)) {
            found.push(value);
        }
    }
    (!found.is_empty()).then(|| found.join(", "))
}
