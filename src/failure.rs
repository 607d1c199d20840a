//! How a command ends.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use pixelwitness_evidence::printable;

use crate::arguments::Arguments;

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

/// Why a command could not be carried out: a sentence for each thing that is wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    sentences: Vec<String>,
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
        Self::because(sentence, help)
    }

    pub(crate) fn because(sentence: impl Into<String>, help: impl Into<String>) -> Self {
        Self::each(vec![sentence.into()], help)
    }

    /// Several things that are wrong and have one remedy.
    pub(crate) fn each(sentences: Vec<String>, help: impl Into<String>) -> Self {
        Self { sentences, help: help.into() }
    }

    /// All that is wrong as one failure, each remedy once. None where nothing is.
    pub(crate) fn all(failures: Vec<Self>) -> Option<Self> {
        let mut helps: Vec<String> = Vec::new();
        let mut sentences = Vec::new();
        for failure in failures {
            sentences.extend(failure.sentences);
            if !helps.contains(&failure.help) {
                helps.push(failure.help);
            }
        }
        (!sentences.is_empty()).then(|| Self { sentences, help: helps.join("; ") })
    }

    /// The same, of one journey of several.
    pub(crate) fn of(self, journey: &str) -> Self {
        Self { sentences: self.sentences.iter().map(|sentence| format!("{journey}: {sentence}")).collect(), ..self }
    }

    pub(crate) fn sentence(&self) -> String {
        self.sentences.join("; ")
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
        let see = match error.kind() {
            ErrorKind::InvalidSubcommand => "see pixelwitness --help",
            ErrorKind::InvalidUtf8 => "write the words of the command line in UTF-8",
            _ => "see --help after the command's name",
        };
        let help = meant(error).map_or_else(|| see.to_owned(), |meant| format!("{meant} {see}"));
        Self::because(sentence, help)
    }

    pub(crate) fn say(&self) -> ExitCode {
        let mut stderr = io::stderr();
        // What pages and files are called may be in the sentences.
        for sentence in &self.sentences {
            let _ = writeln!(stderr, "error: {}", printable(sentence));
        }
        let _ = writeln!(stderr, "help: {}", printable(&self.help));
        ExitCode::from(2)
    }
}

/// What is near to the word that was not understood, or what else there is.
fn meant(error: &clap::Error) -> Option<String> {
    let words = |kind| match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) if !words.is_empty() => Some(words.join(" or ")),
        _ => None,
    };
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue].into_iter().find_map(words);
    let near = near.or_else(|| near_command(&words(ContextKind::InvalidSubcommand)?));
    let meant = near.map(|near| format!("did you mean {near}?"));
    meant.or_else(|| words(ContextKind::ValidValue).map(|values| format!("it takes {values};")))
}

/// `help` does not say which command is near; the command line itself does.
fn near_command(word: &str) -> Option<String> {
    let error = Arguments::command().try_get_matches_from(["pixelwitness", word]).err()?;
    match error.get(ContextKind::SuggestedSubcommand)? {
        ContextValue::Strings(near) if !near.is_empty() => Some(near.join(" or ")),
        _ => None,
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
