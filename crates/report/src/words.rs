//! Findings in words. The terminal and the page say the same thing, so both build their sentences here.

use std::borrow::Cow;

use pixelwitness_classifier::{Algorithm, Basis, Blocked, Encoding, Findings, Meaning, Normalisation, Part, Party, Purpose, What};
use pixelwitness_recording::{
    CanaryKind, Capture, Completeness, Environment, GapKind, HeaderSource, LogLine, Outcome, RawLog, SenderSource, TargetKind,
    ThirdPartyCookies, Transmission, Witness,
};

use crate::account::{Account, Form, Hash, Told};
use crate::readable;
use crate::standing;

/// A part of a sentence: our words, or what was sent.
pub(crate) enum Piece<'a> {
    /// Our own words.
    Words(Cow<'a, str>),
    /// Text for people, shown in quotation marks.
    Quoted(&'a str),
    /// An address.
    Address(&'a str),
    /// An identifier or another value to be shown as it is.
    Exact(&'a str),
    /// A hash.
    Digest(&'a str),
}

/// How a sort of leak is spoken of.
pub(crate) struct Label {
    /// `the search term`
    pub(crate) one: &'static str,
    /// `the search terms`
    pub(crate) many: &'static str,
    /// `a search term`
    pub(crate) any: &'static str,
}

/// The sorts of leak in the order of reports.
pub(crate) const EVERY_WHAT: [What; 19] = [
    What::PageAddress,
    What::PageTitle,
    What::Referrer,
    What::SearchTerm,
    What::ButtonText,
    What::FormFields,
    What::PageMetadata,
    What::Email,
    What::Phone,
    What::Name,
    What::DateOfBirth,
    What::Postcode,
    What::ContactDetail,
    What::TypedText,
    What::ChosenOption,
    What::UserId,
    What::BrowserId,
    What::PersonAccount,
    What::ClickId,
];

pub(crate) fn label(what: What) -> Label {
    let (one, many, any) = match what {
        What::PageAddress => ("the page address", "the page addresses", "a page address"),
        What::PageTitle => ("the page title", "the page titles", "a page title"),
        What::Referrer => ("the address of the page before", "the addresses of the pages before", "the address of a page before"),
        What::SearchTerm => ("the search term", "the search terms", "a search term"),
        What::ButtonText => ("the text of the button or link", "the texts of the buttons or links", "the text of a button or link"),
        What::FormFields => ("the form fields", "the form fields", "names of form fields"),
        What::PageMetadata => {
            ("what the page is about, by its own metadata:", "what the pages are about, by their own metadata:", "page metadata")
        }
        What::Email => ("the e-mail address", "the e-mail addresses", "an e-mail address"),
        What::Phone => ("the telephone number", "the telephone numbers", "a telephone number"),
        What::Name => ("the name", "the names", "a person's name"),
        What::DateOfBirth => ("the date of birth", "the dates of birth", "a date of birth"),
        What::Postcode => ("the postcode", "the postcodes", "a postcode"),
        What::ContactDetail => ("the contact detail", "the contact details", "another contact detail"),
        What::TypedText => ("the typed text", "the typed texts", "other typed text"),
        What::ChosenOption => ("the option that was chosen:", "the options that were chosen:", "an option that was chosen"),
        What::UserId => ("the site's user ID", "the site's user IDs", "the site's own ID of its user"),
        What::BrowserId => ("the browser identifier", "the browser identifiers", "a browser identifier"),
        What::PersonAccount => ("the identifier of a person's account", "the identifiers of a person's account", "a person's account"),
        What::ClickId => ("the identifier of the advertisement click", "the identifiers of advertisement clicks", "an advertisement click"),
    };
    Label { one, many, any }
}

/// What was told, as the end of the sentence "the recipient received …": at most `most` values are named.
pub(crate) fn sentence(told: &Told, most: usize) -> Vec<Piece<'_>> {
    match told.form {
        Form::Clear if told.what == What::BrowserId => browser_identifiers(told, most),
        Form::Clear => in_the_clear(told, most),
        Form::Explained => hashed_and_explained(told, most),
        Form::Unexplained => hashed_and_unexplained(told, most),
    }
}

fn in_the_clear(told: &Told, most: usize) -> Vec<Piece<'_>> {
    let label = label(told.what);
    let mut pieces = vec![words(if told.values.len() == 1 { label.one } else { label.many }), words(" ")];
    let with_names = matches!(told.what, What::PersonAccount | What::ClickId);
    list(&mut pieces, told.values.iter(), told.more, most, |pieces, value| {
        pieces.push(match told.what {
            What::PageAddress | What::Referrer => Piece::Address(&value.value),
            What::PersonAccount | What::ClickId => Piece::Exact(&value.value),
            _ => Piece::Quoted(&value.value),
        });
        if with_names {
            pieces.push(Piece::Words(format!(" ({})", value.names.listed()).into()));
        }
    });
    if told.what == What::PersonAccount {
        pieces.push(words(": somebody was logged in there"));
    }
    pieces
}

/// Identifiers are named by the fields that carried them: their values say nothing to a reader.
fn browser_identifiers(told: &Told, most: usize) -> Vec<Piece<'_>> {
    let (label, names) = (label(What::BrowserId), &told.names);
    let mut pieces = vec![words(if names.kept.len() == 1 { label.one } else { label.many }), words(" ")];
    list(&mut pieces, names.kept.iter(), names.more, most.max(6), |pieces, name| pieces.push(Piece::Exact(name)));
    pieces
}

fn hashed_and_explained(told: &Told, most: usize) -> Vec<Piece<'_>> {
    let mut pieces = vec![words(label(told.what).one), as_a_hash(told), words(", which is that of ")];
    let clear = &told.clear_values;
    list(&mut pieces, clear.kept.iter(), clear.more, most, |pieces, value| pieces.push(Piece::Quoted(value)));
    pieces
}

