//! The documents say what the program does.

use std::fs;

use pixelwitness_recording::Journey;
use pixelwitness_test_sites::sites;

use crate::support::{Bench, repository, run, tool};

#[test]
fn the_readme_shows_what_the_program_prints() {
    let bench = Bench::new();
    let site = sites().iter().find(|site| site.name == "01-hiv-handbook").unwrap();
    let printed = bench.audit(site.journey, "run").ended.stdout;
    let directory = bench.path("run");
    let printed = replaced_number(&printed.replace(directory.to_str().unwrap(), "RUN"), " of the browser's own set aside", "N");
    let printed = replaced_version(&printed);
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let shown = blocks(&readme, "text").next().unwrap();
    assert_eq!(shown, printed.trim_end(), "README.md shows something else than the program prints");
}

#[test]
fn every_journey_in_the_documents_is_one() {
    let text = fs::read_to_string(repository().join("docs/journeys.md")).unwrap();
    let journeys: Vec<&str> = blocks(&text, "toml").collect();
    assert!(journeys.len() >= 2, "the document has examples");
    for journey in journeys {
        Journey::from_toml(journey).unwrap_or_else(|error| panic!("{error}\n{journey}"));
    }
}

#[test]
fn the_commands_of_the_readme_exist() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let help = run(tool().arg("--help")).stdout;
    let named = blocks(&readme, "sh").flat_map(str::lines).filter_map(|line| line.strip_prefix("pixelwitness ")?.split_whitespace().next());
    let named: Vec<&str> = named.collect();
    assert!(named.len() >= 5);
    for command in named {
        assert!(help.contains(&format!("\n  {command}")), "{command} is no command:\n{help}");
    }
}

/// Fenced blocks of one language.
fn blocks<'a>(text: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let fence = format!("```{language}\n");
    text.match_indices(&fence).map(|(at, fence)| at + fence.len()).collect::<Vec<_>>().into_iter().map(move |start| {
        let end = text[start..].find("\n```").map_or(text.len(), |end| start + end);
        &text[start..end]
    })
}

/// The number before some words, which differs from machine to machine.
fn replaced_number(text: &str, words: &str, by: &str) -> String {
    let Some(at) = text.find(words) else { return text.to_owned() };
    let start = text[..at].rfind(|character: char| !character.is_ascii_digit()).map_or(0, |before| before + 1);
    format!("{}{by}{}", &text[..start], &text[at..])
}

fn replaced_version(text: &str) -> String {
    let Some((before, rest)) = text.split_once("Chrome/") else { return text.to_owned() };
    let end = rest.find(|character: char| character != '.' && !character.is_ascii_digit()).unwrap_or(rest.len());
    format!("{before}Chrome/VERSION{}", &rest[end..])
}
