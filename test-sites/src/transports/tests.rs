use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pixelwitness_recording::{Journey, Step};

use super::{Fate, plays, transports};
use crate::sites::ROOT;

fn folder() -> std::path::PathBuf {
    Path::new(ROOT).join("transports")
}

/// Every page and script of the folder, as one text.
fn texts() -> String {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "html" || end == "js"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn each_row_has_a_name_of_its_own_and_says_what_it_is() {
    let mut names = BTreeSet::new();
    for row in transports().iter().flat_map(super::Transports::rows) {
        assert!(names.insert(row.name), "{} is there twice", row.name);
        assert!(!row.what.is_empty() && !row.methods.is_empty(), "{}", row.name);
        assert!(row.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{}", row.name);
    }
    assert!(names.len() > 300, "{}", names.len());
}

#[test]
fn journeys_match_the_folder_and_begin_at_hosts_of_the_lab() {
    let files = fs::read_dir(folder()).unwrap().filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|end| end == "toml")
    });
    assert_eq!(files.count(), transports().len());
    for lab in transports() {
        let journey = Journey::from_toml(lab.journey).unwrap_or_else(|error| panic!("{}: {error}", lab.name));
        let Some(Step::Visit(start)) = journey.steps.first() else { panic!("{}", lab.name) };
        let host = start.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
        assert!(plays(host), "{}: {start}", lab.name);
        for row in lab.rows() {
            assert!(row.step < journey.steps.len(), "{}", row.name);
            if row.fate == Fate::Arrives {
                assert!(plays(row.host), "{} goes to {}", row.name, row.host);
            }
        }
    }
}

#[test]
fn hosts_are_invented() {
    let text = texts();
    let hosts: BTreeSet<&str> = text
        .split("://")
        .skip(1)
        .map(|rest| rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '.').next().unwrap())
        .filter(|host| !host.is_empty())
        .collect();
    assert!(hosts.len() > 5, "{hosts:?}");
    for host in hosts {
        assert!(host.ends_with(".example") || host.ends_with(".test"), "{host}");
    }
}
