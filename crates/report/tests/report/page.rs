use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pixelwitness_classifier::{Basis, ByteRange, Event, Leak, Part};
use pixelwitness_recording::{Body, Capture, CaptureKind, Request, RequestId};
use pixelwitness_report::write_html;
use sha2::{Digest, Sha256};

use crate::example::{self, Example, HOSTILE};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What a reader sees of the page, without its tags.
fn text(page: &str) -> String {
    let body = page.split_once("</style>").unwrap().1;
    body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

fn page(example: &Example) -> String {
    let mut page = Vec::new();
    let picture = |name: &str| (name != "step-03-after.png").then(|| PICTURE.to_vec());
    write_html(&example.with_verdict(), &example.recording, &picture, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// Start tags, each with the text of its attributes, style sheet left out.
fn tags(page: &str) -> Vec<(String, String)> {
    let (before, rest) = page.split_once("<style>").unwrap();
    let after = rest.split_once("</style>").unwrap().1;
    let starts = |text: &str| -> Vec<(String, String)> {
        let tag = |rest: &str| {
            let inside = rest.split('>').next().unwrap_or_default();
            let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
            (name.to_owned(), attributes.to_owned())
        };
        text.split('<').skip(1).map(tag).filter(|(name, _)| !name.starts_with('/')).collect()
    };
    [starts(before), starts(after)].concat()
}

fn attributes<'a>(tags: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let start = format!("{name}=\"");
    let value = |attributes: &'a str| {
        let at = attributes.find(&start).filter(|at| *at == 0 || attributes.as_bytes()[at - 1] == b' ')?;
        attributes[at + start.len()..].split('"').next()
    };
    tags.iter().filter_map(|(_, attributes)| value(attributes)).collect()
}

#[test]
fn what_a_page_sent_is_text_and_nothing_else() {
    let page = page(&example::trust());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img src=x onerror=alert(2)&gt; ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe"));
    for raw in ["<script", "<img src=x", "\u{1b}", "\u{202e}", "\r", "javascript:", HOSTILE] {
        assert!(!page.contains(raw), "{raw:?}");
    }
    let names: BTreeSet<String> = tags(&page).into_iter().map(|(name, _)| name).collect();
    let ours = "!DOCTYPE a article bdi body caption code dd details div dl dt figcaption figure footer h1 h2 h3 h4 head header html img li main \
                mark meta nav ol p pre section span strong style summary table tbody td th thead title tr ul";
    let strangers: Vec<&String> = names.iter().filter(|name| !ours.split_whitespace().any(|our| our == *name)).collect();
    assert_eq!(strangers, Vec::<&String>::new());
    let tags = tags(&page);
    let outside_of_quotes = |text: &str| text.split('"').step_by(2).collect::<String>();
    let handlers: Vec<String> =
        tags.iter().map(|(_, text)| outside_of_quotes(text)).filter(|text| text.contains(" on") || text.starts_with("on")).collect();
    assert_eq!(handlers, Vec::<String>::new());
}

#[test]
fn nothing_is_loaded_and_the_style_is_the_one_allowed() {
    let page = page(&example::trust());
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let policy = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'\">",
        STANDARD.encode(Sha256::digest(style))
    );
    assert!(page.contains(&policy));
    assert!(page.find(&policy) < page.find("<style>"));
    assert!(!style.contains("url(") && !style.contains("@import"));
    let tags = tags(&page);
    assert!(attributes(&tags, "src").iter().all(|source| source.starts_with("data:image/png;base64,")));
    assert_eq!(attributes(&tags, "style"), Vec::<&str>::new());
}

/// A page that sends an identifier with each of fifteen hundred requests.
fn repetitive() -> Example {
    let mut example = example::trust();
    let (claimed, leak) = (example.recording.requests.get(1).unwrap(), example.findings.leaks.get(0).unwrap());
    for number in 0..1500_u32 {
        let id = RequestId(1000 + number);
        example.findings.leaks.push(Leak { request: id, ..leak.clone() });
        example.recording.requests.push(Request { id, ..claimed.clone() });
    }
    example
}

