mod carrier;
mod marked;
mod method;
mod reading;
mod recipients;
mod replays;
mod requests;
mod steps;
mod style;
mod summary;
mod table;
mod time;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use pixelwitness_classifier::Findings;
use pixelwitness_recording::Recording;

use crate::visible::visible;
use crate::words::{self, count};
use reading::Reading;

/// `report.html`: one file that needs no other and runs no script.
///
/// `screenshots` gives the bytes of a picture by its file name in the run's `screenshots` directory.
#[must_use]
pub fn html(findings: &Findings, recording: &Recording, screenshots: &dyn Fn(&str) -> Option<Vec<u8>>) -> String {
    let reading = Reading::new(findings, recording);
    // maud escapes every text and attribute; this makes the characters visible that escaping leaves alone.
    visible(&document(&reading, screenshots).into_string()).into_owned()
}

fn document(reading: &Reading, screenshots: &dyn Fn(&str) -> Option<Vec<u8>>) -> Markup {
    let title = format!("What left the browser: {}", reading.findings.journey);
    let sections = sections(reading, screenshots);
    markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(style::content_security_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(style::SHEET)) }
            }
            body {
                a.skip href="#main" { "Skip to the findings" }
                (header(reading))
                nav aria-label="Contents" {
                    ol { @for section in &sections { li { a href={ "#" (section.id) } { (section.title) } } } }
                }
                main #main tabindex="-1" {
                    @for section in &sections {
                        section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                            h2 id={ (section.id) "-title" } { (section.title) }
                            (section.content)
                        }
                    }
                }
                footer {
                    p { "Made by pixelwitness " (reading.recording.environment.tool_version) ". This file holds everything it shows: it loads nothing and runs no script." }
                }
            }
        }
    }
}

/// A part of the report that the contents name.
struct Section {
    id: &'static str,
    title: &'static str,
    content: Markup,
}

fn sections(reading: &Reading, screenshots: &dyn Fn(&str) -> Option<Vec<u8>>) -> Vec<Section> {
    let section = |id, title, content| Section { id, title, content };
    vec![
        section("summary", "Summary", summary::summary(reading)),
        section("recipients", "Who received what", recipients::recipients(reading)),
        section("replays", "What was recorded of the visit", replays::replays(reading)),
        section("steps", "Step by step", steps::steps(reading, screenshots)),
        section("declared", "Declared, not seen leaving", method::declared(reading)),
        section("unread", "Requests nobody here can read", method::unread(reading)),
        section("gaps", "What was not seen", method::gaps(reading)),
        section("completeness", "Completeness", method::completeness(reading)),
        section("method", "Conditions and method", method::method(reading)),
        section("limits", "Limits", method::limits(reading)),
        section("requests", "The raw requests", requests::in_full(reading)),
        section("other-requests", "All other requests", requests::others(reading)),
    ]
}

fn header(reading: &Reading) -> Markup {
    let recording = reading.recording;
    let failed = recording.steps.iter().filter(|step| step.outcome != pixelwitness_recording::Outcome::Done).count();
    markup! {
        header {
            p.kind { "pixelwitness report" }
            h1 { "What left the browser: " bdi { (reading.findings.journey) } }
            dl.facts {
                dt { "Pages of" }
                dd { @if reading.findings.sites.is_empty() { "no site" } @else { (reading.findings.sites.join(", ")) } }
                dt { "Begun" }
                dd { (time::utc(recording.environment.started_at_ms)) }
                dt { "Journey" }
                dd { (count(recording.steps.len(), "step")) @if failed > 0 { ", " strong.warning { (failed) " failed" } } }
                dt { "Conditions" }
                dd { (words::conditions(&recording.environment)) }
            }
        }
    }
}
