//! Which page a request was made under, where the capture has no word for it.

use std::collections::BTreeMap;

use pixelwitness_recording::{GapKind, Outcome, Request, StepRun};
use url::Url;

use crate::part::{Part, counted, without_fragment};

/// A page that was opened, in a step's place. The times are those of its first and last request.
pub(crate) fn step(index: usize, url: &str, title: &str, (started_at_ms, ended_at_ms): (u64, u64)) -> StepRun {
    StepRun {
        step: index,
        what: format!("the page {url}"),
        started_at_ms,
        ended_at_ms: ended_at_ms.max(started_at_ms),
        outcome: Outcome::Done,
        url_before: String::new(),
        url_after: url.to_owned(),
        title_after: title.to_owned(),
        element: None,
        screenshot_before: None,
        screenshot_after: None,
    }
}

/// Gives each request without a page the one that its `Referer` header or its place among the others points to, and says so.
pub(crate) fn infer(part: &mut Part) {
    if part.requests.is_empty() || part.requests.iter().all(|request| request.page_url.is_some()) {
        number_messages(part);
        return;
    }
    let known = part.steps.len();
    let has_fetch_metadata = part.requests.iter().any(|request| request.header("sec-fetch-dest").is_some());
    let mut inferred = 0;
    let mut opened: Vec<Opened> = part.steps.iter().map(|step| Opened::new(step.step, &step.url_after, step.started_at_ms)).collect();
    let mut current: Option<usize> = None;
    let mut order: Vec<usize> = (0..part.requests.len()).collect();
    if part.requests.iter().all(|request| request.sent_at_ms > 0) {
        order.sort_by_key(|at| part.requests[*at].sent_at_ms);
    }
    for at in order {
        let request = &part.requests[at];
        if request.page_url.is_some() {
            current = request.step.or(current);
            continue;
        }
        if known == 0 && opens_a_page(request, has_fetch_metadata) {
            let step = opened.len();
            opened.push(Opened::new(step, &request.url, request.sent_at_ms));
            current = Some(step);
            // The page that is being opened is its own, whoever led there.
            part.requests[at].step = Some(step);
            part.requests[at].page_url = Some(part.requests[at].url.clone());
            inferred += 1;
            continue;
        }
        let told = of_referer(request, &opened).or_else(|| opened.iter().find(|page| Some(page.step) == current));
        let Some((step, url)) = told.map(|page| (page.step, page.url.clone())) else { continue };
        part.requests[at].step = Some(step);
        part.requests[at].page_url = Some(url.as_str().into());
        inferred += 1;
    }
    if known == 0 {
        part.steps = steps(&opened, &part.requests);
    }
    let without = part.requests.iter().filter(|request| request.page_url.is_none()).count();
    if inferred > 0 {
        let why = format!(
            "the capture does not say which page made {}: it was told by their Referer header or by what was opened last",
            counted(inferred, "request", "requests")
        );
        part.say(GapKind::NotTold, why);
    }
    if without > 0 {
        part.say(
            GapKind::NotTold,
            format!("it is not known which page made {} (--first-party SITE names the site)", counted(without, "request", "requests")),
        );
    }
    number_messages(part);
}

struct Opened {
    step: usize,
    url: String,
    host: Option<String>,
    began_at_ms: u64,
}

impl Opened {
    fn new(step: usize, url: &str, began_at_ms: u64) -> Self {
        Self { step, url: url.to_owned(), host: host(url), began_at_ms }
    }
}

fn opens_a_page(request: &Request, has_fetch_metadata: bool) -> bool {
    if has_fetch_metadata {
        return request.header("sec-fetch-dest") == Some("document") && !is_redirect(request);
    }
    if request.resource_type.as_str() == "Document" {
        return !is_redirect(request);
    }
    // Without metadata: an answer in HTML to somebody who asked for it, and whom no other site's page sent.
    let asked = request.header("accept").is_some_and(|accept| accept.trim_start().starts_with("text/html"));
    let html = request.response.as_ref().is_some_and(|response| {
        let is_html =
            |header: &pixelwitness_recording::Header| header.name.eq_ignore_ascii_case("content-type") && header.value.contains("html");
        (200..300).contains(&response.status) && response.headers.iter().any(is_html)
    });
    let from_elsewhere = request.header("referer").is_some_and(|referer| host(referer) != host(&request.url));
    asked && html && !from_elsewhere
}

fn is_redirect(request: &Request) -> bool {
    request.response.as_ref().is_some_and(|response| (300..400).contains(&response.status) && response.status != 304)
}

/// The latest page that the `Referer` header names; where it names no more than a site, the latest of that site.
fn of_referer<'a>(request: &Request, opened: &'a [Opened]) -> Option<&'a Opened> {
    let referer = without_fragment(request.header("referer")?);
    let named = host(referer)?;
    let latest = || opened.iter().rev();
    latest().find(|page| page.url == referer).or_else(|| latest().find(|page| page.host.as_ref() == Some(&named)))
}

fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

fn steps(opened: &[Opened], requests: &[Request]) -> Vec<StepRun> {
    let mut ends: BTreeMap<usize, u64> = BTreeMap::new();
    for request in requests {
        if let Some(step) = request.step {
            let end = ends.entry(step).or_default();
            *end = (*end).max(request.sent_at_ms);
        }
    }
    let end = |page: &Opened| ends.get(&page.step).copied().unwrap_or_default();
    opened.iter().map(|page| step(page.step, &page.url, "", (page.began_at_ms, end(page)))).collect()
}

/// A message belongs to its connection's step.
fn number_messages(part: &mut Part) {
    for message in &mut part.messages {
        let index = usize::try_from(message.request.0).unwrap_or_default();
        message.step = index.checked_sub(1).and_then(|at| part.requests.get(at)).and_then(|request| request.step);
    }
}
