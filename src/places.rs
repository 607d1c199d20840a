//! Where runs are written: a directory of its own for each, never into or over a run that is there.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixelwitness_classifier::Findings;
use pixelwitness_driver::Options;
use pixelwitness_evidence::{Error, JOURNEY, RunDirectory, SCREENSHOTS};
use pixelwitness_recording::{Environment, Journey, Recording, Sinkhole};

use crate::audit::Ready;
use crate::failure::Failure;
use crate::{report, stages};

/// Where one journey's run is.
pub(crate) enum Place {
    /// It has yet to be made there.
    New(PathBuf),
    /// It was made there before, and reached its end as asked.
    Earlier(PathBuf),
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        let (Self::New(path) | Self::Earlier(path)) = self;
        path
    }
}

/// A run that was made before, as it was stored.
pub(crate) struct Earlier {
    pub(crate) directory: RunDirectory,
    pub(crate) recording: Recording,
    pub(crate) findings: Findings,
}

/// Looks for a journey's place at `wanted`, or beside it as `wanted-2`, and so on. What is found is `taken` for the next.
pub(crate) fn find(ready: &Ready, wanted: &Path, resume: bool, taken: &mut BTreeSet<PathBuf>) -> Result<Place, Failure> {
    let earlier = resume.then(|| earlier_of(ready, wanted, taken)).flatten();
    let place = match earlier {
        Some(path) => Place::Earlier(path),
        None => Place::New(free(wanted, taken)?),
    };
    taken.insert(place.path().to_owned());
    Ok(place)
}

/// The directory itself, or where it holds a run, the first beside it that holds nothing.
pub(crate) fn free(wanted: &Path, taken: &BTreeSet<PathBuf>) -> Result<PathBuf, Failure> {
    let is_free = |path: &Path| !taken.contains(path) && !holds_something(path);
    if is_free(wanted) {
        return Ok(wanted.to_owned());
    }
    let not_empty = || Failure::from(Error::NotEmpty { path: wanted.to_owned() });
    if !taken.contains(wanted) && !is_run(wanted) {
        return Err(not_empty());
    }
    siblings(wanted).find(|path| is_free(path)).ok_or_else(not_empty)
}

/// Whether this is a directory with something in it. What cannot be looked into is found out when it is written to.
fn holds_something(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
}

/// Whether a run was begun here, however far it came.
pub(crate) fn is_run(path: &Path) -> bool {
    let is_begun = || path.join(JOURNEY).is_file() && path.join(SCREENSHOTS).is_dir();
    match RunDirectory::open(path) {
        Ok(_) => true,
        Err(Error::NotFound { .. } | Error::NotADirectory { .. } | Error::NotARun { .. }) => is_begun(),
        Err(_) => true,
    }
}

/// `search-2`, `search-3`, ….
fn siblings(path: &Path) -> impl Iterator<Item = PathBuf> {
    (2..).map_while(move |number: u32| beside(path, &format!("-{number}")))
}

/// The path with more at the end of its name; none of one without a name of its own, such as `..`.
pub(crate) fn beside(path: &Path, end: &str) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_owned();
    name.push(end);
    Some(path.with_file_name(name))
}

/// The run of this very journey that reached its end as asked.
fn earlier_of(ready: &Ready, wanted: &Path, taken: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let there = [wanted.to_owned()].into_iter().chain(siblings(wanted)).take_while(|path| path.exists());
    there.filter(|path| !taken.contains(path)).find(|path| is_done(ready, path))
}

fn is_done(ready: &Ready, path: &Path) -> bool {
    let sealed = RunDirectory::open(path).ok().and_then(|run| Some((run.manifest().ok()??, run.journey().ok()??)));
    let Some((manifest, journey)) = sealed else { return false };
    let Ok(journey) = toml::from_str::<Journey>(&journey) else { return false };
    manifest.finished
        && ready.journeys().any(|own| is_same(own, &journey))
        && pixelwitness_evidence::verify(path).is_ok_and(|checked| checked.is_intact())
        && read(path).is_ok_and(|earlier| {
            is_under_the_same_conditions(&ready.options, &earlier.recording.environment) && stages::verdict(&earlier.findings).is_ok()
        })
}

