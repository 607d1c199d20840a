use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::{
    CloseParams, GetVersionParams, GetWindowForTargetParams, SetContentsSizeParams, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
    WindowId,
};
use chromiumoxide::cdp::browser_protocol::network::{CookieParam, CookieSameSite};
use chromiumoxide::cdp::browser_protocol::page::EnableParams as PageEnable;
use chromiumoxide::cdp::browser_protocol::storage::SetCookiesParams;
use chromiumoxide::cdp::browser_protocol::target::{
    ActivateTargetParams, CreateTargetParams, FilterEntry, GetTargetsParams, SetAutoAttachParams, SetDiscoverTargetsParams, TargetFilter,
};
use futures_util::future::join_all;
use pixelwitness_recording::raw_log::Note;
use pixelwitness_recording::{BrowserSettings, Environment, FORMAT, Gap, GapKind, Journey, Viewport};
use rustix::process::{Pid, Signal};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::time::{sleep, timeout};

use crate::browser::Found;
use crate::capture::network_enable;
use crate::connection::{CallError, Connection, ask_to_end};
use crate::keeper::KEEPER_COMMAND;
use crate::log::{RawLog, now_ms};
use crate::names;
use crate::netlog::NetLog;
use crate::options::Options;
use crate::page::Page;
use crate::profile::{BrowserUser, Profile, arguments, cookie_controls_mode};
use crate::refusals::refusals;
use crate::sinkhole::Server;
use crate::steps::{Stage, until_silent};
use crate::{Error, Failure, deadline, own_network, said, trace, wrapper};

/// How long a browser may take to open its debugging port.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How long pages may take to be left, all in all.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(40);

/// How long a browser may take to write its logs and end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a browser that is no longer driven may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// What the driver is doing, for a person who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The browser is being started.
    Starting,
    /// A step begins.
    Step {
        /// Number of the step, 1 is the first.
        number: usize,
        /// How many there are.
        of: usize,
        /// The step in words.
        what: String,
    },
    /// The page is being left, for its last beacons.
    Leaving,
    /// The browser is being closed and its logs are being completed.
    Closing,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Why it did not reach its end as asked; what was captured is kept all the same.
    pub failure: Option<Failure>,
}

impl Ended {
    /// Whoever interrupts a run waits for nothing more than its end.
    fn was_not_interrupted(&self) -> bool {
        self.failure.as_ref().is_none_or(|failure| failure.step > 0)
    }
}