/// A page that tells something else, in a field and an event of another name, with each of thirty thousand requests.
fn various() -> Example {
    let mut example = repetitive();
    let (claimed, leak) = (example.recording.requests.get(1).unwrap(), example.findings.leaks.get(0).unwrap());
    let event = example.findings.events.get(0).unwrap();
    for number in 0..30_000_u32 {
        let id = RequestId(10_000 + number);
        example.findings.leaks.push(Leak {
            request: id,
            value: format!("https://www.riverbank-trust.example/{number}"),
            name: format!("field{number}"),
            ..leak.clone()
        });
        example.findings.leaks.push(Leak { request: id, name: format!("other{number}"), ..leak.clone() });
        example.findings.events.push(Event { request: id, name: Some(format!("event{number}")), ..event.clone() });
        example.recording.requests.push(Request { id, ..claimed.clone() });
    }
    let typed = vec![Basis::Canary { name: "condition".to_owned() }];
    example.findings.leaks.push(Leak { value: "https://www.riverbank-trust.example/typed".to_owned(), basis: typed, ..leak });
    example
}

#[test]
fn a_page_that_tells_thirty_thousand_things_has_a_report_that_opens() {
    let page = page(&various());
    assert!(page.len() < 32 << 20, "{} bytes", page.len());
    // What is not listed is counted, and so is what is not named.
    for said in [
        "And 29001 more values: findings.json lists them all.",
        "and 29007 more values: findings.json lists them all",
        "Sent 31495 more times",
        "And 31295 more times: findings.json lists them all.",
        "other98 and 29901 more",
        "event97 and 29902 more; copies not counted: 1",
        "<bdi class=\"value\">https://www.riverbank-trust.example/typed</bdi>",
        "And 10508 more: recording.jsonl.zst lists them all.",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let tags = tags(&page);
    let ids: BTreeSet<&str> = attributes(&tags, "id").into_iter().collect();
    let astray: Vec<&str> = attributes(&tags, "href").into_iter().filter(|link| !ids.contains(link.trim_start_matches('#'))).collect();
    assert_eq!(astray, Vec::<&str>::new(), "every link leads somewhere");
}

#[test]
fn what_repeats_a_claim_past_a_thousand_requests_is_a_line_of_the_table() {
    let example = repetitive();
    let page = page(&example);
    let in_full = page.matches("<details class=\"request\">").count();
    assert!((1_000..1_010).contains(&in_full), "{in_full}");
    assert!(page.contains("<span id=\"r2499\">r2499</span> <span class=\"badge\">1 claim</span>"));
    assert!(page.contains("more times: findings.json lists them all."));
    assert!(page.contains("<span id=\"proof-1\"></span>"), "what proves a value first is shown in full");
}

#[test]
fn every_link_leads_to_one_place_in_the_page() {
    for example in [example::trust(), example::clean(), repetitive()] {
        let page = page(&example);
        let tags = tags(&page);
        let ids = attributes(&tags, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len());
        let links = attributes(&tags, "href");
        assert!(links.len() > 10);
        let broken: Vec<&&str> = links.iter().filter(|link| !link.strip_prefix('#').is_some_and(|id| unique.contains(id))).collect();
        assert_eq!(broken, Vec::<&&str>::new());
        let labels = attributes(&tags, "aria-labelledby");
        assert!(labels.iter().all(|label| unique.contains(label)));
    }
}

#[test]
fn every_claim_leads_to_its_bytes() {
    let example = example::trust();
    let page = page(&example);
    for (index, leak) in example.findings.leaks.iter().enumerate() {
        let link = format!("href=\"#proof-{}\"", index + 1);
        assert!(page.contains(&link), "{link}");
        let anchor = format!("<span id=\"proof-{}\"></span>", index + 1);
        assert_eq!(page.contains(&anchor), leak.location.range.is_some(), "{} {}", leak.name, leak.value);
    }
    for marked in [
        "1234567890</mark>",
        "</span>0AbCdEfGh..1</mark>",
        "</span>hiv test</mark> free?",
        "</span>hiv%2520test</mark>",
        "</span>Book an appointment</mark>",
    ] {
        assert!(page.contains(marked), "{marked}");
    }
}

/// Findings may have been written by hand or be of another recording: places that do not exist are said, not marked.
#[test]
fn places_that_do_not_exist_break_nothing() {
    let mut example = example::trust();
    example.change(|leaks| {
        for (index, leak) in leaks.iter_mut().enumerate() {
            leak.location.range =
                [Some(ByteRange { start: usize::MAX - 1, end: usize::MAX }), Some(ByteRange { start: 9, end: 2 }), None][index % 3];
            if leak.location.part == Part::Message {
                leak.location.name = "18446744073709551616/x".to_owned();
            }
        }
        leaks[0].request = RequestId(4_000_000);
        leaks[1].step = Some(77);
        leaks[2].step = None;
    });
    let mut requests: Vec<Request> = example.recording.requests.into_iter().collect();
    requests[4].body = Body::Unavailable { why: "it was not seen".to_owned() };
    example.recording.requests = requests.into();
    let page = page(&example);
    assert!(page.contains("r4000000 (not in the recording)"));
    assert!(page.contains("Its bytes are not marked"));
    assert!(page.contains("Sent in no known step"));
    assert!(page.contains("The body is unavailable: it was not seen"));
}

#[test]
fn a_clean_site_is_not_praised() {
    let page = page(&example::clean());
    assert!(page.contains("Nothing was seen leaving for a third party within 5.0 s under these conditions (Chrome/156.0.8078.79, third-party cookies allowed, en-GB)."));
    assert!(!page.contains("does not leak"));
}

#[test]
fn a_page_that_was_not_the_sites_is_said_above_all_and_at_its_step() {
    let page = page(&example::turned_away());
    let said = "step 1 was answered with a challenge of Cloudflare (status 403, header cf-mitigated: challenge)";
    assert_eq!(page.matches(said).count(), 2, "in the summary and at the step");
    assert!(page.contains("Nothing can be said of the site") && !page.contains("Nothing was seen leaving"));
}

#[test]
fn a_missing_picture_is_said_and_the_others_are_inside() {
    let page = page(&example::trust());
    assert!(page.contains("The picture step-03-after.png is not there."));
    assert_eq!(page.matches("<img src=\"data:image/png;base64,").count(), 4);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(page(&example::trust()), page(&example::trust()));
}

#[test]
fn two_thousand_requests_stay_a_page() {
    let mut example = example::trust();
    let own = example.recording.requests.get(0).unwrap();
    let third = example.recording.requests.get(1).unwrap();
    for number in 0..2000_u32 {
        let mut request = if number % 2 == 0 { third.clone() } else { own.clone() };
        request.id = RequestId(1000 + number);
        let recipient = usize::from(number % 2 != 0) * (example.findings.recipients.len() - 1);
        example.findings.recipients[recipient].requests.push(request.id);
        example.recording.requests.push(request);
    }
    let page = page(&example);
    // Seven belong to claims, and five hundred of the others are shown in full.
    assert_eq!(page.matches("<details class=\"request\">").count(), 507);
    assert!(page.contains("<span id=\"r1001\">r1001</span>"));
    assert!(page.len() < 4_000_000, "{}", page.len());
}

/// Nobody asked for anything in a capture: it has pages, and a report of it has no steps.
#[test]
fn a_capture_made_elsewhere_has_pages_and_no_steps() {
    let mut example = example::trust();
    let of_the_run = text(&page(&example));
    assert!(of_the_run.contains("Step by step") && of_the_run.contains("step 1") && !of_the_run.contains("page 1"), "{of_the_run}");
    example.findings.completeness.captures =
        vec![Capture { file: "patient.har".to_owned(), kind: CaptureKind::Har, made_by: String::new(), requests: 9, whole: false }];
    let of_the_capture = text(&page(&example));
    assert!(of_the_capture.contains("Page by page") && of_the_capture.contains("page 1"), "{of_the_capture}");
    assert!(!of_the_capture.contains("Step by step") && !of_the_capture.contains(", step 1"), "{of_the_capture}");
}
