use std::io::{self, IsTerminal as _, Read as _};

use pixelwitness_captures::request;
use pixelwitness_classifier::{Vendor, parameters};
use pixelwitness_recording::{Journey, Recording};
use pixelwitness_report::{Explained, explanation, explanation_json};

use crate::arguments::{Colours, Explain};
use crate::failure::{Failure, Verdict};
use crate::stages::Knowledge;
use crate::{output, read};

/// A request larger than that was not copied by hand.
const LARGEST: u64 = 64 << 20;

const HELP: &str = "give an address, or pipe in a request: its text, or what a browser's \u{201c}Copy as cURL\u{201d} or \u{201c}Copy as fetch\u{201d} gave";

/// Decodes one request and says what it tells.
pub(crate) fn explain(arguments: &Explain) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.vendors.as_deref(), None)?;
    let mut journey = Journey { first_party: arguments.first_party.clone(), canaries: arguments.canary.clone(), ..Journey::default() };
    read::number_repeated(&mut journey.canaries);
    read::checked(&journey)?;
    let text = match arguments.request.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        given => standard_input(given.is_some())?,
    };
    let request = request(&text).map_err(|error| Failure::new("cannot explain the request", &error, HELP))?;
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

fn standard_input(was_asked_for: bool) -> Result<String, Failure> {
    if io::stdin().is_terminal() && !was_asked_for {
        return Err(Failure::because("no request was given", HELP));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LARGEST).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new("cannot read the standard input", &error, HELP))?;
    String::from_utf8(bytes).map_err(|error| Failure::new("cannot explain the request: it is not text", &error, HELP))
}
