//! Pages that misbehave, each followed by a good one in the same run: the run ends, the trouble is named, what came before it is in the
//! recording, the good page is there with what it sent, and nothing is left running.

mod ledger;
mod many;
mod site;

use std::path::Path;

use pixelwitness_recording::{GapKind, Outcome, Recording, Request, Transmission};

use crate::support::browser::{Line, OddBrowser};
use crate::support::processes::browsers_under;
use crate::support::server::Server;
use crate::support::{Bench, Run, all_wanted, run, tool, until};

/// A page, and what is known to have happened after it.
struct Case {
    name: &'static str,
    trouble: Trouble,
    /// Whether its own script ran, so that its beacon has to be there.
    ran: bool,
}

enum Trouble {
    /// The visit failed, for a reason that has these words.
    Failed(&'static str),
    /// The visit was done, and a gap of its step has one of these words.
    Gap(&'static [&'static str]),
    /// The visit was done, and was not the site's, by whoever this is.
    NotTheSite(&'static str),
    /// The visit was done, and nothing was lost.
    None,
}

const NEVER_SETTLED: Trouble = Trouble::Gap(&["the page had not fallen silent when listening ended"]);

fn case(name: &'static str, trouble: Trouble) -> Case {
    Case { name, trouble, ran: true }
}

fn without_script(name: &'static str, trouble: Trouble) -> Case {
    Case { name, trouble, ran: false }
}

#[test]
fn servers_that_misbehave_cost_nothing_but_their_page() {
    let mut cases = vec![
        without_script("closes", Trouble::Failed("the server closed the connection without an answer")),
        without_script("resets", Trouble::Failed("the server closed the connection without an answer")),
        // A head that breaks off counts as one, of a page without a word.
        without_script("sends-half-a-head", Trouble::None),
        // Bytes without a head count as HTTP/0.9, and those as a file.
        without_script("speaks-nonsense", Trouble::Failed("is a download, not a page")),
        without_script("redirects-to-itself", Trouble::Failed("it redirects in a circle")),
        without_script("downloads", Trouble::Failed("is a download, not a page")),
        without_script("wrong-type", Trouble::None),
        case("html-without-end", NEVER_SETTLED),
    ];
    if all_wanted() {
        cases.push(case("a-byte-a-second", NEVER_SETTLED));
        cases.push(without_script("never-answers", Trouble::Failed("did not answer within 30 s")));
    }
    check(&cases);
}

#[test]
fn scripts_that_misbehave_cost_nothing_but_their_page() {
    let recording = check(&[
        case("dialogs", Trouble::Gap(&["the page opened 61 dialogs, which were dismissed; the first (alert: \"first\")"])),
        case("opens-popups", Trouble::Gap(&["windows that nobody had clicked for, the first http://hostile.test/popup?0"])),
        case(
            "external-protocols",
            Trouble::Gap(&["the page tried 3 times to hand an address to another program, the first mailto:somebody@post.example"]),
        ),
        case("asks-for-permissions", Trouble::None),
        case("downloads-by-link", Trouble::Gap(&["a download of http://hostile.test/file was refused"])),
        case("long-address", Trouble::None),
        case("looks-for-robots", Trouble::None),
        case("gpu-killed", Trouble::None),
        case("renderer-killed", Trouble::Failed("the page crashed")),
        case("busy-loop", Trouble::Gap(&["the page stopped answering"])),
    ]);
    let asked = "http://hostile.localhost:80 asked for permissions that nobody was there to give (";
    let refused = recording.gaps.iter().find(|gap| gap.kind == GapKind::HeldBack && gap.why.starts_with(asked));
    let refused = refused.unwrap_or_else(|| panic!("{:?}", recording.gaps));
    assert!(refused.why.contains("geolocation") && refused.why.contains("notifications"), "{refused:?}");
    told(&recording, "http://hostile.localhost/beacon-after-printing");
    let drawn = recording.gaps.iter().find(|gap| gap.kind == GapKind::Crash && gap.why.starts_with("the browser's GPU process ended"));
    assert!(drawn.is_some(), "{:?}", recording.gaps);
    told(&recording, "http://hostile.test/beacon-without-gpu");
    let long = request(&recording, &format!("http://hostile.test/long?{}", "x".repeat(65536)));
    assert_eq!((long.body.bytes(), &long.transmission), (Some(&b"long"[..]), &Transmission::Sent));
    let odd = request(&recording, "http://hostile.test/odd-header");
    assert_eq!(odd.transmission, Transmission::Sent);
    assert!(odd.response.is_some_and(|response| response.headers.iter().any(|header| header.value.contains("[31m"))));
    looks_like_a_visitor(&recording);
}

/// What a page finds out about the browser is what is on record, and is no robot.
fn looks_like_a_visitor(recording: &Recording) {
    let looked = request(recording, "http://hostile.localhost/looked");
    let seen = String::from_utf8_lossy(looked.body.bytes().unwrap_or_default()).into_owned();
    let [webdriver, agent, brands] = seen.split('|').collect::<Vec<_>>()[..] else { panic!("{seen}") };
    assert_eq!((webdriver, agent), ("false", recording.environment.user_agent.as_str()));
    assert_eq!(looked.header("user-agent"), Some(agent));
    assert!(agent.contains(" Chrome/") && !seen.contains("Headless"), "{seen}");
    assert!(!brands.contains("Headless"), "{brands}");
}

#[test]
fn pages_in_the_sites_place_are_not_taken_for_it() {
    check(&[
        case("challenge", Trouble::NotTheSite("a challenge of Cloudflare")),
        case("puzzle", Trouble::NotTheSite("a check by hCaptcha")),
        case("asks-for-a-message", Trouble::None),
    ]);
}

#[test]
fn pages_that_never_tire_cost_nothing_but_their_time() {
    if !all_wanted() {
        return;
    }
    check(&[
        case("redirects-by-script", NEVER_SETTLED),
        case("pings-for-ever", NEVER_SETTLED),
        case("dialogs-for-ever", Trouble::Gap(&["dialogs, which were dismissed; the first (alert: \"and again\")"])),
    ]);
}

#[test]
fn large_answers_cost_nothing_but_their_page() {
    if !all_wanted() {
        return;
    }
    const STOPPED: Trouble = Trouble::Gap(&["more than 256 MiB were received in this step", "had not fallen silent"]);
    let recording = check(&[case("large-answer", Trouble::None), case("endless-answer", STOPPED)]);
    for path in ["/large", "/endless"] {
        assert_eq!(request(&recording, &format!("http://hostile.test{path}")).transmission, Transmission::Sent);
    }
}

#[test]
fn a_service_worker_that_swallows_everything_hides_nothing_that_left() {
    let (bench, site) = (Bench::new(), site::start(|| ()));
    let steps = "[[step]]\nvisit = \"http://swallow.localhost/swallowed\"\n[[step]]\nwait = { element = \"#answered\" }\n\
                 [[step]]\nvisit = \"http://good.test/after-swallowed\"\n";
    let run_of = audit_journey(&bench, &site, steps, &[]);
    assert_eq!(run_of.ended.code, Some(0), "{:?}", run_of.ended);
    let recording = run_of.recording();
    let swallowed = request(&recording, "http://swallow.localhost/into-the-worker");
    assert!(matches!(&swallowed.transmission, Transmission::NotSent { why, .. } if why == "answered by a service worker"));
    assert_eq!(swallowed.body.bytes(), Some(&b"swallowed"[..]));
    told(&recording, "http://good.test/beacon-after-swallowed");
}

#[test]
fn a_page_that_eats_all_memory_crashes_alone() {
    if !all_wanted() {
        return;
    }
    let (bench, site) = (Bench::new(), site::start(|| ()));
    let browser = OddBrowser::with_arguments("--js-flags=--max-old-space-size=64");
    let run_of =
        audit(&bench, &site, &["http://hostile.test/eats-memory", "http://good.test/after-eats-memory"], &["--browser", &path(&browser)]);
    assert_eq!(run_of.ended.code, Some(2), "{:?}", run_of.ended);
    assert!(run_of.ended.stderr.contains("the page crashed"), "{:?}", run_of.ended);
    let recording = run_of.recording();
    assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::Crash), "{:?}", recording.gaps);
    told(&recording, "http://hostile.test/beacon-eats-memory");
    told(&recording, "http://good.test/beacon-after-eats-memory");
}

