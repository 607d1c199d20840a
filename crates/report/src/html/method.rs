use std::io;

use maud::{Markup, html};
use pixelwitness_classifier::{Declared, FilterList, Unread};
use pixelwitness_recording::{Capture, Environment, Gap, GapKind, Listening, Network, ThirdPartyCookies};

use super::page::Page;
use super::reading::{Reading, step_link};
use super::table::{show_table, table};
use super::time::utc;
use crate::absence::{NONE_ON_RECORD, Silence, absence, absence_or};
use crate::known;
use crate::readable;
use crate::words::{self, seconds};

/// What vendors' answers say their scripts are set to collect.
pub(super) fn declared(reading: &Reading) -> Markup {
    let row = |declared: &Declared| {
        vec![
            html! { (words::product(reading.findings, &declared.vendor)) @if let Some(account) = &declared.account { ", account " code { (account) } } },
            html! { code { (declared.setting) } },
            html! { bdi.value { (declared.value) } },
            html! { @match &declared.note { Some(note) => (note), None => "nothing more is known of it" } },
            reading.link(declared.request),
        ]
    };
    let rows: Vec<Vec<Markup>> = reading.findings.declared.iter().map(row).collect();
    html! {
        @if rows.is_empty() {
            p { (absence_or(Silence::Declared, reading.findings, NONE_ON_RECORD)) }
        } @else {
            p { "A vendor answered that its script is set as follows. That is a setting, not a transfer: what was sent is told above." }
            (table("Settings as the vendor's answer names them", &["Vendor", "Setting", "Value", "What it means", "Answer to"], &rows))
        }
    }
}

