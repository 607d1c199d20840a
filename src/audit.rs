use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use pixelwitness_classifier::Findings;
use pixelwitness_driver::{self as driver, Authority, Options, ResolveRule, find, run};
use pixelwitness_evidence::{JOURNEY, RunDirectory, printable};
use pixelwitness_recording::{Journey, Recording};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::runtime::Runtime;

use crate::arguments::Audit;
use crate::failure::{Failure, Verdict};
use crate::interrupt::Interrupt;
use crate::places::{Earlier, Place, directory_of_all};
use crate::planned::{Plan, Planned, plan};
use crate::progress::Display;
use crate::sinkhole::sinkhole;
use crate::stages::{self, Knowledge};
use crate::{jobs, machine, places};

/// What every journey of an audit is run with.
pub(crate) struct Bench {
    pub(crate) runtime: Runtime,
    pub(crate) knowledge: Knowledge,
    pub(crate) interrupt: Interrupt,
    pub(crate) as_json: bool,
}

/// A journey that is ready to be run.
pub(crate) struct Ready {
    pub(crate) name: String,
    journey: Journey,
    /// What is done instead where the first page cannot be reached by `https`, and nobody said that it is to be.
    over_http: Option<Journey>,
    pub(crate) options: Options,
}

impl Ready {
    /// What may be done: the journey, and the same by `http`.
    pub(crate) fn journeys(&self) -> impl Iterator<Item = &Journey> {
        [&self.journey].into_iter().chain(&self.over_http)
    }
}

/// A run that was made, and what came of it.
pub(crate) struct Concluded {
    pub(crate) directory: RunDirectory,
    pub(crate) recording: Recording,
    pub(crate) findings: Findings,
    /// Whether something was found, or why the run is not what was asked for.
    pub(crate) ending: Result<Verdict, Failure>,
}

/// Runs one journey or several, and all stages after it.
pub(crate) fn audit(arguments: &Audit) -> Result<Verdict, Failure> {
    // Everything that can be wrong with the words of the command line is found before a browser is started.
    let plan = plan(arguments)?;
    let knowledge = Knowledge::of(arguments.brought.vendors.as_deref(), arguments.brought.lists.as_deref())?;
    let sinkhole = sinkhole(&arguments.sinkhole, &arguments.sinkhole_except)?;
    let resolve = arguments.resolve.iter().map(|rule| rule.parse()).collect::<Result<Vec<ResolveRule>, _>>()?;
    let trust = arguments.trust.iter().map(|path| Authority::from_file(path)).collect::<Result<Vec<_>, _>>()?;
    let runtime = machine::runtime()?;
    let browser = runtime.block_on(find(arguments.browser.as_deref()))?;
    let options = Options {
        browser,
        keeper: machine::keeper()?,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        resolve,
        trust,
        egress_address: arguments.egress_address.map(|address| address.to_string()),
        treat_as_public: arguments.treat_as_public.clone(),
        allow_network: arguments.allow_network.clone(),
        deadline: arguments.deadline,
        no_sandbox: arguments.no_sandbox,
        sinkhole,
    };
    let out = arguments.out.clone().unwrap_or_else(|| default_directory(&plan));
    if options.no_sandbox {
        // Also where quiet was asked for: nobody should do this without knowing.
        let _ = writeln!(io::stderr(), "warning: the browser runs without its sandbox; a hostile page can take over this user's account");
    }
    if !arguments.allow_network.is_empty() {
        let networks = arguments.allow_network.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let _ = writeln!(io::stderr(), "warning: the pages visited can reach {networks}");
    }
    let bench = Bench { interrupt: Interrupt::listen(&runtime), runtime, knowledge, as_json: arguments.json };
    match plan {
        Plan::One(planned) => {
            let ready = ready(*planned, &options)?;
            let place = places::find(&ready, &out, arguments.resume, &mut BTreeSet::new())?;
            one(&bench, &ready, &place_said(place, &out), &Display::new(arguments.quiet))
        }
        Plan::Several(planned) => {
            let several = planned.into_iter().map(|planned| ready(planned, &options)).collect::<Result<Vec<_>, _>>()?;
            let all = directory_of_all(&out)?;
            say_other(&out, &all);
            let mut taken = BTreeSet::new();
            let find = |ready: Ready| {
                let wanted = all.join(&ready.name);
                let place = places::find(&ready, &wanted, arguments.resume, &mut taken)?;
                Ok((ready, place_said(place, &wanted)))
            };
            let several = several.into_iter().map(find).collect::<Result<Vec<_>, Failure>>()?;
            jobs::run(&bench, &several, &jobs::Limits::of(arguments), arguments.quiet)
        }
    }
}

/// Says where a run is, where that is not what was asked for. Also where quiet was asked for: it has to be found again.
fn place_said(place: Place, wanted: &Path) -> Place {
    match &place {
        Place::New(path) => say_other(wanted, path),
        Place::Earlier(path) => note(&format!("{} is done: its run is not made again", path.display())),
    }
    place
}

/// Says that what was wanted is there already, where another place was taken.
pub(crate) fn say_other(wanted: &Path, taken: &Path) {
    if wanted != taken {
        note(&format!("{} is there already: this is written to {}", wanted.display(), taken.display()));
    }
}

fn note(text: &str) {
    let _ = writeln!(io::stderr(), "note: {}", printable(text));
}

