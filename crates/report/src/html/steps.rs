use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use pixelwitness_classifier::What;
use pixelwitness_recording::{Outcome, StepRun};

use super::page::Page;
use super::reading::Reading;
use super::recipients::told_by;
use super::sent::Claim;
use super::time::utc;
use crate::absence::{Silence, absence};
use crate::readable;
use crate::words::{self, count};

/// What was done, what the page looked like, and what was sent.
pub(super) fn steps(reading: &Reading, screenshots: &dyn Fn(&str) -> Option<Vec<u8>>, page: &mut Page) -> io::Result<()> {
    if reading.recording.steps.is_empty() {
        page.show(&html! { p { @if reading.is_ours() { "No step was begun." } @else { "No page is known." } } })?;
    }
    reading.recording.steps.iter().try_for_each(|step| page.show(&one(reading, step, screenshots)))?;
    page.show(&outside_of_steps(reading))
}

fn one(reading: &Reading, step: &StepRun, screenshots: &dyn Fn(&str) -> Option<Vec<u8>>) -> Markup {
    let number = step.step + 1;
    let ours = reading.is_ours();
    let requests = reading.requests_in(step.step);
    html! {
        article id={ "step-" (number) } aria-labelledby={ "step-" (number) "-title" } {
            h3 id={ "step-" (number) "-title" } { (reading.part_head()) " " (number) ": " bdi { @if ours { (step.what) } @else { (readable::address(&step.url_after)) } } }
            dl.facts {
                @if ours || step.outcome != Outcome::Done {
                    dt { "Outcome" }
                    dd { @if step.outcome == Outcome::Done { (words::outcome(&step.outcome)) } @else { strong.warning { (words::outcome(&step.outcome)) } } }
                }
                @for blocked in reading.findings.blocked.iter().filter(|blocked| blocked.step == Some(step.step)) {
                    dt { "Not the site" } dd { strong.warning { bdi { (words::blocked(blocked, &reading.findings.completeness)) } } " (" (reading.link(blocked.request)) ")" }
                }
                dt { "Time" } dd { (utc(step.started_at_ms)) " to " (utc(step.ended_at_ms)) }
                @if !step.url_before.is_empty() { dt { "Page before" } dd { code { (readable::address(&step.url_before)) } } }
                dt { @if ours { "Page after" } @else { "Page" } } dd { code { (readable::address(&step.url_after)) } @if !step.title_after.is_empty() { " “" bdi { (step.title_after) } "”" } }
                @if let Some(element) = &step.element {
                    dt { "Element" } dd { code { (element.tag) } @if !element.text.is_empty() { " “" bdi { (element.text) } "”" } ", found by " code { (element.selector) } }
                }
                dt { "Requests" } dd { (requests) }
            }
            (pictures(step, screenshots))
            (sent(reading, Some(step.step)))
        }
    }
}

fn pictures(step: &StepRun, screenshots: &dyn Fn(&str) -> Option<Vec<u8>>) -> Markup {
    let before = step.screenshot_before.as_deref().map(|name| ("before the step, with the element outlined", name));
    let after = step.screenshot_after.as_deref().map(|name| ("after the step", name));
    html! {
        @if before.is_some() || after.is_some() {
            div.pictures {
                @for (when, name) in before.into_iter().chain(after) {
                    figure {
                        @match screenshots(name) {
                            Some(bytes) => img src=(data_url(&bytes)) alt={ "The page " (when) " " (step.step + 1) ", " (step.what) };,
                            None => p.warning { "The picture " (name) " is not there." },
                        }
                        figcaption { "The page " (when) " (" code { (name) } ")" }
                    }
                }
            }
        }
    }
}

fn data_url(bytes: &[u8]) -> String {
    let kind = match bytes {
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ => "png",
    };
    format!("data:image/{kind};base64,{}", STANDARD.encode(bytes))
}

/// What was sent in a step: each value once for each recipient, with a link to its first proof.
fn sent(reading: &Reading, step: Option<usize>) -> Markup {
    html! {
        @match reading.sent.get(&step) {
            None => { @if let Some(nothing) = absence(Silence::InPart, reading.findings) { p { (nothing) } } },
            Some(groups) => {
                @for group in groups {
                    h4 { (words::capitalised(reading.received_by(&group.recipient))) " " bdi { (readable::hosts(&group.recipient.0)) } }
                    ul {
                        @for one in &group.claims { (claim(reading, one)) }
                        @if group.more > 0 { li { "and " (count(group.more, "more value")) ": findings.json lists them all" } }
                    }
                }
            }
        }
    }
}

fn claim(reading: &Reading, claim: &Claim) -> Markup {
    let leak = reading.named(claim.first);
    html! {
        li {
            (words::label(leak.what).any) ": "
            (told_by(leak))
            " (" @if matches!(leak.what, What::BrowserId | What::PersonAccount | What::ClickId) { code { (leak.name) } ", " }
            (reading.proof(claim.first, leak.request)) @if claim.times > 1 { " and " (count(claim.times - 1, "more place")) } ")"
        }
    }
}

/// Leaks of no known step are not lost.
fn outside_of_steps(reading: &Reading) -> Markup {
    html! {
        @if reading.sent.contains_key(&None) {
            article {
                h3 { "Sent in no known " (reading.part()) }
                (sent(reading, None))
            }
        }
    }
}
