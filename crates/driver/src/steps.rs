//! The steps of a journey, done as a visitor does them, and how long each is listened to.

use std::path::Path;
use std::time::{Duration, Instant};

use chromiumoxide::cdp::browser_protocol::page::StopLoadingParams;
use pixelwitness_recording::raw_log::Note;
use pixelwitness_recording::{Gap, GapKind, Journey, Listening, Outcome, Pause, ScrollTo, Step, StepRun};
use rustix::process::{Pid, test_kill_process};
use tokio::time::sleep;

use crate::Failure;
use crate::connection::{CallError, Connection};
use crate::error::NO_ANSWER;
use crate::keys::Key;
use crate::log::now_ms;
use crate::page::{Located, NAVIGATION_TIMEOUT, Page, SCRIPT_TIMEOUT};
use crate::png_outline::outline;
use crate::run::{Progress, open_page};
use crate::typing::TypedField;

/// How long an element may take to appear, and to come to rest.
pub(crate) const ELEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a step that waits for an element waits.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_secs(30);

/// Silence that counts as the end of what a step set off.
const SILENCE: Duration = Duration::from_secs(2);

/// Listening after steps that load nothing by themselves (typing, choosing, scrolling), where another step follows.
const SHORT_DWELL: Duration = Duration::from_secs(1);

/// How much longer than its dwell a page that never falls silent is listened to.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How much may be received in a step before loading is stopped: an answer without end would fill the disk with its log.
const MOST_RECEIVED: u64 = 256 << 20;

/// How long the browser's process may take to go once its connection has.
const GOING: Duration = Duration::from_secs(2);

/// A journey under way.
pub(crate) struct Stage<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) journey: &'a Journey,
    /// Directory of the run.
    pub(crate) directory: &'a Path,
    pub(crate) page: Page,
    /// The browser's own process.
    pub(crate) browser: Option<Pid>,
    /// The picture after the step before, which shows what a step without an element begins with.
    pub(crate) last_screenshot: Option<String>,
    /// The fields that were typed into since the last visit.
    pub(crate) typed: Vec<TypedField>,
    /// Whether authorities are trusted beside the system's.
    pub(crate) trusts: bool,
}

/// Why a step could not be done.
pub(crate) struct StepFailure {
    pub(crate) why: String,
    pub(crate) help: &'static str,
}

const LOOK_AT_THE_PICTURE: &str = "compare the selector with the step's screenshot; a selector has to match exactly one element";

/// What to do where an authority is trusted already, and not the one that it takes.
const OTHER_AUTHORITY: &str = "the authority given with --trust did not sign this certificate: give the one that did; where others stand between \
                               them, the server has to send those, or each is given with --trust";

