//! What a person who waits sees.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use pixelwitness_driver::Progress;
use pixelwitness_evidence::printable;

/// A spinner on a terminal, a line a step elsewhere, nothing where quiet.
pub(crate) enum Display {
    Spinner(ProgressBar),
    /// With what stands before each line.
    Lines(String),
    Quiet,
}

/// The same for several journeys at once, each under its name.
pub(crate) struct Displays {
    quiet: bool,
    total: usize,
    /// None where there is no terminal.
    spinners: Option<MultiProgress>,
}

impl Displays {
    pub(crate) fn new(quiet: bool, total: usize) -> Self {
        Self { quiet, total, spinners: io::stderr().is_terminal().then(MultiProgress::new) }
    }

    /// The one of a journey, by its place in the order given.
    pub(crate) fn of(&self, at: usize, name: &str) -> Display {
        let name = format!("[{}/{} {name}] ", at + 1, self.total);
        match &self.spinners {
            _ if self.quiet => Display::Quiet,
            None => Display::Lines(name),
            Some(spinners) => Display::Spinner(spin(spinners.add(ProgressBar::new_spinner().with_prefix(name)))),
        }
    }

    /// Clears the terminal of spinners for what is written meanwhile.
    pub(crate) fn set_aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.spinners {
            Some(spinners) => spinners.suspend(write),
            None => write(),
        }
    }
}

impl Display {
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if io::stderr().is_terminal() {
            Self::Spinner(spin(ProgressBar::new_spinner()))
        } else {
            Self::Lines(String::new())
        }
    }

    pub(crate) fn show(&self, progress: &Progress) {
        let text = match progress {
            Progress::Starting => "starting the browser".to_owned(),
            Progress::Step { number, of, what } => format!("step {number} of {of}: {}", printable(what)),
            Progress::Leaving => "leaving the page and listening to what it sends on leaving".to_owned(),
            Progress::Closing => "closing the browser".to_owned(),
        };
        self.say(text);
    }

    pub(crate) fn say(&self, text: String) {
        match self {
            Self::Spinner(bar) => bar.set_message(text),
            Self::Lines(before) => {
                let _ = writeln!(io::stderr(), "{before}{text}");
            }
            Self::Quiet => {}
        }
    }

    /// Says what a person has to know, also where quiet was asked for.
    pub(crate) fn note(&self, text: &str) {
        let before = if let Self::Lines(before) = self { before.as_str() } else { "" };
        let write = || {
            let _ = writeln!(io::stderr(), "{before}note: {}", printable(text));
        };
        match self {
            Self::Spinner(bar) => bar.suspend(write),
            Self::Lines(_) | Self::Quiet => write(),
        }
    }

    pub(crate) fn end(&self) {
        if let Self::Spinner(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn spin(bar: ProgressBar) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {prefix}{wide_msg} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