fn hashed_and_unexplained(told: &Told, most: usize) -> Vec<Piece<'_>> {
    let mut pieces = vec![words(label(told.what).any), as_a_hash(told), words(" of a value not known here, ")];
    list(&mut pieces, told.values.iter(), told.more, most, |pieces, value| pieces.push(Piece::Digest(&value.value)));
    pieces
}

/// ` as a SHA-256 hash`
fn as_a_hash(told: &Told) -> Piece<'static> {
    let hash = told.hash.unwrap_or(Hash::Unnamed);
    Piece::Words(format!(" as {} {}", if hash == Hash::Md5 { "an" } else { "a" }, hash_name(hash)).into())
}

pub(crate) fn hash_name(hash: Hash) -> Cow<'static, str> {
    let name = match hash {
        Hash::Sha256 => "SHA-256 hash",
        Hash::Sha1 => "SHA-1 hash",
        Hash::Md5 => "MD5 hash",
        Hash::Other(algorithm) => return format!("{} hash", algorithm_name(algorithm)).into(),
        Hash::Unnamed => "hash",
    };
    Cow::Borrowed(name)
}

/// Items, and how many there are besides.
fn list<'a, T>(
    pieces: &mut Vec<Piece<'a>>,
    items: impl ExactSizeIterator<Item = T>,
    more: usize,
    most: usize,
    mut push: impl FnMut(&mut Vec<Piece<'a>>, T),
) {
    let (kept, all) = (items.len(), items.len() + more);
    // "and 1 more" takes the room of the one it hides.
    let shown = if all <= most + 1 { kept } else { most.min(kept) };
    for (index, item) in items.take(shown).enumerate() {
        if index > 0 {
            pieces.push(words(if index + 1 == all { " and " } else { ", " }));
        }
        push(pieces, item);
    }
    if shown < all {
        pieces.push(Piece::Words(format!(" and {} more", all - shown).into()));
    }
}

fn words(text: &str) -> Piece<'_> {
    Piece::Words(Cow::Borrowed(text))
}

/// `1 request`, `2 requests`
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// `5.0 s`
pub(crate) fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// `PageView, Search (2)`: at most `most` names.
pub(crate) fn events(account: &Account, most: usize) -> String {
    let times = |(name, times): &(String, usize)| if *times == 1 { name.clone() } else { format!("{name} ({times})") };
    let more = account.events.len().saturating_sub(most) + account.more_events;
    and_more(account.events.iter().take(most).map(times).collect::<Vec<_>>().join(", "), more)
}

