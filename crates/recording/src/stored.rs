use std::io::{self, BufRead, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Completeness, Environment, Gap, Journey, Lookup, Message, Packed, Request, StepRun};

/// Version of the stored recording and of the raw log.
///
/// - 1: the first.
/// - 2: requests say who tells their sender and the site of their page; names that were looked up; networks that were allowed, the sinkhole
///   and captures made elsewhere; more sorts of gap. The raw log has the browser's trace and what was looked up after the run.
///   Steps say what they put into the page, and requests that were not sent what sort of reason kept them (both absent in older runs).
pub const FORMAT: u32 = 2;

/// What was seen in one run of a journey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recording {
    /// What was to be done.
    pub journey: Journey,
    /// Under what conditions.
    pub environment: Environment,
    /// The steps as they went.
    pub steps: Vec<StepRun>,
    /// Every outbound request, in the order they were sent.
    pub requests: Packed<Request>,
    /// Every WebSocket message sent, in that order.
    pub messages: Packed<Message>,
    /// Every host name that was looked up, the browser's own included, in that order.
    pub lookups: Vec<Lookup>,
    /// What we know we did not see.
    pub gaps: Vec<Gap>,
    /// What each witness saw.
    pub completeness: Completeness,
}

/// One line of `recording.jsonl`, in the order of the fields of [`Recording`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Recording { format: u32 },
    Journey(Box<Journey>),
    Environment(Box<Environment>),
    Step(Box<StepRun>),
    Request(Box<Request>),
    Message(Box<Message>),
    Lookup(Lookup),
    Gap(Gap),
    Completeness(Box<Completeness>),
}

/// Why a stored recording cannot be read.
///
/// Messages finish the sentence "cannot read the recording: …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be read.
    #[error("line {line} could not be read")]
    Io {
        /// Line, 1 is the first.
        line: usize,
        /// The cause.
        source: io::Error,
    },
    /// A line is not what this format has.
    #[error("line {line} is damaged")]
    Damaged {
        /// Line, 1 is the first.
        line: usize,
        /// The cause.
        source: serde_json::Error,
    },
    /// It was written by a newer pixelwitness.
    #[error("it has format {found}, and this pixelwitness reads formats up to {FORMAT}")]
    Newer {
        /// The format it has.
        found: u32,
    },
    /// It does not start as a recording does.
    #[error("it does not start with a line that says it is a recording")]
    NotARecording,
    /// Its last line is missing.
    #[error("it ends after line {line}, before its completeness statement: the file was cut off")]
    CutOff {
        /// The last line there is.
        line: usize,
    },
}

impl Recording {
    /// Writes the recording as JSON Lines.
    ///
    /// # Errors
    ///
    /// The writer fails.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        write_line(&mut out, &Line::Recording { format: FORMAT })?;
        write_line(&mut out, &Line::Journey(Box::new(self.journey.clone())))?;
        write_line(&mut out, &Line::Environment(Box::new(self.environment.clone())))?;
        self.steps.iter().try_for_each(|step| write_line(&mut out, &Line::Step(Box::new(step.clone()))))?;
        // As `Line::Request` and `Line::Message` would be written: they are JSON already.
        self.requests.write_each(&mut out, "{\"request\":", "}\n")?;
        self.messages.write_each(&mut out, "{\"message\":", "}\n")?;
        self.lookups.iter().try_for_each(|lookup| write_line(&mut out, &Line::Lookup(lookup.clone())))?;
        self.gaps.iter().try_for_each(|gap| write_line(&mut out, &Line::Gap(gap.clone())))?;
        write_line(&mut out, &Line::Completeness(Box::new(self.completeness.clone())))
    }

    /// Reads what [`Recording::write`] wrote.
    ///
    /// # Errors
    ///
    /// It is no recording, is damaged, is cut off, or was written by a newer pixelwitness.
    pub fn read(reader: impl BufRead) -> Result<Self, ReadError> {
        let mut recording = Self::default();
        let mut finished = false;
        let mut last = 0;
        for (index, text) in reader.lines().enumerate() {
            last = index + 1;
            let text = text.map_err(|source| ReadError::Io { line: last, source })?;
            if index == 0 {
                check_format(&text)?;
                continue;
            }
            match serde_json::from_str(&text).map_err(|source| ReadError::Damaged { line: last, source })? {
                Line::Recording { .. } => {}
                Line::Journey(journey) => recording.journey = *journey,
                Line::Environment(environment) => recording.environment = *environment,
                Line::Step(step) => recording.steps.push(*step),
                Line::Request(request) => recording.requests.push(*request),
                Line::Message(message) => recording.messages.push(*message),
                Line::Lookup(lookup) => recording.lookups.push(lookup),
                Line::Gap(gap) => recording.gaps.push(gap),
                Line::Completeness(completeness) => {
                    recording.completeness = *completeness;
                    finished = true;
                }
            }
        }
        match (last, finished) {
            (0, _) => Err(ReadError::NotARecording),
            (_, false) => Err(ReadError::CutOff { line: last }),
            _ => Ok(recording),
        }
    }
}

fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// The first line is read on its own: of a newer format we know no more than its number.
fn check_format(text: &str) -> Result<(), ReadError> {
    #[derive(Deserialize)]
    struct First {
        recording: Format,
    }
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    match serde_json::from_str::<First>(text) {
        Ok(First { recording: Format { format: found } }) if found > FORMAT => Err(ReadError::Newer { found }),
        Ok(_) => Ok(()),
        Err(_) => Err(ReadError::NotARecording),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GapKind, Outcome};

    fn example() -> Vec<u8> {
        let recording = Recording {
            journey: Journey::visit("https://clinic.example/").unwrap(),
            steps: vec![StepRun {
                step: 0,
                what: "visit https://clinic.example/".to_owned(),
                started_at_ms: 1,
                ended_at_ms: 2,
                outcome: Outcome::Done,
                url_before: "about:blank".to_owned(),
                url_after: "https://clinic.example/".to_owned(),
                title_after: "Clinic".to_owned(),
                element: None,
                input: None,
                screenshot_before: None,
                screenshot_after: Some("step-01-after.png".to_owned()),
            }],
            gaps: vec![Gap { kind: GapKind::Crash, why: "the page crashed".to_owned(), request: None, step: Some(0) }],
            completeness: Completeness { finished: true, ..Completeness::default() },
            ..Recording::default()
        };
        let mut bytes = Vec::new();
        recording.write(&mut bytes).unwrap();
        assert_eq!(Recording::read(&bytes[..]).unwrap(), recording);
        bytes
    }

    #[test]
    fn a_recording_that_cannot_be_read_says_why() {
        let text = String::from_utf8(example()).unwrap();
        let without_end = &text[..text.trim_end().rfind('\n').unwrap() + 1];
        for (stored, message) in [
            (text.replace("\"format\":2", "\"format\":99"), "it has format 99, and this pixelwitness reads formats up to 2"),
            (without_end.to_owned(), "it ends after line 5, before its completeness statement: the file was cut off"),
            (text[..text.len() - 9].to_owned(), "line 6 is damaged"),
            (String::new(), "it does not start with a line that says it is a recording"),
            ("{}\n".to_owned(), "it does not start with a line that says it is a recording"),
        ] {
            assert_eq!(Recording::read(stored.as_bytes()).unwrap_err().to_string(), message);
        }
    }
}
