use std::io::{self, IsTerminal as _, Read as _};

use pixelwitness_captures::request;
use pixelwitness_classifier::{Vendor, parameters};
use pixelwitness_recording::{Body, Journey, Recording, Request};
use pixelwitness_report::{Explained, explanation, explanation_json};

use crate::arguments::{Colours, Explain};
use crate::failure::{Failure, Verdict};
use crate::stages::Knowledge;
use crate::{output, read};

/// A request larger than that was not copied by hand.
const LARGEST: u64 = 64 << 20;

const HELP: &str = "give an address, or pipe in a request: its text (with a body of any bytes), or what a browser's \u{201c}Copy as cURL\u{201d} or \u{201c}Copy as fetch\u{201d} gave";

/// Decodes one request and says what it tells.
pub(crate) fn explain(arguments: &Explain) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.vendors.as_deref(), None)?;
    let mut journey = Journey { first_party: arguments.first_party.clone(), canaries: arguments.canary.clone(), ..Journey::default() };
    read::number_repeated(&mut journey.canaries);
    read::checked(&journey)?;
    let given = match arguments.request.as_deref() {
        Some(text) if text != "-" => text.as_bytes().to_vec(),
        given => standard_input(given.is_some())?,
    };
    let request = request_of(given)?;
    let recording = Recording { journey, requests: [request.clone()].into_iter().collect(), ..Recording::default() };
    let findings = knowledge.read(&recording);
    let vendors: Vec<Vendor> = knowledge.definitions.vendors().collect();
    let explained = Explained { request: &request, findings: &findings, parameters: &parameters(&request), vendors: &vendors };
    let style = match arguments.color {
        Colours::Auto => output::style(),
        forced => pixelwitness_report::Style { colour: forced == Colours::Always, ..output::style() },
    };
    output::write(&if arguments.json { explanation_json(&explained) } else { explanation(&explained, style) })?;
    Ok(Verdict::of(!findings.leaks.is_empty()))
}

fn standard_input(was_asked_for: bool) -> Result<Vec<u8>, Failure> {
    if io::stdin().is_terminal() && !was_asked_for {
        return Err(Failure::because("no request was given", HELP));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LARGEST).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new("cannot read the standard input", &error, HELP))?;
    Ok(bytes)
}

/// The request that was given. A compressed body is no text: then what stands before the empty line has to be.
fn request_of(given: Vec<u8>) -> Result<Request, Failure> {
    let wrong = |error: &dyn std::error::Error| Failure::new("cannot explain the request", error, HELP);
    let no_text = match String::from_utf8(given) {
        Ok(text) => return request(&text).map_err(|error| wrong(&error)),
        Err(error) => error,
    };
    let not_read = || Failure::new("cannot explain the request: it is not text", &no_text.utf8_error(), HELP);
    let (head, body) = parts(no_text.as_bytes()).ok_or_else(not_read)?;
    let mut request = request(head).map_err(|error| wrong(&error))?;
    request.body = Body::from(sent(body, request.header("content-length")).to_vec());
    Ok(request)
}

/// A head that is text, and after its empty line the body.
fn parts(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let is_empty_line = |at: &usize| bytes[*at..].starts_with(b"\n\n") || bytes[*at..].starts_with(b"\n\r\n");
    let end = (0..bytes.len()).find(is_empty_line)?;
    let body = bytes[end + 1..].iter().position(|byte| *byte == b'\n')? + end + 2;
    Some((std::str::from_utf8(&bytes[..end]).ok()?.trim_end(), &bytes[body..]))
}

/// As many bytes as the request says that it has: what was copied can end in a line break that was never sent.
fn sent<'a>(body: &'a [u8], content_length: Option<&str>) -> &'a [u8] {
    let split = content_length.and_then(|length| body.split_at_checked(length.trim().parse().ok()?));
    split.filter(|(_, rest)| *rest == b"\n" || *rest == b"\r\n").map_or(body, |(sent, _)| sent)
}