/// Makes the sinkhole that of this journey, and sees whether the browser can be told all that is asked.
fn ready(planned: Planned, options: &Options) -> Result<Ready, Failure> {
    let Planned { name, journey, over_http } = planned;
    let sinkhole = options.sinkhole.as_ref().map(|sinkhole| sinkhole.for_journey(&journey)).transpose()?;
    let options = Options { sinkhole, ..options.clone() };
    options.check()?;
    Ok(Ready { name, journey, over_http, options })
}

fn one(bench: &Bench, ready: &Ready, place: &Place, display: &Display) -> Result<Verdict, Failure> {
    let concluded = run_one(bench, ready, place, display);
    display.end();
    let concluded = concluded?;
    stages::show(&concluded.directory, &concluded.recording, &concluded.findings, bench.as_json)?;
    concluded.ending
}

/// Runs one journey, and all stages after it; one that is done is read as it was stored.
pub(crate) fn run_one(bench: &Bench, ready: &Ready, place: &Place, display: &Display) -> Result<Concluded, Failure> {
    let out = match place {
        Place::New(out) => out,
        Place::Earlier(path) => {
            let Earlier { directory, recording, findings } = places::read(path)?;
            let ending = stages::verdict(&findings);
            return Ok(Concluded { directory, recording, findings, ending });
        }
    };
    let (concluded, failure) = attempt(bench, &ready.journey, &ready.options, out, display)?;
    match (failure, &ready.over_http) {
        (Some(failure), Some(journey)) if failure.step == 1 && failure.is_of_the_connection() && !bench.interrupt.was_asked() => {
            Ok(over_http(bench, journey, &ready.options, out, &failure, display)?.unwrap_or(concluded))
        }
        _ => Ok(concluded),
    }
}

/// Runs the journey again by `http`. None where what was captured over `https` cannot be moved out of the way: it proves why this is
/// done at all.
fn over_http(
    bench: &Bench,
    journey: &Journey,
    options: &Options,
    out: &Path,
    unreached: &driver::Failure,
    display: &Display,
) -> Result<Option<Concluded>, Failure> {
    let kept = places::beside(out, "-over-https").and_then(|kept| places::free(&kept, &BTreeSet::new()).ok());
    let Some(kept) = kept.filter(|kept| fs::rename(out, kept).is_ok()) else { return Ok(None) };
    display.note(&format!("{}; it is tried over http (what was captured over https is in {})", unreached.why, kept.display()));
    let why = unreached.net_error().unwrap_or("no answer");
    let journey = Journey { name: format!("{} (https could not be reached: {why})", journey.name), ..journey.clone() };
    Ok(Some(attempt(bench, &journey, options, out, display)?.0))
}

/// Makes one run, and says why it did not reach its end as asked, if it did not.
fn attempt(
    bench: &Bench,
    journey: &Journey,
    options: &Options,
    out: &Path,
    display: &Display,
) -> Result<(Concluded, Option<driver::Failure>), Failure> {
    let mut directory = RunDirectory::create(out)?;
    let text = toml::to_string_pretty(journey).map_err(|error| Failure::new("cannot store the journey", &error, "please report this"))?;
    directory.write(JOURNEY, text.as_bytes())?;
    let progress = |progress| display.show(&progress);
    let ended = bench.runtime.block_on(run(journey, options, directory.path(), progress, bench.interrupt.clone().asked()));
    display.say("reading the logs".to_owned());
    // Also after a failure: what was captured is read as far as it goes.
    let concluded = conclude(&mut directory, &bench.knowledge);
    // Of a run that could not be made at all there is nothing to show.
    let ended = ended?;
    let (recording, findings) = concluded?;
    let ending = match &ended.failure {
        None => stages::verdict(&findings),
        Some(failure) => Err(failure_of(failure, options)),
    };
    Ok((Concluded { directory, recording, findings, ending }, ended.failure))
}

fn failure_of(failure: &driver::Failure, options: &Options) -> Failure {
    const HELP_FOR_TRUST: &str = "the authority of --trust is believed only where the server sends its certificate along: let the server send \
                                  the whole chain, or give --trust the server's own certificate";
    let is_of_trust = failure.net_error() == Some("ERR_CERT_AUTHORITY_INVALID") && !options.trust.is_empty();
    let help = if is_of_trust { HELP_FOR_TRUST } else { &failure.help };
    match failure.step {
        0 => Failure::because(&failure.why, help),
        step => Failure::because(format!("step {step} failed: {}", failure.why), help),
    }
}

fn conclude(directory: &mut RunDirectory, knowledge: &Knowledge) -> Result<(Recording, Findings), Failure> {
    let recording = stages::record(directory)?;
    let findings = stages::conclude(directory, &recording, knowledge)?;
    Ok((recording, findings))
}

/// `pixelwitness-www.clinic.example-20261122-071500`, in UTC; of several journeys without a host.
fn default_directory(plan: &Plan) -> PathBuf {
    match plan {
        Plan::One(planned) => named_directory(planned.host().as_deref()),
        Plan::Several(_) => named_directory(None),
    }
}

/// A directory's name with the time of now in it.
pub(crate) fn named_directory(name: Option<&str>) -> PathBuf {
    let time = OffsetDateTime::now_utc().format(format_description!("[year][month][day]-[hour][minute][second]")).unwrap_or_default();
    PathBuf::from(name.map_or_else(|| format!("pixelwitness-{time}"), |name| format!("pixelwitness-{name}-{time}")))
}