#[test]
fn a_connection_to_the_browser_that_is_cut_ends_the_run_in_order() {
    let line = Line::new();
    let browser = OddBrowser::behind(&line);
    let cutting = line.clone();
    let (bench, site) = (Bench::new(), site::start(move || cutting.cut()));
    let run_of = audit(
        &bench,
        &site,
        &["http://hostile.test/connection-cut", "http://good.test/after-connection-cut"],
        &["--browser", &path(&browser)],
    );
    assert_eq!(run_of.ended.code, Some(2), "{:?} {:?}", run_of.ended, site.asked());
    assert!(run_of.ended.stderr.starts_with("error: step 1 failed: the connection to the browser was cut\nhelp: "), "{:?}", run_of.ended);
    let recording = run_of.recording();
    assert!(!recording.completeness.finished);
    assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::RunIncomplete && gap.why.contains("was cut")), "{:?}", recording.gaps);
    // The browser was asked to end in another way, and wrote its network log to the end.
    assert!(recording.gaps.iter().all(|gap| gap.kind != GapKind::LogDamaged), "{:?}", recording.gaps);
    told(&recording, "http://hostile.test/beacon-connection-cut");
}

#[test]
fn a_page_that_asks_to_be_stayed_on_is_left() {
    let (bench, site) = (Bench::new(), site::start(|| ()));
    let journey = "[[step]]\nvisit = \"http://hostile.test/will-not-be-left\"\n[[step]]\nclick = \"#stay\"\n\
                   [[step]]\nvisit = \"http://good.test/after-will-not-be-left\"\n";
    let run_of = audit_journey(&bench, &site, journey, &[]);
    assert_eq!(run_of.ended.code, Some(0), "{:?}", run_of.ended);
    let recording = run_of.recording();
    let asked = "the page asked whether it should really be left (beforeunload), and was left";
    assert!(recording.gaps.iter().any(|gap| gap.step == Some(2) && gap.why == asked), "{:?}", recording.gaps);
    told(&recording, "http://good.test/beacon-after-will-not-be-left");
}