/// Whether both do the same, whatever they are called.
fn is_same(one: &Journey, other: &Journey) -> bool {
    let nameless = |journey: &Journey| Journey { name: String::new(), ..journey.clone() };
    nameless(one) == nameless(other)
}

/// Whether what the command line says of the network is what the run was made with.
fn is_under_the_same_conditions(options: &Options, environment: &Environment) -> bool {
    // Where the sinkhole listened is another port each time.
    let without_address = |sinkhole: &Sinkhole| Sinkhole { address: String::new(), ..sinkhole.clone() };
    environment.resolve == options.resolve.iter().map(ToString::to_string).collect::<Vec<_>>()
        && environment.trusted_authorities == options.trust.iter().map(|authority| authority.fingerprint.clone()).collect::<Vec<_>>()
        && environment.allowed_networks == options.allow_network
        && environment.sinkhole.as_ref().map(without_address) == options.sinkhole.as_ref().map(without_address)
}

/// A run as it was stored.
pub(crate) fn read(path: &Path) -> Result<Earlier, Failure> {
    let directory = RunDirectory::open(path)?;
    let (findings, recording) = (report::stored_findings(&directory)?, directory.recording()?);
    Ok(Earlier { directory, recording, findings })
}

/// The directory of several runs: made where it is missing. One that holds runs takes more of them; one that holds anything else is
/// left alone; one that is a run itself gets another beside it.
pub(crate) fn directory_of_all(wanted: &Path) -> Result<PathBuf, Failure> {
    let path = if is_run(wanted) { free(wanted, &BTreeSet::new())? } else { wanted.to_owned() };
    let unusable = |error: io::Error| {
        Failure::new(&format!("cannot use the directory {}", path.display()), &error, "name one with --out that can be made or is empty")
    };
    match fs::create_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made.map_err(unusable).map(|()| path.clone()),
    }
    let entries: Vec<PathBuf> = fs::read_dir(&path).map_err(unusable)?.flatten().map(|entry| entry.path()).collect();
    if entries.is_empty() || entries.iter().any(|entry| is_run(entry)) {
        return Ok(path);
    }
    Err(Failure::because(format!("cannot use the directory {}: it exists and is not empty", path.display()), "name another one with --out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_a_directory_is_not_in_it() {
        for (path, sibling) in
            [("runs/search", Some("runs/search-2")), ("search/", Some("search-2")), ("/a.b", Some("/a.b-2")), ("..", None)]
        {
            assert_eq!(beside(Path::new(path), "-2").as_deref(), sibling.map(Path::new), "{path}");
        }
    }

    #[test]
    fn a_directory_that_holds_something_else_is_no_place_and_one_that_holds_a_run_has_one_beside_it() {
        let temporary = tempfile::tempdir().unwrap();
        let path = |name: &str| temporary.path().join(name);
        let free = |name: &str, taken: &[&str]| free(&path(name), &taken.iter().map(|name| path(name)).collect()).ok();
        fs::create_dir_all(path("empty")).unwrap();
        fs::create_dir_all(path("other/deeper")).unwrap();
        for begun in ["run", "run-2"] {
            fs::create_dir_all(path(begun).join(SCREENSHOTS)).unwrap();
            fs::write(path(begun).join(JOURNEY), "name = \"x\"\n").unwrap();
        }
        assert_eq!(free("missing", &[]), Some(path("missing")));
        assert_eq!(free("empty", &[]), Some(path("empty")));
        assert_eq!(free("other", &[]), None);
        assert_eq!(free("run", &[]), Some(path("run-3")));
        assert_eq!(free("run", &["run-3"]), Some(path("run-4")));
        assert_eq!(free("missing", &["missing"]), Some(path("missing-2")));
        assert_eq!(directory_of_all(&path("run")).ok(), Some(path("run-3")));
        assert!(directory_of_all(&path("other")).is_err());
        assert_eq!(directory_of_all(temporary.path()).ok().as_deref(), Some(temporary.path()), "it holds runs");
    }
}
