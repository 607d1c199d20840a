//! What goes to stdout, and how wide and colourful it may be.

use std::io::{self, IsTerminal as _, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;
use pixelwitness_report::Style;

use crate::arguments::Arguments;
use crate::failure::{Failure, Verdict};

/// Width where the terminal does not tell its own.
const WIDTH: usize = 100;

pub(crate) fn write(text: &str) -> Result<(), Failure> {
    write_with(|out| out.write_all(text.as_bytes()))
}

/// The same for what is written piece by piece.
pub(crate) fn write_with(fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match fill(&mut out).and_then(|()| out.flush()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new("cannot write to the standard output", &error, "check where the output is sent to"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn completions(shell: Shell) -> Result<Verdict, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "pixelwitness", &mut text);
    write(&String::from_utf8_lossy(&text)).map(|()| Verdict::NothingFound)
}

/// Colours where a person looks and did not ask for none (no-color.org).
pub(crate) fn style() -> Style {
    let terminal = io::stdout().is_terminal();
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    Style { colour, width: width.or_else(measured).unwrap_or(WIDTH).min(120) }
}
