//! Several captures as one recording.

use std::io::{BufRead, Seek};

use pixelwitness_recording::{
    Capture, CaptureKind, Completeness, Environment, Gap, GapKind, Journey, LogLine, RawLog, Recording, RequestId, Sender,
};

use crate::attached::Folder;
use crate::part::Part;
use crate::twins::twins;
use crate::{crawl, database, devtools, gaps, har, kind, netlog, saz, urls, wacz, warc};

/// What a capture is read from.
pub trait Source: BufRead + Seek {}

impl<T: BufRead + Seek> Source for T {}

/// A capture's file.
pub struct File<'a> {
    /// Its name, for people.
    pub name: String,
    /// Its content, from the beginning.
    pub source: Box<dyn Source + 'a>,
    /// The folder that it lies in, with the files that it may keep bodies in.
    pub folder: Folder<'a>,
}

/// Reads captures into one recording, in the order given. A file of no known kind gives nothing but a gap.
///
/// The journey has the case's name, the values to look for and the sites that are known to be first party; its steps count for nothing.
#[must_use]
pub fn read(journey: Journey, mut files: Vec<File<'_>>) -> Recording {
    let mut recording = Recording {
        journey: Journey { steps: Vec::new(), ..journey },
        completeness: Completeness {
            finished: true,
            out_of_scope: gaps::OUT_OF_SCOPE.iter().map(|&words| words.to_owned()).collect(),
            ..Completeness::default()
        },
        ..Recording::default()
    };
    let several = files.len() > 1;
    let twins = twins(&mut files);
    for (File { name, mut source, folder }, twin) in files.into_iter().zip(twins) {
        match twin {
            Some(first) => say_twin(&mut recording, name, first),
            None => {
                let part = part(&mut *source, folder);
                add(&mut recording, &name, part, several);
            }
        }
    }
    recording.environment = environment(&recording);
    recording
}

/// A file that was given before is counted among the captures, and its requests are not counted again.
fn say_twin(recording: &mut Recording, name: String, first: usize) {
    let Some(original) = recording.completeness.captures.get(first).cloned() else { return };
    let why = format!(
        "{name}: byte for byte the same file as {} (number {} of the captures): its requests are listed there, once",
        original.file,
        first + 1
    );
    recording.gaps.push(Gap { kind: GapKind::LeftOut, why, request: None, step: None });
    recording.completeness.captures.push(Capture { file: name, requests: 0, ..original });
}

fn part(source: &mut dyn Source, folder: Folder<'_>) -> Part {
    match kind::recognise(source) {
        Some(CaptureKind::Har) => har::read(source, folder),
        Some(CaptureKind::Netlog) => netlog::read(source),
        Some(CaptureKind::Warc) => warc::read(source),
        Some(CaptureKind::Wacz) => wacz::read(source),
        Some(CaptureKind::Devtools) => devtools::read(source),
        Some(kind @ (CaptureKind::Urls | CaptureKind::Table)) if !database::is_one(source) => urls::read(source, kind),
        Some(CaptureKind::Urls | CaptureKind::Table) => database::read(source),
        Some(CaptureKind::Crawl) => crawl::read(source),
        Some(CaptureKind::Saz) => saz::read(source),
        None => {
            let mut part = Part::new(CaptureKind::Urls);
            part.stopped(format!("it is none of the captures that can be read ({})", kind::KINDS));
            part
        }
    }
}

/// Puts a capture behind those before it.
fn add(recording: &mut Recording, name: &str, part: Part, several: bool) {
    let Part { kind, made_by, whole, steps, requests, messages, gaps, canaries, unexplained } = part;
    let number = u32::try_from(recording.completeness.captures.len() + 1).unwrap_or(u32::MAX);
    let requests_before = u32::try_from(recording.requests.len()).unwrap_or(u32::MAX);
    let steps_before = recording.steps.iter().map(|step| step.step + 1).max().unwrap_or(0);
    let renumber = |id: RequestId| RequestId(id.0.saturating_add(requests_before));
    let place = |places: &mut Vec<LogLine>| places.iter_mut().for_each(|place| place.log = RawLog::Capture(number));
    let capture = Capture { file: name.to_owned(), kind, made_by, requests: requests.len(), whole };
    recording.completeness.captures.push(capture);
    recording.completeness.finished &= whole;
    recording.steps.extend(steps.into_iter().map(|step| pixelwitness_recording::StepRun { step: step.step + steps_before, ..step }));
    requests.for_each(|mut request| {
        request.id = renumber(request.id);
        request.step = request.step.map(|step| step + steps_before);
        request.redirected_from = request.redirected_from.map(renumber);
        place(&mut request.log_lines);
        recording.completeness.count(&request);
        recording.requests.push(request);
    });
    recording.messages.extend(messages.into_iter().map(|mut message| {
        message.request = renumber(message.request);
        message.step = message.step.map(|step| step + steps_before);
        place(&mut message.log_lines);
        message
    }));
    let mut gaps = gaps;
    if let Some((kind, why)) = gaps::of_kind(kind) {
        gaps.push(Gap { kind, why: why.to_owned(), request: None, step: None });
    }
    recording.gaps.extend(gaps.into_iter().map(|mut gap| {
        gap.request = gap.request.map(renumber);
        gap.step = gap.step.map(|step| step + steps_before);
        if several && gap.request.is_none() {
            gap.why = format!("{name}: {}", gap.why);
        }
        gap
    }));
    recording.completeness.unexplained.extend(unexplained.into_iter().map(|what| format!("{name}: {what}")));
    for canary in canaries {
        if !recording.journey.canaries.iter().any(|known| known.name == canary.name) {
            recording.journey.canaries.push(canary);
        }
    }
}

/// The conditions are those of another machine: only what the requests themselves say is known.
fn environment(recording: &Recording) -> Environment {
    let mut started_at_ms = 0;
    let mut agents: Option<String> = None;
    let mut agree = true;
    for request in &recording.requests {
        if request.sent_at_ms > 0 && (started_at_ms == 0 || request.sent_at_ms < started_at_ms) {
            started_at_ms = request.sent_at_ms;
        }
        if let Some(agent) = request.header("user-agent").filter(|_| request.sender == Sender::Page) {
            agree &= agents.get_or_insert_with(|| agent.to_owned()) == agent;
        }
    }
    Environment { user_agent: agents.filter(|_| agree).unwrap_or_default(), started_at_ms, ..Environment::default() }
}