/// Runs a journey in a fresh browser and writes `devtools.jsonl.zst`, `netlog.json.zst` and `screenshots/` into `directory`, which
/// exists. When `interrupted` completes, the run is ended in order: what was captured is kept.
///
/// # Errors
///
/// The browser could not be started or the logs could not be written. A journey that fails on its way is no error but
/// [`Ended::failure`].
pub async fn run(
    journey: &Journey,
    options: &Options,
    directory: &Path,
    mut progress: impl FnMut(Progress),
    interrupted: impl Future<Output = ()>,
) -> Result<Ended, Error> {
    progress(Progress::Starting);
    let user = BrowserUser::here()?;
    let profile = Profile::create(&journey.browser, &options.trust, &user).map_err(|source| file_error(&std::env::temp_dir(), source))?;
    let devtools = directory.join("devtools.jsonl.zst");
    let mut log = RawLog::create(&devtools).map_err(|source| file_error(&devtools, source))?;
    log.note(&Note::RunBegins { format: FORMAT, journey: Box::new(journey.clone()) }).map_err(|source| file_error(&devtools, source))?;
    let netlog_file = directory.join("netlog.json.zst");
    let netlog = NetLog::start(profile.pipe(), &netlog_file).map_err(|source| file_error(&netlog_file, source))?;
    user.own(&netlog.pipe).map_err(|source| file_error(&netlog.pipe, source))?;

    let sinkhole = match &options.sinkhole {
        Some(_) => Some(Server::start().await.map_err(|source| Error::Sinkhole { source })?),
        None => None,
    };
    let options = &with_address(options, sinkhole.as_ref());
    let command_line = arguments(&journey.browser, options, &options.browser.version, &profile, sinkhole.as_ref())?;
    let mut browser = Browser::start(options, &user, &profile, &command_line).await?;
    let (connection, log_task) = Connection::open(&browser.address, log).await.map_err(|reason| Error::Connection { reason })?;
    let listening = browser.stderr.take().map(|stderr| tokio::spawn(said::listen(stderr, connection.clone())));

    let command_line = browser.command_line().unwrap_or(command_line);
    let process = browser.process;
    let outcome = drive(journey, options, &connection, &user, command_line, process, directory, &mut progress, interrupted).await;
    if outcome.is_ok() {
        progress(Progress::Closing);
    }
    let close = browser.close(&connection).await;
    if let Some(listening) = listening {
        // What holds the other end went with the browser; should anything be left of it, its words are not waited for.
        listening.abort();
    }
    let netlog_result = netlog.finish();
    note_refusals(&connection, &profile).await;
    if close.lost().is_none() && outcome.as_ref().is_ok_and(Ended::was_not_interrupted) {
        let mut hosts = connection.watched().hosts.of_the_sites(&options.resolve);
        // Nobody in the sinkhole is asked after, either.
        hosts.retain(|host| !options.sinkhole.as_ref().is_some_and(|sinkhole| sinkhole.takes(host)));
        for note in names::look_up(hosts).await {
            connection.note(note).await;
        }
    }
    if let Some(why) = close.lost() {
        connection.note(Note::Trouble(Gap { kind: GapKind::RunIncomplete, why: why.to_owned(), request: None, step: None })).await;
    } else if matches!(outcome, Ok(Ended { failure: None })) {
        connection.note(Note::RunEnds).await;
    }
    drop(connection);
    let log_result = match log_task.await {
        Ok(result) => result.and_then(RawLog::finish),
        Err(_) => Err(std::io::Error::other("the task that writes the raw log panicked")),
    };
    log_result.map_err(|source| file_error(&devtools, source))?;
    netlog_result.map_err(|source| file_error(&netlog_file, source))?;
    outcome
}

/// What pages asked for and were refused stands in the profile once the browser has ended.
async fn note_refusals(connection: &Connection, profile: &Profile) {
    let preferences = std::fs::read(profile.preferences()).unwrap_or_default();
    for (origin, what) in refusals(&String::from_utf8_lossy(&preferences)) {
        let why = format!("{origin} asked for permissions that nobody was there to give ({}): they were refused", what.join(", "));
        connection.note(Note::Trouble(Gap { kind: GapKind::HeldBack, why, request: None, step: None })).await;
    }
}

/// Switches of the browser's that are not ours may make it send less than a visitor's.
async fn note_held_back_by_switches(connection: &Connection, command_line: &[String]) {
    for why in wrapper::held_back_by(command_line) {
        connection.note(Note::Trouble(Gap { kind: GapKind::HeldBack, why, request: None, step: None })).await;
    }
}

/// The options with the address of the sinkhole that serves them, for the record.
fn with_address(options: &Options, server: Option<&Server>) -> Options {
    let mut options = options.clone();
    if let (Some(sinkhole), Some(server)) = (&mut options.sinkhole, server) {
        sinkhole.address = server.address.to_string();
    }
    options
}

/// Starts a browser in its sandbox, sets it as a journey would, and ends it. Returns the user it ran as, where that is not this one.
///
/// # Errors
///
/// Whatever would keep a journey from being run.
pub async fn check(browser: &Found, keeper: &Path) -> Result<Option<String>, Error> {
    let directory = tempfile::tempdir().map_err(|source| file_error(&std::env::temp_dir(), source))?;
    let options = Options {
        browser: browser.clone(),
        keeper: keeper.to_owned(),
        tool_version: String::new(),
        resolve: Vec::new(),
        trust: Vec::new(),
        egress_address: None,
        treat_as_public: Vec::new(),
        allow_network: Vec::new(),
        deadline: None,
        no_sandbox: false,
        sinkhole: None,
    };
    run(&Journey::default(), &options, directory.path(), |_| {}, std::future::pending()).await?;
    BrowserUser::here().map(|user| user.name())
}

