//! Which journeys an audit is to run, and what each is called.

use std::fs;
use std::path::{Path, PathBuf};

use pixelwitness_recording::{Journey, JourneyError, Step};

use crate::arguments::Audit;
use crate::failure::Failure;

/// A journey to run.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// What its directory is called where there are several.
    pub(crate) name: String,
    pub(crate) journey: Journey,
}

/// Everything that is to be run, in the order given.
pub(crate) enum Plan {
    /// One journey, whose files are the directory's.
    One(Box<Planned>),
    /// Several, or those of a directory, however many it holds. Each has a directory of its own.
    Several(Vec<Planned>),
}

/// Characters of a name that are kept.
const LONGEST_NAME: usize = 80;

/// Reads all journeys. One that cannot be used keeps all from being run.
pub(crate) fn plan(arguments: &Audit) -> Result<Plan, Failure> {
    let mut planned = Vec::new();
    for url in &arguments.urls {
        planned.push(Planned { name: host_name(url), journey: visit(url)? });
    }
    let mut is_several = false;
    for path in &arguments.journey {
        is_several |= path.is_dir();
        for file in files(path)? {
            planned.push(Planned { name: file_name(&file), journey: read(&file)? });
        }
    }
    for one in &mut planned {
        adjust(&mut one.journey, arguments);
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

fn visit(url: &str) -> Result<Journey, Failure> {
    Journey::visit(url).map_err(|error| match error {
        JourneyError::Address { why, .. } => Failure::because(
            format!("{url:?} is not a web address: {why}"),
            "give a whole address such as https://www.clinic.example/, or a journey with --journey FILE",
        ),
        other => Failure::new("cannot use the address", &other, "give a whole address such as https://www.clinic.example/"),
    })
}

fn read(path: &Path) -> Result<Journey, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Journey::from_toml(&text).map_err(|error| {
        Failure::new(
            &format!("cannot use the journey {}", path.display()),
            &error,
            "docs/journeys.md has every key a journey may have, with an example",
        )
    })
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

fn host_name(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    plain(&host.unwrap_or_default())
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
        let Some(Step::Visit(address)) = self.journey.steps.first() else { return None };
        Some(host_name(address))
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
        assert_eq!(host_name("https://www.clinic.example:8443/x"), "www.clinic.example");
        assert_eq!(host_name("http://[::1]/"), "___1_");
    }

    #[test]
    fn journeys_of_one_name_are_told_apart() {
        let names = ["a", "b", "A", "a", "a-2"];
        let mut planned = names.map(|name| Planned { name: name.to_owned(), journey: Journey::default() });
        tell_apart(&mut planned);
        assert_eq!(planned.map(|one| one.name), ["a", "b", "A-2", "a-3", "a-2-2"]);
    }
}