/// What is named, and how many there are besides.
pub(crate) fn and_more(named: String, more: usize) -> String {
    if more == 0 { named } else { format!("{named} and {more} more") }
}

/// How long was listened, as the end of the sentence "within …".
pub(crate) fn listened(completeness: &Completeness) -> String {
    let times = || completeness.listened.iter().map(|listening| listening.listened_ms);
    match (times().min(), times().max()) {
        (Some(least), Some(most)) if seconds(least) == seconds(most) => seconds(most),
        (Some(least), Some(most)) => format!("{} to {}", seconds(least), seconds(most)),
        _ if !completeness.captures.is_empty() => "the time that was captured".to_owned(),
        _ => "a time that is not on record".to_owned(),
    }
}

/// The sentence on what each witness saw.
pub(crate) fn completeness(completeness: &Completeness) -> String {
    if !completeness.captures.is_empty() {
        return of_captures(completeness);
    }
    let left = completeness.seen_by_both + completeness.wire_only + completeness.devtools_only;
    let restless = completeness.listened.iter().filter(|listening| !listening.settled).count();
    let listened = match completeness.listened.len() {
        0 => "how long was listened is not on record".to_owned(),
        1 => format!("listened {} after 1 step", listened(completeness)),
        steps => format!("listened {} after each of {steps} steps", listened(completeness)),
    };
    let mut line = format!(
        "{}: {} seen by both witnesses, {} by the wire log alone, {} by DevTools alone; {} announced and never sent; {} of the \
         browser's own set aside; bodies not seen {}; {listened}",
        count(left, "request"),
        completeness.seen_by_both,
        completeness.wire_only,
        completeness.devtools_only,
        completeness.not_transmitted,
        completeness.browser_own,
        completeness.bodies_unavailable,
    );
    if restless > 0 {
        line.push_str(&format!(" ({restless} had not fallen silent)"));
    }
    line.push_str(&format!("; unexplained {}.", completeness.unexplained.len()));
    line
}

/// The sentence on what captures made elsewhere told.
fn of_captures(completeness: &Completeness) -> String {
    let requests: usize = completeness.captures.iter().map(|capture| capture.requests).sum();
    format!(
        "{} in {}: {} announced and never sent; {} of the browser's own set aside; bodies not seen {}.",
        count(requests, "request"),
        count(completeness.captures.len(), "capture"),
        completeness.not_transmitted,
        completeness.browser_own,
        completeness.bodies_unavailable,
    )
}

/// Why no claim of completeness is made, if none is.
pub(crate) fn no_claim_of_completeness(findings: &Findings) -> Option<String> {
    if !findings.completeness.captures.is_empty() {
        let is_read = findings.completeness.captures.iter().all(|capture| capture.whole);
        let is_damaged = findings.gaps.iter().any(|gap| gap.kind == GapKind::LogDamaged);
        let cut = if is_read && !is_damaged { "" } else { ", and not all of it could be read" };
        return Some(format!("No claim of completeness is made: what is shown was captured elsewhere, not by pixelwitness{cut}."));
    }
    let has = |kinds: &[GapKind]| findings.gaps.iter().any(|gap| kinds.contains(&gap.kind));
    let unexplained = findings.completeness.unexplained.len();
    let mut reasons = Vec::new();
    if !findings.completeness.finished || has(&[GapKind::RunIncomplete, GapKind::LogDamaged]) {
        reasons.push("the run did not reach its end, or a raw log is not whole".to_owned());
    }
    if has(&[GapKind::WitnessMissing]) {
        reasons.push("one of the two witnesses is missing".to_owned());
    }
    if unexplained > 0 {
        reasons.push(format!("the witnesses differ in {} that no known rule explains", count(unexplained, "way")));
    }
    (!reasons.is_empty()).then(|| format!("No claim of completeness is made: {}.", reasons.join("; ")))
}

/// What a journey is made of: of a capture made elsewhere, pages take the place of steps, for nobody asked for anything.
pub(crate) fn part_of_journey(completeness: &Completeness) -> &'static str {
    if completeness.captures.is_empty() { "step" } else { "page" }
}