#[test]
fn a_run_ends_at_its_deadline() {
    let (bench, site) = (Bench::new(), site::start(|| ()));
    let run_of = audit(&bench, &site, &["http://hostile.test/pings-for-ever"], &["--deadline", "6", "--dwell", "600"]);
    assert_eq!(run_of.ended.code, Some(2), "{:?}", run_of.ended);
    assert!(run_of.ended.stderr.starts_with("error: the run was ended at its deadline of 6 s\nhelp: "), "{:?}", run_of.ended);
    let recording = run_of.recording();
    assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::RunIncomplete && gap.why.contains("deadline")), "{:?}", recording.gaps);
}

/// Some of what browsers have is for secure pages alone, and those of this machine count as such.
fn host_of(name: &str) -> &'static str {
    if matches!(name, "asks-for-permissions" | "looks-for-robots") { "hostile.localhost" } else { "hostile.test" }
}

/// Visits each page of a group, each followed by a good one, in one run.
fn check(cases: &[Case]) -> Recording {
    let (bench, site) = (Bench::new(), site::start(|| ()));
    let visits: Vec<String> = cases
        .iter()
        .flat_map(|Case { name, .. }| [format!("http://{}/{name}", host_of(name)), format!("http://good.test/after-{name}")])
        .collect();
    let run_of = audit(&bench, &site, &visits.iter().map(String::as_str).collect::<Vec<_>>(), &[]);

    let is_failure = |case: &Case| matches!(case.trouble, Trouble::Failed(_) | Trouble::NotTheSite(_));
    assert_eq!(run_of.ended.code, Some(if cases.iter().any(is_failure) { 2 } else { 0 }), "{:?}", run_of.ended);
    let (recording, findings) = (run_of.recording(), run_of.findings());
    for (index, case) in cases.iter().enumerate() {
        let name = case.name;
        let visit = recording.steps.iter().find(|step| step.step == 2 * index).unwrap_or_else(|| panic!("{name} was not visited"));
        let gaps: Vec<&str> = recording.gaps.iter().filter(|gap| gap.step == Some(2 * index)).map(|gap| gap.why.as_str()).collect();
        let blocked = findings.blocked.iter().find(|blocked| blocked.step == Some(2 * index)).map(|blocked| blocked.who.as_str());
        match case.trouble {
            Trouble::Failed(words) => {
                assert!(matches!(&visit.outcome, Outcome::Failed { why } if why.contains(words)), "{name}: {visit:?}")
            }
            Trouble::Gap(words) => assert!(words.iter().any(|words| gaps.iter().any(|why| why.contains(words))), "{name}: {gaps:?}"),
            Trouble::NotTheSite(who) => assert_eq!(blocked, Some(who), "{name}"),
            Trouble::None => assert_eq!((&visit.outcome, blocked), (&Outcome::Done, None), "{name}: {gaps:?}"),
        }
        if case.ran {
            told(&recording, &format!("http://{}/beacon-{name}", host_of(name)));
        }
        let good = recording.steps.iter().find(|step| step.step == 2 * index + 1).unwrap_or_else(|| panic!("nothing came after {name}"));
        assert_eq!(good.outcome, Outcome::Done, "after {name}");
        told(&recording, &format!("http://good.test/beacon-after-{name}"));
    }
    recording
}