#[expect(clippy::too_many_arguments, reason = "the parts of one run, used once")]
async fn drive(
    journey: &Journey,
    options: &Options,
    connection: &Connection,
    user: &BrowserUser,
    command_line: Vec<String>,
    browser: Option<Pid>,
    directory: &Path,
    progress: &mut impl FnMut(Progress),
    interrupted: impl Future<Output = ()>,
) -> Result<Ended, Error> {
    let first_tab = first_tab(connection).await?;
    let in_force = cookie_setting(connection, &first_tab).await?;
    let wanted = cookie_controls_mode(journey.browser.third_party_cookies).to_string();
    if in_force != wanted {
        return Err(Error::CookieSetting { in_force, wanted });
    }
    watch_everything(connection).await?;
    trace::start(connection).await;
    own_network::deny(connection).await;
    let page = open_page(connection, &journey.browser).await?;
    set_cookies(connection, journey).await?;
    note_held_back_by_switches(connection, &command_line).await;
    let environment = environment(connection, &page, journey, options, user, command_line, in_force).await?;
    connection.note(Note::BrowserReady(Box::new(environment))).await;

    let mut stage = Stage {
        connection,
        journey,
        directory,
        page,
        browser,
        last_screenshot: None,
        typed: Vec::new(),
        trusts: !options.trust.is_empty(),
    };
    let limit = options.deadline.unwrap_or_else(|| deadline::of(journey));
    let failure = tokio::select! {
        failure = stage.play(progress) => failure,
        () = interrupted => Some(broken_off(connection, "the run was interrupted".to_owned(), "run it again").await),
        () = sleep(limit) => {
            let why = format!("the run was ended at its deadline of {} s", limit.as_secs_f32());
            Some(broken_off(connection, why, "give it longer with --deadline SECONDS, or make the journey shorter").await)
        }
    };
    if !connection.watched().closed {
        progress(Progress::Leaving);
        let _ = timeout(LEAVE_TIMEOUT, leave(connection, &first_tab)).await;
        // Every page has said its last word by now, and the trace has it. Handing it over may take Chromium a while.
        let silence = async {
            sleep(Duration::from_millis(900)).await;
            until_silent(connection, Duration::from_millis(300), Duration::from_secs(10)).await;
        };
        tokio::join!(trace::stop(connection), silence);
    }
    Ok(Ended { failure })
}

/// Notes that the steps did not all come to be done, and says so.
async fn broken_off(connection: &Connection, why: String, help: &str) -> Failure {
    connection.note(Note::Trouble(Gap { kind: GapKind::RunIncomplete, why: why.clone(), request: None, step: None })).await;
    Failure { step: 0, why, help: format!("{help}; what was captured until then is kept") }
}

/// The tab the browser opened by itself. It is never a page of the journey.
async fn first_tab(connection: &Connection) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Targets {
        #[serde(rename = "targetInfos")]
        all: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        #[serde(rename = "targetId")]
        id: String,
        #[serde(rename = "type")]
        kind: String,
    }
    let targets: Targets = connection.ask(None, GetTargetsParams::default()).await?;
    let page = targets.all.into_iter().find(|target| target.kind == "page");
    page.map(|page| page.id).ok_or_else(|| Error::Connection { reason: "the browser has no tab".to_owned() })
}

