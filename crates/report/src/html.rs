mod carrier;
mod marked;
mod method;
mod page;
mod reading;
mod recipients;
mod replays;
mod requests;
mod sent;
mod steps;
mod style;
mod summary;
mod table;
mod time;
mod uncertain;

use std::borrow::Cow;
use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use pixelwitness_classifier::Findings;
use pixelwitness_recording::Recording;

use crate::absence::{Silence, absence_or};
use crate::readable;
use crate::sinkhole;
use crate::standing;
use crate::words::{self, count};
use page::Page;
use reading::Reading;

/// `report.html`: one file that needs no other and runs no script.
///
/// `screenshots` gives the bytes of a picture by its file name in the run's `screenshots` directory.
///
/// # Errors
///
/// The writer fails.
pub fn write_html(
    findings: &Findings,
    recording: &Recording,
    screenshots: &dyn Fn(&str) -> Option<Vec<u8>>,
    mut out: impl Write,
) -> io::Result<()> {
    let reading = Reading::new(findings, recording);
    let mut page = Page::new(&mut out);
    page.show(&beginning(&reading))?;
    for Section { id, title, content } in SECTIONS {
        page.show(&markup! {
            (PreEscaped(format!("<section id=\"{id}\" aria-labelledby=\"{id}-title\">")))
            h2 id={ (id) "-title" } { (heading(title, &reading)) }
        })?;
        match content {
            Content::Short(content) => page.show(&content(&reading))?,
            Content::Long(content) => content(&reading, &mut page)?,
            Content::Steps => steps::steps(&reading, screenshots, &mut page)?,
        }
        page.show(&PreEscaped("</section>".to_owned()))?;
    }
    page.show(&end(&reading))
}

fn beginning(reading: &Reading) -> Markup {
    let title = format!("What left the browser: {}", reading.findings.journey);
    markup! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(style::content_security_policy());
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            title { (title) }
            style { (PreEscaped(style::SHEET)) }
        }
        (PreEscaped("<body>"))
        a.skip href="#main" { "Skip to the findings" }
        (header(reading))
        nav aria-label="Contents" {
            ol { @for section in SECTIONS { li { a href={ "#" (section.id) } { (heading(section.title, reading)) } } } }
        }
        (PreEscaped("<main id=\"main\" tabindex=\"-1\">"))
    }
}

fn end(reading: &Reading) -> Markup {
    markup! {
        (PreEscaped("</main>"))
        footer {
            p { "Made by pixelwitness " (reading.recording.environment.tool_version) ". This file holds everything it shows: it loads nothing and runs no script." }
        }
        (PreEscaped("</body></html>"))
    }
}

const STEPS: &str = "Step by step";

const DECLARED: &str = "Declared by vendors' answers";

/// A part of the report that the contents name.
struct Section {
    id: &'static str,
    title: &'static str,
    content: Content,
}

/// How a section is made: at once, or piece by piece where it may be long.
enum Content {
    Short(fn(&Reading) -> Markup),
    Long(fn(&Reading, &mut Page) -> io::Result<()>),
    Steps,
}

const SECTIONS: &[Section] = &[
    Section { id: "summary", title: "Summary", content: Content::Short(summary::summary) },
    Section { id: "recipients", title: "Who received what", content: Content::Long(recipients::recipients) },
    Section { id: "uncertain", title: "What may have been sent", content: Content::Long(uncertain::uncertain) },
    Section { id: "failed", title: "Failed on this network", content: Content::Long(uncertain::failed) },
    Section { id: "replays", title: "What was recorded of the visit", content: Content::Short(replays::replays) },
    Section { id: "steps", title: STEPS, content: Content::Steps },
    Section { id: "declared", title: DECLARED, content: Content::Short(method::declared) },
    Section { id: "unread", title: "Requests nobody here can read", content: Content::Long(method::unread) },
    Section { id: "lists", title: "Filter lists", content: Content::Short(method::lists) },
    Section { id: "gaps", title: "What was not seen", content: Content::Long(method::gaps) },
    Section { id: "completeness", title: "Completeness", content: Content::Short(method::completeness) },
    Section { id: "method", title: "Conditions and method", content: Content::Short(method::method) },
    Section { id: "limits", title: "Limits", content: Content::Short(method::limits) },
    Section { id: "requests", title: "The raw requests", content: Content::Long(requests::in_full) },
    Section { id: "other-requests", title: "All other requests", content: Content::Long(requests::others) },
];

/// A section's title: of captures made elsewhere, pages take the place of steps.
fn heading(title: &'static str, reading: &Reading) -> Cow<'static, str> {
    match title {
        STEPS if !reading.is_ours() => "Page by page".into(),
        DECLARED => absence_or(Silence::DeclaredHeading, reading.findings, DECLARED).into(),
        _ => title.into(),
    }
}

fn header(reading: &Reading) -> Markup {
    let recording = reading.recording;
    let ours = reading.is_ours();
    let failed = recording.steps.iter().filter(|step| step.outcome != pixelwitness_recording::Outcome::Done).count();
    let steps = standing::steps_done(reading.findings).unwrap_or_else(|| count(recording.steps.len(), reading.part()));
    markup! {
        header {
            p.kind { "pixelwitness report" }
            h1 { "What left the browser: " bdi { (reading.findings.journey) } }
            @for headline in standing::headlines(reading.findings, recording) {
                p.stopped { strong { (headline.label) } " " bdi { (headline.text) } }
            }
            dl.facts {
                dt { "Pages of" }
                dd { @if reading.findings.sites.is_empty() { (if reading.is_ours() { "no site" } else { "a site that is not known" }) } @else { (readable::hosts(&reading.findings.sites.join(", "))) } }
                @if recording.environment.started_at_ms > 0 { dt { "Begun" } dd { (time::utc(recording.environment.started_at_ms)) } }
                dt { @if ours { "Journey" } @else { "Captured" } }
                dd { (steps) @if failed > 0 { ", " strong.warning { (failed) " failed" } } }
                dt { "Conditions" }
                dd { (words::conditions(&recording.environment, &reading.findings.completeness)) }
            }
            @if let Some(sinkhole) = &reading.findings.sinkhole { p.warning { (sinkhole::statement(sinkhole)) } }
        }
    }
}
