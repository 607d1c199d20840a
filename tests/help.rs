//! What the program says of itself: help, manual pages, and what was meant where a word is not understood.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{run, tool};

const COMMANDS: [&str; 10] = ["audit", "read", "explain", "classify", "report", "verify", "doctor", "schema", "completions", "man"];

fn help(command: &str) -> String {
    printed(&[command, "--help"])
}

fn printed(arguments: &[&str]) -> String {
    let ended = run(tool().args(arguments).env("COLUMNS", "100"));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}: {ended:?}");
    ended.stdout
}

/// Long options that a help lists, each at the beginning of a line of its own or after its short form.
fn options(help: &str) -> BTreeSet<String> {
    let before_examples = help.split("\nExit status:").next().unwrap();
    let words = before_examples.lines().filter(|line| line.trim_start().starts_with('-')).flat_map(str::split_whitespace);
    words.filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches(',').to_owned()).collect()
}

#[test]
fn every_command_is_listed_and_has_its_help() {
    let listed: Vec<String> = printed(&["--help"])
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    assert_eq!(listed, [&COMMANDS[..], &["help"]].concat());
    assert_eq!(printed(&["help"]), printed(&["--help"]));
    for command in COMMANDS {
        assert_eq!(printed(&["help", command]), help(command));
        let short = printed(&[command, "-h"]);
        assert!(short.contains("\nExit status:\n") && short.contains("\nExample"), "{short}");
    }
}

#[test]
fn every_help_has_its_exit_status_and_examples_that_the_command_takes() {
    for command in COMMANDS {
        let help = help(command);
        let (_, end) = help.split_once("\nExit status:\n  0  ").unwrap_or_else(|| panic!("{help}"));
        let (statuses, examples) = end.split_once("\nExample").unwrap();
        assert!(statuses.contains("\n  2  "), "{help}");
        let lines: Vec<&str> = examples.lines().filter(|line| line.contains("pixelwitness ")).collect();
        let at_least = if command == "audit" { 3 } else { 1 };
        assert!(lines.len() >= at_least, "{help}");
        for line in lines {
            assert!(line.len() <= 100, "a line to copy is not broken: {line}");
            let (_, words) = line.split_once("pixelwitness ").unwrap();
            let words: Vec<&str> = words.split("  ").next().unwrap().split_whitespace().collect();
            assert_eq!(words[0], command, "{line}");
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(options(&help).contains(*option), "{option} is no option of {command}:\n{help}");
            }
        }
    }
}

#[test]
fn the_options_of_an_audit_are_in_groups() {
    let help = help("audit");
    let groups: Vec<&str> =
        help.lines().filter(|line| line.ends_with(':') && !line.starts_with(' ')).map(|line| line.trim_end_matches(':')).collect();
    assert_eq!(
        groups,
        [
            "Arguments",
            "Options",
            "What to visit",
            "Browser",
            "Network",
            "Test benches and staging sites",
            "Several journeys",
            "What it is read with",
            "Output",
            "Exit status",
            "Examples"
        ]
    );
    let ungrouped = help.split("\nOptions:\n").nth(1).unwrap().split("\nWhat to visit:\n").next().unwrap();
    assert_eq!(options(ungrouped), BTreeSet::from(["--help".to_owned()]), "each option has its group");
}

#[test]
fn every_command_has_a_manual_page_with_its_options() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("man1");
    assert_eq!(printed(&["man", "--out", directory.to_str().unwrap()]), "");
    let written: BTreeSet<String> =
        fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let expected: BTreeSet<String> =
        COMMANDS.iter().map(|command| format!("pixelwitness-{command}.1")).chain(["pixelwitness.1".to_owned()]).collect();
    assert_eq!(written, expected);
    for command in COMMANDS {
        let page = printed(&["man", command]);
        assert_eq!(page, fs::read_to_string(directory.join(format!("pixelwitness-{command}.1"))).unwrap());
        assert!(page.contains(&format!(".TH pixelwitness-{command} 1")), "{page}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "\"EXIT STATUS\""] {
            assert!(page.contains(&format!("\n.SH {section}\n")), "{section}:\n{page}");
        }
        assert!(page.contains("\n.SH EXAMPLE"), "{page}");
        for option in options(&help(command)) {
            assert!(page.contains(&option.replace('-', "\\-")), "{option} is not in the page of {command}:\n{page}");
        }
    }
    let program = printed(&["man"]);
    assert_eq!(program, fs::read_to_string(directory.join("pixelwitness.1")).unwrap());
    for command in COMMANDS {
        assert!(program.contains(&format!("pixelwitness\\-{command}(1)")), "{program}");
    }
}

#[test]
fn what_was_meant_is_asked() {
    for (arguments, meant) in [
        (&["audti"][..], "did you mean audit? see pixelwitness --help"),
        (&["verfy", "run"], "did you mean verify? "),
        (&["help", "exlain"], "did you mean explain? "),
        (&["man", "raed"], "did you mean read? "),
        (&["audit", "a.example", "--sinkole", "x"], "did you mean --sinkhole? "),
        (&["audit", "a.example", "--no-sandox"], "did you mean --no-sandbox? "),
        (&["read", "x.har", "--first-partty", "a.example"], "did you mean --first-party? "),
        (&["audit", "a.example", "--third-party-cookies", "blok"], "did you mean block? "),
        (&["explain", "--color", "x", "https://a.example/"], "it takes auto or always or never; "),
        (&["completions", "bsh"], "did you mean bash? "),
    ] {
        let ended = run(tool().args(arguments));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let help = ended.stderr.lines().last().unwrap();
        assert!(help.starts_with(&format!("help: {meant}")), "{arguments:?}: {ended:?}");
    }
    let ended = run(tool().arg("frobnicate"));
    assert!(!ended.stderr.contains("did you mean"), "nothing is near: {ended:?}");
}