/// `2 pages on clinic.example`, or `2 of 3 steps on clinic.example` where not all were done.
pub(crate) fn pages(findings: &Findings, steps: usize) -> String {
    let sites = readable::hosts(&findings.sites.join(", ")).into_owned();
    if let Some(done) = standing::steps_done(findings) {
        return format!("{done} {}", if sites.is_empty() { "on no page".to_owned() } else { format!("on {sites}") });
    }
    match (findings.completeness.captures.is_empty(), steps, sites.as_str()) {
        (false, 0, "") => "no page is known".to_owned(),
        (false, 0, sites) => format!("no page of {sites} is known"),
        (_, _, "") => format!("{} on no page", count(steps, part_of_journey(&findings.completeness))),
        (_, _, sites) => format!("{} on {sites}", count(steps, part_of_journey(&findings.completeness))),
    }
}

/// What it means that a capture does not say whose page it was.
pub(crate) fn no_site(findings: &Findings) -> Option<&'static str> {
    (!findings.completeness.captures.is_empty() && findings.sites.is_empty() && !findings.recipients.is_empty()).then_some(
        "Whose page this was is not known: every recipient counts as a third party, the site itself too, if it is among them. \
         `--first-party SITE` says whose it was.",
    )
}

/// `This was not the site: step 1 was answered with a challenge of Cloudflare (status 403, …)`, without the colon's first part.
pub(crate) fn blocked(blocked: &Blocked, completeness: &Completeness) -> String {
    let step = blocked.step.map_or_else(|| "a visit".to_owned(), |step| format!("{} {}", part_of_journey(completeness), step + 1));
    format!("{step} was answered with {} ({}): {}", blocked.who, blocked.basis.join(", "), readable::address(&blocked.url))
}

/// Under what conditions: `Chrome/156.0.8078.79, third-party cookies allowed, en-GB`.
pub(crate) fn conditions(environment: &Environment, completeness: &Completeness) -> String {
    if !completeness.captures.is_empty() {
        return format!("read from {}", captures(completeness));
    }
    let cookies = match environment.third_party_cookies {
        ThirdPartyCookies::Allow => "third-party cookies allowed",
        ThirdPartyCookies::Block => "third-party cookies blocked",
    };
    let browser = if environment.browser.is_empty() { "an unnamed browser" } else { &environment.browser };
    let mut conditions = vec![browser, cookies];
    if !environment.locale.is_empty() {
        conditions.push(&environment.locale);
    }
    conditions.join(", ")
}

/// `percent-encoding, in it base64`; `as is` where there is no wrapping.
pub(crate) fn encodings(encodings: &[Encoding]) -> String {
    if encodings.is_empty() {
        return "as is".to_owned();
    }
    let digits = if encodings.contains(&Encoding::RawDigest) { "as bytes" } else { "in hexadecimal" };
    let layers = encodings.iter().filter(|encoding| **encoding != Encoding::RawDigest);
    layers.map(|layer| encoding(layer, digits)).collect::<Vec<_>>().join(", in it ")
}

fn encoding(encoding: &Encoding, digits: &str) -> String {
    let words = match encoding {
        Encoding::Percent => "percent-encoding",
        Encoding::JsonString => "a JSON string",
        Encoding::Url => "an address",
        Encoding::Json => "a JSON document",
        Encoding::Base64 => "base64",
        Encoding::Base64Url => "URL-safe base64",
        Encoding::HtmlEntity => "HTML character references",
        Encoding::Gzip => "gzip",
        Encoding::Zlib => "zlib",
        Encoding::Deflate => "deflate",
        Encoding::Brotli => "brotli",
        Encoding::Zstd => "zstd",
        Encoding::LzString => "lz-string",
        Encoding::QuotedPrintable => "quoted-printable",
        Encoding::Utf16 => "UTF-16",
        Encoding::Base16 => "hexadecimal",
        Encoding::Base32 => "base32",
        Encoding::Base58 => "base58",
        Encoding::Protobuf => "a protocol buffers message",
        Encoding::Msgpack => "a MessagePack document",
        Encoding::Decimal => "decimal digits",
        Encoding::RawDigest => "bytes of a digest",
        Encoding::Md5 { normalised } => return digest("an MD5", digits, normalised),
        Encoding::Sha1 { normalised } => return digest("a SHA-1", digits, normalised),
        Encoding::Sha256 { normalised } => return digest("a SHA-256", digits, normalised),
        Encoding::Digest { algorithm, normalised } => return digest(&format!("a {}", algorithm_name(*algorithm)), digits, normalised),
    };
    words.to_owned()
}

