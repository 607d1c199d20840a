//! Which journeys an audit is to run, and what each is called.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use pixelwitness_recording::{AddressError, Journey, Problem, ReadWith, Scheme, Step};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::arguments::Audit;
use crate::failure::Failure;

/// A journey to run.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// What its directory is called where there are several.
    pub(crate) name: String,
    pub(crate) journey: Journey,
    /// The same by `http`, where nobody said that its first page is visited by `https`.
    pub(crate) over_http: Option<Journey>,
}

/// Everything that is to be run, in the order given.
pub(crate) enum Plan {
    /// One journey, whose files are the directory's.
    One(Box<Planned>),
    /// Several, or those of a directory or a list, however many it holds. Each has a directory of its own.
    Several(Vec<Planned>),
}

/// Characters of a name that are kept.
const LONGEST_NAME: usize = 80;

const HELP_FOR_ADDRESSES: &str =
    "give an address such as www.clinic.example or https://www.clinic.example/, or a journey with --journey FILE";

const HELP_FOR_LISTS: &str = "--urls takes a text file with an address a line, or - for the standard input";

/// Reads all journeys. One that cannot be used keeps all from being run, and everything that is wrong with any is said.
pub(crate) fn plan(arguments: &Audit) -> Result<Plan, Failure> {
    let (mut planned, mut failures) = (Vec::new(), Vec::new());
    let mut add = |one: Result<Planned, Failure>| match one {
        Ok(one) => planned.push(one),
        Err(failure) => failures.push(failure),
    };
    for url in &arguments.urls {
        add(visit(url, ""));
    }
    let mut is_several = false;
    if let Some(path) = &arguments.urls_file {
        is_several = true;
        match addresses(path) {
            Ok(addresses) => addresses.iter().for_each(|(place, url)| add(visit(url, place))),
            Err(failure) => add(Err(failure)),
        }
    }
    for path in &arguments.journey {
        is_several |= path.is_dir();
        match files(path) {
            Ok(files) => files.iter().for_each(|file| add(read(file))),
            Err(failure) => add(Err(failure)),
        }
    }
    if let Some(failure) = Failure::all(failures) {
        return Err(failure);
    }
    for one in &mut planned {
        [Some(&mut one.journey), one.over_http.as_mut()].into_iter().flatten().for_each(|journey| adjust(journey, arguments));
    }
    tell_apart(&mut planned);
    match planned.pop() {
        Some(one) if planned.is_empty() && !is_several => Ok(Plan::One(Box::new(one))),
        last => {
            planned.extend(last);
            Ok(Plan::Several(planned))
        }
    }
}

/// What the command line sets for every journey.
fn adjust(journey: &mut Journey, arguments: &Audit) {
    if let Some(dwell_ms) = arguments.dwell {
        journey.browser.dwell_ms = dwell_ms;
    }
    if let Some(setting) = arguments.third_party_cookies {
        journey.browser.third_party_cookies = setting.into();
    }
}

/// A visit to an address. Of a list, with the place where it stands there.
fn visit(url: &str, place: &str) -> Result<Planned, Failure> {
    let wrong = |error: AddressError| Failure::because(format!("{place}{error}"), HELP_FOR_ADDRESSES);
    let name = |journey: &Journey| first_host(journey).unwrap_or_default();
    planned(name, |scheme| Journey::visit_with(url, scheme)).map_err(wrong)
}

fn read(path: &Path) -> Result<Planned, Failure> {
    let text = journey_text(path)?;
    let read = |scheme| Journey::from_toml_with(&text, &ReadWith { scheme, today: Some(today()) });
    planned(|_| file_name(path), read).map_err(|error| unusable(path, &error.problems))
}

/// The journey by `https`, and by `http` where that is another.
fn planned<E>(name: impl FnOnce(&Journey) -> String, journey: impl Fn(Scheme) -> Result<Journey, E>) -> Result<Planned, E> {
    let (https, http) = (journey(Scheme::Https)?, journey(Scheme::Http)?);
    let is_another = https.steps.first() != http.steps.first();
    Ok(Planned { name: name(&https), journey: https, over_http: is_another.then_some(http) })
}

/// Says all that is wrong with a journey file.
pub(crate) fn unusable(path: &Path, problems: &[Problem]) -> Failure {
    let sentence = |problem: &Problem| format!("cannot use the journey {}: {problem}", path.display());
    Failure::each(problems.iter().map(sentence).collect(), "docs/journeys.md has every key a journey may have, with an example")
}

/// The day it is, in UTC, as a date of birth is written.
pub(crate) fn today() -> String {
    OffsetDateTime::now_utc().date().format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

/// The addresses of a list, each with its place in it for a message.
fn addresses(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "the standard input".to_owned() } else { path.display().to_string() };
    let mut bytes = Vec::new();
    let read = if is_stdin { io::stdin().lock().read_to_end(&mut bytes).map(drop) } else { fs::read(path).map(|read| bytes = read) };
    read.map_err(|error| Failure::new(&format!("cannot read the addresses of {name}"), &error, HELP_FOR_LISTS))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::because(format!("{name}, line {line}: this is not text in UTF-8"), HELP_FOR_LISTS)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.lines().enumerate().map(|(index, line)| (format!("{name}, line {}: ", index + 1), without_comment(line).to_owned()));
    let addresses: Vec<_> = lines.filter(|(_, address)| !address.is_empty()).collect();
    if addresses.is_empty() {
        return Err(Failure::because(format!("{name} holds no address"), HELP_FOR_LISTS));
    }
    Ok(addresses)
}