/// Runs the visits with every host led to the site, and sees to it that nothing is left of the run but its directory.
fn audit(bench: &Bench, site: &Server, visits: &[&str], arguments: &[&str]) -> Run {
    let steps: String = visits.iter().map(|visit| format!("[[step]]\nvisit = \"{visit}\"\n")).collect();
    audit_journey(bench, site, &steps, arguments)
}

fn audit_journey(bench: &Bench, site: &Server, steps: &str, arguments: &[&str]) -> Run {
    let file = bench.path("journey.toml");
    std::fs::write(&file, format!("name = \"hostile\"\n[browser]\ndwell_ms = 1500\n{steps}")).unwrap();
    let mut command = tool();
    command.args(["audit", "--quiet"]).args(arguments).args(["--resolve", &site.rule("*")]).arg("--journey").arg(&file).arg("--out");
    let run_of = Run { ended: run(command.arg(bench.path("run"))), directory: bench.path("run") };
    until("the end of every browser process", || browsers_under(&site.rule("*")).is_empty());
    let arguments = run_of.recording().environment.command_line;
    let profile = arguments.iter().find_map(|word| word.strip_prefix("--user-data-dir=")).unwrap_or_else(|| panic!("{arguments:?}"));
    assert!(!Path::new(profile).exists(), "{profile} is left");
    run_of
}

/// The request of a beacon, which left with its body.
fn told(recording: &Recording, url: &str) {
    let sent = request(recording, url);
    assert_eq!((sent.body.bytes(), &sent.transmission), (Some(&b"told"[..]), &Transmission::Sent), "{url}");
}

fn request(recording: &Recording, url: &str) -> Request {
    let short: String = url.chars().take(100).collect();
    recording.requests.iter().find(|request| request.url == url).unwrap_or_else(|| panic!("{short} is not in the recording"))
}

fn path(browser: &OddBrowser) -> String {
    browser.path().display().to_string()
}