/// A name that can follow `a`.
fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Md2 => "128-bit MD2",
        Algorithm::Md4 => "128-bit MD4",
        Algorithm::Sha224 => "SHA-224",
        Algorithm::Sha384 => "SHA-384",
        Algorithm::Sha512 => "SHA-512",
        Algorithm::Sha3Of224 => "SHA3-224",
        Algorithm::Sha3Of256 => "SHA3-256",
        Algorithm::Sha3Of384 => "SHA3-384",
        Algorithm::Sha3Of512 => "SHA3-512",
        Algorithm::Ripemd160 => "RIPEMD-160",
        Algorithm::Whirlpool => "Whirlpool",
        Algorithm::Blake2bOf256 => "BLAKE2b-256",
        Algorithm::Blake2bOf512 => "BLAKE2b-512",
        Algorithm::Blake2s => "BLAKE2s",
        Algorithm::Blake3 => "BLAKE3",
        Algorithm::Murmur3Of128 => "MurmurHash3 (128 bits)",
        Algorithm::Xxhash64 => "64-bit xxHash",
        Algorithm::Murmur3 => "MurmurHash3 (32 bits)",
        Algorithm::Xxhash32 => "32-bit xxHash",
        Algorithm::Crc32 => "CRC-32",
    }
}

fn digest(algorithm: &str, digits: &str, normalised: &[Normalisation]) -> String {
    let steps = normalised.iter().map(|step| normalisation(*step)).collect::<Vec<_>>().join(", ");
    let of = if steps.is_empty() { "the value unchanged".to_owned() } else { format!("the value after: {steps}") };
    format!("{algorithm} hash {digits} (of {of})")
}

fn normalisation(step: Normalisation) -> &'static str {
    match step {
        Normalisation::Trim => "white space at both ends removed",
        Normalisation::Lowercase => "lower case",
        Normalisation::Uppercase => "upper case",
        Normalisation::FirstWord => "first word alone",
        Normalisation::LastWord => "last word alone",
        Normalisation::LettersAndDigits => "letters and digits only",
        Normalisation::NoSpaces => "white space removed",
        Normalisation::DigitsOnly => "digits only",
        Normalisation::NoLeadingZeros => "digits without leading zeros",
        Normalisation::E164 => "international form with +",
        Normalisation::E164NoPlus => "international form without +",
        Normalisation::National => "British national form",
        Normalisation::PlusDigits => "a plus and the digits",
        Normalisation::GmailDots => "Gmail dots removed",
        Normalisation::GmailLocalPart => "Gmail dots and plus part removed",
        Normalisation::LocalPart => "dots and plus part removed before the @",
        Normalisation::NoPlusPart => "plus part removed before the @",
        Normalisation::NoAccents => "accents removed",
        Normalisation::DoubleZero => "00 in the place of the plus",
        Normalisation::OutwardCode => "first part of the postcode alone",
        Normalisation::PostcodeSector => "first part of the postcode and the digit after it alone",
        Normalisation::CompactDate => "date as YYYYMMDD",
        Normalisation::DayFirst => "date as DD-MM-YYYY",
        Normalisation::MonthFirst => "date as MM-DD-YYYY",
        Normalisation::Slashes => "slashes in the place of hyphens",
        Normalisation::Dots => "full stops in the place of hyphens",
    }
}