/// A `#` within an address is part of it.
fn without_comment(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let end = line.match_indices('#').find(begins).map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}

/// The text of a journey file.
pub(crate) fn journey_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::new(&format!("cannot read the journey {}", path.display()), error, "give the path of a TOML file (docs/journeys.md)")
}

/// The file itself, or of a directory `*.toml` and `*/journey.toml`, in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in entries.flatten().map(|entry| entry.path()) {
        let within = entry.join("journey.toml");
        if within.is_file() {
            files.push(within);
        } else if entry.extension().is_some_and(|end| end == "toml") {
            files.push(entry);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::because(
            format!("{} holds no journey", path.display()),
            "--journey takes a TOML file, or a directory with *.toml files or directories that hold a journey.toml",
        ));
    }
    Ok(files)
}

/// The file's name, or its directory's where the file is called `journey.toml` like all of its kind.
fn file_name(path: &Path) -> String {
    let text = |name: Option<&std::ffi::OsStr>| name.map(|name| name.to_string_lossy().into_owned());
    let own = text(path.file_stem()).unwrap_or_default();
    let directory = || text(path.parent().and_then(Path::file_name));
    plain(&if own == "journey" { directory().unwrap_or(own) } else { own })
}

/// Host of the first page, as far as a file may be called like it.
fn first_host(journey: &Journey) -> Option<String> {
    let Some(Step::Visit(address)) = journey.steps.first() else { return None };
    let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    Some(plain(&host.unwrap_or_default()))
}

/// A name that is a file's on any system.
fn plain(name: &str) -> String {
    let kept = name.chars().map(|one| if one.is_ascii_alphanumeric() || "._-".contains(one) { one } else { '_' });
    let kept: String = kept.take(LONGEST_NAME).collect();
    let kept = kept.trim_start_matches(['.', '-']);
    if kept.is_empty() { "run".to_owned() } else { kept.to_owned() }
}

/// The second of a name becomes `name-2`.
fn tell_apart(planned: &mut [Planned]) {
    for at in 1..planned.len() {
        let (before, rest) = planned.split_at_mut(at);
        let is_taken = |name: &str| before.iter().any(|other| other.name.eq_ignore_ascii_case(name));
        let wanted = rest[0].name.clone();
        let mut number = 2;
        while is_taken(&rest[0].name) {
            rest[0].name = format!("{wanted}-{number}");
            number += 1;
        }
    }
}

impl Planned {
    /// Host of the first page, as far as a file may be called like it.
    pub(crate) fn host(&self) -> Option<String> {
        first_host(&self.journey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journey_is_called_like_its_file_or_its_directory() {
        for (path, name) in [
            ("search.toml", "search"),
            ("sites/02-search/journey.toml", "02-search"),
            ("journey.toml", "journey"),
            ("a b/ä.toml", "_"),
            ("../.hidden.toml", "hidden"),
        ] {
            assert_eq!(file_name(Path::new(path)), name, "{path}");
        }
        for (address, name) in [
            ("https://www.clinic.example:8443/x", "www.clinic.example"),
            ("www.clinic.example/x", "www.clinic.example"),
            ("http://[::1]/", "___1_"),
        ] {
            assert_eq!(visit(address, "").unwrap().name, name);
        }
    }

    #[test]
    fn journeys_of_one_name_are_told_apart() {
        let names = ["a", "b", "A", "a", "a-2"];
        let mut planned = names.map(|name| Planned { name: name.to_owned(), journey: Journey::default(), over_http: None });
        tell_apart(&mut planned);
        assert_eq!(planned.map(|one| one.name), ["a", "b", "A-2", "a-3", "a-2-2"]);
    }

    #[test]
    fn http_is_tried_only_where_nobody_said_https() {
        let over_http = |url: &str| visit(url, "").unwrap().over_http.map(|journey| journey.steps[0].to_string());
        assert_eq!(over_http("www.clinic.example/a").as_deref(), Some("visit http://www.clinic.example/a"));
        assert_eq!(over_http("https://www.clinic.example/a"), None);
        assert_eq!(over_http("http://www.clinic.example/a"), None);
    }

    #[test]
    fn a_number_sign_within_an_address_begins_no_comment() {
        for (line, address) in [
            ("# surgeries", ""),
            ("  ", ""),
            ("https://a.example/#top", "https://a.example/#top"),
            (" a.example # the first", "a.example"),
            ("https://a.example/#top\t# the second \r", "https://a.example/#top"),
        ] {
            assert_eq!(without_comment(line), address, "{line}");
        }
    }
}
