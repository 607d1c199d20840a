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
    let printed = printed.replace(directory.to_str().unwrap(), "RUN");
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let shown = blocks(&readme, "text").next().unwrap();
    assert_eq!(comparable(shown), comparable(&printed), "README.md shows something else than the program prints");
}

#[test]
fn the_document_on_captures_shows_what_the_program_prints() {
    let temporary = tempfile::tempdir().unwrap();
    let case = temporary.path().join("case");
    let capture = repository().join("crates/captures/fixtures/chrome.har");
    let read =
        run(tool().arg("read").arg(capture).arg("--out").arg(&case).env("COLUMNS", "100")).stdout.replace(case.to_str().unwrap(), "DIR");
    let path = repository().join("docs/captures.md");
    let mut text = fs::read_to_string(&path).unwrap();
    let command = blocks(&text, "sh").find_map(|block| block.strip_prefix("pixelwitness explain '")).unwrap();
    let explained = run(tool().arg("explain").arg(command.trim_end_matches('\'')).env("COLUMNS", "110")).stdout;
    let shown: Vec<String> = blocks(&text, "text").map(str::to_owned).collect();
    let printed = [read.trim_end().to_owned(), explained.trim_end().to_owned()];
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for (shown, printed) in shown.iter().zip(&printed) {
            text = text.replacen(&format!("```text\n{shown}\n```"), &format!("```text\n{printed}\n```"), 1);
        }
        fs::write(&path, text).unwrap();
        return;
    }
    assert_eq!(shown, printed, "docs/captures.md shows something else than the program prints; UPDATE_EXPECT=1 accepts it");
}

#[test]
fn the_commands_of_the_documents_are_understood() {
    for (document, command) in [("docs/captures.md", "read"), ("docs/journeys.md", "audit")] {
        let text = fs::read_to_string(repository().join(document)).unwrap();
        let options = blocks(&text, "sh").flat_map(str::split_whitespace).filter(|word| word.starts_with("--")).collect::<Vec<_>>();
        let help = run(tool().args([command, "--help"])).stdout;
        assert!(options.len() >= 2);
        for option in options {
            assert!(help.contains(option), "{option} is no option:\n{help}");
        }
    }
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

/// The text without what differs from run to run (versions, times, how often the browser called home) and without its line breaks,
/// which depend on those.
fn comparable(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let folded = without_between(&folded, "Chrome/", ",");
    let folded = without_between(&folded, "never sent; ", " of the browser's own");
    without_between(&folded, "listened ", " after each")
}

fn without_between(text: &str, before: &str, after: &str) -> String {
    let cut = text.split_once(before).and_then(|(head, rest)| Some((head, rest.split_once(after)?.1)));
    cut.map_or_else(|| text.to_owned(), |(head, tail)| format!("{head}{before}{after}{tail}"))
}