impl Stage<'_> {
    /// Does every step. What builds on a step that failed is left out, up to the next visit: a page that misbehaves does not cost the
    /// pages after it. Returns the first failure.
    pub(crate) async fn play(&mut self, progress: &mut impl FnMut(Progress)) -> Option<Failure> {
        let of = self.journey.steps.len();
        let (mut first_failure, mut stranded) = (None, false);
        for (index, step) in self.journey.steps.iter().enumerate() {
            if self.connection.watched().closed {
                break;
            }
            if stranded && !matches!(step, Step::Visit(_)) {
                continue;
            }
            if stranded && let Ok(page) = open_page(self.connection, &self.journey.browser).await {
                // The page before may hang or be gone; what it still sends is recorded all the same.
                self.page = page;
            }
            progress(Progress::Step { number: index + 1, of, what: step.to_string() });
            let result = self.step(index, step).await;
            stranded = result.is_err();
            if let Err(StepFailure { why, help }) = result {
                first_failure.get_or_insert(Failure { step: index + 1, why, help: help.to_owned() });
            }
        }
        first_failure
    }

    async fn step(&mut self, index: usize, step: &Step) -> Result<(), StepFailure> {
        self.follow_the_visitor();
        self.connection.note(Note::StepBegins { step: index }).await;
        let (url_before, _) = self.page.address_and_title().await;
        let mut run = StepRun {
            step: index,
            what: step.to_string(),
            started_at_ms: now_ms(),
            ended_at_ms: 0,
            outcome: Outcome::Done,
            url_before,
            url_after: String::new(),
            title_after: String::new(),
            element: None,
            input: None,
            screenshot_before: self.last_screenshot.clone(),
            screenshot_after: None,
        };
        let known = self.connection.watched().pages();
        self.connection.watched().begin_step();
        let result = self.act(index, step, &mut run).await;
        // After a page that could not be loaded there is nothing to listen to.
        if result.is_ok() || !matches!(step, Step::Visit(_)) {
            self.listen(index, step, &run).await;
        }
        let opened = self.connection.watched().opened_by(self.page.target.inner()).filter(|page| !known.contains(page));
        if let Some((target, session)) = opened {
            self.page = Page { connection: self.connection.clone(), target: target.into(), session };
        }
        let result = match result {
            Ok(()) => self.still_there().await,
            failed => failed,
        };
        let result = match result {
            Ok(()) if matches!(step, Step::Type(_)) => self.holds_on(&mut run).await,
            as_it_is => as_it_is,
        };
        (run.url_after, run.title_after) = self.page.address_and_title().await;
        self.note_a_page_that_hangs(index, &run).await;
        run.screenshot_after = self.keep_screenshot(index, "after", None).await;
        self.last_screenshot.clone_from(&run.screenshot_after);
        run.ended_at_ms = now_ms();
        if let Err(StepFailure { why, .. }) = &result {
            run.outcome = Outcome::Failed { why: why.clone() };
            let left_out = self.left_out_after(index);
            let why = format!("step {} of {} failed{left_out}: {why}", index + 1, self.journey.steps.len());
            self.connection.note(Note::Trouble(Gap { kind: GapKind::RunIncomplete, why, request: None, step: Some(index) })).await;
        }
        self.connection.note(Note::StepEnds(Box::new(run))).await;
        result
    }

    /// Says which steps a failure leaves out: those before the next visit.
    fn left_out_after(&self, index: usize) -> String {
        let after = self.journey.steps.get(index + 1..).unwrap_or_default();
        match after.iter().take_while(|step| !matches!(step, Step::Visit(_))).count() {
            0 => String::new(),
            1 => format!(", and step {} was left out", index + 2),
            count => format!(", and steps {} to {} were left out", index + 2, index + 1 + count),
        }
    }

    /// Goes back to the newest page that is open, where the one we were on has closed itself.
    fn follow_the_visitor(&mut self) {
        let pages = self.connection.watched().pages();
        if pages.iter().any(|(_, session)| *session == self.page.session) {
            return;
        }
        if let Some((target, session)) = pages.into_iter().next_back() {
            self.page = Page { connection: self.connection.clone(), target: target.into(), session };
        }
    }

    async fn still_there(&self) -> Result<(), StepFailure> {
        let gone = |why: &str| Err(StepFailure { why: why.to_owned(), help: "run it again; what was captured until then is kept" });
        let (closed, crashed) = {
            let watched = self.connection.watched();
            (watched.closed, watched.has_crashed(self.page.target.inner()))
        };
        match (closed, crashed) {
            (true, _) if self.browser_lives_on().await => gone("the connection to the browser was cut"),
            (true, _) => gone("the browser ended"),
            (false, true) => gone("the page crashed"),
            (false, false) => Ok(()),
        }
    }

    /// Whether the browser's process is still there a while after its connection has ended.
    async fn browser_lives_on(&self) -> bool {
        let Some(browser) = self.browser else { return false };
        let begun = Instant::now();
        while test_kill_process(browser).is_ok() {
            if begun.elapsed() >= GOING {
                return true;
            }
            sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// A page that is busy with itself says neither where it is nor what it is called.
    async fn note_a_page_that_hangs(&self, index: usize, run: &StepRun) {
        let is_there = {
            let watched = self.connection.watched();
            !watched.closed && !watched.has_crashed(self.page.target.inner())
        };
        if run.url_after.is_empty() && is_there && !self.page.answers().await {
            let why = "the page stopped answering: what it did from then on was seen only as far as it reached the network".to_owned();
            self.connection.note(Note::Trouble(Gap { kind: GapKind::Crash, why, request: None, step: Some(index) })).await;
        }
    }

    async fn act(&mut self, index: usize, step: &Step, run: &mut StepRun) -> Result<(), StepFailure> {
        match step {
            Step::Visit(address) => {
                self.typed.clear();
                self.visit(address).await
            }
            Step::Click(selector) => {
                let located = self.element(index, selector, run).await?;
                if let Some(form) = self.page.form_sent_by(selector).await {
                    self.leave_fields_of(form).await?;
                }
                self.click_element(selector, located.rectangle(), &located.text, run).await
            }
            Step::Type(typing) => self.type_into(index, typing, run).await,
            Step::Select(choice) => self.choose(index, choice, run).await,
            Step::Submit(selector) => self.submit(index, selector, run).await,
            Step::Scroll(to) => self.scroll(to, index, run).await,
            Step::Wait(Pause::Ms(ms)) => {
                sleep(Duration::from_millis(*ms)).await;
                Ok(())
            }
            Step::Wait(Pause::Element(selector)) => self.find(selector, WAIT_TIMEOUT, false).await.map(|_| ()),
        }
    }

    async fn visit(&self, address: &str) -> Result<(), StepFailure> {
        let navigation = match self.page.navigate(address).await {
            Ok(navigation) => navigation,
            Err(CallError::Silent { .. }) => {
                return Err(StepFailure {
                    why: format!("{address} {NO_ANSWER} {} s", NAVIGATION_TIMEOUT.as_secs()),
                    help: "try again later, or check the address",
                });
            }
            Err(error) => return Err(error.into()),
        };
        match navigation.error {
            Some(_) if navigation.is_download => Err(StepFailure {
                why: format!("{address} is a download, not a page"),
                help: "visit the page that links to it and click the link",
            }),
            Some(error) if self.trusts && error == "net::ERR_CERT_AUTHORITY_INVALID" => {
                Err(StepFailure { help: OTHER_AUTHORITY, ..navigation_failure(address, &error) })
            }
            Some(error) => Err(navigation_failure(address, &error)),
            None => Ok(()),
        }
    }

    /// Clicks the form's submit button, or presses Enter in its first text field where it has none.
    async fn submit(&mut self, index: usize, selector: &str, run: &mut StepRun) -> Result<(), StepFailure> {
        let form = self.find(selector, ELEMENT_TIMEOUT, false).await?;
        if form.tag != "form" {
            return Err(StepFailure {
                why: format!("{selector} is a <{}>, not a <form>", form.tag),
                help: "give the form's selector, or click its button",
            });
        }
        for button in ["button:not([type])", "button[type=submit]", "input[type=submit]", "input[type=image]"] {
            let button = format!("{selector} {button}");
            if self.page.locate(&button).await.is_some_and(|located| located.count == 1) {
                let located = self.element(index, &button, run).await?;
                if let Some(number) = self.page.form_sent_by(selector).await {
                    self.leave_fields_of(number).await?;
                }
                return self.click_element(&button, located.rectangle(), &located.text, run).await;
            }
        }
        let field = format!("{selector} :is(input:not([type]), input[type=text], input[type=search], input[type=email], input[type=tel])");
        let argument = serde_json::to_string(&field).unwrap_or_default();
        let focused: Option<bool> =
            self.page.evaluate(&format!("(field => (field?.focus(), !!field))(document.querySelector({argument}))")).await;
        if focused != Some(true) {
            return Err(StepFailure {
                why: format!("{selector} has neither one submit button nor a text field"),
                help: "click the button that sends it",
            });
        }
        self.fields_hold_on().await?;
        run.element = Some(form.element(selector));
        Ok(self.page.press(&Key::enter()).await?)
    }

    async fn scroll(&self, to: &ScrollTo, index: usize, run: &mut StepRun) -> Result<(), StepFailure> {
        let expression = match to {
            ScrollTo::Element(selector) => return self.element(index, selector, run).await.map(|_| ()),
            ScrollTo::Top => "(scrollTo({ top: 0 }), true)",
            ScrollTo::Bottom => "(scrollTo({ top: document.documentElement.scrollHeight }), true)",
        };
        match self.page.evaluate::<bool>(expression).await {
            Some(_) => Ok(()),
            None => Err(StepFailure { why: "the page did not answer".to_owned(), help: LOOK_AT_THE_PICTURE }),
        }
    }

    /// The element a step acts on: one, visible, at rest, under nothing; with its picture taken.
    pub(crate) async fn element(&self, index: usize, selector: &str, run: &mut StepRun) -> Result<Located, StepFailure> {
        let located = self.find(selector, ELEMENT_TIMEOUT, true).await?;
        run.element = Some(located.element(selector));
        run.screenshot_before = self.keep_screenshot(index, "before", Some(&located)).await;
        Ok(located)
    }

    async fn find(&self, selector: &str, within: Duration, to_act_on: bool) -> Result<Located, StepFailure> {
        let begun = Instant::now();
        let mut before = None;
        loop {
            self.still_there().await?;
            let located = self.page.locate(selector).await;
            let problem = match &located {
                None => Some("cannot be looked for: the page does not answer".to_owned()),
                Some(Located { error: Some(error), .. }) => Some(error.clone()),
                Some(Located { count: 0, elsewhere, .. }) => Some(matches_nothing(elsewhere)),
                Some(Located { count: count @ 2.., each, .. }) => Some(matches_several(*count, each)),
                Some(_) if !to_act_on => None,
                Some(Located { visible: false, .. }) => Some("is not visible".to_owned()),
                Some(Located { covered_by: Some(cover), .. }) => Some(format!("is covered by {cover}")),
                Some(_) => None,
            };
            match (problem, located) {
                (None, Some(located)) if !to_act_on || before == Some(located.rectangle()) => return Ok(located),
                (None, Some(located)) if begun.elapsed() < within => before = Some(located.rectangle()),
                (None, Some(_)) => return Err(StepFailure { why: format!("{selector} does not stop moving"), help: LOOK_AT_THE_PICTURE }),
                (problem, located) if begun.elapsed() >= within => {
                    let mut problem = problem.unwrap_or_default();
                    let is_nowhere =
                        located.is_some_and(|located| located.count == 0 && located.elsewhere.is_empty() && located.error.is_none());
                    if is_nowhere && let Some(address) = self.frame_with(selector).await {
                        problem = matches_nothing(&[format!("the frame {address}")]);
                    }
                    return Err(StepFailure { why: format!("{selector} {problem}"), help: LOOK_AT_THE_PICTURE });
                }
                _ => before = None,
            }
            sleep(Duration::from_millis(60)).await;
        }
    }

    /// The address of a frame of another site in which the selector matches something.
    async fn frame_with(&self, selector: &str) -> Option<String> {
        let frames = self.connection.watched().frames();
        for (target, session) in frames {
            let frame = Page { connection: self.connection.clone(), target: target.into(), session };
            if frame.locate(selector).await.is_some_and(|located| located.count > 0) {
                return Some(frame.address_and_title().await.0);
            }
        }
        None
    }

    async fn listen(&self, index: usize, step: &Step, run: &StepRun) {
        let full = Duration::from_millis(self.journey.browser.dwell_ms);
        let last = index + 1 == self.journey.steps.len();
        let dwell = match step {
            Step::Type(_) | Step::Select(_) | Step::Scroll(_) | Step::Wait(_) if !last => full.min(SHORT_DWELL),
            _ => full,
        };
        let begun = Instant::now();
        let settled = self.until_settled(index, dwell).await;
        let (url, _) = self.page.address_and_title().await;
        let url = if url.is_empty() { run.url_before.clone() } else { url };
        let listened_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.connection.note(Note::Listened(Listening { step: index, url, listened_ms, settled })).await;
    }

    async fn until_settled(&self, index: usize, dwell: Duration) -> bool {
        let begun = Instant::now();
        let mut stopped = false;
        loop {
            sleep(Duration::from_millis(100)).await;
            if !stopped && self.connection.watched().received() > MOST_RECEIVED {
                stopped = true;
                self.stop_loading(index).await;
            }
            {
                let watched = self.connection.watched();
                if watched.closed || watched.has_crashed(self.page.target.inner()) {
                    return false;
                }
            }
            let is_silent = || self.connection.watched().is_silent(SILENCE.min(dwell));
            // Silence is also what is heard by somebody who has yet to listen.
            if begun.elapsed() >= dwell && is_silent() && self.connection.catch_up().await && is_silent() {
                return true;
            }
            if begun.elapsed() >= dwell + PATIENCE {
                return false;
            }
        }
    }

    async fn stop_loading(&self, index: usize) {
        let pages = self.connection.watched().pages();
        for (_, session) in pages {
            let _ = self.connection.call_within(Some(&session), StopLoadingParams::default(), SCRIPT_TIMEOUT).await;
        }
        let why = format!("more than {} MiB were received in this step: the page's loading was stopped", MOST_RECEIVED >> 20);
        self.connection.note(Note::Trouble(Gap { kind: GapKind::HeldBack, why, request: None, step: Some(index) })).await;
    }

    /// Takes a picture and writes it; a picture that cannot be had is no reason to stop.
    async fn keep_screenshot(&self, index: usize, when: &str, around: Option<&Located>) -> Option<String> {
        let picture = self.page.screenshot().await?;
        let picture = around.and_then(|located| outline(&picture, located.rectangle())).unwrap_or(picture);
        let name = format!("step-{:02}-{when}.png", index + 1);
        std::fs::write(self.directory.join("screenshots").join(&name), picture).ok()?;
        Some(name)
    }
}

/// Waits until no request has begun or ended for `silence` and none is under way, `at_most` so long.
pub(crate) async fn until_silent(connection: &Connection, silence: Duration, at_most: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < at_most {
        let (closed, is_silent) = {
            let watched = connection.watched();
            (watched.closed, watched.is_idle() && watched.silent_for() >= silence)
        };
        if closed || (is_silent && connection.catch_up().await && connection.watched().silent_for() >= silence) {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// What is said of a selector that matches nothing where steps look.
fn matches_nothing(elsewhere: &[String]) -> String {
    match elsewhere {
        [] => "matches nothing on the page".to_owned(),
        places => format!("matches nothing on the page itself, only in {}: steps act on the page itself", places.join(" and in ")),
    }
}

/// What is said of a selector that is not one element's.
fn matches_several(count: usize, each: &[String]) -> String {
    let more = if each.len() < count { " and others" } else { "" };
    format!("matches {count} elements on the page: {}{more}", each.join(", "))
}

/// Chromium's words for a failed navigation, as a sentence.
fn navigation_failure(address: &str, error: &str) -> StepFailure {
    let word = error.trim_start_matches("net::");
    let (what, help) = match word {
        "ERR_NAME_NOT_RESOLVED" | "ERR_NAME_RESOLUTION_FAILED" => {
            ("its host name is unknown", "check the spelling, or map the name with --resolve")
        }
        "ERR_CONNECTION_REFUSED" => ("the connection was refused", "check that the server is up and the port is right"),
        "ERR_CONNECTION_TIMED_OUT" | "ERR_TIMED_OUT" => ("the connection timed out", "check that the server can be reached from here"),
        "ERR_INTERNET_DISCONNECTED" | "ERR_ADDRESS_UNREACHABLE" | "ERR_NETWORK_CHANGED" => {
            ("the network cannot be reached", "check this machine's connection")
        }
        "ERR_CONNECTION_RESET" | "ERR_CONNECTION_CLOSED" | "ERR_EMPTY_RESPONSE" => {
            ("the server closed the connection without an answer", "check the address and the protocol (http or https)")
        }
        "ERR_TOO_MANY_REDIRECTS" => ("it redirects in a circle", "visit the page the redirects should end at"),
        "ERR_UNSAFE_PORT" => ("its port is one that browsers do not use", "serve the site on another port"),
        "ERR_CERT_AUTHORITY_INVALID" => (
            "its TLS certificate is not valid: no authority known here vouches for it",
            "for a test site, trust its authority with --trust CA.pem",
        ),
        "ERR_CERT_COMMON_NAME_INVALID" => {
            ("its TLS certificate is not valid: it is that of another host", "check the spelling, and try it with and without www")
        }
        "ERR_CERT_DATE_INVALID" => (
            "its TLS certificate is not valid: it is out of date, or this machine's clock is wrong",
            "check this machine's clock; if it is right, the site's owner has to renew the certificate",
        ),
        _ if word.starts_with("ERR_CERT") => {
            ("its TLS certificate is not valid", "open the address in an ordinary browser to compare: it refuses the certificate, too")
        }
        _ if word.starts_with("ERR_SSL") || word.starts_with("ERR_TLS") => ("the TLS connection failed", "check that the port speaks TLS"),
        _ => ("the browser could not load it", "open the address in an ordinary browser to compare"),
    };
    StepFailure { why: format!("{address} could not be visited: {what} ({word})"), help }
}

impl From<CallError> for StepFailure {
    fn from(error: CallError) -> Self {
        Self { why: error.to_string(), help: "run it again; what was captured until then is kept" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_page_from_being_visited_has_its_own_help() {
        for (error, what, help) in [
            ("net::ERR_CERT_AUTHORITY_INVALID", "its TLS certificate is not valid: no authority known here", "--trust CA.pem"),
            ("net::ERR_CERT_COMMON_NAME_INVALID", "its TLS certificate is not valid: it is that of another host", "check the spelling"),
            ("net::ERR_CERT_DATE_INVALID", "its TLS certificate is not valid: it is out of date", "this machine's clock"),
            ("net::ERR_CERT_REVOKED", "its TLS certificate is not valid (", "an ordinary browser"),
            ("net::ERR_SSL_PROTOCOL_ERROR", "the TLS connection failed (", "speaks TLS"),
            ("net::ERR_CONNECTION_REFUSED", "the connection was refused (", "the port is right"),
            ("net::ERR_BLOCKED_BY_CLIENT", "the browser could not load it (", "an ordinary browser"),
        ] {
            let failure = navigation_failure("https://a.example/", error);
            assert!(failure.why.starts_with(&format!("https://a.example/ could not be visited: {what}")), "{}", failure.why);
            assert!(failure.help.contains(help), "{error}: {}", failure.help);
            let failure = Failure { step: 1, why: failure.why, help: failure.help.to_owned() };
            assert_eq!(failure.net_error(), error.strip_prefix("net::"));
        }
    }
}