/// The filter lists that were used. What they say stands with each recipient.
pub(super) fn lists(reading: &Reading) -> Markup {
    let row = |list: &FilterList| {
        let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| "it does not say".to_owned());
        vec![
            html! { (list.name()) },
            html! { code { (list.file) } },
            html! { (or_nothing(&list.version)) },
            html! { (or_nothing(&list.modified)) },
            html! { (list.rules) @if list.unread > 0 { "; " (list.unread) " more are not understood" } },
            html! { code { (list.sha256) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = reading.findings.lists.iter().map(row).collect();
    html! {
        @if rows.is_empty() {
            p { "No filter list was given. Whether others count a recipient as a tracker is not said here." }
        } @else {
            p {
                "These lists were given by whoever made this report. A list names a request, and so its recipient, as one that its authors would block; it is \
                 their word, and it says nothing of what was sent. " (known::lists(reading.findings).join("; ")) "."
            }
            (table("Filter lists that were used", &["List", "File", "Version", "Last modified", "Rules for requests", "SHA-256"], &rows))
        }
    }
}

/// Third-party requests that no definition reads.
pub(super) fn unread(reading: &Reading, page: &mut Page) -> io::Result<()> {
    let row = |unread: &Unread| {
        vec![
            reading.link(unread.request),
            html! { bdi { (readable::hosts(&unread.recipient.0)) } },
            html! { code { (readable::address(&unread.endpoint)) } },
            html! { (words::count(unread.bytes, "byte")) },
        ]
    };
    let all = &reading.findings.unread;
    if all.is_empty() {
        return page.show(&html! { p { (absence_or(Silence::Undecoded, reading.findings, NONE_ON_RECORD)) } });
    }
    page.show(&html! {
        p { "No definition says what the parameters of these requests mean. They were searched for what the journey typed; beyond that they may hold anything." }
    })?;
    let heads = ["Request", "Recipient", "Method and address", "Unread"];
    show_table(page, "Third-party requests that no definition reads", &heads, all.iter(), row, "findings.json")
}

/// What we know we did not see.
pub(super) fn gaps(reading: &Reading, page: &mut Page) -> io::Result<()> {
    let row = |gap: &Gap| {
        vec![
            html! { (kind(gap.kind)) },
            html! { (gap.why) },
            html! { @match gap.request { Some(request) => (reading.link(request)), None => "none in particular" } },
            step_link(gap.step, reading),
        ]
    };
    let all = &reading.findings.gaps;
    if all.is_empty() {
        return page.show(&html! { p { (absence_or(Silence::Gaps, reading.findings, NONE_ON_RECORD)) } });
    }
    show_table(
        page,
        "Gaps that are known",
        &["Sort", "What and why", "Request", &reading.part_head()],
        all.iter(),
        |gap| row(gap),
        "findings.json",
    )
}

fn kind(kind: GapKind) -> &'static str {
    match kind {
        GapKind::RunIncomplete => "The run did not reach its end",
        GapKind::LogDamaged => "A raw log is damaged",
        GapKind::WitnessMissing => "A witness is missing",
        GapKind::BodyUnavailable => "A body was not seen",
        GapKind::WitnessesDisagree => "The witnesses disagree",
        GapKind::Opaque => "Traffic that cannot be read",
        GapKind::Crash => "A crash",
        GapKind::AliasUnknown => "Where a name leads is not known",
        GapKind::HeldBack => "Something was held back",
        GapKind::NetworkFailed => "Requests that failed on this network",
        GapKind::NeverSettled => "A page that did not fall silent",
        GapKind::LeftOut => "Left out of a capture",
        GapKind::NotTold => "Not told by the capture",
        GapKind::NotSearched => "Not searched to its end",
    }
}

/// What each witness saw.
pub(super) fn completeness(reading: &Reading) -> Markup {
    let completeness = &reading.findings.completeness;
    if !completeness.captures.is_empty() {
        return captured_elsewhere(reading);
    }
    let numbers = [
        ("Run finished, both raw logs whole", if completeness.finished { "yes".to_owned() } else { "no".to_owned() }),
        ("Pages, frames and workers watched", completeness.targets_attached.to_string()),
        ("DevTools events", completeness.devtools_events.to_string()),
        ("NetLog events", completeness.netlog_events.to_string()),
        ("Requests seen by both", completeness.seen_by_both.to_string()),
        ("Requests seen by the wire log alone", completeness.wire_only.to_string()),
        ("Requests seen by DevTools alone", completeness.devtools_only.to_string()),
        ("Announced and never sent", completeness.not_transmitted.to_string()),
        ("The browser's own, set aside", completeness.browser_own.to_string()),
        ("Bodies not seen", completeness.bodies_unavailable.to_string()),
        ("Differences that no rule explains", completeness.unexplained.len().to_string()),
    ];
    let listened = |listening: &Listening| {
        vec![
            step_link(Some(listening.step), reading),
            html! { code { (readable::address(&listening.url)) } },
            html! { (seconds(listening.listened_ms)) },
            html! { @if listening.settled { "yes" } @else { "no: the hard limit ended the wait" } },
        ]
    };
    let listened: Vec<Vec<Markup>> = completeness.listened.iter().map(listened).collect();
    html! {
        @match words::no_claim_of_completeness(reading.findings) {
            Some(why) => p.warning { (why) },
            None => { @if let Some(agree) = absence(Silence::Differences, reading.findings) { p { (agree) } } },
        }
        dl.facts { @for (name, value) in &numbers { dt { (name) } dd { (value) } } }
        @if !completeness.unexplained.is_empty() {
            h3 { "Unexplained" }
            ul { @for difference in &completeness.unexplained { li { (difference) } } }
        }
        @if !listened.is_empty() { (table("How long each page was listened to", &["After", "Page", "Time", "Had fallen silent"], &listened)) }
        @if !completeness.out_of_scope.is_empty() {
            h3 { "Out of reach of a run like this" }
            ul { @for what in &completeness.out_of_scope { li { (what) } } }
        }
    }
}

/// What a case made of captures rests on.
fn captured_elsewhere(reading: &Reading) -> Markup {
    let completeness = &reading.findings.completeness;
    let row = |(index, capture): (usize, &Capture)| {
        vec![
            html! { (index + 1) },
            html! { code { (capture.file) } },
            html! { (capture.kind.name()) },
            html! { @if capture.made_by.is_empty() { "it does not say" } @else { bdi { (capture.made_by) } } },
            html! { (capture.requests) },
            html! { @if capture.whole { "yes" } @else { strong.warning { "no" } } },
        ]
    };
    let rows: Vec<Vec<Markup>> = completeness.captures.iter().enumerate().map(row).collect();
    html! {
        @if let Some(why) = words::no_claim_of_completeness(reading.findings) { p.warning { (why) } }
        p { (words::completeness(completeness)) }
        (table("The captures, each kept byte for byte in the directory captures", &["Number", "File", "Kind", "Made by, as it says", "Requests", "Read to its end"], &rows))
        @if !completeness.unexplained.is_empty() {
            h3 { "Unexplained" }
            ul { @for difference in &completeness.unexplained { li { (difference) } } }
        }
        h3 { "Out of reach of a case like this" }
        ul { @for what in &completeness.out_of_scope { li { (what) } } }
    }
}

/// The environment, the visitor, and how it was done.
pub(super) fn method(reading: &Reading) -> Markup {
    let journey = &reading.recording.journey;
    html! {
        @if !reading.is_ours() {
            p {
                "pixelwitness ran no browser here. It read captures that were made elsewhere, as they were handed over, and says of each request \
                 which capture and which place in it tell of it. What is said of a request is a reading of that record by published definitions; \
                 it can be repeated offline from the same files."
            }
        } @else if reading.findings.gaps.iter().any(|gap| gap.kind == GapKind::WitnessMissing) { p {
            "One fresh browser ran the journey. Of the two witnesses that record a run, Chromium's own network log and DevTools, one is missing \
             here, and nothing confirms what the other says. What is said of a request is a reading of that record by published definitions; it \
             can be repeated offline from the same files."
        } } @else { p {
            "One fresh browser ran the journey. Two witnesses recorded it: Chromium's own network log, which holds the bytes written to the \
             network, and DevTools, which says which page, frame and script made a request. The two were reconciled request by request. What is \
             said of a request here is a reading of that record by published definitions; it can be repeated offline from the same files."
        } }
        (environment(&reading.recording.environment, reading.findings.completeness.captures.is_empty()))
        @if reading.is_ours() && !journey.cookies.is_empty() {
            h3 { "Cookies the visitor brought along" }
            p { "They were set before the first page, as in the browser of somebody who has been there before." }
            ul { @for cookie in &journey.cookies { li { code { (cookie.name) } " for " code { (cookie.domain) } } } }
        }
        h3 { "How to read this report" }
        ul {
            li { "Control characters and characters that change the direction of text are shown by name or number: ⟨ESC⟩ for an escape, ⟨CR⟩ for a carriage return, ⟨U+202E⟩ for a direction override." }
            li { "HTTP/2 has no request line and no header lines; both are written in the manner of HTTP/1.1. Names, values and bodies are those sent." }
            li { "A copy is a request that repeats an event another request carried; it is shown and not counted." }
            li { "Byte numbers count from 0, the second one not included: in the address, in the header's value, in the body or in the message." }
        }
    }
}

fn environment(environment: &Environment, ours: bool) -> Markup {
    let asked = match environment.third_party_cookies {
        ThirdPartyCookies::Allow => "allowed",
        ThirdPartyCookies::Block => "blocked",
    };
    // Of somebody else's browser only what its requests say is known.
    let only_ours = |value: String| if ours { value } else { String::new() };
    let facts = [
        ("pixelwitness", environment.tool_version.clone()),
        ("Begun", utc(environment.started_at_ms)),
        ("Browser", environment.browser.clone()),
        ("Its revision", environment.browser_revision.clone()),
        ("Its program", environment.browser_path.clone()),
        ("User agent", environment.user_agent.clone()),
        ("Browser's sandbox", only_ours(if environment.sandbox { "on".to_owned() } else { "OFF".to_owned() })),
        ("Ran as the user", environment.ran_as.clone().unwrap_or_default()),
        ("Third-party cookies", only_ours(asked.to_owned())),
        ("The browser says of them", environment.third_party_cookies_in_force.clone()),
        ("Languages", environment.locale.clone()),
        ("Time zone", environment.time_zone.clone()),
        ("Page size", only_ours(format!("{} × {} CSS pixels", environment.viewport.width, environment.viewport.height))),
        ("Names mapped", environment.resolve.join(", ")),
        ("Networks around this machine that pages may reach", networks(&environment.allowed_networks)),
        ("Sinkhole", environment.sinkhole.as_ref().map(|sinkhole| sinkhole.address.clone()).unwrap_or_default()),
        ("Authorities trusted beside the system's", environment.trusted_authorities.join(", ")),
        ("Machine", environment.host.clone()),
        ("Public address", environment.egress_address.clone().unwrap_or_default()),
    ];
    html! {
        dl.facts { @for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) { dt { (name) } dd { code { (value) } } } }
        @if !environment.command_line.is_empty() {
            details {
                summary { "The browser's command line" }
                ul { @for argument in &environment.command_line { li { code { (argument) } } } }
            }
        }
    }
}

fn networks(allowed: &[Network]) -> String {
    allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What this report does not show. Each sentence is there only where it is true of this run.
pub(super) fn limits(reading: &Reading) -> Markup {
    let findings = reading.findings;
    let is_contacted = findings.recipients.iter().any(|recipient| !recipient.sinkhole);
    let by_table = !findings.owners.is_empty() || !findings.aliases.is_empty();
    html! {
        ul {
            @if reading.is_ours() {
                li { "One run, one browser, one place, one moment. A site may send other things to other visitors, at other times, or after other choices." }
                li { "Only what left the browser is seen. What the site's or a recipient's servers pass on among themselves is not." }
            } @else {
                li { "What was captured is one visitor's, in one place, at one time. A site may send other things to other visitors, at other times, or after other choices." }
                li { "Only what was captured is seen. What the capture left out, and what the site's or a recipient's servers pass on among themselves, is not." }
            }
            @if let Some(meaning) = absence(Silence::Meaning, findings) { li { (meaning) } }
            li { "Values are recognised where they stand in known fields, or in the clear, encoded and hashed forms that are looked for. A recipient may use others." }
            li { "A hash is a pseudonym, not anonymity: whoever has the same e-mail address or number computes the same hash and knows whose it is." }
            li { "A mask of a value's shape proves no value, and is not counted as one." }
            @if is_contacted {
                li { "The IP address reaches every recipient that is contacted, because no answer could reach the browser without it. What a recipient does with it is not seen." }
            }
            li { "Digests show that files are the ones that were sealed. They show neither who sealed them nor that a server sent what is in them." }
            @if !findings.recipients.is_empty() {
                li {
                    "Who owns a recipient, and what a parameter means, is taken from the definitions named with each claim, and those from the sources they cite"
                    @if by_table {
                        "; where no definition knows a domain, from a table of owners that says of each whether the owner documents it, a published register agrees with it, or it is only recalled"
                    }
                    "."
                }
            }
        }
    }
}
