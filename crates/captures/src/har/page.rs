use std::collections::HashMap;

use pixelwitness_recording::RequestId;

use super::Har;
use crate::pages::step;
use crate::part::Part;

/// A page that a HAR lists.
pub(super) struct Page {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) started_at_ms: u64,
}

impl Har<'_> {
    /// A HAR has a page's title and time. Its address is that of the document that the page's entries begin with.
    pub(super) fn set_pages(&mut self) {
        let mut pages = std::mem::take(&mut self.pages);
        pages.retain(|page| self.of_page.contains_key(&page.id) || is_address(&page.title));
        pages.sort_by_key(|page| page.started_at_ms);
        let briefs = self.part.requests.briefs.iter().enumerate();
        let next: HashMap<RequestId, usize> = briefs.rev().filter_map(|(at, brief)| Some((brief.redirected_from?, at))).collect();
        for page in &pages {
            // Of two pages with one identifier, the first has its requests.
            let of_page = self.of_page.remove(&page.id).unwrap_or_default();
            self.set_page(page, &of_page, &next);
        }
    }

    fn set_page(&mut self, page: &Page, of_page: &[usize], next: &HashMap<RequestId, usize>) {
        let Part { requests, steps, .. } = &mut self.part;
        let document = of_page.iter().copied().find(|at| requests.briefs[*at].facts.is_document());
        let mut url = match document {
            Some(at) => requests.address(last_hop(at, next)).to_owned(),
            None if is_address(&page.title) => crate::part::without_fragment(&page.title).to_owned(),
            None => return,
        };
        let title = if is_address(&page.title) { "" } else { page.title.as_str() };
        steps.push(step(steps.len(), &url, title, (page.started_at_ms, page.started_at_ms)));
        for &at in of_page {
            let (facts, sent_at_ms) = (requests.briefs[at].facts, requests.briefs[at].sent_at_ms);
            // Safari, and whoever keeps the log from page to page, puts everything under the first.
            if facts.says_that_it_opens() && requests.address(at) != url {
                url = requests.address(at).to_owned();
                steps.push(step(steps.len(), &url, "", (sent_at_ms, sent_at_ms)));
            }
            // A document's own address is its page, also where it leads on to another.
            match document == Some(at) {
                true => requests.put_under_itself(at, steps.len() - 1),
                false => requests.put_under(at, steps.len() - 1, &url),
            }
            if let Some(step) = steps.last_mut() {
                step.ended_at_ms = step.ended_at_ms.max(sent_at_ms);
            }
        }
    }
}

/// Where the redirects of a request lead in the end. Each hop stands behind the one before.
fn last_hop(at: usize, next: &HashMap<RequestId, usize>) -> usize {
    let mut last = at;
    let number = |at: usize| RequestId(u32::try_from(at + 1).unwrap_or(u32::MAX));
    while let Some(&to) = next.get(&number(last)).filter(|to| **to > last) {
        last = to;
    }
    last
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}
