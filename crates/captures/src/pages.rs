//! Which page a request was made under, where the capture has no word for it.

use std::collections::{BTreeMap, HashMap};

use pixelwitness_recording::{GapKind, Outcome, StepRun};

use crate::part::{Part, counted};
use crate::requests::{Brief, Opening, Requests, host};

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
        input: None,
        screenshot_before: None,
        screenshot_after: None,
    }
}

/// Gives each request without a page the one that its `Referer` header or its place among the others points to, and says so.
pub(crate) fn infer(part: &mut Part) {
    if !part.requests.briefs.iter().all(Brief::has_page) {
        give_pages(part);
    }
    number_messages(part);
}

fn give_pages(part: &mut Part) {
    let requests = &mut part.requests;
    let known = part.steps.len();
    let others_say = requests.briefs.iter().any(Brief::has_destination);
    let mut opened = Opened::default();
    for step in &part.steps {
        opened.open(&step.url_after, step.started_at_ms);
    }
    let (mut inferred, mut without) = (0, 0);
    let mut current: Option<usize> = None;
    for place in in_time(requests) {
        let brief = &requests.briefs[place];
        if brief.has_page() {
            current = brief.step.or(current);
            continue;
        }
        let opening = if known == 0 { brief.facts.opening(others_say) } else { Opening::Nothing };
        if opened.is_a_page(opening, requests.address(place)) {
            // The page that is being opened is its own, whoever led there.
            let step = opened.open(requests.address(place), brief.sent_at_ms);
            current = Some(step);
            requests.put_under_itself(place, step);
            inferred += 1;
            continue;
        }
        let under = requests.referer(place).map_or(Under::Unknown, |referer| opened.named_by(referer));
        match (opening, under, current.filter(|step| *step < opened.pages.len())) {
            (Opening::Unclear { .. }, _, current) => {
                opened.add_unclear(requests.address(place));
                current.into_iter().for_each(|step| requests.put_under_no_page(place, step));
                without += 1;
            }
            (_, Under::Unclear, current) => {
                current.into_iter().for_each(|step| requests.put_under_no_page(place, step));
                without += 1;
            }
            (_, Under::Page(step), _) | (_, Under::Unknown, Some(step)) => {
                if opening == Opening::Frame {
                    opened.add_frame(requests.address(place), step);
                }
                requests.put_under(place, step, &opened.pages[step].url);
                inferred += 1;
            }
            (_, Under::Unknown, None) => without += 1,
        }
    }
    if known == 0 {
        part.steps = steps(&opened, requests);
    }
    if inferred > 0 {
        let why = format!(
            "the capture does not say which page made {}: it was told by their Referer header or by what was opened last",
            counted(inferred, "request", "requests")
        );
        part.say(GapKind::NotTold, why);
    }
    if !opened.unclear.is_empty() {
        part.say(GapKind::NotTold, told_unclear(&opened.unclear));
    }
    if without > 0 {
        part.say(
            GapKind::NotTold,
            format!("it is not known which page made {} (--first-party SITE names the site)", counted(without, "request", "requests")),
        );
    }
}

/// Hosts that are named one by one.
const HOSTS_TOLD: usize = 5;

fn told_unclear(hosts: &[String]) -> String {
    let named = hosts.iter().take(HOSTS_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = hosts.len().saturating_sub(HOSTS_TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "whether the documents of {named}{more} were pages that were visited or frames in a page: the requests do not say (no Sec-Fetch-Dest header), so these hosts \
         count as third parties, unless --first-party names them"
    )
}

/// The places of requests in the order they were sent, where that is known of all.
fn in_time(requests: &Requests) -> Vec<usize> {
    let mut order: Vec<usize> = (0..requests.len()).collect();
    if requests.briefs.iter().all(|brief| brief.sent_at_ms > 0) {
        order.sort_by_key(|place| requests.briefs[*place].sent_at_ms);
    }
    order
}

/// The pages so far, each a step. Of those with one address or one host the latest counts.
#[derive(Default)]
struct Opened {
    pages: Vec<Page>,
    by_url: HashMap<String, usize>,
    /// Of a host that last filled a frame the page that the frame was in.
    by_host: HashMap<String, usize>,
    /// Hosts of documents that may have been pages or frames.
    unclear: Vec<String>,
}

struct Page {
    url: String,
    began_at_ms: u64,
}

/// Where a `Referer` header leads.
enum Under {
    Page(usize),
    /// To a document of which it is not known whether it was a page.
    Unclear,
    Unknown,
}

impl Opened {
    /// Whether a request opens a page. Where it does not say so, the first document does, unless another host's page led to it, and so do
    /// those of hosts that a page was opened of.
    fn is_a_page(&self, opening: Opening, url: &str) -> bool {
        match opening {
            Opening::Page => true,
            Opening::Frame | Opening::Nothing => false,
            Opening::Unclear { refers_elsewhere } => {
                let host = host(url).unwrap_or_default();
                let is_first = self.pages.is_empty() && self.unclear.is_empty() && !refers_elsewhere;
                let is_of_a_page = self.by_host.get(&host).is_some_and(|step| self.is_of(*step, &host));
                is_first || is_of_a_page
            }
        }
    }

    fn is_of(&self, step: usize, name: &str) -> bool {
        self.pages.get(step).and_then(|page| host(&page.url)).as_deref() == Some(name)
    }

    fn open(&mut self, url: &str, began_at_ms: u64) -> usize {
        let step = self.pages.len();
        self.pages.push(Page { url: url.to_owned(), began_at_ms });
        self.by_url.insert(url.to_owned(), step);
        if let Some(host) = host(url) {
            self.unclear.retain(|other| *other != host);
            self.by_host.insert(host, step);
        }
        step
    }

    fn add_frame(&mut self, url: &str, step: usize) {
        if let Some(host) = host(url) {
            self.by_host.insert(host, step);
        }
    }

    fn add_unclear(&mut self, url: &str) {
        let host = host(url).unwrap_or_default();
        if !self.unclear.contains(&host) {
            self.unclear.push(host);
        }
    }

    /// The page that a `Referer` header names, or that of the site that it names.
    fn named_by(&self, referer: &str) -> Under {
        let Some(host) = host(referer) else { return Under::Unknown };
        match self.by_url.get(referer).or_else(|| self.by_host.get(&host)) {
            Some(step) => Under::Page(*step),
            None if self.unclear.contains(&host) => Under::Unclear,
            None => Under::Unknown,
        }
    }
}

fn steps(opened: &Opened, requests: &Requests) -> Vec<StepRun> {
    let mut ends: BTreeMap<usize, u64> = BTreeMap::new();
    for brief in &requests.briefs {
        if let Some(step) = brief.step {
            let end = ends.entry(step).or_default();
            *end = (*end).max(brief.sent_at_ms);
        }
    }
    let end = |step: usize| ends.get(&step).copied().unwrap_or_default();
    opened.pages.iter().enumerate().map(|(at, page)| step(at, &page.url, "", (page.began_at_ms, end(at)))).collect()
}

/// A message belongs to its connection's step.
fn number_messages(part: &mut Part) {
    for message in &mut part.messages {
        let index = usize::try_from(message.request.0).unwrap_or_default();
        message.step = index.checked_sub(1).and_then(|at| part.requests.briefs.get(at)).and_then(|brief| brief.step);
    }
}