/// How we know, as a sentence's end: "known because …".
///
/// Of a capture made elsewhere nobody here knows what was typed: somebody said so.
pub(crate) fn basis(basis: &Basis, completeness: &Completeness) -> String {
    match basis {
        Basis::Canary { name } if !completeness.captures.is_empty() => format!("it is “{name}”, a value that was named as typed"),
        Basis::Canary { name } => format!("it is the canary “{name}”, a value that only this journey typed"),
        Basis::WhileTyping { name, requests } => {
            let (first, last) = (requests.first(), requests.last());
            let which = match (first, last) {
                (Some(first), Some(last)) if first != last => format!("{}, {first} to {last}", count(requests.len(), "request")),
                (Some(only), _) => only.to_string(),
                _ => "requests".to_owned(),
            };
            format!("“{name}” was sent in pieces while it was typed ({which})")
        }
        Basis::VendorField { vendor, field } => format!("the definition {vendor} gives the field {field} this meaning"),
        Basis::Action { name } => format!("it is what the journey chose, checked or clicked ({name})"),
        Basis::Pattern { rule } => format!("of a rule that holds for every recipient: {rule}"),
    }
}

pub(crate) fn part(part: Part) -> &'static str {
    match part {
        Part::Host => "host name",
        Part::Path => "path of the address",
        Part::Query => "query of the address",
        Part::Header => "header",
        Part::Cookie => "cookie",
        Part::Form => "form body",
        Part::Multipart => "multipart body",
        Part::Json => "JSON body",
        Part::BatchLine => "batch line of the body",
        Part::Body => "body",
        Part::Message => "WebSocket message",
    }
}

/// A definition's own word, with spaces: `search-term` is `search term`.
pub(crate) fn meaning(meaning: Meaning) -> String {
    word(&meaning)
}

/// What a product is for: `session replay`.
pub(crate) fn purpose(purpose: Purpose) -> String {
    word(&purpose)
}

fn word(of: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(of).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").replace('-', " ")
}

pub(crate) fn party(party: Party) -> &'static str {
    match party {
        Party::Third => "third party",
        Party::First => "first party",
    }
}

pub(crate) fn witness(witness: Witness) -> &'static str {
    match witness {
        Witness::Both => "DevTools and the wire log",
        Witness::WireOnly => "the wire log alone",
        Witness::DevtoolsOnly => "DevTools alone",
        Witness::Capture => "a capture made elsewhere",
    }
}

/// Who tells the frame and the script behind a request. DevTools needs no mention.
pub(crate) fn sender_source(source: SenderSource) -> Option<&'static str> {
    match source {
        SenderSource::Devtools => None,
        SenderSource::Trace => Some("the trace of the page's own process"),
        SenderSource::Origin => {
            Some("the network stack, which names the origin alone; a frame is named where there was no other of that origin")
        }
        SenderSource::Nobody => Some("nobody: the network stack names no page"),
    }
}

pub(crate) fn header_source(source: HeaderSource) -> &'static str {
    match source {
        HeaderSource::Wire => "the wire log: exactly what was sent",
        HeaderSource::Devtools => "DevTools' account of what was sent",
        HeaderSource::Provisional => "DevTools' account of what the page asked for; cookies and some headers are missing",
        HeaderSource::Capture => "the capture, made elsewhere",
        HeaderSource::Nobody => "nobody: the capture has none",
    }
}

pub(crate) fn transmission(transmission: &Transmission) -> String {
    match transmission {
        Transmission::Sent => "sent".to_owned(),
        Transmission::NotSent { why, .. } => format!("not sent: {why}"),
        Transmission::Unknown { why } => format!("not known whether it was sent: {why}"),
    }
}

pub(crate) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "done as asked".to_owned(),
        Outcome::Failed { why } => format!("the step failed: {why}"),
    }
}

/// A place in the raw logs: `netlog.json line 12`, or in a capture: `clinic.har entry 3`.
pub(crate) fn place(at: LogLine, completeness: &Completeness) -> String {
    match at.log {
        RawLog::Devtools => format!("devtools.jsonl line {}", at.line),
        RawLog::Netlog => format!("netlog.json line {}", at.line),
        RawLog::Capture(number) => {
            let index = usize::try_from(number).unwrap_or_default().checked_sub(1);
            match index.and_then(|index| completeness.captures.get(index)) {
                Some(capture) => format!("{} {} {}", capture.file, capture.kind.place(), at.line),
                None => format!("capture {number}, {}", at.line),
            }
        }
    }
}