/// Asks the browser itself, on its page of preferences, before anything is watched.
async fn cookie_setting(connection: &Connection, tab: &str) -> Result<String, Error> {
    // Not `innerText`, which would have the long page laid out first.
    const READ: &str =
        "(() => { try { return String(JSON.parse(document.body.textContent).profile.cookie_controls_mode.value) } catch { return '' } })()";
    let page = Page::attach(connection, tab).await?;
    page.navigate("chrome://prefs-internals").await?;
    for _ in 0..100 {
        let value: String = page.evaluate(READ).await.unwrap_or_default();
        if !value.is_empty() {
            page.navigate("about:blank").await?;
            page.detach().await;
            return Ok(value);
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err(Error::Connection { reason: "the browser did not show its preferences".to_owned() })
}

async fn watch_everything(connection: &Connection) -> Result<(), Error> {
    connection.call(None, SetDiscoverTargetsParams::new(true)).await?;
    let excluded = |kind: &str| FilterEntry { exclude: Some(true), r#type: Some(kind.to_owned()) };
    let filter =
        TargetFilter::new(vec![excluded("tab"), excluded("browser"), excluded("browser_ui"), FilterEntry { exclude: None, r#type: None }]);
    let attach = SetAutoAttachParams { auto_attach: true, wait_for_debugger_on_start: true, flatten: Some(true), filter: Some(filter) };
    connection.call(None, attach).await?;
    let downloads = SetDownloadBehaviorParams::builder().behavior(SetDownloadBehaviorBehavior::Deny).events_enabled(true).build();
    connection.call(None, downloads.expect("the behaviour is given")).await?;
    Ok(())
}

/// Opens the page of the journey. Without the two awaited answers one run in seven lost its first requests.
pub(crate) async fn open_page(connection: &Connection, settings: &BrowserSettings) -> Result<Page, Error> {
    let target = create_target(connection, "about:blank").await?;
    let page = Page::attached(connection, &target).await?;
    connection.call(Some(&page.session), network_enable()).await?;
    connection.call(Some(&page.session), PageEnable::default()).await?;
    fit_window(connection, &page, settings.viewport).await;
    Ok(page)
}

/// Gives the page itself, without the window's frame, its size. A browser that cannot is no reason to stop: the size is recorded.
async fn fit_window(connection: &Connection, page: &Page, viewport: Viewport) {
    #[derive(Deserialize)]
    struct Window {
        #[serde(rename = "windowId")]
        id: i64,
    }
    let ask = GetWindowForTargetParams::builder().target_id(page.target.clone()).build();
    if let Ok(window) = connection.ask::<Window, _>(None, ask).await {
        let mut size = SetContentsSizeParams::new(WindowId::new(window.id));
        size.width = Some(viewport.width.into());
        size.height = Some(viewport.height.into());
        let _ = connection.call(None, size).await;
    }
}

async fn create_target(connection: &Connection, url: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Created {
        #[serde(rename = "targetId")]
        target: String,
    }
    Ok(connection.ask::<Created, _>(None, CreateTargetParams::new(url)).await?.target)
}

async fn set_cookies(connection: &Connection, journey: &Journey) -> Result<(), Error> {
    if journey.cookies.is_empty() {
        return Ok(());
    }
    let cookies = journey.cookies.iter().map(|cookie| {
        let mut param = CookieParam::new(cookie.name.clone(), cookie.value.clone());
        param.domain = Some(cookie.domain.clone());
        param.path = Some("/".to_owned());
        param.secure = Some(true);
        // What a social network sets so that it is recognised on other sites.
        param.same_site = Some(CookieSameSite::None);
        param
    });
    connection.call(None, SetCookiesParams::new(cookies.collect())).await?;
    Ok(())
}

async fn environment(
    connection: &Connection,
    page: &Page,
    journey: &Journey,
    options: &Options,
    user: &BrowserUser,
    command_line: Vec<String>,
    cookie_setting: String,
) -> Result<Environment, Error> {
    #[derive(Deserialize)]
    struct Version {
        product: String,
        revision: String,
        #[serde(rename = "userAgent")]
        user_agent: String,
    }
    #[derive(Default, Deserialize)]
    struct Seen {
        width: u32,
        height: u32,
        zone: String,
        language: String,
    }
    const LOOK: &str = "({ width: innerWidth, height: innerHeight, zone: Intl.DateTimeFormat().resolvedOptions().timeZone, language: navigator.languages.join(',') })";
    let version: Version = connection.ask(None, GetVersionParams::default()).await?;
    let seen: Seen = page.evaluate(LOOK).await.unwrap_or_default();
    let uname = rustix::system::uname();
    let words = [uname.sysname(), uname.release(), uname.machine()].map(|word| word.to_string_lossy().into_owned());
    Ok(Environment {
        tool_version: options.tool_version.clone(),
        started_at_ms: now_ms(),
        browser: version.product,
        browser_revision: version.revision,
        browser_path: options.browser.path.display().to_string(),
        command_line,
        user_agent: version.user_agent,
        sandbox: !options.no_sandbox,
        ran_as: user.name(),
        third_party_cookies: journey.browser.third_party_cookies,
        third_party_cookies_in_force: format!("profile.cookie_controls_mode = {cookie_setting}"),
        locale: seen.language,
        time_zone: seen.zone,
        viewport: Viewport { width: seen.width, height: seen.height },
        resolve: options.resolve.iter().map(ToString::to_string).collect(),
        allowed_networks: options.allow_network.clone(),
        trusted_authorities: options.trust.iter().map(|authority| authority.fingerprint.clone()).collect(),
        host: words.join(" "),
        egress_address: options.egress_address.clone(),
        sinkhole: options.sinkhole.clone(),
    })
}

/// Leaves every page as a person does, so that what is sent on leaving goes out: another tab comes to the front, then the page goes.
async fn leave(connection: &Connection, other_tab: &str) {
    connection.note(Note::Leaving).await;
    let pages = connection.watched().pages();
    let _ = connection.call(None, ActivateTargetParams::new(other_tab.to_owned())).await;
    sleep(Duration::from_millis(800)).await;
    let pages = pages.into_iter().filter(|(target, _)| target != other_tab);
    let gone = pages.map(|(target, session)| async move {
        let page = Page { connection: connection.clone(), target: target.into(), session };
        // A page that does not let go is closed with the browser.
        let _ = timeout(Duration::from_secs(5), page.navigate("about:blank")).await;
    });
    join_all(gone).await;
    sleep(Duration::from_millis(600)).await;
}

/// The browser process, under its keeper.
struct Browser {
    keeper: Child,
    /// Our end of the pipe whose closing tells the keeper to end the browser. Kept apart: waiting for a child closes its input.
    lifeline: Option<ChildStdin>,
    /// What it says, from the address of its debugging port on.
    stderr: Option<BufReader<ChildStderr>>,
    address: String,
    /// The browser's own process, which leads its process group.
    process: Option<Pid>,
    ended: bool,
}

impl Browser {
    async fn start(options: &Options, user: &BrowserUser, profile: &Profile, arguments: &[String]) -> Result<Self, Error> {
        let mut command = Command::new(&options.keeper);
        command.arg(KEEPER_COMMAND).arg(user.for_keeper()).arg(profile.path()).arg(&options.browser.path).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Of its own, so that an interrupt at the terminal reaches us and leaves the browser to us.
        command.process_group(0).current_dir("/");
        let path = profile.path();
        command.envs(HashMap::from([("HOME", path), ("TMPDIR", path), ("XDG_CONFIG_HOME", path), ("XDG_CACHE_HOME", path)]));
        command.env_remove("CHROME_DESKTOP");
        let mut keeper = command.spawn().map_err(|source| Error::NotExecutable { path: options.keeper.clone(), source })?;
        let mut stderr = BufReader::new(keeper.stderr.take().expect("the keeper's stderr is piped"));
        let mut stdout = BufReader::new(keeper.stdout.take().expect("the keeper's stdout is piped"));
        let mut process = String::new();
        let _ = timeout(START_TIMEOUT, stdout.read_line(&mut process)).await;
        let mut browser = Self {
            lifeline: keeper.stdin.take(),
            keeper,
            stderr: None,
            address: String::new(),
            process: process.trim().parse().ok().and_then(Pid::from_raw),
            ended: false,
        };
        let mut said = String::new();
        match timeout(START_TIMEOUT, debugging_address(&mut stderr, &mut said)).await {
            Ok(Some(address)) => browser.address = address,
            Ok(None) => return Err(did_not_start(&said)),
            Err(_) => {
                return Err(Error::DidNotStart {
                    reason: format!("it did not open its debugging port within {} s", START_TIMEOUT.as_secs()),
                });
            }
        }
        browser.stderr = Some(stderr);
        Ok(browser)
    }

    /// What the browser really runs with: Debian starts it through a script that adds flags of its own.
    fn command_line(&self) -> Option<Vec<String>> {
        let words = std::fs::read(format!("/proc/{}/cmdline", self.process?.as_raw_nonzero())).ok()?;
        let words = String::from_utf8_lossy(&words);
        let words: Vec<String> = words.split('\0').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        (!words.is_empty()).then_some(words)
    }

    /// Ends the browser in order, or else by force.
    async fn close(&mut self, connection: &Connection) -> Close {
        let was_there = !connection.watched().closed;
        if was_there {
            let _ = connection.call(None, CloseParams::default()).await;
        }
        // Nobody asked a browser to end whose connection is gone: it has ended itself, or the connection was cut.
        let mut ended = timeout(if was_there { CLOSE_TIMEOUT } else { GRACE }, self.keeper.wait()).await;
        if !was_there && ended.is_err() {
            let _ = timeout(CLOSE_TIMEOUT, ask_to_end(&self.address)).await;
            ended = timeout(CLOSE_TIMEOUT, self.keeper.wait()).await;
        }
        let in_order = matches!(ended, Ok(Ok(status)) if status.success());
        if !in_order {
            // The keeper kills what is left when its pipe closes.
            drop(self.lifeline.take());
            let _ = timeout(CLOSE_TIMEOUT, self.keeper.wait()).await;
        }
        self.ended = true;
        match (was_there, in_order) {
            (true, true) => Close::InOrder,
            (false, true) => Close::Unwatched,
            (_, false) => Close::ByForce,
        }
    }
}

/// How a browser ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Close {
    /// Asked to, with everything told.
    InOrder,
    /// By itself, or asked to over another connection.
    Unwatched,
    /// Killed.
    ByForce,
}

impl Close {
    /// What is missing for it.
    fn lost(self) -> Option<&'static str> {
        match self {
            Self::InOrder => None,
            Self::Unwatched => {
                Some("the connection to the browser ended before the run: what DevTools would have told afterwards is missing")
            }
            Self::ByForce => Some("the browser did not end in order: the last of its network log may be missing"),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // On an early way out: the keeper sees its pipe close and clears up; should it be dead itself, the browser's group is killed.
        drop(self.lifeline.take());
        if let (Ok(Some(_)), Some(group)) = (self.keeper.try_wait(), self.process) {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

/// Reads what the browser prints until it names the address of its debugging port. `None` where it ended before.
async fn debugging_address(stderr: &mut (impl tokio::io::AsyncBufRead + Unpin), said: &mut String) -> Option<String> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if stderr.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        if let Some((_, address)) = text.split_once("DevTools listening on ") {
            return Some(address.trim().to_owned());
        }
        if said.len() < 8192 {
            said.push_str(&text);
        }
    }
}

fn did_not_start(said: &str) -> Error {
    let telling = |line: &&str| line.contains("FATAL") || line.contains("sandbox") || line.contains("cannot") || line.contains("rror");
    let line = said.lines().find(telling).or_else(|| said.lines().rev().find(|line| !line.trim().is_empty()));
    let reason = line.map_or_else(|| "it ended without a word".to_owned(), |line| line.trim().chars().take(300).collect());
    if said.contains("No usable sandbox") { Error::NoSandbox { reason } } else { Error::DidNotStart { reason } }
}

fn file_error(path: &Path, source: std::io::Error) -> Error {
    match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::DiskFull { source },
        _ => Error::File { action: "written", path: path.to_owned(), source },
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Self::Connection { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_does_not_start_says_why() {
        let sandbox = "[1:1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+";
        assert!(matches!(did_not_start(sandbox), Error::NoSandbox { .. }));
        for (said, reason) in [
            (
                "Fontconfig warning\n/usr/bin/chromium: error while loading shared libraries: libnss3.so\n",
                "/usr/bin/chromium: error while loading shared libraries: libnss3.so",
            ),
            ("hello\n\n", "hello"),
            ("", "it ended without a word"),
        ] {
            let Error::DidNotStart { reason: found } = did_not_start(said) else { panic!("{said}") };
            assert_eq!(found, reason);
        }
    }
}
