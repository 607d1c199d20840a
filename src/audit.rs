use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use pixelwitness_classifier::{Definitions, Findings};
use pixelwitness_driver::{Authority, Options, ResolveRule, find, run};
use pixelwitness_evidence::{JOURNEY, RunDirectory};
use pixelwitness_recording::{Journey, JourneyError, Recording, Step};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::arguments::Audit;
use crate::failure::{Failure, Verdict};
use crate::progress::Display;
use crate::{machine, stages};

/// Runs a journey, and all stages after it.
pub(crate) fn audit(arguments: &Audit) -> Result<Verdict, Failure> {
    // Everything that can be wrong with the words of the command line is found before a browser is started.
    let journey = journey(arguments)?;
    let definitions = stages::definitions(arguments.vendors.as_deref())?;
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
        no_sandbox: arguments.no_sandbox,
    };
    if options.no_sandbox {
        // Also where quiet was asked for: nobody should do this without knowing.
        let _ = writeln!(io::stderr(), "warning: the browser runs without its sandbox; a hostile page can take over this user's account");
    }
    let display = Display::new(arguments.quiet);

    let mut directory = RunDirectory::create(arguments.out.clone().unwrap_or_else(|| default_directory(&journey)))?;
    let text = toml::to_string_pretty(&journey).map_err(|error| Failure::new("cannot store the journey", &error, "please report this"))?;
    directory.write(JOURNEY, text.as_bytes())?;
    let ended = runtime.block_on(run(&journey, &options, directory.path(), |progress| display.show(&progress), interrupted()));
    display.say("reading the logs".to_owned());
    // Also after a failure: what was captured is read as far as it goes.
    let concluded = conclude(&mut directory, &definitions);
    display.end();
    // Of a run that could not be made at all there is nothing to show.
    let ended = ended?;
    let (recording, findings) = concluded?;
    let verdict = stages::show(&directory, &recording, &findings, arguments.json)?;
    match ended.failure {
        None => Ok(verdict),
        Some(failure) if failure.step == 0 => Err(Failure::because(failure.why, failure.help)),
        Some(failure) => Err(Failure::because(format!("step {} failed: {}", failure.step, failure.why), failure.help)),
    }
}

fn conclude(directory: &mut RunDirectory, definitions: &Definitions) -> Result<(Recording, Findings), Failure> {
    let recording = stages::record(directory)?;
    let findings = stages::conclude(directory, &recording, definitions)?;
    Ok((recording, findings))
}

fn journey(arguments: &Audit) -> Result<Journey, Failure> {
    let mut journey = match (&arguments.journey, &arguments.url) {
        (Some(path), _) => read_journey(path)?,
        (None, url) => {
            let url = url.as_deref().unwrap_or_default();
            Journey::visit(url).map_err(|error| match error {
                JourneyError::Address { why, .. } => Failure::because(
                    format!("{url:?} is not a web address: {why}"),
                    "give a whole address such as https://www.clinic.example/, or a journey with --journey FILE",
                ),
                other => Failure::new("cannot use the address", &other, "give a whole address such as https://www.clinic.example/"),
            })?
        }
    };
    if let Some(dwell_ms) = arguments.dwell {
        journey.browser.dwell_ms = dwell_ms;
    }
    if let Some(setting) = arguments.third_party_cookies {
        journey.browser.third_party_cookies = setting.into();
    }
    Ok(journey)
}

/// The text of a journey file.
pub(crate) fn journey_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::new(&format!("cannot read the journey {}", path.display()), &error, "give the path of a TOML file (docs/journeys.md)")
    })
}

fn read_journey(path: &Path) -> Result<Journey, Failure> {
    Journey::from_toml(&journey_text(path)?).map_err(|error| {
        Failure::new(
            &format!("cannot use the journey {}", path.display()),
            &error,
            "docs/journeys.md has every key a journey may have, with an example",
        )
    })
}

/// `pixelwitness-www.clinic.example-20261122-071500`, in UTC.
fn default_directory(journey: &Journey) -> PathBuf {
    let Some(Step::Visit(address)) = journey.steps.first() else { return PathBuf::from("pixelwitness-run") };
    let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let host: String = host.chars().filter(|character| character.is_ascii_alphanumeric() || ".-".contains(*character)).take(80).collect();
    named_directory(&host)
}

/// A directory's name with the time of now in it.
pub(crate) fn named_directory(name: &str) -> PathBuf {
    let time = OffsetDateTime::now_utc().format(format_description!("[year][month][day]-[hour][minute][second]")).unwrap_or_default();
    PathBuf::from(format!("pixelwitness-{name}-{time}"))
}

/// Completes when somebody asks us to stop.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}