/// The captures that a case was read from: `clinic.har (HAR by Firefox 130.0)`.
pub(crate) fn captures(completeness: &Completeness) -> String {
    let one = |capture: &Capture| {
        let by = if capture.made_by.is_empty() { String::new() } else { format!(" by {}", capture.made_by) };
        let cut = if capture.whole { "" } else { ", not read to its end" };
        format!("{} ({}{by}{cut})", capture.file, capture.kind.name())
    };
    completeness.captures.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What sort of place made a request. Only of a run of our own did DevTools not see it.
pub(crate) fn target(target: TargetKind, completeness: &Completeness) -> &'static str {
    match target {
        TargetKind::Page => "the page",
        TargetKind::Frame => "a frame in a process of its own",
        TargetKind::Worker => "a worker",
        TargetKind::SharedWorker => "a shared worker",
        TargetKind::ServiceWorker => "a service worker",
        TargetKind::Worklet => "a worklet",
        TargetKind::Other => "another sort of target",
        TargetKind::Unknown if !completeness.captures.is_empty() => "a place that the capture does not tell",
        TargetKind::Unknown => "a place DevTools did not see",
    }
}

pub(crate) fn canary_kind(kind: CanaryKind) -> &'static str {
    match kind {
        CanaryKind::SearchTerm => "search term",
        CanaryKind::Email => "e-mail address",
        CanaryKind::Phone => "telephone number",
        CanaryKind::FirstName => "first name",
        CanaryKind::LastName => "last name",
        CanaryKind::FullName => "full name",
        CanaryKind::DateOfBirth => "date of birth",
        CanaryKind::Postcode => "postcode",
        CanaryKind::Text => "text",
    }
}

/// What a vendor's product is called, by the identifier of its definition: `Meta Pixel` for `meta_pixel`. Findings of an earlier version do not
/// say.
pub(crate) fn product<'a>(findings: &'a Findings, vendor: &'a str) -> &'a str {
    findings.vendors.iter().find(|known| known.id == vendor).map_or(vendor, |known| &known.name)
}

/// With a capital letter at its start.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// `by its form, not by a host of its own: path /tr, parameters id and ev`
pub(crate) fn form(form: &[String]) -> String {
    let (paths, names): (Vec<&str>, Vec<&str>) = form.iter().map(String::as_str).partition(|part| part.starts_with('/'));
    let said: Vec<String> = [("path", paths), ("parameters", names)]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(what, list)| format!("{what} {}", list.join(", ")))
        .collect();
    format!("recognised by its form, not by a host of its own: {}", said.join("; "))
}

#[cfg(test)]
mod tests {
    use pixelwitness_recording::Gap;

    use super::*;

    #[test]
    fn every_sort_of_leak_is_listed_once_and_in_order() {
        assert!(EVERY_WHAT.is_sorted());
        let last = What::ClickId;
        assert_eq!(EVERY_WHAT.last(), Some(&last));
        assert_eq!(EVERY_WHAT.len(), last as usize + 1);
    }

    #[test]
    fn a_run_that_broke_off_makes_no_claim() {
        let gap = |kind| vec![Gap { kind, why: String::new(), request: None, step: None }];
        for (finished, gaps, unexplained, why) in [
            (true, vec![], 0, None),
            (true, gap(GapKind::BodyUnavailable), 0, None),
            (true, vec![], 1, Some("the witnesses differ in 1 way that no known rule explains")),
            (true, gap(GapKind::WitnessMissing), 0, Some("one of the two witnesses is missing")),
            (true, gap(GapKind::LogDamaged), 0, Some("the run did not reach its end, or a raw log is not whole")),
            (false, vec![], 0, Some("the run did not reach its end, or a raw log is not whole")),
        ] {
            let completeness = Completeness { finished, unexplained: vec![String::new(); unexplained], ..Completeness::default() };
            let findings = Findings { gaps, completeness, ..Findings::default() };
            let claim = why.map(|why| format!("No claim of completeness is made: {why}."));
            assert_eq!(no_claim_of_completeness(&findings), claim);
        }
    }
}
