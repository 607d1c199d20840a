use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use pixelwitness_classifier::Findings;
use pixelwitness_driver::{Authority, Options, ResolveRule, find, run};
use pixelwitness_evidence::{JOURNEY, RunDirectory};
use pixelwitness_recording::{Journey, Recording};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::runtime::Runtime;

use crate::arguments::Audit;
use crate::failure::{Failure, Verdict};
use crate::interrupt::Interrupt;
use crate::planned::{Plan, Planned, plan};
use crate::progress::Display;
use crate::sinkhole::sinkhole;
use crate::stages::{self, Knowledge};
use crate::{jobs, machine};

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
    options: Options,
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
        Plan::One(planned) => one(&bench, ready(*planned, &options)?, out, arguments.quiet),
        Plan::Several(planned) => {
            let several = planned.into_iter().map(|planned| ready(planned, &options)).collect::<Result<Vec<_>, _>>()?;
            jobs::run(&bench, &several, &out, &jobs::Limits::of(arguments), arguments.quiet)
        }
    }
}

/// Makes the sinkhole that of this journey, and sees whether the browser can be told all that is asked.
fn ready(planned: Planned, options: &Options) -> Result<Ready, Failure> {
    let Planned { name, journey } = planned;
    let sinkhole = options.sinkhole.as_ref().map(|sinkhole| sinkhole.for_journey(&journey)).transpose()?;
    let options = Options { sinkhole, ..options.clone() };
    options.check()?;
    Ok(Ready { name, journey, options })
}

fn one(bench: &Bench, ready: Ready, out: PathBuf, quiet: bool) -> Result<Verdict, Failure> {
    let concluded = run_one(bench, &ready, &out, &Display::new(quiet))?;
    stages::show(&concluded.directory, &concluded.recording, &concluded.findings, bench.as_json)?;
    concluded.ending
}

/// Runs one journey, and all stages after it.
pub(crate) fn run_one(bench: &Bench, ready: &Ready, out: &Path, display: &Display) -> Result<Concluded, Failure> {
    let mut directory = RunDirectory::create(out)?;
    let text =
        toml::to_string_pretty(&ready.journey).map_err(|error| Failure::new("cannot store the journey", &error, "please report this"))?;
    directory.write(JOURNEY, text.as_bytes())?;
    let progress = |progress| display.show(&progress);
    let ended = bench.runtime.block_on(run(&ready.journey, &ready.options, directory.path(), progress, bench.interrupt.clone().asked()));
    display.say("reading the logs".to_owned());
    // Also after a failure: what was captured is read as far as it goes.
    let concluded = conclude(&mut directory, &bench.knowledge);
    display.end();
    // Of a run that could not be made at all there is nothing to show.
    let ended = ended?;
    let (recording, findings) = concluded?;
    let failure = ended.failure.map(|failure| match failure.step {
        0 => Failure::because(failure.why, failure.help),
        step => Failure::because(format!("step {step} failed: {}", failure.why), failure.help),
    });
    let ending = failure.map_or_else(|| stages::verdict(&findings), Err);
    Ok(Concluded { directory, recording, findings, ending })
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
