use std::io::{self, IsTerminal as _, Read as _};

use pixelwitness_captures::requests;
use pixelwitness_classifier::{Vendor, parameters};
use pixelwitness_recording::{Body, Journey, Recording, Request};
use pixelwitness_report::{Explained, explanation, explanation_json};

use crate::arguments::{Colours, Explain};
use crate::failure::{Failure, Verdict};
use crate::stages::Knowledge;
use crate::{output, read};

/// A request larger than that was not copied by hand.
const LARGEST: u64 = 64 << 20;

const HELP: &str = "give an address, or pipe in a request: its text (with a body of any bytes), or what a browser's \u{201c}Copy as cURL\u{201d}, \u{201c}Copy as fetch\u{201d}, \u{201c}Copy as PowerShell\u{201d} or \u{201c}Copy as HAR\u{201d} gave, of one request or of all";

/// Decodes requests and says what each tells.
pub(crate) fn explain(arguments: &Explain) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.vendors.as_deref(), None)?;
    let mut journey = Journey { first_party: arguments.first_party.clone(), canaries: arguments.canary.clone(), ..Journey::default() };
    read::number_repeated(&mut journey.canaries);
    read::checked(&journey)?;
    let given = match arguments.request.as_deref() {
        Some(text) if text != "-" => text.as_bytes().to_vec(),
        given => standard_input(given.is_some())?,
    };
    let requests = requests_of(given)?;
    let vendors: Vec<Vendor> = knowledge.definitions.vendors().collect();
    let style = match arguments.color {
        Colours::Auto => output::style(),
        forced => pixelwitness_report::Style { colour: forced == Colours::Always, ..output::style() },
    };
    let mut texts = Vec::new();
    let mut telling = Vec::new();
    for (number, request) in (1..).zip(&requests) {
        let recording = Recording { journey: journey.clone(), requests: [request.clone()].into_iter().collect(), ..Recording::default() };
        let findings = knowledge.read(&recording);
        if !findings.leaks.is_empty() {
            telling.push(number);
        }
        let explained = Explained { request, findings: &findings, parameters: &parameters(request), vendors: &vendors };
        texts.push(if arguments.json { explanation_json(&explained) } else { explanation(&explained, style) });
    }
    output::write(&if arguments.json { joined_json(&texts) } else { joined(&texts, &telling) })?;
    Ok(Verdict::of(!telling.is_empty()))
}

/// One explanation as it is; of several each under its number, and first which of them tell something.
fn joined(texts: &[String], telling: &[usize]) -> String {
    if texts.len() == 1 {
        return texts.concat();
    }
    let numbers = telling.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let summary = match telling.len() {
        0 => "None of them tells anything that is known here".to_owned(),
        1 => format!("One of them tells something: number {numbers}"),
        several => format!("{several} of them tell something: numbers {numbers}"),
    };
    let mut joined = format!("{} requests were read. {summary}.\n", texts.len());
    for (number, text) in (1..).zip(texts) {
        joined.push_str(&format!("\n--- Request {number} of {} ---\n{text}", texts.len()));
    }
    joined
}

/// One document, or a list of them.
fn joined_json(texts: &[String]) -> String {
    match texts {
        [one] => one.clone(),
        several => format!("[\n{}\n]\n", several.iter().map(|text| text.trim_end()).collect::<Vec<_>>().join(",\n")),
    }
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

/// The requests that were given. A compressed body is no text: then what stands before the empty line has to be.
fn requests_of(given: Vec<u8>) -> Result<Vec<Request>, Failure> {
    let wrong = |error: &dyn std::error::Error| Failure::new("cannot explain the request", error, HELP);
    let no_text = match String::from_utf8(given) {
        Ok(text) => return requests(&text).map_err(|error| wrong(&error)),
        Err(error) => error,
    };
    let not_read = || Failure::new("cannot explain the request: it is not text", &no_text.utf8_error(), HELP);
    let (head, body) = parts(no_text.as_bytes()).ok_or_else(not_read)?;
    let mut requests = requests(head).map_err(|error| wrong(&error))?;
    if let [request] = &mut requests[..] {
        request.body = Body::from(sent(body, request.header("content-length")).to_vec());
    }
    Ok(requests)
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
