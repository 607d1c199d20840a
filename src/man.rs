//! The manual pages.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

use crate::arguments::{Arguments, Man};
use crate::failure::{Failure, Verdict};
use crate::output;

/// Prints one page, or writes them all.
pub(crate) fn man(arguments: &Man) -> Result<Verdict, Failure> {
    // The page of `help` would say what `--help` says.
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    match (&arguments.out, &arguments.command) {
        (Some(directory), _) => write_all(&program, directory)?,
        (None, None) => output::write_with(|out| write_page(&program, out))?,
        (None, Some(name)) => match program.find_subcommand(name) {
            Some(command) => output::write_with(|out| write_page(command, out))?,
            None => return Err(no_such_command(program, name)),
        },
    }
    Ok(Verdict::NothingFound)
}

/// A page for the program and one for each command, `pixelwitness-audit.1`.
fn write_all(program: &Command, directory: &Path) -> Result<(), Failure> {
    let unwritable = |error: io::Error| {
        Failure::new(
            &format!("cannot write the manual pages to {}", directory.display()),
            &error,
            "name a directory with --out that can be made or written to",
        )
    };
    fs::create_dir_all(directory).map_err(unwritable)?;
    for command in program.get_subcommands().chain([program]) {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let written = File::create(directory.join(format!("{name}.1"))).and_then(|mut file| write_page(command, &mut file));
        written.map_err(unwritable)?;
    }
    Ok(())
}

/// A page in the order of all manual pages. What stands at the end of the help are sections of it.
fn write_page(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new(command.clone()).source(concat!("pixelwitness ", env!("CARGO_PKG_VERSION"))).manual("pixelwitness");
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if command.has_subcommands() {
        page.render_subcommands_section(out)?;
    }
    let mut end = Roff::new();
    for section in command.get_after_help().map(ToString::to_string).unwrap_or_default().split("\n\n") {
        let (title, text) = section.split_once(":\n").unwrap_or(("Notes", section));
        end.control("SH", [title.to_uppercase().as_str()]);
        // The lines are as they are: commands, and what they are for.
        end.control("nf", []);
        for line in text.lines() {
            end.text([roman(line)]);
        }
        end.control("fi", []);
    }
    end.to_writer(out)
}

/// Says it as the command line does, which knows what is near.
fn no_such_command(program: Command, name: &str) -> Failure {
    match program.try_get_matches_from(["pixelwitness", name]) {
        Err(error) => Failure::usage(&error),
        Ok(_) => Failure::because(format!("{name} has no manual page"), "see pixelwitness --help"),
    }
}
