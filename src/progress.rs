//! What a person who waits sees.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pixelwitness_driver::Progress;
use pixelwitness_evidence::printable;

/// A spinner on a terminal, a line a step elsewhere, nothing where quiet.
pub(crate) enum Display {
    Spinner(ProgressBar),
    Lines,
    Quiet,
}

impl Display {
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !io::stderr().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::Spinner(bar)
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
            Self::Lines => {
                let _ = writeln!(io::stderr(), "{text}");
            }
            Self::Quiet => {}
        }
    }

    pub(crate) fn end(&self) {
        if let Self::Spinner(bar) = self {
            bar.finish_and_clear();
        }
    }
}
