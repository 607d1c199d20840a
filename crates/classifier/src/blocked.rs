//! Whether a page was the site's at all, or that of somebody who stands before it and takes the visitor for a robot.

use pixelwitness_recording::{Recording, Request, Sender};
use url::Url;

use crate::Blocked;

/// Statuses by which a server turns a visitor away.
const REFUSED: &[u16] = &[202, 403, 405, 406, 429, 503];

/// Statuses that say so by themselves, where nothing else does.
const REFUSED_PLAINLY: &[u16] = &[403, 429, 503];

/// Visible characters up to which a page with a puzzle on it is the puzzle and nothing else.
const MOST_CHARACTERS: usize = 600;

/// Bytes of an answer that are looked at.
const MOST_BYTES: usize = 256 << 10;

/// The last page of each step that was not the site's. A challenge that let the visitor pass is none: the site came after it.
pub(crate) fn blocked(recording: &Recording) -> Vec<Blocked> {
    let mut last: Vec<Request> = Vec::new();
    for page in recording.requests.iter().filter(is_page) {
        match last.iter_mut().find(|other| other.step == page.step) {
            Some(other) => *other = page,
            None => last.push(page),
        }
    }
    let recognised = last.into_iter().filter_map(|request| {
        let title = recording.steps.iter().find(|step| Some(step.step) == request.step && step.url_after == request.url);
        recognise(&request, title.map(|step| step.title_after.as_str()).unwrap_or_default())
    });
    recognised.collect()
}

/// A document that a whole page was to be, with its answer.
pub(crate) fn is_page(request: &Request) -> bool {
    let is_answered = request.response.as_ref().is_some_and(|response| !(300..400).contains(&response.status));
    let opens_page = request.page_url.as_deref() == Some(&request.url);
    request.sender == Sender::Page && request.resource_type == "Document" && opens_page && is_answered
}

fn recognise(request: &Request, title: &str) -> Option<Blocked> {
    let page = Page::of(request, title)?;
    let by_rule = RULES.iter().find_map(|rule| Some((rule.who, page.basis(rule)?)));
    let (who, basis) = by_rule.or_else(|| page.puzzle_alone()).or_else(|| page.refusal())?;
    Some(Blocked { step: request.step, request: request.id, url: request.url.clone(), status: page.status, who: who.to_owned(), basis })
}

/// What somebody's page is known by. All marks have to be there.
struct Rule {
    who: &'static str,
    /// Statuses it comes with; empty for any.
    status: &'static [u16],
    marks: &'static [Mark],
}

/// Texts are in lower case.
enum Mark {
    /// A header that holds this text.
    Header(&'static str, &'static str),
    /// A title that begins so.
    Title(&'static str),
    /// A text in the page's source.
    Source(&'static str),
    /// The host, or one under it, and how the path begins.
    Place(&'static str, &'static str),
}

use Mark::{Header, Place, Source, Title};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule { who: "a challenge of Cloudflare", status: &[], marks: &[Header("cf-mitigated", "challenge")] },
    Rule { who: "a challenge of Cloudflare", status: REFUSED, marks: &[Source("/cdn-cgi/challenge-platform/")] },
    Rule { who: "a challenge of Cloudflare", status: &[], marks: &[Place("challenges.cloudflare.com", "/")] },
    Rule { who: "a block page of Cloudflare", status: REFUSED, marks: &[Title("attention required! | cloudflare")] },
    Rule { who: "a block page of Cloudflare", status: REFUSED, marks: &[Header("server", "cloudflare"), Source("cf-error-details")] },
    Rule { who: "a check of DataDome", status: REFUSED, marks: &[Source("captcha-delivery.com")] },
    Rule { who: "a check of DataDome", status: &[], marks: &[Place("captcha-delivery.com", "/")] },
    Rule { who: "a check of HUMAN (PerimeterX)", status: REFUSED, marks: &[Source("px-captcha")] },
    Rule { who: "a check of HUMAN (PerimeterX)", status: REFUSED, marks: &[Source("_pxappid")] },
    Rule { who: "a block page of Akamai", status: REFUSED, marks: &[Source("errors.edgesuite.net")] },
    Rule { who: "a block page of Akamai", status: REFUSED, marks: &[Header("server", "akamaighost"), Title("access denied")] },
    Rule { who: "a block page of Imperva", status: &[], marks: &[Source("incapsula incident id")] },
    Rule { who: "a block page of Imperva", status: &[], marks: &[Title("pardon our interruption")] },
    Rule { who: "a check of AWS WAF", status: &[], marks: &[Header("x-amzn-waf-action", "")] },
    Rule { who: "a check of AWS WAF", status: REFUSED, marks: &[Source(".awswaf.com/")] },
    Rule { who: "a block page of Amazon CloudFront", status: REFUSED, marks: &[Title("error: the request could not be satisfied")] },
    Rule { who: "a block page of Sucuri", status: REFUSED, marks: &[Title("sucuri website firewall")] },
    Rule { who: "a check of Kasada", status: REFUSED, marks: &[Header("x-kpsdk-ct", "")] },
    Rule { who: "a check of Vercel", status: &[], marks: &[Header("x-vercel-mitigated", "challenge")] },
    Rule { who: "a check of Radware", status: &[], marks: &[Place("validate.perfdrive.com", "/")] },
    Rule { who: "Google's page for robots", status: &[], marks: &[Place("google.com", "/sorry/")] },
    Rule { who: "a check by hCaptcha", status: REFUSED, marks: &[Source("hcaptcha.com/")] },
    Rule { who: "a check by reCAPTCHA", status: REFUSED, marks: &[Source("/recaptcha/")] },
    Rule { who: "a check by Turnstile", status: REFUSED, marks: &[Source("challenges.cloudflare.com/turnstile")] },
];

/// Puzzles that sites also put into their own forms.
const PUZZLES: [(&str, &str); 3] =
    [("a check by hCaptcha", "h-captcha"), ("a check by reCAPTCHA", "g-recaptcha"), ("a check by Turnstile", "cf-turnstile")];

/// Titles of pages that ask a visitor to show that they are no robot.
const TITLES: [&str; 8] = [
    "just a moment",
    "are you a robot",
    "are you human",
    "robot or human",
    "verify you are human",
    "please verify you are a human",
    "human verification",
    "checking your browser",
];

/// A page as far as it tells whose it is.
struct Page<'a> {
    request: &'a Request,
    status: u16,
    /// In lower case.
    title: String,
    /// In lower case.
    source: String,
}

