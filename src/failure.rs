//! How a command ends.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use pixelwitness_evidence::printable;

/// What a command that could be carried out says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Exit status 0.
    NothingFound,
    /// Exit status 1.
    Found,
}

impl Verdict {
    pub(crate) fn of(found: bool) -> Self {
        if found { Self::Found } else { Self::NothingFound }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::NothingFound => Self::SUCCESS,
            Verdict::Found => Self::from(1),
        }
    }
}

/// Why a command could not be carried out: one sentence and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: String,
    help: String,
}

impl Failure {
    /// A sentence made of its start and what the error and its causes say.
    pub(crate) fn new(start: &str, error: &dyn std::error::Error, help: &str) -> Self {
        let mut sentence = format!("{start}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            sentence = format!("{sentence}: {error}");
            cause = error.source();
        }
        Self { sentence, help: help.to_owned() }
    }

    pub(crate) fn because(sentence: impl Into<String>, help: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), help: help.into() }
    }

    /// The same, of one journey of several.
    pub(crate) fn of(self, journey: &str) -> Self {
        Self { sentence: format!("{journey}: {}", self.sentence), ..self }
    }

    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    /// Words of the command line that are not understood.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::because("no command was given", "see pixelwitness --help");
        }
        let text = error.render().to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut sentence = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        if sentence.ends_with(':') {
            // What follows are the names of what is missing, a line each, up to the usage.
            let missing: Vec<&str> = lines.take_while(|line| !line.starts_with("Usage:")).collect();
            sentence = format!("{sentence} {}", missing.join(", "));
        }
        let is_unknown = error.kind() == ErrorKind::InvalidSubcommand;
        let help = if is_unknown { "see pixelwitness --help" } else { "see --help after the command's name" };
        Self { sentence, help: help.to_owned() }
    }

    pub(crate) fn say(&self) -> ExitCode {
        // What pages and files are called may be in the sentence.
        let _ = writeln!(io::stderr(), "error: {}\nhelp: {}", printable(&self.sentence), printable(&self.help));
        ExitCode::from(2)
    }
}

impl From<pixelwitness_driver::Error> for Failure {
    fn from(error: pixelwitness_driver::Error) -> Self {
        Self::new("cannot run the journey", &error, error.help())
    }
}

impl From<pixelwitness_evidence::Error> for Failure {
    fn from(error: pixelwitness_evidence::Error) -> Self {
        Self::new("cannot use the directory of the run", &error, error.help().unwrap_or("check the path and your rights to it"))
    }
}