impl<'a> Page<'a> {
    fn of(request: &'a Request, title: &str) -> Option<Self> {
        let response = request.response.as_ref()?;
        let bytes = response.body.as_ref().map(|body| body.0.as_slice()).unwrap_or_default();
        let source = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_BYTES)]).to_lowercase();
        let in_source = between(&source, "<title", "</title").and_then(|title| title.split_once('>')).map(|(_, title)| title.trim());
        let title = in_source.map_or_else(|| title.trim().to_lowercase(), str::to_owned);
        Some(Self { request, status: response.status, title, source })
    }

    /// What shows that it is this rule's page, in words.
    fn basis(&self, rule: &Rule) -> Option<Vec<String>> {
        if !rule.status.is_empty() && !rule.status.contains(&self.status) {
            return None;
        }
        // Words alone also stand in articles about such pages.
        let by_words_alone = rule.status.is_empty() && rule.marks.iter().all(|mark| matches!(mark, Title(_) | Source(_)));
        if by_words_alone && visible_characters(&self.source) > MOST_CHARACTERS {
            return None;
        }
        let mut basis = vec![self.status()];
        for mark in rule.marks {
            basis.push(self.mark(mark)?);
        }
        Some(basis)
    }

    fn mark(&self, mark: &Mark) -> Option<String> {
        match *mark {
            Header(name, text) => {
                let headers = &self.request.response.as_ref()?.headers;
                let named = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
                named.value.to_lowercase().contains(text).then(|| format!("header {name}: {}", named.value))
            }
            Title(text) => self.title.starts_with(text).then(|| format!("title “{}”", self.title)),
            Source(text) => self.source.contains(text).then(|| format!("“{text}” in the page")),
            Place(host, path) => {
                let url = Url::parse(&self.request.url).ok()?;
                let found = url.host_str()?;
                let is_there = found == host || found.strip_suffix(host).is_some_and(|rest| rest.ends_with('.'));
                (is_there && url.path().starts_with(path)).then(|| format!("address {found}{}", url.path()))
            }
        }
    }

    /// A page on which there is a puzzle, or that is called like one, and nothing that a visitor came for.
    fn puzzle_alone(&self) -> Option<(&'static str, Vec<String>)> {
        if asks_for_anything(&self.source) || visible_characters(&self.source) > MOST_CHARACTERS {
            return None;
        }
        let nothing_else = "nothing else on the page".to_owned();
        let puzzle = PUZZLES.iter().find(|(_, class)| self.source.contains(class));
        if let Some((who, class)) = puzzle {
            return Some((who, vec![self.status(), format!("“{class}” in the page"), nothing_else]));
        }
        let is_called = TITLES.iter().any(|title| self.title.starts_with(title));
        is_called.then(|| ("a check for robots", vec![self.status(), format!("title “{}”", self.title), nothing_else]))
    }

    fn refusal(&self) -> Option<(&'static str, Vec<String>)> {
        REFUSED_PLAINLY.contains(&self.status).then(|| ("a refusal", vec![self.status()]))
    }

    fn status(&self) -> String {
        format!("status {}", self.status)
    }
}

/// Whether there is a field that a visitor would fill in.
fn asks_for_anything(source: &str) -> bool {
    let not_for_a_person = ["hidden", "submit", "button", "checkbox"];
    let is_field = |tag: &str| {
        let kind = between(tag, "type=", ">").unwrap_or_default();
        let kind = kind.trim_start_matches(['"', '\'']);
        !not_for_a_person.iter().any(|one| kind.starts_with(one))
    };
    let inputs = source.split("<input").skip(1).filter_map(|rest| rest.split_inclusive('>').next());
    inputs.into_iter().any(is_field) || source.contains("<select") || textareas(source)
}

/// A puzzle brings a hidden one along to carry its answer.
fn textareas(source: &str) -> bool {
    source.split("<textarea").skip(1).filter_map(|rest| rest.split('>').next()).any(|tag| !tag.contains("response"))
}

fn visible_characters(source: &str) -> usize {
    let mut rest = source;
    let mut count = 0;
    while let Some((text, tag)) = rest.split_once('<') {
        count += text.chars().filter(|character| !character.is_whitespace()).count();
        let end = ["script", "style", "noscript", "title"].iter().find(|name| tag.starts_with(**name)).map(|name| format!("</{name}"));
        let after = end.and_then(|end| tag.find(&end)).map_or(tag, |at| &tag[at..]);
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    count + rest.chars().filter(|character| !character.is_whitespace()).count()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inside, _)| inside)
}
